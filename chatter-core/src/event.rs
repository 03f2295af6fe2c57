//! Durable facts, in the past tense. Events are plain data, versioned and additive: a golden-file test
//! holds their form. They name entries by (chat, seq) and never carry what people wrote.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, AgentState, AuthorKey, CategoryId, CategorySettings, ChatId, CustomerId, EndReason, EventNo, Priority,
    PublicSeq, Seq, Side, Time,
};

/// One durable fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "stores build it from rows; a new field must break them")]
pub struct Event {
    /// Its number, dense per desk.
    pub no: EventNo,
    /// When it happened.
    pub at: Time,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What happened. The JSON form is what stores keep; version 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fact {
    /// A category was made or changed.
    CategorySet {
        /// Which.
        category: CategoryId,
        /// How its chats are served.
        #[serde(default, skip_serializing_if = "is_default")]
        settings: Box<CategorySettings>,
    },
    /// An agent was made or changed.
    AgentSet {
        /// Who.
        agent: AgentId,
        /// The most chats at once.
        max_chats: u32,
        /// The categories they serve.
        categories: BTreeSet<CategoryId>,
    },
    /// An agent was removed; what they held went back to its queue before.
    AgentRemoved {
        /// Who.
        agent: AgentId,
    },
    /// An agent's declared state changed.
    AgentStateChanged {
        /// Who.
        agent: AgentId,
        /// The new state.
        state: AgentState,
        /// Why.
        cause: StateCause,
    },
    /// A customer opened a chat; it waits in its queue.
    ChatOpened {
        /// Which.
        chat: ChatId,
        /// Who asks.
        customer: CustomerId,
        /// What about.
        category: CategoryId,
        /// How urgent.
        priority: Priority,
    },
    /// A chat went back to its queue, with its original arrival.
    ChatRequeued {
        /// Which.
        chat: ChatId,
        /// Who held it.
        agent: AgentId,
        /// Why.
        cause: RequeueCause,
    },
    /// A chat became eligible for the agents of further categories.
    ChatOverflowed {
        /// Which.
        chat: ChatId,
        /// How many stages it has reached.
        stage: u8,
    },
    /// An agent was asked to take a chat.
    ChatOffered {
        /// Which.
        chat: ChatId,
        /// Who was asked.
        agent: AgentId,
        /// The choice that was made.
        choice: Choice,
    },
    /// An offer ended without the agent taking the chat: it waits again, at its old place.
    OfferEnded {
        /// Of which chat.
        chat: ChatId,
        /// Who was asked.
        agent: AgentId,
        /// How it ended.
        #[serde(flatten)]
        how: OfferEnd,
    },
    /// A person gave a chat to an agent.
    ChatAssignedByHand {
        /// Which.
        chat: ChatId,
        /// Who held it before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<AgentId>,
        /// To whom.
        agent: AgentId,
        /// By whom.
        by: AgentId,
        /// True when it went past the agent's limit.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        over_limit: bool,
    },
    /// An agent was asked to take over a chat that another one holds; room is reserved for it.
    TransferOffered {
        /// Which.
        chat: ChatId,
        /// Who holds it.
        from: AgentId,
        /// Who is asked.
        to: AgentId,
    },
    /// The answer was no: the holder keeps the chat.
    TransferEnded {
        /// Of which chat.
        chat: ChatId,
        /// Who was asked.
        to: AgentId,
        /// How it ended.
        #[serde(flatten)]
        how: OfferEnd,
    },
    /// A chat went from one agent to another.
    ChatTransferred {
        /// Which.
        chat: ChatId,
        /// Who held it.
        from: AgentId,
        /// Who holds it now.
        to: AgentId,
    },
    /// A chat went to the queue of another category, with its original arrival.
    ChatMoved {
        /// Which.
        chat: ChatId,
        /// Who held it.
        from: AgentId,
        /// Where it waits now.
        category: CategoryId,
    },
    /// The customer has been silent for long: the chat takes no room any more.
    ChatParked {
        /// Which.
        chat: ChatId,
    },
    /// The customer is back: the chat takes room again, or is served again if it waits.
    ChatUnparked {
        /// Which.
        chat: ChatId,
        /// True when it went past the agent's limit.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        over_limit: bool,
    },
    /// An agent joined a chat beside its holder.
    AgentJoinedChat {
        /// Which.
        chat: ChatId,
        /// Who.
        agent: AgentId,
    },
    /// An agent who had joined left.
    AgentLeftChat {
        /// Which.
        chat: ChatId,
        /// Who.
        agent: AgentId,
    },
    /// A chat goes on in another one of the same customer; it is closed.
    ChatMerged {
        /// Which.
        chat: ChatId,
        /// Where it goes on.
        into: ChatId,
        /// By whom.
        by: AgentId,
    },
    /// A conversation of agents was opened.
    TeamChatOpened {
        /// Which.
        chat: ChatId,
        /// Who takes part.
        members: BTreeSet<AgentId>,
    },
    /// A chat was given to an agent.
    ChatAssigned {
        /// Which.
        chat: ChatId,
        /// To whom.
        agent: AgentId,
        /// The choice that was made.
        choice: Choice,
    },
    /// A chat was ended and can be reopened.
    ChatResolved {
        /// Which.
        chat: ChatId,
        /// By which side.
        by: Side,
        /// Why.
        reason: EndReason,
    },
    /// A resolved chat goes on as a new episode; it waits in its queue.
    ChatReopened {
        /// Which.
        chat: ChatId,
        /// By which side.
        by: Side,
        /// The number of the new episode.
        episode: u32,
    },
    /// A resolved chat was closed for good.
    ChatClosed {
        /// Which.
        chat: ChatId,
    },
    /// An entry was added to a chat.
    EntryAdded {
        /// Which chat.
        chat: ChatId,
        /// Its number for staff.
        seq: Seq,
        /// Its number for the customer, if the customer may see it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        public_seq: Option<PublicSeq>,
        /// What kind of entry it is.
        kind: EntryKind,
        /// Who wrote it; absent for the system.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        author: Option<AuthorKey>,
        /// The entry that it edits or deletes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<Seq>,
    },
    /// A side got further in reading.
    ReceiptMoved {
        /// Which chat.
        chat: ChatId,
        /// The marks, in the numbers of the side they belong to.
        #[serde(flatten)]
        receipt: Receipt,
    },
    /// A chat's subject was set; the words are in its row.
    SubjectSet {
        /// Which chat.
        chat: ChatId,
        /// By which side.
        by: Side,
    },
    /// A chat's priority was set.
    PrioritySet {
        /// Which chat.
        chat: ChatId,
        /// The new priority.
        priority: Priority,
        /// By whom.
        agent: AgentId,
    },
}

/// What kind of entry was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EntryKind {
    /// A message, seen by both sides.
    Message,
    /// A note, seen by staff alone.
    Note,
    /// Advice to the agent, seen by staff alone.
    Whisper,
    /// The edit of an earlier entry.
    Edit,
    /// The deletion of an earlier entry.
    Deletion,
    /// A line by Chatter itself.
    System,
}

/// How far one side has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "side", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Receipt {
    /// The customer, in public numbers.
    Customer {
        /// Reached the customer up to here.
        delivered: PublicSeq,
        /// Read up to here.
        read: PublicSeq,
    },
    /// Staff, in staff numbers.
    Staff {
        /// Reached staff up to here.
        delivered: Seq,
        /// Read up to here.
        read: Seq,
    },
    /// A member of a conversation of agents.
    Member {
        /// Who.
        agent: AgentId,
        /// Reached them up to here.
        delivered: Seq,
        /// Read up to here.
        read: Seq,
    },
}

/// How an offer ended that was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "how", rename_all = "snake_case")]
#[non_exhaustive]
pub enum OfferEnd {
    /// The agent said no.
    Declined {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<DeclineReason>,
    },
    /// The agent did not answer in time.
    Missed,
    /// It was taken back: the agent is not there or takes no chats, or the chat went elsewhere.
    Withdrawn,
}

/// Why an agent declines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeclineReason {
    /// No time now.
    Busy,
    /// Somebody else knows more of this.
    WrongCategory,
    /// They do not speak the customer's language.
    Language,
    /// Anything else.
    Other,
}

/// Why an agent's declared state changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StateCause {
    /// The agent said so.
    Declared,
    /// The last session was signed out.
    SignedOut,
    /// The last chat of a last call ended.
    LastCallDone,
    /// Too many offers in a row were missed.
    Missed,
}

/// Why a chat went back to its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RequeueCause {
    /// The agent went offline, signed out or was removed.
    AgentLeft,
    /// The agent's connection was lost for longer than the grace.
    AgentLost,
    /// The agent, or somebody for them, put it back.
    Unassigned,
    /// The agent sent no first reply in time.
    NoFirstReply,
}

/// The choice behind an assignment, in brief. The full reasoning is never stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Choice {
    /// The policy that chose, by name.
    pub policy: std::sync::Arc<str>,
    /// What made a choice possible.
    pub trigger: Trigger,
    /// The chat's key in its line: lower goes first. Its meaning is the policy's.
    pub key: i64,
    /// Microseconds from the episode's arrival to the assignment.
    pub waited: u64,
    /// The agent's rank as the policy compared it, before the choice.
    pub rank: crate::policy::AgentRank,
    /// How many agents of the category could not take it, by reason.
    pub passed_over: PassedOver,
    /// Who would have been chosen next, in order, where an agent was chosen; ten at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next_agents: Vec<AgentId>,
    /// What would have been chosen next of each line, in order, where a chat was chosen; ten at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next_chats: Vec<ChatId>,
}

impl Choice {
    /// Puts a choice together; see the fields.
    #[must_use]
    pub const fn new(
        policy: std::sync::Arc<str>,
        trigger: Trigger,
        key: i64,
        waited: u64,
        rank: crate::policy::AgentRank,
        passed_over: PassedOver,
    ) -> Self {
        Self { policy, trigger, key, waited, rank, passed_over, next_agents: Vec::new(), next_chats: Vec::new() }
    }
}

/// What made a choice possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Trigger {
    /// A chat became ready while agents had room: the best agent was chosen.
    ChatReady,
    /// An agent got room while chats waited: the best chat was chosen.
    AgentFree,
    /// A reopened chat went back to the agent who had it last.
    LastAgent,
    /// A returning customer went to the agent they had last.
    Sticky,
    /// The agent accepted an offer, with which the choice was made; the rank, the wait and the counts are of now.
    Accepted,
}

/// Agents of a category that could not take a chat, counted by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "serde fills what older events lack")]
#[serde(default)]
pub struct PassedOver {
    /// Online and connected, but at their limit.
    pub full: u32,
    /// Away.
    pub away: u32,
    /// On their last call.
    pub last_call: u32,
    /// Online by their own word, without a connection.
    pub disconnected: u32,
    /// Just got another chat.
    pub resting: u32,
    /// Had room, but let this chat pass a moment ago.
    pub cooling: u32,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
