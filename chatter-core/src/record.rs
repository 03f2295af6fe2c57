//! The durable part of what the desk holds: what a store keeps as rows and gives back on loading.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, AgentState, Author, CategoryId, CategorySettings, ChatId, CustomerId, EndReason, Few, LoadedTeamChat,
    Name, PublicSeq, Seq, Side, Subject, Text, Time,
};

/// A category: what a chat is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "stores build it from rows; a new field must break them")]
pub struct CategoryRecord {
    /// Its number.
    pub category: CategoryId,
    /// What people call it.
    pub name: Name,
    /// How its chats are served.
    pub settings: CategorySettings,
}

impl CategoryRecord {
    /// A category with default settings.
    #[must_use]
    pub fn new(category: CategoryId, name: Name) -> Self {
        Self { category, name, settings: CategorySettings::default() }
    }
}

/// An agent as far as decisions read them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "stores build it from rows; a new field must break them")]
pub struct AgentRecord {
    /// Their number.
    pub agent: AgentId,
    /// The name customers see.
    pub name: Name,
    /// The most chats at once, 1 and up.
    pub max_chats: u32,
    /// The categories they serve.
    pub categories: BTreeSet<CategoryId>,
    /// What they say of themselves.
    pub state: AgentState,
    /// When they last got a chat; zero for never. Ties between agents end here.
    pub last_assigned_at: Time,
    /// When they last let a chat go, or came online without one; zero for never.
    pub last_released_at: Time,
    /// False once removed: kept for the names in transcripts, never routable.
    pub active: bool,
}

/// How urgent a chat is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Priority {
    /// Can wait.
    Low,
    /// The default.
    #[default]
    Medium,
    /// Matters.
    High,
    /// Now.
    Urgent,
}

/// Where a chat is: exactly one place at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChatState {
    /// In the line of its category.
    Waiting,
    /// Out of the line: one agent is asked to take it.
    Offered {
        /// Who is asked.
        agent: AgentId,
    },
    /// With one agent.
    Active {
        /// Who holds it.
        agent: AgentId,
    },
    /// Ended; the customer's next message reopens it.
    Resolved {
        /// When.
        at: Time,
        /// By which side.
        by: Side,
        /// Why.
        reason: EndReason,
    },
    /// Ended for good.
    Closed {
        /// When it was resolved.
        at: Time,
        /// By which side.
        by: Side,
        /// Why it was resolved.
        reason: EndReason,
    },
}

/// The status of a chat as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChatStatus {
    /// Waiting for an agent.
    Open,
    /// With an agent.
    InProgress,
    /// Ended, can be reopened.
    Resolved,
    /// Ended for good.
    Closed,
}

/// How far a side has got, in that side's own numbers. Monotone: `read <= delivered <= last`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "two marks, for ever")]
pub struct Receipts<N> {
    /// Everything up to here has reached the side.
    pub delivered: N,
    /// Everything up to here has been read.
    pub read: N,
}

/// The newest public message, for lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "stores build it from rows; a new field must break them")]
pub struct LastMessage {
    /// Its number for staff.
    pub seq: Seq,
    /// Its number for the customer.
    pub public_seq: PublicSeq,
    /// When it was accepted.
    pub at: Time,
    /// Who wrote it.
    pub author: Author,
    /// What it says; absent once deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
}

/// Everything durable about one chat except its entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "stores build it from rows; a new field must break them")]
pub struct ChatRecord {
    /// Its number.
    pub chat: ChatId,
    /// Who asks.
    pub customer: CustomerId,
    /// The name the customer gave for this chat.
    pub customer_name: Name,
    /// What it is about.
    pub category: CategoryId,
    /// In somebody's words.
    pub subject: Option<Subject>,
    /// How urgent it is.
    pub priority: Priority,
    /// Where it is.
    pub state: ChatState,
    /// Who held it last in this or an earlier episode.
    pub last_agent: Option<AgentId>,
    /// Every agent who took part, so that it is found under each of them.
    pub agents: Few<AgentId>,
    /// Agents who joined beside the holder; they take part, and it takes none of their room.
    pub joined: Few<AgentId>,
    /// The agent it is being transferred to, who has been asked: room is reserved there, and the holder keeps
    /// it until the answer. Only while an agent holds it.
    pub transfer_to: Option<AgentId>,
    /// The customer has been silent for long after an agent spoke: with an agent, it takes no room; waiting,
    /// it is not served until the customer speaks.
    pub parked: bool,
    /// True once the agent who holds it has sent a message since they got it.
    pub replied: bool,
    /// How many stages of its category's overflow it has reached in this wait.
    pub overflow: u8,
    /// The chat it goes on in, once merged.
    pub merged_into: Option<ChatId>,
    /// The chats that go on in it.
    pub merged_from: Few<ChatId>,
    /// 1 for the first, one more with every reopening.
    pub episode: u32,
    /// When the customer began to wait in this episode; a return to the queue keeps it.
    pub arrived_at: Time,
    /// When the chat was opened.
    pub created_at: Time,
    /// When anything about it that the customer may see last changed.
    pub updated_at: Time,
    /// The number of its newest entry for staff; zero while there is none.
    pub last_seq: Seq,
    /// The number of its newest public entry; zero while there is none.
    pub last_public_seq: PublicSeq,
    /// How far the customer has got.
    pub customer_receipts: Receipts<PublicSeq>,
    /// How far the customer has got with staff's messages, in staff's numbers.
    pub customer_receipts_for_staff: Receipts<Seq>,
    /// How far staff has got.
    pub staff_receipts: Receipts<Seq>,
    /// How far staff has got with the customer's messages, in the customer's numbers.
    pub staff_receipts_for_customer: Receipts<PublicSeq>,
    /// Both numbers of staff's messages that the customer has not read; the newest 100 at most.
    pub customer_unread: Vec<(Seq, PublicSeq)>,
    /// Both numbers of the customer's messages that staff has not read; the newest 100 at most.
    pub staff_unread: Vec<(Seq, PublicSeq)>,
    /// The newest public message.
    pub last_message: Option<LastMessage>,
    /// How many client ids were used in it, ever.
    pub client_ids: u64,
}

impl ChatRecord {
    /// The status as people see it.
    #[must_use]
    pub const fn status(&self) -> ChatStatus {
        match self.state {
            ChatState::Waiting | ChatState::Offered { .. } => ChatStatus::Open,
            ChatState::Active { .. } => ChatStatus::InProgress,
            ChatState::Resolved { .. } => ChatStatus::Resolved,
            ChatState::Closed { .. } => ChatStatus::Closed,
        }
    }

    /// Who holds the chat now.
    #[must_use]
    pub const fn agent(&self) -> Option<AgentId> {
        match self.state {
            ChatState::Active { agent } => Some(agent),
            ChatState::Waiting | ChatState::Offered { .. } | ChatState::Resolved { .. } | ChatState::Closed { .. } => {
                None
            }
        }
    }

    /// Who is asked to take it now.
    #[must_use]
    pub const fn offered_to(&self) -> Option<AgentId> {
        match self.state {
            ChatState::Offered { agent } => Some(agent),
            ChatState::Waiting | ChatState::Active { .. } | ChatState::Resolved { .. } | ChatState::Closed { .. } => {
                None
            }
        }
    }

    /// When, by whom and why it was ended, if it is.
    #[must_use]
    pub const fn end(&self) -> Option<(Time, Side, EndReason)> {
        match self.state {
            ChatState::Resolved { at, by, reason } | ChatState::Closed { at, by, reason } => Some((at, by, reason)),
            ChatState::Waiting | ChatState::Offered { .. } | ChatState::Active { .. } => None,
        }
    }
}

/// A chat as a store gives it back: its record and the newest client ids, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "stores build it from rows; a new field must break them")]
pub struct LoadedChat {
    /// The record.
    pub record: ChatRecord,
    /// The newest [`LoadedChat::DEDUPE_MAX`] client ids in the order of use.
    pub dedupe: Vec<Arc<crate::DedupeRow>>,
}

impl LoadedChat {
    /// How many client ids of an open chat are kept in memory.
    pub const DEDUPE_MAX: usize = 256;
}

/// What a desk needs to go on: its open chats, people and counters. No history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "stores build it from rows; a new field must break them")]
pub struct Snapshot {
    /// All categories.
    pub categories: Vec<CategoryRecord>,
    /// All agents, removed ones too.
    pub agents: Vec<AgentRecord>,
    /// Every chat that is not closed, by number.
    pub chats: Vec<LoadedChat>,
    /// Every conversation of agents, by number.
    pub team_chats: Vec<LoadedTeamChat>,
    /// The number of the newest event; zero while there is none.
    pub last_event: crate::EventNo,
    /// When it happened.
    pub last_event_at: Time,
    /// The number of the newest chat; zero while there is none.
    pub last_chat: ChatId,
}
