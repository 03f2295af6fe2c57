//! What a command line ends with when it does not succeed.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::lab::policy::PolicyError;
use crate::lab::scenario::ScenarioError;
use crate::lab::sim::RunError;
use crate::lab::what_if::WhatIfError;
use crate::oracle::OracleError;

/// Why a command did not do what was asked. Exit code 2: the command line; 3: a file or a policy that is refused;
/// 4: a formula that has no answer; 1: everything else.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CliError {
    /// A flag breaks a rule.
    #[error("{flag}: {rule}")]
    Flag {
        /// Which.
        flag: &'static str,
        /// What it must be.
        rule: String,
    },
    /// A scenario or a trace is refused.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A policy is refused.
    #[error("--policy: {0}")]
    Policy(#[from] PolicyError),
    /// A file cannot be read.
    #[error("{path}: {source}", path = .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("{path}: {source}", path = .path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The output is closed or full.
    #[error("the output cannot be written: {0}")]
    Output(#[source] io::Error),
    /// A store is refused.
    #[error(transparent)]
    Store(#[from] WhatIfError),
    /// A run failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A formula has no answer.
    #[error(transparent)]
    Oracle(#[from] OracleError),
}

impl CliError {
    /// The code a process ends with.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::Flag { .. } => 2,
            Self::Scenario(_) | Self::Policy(_) | Self::Store(_) | Self::Read { .. } => 3,
            Self::Run(RunError::Policy(_) | RunError::NoTrace) => 3,
            Self::Oracle(_) => 4,
            Self::Write { .. }
            | Self::Output(_)
            | Self::Run(RunError::Refused { .. } | RunError::Impossible { .. }) => 1,
        }
    }

    /// Tells it on standard error; a reader who has gone away is not an error.
    pub(super) fn report(&self) -> ExitCode {
        if let Self::Output(error) = self
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            return ExitCode::SUCCESS;
        }
        let told = writeln!(io::stderr(), "chatter-lab: {self}");
        if told.is_ok() { ExitCode::from(self.code()) } else { ExitCode::FAILURE }
    }
}
