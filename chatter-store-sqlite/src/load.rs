//! What a desk goes on from. Its cost follows the open chats and the conversations of agents: every statement
//! here finds its rows by an index or in a table that holds nothing else, which `tests/plans.rs` checks against
//! SQLite's own plans.

use std::sync::Arc;

use chatter_core::{ChatId, DedupeRow, Loaded, LoadedChat, LoadedTeamChat, Snapshot};
use rusqlite::Connection;

use crate::desk;
use crate::failure::Failure;
use crate::rows::cells::{Cells, int, limit};
use crate::rows::{chat, client_id, event, people, team_chat};

/// The newest client ids of a chat, newest first. It reads all ids of that one chat and keeps the newest:
/// an index in the order of use would cost every message a page, to save an occasional start a little.
pub(crate) const NEWEST_CLIENT_IDS: &str = client_id::select!("WHERE chat = ?1 ORDER BY used DESC LIMIT ?2");

/// The newest chat, closed ones too, or conversation of agents, found from the ends of the tables.
pub(crate) const LAST_CHAT: &str =
    "SELECT max(ifnull((SELECT max(chat) FROM chats), 0), ifnull((SELECT max(chat) FROM team_chats), 0))";

/// Reads all of it from one connection, inside one read transaction.
pub(crate) fn load(conn: &Connection) -> Result<Loaded, Failure> {
    let (last_event, last_event_at) = event::last(conn)?;
    let mut chats = Vec::new();
    for record in chat::open(conn)? {
        let dedupe = newest_client_ids(conn, record.chat)?;
        chats.push(LoadedChat { record, dedupe });
    }
    let mut team_chats = Vec::new();
    for record in team_chat::all(conn)? {
        let dedupe = newest_client_ids(conn, record.chat)?;
        team_chats.push(LoadedTeamChat { record, dedupe });
    }
    let snapshot = Snapshot {
        categories: people::categories(conn)?,
        agents: people::agents(conn)?,
        chats,
        team_chats,
        last_event,
        last_event_at,
        last_chat: last_chat(conn)?,
    };
    Ok(Loaded { snapshot, revision: desk::revision(conn)? })
}

fn newest_client_ids(conn: &Connection, chat: ChatId) -> Result<Vec<Arc<DedupeRow>>, Failure> {
    let mut statement = conn.prepare_cached(NEWEST_CLIENT_IDS)?;
    let newest = (int("chat", chat.0)?, limit(LoadedChat::DEDUPE_MAX));
    let rows = statement.query_and_then(newest, |row| client_id::read(row).map(Arc::new))?;
    let mut newest = rows.collect::<Result<Vec<_>, Failure>>()?;
    newest.reverse();
    Ok(newest)
}

fn last_chat(conn: &Connection) -> Result<ChatId, Failure> {
    let mut statement = conn.prepare_cached(LAST_CHAT)?;
    let mut rows = statement.query([])?;
    let Some(row) = rows.next()? else { return Ok(ChatId(0)) };
    Ok(ChatId(Cells::new(row).count("chat")?))
}
