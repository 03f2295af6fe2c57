//! Why things are as they are (row B18): computed for the present state when somebody asks, never stored.

use serde::{Deserialize, Serialize};

use crate::{AgentId, AgentState, CategoryId, ChatId, ChatStatus, Name, PassedOver, Time, Unavailable};

/// Why a chat is where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct ChatExplanation {
    /// Which chat.
    pub chat: ChatId,
    /// As of when.
    pub at: Time,
    /// Its category.
    pub category: CategoryId,
    /// The policy that orders its line.
    pub policy: String,
    /// The reason: a code with its data; of several the one that must end first.
    pub why: WhyWaiting,
    /// What else would keep it waiting.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<WhyWaiting>,
    /// Its place in line, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u64>,
    /// How many stages of the overflow it has reached.
    pub overflow: u8,
    /// When it reaches the next one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_overflow_at: Option<Time>,
    /// How many agents who may take it cannot, by reason, those beyond the first 50 too. Who is offline is not
    /// counted.
    pub passed_over: PassedOver,
    /// The agents who may take it, nearest first, and why each does not; 50 at most. Whoever is asked is left out.
    pub candidates: Vec<Candidate>,
}

/// Why a chat waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum WhyWaiting {
    /// It does not wait.
    NotWaiting {
        /// What it does.
        status: ChatStatus,
    },
    /// An agent is asked.
    Offered {
        /// Who.
        agent: AgentId,
        /// Until when.
        until: Time,
    },
    /// The customer is not connected; the place is kept.
    CustomerAway {
        /// Until when.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Time>,
    },
    /// The customer has been silent for long; it is served when they speak.
    CustomerSilent,
    /// It waits for the agent whom the customer had last.
    Sticky {
        /// Whom.
        agent: AgentId,
        /// Until when.
        until: Time,
    },
    /// Nobody serves the category.
    NobodyServes,
    /// Nobody who serves it is online and connected.
    NobodyThere,
    /// Everybody who is there is at the limit, or just got another chat, or let it pass.
    NobodyFree,
    /// Nothing holds it: it is given to the nearest in the next step.
    AboutToBeServed,
}

/// An agent who may take a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct Candidate {
    /// Who.
    pub agent: AgentId,
    /// Their name.
    pub name: Name,
    /// Slots taken now.
    pub load: u32,
    /// The most chats at once.
    pub max_chats: u32,
    /// Why they cannot take it; absent for who could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Unavailable>,
    /// Until when that holds, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

/// Why an agent gets no chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct AgentExplanation {
    /// Who.
    pub agent: AgentId,
    /// As of when.
    pub at: Time,
    /// What they said of themselves.
    pub state: AgentState,
    /// True while they have a connection.
    pub connected: bool,
    /// What takes their slots.
    pub load: LoadView,
    /// The most chats at once.
    pub max_chats: u32,
    /// The reason: a code with its data.
    pub why: WhyIdle,
    /// The lines they serve in which somebody waits, in the order in which they would be chosen from; 50 at most.
    pub lines: Vec<LineView>,
}

/// What takes an agent's slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct LoadView {
    /// Chats held that are not parked.
    pub active: u32,
    /// Parked chats; they take no slot.
    pub parked: u32,
    /// Offers.
    pub offered: u32,
    /// Transfers to them.
    pub reserved: u32,
    /// Wrap-ups.
    pub wrapping_up: u32,
}

/// Why an agent gets none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum WhyIdle {
    /// They cannot take any.
    Unavailable {
        /// Why.
        reason: Unavailable,
        /// Until when that holds, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Time>,
    },
    /// Nobody waits whom they could take.
    NobodyWaits,
    /// Those who wait are held back: not connected, silent, sticky to others, or let pass by this agent.
    OnlyHeld,
    /// Nothing: they are given one in the next step.
    AboutToGetOne,
}

/// A line that an agent serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct LineView {
    /// Of which category.
    pub category: CategoryId,
    /// Its level, lower first.
    pub level: u8,
    /// Its stage of the overflow.
    pub stage: u8,
    /// How many wait in it.
    pub waiting: u64,
    /// How many of them can be served.
    pub ready: u64,
    /// Who is first of those whom this agent could be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<ChatId>,
}
