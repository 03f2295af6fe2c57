//! Rows of client ids: the first result of each.

use std::sync::Arc;

use chatter_core::{AuthorKey, ChatId, ClientMsgId, DedupeRow, PublicSeq, Revision, Seq};
use rusqlite::{Connection, Row, params};

use crate::failure::Failure;
use crate::rows::cells::{Cells, author_key, int, int_opt};

const ADD: &str = "INSERT INTO client_ids (chat, author_kind, author, client_msg_id, used, body_hash, seq,
    public_seq, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// Bits of `used` for the place in a batch; what is left is enough for 2⁴³ commits.
const PLACE_BITS: u32 = 20;

/// Adds the client ids of the batch that makes this revision.
pub(crate) fn add_all(conn: &Connection, revision: Revision, rows: &[Arc<DedupeRow>]) -> Result<(), Failure> {
    let mut statement = conn.prepare_cached(ADD)?;
    for (place, row) in rows.iter().enumerate() {
        let (author_kind, author) = author_key(row.author)?;
        let used = used(revision, place).ok_or(Failure::Unstorable { what: "used" })?;
        statement.execute(params![
            int("chat", row.chat.0)?,
            author_kind,
            author,
            row.client_msg_id.as_str(),
            used,
            row.body_hash.cast_signed(),
            int("seq", row.seq.0)?,
            int_opt("public_seq", row.public_seq.map(|seq| seq.0))?,
            int("at", row.at.0)?,
        ])?;
    }
    Ok(())
}

/// One number that rises with every use of a client id.
fn used(revision: Revision, place: usize) -> Option<i64> {
    let (revision, place) = (i64::try_from(revision.0).ok()?, i64::try_from(place).ok()?);
    let fits = place < 1 << PLACE_BITS && revision < 1 << (63 - PLACE_BITS);
    fits.then_some(revision << PLACE_BITS | place)
}

/// The columns of a client id, in the order of [`read`].
macro_rules! select {
    ($from:literal) => {
        concat!(
            "SELECT chat, author_kind, author, client_msg_id, body_hash, seq, public_seq, at FROM client_ids ",
            $from
        )
    };
}
pub(crate) use select;

/// Reads the columns of `select!`, in its order.
pub(crate) fn read(row: &Row<'_>) -> Result<DedupeRow, Failure> {
    let mut cells = Cells::new(row);
    let chat = ChatId(cells.count("chat")?);
    let author: AuthorKey = cells.author_key()?;
    let client_msg_id =
        ClientMsgId::new(&cells.take::<String>()?).map_err(|_| Failure::Illegal { what: "client_msg_id" })?;
    Ok(DedupeRow {
        chat,
        author,
        client_msg_id,
        body_hash: cells.take::<i64>()?.cast_unsigned(),
        seq: Seq(cells.count("seq")?),
        public_seq: cells.count_opt("public_seq")?.map(PublicSeq),
        at: cells.time("at")?,
    })
}
