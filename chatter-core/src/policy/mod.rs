//! Assignment policies: who is served next, and by whom.
//!
//! A policy is stateless, synchronous and pure. It is asked when a fact changes (a chat begins to wait,
//! an agent gets or loses a chat), never on the way to a decision, and never when replaying: what it
//! answers is kept in ordered indexes. So a decision costs a comparison of heads, whatever the policy.

mod gc_mu;
mod least_loaded;
mod longest_idle;
mod longest_wait;
mod most_specialised_first;
mod priority_ageing;
mod round_robin;
mod set;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{CategoryWeight, Priority, Time};

pub use gc_mu::GcMu;
pub use least_loaded::LeastLoaded;
pub use longest_idle::LongestIdle;
pub use longest_wait::LongestWait;
pub use most_specialised_first::MostSpecialisedFirst;
pub use priority_ageing::PriorityAgeing;
pub use round_robin::RoundRobin;
pub use set::Policies;
pub(crate) use set::PolicyIx;

/// Decides which chat an agent with room gets, and which agent with room a chat gets.
///
/// # Contract
/// To be correct, an implementation must answer from its arguments alone: the same facts give the same
/// answer, for ever. It may ignore any fact. It must not keep state, read a clock or draw random
/// numbers; the desk stays deterministic only as far as its policy is.
pub trait AssignmentPolicy: Send + Sync + fmt::Debug {
    /// A stable name, written into every assignment: lower-case words joined by `-`.
    fn name(&self) -> &str;

    /// The place of a waiting chat: a level, and a static key within it. Within a line the lowest key
    /// is served first; ties go to the lower chat number.
    fn line_key(&self, chat: &ChatFacts) -> LineKey;

    /// How a freed agent compares the lines it serves, by their heads and lengths: the smallest is
    /// served. Lines may be of categories with other policies: the desk's policy compares them all. Ties go to the lower category, then the lower chat. The default takes the lowest level,
    /// then the lowest key, so that one order holds over all categories.
    fn line_rank(&self, line: &LineFacts) -> i128 {
        (i128::from(line.key.level) << 64) + i128::from(line.key.key)
    }

    /// The rank of an agent with room for an arriving chat: the smallest takes it. Ties go to the agent
    /// who was assigned a chat longest ago, then to the lower agent number.
    fn agent_rank(&self, agent: &AgentFacts) -> AgentRank;

    /// True when [`line_rank`](AssignmentPolicy::line_rank) reads how long the head of a line has waited.
    /// Others are not told, since looking it up costs.
    fn weighs_waits(&self) -> bool {
        false
    }

    /// True when the order of a category's waiting chats is fixed by level and key, so that a place in
    /// line exists. A policy that says false makes places absent.
    fn fixes_order(&self) -> bool {
        true
    }
}

/// What a policy may know of a waiting chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChatFacts {
    /// When the episode's wait began.
    pub arrived_at: Time,
    /// How urgent the chat is.
    pub priority: Priority,
    /// 1 for the first, one more with every reopening.
    pub episode: u32,
}

impl ChatFacts {
    /// The facts of a chat.
    #[must_use]
    pub const fn new(arrived_at: Time, priority: Priority, episode: u32) -> Self {
        Self { arrived_at, priority, episode }
    }
}

/// What a policy may know of an agent with room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentFacts {
    /// Chats held now; always below `max_chats`.
    pub load: u32,
    /// The most chats at once, 1 and up.
    pub max_chats: u32,
    /// When they last got a chat; zero for never.
    pub last_assigned_at: Time,
    /// When they last let a chat go; zero for never.
    pub last_released_at: Time,
    /// How many categories they serve.
    pub categories: u32,
}

impl AgentFacts {
    /// The facts of an agent.
    #[must_use]
    pub const fn new(load: u32, max_chats: u32, last_assigned_at: Time, categories: u32) -> Self {
        Self { load, max_chats, last_assigned_at, last_released_at: Time(0), categories }
    }

    /// The same with the time when they last let a chat go.
    #[must_use]
    pub const fn released_at(self, last_released_at: Time) -> Self {
        Self { last_released_at, ..self }
    }
}

/// What a policy may know of a line that has a chat ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LineFacts {
    /// Level and key of the chat at its head.
    pub key: LineKey,
    /// How many chats in it are ready.
    pub ready: u64,
    /// Microseconds that the chat at its head has waited; zero unless the policy weighs waits.
    pub waited: u64,
    /// What its category is weighed by.
    pub weight: CategoryWeight,
}

impl LineFacts {
    /// The facts of a line of a category without weights of its own.
    #[must_use]
    pub fn new(key: LineKey, ready: u64) -> Self {
        Self { key, ready, waited: 0, weight: CategoryWeight::default() }
    }
}

/// A chat's place: lines of a lower level go first, within a line the lower key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_structs, reason = "policies build it")]
pub struct LineKey {
    /// Which of a category's lines.
    pub level: u8,
    /// Where in it. By convention microseconds: a (virtual) time of arrival.
    pub key: i64,
}

/// A rank that is a ratio, compared exactly: `part / whole` by cross-multiplication.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct AgentRank {
    part: u64,
    whole: u64,
}

impl AgentRank {
    /// The rank `part / whole`; a `whole` of zero counts as one.
    #[must_use]
    pub const fn ratio(part: u64, whole: u64) -> Self {
        Self { part, whole: if whole == 0 { 1 } else { whole } }
    }

    /// The rank `value`.
    #[must_use]
    pub const fn value(value: u64) -> Self {
        Self::ratio(value, 1)
    }
}

impl Ord for AgentRank {
    fn cmp(&self, other: &Self) -> Ordering {
        let left = u128::from(self.part) * u128::from(other.whole);
        let right = u128::from(other.part) * u128::from(self.whole);
        left.cmp(&right)
    }
}

impl PartialOrd for AgentRank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for AgentRank {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for AgentRank {}

/// The shipped policy of that name, one of [`NAMES`].
#[must_use]
pub fn by_name(name: &str) -> Option<Arc<dyn AssignmentPolicy>> {
    Some(match name {
        "longest-wait" => Arc::new(LongestWait),
        "priority-ageing" => Arc::new(PriorityAgeing::default()),
        "least-loaded" => Arc::new(LeastLoaded),
        "longest-idle" => Arc::new(LongestIdle),
        "round-robin" => Arc::new(RoundRobin),
        "most-specialised-first" => Arc::new(MostSpecialisedFirst),
        "gc-mu" => Arc::new(GcMu),
        _ => return None,
    })
}

/// The names that [`by_name`] knows.
pub const NAMES: [&str; 7] = [
    "longest-wait",
    "priority-ageing",
    "least-loaded",
    "longest-idle",
    "round-robin",
    "most-specialised-first",
    "gc-mu",
];

/// A time of arrival as a key; times beyond the year 294,000 share the last one.
fn arrival_key(at: Time) -> i64 {
    i64::try_from(at.0).unwrap_or(i64::MAX)
}
