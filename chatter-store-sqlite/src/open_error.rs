//! Why a database was not opened.

use std::io;
use std::path::{Path, PathBuf};

use chatter_core::{StoreError, StoreErrorKind};
use rusqlite::ErrorCode;

/// A database that was not opened: which, and the rule it breaks. Nothing was written to it.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the database {}: {rule}", path.display())]
#[non_exhaustive]
pub struct OpenError {
    /// The file as it was named.
    pub path: PathBuf,
    /// What is wrong with it.
    pub rule: OpenRule,
}

/// What keeps a database from being opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenRule {
    /// Another engine, in this process or another, has it open.
    #[error("it is held by {}", holder(*.pid))]
    Held {
        /// The process that holds it, if it could be read.
        pid: Option<u32>,
    },
    /// The directory it should be in does not exist.
    #[error("its directory does not exist")]
    NoDirectory,
    /// Something else than a file has its name.
    #[error("it is not a file")]
    NotAFile,
    /// It cannot be written: a read-only file or file system.
    #[error("it is read-only")]
    ReadOnly,
    /// The file is there but has no content. A new database is made only where no file is.
    #[error("the file is empty; restore it from a backup, or remove it to start anew")]
    Empty,
    /// The file is missing but its log is there.
    #[error("the file is missing while {} is there; restore it, or remove that too to start anew", .beside.display())]
    Missing {
        /// The log that was found.
        beside: PathBuf,
    },
    /// The file is not an SQLite database.
    #[error("it is not an SQLite database")]
    NotADatabase,
    /// The file is shorter than it says of itself.
    #[error("it was cut short: {found} bytes of {wanted}")]
    Truncated {
        /// Its length in bytes.
        found: u64,
        /// The length it should have.
        wanted: u64,
    },
    /// The file is an SQLite database of another program.
    #[error("it belongs to another program (application_id {found:#x}, wanted {wanted:#x})")]
    Foreign {
        /// The `application_id` in the file.
        found: i64,
        /// Chatter's.
        wanted: i64,
    },
    /// The file was written by a newer version.
    #[error("its schema has version {found}, this program knows versions up to {known}")]
    Newer {
        /// The `user_version` in the file.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// A setting did not take effect.
    #[error("`PRAGMA {name}` is {found}, it must be {wanted}")]
    Pragma {
        /// The setting.
        name: &'static str,
        /// What was set.
        wanted: String,
        /// What was read back.
        found: String,
    },
    /// The SQLite library is too old: its log can corrupt the database.
    #[error("SQLite {found} is too old, 3.51.3 or newer is needed")]
    OldSqlite {
        /// The version of the library.
        found: &'static str,
    },
    /// The file is damaged.
    #[error("it is damaged: {found}")]
    Damaged {
        /// What was found.
        found: String,
    },
    /// The schema could not be brought up to date.
    #[error("its schema cannot be brought up to date: {0}")]
    Migration(Box<refinery::Error>),
    /// SQLite failed otherwise.
    #[error("{0}")]
    Sqlite(rusqlite::Error),
    /// The operating system failed.
    #[error("{0}")]
    Io(io::Error),
    /// The connections for reading could not be made.
    #[error("no connection for reading: {0}")]
    Readers(String),
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another engine".into(), |pid| format!("another engine (process {pid})"))
}

impl OpenRule {
    pub(crate) fn at(self, path: &Path) -> OpenError {
        OpenError { path: path.to_owned(), rule: self }
    }
}

impl From<rusqlite::Error> for OpenRule {
    /// Damage gets its own name.
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { found: error.to_string() },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            _ => Self::Sqlite(error),
        }
    }
}

impl From<io::Error> for OpenRule {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::ReadOnlyFilesystem { Self::ReadOnly } else { Self::Io(error) }
    }
}

impl From<OpenError> for StoreError {
    /// For embedders who start an engine right after opening.
    fn from(error: OpenError) -> Self {
        let kind = match error.rule {
            OpenRule::Held { .. } => StoreErrorKind::Held,
            OpenRule::Newer { .. } | OpenRule::Foreign { .. } | OpenRule::OldSqlite { .. } => {
                StoreErrorKind::Unsupported
            }
            OpenRule::Readers(_) => StoreErrorKind::Retryable,
            OpenRule::NoDirectory
            | OpenRule::NotAFile
            | OpenRule::ReadOnly
            | OpenRule::Empty
            | OpenRule::Missing { .. }
            | OpenRule::NotADatabase
            | OpenRule::Truncated { .. }
            | OpenRule::Pragma { .. }
            | OpenRule::Damaged { .. }
            | OpenRule::Migration(_)
            | OpenRule::Sqlite(_)
            | OpenRule::Io(_) => StoreErrorKind::Fatal,
        };
        Self::new(kind, error)
    }
}
