//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use super::table::SETTINGS;

const AFTER_HELP: &str = "\
Every setting but `config` can be written in four places; the first that has it counts:
  1. a flag                       --customer-grace 90s
  2. the environment              CHATTER_CUSTOMER_GRACE=90s
  3. the file .env beside you     CHATTER_CUSTOMER_GRACE=90s
  4. the file of --config (TOML)  customer_grace = \"90s\"
Settings without a flag, for a command line can be read by everybody on the machine:
  CHATTER_SECRET, CHATTER_PREVIOUS_SECRET, CHATTER_AGENTS

Exit codes: 0 stopped as asked, 1 cannot start or broke inside, 2 a setting is refused, 3 the store failed
for good, 4 another server took the desk over, 5 stopping took too long, 128 + n ended at once by a second signal n.";

/// The Chatter server: live chat for customers and agents in one process and one SQLite file.
#[derive(Debug, Parser)]
#[command(name = "chatter-server", version, after_help = AFTER_HELP)]
struct Fixed {
    /// The TOML file with settings [env: CHATTER_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    task: Option<Task>,
}

/// What else the program does.
#[derive(Debug, Subcommand)]
enum Task {
    /// Runs a record again (see the setting `record`) and prints the events it makes, one a line: number, time in
    /// microseconds, what happened.
    Replay {
        /// The record.
        file: PathBuf,
    },
}

/// What the command line says: the file, and settings by name.
#[derive(Debug)]
pub(crate) struct Flags {
    /// A record to replay, instead of serving.
    pub(crate) replay: Option<PathBuf>,
    pub(crate) config: Option<PathBuf>,
    pub(crate) settings: Vec<(&'static str, String)>,
}

/// Reads the command line; its first element is the program.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Flags, clap::Error> {
    let matches = command().try_get_matches_from(arguments)?;
    let Fixed { config, task } = Fixed::from_arg_matches(&matches)?;
    let replay = task.map(|Task::Replay { file }| file);
    Ok(Flags { config, replay, settings: settings(&matches) })
}

fn command() -> clap::Command {
    Fixed::command().args(SETTINGS.iter().filter_map(|setting| {
        let flag = setting.flag?;
        let default = match setting.default {
            "" => String::new(),
            default => format!(" [default: {default}]"),
        };
        let help = format!("{} [env: {}]{default}", setting.help, setting.variable());
        Some(Arg::new(setting.name).long(flag).value_name("VALUE").help(help))
    }))
}

fn settings(matches: &ArgMatches) -> Vec<(&'static str, String)> {
    let flags = SETTINGS.iter().filter(|setting| setting.flag.is_some());
    flags.filter_map(|setting| Some((setting.name, matches.get_one::<String>(setting.name)?.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_every_setting() {
        let help = command().render_long_help().to_string();
        for setting in &SETTINGS {
            assert!(help.contains(&setting.variable()), "{} is missing from --help", setting.name);
        }
        command().debug_assert();
    }
}
