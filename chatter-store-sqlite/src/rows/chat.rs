//! Rows of chats and of the agents who took part in them.

use std::collections::BTreeSet;

use chatter_core::{
    AgentId, CategoryId, ChatId, ChatRecord, ChatState, ChatStatus, LastMessage, PublicSeq, Receipts, Seq, Subject,
    Time,
};
use rusqlite::{Connection, Row, params};

use crate::failure::Failure;
use crate::rows::cells::{Cells, int, int_opt, json_of, name_of};
use crate::rows::entry;

/// A row replaces the one of its chat, field by field: `INSERT OR REPLACE` would delete it in between.
const SET: &str = "INSERT INTO chats (chat, kind, customer, customer_name, category, subject, priority, status,
    agent, last_agent, episode, arrived_at, created_at, updated_at, ended_at, ended_by, end_reason, last_seq,
    last_public_seq, customer_delivered, customer_read, staff_delivered, staff_read, customer_unread, staff_unread,
    last_message_seq, client_ids)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
    ?24, ?25, ?26, ?27)
    ON CONFLICT (chat) DO UPDATE SET kind = excluded.kind, customer = excluded.customer,
    customer_name = excluded.customer_name, category = excluded.category, subject = excluded.subject,
    priority = excluded.priority, status = excluded.status, agent = excluded.agent,
    last_agent = excluded.last_agent, episode = excluded.episode, arrived_at = excluded.arrived_at,
    created_at = excluded.created_at, updated_at = excluded.updated_at, ended_at = excluded.ended_at,
    ended_by = excluded.ended_by, end_reason = excluded.end_reason, last_seq = excluded.last_seq,
    last_public_seq = excluded.last_public_seq, customer_delivered = excluded.customer_delivered,
    customer_read = excluded.customer_read, staff_delivered = excluded.staff_delivered,
    staff_read = excluded.staff_read, customer_unread = excluded.customer_unread,
    staff_unread = excluded.staff_unread, last_message_seq = excluded.last_message_seq,
    client_ids = excluded.client_ids";

/// The columns of a chat and, where it has one, of its last message, in the order of [`read`].
macro_rules! select {
    ($from:literal) => {
        concat!(
            "SELECT c.chat, c.kind, c.customer, c.customer_name, c.category, c.subject, c.priority, c.status, c.agent,
            c.ended_at, c.ended_by, c.end_reason, c.last_agent, c.episode, c.arrived_at, c.created_at, c.updated_at,
            c.last_seq, c.last_public_seq, c.customer_delivered, c.customer_read, c.staff_delivered, c.staff_read,
            c.customer_unread, c.staff_unread, c.client_ids, c.last_message_seq, e.public_seq, e.at, e.text,
            e.author_kind, e.author, e.author_name FROM chats c ",
            $from
        )
    };
}

/// Every chat that is not closed, by number. `INDEXED BY` makes it an error, not a slow start, if the
/// index of open chats could not serve.
pub(crate) const OPEN: &str = select!(
    "INDEXED BY chats_open LEFT JOIN entries e ON e.chat = c.chat AND e.seq = c.last_message_seq
    WHERE c.status <> 'closed' ORDER BY c.chat"
);

/// One chat.
pub(crate) const ONE: &str =
    select!("LEFT JOIN entries e ON e.chat = c.chat AND e.seq = c.last_message_seq WHERE c.chat = ?1");

/// Everyone who took part in a chat.
pub(crate) const PARTICIPANTS: &str = "SELECT agent FROM chat_agents WHERE chat = ?1 ORDER BY agent";

const ADD_PARTICIPANT: &str = "INSERT INTO chat_agents (chat, agent) VALUES (?1, ?2)";
const REMOVE_PARTICIPANT: &str = "DELETE FROM chat_agents WHERE chat = ?1 AND agent = ?2";

pub(crate) fn set(conn: &Connection, record: &ChatRecord) -> Result<(), Failure> {
    let (ended_at, ended_by, end_reason) = match record.end() {
        Some((at, by, reason)) => {
            (Some(int("ended_at", at.0)?), Some(name_of("ended_by", &by)?), Some(name_of("end_reason", &reason)?))
        }
        None => (None, None, None),
    };
    let chat = int("chat", record.chat.0)?;
    conn.prepare_cached(SET)?.execute(params![
        chat,
        name_of("kind", &record.kind)?,
        record.customer.0.to_be_bytes(),
        record.customer_name.as_str(),
        record.category.0,
        record.subject.as_ref().map(Subject::as_str),
        name_of("priority", &record.priority)?,
        name_of("status", &record.status())?,
        int_opt("agent", record.agent().map(|agent| agent.0))?,
        int_opt("last_agent", record.last_agent.map(|agent| agent.0))?,
        record.episode,
        int("arrived_at", record.arrived_at.0)?,
        int("created_at", record.created_at.0)?,
        int("updated_at", record.updated_at.0)?,
        ended_at,
        ended_by,
        end_reason,
        int("last_seq", record.last_seq.0)?,
        int("last_public_seq", record.last_public_seq.0)?,
        int("customer_delivered", record.customer_receipts.delivered.0)?,
        int("customer_read", record.customer_receipts.read.0)?,
        int("staff_delivered", record.staff_receipts.delivered.0)?,
        int("staff_read", record.staff_receipts.read.0)?,
        json_of("customer_unread", &record.customer_unread)?,
        json_of("staff_unread", &record.staff_unread)?,
        int_opt("last_message_seq", record.last_message.as_ref().map(|message| message.seq.0))?,
        int("client_ids", record.client_ids)?,
    ])?;
    set_participants(conn, chat, &record.agents)
}

/// Writes only what differs, which for nearly every commit is nothing.
fn set_participants(conn: &Connection, chat: i64, wanted: &BTreeSet<AgentId>) -> Result<(), Failure> {
    let present = participants(conn, chat)?;
    for agent in wanted.difference(&present) {
        conn.prepare_cached(ADD_PARTICIPANT)?.execute(params![chat, int("agent", agent.0)?])?;
    }
    for agent in present.difference(wanted) {
        conn.prepare_cached(REMOVE_PARTICIPANT)?.execute(params![chat, int("agent", agent.0)?])?;
    }
    Ok(())
}

fn participants(conn: &Connection, chat: i64) -> Result<BTreeSet<AgentId>, Failure> {
    let mut statement = conn.prepare_cached(PARTICIPANTS)?;
    let rows = statement.query_and_then([chat], |row| Cells::new(row).count("agent").map(AgentId))?;
    rows.collect()
}

/// Every chat that is not closed, by number.
pub(crate) fn open(conn: &Connection) -> Result<Vec<ChatRecord>, Failure> {
    let mut statement = conn.prepare_cached(OPEN)?;
    let rows = statement.query_and_then([], |row| read(conn, row))?;
    rows.collect()
}

/// One chat, closed ones too.
pub(crate) fn one(conn: &Connection, chat: ChatId) -> Result<Option<ChatRecord>, Failure> {
    // A number beyond SQLite's has no row.
    let Ok(chat) = i64::try_from(chat.0) else { return Ok(None) };
    let mut statement = conn.prepare_cached(ONE)?;
    let mut rows = statement.query([chat])?;
    rows.next()?.map(|row| read(conn, row)).transpose()
}

/// Reads the columns of `select!`, in its order.
fn read(conn: &Connection, row: &Row<'_>) -> Result<ChatRecord, Failure> {
    let mut cells = Cells::new(row);
    let chat = ChatId(cells.count("chat")?);
    Ok(ChatRecord {
        chat,
        kind: cells.named("kind")?,
        customer: cells.customer()?,
        customer_name: cells.name("customer_name")?,
        category: CategoryId(cells.small("category")?),
        subject: subject(&mut cells)?,
        priority: cells.named("priority")?,
        state: state(&mut cells)?,
        last_agent: cells.count_opt("last_agent")?.map(AgentId),
        agents: participants(conn, int("chat", chat.0)?)?,
        episode: cells.small("episode")?,
        arrived_at: cells.time("arrived_at")?,
        created_at: cells.time("created_at")?,
        updated_at: cells.time("updated_at")?,
        last_seq: Seq(cells.count("last_seq")?),
        last_public_seq: PublicSeq(cells.count("last_public_seq")?),
        customer_receipts: Receipts {
            delivered: PublicSeq(cells.count("customer_delivered")?),
            read: PublicSeq(cells.count("customer_read")?),
        },
        staff_receipts: Receipts {
            delivered: Seq(cells.count("staff_delivered")?),
            read: Seq(cells.count("staff_read")?),
        },
        customer_unread: cells.json("customer_unread")?,
        staff_unread: cells.json("staff_unread")?,
        client_ids: cells.count("client_ids")?,
        last_message: last_message(&mut cells)?,
    })
}

fn subject(cells: &mut Cells<'_, '_>) -> Result<Option<Subject>, Failure> {
    let text: Option<String> = cells.take()?;
    text.map(|text| Subject::new(&text).map_err(|_| Failure::Illegal { what: "subject" })).transpose()
}

fn state(cells: &mut Cells<'_, '_>) -> Result<ChatState, Failure> {
    let status: ChatStatus = cells.named("status")?;
    let agent = cells.count_opt("agent")?.map(AgentId);
    let end = (cells.count_opt("ended_at")?.map(Time), cells.named_opt("ended_by")?, cells.named_opt("end_reason")?);
    match (status, agent, end) {
        (ChatStatus::Open, None, (None, None, None)) => Ok(ChatState::Waiting),
        (ChatStatus::InProgress, Some(agent), (None, None, None)) => Ok(ChatState::Active { agent }),
        (ChatStatus::Resolved, None, (Some(at), Some(by), Some(reason))) => Ok(ChatState::Resolved { at, by, reason }),
        (ChatStatus::Closed, None, (Some(at), Some(by), Some(reason))) => Ok(ChatState::Closed { at, by, reason }),
        _ => Err(Failure::Illegal { what: "status" }),
    }
}

fn last_message(cells: &mut Cells<'_, '_>) -> Result<Option<LastMessage>, Failure> {
    let Some(seq) = cells.count_opt("last_message_seq")? else { return Ok(None) };
    // Absent when the row names a message that is not there, which is damage.
    let public_seq = cells.count_opt("public_seq")?.ok_or(Failure::Illegal { what: "last_message_seq" })?;
    Ok(Some(LastMessage {
        seq: Seq(seq),
        public_seq: PublicSeq(public_seq),
        at: cells.time("at")?,
        text: entry::text(cells)?,
        author: entry::author(cells)?,
    }))
}
