//! Rows of chats and of the agents who took part in them.

mod write;

use chatter_core::{
    AgentId, CategoryId, ChatId, ChatRecord, ChatState, ChatStatus, CustomerId, Few, LastMessage, PublicSeq, Receipts,
    Seq, Subject, Time,
};
use rusqlite::{Connection, Row, Statement};

use crate::failure::Failure;
use crate::rows::cells::{Cells, int};
use crate::rows::{entry, runs};

#[cfg(test)]
pub(crate) use write::CHANGE;
pub(crate) use write::set_all;

/// The columns of a chat and, where it has one, of its last message, in the order of [`read`].
macro_rules! select {
    ($from:literal) => {
        concat!(
            "SELECT c.chat, c.customer, c.customer_name, c.category, c.subject, c.priority, c.status, c.agent,
            c.ended_at, c.ended_by, c.end_reason, c.last_agent, c.joined, c.transfer_to, c.parked, c.replied,
            c.overflow, c.merged_into, c.merged_from, c.episode, c.arrived_at, c.created_at, c.updated_at,
            c.last_seq, c.last_public_seq, c.customer_delivered, c.customer_read, c.customer_delivered_seq,
            c.customer_read_seq, c.staff_delivered, c.staff_read, c.staff_delivered_public, c.staff_read_public,
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

/// Who last held the newest chat of a customer that has an agent. The index gives the chats of the customer, the
/// newest first, and the rows tell; what is read in vain are newer chats that nobody took.
pub(crate) const LAST_AGENT: &str = "SELECT last_agent FROM chats INDEXED BY chats_by_customer
    WHERE customer = ?1 AND last_agent IS NOT NULL ORDER BY chat DESC LIMIT 1";

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

/// Who last held the newest of a customer's chats that anybody held.
pub(crate) fn last_agent(conn: &Connection, customer: CustomerId) -> Result<Option<AgentId>, Failure> {
    let mut statement = conn.prepare_cached(LAST_AGENT)?;
    let mut rows = statement.query([customer.0.to_be_bytes()])?;
    rows.next()?.map(|row| Cells::new(row).count("last_agent").map(AgentId)).transpose()
}

fn participants(statement: &mut Statement<'_>, chat: i64) -> Result<Few<AgentId>, Failure> {
    let rows = statement.query_and_then([chat], |row| Cells::new(row).count("agent").map(AgentId))?;
    rows.collect()
}

/// Reads the columns of `select!`, in its order.
fn read(conn: &Connection, row: &Row<'_>) -> Result<ChatRecord, Failure> {
    let mut cells = Cells::new(row);
    let chat = ChatId(cells.count("chat")?);
    Ok(ChatRecord {
        chat,
        customer: cells.customer()?,
        customer_name: cells.name("customer_name")?,
        category: CategoryId(cells.small("category")?),
        subject: subject(&mut cells)?,
        priority: cells.named("priority")?,
        state: state(&mut cells)?,
        last_agent: cells.count_opt("last_agent")?.map(AgentId),
        agents: participants(&mut *conn.prepare_cached(PARTICIPANTS)?, int("chat", chat.0)?)?,
        joined: cells.json("joined")?,
        transfer_to: cells.count_opt("transfer_to")?.map(AgentId),
        parked: cells.take()?,
        replied: cells.take()?,
        overflow: cells.take()?,
        merged_into: cells.count_opt("merged_into")?.map(ChatId),
        merged_from: cells.json("merged_from")?,
        episode: cells.small("episode")?,
        arrived_at: cells.time("arrived_at")?,
        created_at: cells.time("created_at")?,
        updated_at: cells.time("updated_at")?,
        last_seq: Seq(cells.count("last_seq")?),
        last_public_seq: PublicSeq(cells.count("last_public_seq")?),
        customer_receipts: receipts(&mut cells, PublicSeq)?,
        customer_receipts_for_staff: receipts(&mut cells, Seq)?,
        staff_receipts: receipts(&mut cells, Seq)?,
        staff_receipts_for_customer: receipts(&mut cells, PublicSeq)?,
        customer_unread: runs::from_json("customer_unread", &cells.take::<String>()?)?,
        staff_unread: runs::from_json("staff_unread", &cells.take::<String>()?)?,
        client_ids: cells.count("client_ids")?,
        last_message: last_message(&mut cells)?,
    })
}

fn receipts<N>(cells: &mut Cells<'_, '_>, number: fn(u64) -> N) -> Result<Receipts<N>, Failure> {
    Ok(Receipts { delivered: number(cells.count("delivered")?), read: number(cells.count("read")?) })
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
        (ChatStatus::Open, Some(agent), (None, None, None)) => Ok(ChatState::Offered { agent }),
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
        text: entry::text_opt(cells)?,
        author: entry::author(cells)?,
    }))
}
