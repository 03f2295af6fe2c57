//! The scenarios that come with the lab.

use super::{Scenario, ScenarioError};

/// A scenario that comes with the lab.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "plain data")]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// The file's text.
    pub text: &'static str,
}

macro_rules! presets {
    ($($name:literal),* $(,)?) => {
        /// All of them.
        pub const PRESETS: &[Preset] =
            &[$(Preset { name: $name, text: include_str!(concat!("../presets/", $name, ".toml")) }),*];
    };
}

presets![
    "erlang-c1",
    "erlang-c6",
    "erlang-c10",
    "erlang-a7",
    "erlang-a14",
    "patience-fixed",
    "chat-lps",
    "silent",
    "n-model",
    "skills-dedicated",
    "skills-chain",
    "skills-full",
    "burst",
    "bank1999",
    "shop",
];

pub(super) fn load(name: &str) -> Result<Scenario, ScenarioError> {
    match PRESETS.iter().find(|preset| preset.name == name) {
        Some(preset) => Scenario::from_toml(preset.text, &format!("{name}.toml")),
        None => {
            let known: Vec<_> = PRESETS.iter().map(|preset| preset.name).collect();
            let rule = format!("there is no preset of that name; there are {}", known.join(", "));
            Err(ScenarioError::new(name, None, rule))
        }
    }
}
