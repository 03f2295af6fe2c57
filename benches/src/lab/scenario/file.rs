//! The form of a scenario file. Everything that a rule looks at knows where it stands.

use serde::Deserialize;
use toml::Spanned;

use super::error::Broken;
use super::time::TimeOfDay;
use super::{Scenario, ScenarioError, Source, check};
use crate::lab::random::{Centre, Law, Seconds};

/// A whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) name: Spanned<String>,
    #[serde(default)]
    pub(super) about: String,
    #[serde(default)]
    pub(super) source: Vec<Source>,
    pub(super) horizon: Spanned<HorizonTable>,
    #[serde(default)]
    pub(super) desk: DeskTable,
    #[serde(default)]
    pub(super) category: Vec<Spanned<CategoryTable>>,
    #[serde(default)]
    pub(super) agents: Vec<Spanned<AgentsTable>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HorizonTable {
    pub(super) customers: Option<Spanned<u64>>,
    pub(super) warm_up: Option<Spanned<u64>>,
    pub(super) days: Option<Spanned<u32>>,
}

/// The desk's settings that matter; what is left out is as `like` says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskTable {
    #[serde(default)]
    pub(super) like: Like,
    pub(super) offer_timeout: Option<Spanned<Seconds>>,
    pub(super) misses_until_away: Option<u32>,
    pub(super) cool_down: Option<Spanned<Seconds>>,
    pub(super) breathing_gap: Option<Seconds>,
    pub(super) first_reply_within: Option<Spanned<Seconds>>,
    pub(super) park_after: Option<Spanned<Seconds>>,
    pub(super) resolve_after: Option<Spanned<Seconds>>,
}

/// Which settings a desk has that are not given.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Like {
    /// No timer that queueing theory does not have.
    #[default]
    Theory,
    /// Those a new installation has.
    Production,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CategoryTable {
    pub(super) name: Spanned<String>,
    pub(super) arrivals: Option<Spanned<ArrivalsTable>>,
    pub(super) day_factor: Option<Spanned<DayFactorTable>>,
    #[serde(default)]
    pub(super) priorities: Option<Spanned<PrioritiesTable>>,
    pub(super) work: Spanned<Law>,
    pub(super) first_reply: Option<Spanned<Law>>,
    pub(super) patience: Option<Spanned<Law>>,
    pub(super) silent: Option<Spanned<f64>>,
    pub(super) detection: Option<Spanned<Law>>,
    pub(super) target: Option<Spanned<Seconds>>,
    pub(super) routing: Option<chatter_core::Routing>,
    pub(super) policy: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) overflow: Vec<Spanned<OverflowTable>>,
    pub(super) queue_limit: Option<Spanned<u32>>,
    pub(super) max_wait: Option<Spanned<Seconds>>,
    pub(super) wrap_up: Option<Spanned<Seconds>>,
    pub(super) weight: Option<Spanned<WeightTable>>,
}

/// When customers come: one of these.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ArrivalsTable {
    pub(super) per_hour: Option<Spanned<f64>>,
    pub(super) gaps: Option<Spanned<Law>>,
    pub(super) profile: Option<Spanned<ProfileTable>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileTable {
    pub(super) from: TimeOfDay,
    pub(super) step: Spanned<Seconds>,
    pub(super) per_hour: Spanned<Vec<f64>>,
    /// Every rate is multiplied by it.
    pub(super) times: Option<Spanned<f64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DayFactorTable {
    pub(super) cv: f64,
    #[serde(default)]
    pub(super) centre: Centre,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PrioritiesTable {
    pub(super) low: f64,
    pub(super) medium: f64,
    pub(super) high: f64,
    pub(super) urgent: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OverflowTable {
    pub(super) after: Seconds,
    pub(super) category: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WeightTable {
    pub(super) cost: Option<u32>,
    pub(super) handle_time: Option<Seconds>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AgentsTable {
    pub(super) name: Spanned<String>,
    pub(super) count: Spanned<u32>,
    pub(super) skills: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) max_chats: Option<Spanned<u32>>,
    #[serde(default)]
    pub(super) shift: Vec<Spanned<ShiftTable>>,
    pub(super) effort: Option<Spanned<toml::Value>>,
    pub(super) speed: Option<Spanned<f64>>,
    pub(super) decline: Option<Spanned<f64>>,
    pub(super) misses: Option<Spanned<f64>>,
    pub(super) answer: Option<Spanned<Law>>,
    pub(super) back_after: Option<Seconds>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShiftTable {
    pub(super) from: TimeOfDay,
    pub(super) to: TimeOfDay,
    #[serde(default)]
    pub(super) breaks: Vec<Spanned<BreakTable>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BreakTable {
    pub(super) from: TimeOfDay,
    pub(super) to: TimeOfDay,
}

pub(super) fn read(text: &str, file: &str) -> Result<Scenario, ScenarioError> {
    let table: File = toml::from_str(text)
        .map_err(|error| Broken { span: error.span(), rule: error.message().to_owned() }.in_file(file, text))?;
    check::scenario(table).map_err(|broken| broken.in_file(file, text))
}
