//! One batch of the engine: one transaction.

use chatter_core::{Batch, Fence, Revision};
use rusqlite::Connection;

use crate::desk;
use crate::failure::Failure;
use crate::rows::{chat, entry, event, people};

/// Writes a batch, after the check that its sender still owns the desk and knows where it stands. The
/// check is part of the transaction, so nothing can come between it and the rows.
pub(crate) fn commit(conn: &Connection, fence: Fence, revision: Revision, batch: &Batch) -> Result<Revision, Failure> {
    let next = desk::advance(conn, fence, revision)?;
    let Batch { events, entries, rows, dedupe } = batch;
    for category in &rows.categories {
        people::set_category(conn, category)?;
    }
    for agent in &rows.agents {
        people::set_agent(conn, agent)?;
    }
    for chat in &rows.chats {
        chat::set(conn, chat)?;
    }
    for entry in entries {
        entry::add(conn, entry)?;
    }
    for (place, row) in dedupe.iter().enumerate() {
        entry::add_client_id(conn, next, place, row)?;
    }
    for event in events {
        event::add(conn, event)?;
    }
    Ok(next)
}
