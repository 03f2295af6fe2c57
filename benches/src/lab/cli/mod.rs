//! The command line of the lab.

mod compare;
mod error;
mod input;
mod oracle;
mod presets;
mod progress;
mod staff;
mod what_if;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use error::CliError;

/// Try policies, limits and numbers of agents on the production desk, in virtual time.
#[derive(Debug, Parser)]
#[command(name = "chatter-lab", version, max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Put policies side by side over the same customers.
    Compare(compare::Compare),
    /// Find the fewest agents that reach a service level.
    Staff(staff::Staff),
    /// Replay the traffic of a Chatter store under other policies, limits or with one agent more.
    WhatIf(what_if::WhatIf),
    /// Compute an exact result of queueing theory.
    Oracle(oracle::Oracle),
    /// List the scenarios that come with the lab, or print one to edit it.
    Presets(presets::Presets),
}

/// Runs a command line. Tables go to `out`, everything else to standard error.
pub fn main(arguments: impl IntoIterator<Item = OsString>, out: &mut dyn Write) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let parsed = match Arguments::try_parse_from(&arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help goes to the output, complaints to the errors; clap knows which it is.
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            return if error.print().is_ok() { ExitCode::from(code) } else { ExitCode::FAILURE };
        }
    };
    let line = input::command_line(&arguments);
    let done = match parsed.command {
        Command::Compare(compare) => compare.run(&line, out),
        Command::Staff(staff) => staff.run(out),
        Command::WhatIf(what_if) => what_if.run(&line, out),
        Command::Oracle(oracle) => oracle.run(out),
        Command::Presets(presets) => presets.run(out),
    };
    match done.and_then(|()| out.flush().map_err(CliError::Output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(),
    }
}
