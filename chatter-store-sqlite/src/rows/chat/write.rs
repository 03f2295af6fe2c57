//! Writing the row of a chat, which nearly every commit does.

use chatter_core::{AgentId, ChatRecord, Few, Subject};
use rusqlite::{Connection, Statement, ToSql, params};

use crate::failure::Failure;
use crate::rows::cells::{int, int_opt, json_of, name_of};
use crate::rows::runs;

/// What no index looks at, so that changing it touches one page.
macro_rules! unindexed {
    () => {
        "customer_name = ?4, category = ?5, subject = ?6, priority = ?7, agent = ?8, last_agent = ?9, joined = ?10,
        transfer_to = ?11, parked = ?12, replied = ?13, overflow = ?14, merged_into = ?15, merged_from = ?16,
        episode = ?17, arrived_at = ?18, created_at = ?19, updated_at = ?20, ended_at = ?21, ended_by = ?22,
        end_reason = ?23, last_seq = ?24, last_public_seq = ?25, customer_delivered = ?26, customer_read = ?27,
        customer_delivered_seq = ?28, customer_read_seq = ?29, staff_delivered = ?30, staff_read = ?31,
        staff_delivered_public = ?32, staff_read_public = ?33, customer_unread = ?34, staff_unread = ?35,
        last_message_seq = ?36, client_ids = ?37"
    };
}

/// The usual case: the chat is there and its status stays. SQLite writes the entries of an index again as
/// soon as a statement sets one of its columns, whatever the value, so a statement of its own leaves them
/// alone.
pub(crate) const CHANGE: &str =
    concat!("UPDATE chats SET ", unindexed!(), " WHERE chat = ?1 AND customer = ?2 AND status = ?3");

/// A new chat or another status. A row replaces the one of its chat field by field: `INSERT OR REPLACE` would
/// delete it in between.
const SET: &str = concat!(
    "INSERT INTO chats (chat, customer, status, customer_name, category, subject, priority, agent, last_agent, joined,
    transfer_to, parked, replied, overflow, merged_into, merged_from, episode, arrived_at, created_at, updated_at,
    ended_at, ended_by, end_reason, last_seq, last_public_seq, customer_delivered, customer_read,
    customer_delivered_seq, customer_read_seq, staff_delivered, staff_read, staff_delivered_public, staff_read_public,
    customer_unread, staff_unread, last_message_seq, client_ids)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
    ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37)
    ON CONFLICT (chat) DO UPDATE SET status = ?3, ",
    unindexed!(),
    " WHERE customer = ?2"
);

/// A chat of another customer. No desk does that, but a row replaces all of the one before.
const GIVE_TO: &str = "UPDATE chats SET customer = ?2 WHERE chat = ?1";

const ADD_PARTICIPANT: &str = "INSERT INTO chat_agents (chat, agent) VALUES (?1, ?2)";
const REMOVE_PARTICIPANT: &str = "DELETE FROM chat_agents WHERE chat = ?1 AND agent = ?2";

/// Writes the rows of chats; the statements that nearly all of them need are looked up once.
pub(crate) fn set_all(conn: &Connection, records: &[ChatRecord]) -> Result<(), Failure> {
    let (mut change, mut present) = (conn.prepare_cached(CHANGE)?, conn.prepare_cached(super::PARTICIPANTS)?);
    for record in records {
        set(conn, &mut change, record)?;
        let chat = int("chat", record.chat.0)?;
        set_participants(conn, chat, &super::participants(&mut present, chat)?, &record.agents)?;
    }
    Ok(())
}

fn set(conn: &Connection, change: &mut Statement<'_>, record: &ChatRecord) -> Result<(), Failure> {
    let End { at: ended_at, by: ended_by, reason: end_reason } = End::of(record)?;
    let chat = int("chat", record.chat.0)?;
    let customer = record.customer.0.to_be_bytes();
    put(
        conn,
        change,
        params![
            chat,
            customer,
            name_of("status", &record.status())?,
            record.customer_name.as_str(),
            record.category.0,
            record.subject.as_ref().map(Subject::as_str),
            name_of("priority", &record.priority)?,
            int_opt("agent", record.agent().or_else(|| record.offered_to()).map(|agent| agent.0))?,
            int_opt("last_agent", record.last_agent.map(|agent| agent.0))?,
            json_of("joined", &record.joined)?,
            int_opt("transfer_to", record.transfer_to.map(|agent| agent.0))?,
            record.parked,
            record.replied,
            record.overflow,
            int_opt("merged_into", record.merged_into.map(|chat| chat.0))?,
            json_of("merged_from", &record.merged_from)?,
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
            int("customer_delivered_seq", record.customer_receipts_for_staff.delivered.0)?,
            int("customer_read_seq", record.customer_receipts_for_staff.read.0)?,
            int("staff_delivered", record.staff_receipts.delivered.0)?,
            int("staff_read", record.staff_receipts.read.0)?,
            int("staff_delivered_public", record.staff_receipts_for_customer.delivered.0)?,
            int("staff_read_public", record.staff_receipts_for_customer.read.0)?,
            runs::to_json("customer_unread", &record.customer_unread)?,
            runs::to_json("staff_unread", &record.staff_unread)?,
            int_opt("last_message_seq", record.last_message.as_ref().map(|message| message.seq.0))?,
            int("client_ids", record.client_ids)?,
        ],
    )
}

/// Runs the cheapest statement that does it.
fn put(conn: &Connection, change: &mut Statement<'_>, values: &[&dyn ToSql]) -> Result<(), Failure> {
    if change.execute(values)? == 1 || conn.prepare_cached(SET)?.execute(values)? == 1 {
        return Ok(());
    }
    conn.prepare_cached(GIVE_TO)?.execute(&values[..2])?;
    conn.prepare_cached(SET)?.execute(values)?;
    Ok(())
}

/// When, by whom and why a chat was ended, if it is.
#[derive(Default)]
struct End {
    at: Option<i64>,
    by: Option<String>,
    reason: Option<String>,
}

impl End {
    fn of(record: &ChatRecord) -> Result<Self, Failure> {
        let Some((at, by, reason)) = record.end() else { return Ok(Self::default()) };
        Ok(Self {
            at: Some(int("ended_at", at.0)?),
            by: Some(name_of("ended_by", &by)?),
            reason: Some(name_of("end_reason", &reason)?),
        })
    }
}

/// Writes only what differs, which for nearly every commit is nothing.
fn set_participants(
    conn: &Connection,
    chat: i64,
    present: &Few<AgentId>,
    wanted: &Few<AgentId>,
) -> Result<(), Failure> {
    for agent in &wanted.without(present) {
        conn.prepare_cached(ADD_PARTICIPANT)?.execute(params![chat, int("agent", agent.0)?])?;
    }
    for agent in &present.without(wanted) {
        conn.prepare_cached(REMOVE_PARTICIPANT)?.execute(params![chat, int("agent", agent.0)?])?;
    }
    Ok(())
}
