//! The one connection that writes, and how its transactions end.

use std::path::PathBuf;
use std::sync::Arc;

use chatter_core::{StoreError, StoreErrorKind};
use rusqlite::Connection;

use crate::connect;
use crate::failure::{Failure, Health, Stage};
use crate::options::SqliteOptions;
use crate::wal::{Gauge, Marks, Mode, Step};

/// How long the writer waits for readers when the log has passed its last mark. Commits wait with it.
const FORCE_WAIT_MS: i32 = 250;

/// What the writer's thread owns.
#[derive(Debug)]
pub(crate) struct Pen {
    path: PathBuf,
    options: SqliteOptions,
    /// Absent after a failure that left its state in doubt, until the next transaction opens another.
    conn: Option<Connection>,
    marks: Marks,
    gauge: Arc<Gauge>,
    health: Arc<Health>,
}

impl Pen {
    pub(crate) fn new(
        path: PathBuf,
        options: SqliteOptions,
        mut conn: Connection,
        gauge: Arc<Gauge>,
        health: Arc<Health>,
    ) -> rusqlite::Result<Self> {
        gauge.watch(&mut conn)?;
        Ok(Self { path, marks: Marks::new(options.wal), options, conn: Some(conn), gauge, health })
    }

    /// Runs `work` in a transaction of its own, durable when this returns `Ok`. It takes the write lock
    /// at once: a transaction that first reads and then wants to write could be refused in the middle.
    pub(crate) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        self.health.check()?;
        let conn = self.connection()?;
        attempt(conn, work).map_err(|(stage, failure)| {
            let error = failure.into_error(stage);
            self.settle(error.kind());
            self.health.note(error)
        })
    }

    /// Does about the log what the newest commit made necessary. Called after its answer is on its way.
    pub(crate) fn tend_log(&mut self) -> Step {
        let Some(conn) = &self.conn else { return Step::Nothing };
        if self.health.check().is_err() {
            return Step::Nothing;
        }
        // While the checkpointer is at it, what is left is not known yet.
        let left = if self.gauge.is_moving() { u32::MAX } else { self.gauge.left() };
        let step = self.marks.step(self.gauge.pages(), left);
        match step {
            Step::Nothing | Step::Move => {}
            Step::Finish => self.gauge.checkpoint(conn, Mode::Passive, &self.health),
            Step::Force => self.force(conn),
        }
        step
    }

    /// Empties the log and ends the connection.
    pub(crate) fn close(self) {
        let Some(conn) = self.conn else { return };
        // After a failure for good nothing more is written, not even what looks harmless.
        if self.health.check().is_ok() {
            self.gauge.checkpoint(&conn, Mode::Truncate, &self.health);
        }
        if let Err((_, error)) = conn.close() {
            tracing::warn!(%error, "the writing connection did not close");
        }
    }

    fn force(&self, conn: &Connection) {
        let pages = self.gauge.pages();
        tracing::debug!(pages, "emptying the log between two commits");
        let waits = wait(conn, FORCE_WAIT_MS);
        self.gauge.checkpoint(conn, Mode::Truncate, &self.health);
        if let Err(error) = waits.and_then(|()| wait(conn, self.options.busy_timeout_ms())) {
            tracing::warn!(%error, "the wait for locks was not set");
        }
    }

    /// Leaves a connection that is not in a transaction, whatever the failure did to it; a new one where
    /// that, or its view of the log, is in doubt.
    fn settle(&mut self, kind: StoreErrorKind) {
        let Some(conn) = &self.conn else { return };
        let idle = conn.is_autocommit() || (conn.execute_batch("ROLLBACK").is_ok() && conn.is_autocommit());
        if !idle || kind == StoreErrorKind::UnknownOutcome {
            self.conn = None;
        }
    }

    fn connection(&mut self) -> Result<&Connection, StoreError> {
        if self.conn.is_none() {
            let opened = connect::writer(&self.path, &self.options).and_then(|mut conn| {
                self.gauge.watch(&mut conn)?;
                Ok(conn)
            });
            let conn = opened.map_err(|rule| self.health.note(rule.at(&self.path).into()))?;
            self.conn = Some(conn);
        }
        Ok(self.conn.as_ref().expect("it was just put there"))
    }
}

fn attempt<T>(conn: &Connection, work: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, (Stage, Failure)> {
    let before = |failure| (Stage::Before, failure);
    run(conn, "BEGIN IMMEDIATE").map_err(before)?;
    let value = work(conn).map_err(before)?;
    run(conn, "COMMIT").map_err(|failure| (Stage::Commit, failure))?;
    Ok(value)
}

fn run(conn: &Connection, sql: &str) -> Result<(), Failure> {
    conn.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// Sets how long to wait for locks.
fn wait(conn: &Connection, ms: i32) -> rusqlite::Result<()> {
    conn.pragma_update_and_check(None, "busy_timeout", ms, |_| Ok(()))
}
