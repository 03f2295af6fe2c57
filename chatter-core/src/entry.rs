//! What a transcript is made of. An entry is the only place where a text lives, so that it can be
//! erased there.

use serde::{Deserialize, Serialize};

use crate::{AgentId, Author, AuthorKey, ChatId, ClientMsgId, Name, PublicSeq, Seq, Text, Time};

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
    /// What it says.
    pub body: Body,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// A line by Chatter itself; clients render it in the reader's language.
    System {
        /// What happened.
        line: SystemLine,
    },
}

/// What happened, in a form that clients render.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// A side of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
