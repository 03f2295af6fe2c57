//! Rows of conversations of agents and of their members.

use std::collections::BTreeMap;

use chatter_core::{AgentId, ChatId, Receipts, Seq, TeamChatRecord, TeamMember, TeamMessage};
use rusqlite::{Connection, Row, params};

use crate::failure::Failure;
use crate::rows::cells::{Cells, int, int_opt, json_of};
use crate::rows::entry;

const SET: &str = "INSERT INTO team_chats (chat, created_at, updated_at, last_seq, last_message_seq, client_ids)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (chat) DO UPDATE SET created_at = ?2, updated_at = ?3, last_seq = ?4, last_message_seq = ?5,
    client_ids = ?6";

/// Writes the members who got further, and no others.
const SET_MEMBER: &str = "INSERT INTO team_members (chat, agent, delivered, read, unread) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (chat, agent) DO UPDATE SET delivered = ?3, read = ?4, unread = ?5
    WHERE delivered <> ?3 OR read <> ?4 OR unread <> ?5";

const REMOVE_MEMBER: &str = "DELETE FROM team_members WHERE chat = ?1 AND agent = ?2";

/// Every conversation with its last message, by number: as many as agents have begun, whatever was said in them.
pub(crate) const ALL: &str = "SELECT t.chat, t.created_at, t.updated_at, t.last_seq, t.client_ids, t.last_message_seq,
    e.at, e.text, e.author_kind, e.author, e.author_name
    FROM team_chats t LEFT JOIN entries e ON e.chat = t.chat AND e.seq = t.last_message_seq ORDER BY t.chat";

/// The members of one conversation.
pub(crate) const MEMBERS: &str =
    "SELECT agent, delivered, read, unread FROM team_members WHERE chat = ?1 ORDER BY agent";

pub(crate) fn set(conn: &Connection, record: &TeamChatRecord) -> Result<(), Failure> {
    let chat = int("chat", record.chat.0)?;
    conn.prepare_cached(SET)?.execute(params![
        chat,
        int("created_at", record.created_at.0)?,
        int("updated_at", record.updated_at.0)?,
        int("last_seq", record.last_seq.0)?,
        int_opt("last_message_seq", record.last_message.as_ref().map(|message| message.seq.0))?,
        int("client_ids", record.client_ids)?,
    ])?;
    for (agent, member) in &record.members {
        conn.prepare_cached(SET_MEMBER)?.execute(params![
            chat,
            int("agent", agent.0)?,
            int("delivered", member.receipts.delivered.0)?,
            int("read", member.receipts.read.0)?,
            json_of("unread", &member.unread)?,
        ])?;
    }
    for agent in members(conn, chat)?.keys().filter(|agent| !record.members.contains_key(agent)) {
        conn.prepare_cached(REMOVE_MEMBER)?.execute([chat, int("agent", agent.0)?])?;
    }
    Ok(())
}

/// Every conversation, by number.
pub(crate) fn all(conn: &Connection) -> Result<Vec<TeamChatRecord>, Failure> {
    let mut statement = conn.prepare_cached(ALL)?;
    let rows = statement.query_and_then([], |row| read(conn, row))?;
    rows.collect()
}

/// Reads the columns of [`ALL`], in its order.
fn read(conn: &Connection, row: &Row<'_>) -> Result<TeamChatRecord, Failure> {
    let mut cells = Cells::new(row);
    let chat = ChatId(cells.count("chat")?);
    Ok(TeamChatRecord {
        chat,
        members: members(conn, int("chat", chat.0)?)?,
        created_at: cells.time("created_at")?,
        updated_at: cells.time("updated_at")?,
        last_seq: Seq(cells.count("last_seq")?),
        client_ids: cells.count("client_ids")?,
        last_message: last_message(&mut cells)?,
    })
}

fn members(conn: &Connection, chat: i64) -> Result<BTreeMap<AgentId, TeamMember>, Failure> {
    let mut statement = conn.prepare_cached(MEMBERS)?;
    let rows = statement.query_and_then([chat], |row| {
        let mut cells = Cells::new(row);
        let agent = AgentId(cells.count("agent")?);
        let receipts = Receipts { delivered: Seq(cells.count("delivered")?), read: Seq(cells.count("read")?) };
        Ok((agent, TeamMember { receipts, unread: cells.json("unread")? }))
    })?;
    rows.collect()
}

fn last_message(cells: &mut Cells<'_, '_>) -> Result<Option<TeamMessage>, Failure> {
    let Some(seq) = cells.count_opt("last_message_seq")? else { return Ok(None) };
    // Absent when the row names a message that is not there, which is damage.
    let at = cells.count_opt("at")?.ok_or(Failure::Illegal { what: "last_message_seq" })?;
    let text = entry::text_opt(cells)?;
    Ok(Some(TeamMessage { seq: Seq(seq), at: chatter_core::Time(at), text, author: entry::author(cells)? }))
}
