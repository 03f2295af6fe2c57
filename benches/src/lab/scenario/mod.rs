//! What is simulated: customers, agents and the desk's settings, read from a TOML file. What is read has been checked;
//! what breaks a rule is refused with its file, line and rule.

mod check;
mod desk;
mod error;
mod file;
mod people;
mod preset;
#[cfg(test)]
mod tests;
mod time;

use chatter_core::CategorySettings;
use chatter_core::desk::DeskSettings;

use super::random::{DayFactor, Law, Profile};
use super::record::Micros;
use super::trace::Trace;

pub(crate) use desk::theory;
pub use error::ScenarioError;
pub(crate) use people::category_id;
pub use preset::{PRESETS, Preset};

/// A day in microseconds.
pub const DAY: Micros = 86_400_000_000;

/// What is simulated.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// What it shows, in a sentence or two.
    pub about: String,
    /// Where its figures come from.
    pub sources: Vec<Source>,
    /// How long it runs.
    pub horizon: Horizon,
    /// The desk's settings.
    pub desk: DeskSettings,
    /// The categories; the first is the desk's category 1.
    pub categories: Vec<Category>,
    /// The groups of agents.
    pub groups: Vec<AgentGroup>,
    /// Customers out of a recorded trace, in the place of arrival laws.
    pub trace: Option<Trace>,
}

/// Where a figure comes from.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Source {
    /// Which figure or figures.
    pub figure: String,
    /// How it was come by.
    pub kind: SourceKind,
    /// From whom, and what was done to it.
    pub note: String,
}

/// How a figure was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "there are three")]
pub enum SourceKind {
    /// Somebody measured it and published it.
    Measured,
    /// Computed from what was measured, or from theory.
    Derived,
    /// Nobody measured it: it is plausible, no more.
    Assumed,
}

/// How long a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "every reader must tell them apart")]
pub enum Horizon {
    /// A desk in its steady state.
    Customers {
        /// How many customers count.
        counted: u64,
        /// How many come before them, only to warm the desk up.
        warm_up: u64,
    },
    /// Whole days from an empty desk; everybody counts.
    Days {
        /// How many, in one run.
        days: u32,
    },
}

impl Horizon {
    /// When its days are over; none where customers are counted.
    pub(crate) fn over(self) -> Option<Micros> {
        match self {
            Self::Customers { .. } => None,
            Self::Days { days } => Some(u64::from(days) * DAY),
        }
    }
}

/// A category: who comes to it, and how the desk serves it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Category {
    /// Its name.
    pub name: String,
    /// When customers come.
    pub coming: Coming,
    /// How days differ.
    pub day_factor: Option<DayFactor>,
    /// The weights of the priorities low, medium, high, urgent; numbered 0 to 3.
    pub priorities: [f64; 4],
    /// How much work a customer brings: the time it takes at full speed.
    pub work: Law,
    /// How long after an assignment the agent's first message comes; drawn anew for each agent who gets the chat.
    pub first_reply: Law,
    /// How long customers wait before they leave. It is for waiting: it stands still while an agent has the chat, and what
    /// is left of it goes on when the chat goes back to its queue.
    pub patience: Law,
    /// The share of those whose patience ends that leave without a word.
    pub silent: f64,
    /// How long an agent takes to notice that a customer is gone; the chat takes room and no effort meanwhile.
    pub detection: Law,
    /// The target of the service level.
    pub target: Micros,
    /// How the desk serves it.
    pub settings: CategorySettings,
}

/// When the customers of a category come.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "every reader must look at each")]
pub enum Coming {
    /// By a Poisson process of so many a second.
    Poisson(f64),
    /// With independent gaps of this law.
    Gaps(Law),
    /// By a Poisson process that follows the day.
    Profile(Profile),
    /// As the scenario's trace says.
    Traced,
}

/// Agents who are alike.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AgentGroup {
    /// Its name.
    pub name: String,
    /// How many.
    pub count: u32,
    /// The categories they serve, by index.
    pub skills: Vec<usize>,
    /// The most chats at once.
    pub max_chats: u32,
    /// When they work, every day; always when empty.
    pub shifts: Vec<Shift>,
    /// True when the shifts are those of the whole run, as a record has them, instead of every day's.
    pub once: bool,
    /// How fast all the chats of one of them go together: at index `k` with `k + 1` chats, in units of one chat's full
    /// speed; as many as `max_chats`.
    pub speeds: Vec<f64>,
    /// The probability that an offer is declined, of those that are answered.
    pub decline: f64,
    /// The probability that an offer is never answered, beside those whose answer comes too late.
    pub misses: f64,
    /// How long they take to answer an offer.
    pub answer: Law,
    /// After how long one comes back whom the desk has set away for missed offers.
    pub back_after: Micros,
}

/// When an agent works, in time of day.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain data")]
pub struct Shift {
    /// When it starts.
    pub from: Micros,
    /// When it ends: no new chats from then; those held are brought to their end.
    pub to: Micros,
    /// When they take no new chats in between.
    pub breaks: Vec<(Micros, Micros)>,
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// The first rule that is broken, with its line; `file` is the name to tell.
    pub fn from_toml(text: &str, file: &str) -> Result<Self, ScenarioError> {
        file::read(text, file)
    }

    /// One of the scenarios that come with the lab; see [`PRESETS`].
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn preset(name: &str) -> Result<Self, ScenarioError> {
        preset::load(name)
    }

    /// How many agents there are.
    #[must_use]
    pub fn agents(&self) -> u32 {
        self.groups.iter().map(|group| group.count).sum()
    }

    /// The group of each agent, in the order in which agents are numbered.
    #[must_use]
    pub fn group_of_agents(&self) -> Vec<usize> {
        let repeated = |(index, group): (usize, &AgentGroup)| std::iter::repeat_n(index, group.count as usize);
        self.groups.iter().enumerate().flat_map(repeated).collect()
    }

    /// The same scenario with so many customers that count, and a tenth of that before them to warm up. Scenarios of
    /// days stay as they are.
    #[must_use]
    pub fn with_customers(mut self, counted: u64) -> Self {
        if let Horizon::Customers { counted: old, warm_up } = &mut self.horizon {
            (*old, *warm_up) = (counted, counted / 10);
        }
        self
    }
}
