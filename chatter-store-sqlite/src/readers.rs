//! The connections that read, as many at a time as there are.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chatter_core::{StoreError, StoreErrorKind};
use r2d2::{ManageConnection, Pool};
use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::connect;
use crate::failure::{Closed, Failure, Health, Stage};
use crate::open_error::{OpenError, OpenRule};
use crate::options::SqliteOptions;

/// How long to wait for a connection. One is free whenever a permit is, so this bounds only the making
/// of a new one in place of one that broke.
const CONNECT_WAIT: Duration = Duration::from_secs(5);

/// Makes and judges connections for the pool.
#[derive(Debug)]
struct Manager {
    path: PathBuf,
    options: SqliteOptions,
}

impl ManageConnection for Manager {
    type Connection = Connection;
    type Error = OpenError;

    fn connect(&self) -> Result<Connection, OpenError> {
        connect::reader(&self.path, &self.options).map_err(|rule| rule.at(&self.path))
    }

    fn is_valid(&self, conn: &mut Connection) -> Result<(), OpenError> {
        conn.execute_batch("SELECT 1").map_err(|error| OpenRule::from(error).at(&self.path))
    }

    /// One that comes back inside a transaction would pin the log.
    fn has_broken(&self, conn: &mut Connection) -> bool {
        !conn.is_autocommit()
    }
}

/// The pool and its doorkeeper: waiting happens at the semaphore, where it costs no thread.
#[derive(Debug)]
pub(crate) struct Readers {
    pool: RwLock<Option<Pool<Manager>>>,
    free: Arc<Semaphore>,
    health: Arc<Health>,
}

impl Readers {
    /// Opens all of them, so that a setting that does not take is known at the start.
    pub(crate) fn open(path: PathBuf, options: SqliteOptions, health: Arc<Health>) -> Result<Self, OpenRule> {
        let size = options.readers;
        let manager = Manager { path, options };
        // The pool gives errors as text; the first connection gives them with their rule.
        drop(manager.connect().map_err(|error| error.rule)?);
        let pool = Pool::builder()
            .max_size(size.get())
            .test_on_check_out(false)
            .max_lifetime(None)
            .idle_timeout(None)
            .connection_timeout(CONNECT_WAIT)
            .build(manager)
            .map_err(|error| OpenRule::Readers(error.to_string()))?;
        let permits = usize::try_from(size.get()).unwrap_or(Semaphore::MAX_PERMITS);
        Ok(Self { pool: RwLock::new(Some(pool)), free: Arc::new(Semaphore::new(permits)), health })
    }

    /// Does `work` on a thread for blocking work, inside one read transaction: it sees one state.
    pub(crate) async fn read<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        self.health.check()?;
        let permit = Arc::clone(&self.free).acquire_owned().await.map_err(|_| Closed)?;
        let pool = self.pool.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or(Closed)?;
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let conn = pool.get().map_err(|error| StoreError::new(StoreErrorKind::Retryable, error))?;
            in_snapshot(&conn, work).map_err(|failure| failure.into_error(Stage::Before))
        });
        match done.await {
            Ok(result) => result.map_err(|error| self.health.note(error)),
            // A mistake in one read is no damage; its connection went back to the pool or was thrown away.
            Err(panic) => Err(StoreError::new(StoreErrorKind::Retryable, panic)),
        }
    }

    /// Refuses reads from now on and closes the connections that are not reading.
    pub(crate) fn close(&self) {
        self.free.close();
        drop(self.pool.write().unwrap_or_else(PoisonError::into_inner).take());
    }
}

fn in_snapshot<T>(conn: &Connection, work: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
    let transaction = conn.unchecked_transaction()?;
    let value = work(&transaction)?;
    transaction.finish()?;
    Ok(value)
}
