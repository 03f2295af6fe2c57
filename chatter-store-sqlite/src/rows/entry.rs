//! Rows of entries.

use chatter_core::{
    AgentId, Author, Body, ChatId, CustomerId, Entry, EntryKind, Name, Overwrite, PublicSeq, Seq, SystemLine, Text,
    Time,
};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, Statement, params};

use crate::failure::Failure;
use crate::rows::cells::{AGENT, CUSTOMER, Cells, SYSTEM, author_key, int, int_opt, json_of};

const ADD: &str = "INSERT INTO entries (chat, seq, public_seq, at, author_kind, author, author_name, to_name, kind,
    text, line, target, public_target, edited_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";

/// A column that the new form does not use becomes null, so of an old text nothing is left.
const OVERWRITE: &str = "UPDATE entries SET kind = ?3, text = ?4, line = ?5, target = ?6, public_target = ?7,
    edited_at = ?8 WHERE chat = ?1 AND seq = ?2";

/// The columns of an entry, in the order of [`read`].
macro_rules! select {
    ($from:expr) => {
        concat!(
            "SELECT chat, seq, public_seq, at, author_kind, author, author_name, to_name, edited_at, kind, text, line,
            target, public_target FROM entries ",
            $from
        )
    };
}
pub(crate) use select;

/// What an entry says, in columns. What is left of a deleted one is its kind alone.
struct Content<'a> {
    kind: &'static str,
    text: Option<&'a str>,
    line: Option<String>,
    target: Option<i64>,
    public_target: Option<i64>,
}

impl<'a> Content<'a> {
    fn of(body: &'a Body) -> Result<Self, Failure> {
        let kind = kind(body.kind())?;
        let (line, target, public_target) = match body {
            Body::Message { .. } | Body::Note { .. } | Body::Whisper { .. } | Body::Deleted { .. } => {
                (None, None, None)
            }
            Body::System { line } => (Some(json_of("line", line)?), None, None),
            Body::Edit { target, public_target } | Body::Deletion { target, public_target } => {
                (None, Some(int("target", target.0)?), int_opt("public_target", public_target.map(|target| target.0))?)
            }
            _ => return Err(Failure::Unstorable { what: "body" }),
        };
        Ok(Self { kind, text: body.text().map(Text::as_str), line, target, public_target })
    }
}

const MESSAGE: &str = "message";
const NOTE: &str = "note";
const WHISPER: &str = "whisper";
const EDIT: &str = "edit";
const DELETION: &str = "deletion";
const LINE: &str = "system";

fn kind(kind: EntryKind) -> Result<&'static str, Failure> {
    match kind {
        EntryKind::Message => Ok(MESSAGE),
        EntryKind::Note => Ok(NOTE),
        EntryKind::Whisper => Ok(WHISPER),
        EntryKind::Edit => Ok(EDIT),
        EntryKind::Deletion => Ok(DELETION),
        EntryKind::System => Ok(LINE),
        _ => Err(Failure::Unstorable { what: "kind" }),
    }
}

/// Adds new entries, many a commit: the statement is looked up once for all of them.
pub(crate) fn add_all(conn: &Connection, entries: &[Entry]) -> Result<(), Failure> {
    let mut statement = conn.prepare_cached(ADD)?;
    entries.iter().try_for_each(|entry| add(&mut statement, entry))
}

fn add(statement: &mut Statement<'_>, entry: &Entry) -> Result<(), Failure> {
    let (author_kind, author) = match entry.author.key() {
        Some(key) => author_key(key)?,
        None => (SYSTEM, Value::Null),
    };
    let Content { kind, text, line, target, public_target } = Content::of(&entry.body)?;
    statement.execute(params![
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
        target,
        public_target,
        int_opt("edited_at", entry.edited_at.map(|at| at.0))?,
    ])?;
    Ok(())
}

/// Puts the new form of an entry in the place of the old one.
pub(crate) fn overwrite(conn: &Connection, overwrite: &Overwrite) -> Result<(), Failure> {
    let Content { kind, text, line, target, public_target } = Content::of(&overwrite.body)?;
    conn.prepare_cached(OVERWRITE)?.execute(params![
        int("chat", overwrite.chat.0)?,
        int("seq", overwrite.seq.0)?,
        kind,
        text,
        line,
        target,
        public_target,
        int_opt("edited_at", overwrite.edited_at.map(|at| at.0))?,
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
        edited_at: cells.count_opt("edited_at")?.map(Time),
        body: body(&mut cells)?,
    })
}

fn body(cells: &mut Cells<'_, '_>) -> Result<Body, Failure> {
    let kind: String = cells.take()?;
    let text = text_opt(cells)?;
    let line: Option<SystemLine> = cells.json_opt("line")?;
    let target = cells.count_opt("target")?.map(Seq);
    let public_target = cells.count_opt("public_target")?.map(PublicSeq);
    let was = match (kind.as_str(), text, line, target) {
        (MESSAGE, Some(text), None, None) => return Ok(Body::Message { text }),
        (NOTE, Some(text), None, None) => return Ok(Body::Note { text }),
        (WHISPER, Some(text), None, None) => return Ok(Body::Whisper { text }),
        (LINE, None, Some(line), None) => return Ok(Body::System { line }),
        (EDIT, None, None, Some(target)) => return Ok(Body::Edit { target, public_target }),
        (DELETION, None, None, Some(target)) => return Ok(Body::Deletion { target, public_target }),
        (MESSAGE, None, None, None) => EntryKind::Message,
        (NOTE, None, None, None) => EntryKind::Note,
        (WHISPER, None, None, None) => EntryKind::Whisper,
        (LINE, None, None, None) => EntryKind::System,
        (EDIT, None, None, None) => EntryKind::Edit,
        (DELETION, None, None, None) => EntryKind::Deletion,
        _ => return Err(Failure::Illegal { what: "kind" }),
    };
    Ok(Body::Deleted { was })
}

/// What a person wrote, null once it was deleted.
pub(crate) fn text_opt(cells: &mut Cells<'_, '_>) -> Result<Option<Text>, Failure> {
    let text: Option<String> = cells.take()?;
    text.map(|text| Text::new(&text).map_err(|_| Failure::Illegal { what: "text" })).transpose()
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
