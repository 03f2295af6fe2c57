//! What clients are shown of what was written. Customer views have no field for what staff alone may see.

use serde::{Deserialize, Serialize};

use crate::{Author, Body, ChatId, EndReason, Entry, EntryKind, Name, PublicSeq, Seq, Side, SystemLine, Text, Time};

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
