//! Rows of entries and of client ids.

use chatter_core::{
    AgentId, Author, AuthorKey, Body, ChatId, ClientMsgId, CustomerId, DedupeRow, Entry, Name, PublicSeq, Revision,
    Seq, Text,
};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params};

use crate::failure::Failure;
use crate::rows::cells::{AGENT, CUSTOMER, Cells, SYSTEM, author_key, int, int_opt, json_of};

const ADD: &str = "INSERT INTO entries (chat, seq, public_seq, at, author_kind, author, author_name, to_name, kind,
    text, line) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

/// The columns of an entry, in the order of [`read`].
macro_rules! select {
    ($from:expr) => {
        concat!(
            "SELECT chat, seq, public_seq, at, author_kind, author, author_name, to_name, kind, text, line FROM entries ",
            $from
        )
    };
}
pub(crate) use select;

const ADD_CLIENT_ID: &str = "INSERT INTO client_ids (chat, author_kind, author, client_msg_id, used, body_hash, seq,
    public_seq, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// Bits of `used` for the place in a batch; what is left is enough for 2⁴³ commits.
const PLACE_BITS: u32 = 20;

const MESSAGE: &str = "message";
const NOTE: &str = "note";
const LINE: &str = "system";

pub(crate) fn add(conn: &Connection, entry: &Entry) -> Result<(), Failure> {
    let (author_kind, author) = match entry.author.key() {
        Some(key) => author_key(key)?,
        None => (SYSTEM, Value::Null),
    };
    let (kind, text, line) = match &entry.body {
        Body::Message { text } => (MESSAGE, Some(text.as_str()), None),
        Body::Note { text } => (NOTE, Some(text.as_str()), None),
        Body::System { line } => (LINE, None, Some(json_of("line", line)?)),
        _ => return Err(Failure::Unstorable { what: "body" }),
    };
    conn.prepare_cached(ADD)?.execute(params![
        int("chat", entry.chat.0)?,
        int("seq", entry.seq.0)?,
        int_opt("public_seq", entry.public_seq.map(|seq| seq.0))?,
        int("at", entry.at.0)?,
        author_kind,
        author,
        entry.author.name().map(Name::as_str),
        entry.to.as_ref().map(Name::as_str),
        kind,
        text,
        line,
    ])?;
    Ok(())
}

/// Reads the columns of `select!`, in its order.
pub(crate) fn read(row: &Row<'_>) -> Result<Entry, Failure> {
    let mut cells = Cells::new(row);
    Ok(Entry {
        chat: ChatId(cells.count("chat")?),
        seq: Seq(cells.count("seq")?),
        public_seq: cells.count_opt("public_seq")?.map(PublicSeq),
        at: cells.time("at")?,
        author: author(&mut cells)?,
        to: cells.name_opt("to_name")?,
        body: body(&mut cells)?,
    })
}

fn body(cells: &mut Cells<'_, '_>) -> Result<Body, Failure> {
    match cells.take::<String>()?.as_str() {
        MESSAGE => Ok(Body::Message { text: text(cells)? }),
        NOTE => Ok(Body::Note { text: text(cells)? }),
        LINE => {
            let _absent: Option<String> = cells.take()?;
            Ok(Body::System { line: cells.json("line")? })
        }
        _ => Err(Failure::Illegal { what: "kind" }),
    }
}

/// What a person wrote.
pub(crate) fn text(cells: &mut Cells<'_, '_>) -> Result<Text, Failure> {
    Text::new(&cells.take::<String>()?).map_err(|_| Failure::Illegal { what: "text" })
}

/// Kind, id and name of an author.
pub(crate) fn author(cells: &mut Cells<'_, '_>) -> Result<Author, Failure> {
    let kind: String = cells.take()?;
    match kind.as_str() {
        CUSTOMER => {
            let customer: CustomerId = cells.customer()?;
            Ok(Author::Customer { customer, name: cells.name("author_name")? })
        }
        AGENT => {
            let agent = AgentId(cells.count("author")?);
            Ok(Author::Agent { agent, name: cells.name("author_name")? })
        }
        SYSTEM => {
            let _absent: (Option<Value>, Option<Value>) = (cells.take()?, cells.take()?);
            Ok(Author::System)
        }
        _ => Err(Failure::Illegal { what: "author_kind" }),
    }
}

/// Adds the client id at this place of the batch that makes this revision.
pub(crate) fn add_client_id(
    conn: &Connection,
    revision: Revision,
    place: usize,
    row: &DedupeRow,
) -> Result<(), Failure> {
    let (author_kind, author) = author_key(row.author)?;
    let used = used(revision, place).ok_or(Failure::Unstorable { what: "used" })?;
    conn.prepare_cached(ADD_CLIENT_ID)?.execute(params![
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
    Ok(())
}

/// One number that rises with every use of a client id.
fn used(revision: Revision, place: usize) -> Option<i64> {
    let (revision, place) = (i64::try_from(revision.0).ok()?, i64::try_from(place).ok()?);
    let fits = place < 1 << PLACE_BITS && revision < 1 << (63 - PLACE_BITS);
    fits.then_some(revision << PLACE_BITS | place)
}

/// The columns of a client id, in the order of [`read_client_id`].
macro_rules! select_client_ids {
    ($from:literal) => {
        concat!(
            "SELECT chat, author_kind, author, client_msg_id, body_hash, seq, public_seq, at FROM client_ids ",
            $from
        )
    };
}
pub(crate) use select_client_ids;

/// Reads the columns of `select_client_ids!`, in its order.
pub(crate) fn read_client_id(row: &Row<'_>) -> Result<DedupeRow, Failure> {
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
