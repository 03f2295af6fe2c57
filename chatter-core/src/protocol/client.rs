//! Frames from clients.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, AgentState, CategoryId, ChatId, ClientMsgId, DeclineReason, HistoryId, Name, Priority, Subject, Text,
};

/// A frame from a client, and the reference under which it wants its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientFrame {
    /// Chosen by the client, up to 64 bytes; comes back in the answer.
    pub reference: Option<String>,
    /// What is asked.
    pub command: Command,
}

impl ClientFrame {
    /// A frame without a reference.
    #[must_use]
    pub const fn new(command: Command) -> Self {
        Self { reference: None, command }
    }

    /// The same frame with a reference.
    #[must_use]
    pub fn with_reference(self, reference: &str) -> Self {
        Self { reference: Some(reference.to_owned()), ..self }
    }
}

impl From<Command> for ClientFrame {
    fn from(command: Command) -> Self {
        Self::new(command)
    }
}

/// What a client asks. Each is one JSON object whose `type` is the variant in snake case and whose other
/// fields are those of the variant; unknown fields are refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Command {
    /// Says who connects; the first frame of every connection that came without a ticket.
    Hello(Hello),
    /// The customer joins the queue of a category. Joining twice is one chat.
    JoinQueue(JoinQueue),
    /// Asks for the place in line.
    QueueStatus {
        /// Which chat.
        chat: ChatId,
    },
    /// Asks for the customer token of a chat that has been given to an agent.
    StartChat {
        /// Which chat.
        chat: ChatId,
    },
    /// Begins or resumes the live entries of a chat.
    Subscribe {
        /// Which chat.
        chat: ChatId,
        /// The history the position belongs to, from `ready`. Left out by a client that has no position.
        #[serde(skip_serializing_if = "Option::is_none")]
        history: Option<HistoryId>,
        /// The last number the client has, in its own numbers: `public_seq` for customers, `seq` for staff.
        #[serde(skip_serializing_if = "Option::is_none")]
        after: Option<u64>,
    },
    /// Asks for older entries: up to `limit` (1 to 200) below `before`, in the client's own numbers.
    ReadHistory {
        /// Which chat.
        chat: ChatId,
        /// Entries with a lower number.
        before: u64,
        /// How many.
        #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 200)))]
        limit: u32,
    },
    /// Sends a message.
    SendMessage(SendMessage),
    /// Sends a note, seen by staff alone.
    SendNote {
        /// Which chat.
        chat: ChatId,
        /// Makes a resend harmless.
        client_msg_id: ClientMsgId,
        /// The words.
        text: Text,
    },
    /// Advice to the agent of a chat that one watches, seen by staff alone.
    Whisper {
        /// Which chat.
        chat: ChatId,
        /// Makes a resend harmless.
        client_msg_id: ClientMsgId,
        /// The words.
        text: Text,
    },
    /// Puts other words in the place of one's own message, note or whisper, for 15 minutes.
    EditMessage {
        /// Which chat.
        chat: ChatId,
        /// Which entry, in the client's own numbers.
        target: u64,
        /// The new words.
        text: Text,
    },
    /// Deletes one's own message, note or whisper, for 15 minutes.
    DeleteMessage {
        /// Which chat.
        chat: ChatId,
        /// Which entry, in the client's own numbers.
        target: u64,
    },
    /// Says that somebody writes, or has stopped. Never stored, answered only if it has a reference.
    Typing {
        /// Which chat.
        chat: ChatId,
        /// False: stopped.
        typing: bool,
        /// What a customer has written so far, for the agent to see before it is sent.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<Text>,
    },
    /// Follows a chat no more.
    Unsubscribe {
        /// Which chat.
        chat: ChatId,
    },
    /// Takes a chat that is offered, or a transfer.
    AcceptOffer {
        /// Which chat.
        chat: ChatId,
    },
    /// Lets a chat that is offered pass, or a transfer.
    DeclineOffer {
        /// Which chat.
        chat: ChatId,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<DeclineReason>,
    },
    /// Gives a chat that one holds to an agent, or to the queue of another category.
    TransferChat {
        /// Which chat.
        chat: ChatId,
        /// To whom or where: `to_agent` or `to_category`.
        #[serde(flatten)]
        to: TransferTo,
        /// A note for whoever gets it.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<Text>,
    },
    /// Gives a chat to an agent by hand: a waiting one to oneself, or with the permission any to anybody.
    AssignChat {
        /// Which chat.
        chat: ChatId,
        /// To whom; oneself when left out.
        #[serde(skip_serializing_if = "Option::is_none")]
        agent: Option<AgentId>,
        /// Past the agent's limit too; needs the permission.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        override_limit: bool,
    },
    /// Puts a chat back into its queue.
    UnassignChat {
        /// Which chat.
        chat: ChatId,
    },
    /// Takes a chat over from whoever holds it.
    TakeOver {
        /// Which chat.
        chat: ChatId,
    },
    /// Joins a chat beside its holder, to write in it.
    JoinChat {
        /// Which chat.
        chat: ChatId,
    },
    /// Leaves a chat that one has joined.
    LeaveChat {
        /// Which chat.
        chat: ChatId,
    },
    /// Lets a chat go on in another one of the same customer.
    MergeChats {
        /// The chat that ends.
        chat: ChatId,
        /// The chat that goes on.
        into: ChatId,
    },
    /// Ends the wrap-up after a chat before its time.
    EndWrapUp,
    /// Opens the conversation with another agent, or the one there is.
    OpenTeamChat {
        /// With whom.
        agent: AgentId,
    },
    /// Asks who waits in a category.
    ReadQueue {
        /// Which category.
        category: CategoryId,
    },
    /// Asks who answers: agents, their states and loads.
    ReadTeam,
    /// Asks why a chat waits, or why it is where it is.
    ExplainChat {
        /// Which chat.
        chat: ChatId,
    },
    /// Asks why an agent gets no chat.
    ExplainAgent {
        /// Who; oneself when left out.
        #[serde(skip_serializing_if = "Option::is_none")]
        agent: Option<AgentId>,
    },
    /// Says how far the client has got, in its own numbers. Lower marks than before have no effect.
    Receipt {
        /// Which chat.
        chat: ChatId,
        /// Everything up to here has arrived.
        #[serde(skip_serializing_if = "Option::is_none")]
        delivered: Option<u64>,
        /// Everything up to here has been seen by a person.
        #[serde(skip_serializing_if = "Option::is_none")]
        read: Option<u64>,
    },
    /// Ends a chat, or leaves the queue.
    EndChat {
        /// Which chat.
        chat: ChatId,
    },
    /// An agent goes on with a resolved chat.
    ReopenChat {
        /// Which chat.
        chat: ChatId,
    },
    /// Sets or clears the subject.
    SetSubject {
        /// Which chat.
        chat: ChatId,
        /// The words; `null` clears.
        subject: Option<Subject>,
    },
    /// An agent sets the priority.
    SetPriority {
        /// Which chat.
        chat: ChatId,
        /// How urgent it is.
        priority: Priority,
    },
    /// An agent says whether they take chats.
    SetAgentState {
        /// The state.
        state: AgentState,
    },
    /// Ends this session, or all of this person.
    SignOut {
        /// All of them.
        all: bool,
    },
    /// Asks for a `pong`; a browser cannot see the heartbeat of the socket.
    Ping,
}

impl Command {
    /// The client's id of a message or note.
    #[must_use]
    pub const fn client_msg_id(&self) -> Option<&ClientMsgId> {
        match self {
            Self::SendMessage(SendMessage { client_msg_id, .. })
            | Self::SendNote { client_msg_id, .. }
            | Self::Whisper { client_msg_id, .. } => Some(client_msg_id),
            Self::Hello(_)
            | Self::JoinQueue(_)
            | Self::QueueStatus { .. }
            | Self::StartChat { .. }
            | Self::Subscribe { .. }
            | Self::ReadHistory { .. }
            | Self::Receipt { .. }
            | Self::EditMessage { .. }
            | Self::DeleteMessage { .. }
            | Self::Typing { .. }
            | Self::Unsubscribe { .. }
            | Self::AcceptOffer { .. }
            | Self::DeclineOffer { .. }
            | Self::TransferChat { .. }
            | Self::AssignChat { .. }
            | Self::UnassignChat { .. }
            | Self::TakeOver { .. }
            | Self::JoinChat { .. }
            | Self::LeaveChat { .. }
            | Self::MergeChats { .. }
            | Self::EndWrapUp
            | Self::OpenTeamChat { .. }
            | Self::ReadQueue { .. }
            | Self::ReadTeam
            | Self::ExplainChat { .. }
            | Self::ExplainAgent { .. }
            | Self::EndChat { .. }
            | Self::ReopenChat { .. }
            | Self::SetSubject { .. }
            | Self::SetPriority { .. }
            | Self::SetAgentState { .. }
            | Self::SignOut { .. }
            | Self::Ping => None,
        }
    }

    /// The chat it is about, if it is about one.
    #[must_use]
    pub const fn chat(&self) -> Option<ChatId> {
        match self {
            Self::SendMessage(SendMessage { chat, .. })
            | Self::QueueStatus { chat }
            | Self::StartChat { chat }
            | Self::Subscribe { chat, .. }
            | Self::ReadHistory { chat, .. }
            | Self::SendNote { chat, .. }
            | Self::Receipt { chat, .. }
            | Self::EndChat { chat }
            | Self::ReopenChat { chat }
            | Self::SetSubject { chat, .. }
            | Self::SetPriority { chat, .. }
            | Self::Whisper { chat, .. }
            | Self::EditMessage { chat, .. }
            | Self::DeleteMessage { chat, .. }
            | Self::Typing { chat, .. }
            | Self::Unsubscribe { chat }
            | Self::AcceptOffer { chat }
            | Self::DeclineOffer { chat, .. }
            | Self::TransferChat { chat, .. }
            | Self::AssignChat { chat, .. }
            | Self::UnassignChat { chat }
            | Self::TakeOver { chat }
            | Self::JoinChat { chat }
            | Self::LeaveChat { chat }
            | Self::MergeChats { chat, .. }
            | Self::ExplainChat { chat } => Some(*chat),
            Self::Hello(_)
            | Self::JoinQueue(_)
            | Self::EndWrapUp
            | Self::OpenTeamChat { .. }
            | Self::ReadQueue { .. }
            | Self::ReadTeam
            | Self::ExplainAgent { .. }
            | Self::SetAgentState { .. }
            | Self::SignOut { .. }
            | Self::Ping => None,
        }
    }
}

/// Where a chat is transferred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TransferTo {
    /// An agent: `to_agent` on the wire.
    #[serde(rename = "to_agent")]
    Agent(AgentId),
    /// The queue of another category: `to_category` on the wire.
    #[serde(rename = "to_category")]
    Category(CategoryId),
}

/// Which side connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// The one who asks.
    Customer,
    /// The one who answers.
    Agent,
}

/// Who connects. A customer without a token is a new customer; an agent needs a token, or a user name
/// with a password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Hello {
    /// Must be [`PROTOCOL`](super::PROTOCOL).
    pub protocol: u32,
    /// Which side.
    pub role: Role,
    /// A visitor, queue, customer or agent token, up to 4,096 bytes.
    #[cfg_attr(feature = "schema", schemars(length(max = 4_096)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// An agent's user name, up to 80 bytes.
    #[cfg_attr(feature = "schema", schemars(length(max = 80)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// An agent's password, up to 256 bytes.
    #[cfg_attr(feature = "schema", schemars(length(max = 256)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

impl Hello {
    /// A `hello` for a role, without any credential.
    #[must_use]
    pub const fn new(role: Role) -> Self {
        Self { protocol: super::PROTOCOL, role, token: None, username: None, password: None }
    }

    /// The same with a token.
    #[must_use]
    pub fn with_token(self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self }
    }

    /// The same with a user name and a password.
    #[must_use]
    pub fn with_password(self, username: &str, password: &str) -> Self {
        Self { username: Some(username.to_owned()), password: Some(password.to_owned()), ..self }
    }
}

/// Shows which credentials came, never the credentials.
impl fmt::Debug for Hello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hello")
            .field("protocol", &self.protocol)
            .field("role", &self.role)
            .field("token", &self.token.is_some())
            .field("password", &self.password.is_some())
            .finish_non_exhaustive()
    }
}

/// What a customer gives to join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct JoinQueue {
    /// What to be called in this chat; need not be unique.
    pub name: Name,
    /// What about; left out for the first category (the general one).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<CategoryId>,
    /// In the customer's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
}

impl JoinQueue {
    /// Joins the general category without a subject.
    #[must_use]
    pub const fn new(name: Name) -> Self {
        Self { name, category: None, subject: None }
    }

    /// The same for a category.
    #[must_use]
    pub fn with_category(self, category: CategoryId) -> Self {
        Self { category: Some(category), ..self }
    }

    /// The same with a subject.
    #[must_use]
    pub fn with_subject(self, subject: Subject) -> Self {
        Self { subject: Some(subject), ..self }
    }
}

/// A message to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SendMessage {
    /// Which chat.
    pub chat: ChatId,
    /// Makes a resend harmless.
    pub client_msg_id: ClientMsgId,
    /// The words.
    pub text: Text,
}

impl SendMessage {
    /// A message of text.
    #[must_use]
    pub const fn new(chat: ChatId, client_msg_id: ClientMsgId, text: Text) -> Self {
        Self { chat, client_msg_id, text }
    }
}
