//! What a transcript is made of. An entry is the only place where a text lives, so that it can be
//! erased there.

use serde::{Deserialize, Serialize};

use crate::{AgentId, Author, AuthorKey, CategoryId, ChatId, ClientMsgId, EntryKind, Name, PublicSeq, Seq, Text, Time};

/// One numbered line of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "stores build it from rows; a new field must break them")]
pub struct Entry {
    /// The chat it belongs to.
    pub chat: ChatId,
    /// Its number for staff.
    pub seq: Seq,
    /// Its number for the customer; absent when staff alone may see it.
    pub public_seq: Option<PublicSeq>,
    /// When the desk accepted it.
    pub at: Time,
    /// Who wrote it.
    pub author: Author,
    /// Whom it was for, by the name they had then; absent while nobody held the chat.
    pub to: Option<Name>,
    /// When its text was last edited, if it was.
    pub edited_at: Option<Time>,
    /// What it says.
    pub body: Body,
}

/// A change of an entry that is in the transcript already: the new form takes the place of the old one, whose
/// text is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "stores write it into rows; a new field must break them")]
pub struct Overwrite {
    /// Which chat.
    pub chat: ChatId,
    /// Which entry.
    pub seq: Seq,
    /// When it was edited; absent when it was deleted.
    pub edited_at: Option<Time>,
    /// What it says now.
    pub body: Body,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Body {
    /// A message, seen by both sides.
    Message {
        /// The words.
        text: Text,
    },
    /// An internal note, seen by staff alone: it never has a public number.
    Note {
        /// The words.
        text: Text,
    },
    /// Advice to the agent by somebody who watches: seen by staff alone, it never has a public number.
    Whisper {
        /// The words.
        text: Text,
    },
    /// A line by Chatter itself; clients render it in the reader's language.
    System {
        /// What happened.
        line: SystemLine,
    },
    /// The author edited an earlier entry, which says something else now. Public if its target is.
    Edit {
        /// The entry that was edited.
        target: Seq,
        /// Its public number, if it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        public_target: Option<PublicSeq>,
    },
    /// The author deleted an earlier entry, whose text is gone. Public if its target is.
    Deletion {
        /// The entry that was deleted.
        target: Seq,
        /// Its public number, if it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        public_target: Option<PublicSeq>,
    },
    /// What is left of an entry that was deleted.
    Deleted {
        /// What it was.
        was: EntryKind,
    },
}

impl Body {
    /// What kind of entry it makes.
    #[must_use]
    pub const fn kind(&self) -> EntryKind {
        match self {
            Self::Message { .. } => EntryKind::Message,
            Self::Note { .. } => EntryKind::Note,
            Self::Whisper { .. } => EntryKind::Whisper,
            Self::System { .. } => EntryKind::System,
            Self::Edit { .. } => EntryKind::Edit,
            Self::Deletion { .. } => EntryKind::Deletion,
            Self::Deleted { was } => *was,
        }
    }

    /// What a person wrote, if somebody did.
    #[must_use]
    pub const fn text(&self) -> Option<&Text> {
        match self {
            Self::Message { text } | Self::Note { text } | Self::Whisper { text } => Some(text),
            Self::System { .. } | Self::Edit { .. } | Self::Deletion { .. } | Self::Deleted { .. } => None,
        }
    }
}

/// What happened, in a form that clients render.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SystemLine {
    /// An agent was connected to the chat.
    AgentJoined {
        /// Who; a customer is shown the name alone.
        agent: AgentId,
        /// The agent's name then.
        name: Name,
    },
    /// The agent left on purpose (went offline or signed out).
    AgentLeft {
        /// Who; a customer is shown the name alone.
        agent: AgentId,
        /// The agent's name then.
        name: Name,
    },
    /// The agent's connection was lost for longer than the grace.
    AgentLost {
        /// Who; a customer is shown the name alone.
        agent: AgentId,
        /// The agent's name then.
        name: Name,
    },
    /// The chat waits in the queue again, with its original waiting time.
    BackInQueue,
    /// The chat was ended.
    ChatEnded {
        /// Which side ended it.
        by: Side,
        /// Why.
        reason: EndReason,
    },
    /// A resolved chat goes on as a new episode.
    ChatReopened {
        /// Which side reopened it.
        by: Side,
    },
    /// The chat was transferred from one agent to another.
    TransferredToAgent {
        /// Who had it; a customer is shown neither number.
        from: AgentId,
        /// Who has it now.
        to: AgentId,
        /// The name of that agent then.
        name: Name,
    },
    /// The chat was transferred to another category and waits in its queue.
    TransferredToCategory {
        /// Who had it; a customer is not told.
        from: AgentId,
        /// Where it is now.
        category: CategoryId,
        /// What that was called then.
        name: Name,
    },
    /// The customer has been silent for so long that the chat will be resolved.
    SilenceWarning,
    /// This chat goes on in another one of the same customer.
    MergedInto {
        /// Which.
        into: ChatId,
    },
    /// Another chat of the same customer goes on here.
    MergedFrom {
        /// Which.
        from: ChatId,
    },
}

/// A side of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Side {
    /// The one who asks.
    Customer,
    /// Those who answer.
    Staff,
    /// Chatter itself.
    System,
}

/// Why a chat was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndReason {
    /// The customer ended the chat.
    CustomerEnded,
    /// The agent ended the chat.
    AgentEnded,
    /// The customer left the queue.
    LeftQueue,
    /// The customer was disconnected while waiting for longer than the grace.
    Abandoned,
    /// The customer waited for longer than the category allows.
    WaitedTooLong,
    /// The customer was silent for longer than the desk waits.
    CustomerSilent,
    /// The chat goes on in another one.
    Merged,
}

/// The first result of a client id: what a resend is answered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "stores build it from rows; a new field must break them")]
pub struct DedupeRow {
    /// The chat the client id was used in.
    pub chat: ChatId,
    /// Who used it.
    pub author: AuthorKey,
    /// The client id.
    pub client_msg_id: ClientMsgId,
    /// A hash of what was sent, to tell a resend from another body under the same id.
    pub body_hash: u64,
    /// The number the entry got.
    pub seq: Seq,
    /// Its public number, if it has one.
    pub public_seq: Option<PublicSeq>,
    /// When it was accepted.
    pub at: Time,
}
