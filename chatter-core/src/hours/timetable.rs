//! Opening hours in the words of an operator.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Opening hours as they are written, in TOML and in JSON; the [module](super) explains them. Nothing in here has been
/// checked: [`Hours::new`](super::Hours::new) does that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "who embeds the engine writes it out, and a week has seven days")]
pub struct Timetable {
    /// The place whose clocks count: a name of the IANA time zone database.
    pub zone: String,
    /// When Mondays are open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub monday: Vec<String>,
    /// When Tuesdays are open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tuesday: Vec<String>,
    /// When Wednesdays are open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wednesday: Vec<String>,
    /// When Thursdays are open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thursday: Vec<String>,
    /// When Fridays are open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub friday: Vec<String>,
    /// When Saturdays are open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saturday: Vec<String>,
    /// When Sundays are open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sunday: Vec<String>,
    /// The dates that differ from their weekday, with when they are open; none for closed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub holidays: BTreeMap<String, Vec<String>>,
}

impl Timetable {
    /// The most intervals of one day.
    pub const MAX_INTERVALS: usize = 24;

    /// The most dates in `holidays`.
    pub const MAX_HOLIDAYS: usize = 1_000;

    /// The weekdays with their names, Monday first.
    pub(super) fn week(&self) -> [(&'static str, &[String]); 7] {
        [
            ("monday", &self.monday),
            ("tuesday", &self.tuesday),
            ("wednesday", &self.wednesday),
            ("thursday", &self.thursday),
            ("friday", &self.friday),
            ("saturday", &self.saturday),
            ("sunday", &self.sunday),
        ]
    }
}
