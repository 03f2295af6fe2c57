//! What clients are shown. Customer views have no field for what staff alone may see.

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, AgentState, Author, Body, CategoryId, ChatId, ChatStatus, CustomerId, EndReason, Entry, EntryKind,
    LastMessage, Name, Priority, PublicSeq, Receipts, Seq, Side, Subject, SystemLine, Text, Time,
};

/// A category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct CategoryView {
    /// Its number.
    pub category: CategoryId,
    /// What people call it.
    pub name: Name,
    /// How many agents of the category are online and connected.
    pub agents_online: u32,
    /// What somebody who joins now meets.
    #[serde(flatten)]
    pub availability: Availability,
}

/// What a customer who joins a category meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "availability", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Availability {
    /// An agent has room.
    Open,
    /// Agents are there; the customer waits for one of them.
    Queue,
    /// As many customers wait as the category takes: joining is refused.
    Full,
    /// No agent of the category is there; the customer may join and wait.
    Away,
    /// Outside the hours: joining is refused.
    Closed {
        /// When it opens; absent when that is not known.
        #[serde(rename = "opens_at", default, skip_serializing_if = "Option::is_none")]
        until: Option<Time>,
    },
}

/// Bounds that a client should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct LimitsView {
    /// The most characters in a message.
    pub text_chars_max: u32,
    /// The largest frame the server takes, in bytes.
    pub frame_bytes_max: u32,
    /// Messages per second that are always taken.
    pub messages_per_second: u32,
    /// Messages at once that are taken after a pause.
    pub messages_burst: u32,
    /// For how long one's own message can be edited and deleted, in seconds.
    pub edit_within_s: u64,
    /// True when the agent sees what the customer types before it is sent: the customer's page says so.
    pub typing_preview: bool,
}

/// How a chat ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct EndView {
    /// When.
    pub at: Time,
    /// By which side.
    pub by: Side,
    /// Why.
    pub reason: EndReason,
}

/// A place in line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct PlaceView {
    /// The number ahead plus one; absent where the policy fixes no order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u64>,
    /// How many are ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead: Option<u64>,
    /// Agents of the category who are online and connected.
    pub agents_online: u32,
    /// The wait to expect; absent without data, never zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_wait_ms: Option<u64>,
    /// True when the place rose: somebody with a higher priority or an earlier arrival came in ahead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub moved_back: bool,
}

/// Whether a party of the chat is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PartyState {
    /// Connected.
    Joined,
    /// The connection was lost; the grace runs.
    ConnectionLost,
    /// Gone: left, or lost for longer than the grace.
    Left,
}

/// Whether a subscription goes on from the client's position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct Recovery {
    /// True: the page holds precisely what was missed. False: the page holds the newest entries, and
    /// what the client had before must be dropped.
    pub recovered: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<NotRecovered>,
}

/// Why a position could not be gone on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NotRecovered {
    /// The client gave no position.
    NoPosition,
    /// The position belongs to another history.
    HistoryChanged,
    /// The position is beyond the newest entry.
    AheadOfServer,
    /// More was missed than one page holds.
    TooMany,
}

/// An author as a customer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuthorView {
    /// The customer: the reader.
    Customer {
        /// The name at the time.
        name: Name,
    },
    /// An agent.
    Agent {
        /// The name at the time.
        name: Name,
    },
    /// Chatter itself.
    System,
}

impl From<&Author> for AuthorView {
    fn from(author: &Author) -> Self {
        match author {
            Author::Customer { name, .. } => Self::Customer { name: name.clone() },
            Author::Agent { name, .. } => Self::Agent { name: name.clone() },
            Author::System => Self::System,
        }
    }
}

/// An author as staff sees it.
pub type StaffAuthor = Author;

/// An entry as a customer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct CustomerEntry {
    /// Its number, dense for the customer.
    pub public_seq: PublicSeq,
    /// When it was accepted.
    pub at: Time,
    /// Who wrote it.
    pub author: AuthorView,
    /// Whom it was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Name>,
    /// When it was last edited, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Time>,
    /// What it says.
    pub body: CustomerBody,
}

impl CustomerEntry {
    /// The view of an entry, absent when staff alone may see it.
    #[must_use]
    pub fn of(entry: &Entry) -> Option<Self> {
        let body = match &entry.body {
            Body::Message { text } => CustomerBody::Message { text: text.clone() },
            Body::System { line } => CustomerBody::System { line: line.into() },
            Body::Edit { public_target, .. } => CustomerBody::Edit { target: (*public_target)? },
            Body::Deletion { public_target, .. } => CustomerBody::Deletion { target: (*public_target)? },
            Body::Deleted { was: EntryKind::Message } => CustomerBody::Deleted,
            Body::Deleted { .. } | Body::Note { .. } | Body::Whisper { .. } => return None,
        };
        let author = AuthorView::from(&entry.author);
        let (public_seq, edited_at) = (entry.public_seq?, entry.edited_at);
        Some(Self { public_seq, at: entry.at, author, to: entry.to.clone(), edited_at, body })
    }
}

/// What an entry says to a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum CustomerBody {
    /// A message.
    Message {
        /// The words.
        text: Text,
    },
    /// A line by Chatter itself.
    System {
        /// What happened.
        line: CustomerLine,
    },
    /// An earlier message was edited; its present form comes with this one.
    Edit {
        /// Which.
        target: PublicSeq,
    },
    /// An earlier message was deleted.
    Deletion {
        /// Which.
        target: PublicSeq,
    },
    /// What is left of a message that was deleted.
    Deleted,
}

/// What happened, as told to a customer: agents by name alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum CustomerLine {
    /// An agent was connected to the chat.
    AgentJoined {
        /// The agent's name then.
        name: Name,
    },
    /// The agent left on purpose.
    AgentLeft {
        /// The agent's name then.
        name: Name,
    },
    /// The agent's connection was lost for longer than the grace.
    AgentLost {
        /// The agent's name then.
        name: Name,
    },
    /// The chat waits in the queue again.
    BackInQueue,
    /// The chat was ended.
    ChatEnded {
        /// Which side ended it.
        by: Side,
        /// Why.
        reason: EndReason,
    },
    /// The chat goes on as a new episode.
    ChatReopened {
        /// Which side reopened it.
        by: Side,
    },
    /// The chat was transferred to another agent.
    TransferredToAgent {
        /// That agent's name then.
        name: Name,
    },
    /// The chat was transferred to another category and waits there.
    TransferredToCategory {
        /// What it was called then.
        name: Name,
    },
    /// The customer has been silent for so long that the chat will be resolved.
    SilenceWarning,
    /// This chat goes on in another one.
    MergedInto {
        /// Which.
        into: ChatId,
    },
    /// Another chat goes on here.
    MergedFrom {
        /// Which.
        from: ChatId,
    },
}

impl From<&SystemLine> for CustomerLine {
    fn from(line: &SystemLine) -> Self {
        match line {
            SystemLine::AgentJoined { name, .. } => Self::AgentJoined { name: name.clone() },
            SystemLine::AgentLeft { name, .. } => Self::AgentLeft { name: name.clone() },
            SystemLine::AgentLost { name, .. } => Self::AgentLost { name: name.clone() },
            SystemLine::BackInQueue => Self::BackInQueue,
            SystemLine::ChatEnded { by, reason } => Self::ChatEnded { by: *by, reason: *reason },
            SystemLine::ChatReopened { by } => Self::ChatReopened { by: *by },
            SystemLine::TransferredToAgent { name, .. } => Self::TransferredToAgent { name: name.clone() },
            SystemLine::TransferredToCategory { name, .. } => Self::TransferredToCategory { name: name.clone() },
            SystemLine::SilenceWarning => Self::SilenceWarning,
            SystemLine::MergedInto { into } => Self::MergedInto { into: *into },
            SystemLine::MergedFrom { from } => Self::MergedFrom { from: *from },
        }
    }
}

/// An entry as staff sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct StaffEntry {
    /// Its number, dense for staff.
    pub seq: Seq,
    /// Its number for the customer, if the customer sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_seq: Option<PublicSeq>,
    /// When it was accepted.
    pub at: Time,
    /// Who wrote it.
    pub author: StaffAuthor,
    /// Whom it was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Name>,
    /// When it was last edited, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Time>,
    /// What it says.
    pub body: StaffBody,
}

/// What an entry says to staff: everything.
pub type StaffBody = Body;

impl From<&Entry> for StaffEntry {
    fn from(entry: &Entry) -> Self {
        Self {
            seq: entry.seq,
            public_seq: entry.public_seq,
            at: entry.at,
            author: entry.author.clone(),
            to: entry.to.clone(),
            edited_at: entry.edited_at,
            body: entry.body.clone(),
        }
    }
}

/// A chat as its customer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct CustomerChat {
    /// Its number.
    pub chat: ChatId,
    /// What it is about.
    pub category: CategoryId,
    /// Open, in progress, resolved or closed.
    pub status: ChatStatus,
    /// The name the customer gave.
    pub customer_name: Name,
    /// In somebody's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The name of the agent who holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Name>,
    /// Whether the agent is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_presence: Option<PartyState>,
    /// 1 for the first, one more with every reopening.
    pub episode: u32,
    /// When it was opened.
    pub created_at: Time,
    /// When anything about it that the customer may see last changed.
    pub updated_at: Time,
    /// How it ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<EndView>,
    /// The chat it goes on in, once merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<ChatId>,
    /// The number of the newest entry.
    pub last_public_seq: PublicSeq,
    /// Messages the customer has not read; 100 stands for 100 or more.
    pub unread: u32,
    /// How far the customer has got.
    pub own_receipts: Receipts<PublicSeq>,
    /// How far staff has got, in the customer's numbers.
    pub other_receipts: Receipts<PublicSeq>,
    /// The newest message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<CustomerEntry>,
}

/// A chat as staff sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct StaffChat {
    /// Its number.
    pub chat: ChatId,
    /// What it is about.
    pub category: CategoryId,
    /// Open, in progress, resolved or closed.
    pub status: ChatStatus,
    /// Who asks.
    pub customer: CustomerId,
    /// The name the customer gave.
    pub customer_name: Name,
    /// Whether the customer is there.
    pub customer_presence: PartyState,
    /// In somebody's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// How urgent it is.
    pub priority: Priority,
    /// Who holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// Agents who joined beside the holder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<AgentId>,
    /// The agent who is asked to take it over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer_to: Option<AgentId>,
    /// The customer has been silent for long: it takes no room until they are back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub parked: bool,
    /// The chat it goes on in, once merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<ChatId>,
    /// The chats that go on in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged_from: Vec<ChatId>,
    /// 1 for the first, one more with every reopening.
    pub episode: u32,
    /// When the customer began to wait in this episode.
    pub arrived_at: Time,
    /// When it was opened.
    pub created_at: Time,
    /// When anything about it that the customer may see last changed.
    pub updated_at: Time,
    /// How it ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<EndView>,
    /// The number of the newest entry.
    pub last_seq: Seq,
    /// Messages staff has not read; 100 stands for 100 or more.
    pub unread: u32,
    /// How far staff has got.
    pub own_receipts: Receipts<Seq>,
    /// How far the customer has got, in staff's numbers.
    pub other_receipts: Receipts<Seq>,
    /// The newest message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<LastMessage>,
}

/// An agent as they see themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct AgentView {
    /// Their number.
    pub agent: AgentId,
    /// The name customers see.
    pub name: Name,
    /// What they said of themselves.
    pub state: AgentState,
    /// The most chats at once.
    pub max_chats: u32,
    /// Slots taken now: chats held that are not parked, offers, transfers to them, wrap-ups.
    pub load: u32,
    /// Chats in wrap-up.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wrapping_up: u32,
    /// The categories they serve.
    pub categories: Vec<CategoryId>,
}

/// How many agents are there, for staff.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct AgentsOnline {
    /// Agents with a connection.
    pub signed_in: u32,
    /// Of those, how many say they are online.
    pub online: u32,
    /// The same by category.
    pub categories: Vec<CategoryAgents>,
}

/// How many agents serve a category, and how many customers wait in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct CategoryAgents {
    /// Which.
    pub category: CategoryId,
    /// Agents with a connection.
    pub signed_in: u32,
    /// Of those, how many say they are online.
    pub online: u32,
    /// Customers waiting.
    pub waiting: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference to the field")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}
