//! `chatter-lab presets`.

use std::io::Write;

use clap::Args;

use super::CliError;
use crate::lab::report::{Align, Table};
use crate::lab::scenario::{PRESETS, Scenario, ScenarioError};

/// List the scenarios that come with the lab, or print one to edit it.
#[derive(Debug, Args)]
pub(super) struct Presets {
    /// Print this one's file.
    name: Option<String>,
}

impl Presets {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<(), CliError> {
        if let Some(name) = self.name {
            let known = || PRESETS.iter().map(|preset| preset.name).collect::<Vec<_>>().join(", ");
            let found = PRESETS.iter().find(|preset| preset.name == name);
            let preset = found.ok_or_else(|| {
                ScenarioError::new(&name, None, format!("there is no preset of that name; there are {}", known()))
            })?;
            return out.write_all(preset.text.as_bytes()).map_err(CliError::Output);
        }
        let mut table = Table::new([("preset", Align::Left), ("what it shows", Align::Left)]);
        for preset in PRESETS {
            let about = Scenario::preset(preset.name)?.about;
            table.row([preset.name.to_owned(), about.split_whitespace().collect::<Vec<_>>().join(" ")]);
        }
        out.write_all(table.text().as_bytes()).map_err(CliError::Output)
    }
}
