//! The thread that moves the log into the database file beside the writer.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::failure::Health;
use crate::wal::{Gauge, Mode};

/// Wakes the checkpointer. The thread ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Bell(SyncSender<()>);

impl Bell {
    /// One ring waiting is enough: a pass takes all there is.
    pub(crate) fn ring(&self) {
        let _ = self.0.try_send(());
    }
}

/// Starts the thread on a connection of its own.
pub(crate) fn start(conn: Connection, gauge: Arc<Gauge>, health: Arc<Health>) -> io::Result<(Bell, JoinHandle<()>)> {
    let (ring, rings) = sync_channel(1);
    let thread = std::thread::Builder::new()
        .name("chatter-checkpoint".into())
        .spawn(move || run(&conn, &rings, &gauge, &health))?;
    Ok((Bell(ring), thread))
}

fn run(conn: &Connection, rings: &Receiver<()>, gauge: &Gauge, health: &Health) {
    while rings.recv().is_ok() {
        if health.check().is_ok() {
            gauge.checkpoint(conn, Mode::Passive, health);
        }
    }
}
