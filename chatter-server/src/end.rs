//! How the server ends, and the exit code of each end.

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use chatter_core::{Refusal, StoreError};
use chatter_store_sqlite::OpenError;

use crate::secret_file::SecretFileError;

/// How the server ended. The codes are in `docs/configuration.md` and in `--help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// As asked, with everything acknowledged in the store.
    Asked,
    /// It could not start, or broke inside.
    Broken,
    /// A setting is refused.
    Refused,
    /// The store failed for good.
    StoreFailed,
    /// Another server owns the desk.
    Superseded,
    /// Stopping took too long.
    Late,
    /// A second signal came.
    Forced(u8),
}

impl End {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Asked => 0,
            Self::Broken => 1,
            Self::Refused => 2,
            Self::StoreFailed => 3,
            Self::Superseded => 4,
            Self::Late => 5,
            Self::Forced(signal) => 128 + signal,
        }
    }
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        Self::from(end.code())
    }
}

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    Secret(#[from] SecretFileError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("the file to record to, {path}, cannot be made")]
    Record {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the desk cannot be started")]
    Engine(#[source] StoreError),
    #[error("the configured categories and agents cannot be set")]
    Roster(#[source] Refusal),
    #[error("signals cannot be caught")]
    Signals(#[source] io::Error),
}

/// An error and all its causes, on one line.
pub(crate) fn whole(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}
