//! Pages of entries and single client ids, for sessions.

use chatter_core::{Audience, AuthorKey, ChatId, ClientMsgId, DedupeRow, Entry, Page, PageEnd};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::rows::cells::{author_key, bound, limit};
use crate::rows::client_id;
use crate::rows::entry::{read, select};

/// Entries by public number, found by staff number. The two differ by the notes before an entry, so a
/// public number is never above its staff number, and never below it by more than the notes up to the
/// last public entry. What is read in vain is at most the notes of the chat.
macro_rules! customer {
    ($order:literal) => {
        select!(concat!(
            "WHERE chat = ?1 AND seq > ?2 AND seq <= ?3 + (SELECT seq - public_seq FROM entries WHERE chat = ?1
            AND public_seq IS NOT NULL ORDER BY seq DESC LIMIT 1) AND public_seq > ?2 AND public_seq <= ?3 ",
            $order
        ))
    };
}

pub(crate) const STAFF_OLDEST: &str = select!("WHERE chat = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4");
pub(crate) const STAFF_NEWEST: &str = select!("WHERE chat = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq DESC LIMIT ?4");
pub(crate) const CUSTOMER_OLDEST: &str = customer!("ORDER BY seq LIMIT ?4");
pub(crate) const CUSTOMER_NEWEST: &str = customer!("ORDER BY seq DESC LIMIT ?4");
pub(crate) const CLIENT_ID: &str =
    client_id::select!("WHERE chat = ?1 AND author_kind = ?2 AND author = ?3 AND client_msg_id = ?4");

/// A page, ascending from either end. For customers a note has no number, so it cannot be found.
pub(crate) fn entries(conn: &Connection, chat: ChatId, page: Page) -> Result<Vec<Entry>, Failure> {
    let Ok(chat) = i64::try_from(chat.0) else { return Ok(Vec::new()) };
    let (sql, after, up_to) = match (page.audience, page.end) {
        (Audience::Staff { after, up_to }, PageEnd::Oldest) => (STAFF_OLDEST, after.0, up_to.0),
        (Audience::Staff { after, up_to }, PageEnd::Newest) => (STAFF_NEWEST, after.0, up_to.0),
        (Audience::Customer { after, up_to }, PageEnd::Oldest) => (CUSTOMER_OLDEST, after.0, up_to.0),
        (Audience::Customer { after, up_to }, PageEnd::Newest) => (CUSTOMER_NEWEST, after.0, up_to.0),
    };
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_and_then([chat, bound(after), bound(up_to), limit(page.limit)], read)?;
    let mut entries = rows.collect::<Result<Vec<_>, Failure>>()?;
    if page.end == PageEnd::Newest {
        entries.reverse();
    }
    Ok(entries)
}

/// The first result of a client id.
pub(crate) fn client_id(
    conn: &Connection,
    chat: ChatId,
    author: AuthorKey,
    client_msg_id: &ClientMsgId,
) -> Result<Option<DedupeRow>, Failure> {
    let Ok(chat) = i64::try_from(chat.0) else { return Ok(None) };
    let (author_kind, author) = author_key(author)?;
    let mut statement = conn.prepare_cached(CLIENT_ID)?;
    let mut rows = statement.query(params![chat, author_kind, author, client_msg_id.as_str()])?;
    rows.next()?.map(client_id::read).transpose()
}
