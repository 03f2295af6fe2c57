//! What clients are shown beside chats: categories, agents and bounds.

use serde::{Deserialize, Serialize};

use crate::{AgentId, AgentState, CategoryId, Name, Time};

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
