//! What can go wrong under load, each with what was being done.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio_tungstenite::tungstenite;

/// Why a run did not come to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A flag breaks its rule.
    #[error("{flag} {rule}")]
    Flag {
        /// The flag, as it is written.
        flag: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// A program could not be started.
    #[error("{} cannot be started", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A program that was started ended, or closed its output, before it took connections.
    #[error("{} ended before it took connections; it wrote:\n{wrote}", program.display())]
    Died {
        /// The program.
        program: PathBuf,
        /// The last of what it wrote.
        wrote: String,
    },
    /// Something of the operating system failed.
    #[error("{doing} failed")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// No WebSocket came about.
    #[error("no WebSocket could be opened")]
    Handshake(#[source] Box<tungstenite::Error>),
    /// A connection ended too early.
    #[error("the connection ended while {doing}{}", code.map(|code| format!(" (close code {code})")).unwrap_or_default())]
    Ended {
        /// What was being done.
        doing: &'static str,
        /// The close code, if one was sent.
        code: Option<u16>,
    },
    /// The server said no.
    #[error("{doing} was refused with {code}")]
    Refused {
        /// What was refused.
        doing: &'static str,
        /// The server's error code.
        code: String,
    },
    /// A frame that does not say what the protocol promises.
    #[error("{doing}: the server's frame lacks {lacks}")]
    Frame {
        /// What was being done.
        doing: &'static str,
        /// The missing part.
        lacks: &'static str,
    },
    /// Something did not happen in time.
    #[error("{doing} took longer than {} s", limit.as_secs())]
    TimedOut {
        /// What was being done.
        doing: &'static str,
        /// How long it might have taken.
        limit: Duration,
    },
    /// Rows of a table of goals do not count, because something went wrong in their turns.
    #[error("something went wrong in the turns of {0} rows: they do not count, and are not met")]
    Rows(usize),
    /// The database of the durable floor failed.
    #[error("the database of the durable floor failed")]
    Database(#[from] rusqlite::Error),
}

impl LoadError {
    /// For `map_err`: a failure of the operating system, with what was being done.
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }

    /// The whole chain of reasons in one line.
    #[must_use]
    pub fn whole(&self) -> String {
        let mut text = self.to_string();
        let mut next = std::error::Error::source(self);
        while let Some(error) = next {
            text.push_str(": ");
            text.push_str(&error.to_string());
            next = error.source();
        }
        text
    }
}
