//! How the chats of a category are served.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::hours::Hours;
use crate::{CategoryId, Invalid, Name};

/// Settings of one category. The default is a plain queue: assigned at once, by the desk's policy, without
/// limits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct CategorySettings {
    /// Whether agents are asked.
    #[serde(skip_serializing_if = "is_default")]
    pub routing: Routing,
    /// The name of the policy that orders the category's waiting chats and chooses agents for them; the desk's
    /// when absent. Between categories the desk's policy chooses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Name>,
    /// After which waits agents of which other categories may take its chats too, in ascending order of
    /// waits; at most 16.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overflow: Vec<OverflowStage>,
    /// The most customers that wait at once; joining past it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_limit: Option<u32>,
    /// How long a customer waits at most; then the chat is resolved.
    #[serde(with = "crate::time::micros_opt", skip_serializing_if = "Option::is_none")]
    pub max_wait: Option<Duration>,
    /// When it is open; always when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// How long a returning customer waits for the agent they last had, while that one is routable and full.
    /// Zero: only if that one has room. Absent: no preference.
    #[serde(with = "crate::time::micros_opt", skip_serializing_if = "Option::is_none")]
    pub sticky_wait: Option<Duration>,
    /// How long an agent's slot stays taken after a chat ends. 0 s.
    #[serde(with = "crate::time::micros", skip_serializing_if = "is_default")]
    pub wrap_up: Duration,
    /// What a policy may weigh this category by.
    #[serde(skip_serializing_if = "is_default")]
    pub weight: CategoryWeight,
}

/// Whether agents are asked before they get a chat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Routing {
    /// Chats are given at once.
    #[default]
    Assign,
    /// Chats are offered: the agent accepts or declines.
    Offer,
}

/// One stage of an overflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct OverflowStage {
    /// After how long a wait.
    #[serde(with = "crate::time::micros")]
    pub after: Duration,
    /// Whose agents may take the chat then, beside those of the stages before.
    pub category: CategoryId,
}

/// What the generalised cμ rule weighs a category by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct CategoryWeight {
    /// What a customer's waiting costs beside that of other categories, 1 to 1,000. 1.
    pub cost: u32,
    /// How long a chat of the category takes an agent. 10 min.
    #[serde(with = "crate::time::micros")]
    pub handle_time: Duration,
}

impl Default for CategoryWeight {
    fn default() -> Self {
        Self { cost: 1, handle_time: Duration::from_secs(600) }
    }
}

impl CategorySettings {
    /// The most stages of an overflow.
    pub const STAGES_MAX: usize = 16;

    /// # Errors
    /// The first field that breaks its rule. Whether names and numbers exist is not looked at here.
    pub fn check(&self) -> Result<(), Invalid> {
        let week = Duration::from_secs(7 * 24 * 60 * 60);
        let rising = self.overflow.is_sorted_by(|a, b| a.after <= b.after);
        let rules = [
            (self.overflow.len() <= Self::STAGES_MAX, "overflow", "at most 16 stages"),
            (rising, "overflow", "in ascending order of waits"),
            (
                self.overflow.iter().all(|it| !it.after.is_zero() && it.after <= week),
                "overflow",
                "1 microsecond to 7 days",
            ),
            (self.queue_limit != Some(0), "queue_limit", "1 and up"),
            (self.max_wait.is_none_or(|it| !it.is_zero()), "max_wait", "more than 0"),
            (self.sticky_wait.is_none_or(|it| it <= week), "sticky_wait", "at most 7 days"),
            (self.wrap_up <= week, "wrap_up", "at most 7 days"),
            ((1..=1_000).contains(&self.weight.cost), "weight.cost", "1 to 1000"),
            (
                !self.weight.handle_time.is_zero() && self.weight.handle_time <= week,
                "weight.handle_time",
                "at most 7 days, more than 0",
            ),
        ];
        match rules.into_iter().find(|(kept, ..)| !kept) {
            Some((_, field, rule)) => Err(Invalid::new(field, rule)),
            None => Ok(()),
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
