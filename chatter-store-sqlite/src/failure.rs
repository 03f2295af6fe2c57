//! What a failed call means: from SQLite's codes to the kinds that the engine acts on.

use std::sync::OnceLock;

use chatter_core::{DeskId, StoreError, StoreErrorKind};
use rusqlite::{ErrorCode, ffi};

/// Why a call failed, before it is given a kind.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error("`{what}` in the database is not legal")]
    Illegal { what: &'static str },
    #[error("`{what}` cannot be stored")]
    Unstorable { what: &'static str },
    #[error("the file keeps the desk `{kept}`")]
    OtherDesk { kept: DeskId },
    #[error("the fence or the revision is not the current one")]
    Stale,
}

/// How far a transaction had come when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Before its COMMIT: whatever happened, nothing of it can ever be read.
    Before,
    /// In its COMMIT.
    Commit,
}

impl Failure {
    /// The kind of this failure.
    ///
    /// Before COMMIT the log holds no commit mark, so nothing of the transaction can come back and the
    /// only question is whether the store still works.
    ///
    /// In COMMIT the mark may have reached the log although an error was returned. The connection being
    /// back in autocommit proves nothing: SQLite ends the transaction in its own index and leaves the
    /// frames, which a later recovery would take for committed. So only errors raised before the mark is
    /// written whole count as "nothing changed": `SQLITE_FULL` (the mark is the last thing written, and
    /// after it nothing can be full, as no checkpoint runs in a commit) and `SQLITE_BUSY`/`LOCKED`
    /// (no lock, no write). An I/O error is fatal wherever it comes from, above all a failed sync: the
    /// kernel may have dropped the pages and would report success the next time. What is left (memory,
    /// the shared index) leaves the outcome open.
    pub(crate) fn kind(&self, stage: Stage) -> StoreErrorKind {
        match self {
            Self::Sqlite(error) => sqlite_kind(error, stage),
            Self::Illegal { .. } => StoreErrorKind::Fatal,
            Self::Unstorable { .. } | Self::OtherDesk { .. } => StoreErrorKind::Unsupported,
            Self::Stale => StoreErrorKind::Stale,
        }
    }

    /// As an error of the core.
    pub(crate) fn into_error(self, stage: Stage) -> StoreError {
        StoreError::new(self.kind(stage), self)
    }
}

fn sqlite_kind(error: &rusqlite::Error, stage: Stage) -> StoreErrorKind {
    let rusqlite::Error::SqliteFailure(cause, _) = error else {
        // The binding itself, or a value of another type than the schema allows.
        return StoreErrorKind::Fatal;
    };
    let open = match stage {
        Stage::Before => StoreErrorKind::Retryable,
        Stage::Commit => StoreErrorKind::UnknownOutcome,
    };
    match cause.code {
        ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreErrorKind::Retryable,
        ErrorCode::ConstraintViolation => StoreErrorKind::Conflict,
        // The file was moved away or replaced under us: what is written goes nowhere.
        ErrorCode::ReadOnly if cause.extended_code == ffi::SQLITE_READONLY_DBMOVED => StoreErrorKind::Fatal,
        ErrorCode::ReadOnly | ErrorCode::CannotOpen => StoreErrorKind::Retryable,
        ErrorCode::OutOfMemory | ErrorCode::OperationInterrupted => open,
        ErrorCode::SystemIoFailure => match cause.extended_code {
            // Memory, or room for the shared index; not the database and not its log.
            ffi::SQLITE_IOERR_NOMEM
            | ffi::SQLITE_IOERR_SHMOPEN
            | ffi::SQLITE_IOERR_SHMSIZE
            | ffi::SQLITE_IOERR_SHMMAP => open,
            _ => StoreErrorKind::Fatal,
        },
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreErrorKind::Fatal,
        // Mistakes in this crate, in the library or in the build: trying again would not help.
        ErrorCode::InternalMalfunction
        | ErrorCode::PermissionDenied
        | ErrorCode::OperationAborted
        | ErrorCode::NotFound
        | ErrorCode::FileLockingProtocolFailed
        | ErrorCode::SchemaChanged
        | ErrorCode::TooBig
        | ErrorCode::TypeMismatch
        | ErrorCode::ApiMisuse
        | ErrorCode::NoLargeFileSupport
        | ErrorCode::AuthorizationForStatementDenied
        | ErrorCode::ParameterOutOfRange
        | ErrorCode::Unknown
        | _ => StoreErrorKind::Fatal,
    }
}

/// What a call gets after the store was closed, or its thread is gone.
#[derive(Debug, thiserror::Error)]
#[error("the store is closed")]
pub(crate) struct Closed;

impl From<Closed> for StoreError {
    fn from(closed: Closed) -> Self {
        Self::new(StoreErrorKind::Fatal, closed)
    }
}

/// Whether the store may still be used. Once it has failed for good every later call says so: an engine
/// that goes on, or a sync that is tried again, would acknowledge what is not on the disk.
#[derive(Debug, Default)]
pub(crate) struct Health {
    failed: OnceLock<String>,
}

/// What every call gets after a failure for good.
#[derive(Debug, thiserror::Error)]
#[error("the store failed before: {0}")]
struct FailedBefore(String);

impl Health {
    /// Notes an error on its way out; one that is fatal ends the store.
    pub(crate) fn note(&self, error: StoreError) -> StoreError {
        if error.kind() == StoreErrorKind::Fatal {
            self.fail(&cause_of(&error));
        }
        error
    }

    /// Ends the store.
    pub(crate) fn fail(&self, cause: &str) {
        if self.failed.set(cause.to_owned()).is_ok() {
            tracing::error!(cause, "the store failed for good");
        }
    }

    /// Refuses a call of a store that has ended.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        self.failed
            .get()
            .map_or(Ok(()), |cause| Err(StoreError::new(StoreErrorKind::Fatal, FailedBefore(cause.clone()))))
    }
}

fn cause_of(error: &StoreError) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}
