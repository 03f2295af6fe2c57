//! What is wrong with a setting.

use std::fmt;

/// A refused setting: its name, the rule it breaks, and where it was written. Never what was written,
/// since it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    pub(crate) name: String,
    pub(crate) rule: String,
    pub(crate) origin: String,
}

impl Fault {
    pub(crate) fn new(name: impl Into<String>, rule: impl Into<String>, origin: impl Into<String>) -> Self {
        Self { name: name.into(), rule: rule.into(), origin: origin.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (from {})", self.name, self.rule, self.origin)
    }
}

/// Why there are no settings to go on with.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The command line was not understood, or asked for help: clap's own words and exit code.
    CommandLine(clap::Error),
    /// Every refused setting.
    Settings(Vec<Fault>),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine(error) => write!(f, "{error}"),
            Self::Settings(faults) => {
                writeln!(f, "chatter-server does not start, these settings are refused:")?;
                faults.iter().try_for_each(|fault| writeln!(f, "  {fault}"))
            }
        }
    }
}
