//! One batch of the engine: one transaction.

use chatter_core::{Batch, Fence, Revision, Rows};
use rusqlite::Connection;

use crate::desk;
use crate::failure::Failure;
use crate::rows::{chat, client_id, entry, event, people, team_chat};

/// Writes a batch, after the check that its sender still owns the desk and knows where it stands. The
/// check is part of the transaction, so nothing can come between it and the rows.
pub(crate) fn commit(conn: &Connection, fence: Fence, revision: Revision, batch: &Batch) -> Result<Revision, Failure> {
    let next = desk::advance(conn, fence, revision)?;
    let Batch { events, entries, overwrites, rows, dedupe } = batch;
    let Rows { chats, agents, categories, team_chats } = rows;
    for category in categories {
        people::set_category(conn, category)?;
    }
    for agent in agents {
        people::set_agent(conn, agent)?;
    }
    chat::set_all(conn, chats)?;
    for team_chat in team_chats {
        team_chat::set(conn, team_chat)?;
    }
    entry::add_all(conn, entries)?;
    for overwrite in overwrites {
        entry::overwrite(conn, overwrite)?;
    }
    client_id::add_all(conn, next, dedupe)?;
    event::add_all(conn, events)?;
    Ok(next)
}
