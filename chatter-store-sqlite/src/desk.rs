//! The row of the desk: its name, history, fence and revision.

use chatter_core::{Acquired, DeskId, EventNo, Fence, HistoryId, Revision};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::failure::Failure;
use crate::rows::cells::{Cells, int};

const MAKE: &str = "INSERT INTO desk (id, name, history, fence, revision) VALUES (1, ?1, randomblob(16), 0, 0)
    ON CONFLICT (id) DO NOTHING";
const RAISE: &str = "UPDATE desk SET fence = fence + 1 WHERE id = 1 RETURNING fence, history";
const ADVANCE: &str = "UPDATE desk SET revision = revision + 1 WHERE id = 1 AND fence = ?1 AND revision = ?2";

/// The desk that a file keeps, none before the first was acquired.
pub(crate) fn kept(conn: &Connection) -> Result<Option<DeskId>, Failure> {
    let name: Option<String> =
        conn.prepare_cached("SELECT name FROM desk WHERE id = 1")?.query_row([], |row| row.get(0)).optional()?;
    name.map(|name| DeskId::new(&name).map_err(|_| Failure::Illegal { what: "desk" })).transpose()
}

/// Makes the desk if the file keeps none yet, and raises its fence.
pub(crate) fn acquire(conn: &Connection, desk: &DeskId) -> Result<Acquired, Failure> {
    conn.prepare_cached(MAKE)?.execute([desk.as_str()])?;
    match kept(conn)? {
        Some(kept) if kept != *desk => return Err(Failure::OtherDesk { kept }),
        _ => {}
    }
    let mut statement = conn.prepare_cached(RAISE)?;
    let mut rows = statement.query([])?;
    let row = rows.next()?.ok_or(Failure::Illegal { what: "desk" })?;
    let mut cells = Cells::new(row);
    let fence = Fence(cells.count("fence")?);
    let history = HistoryId(u128::from_be_bytes(cells.take()?));
    // A statement that returns rows has written only once it is read to its end.
    if rows.next()?.is_some() {
        return Err(Failure::Illegal { what: "desk" });
    }
    Ok(Acquired { fence, history })
}

/// Counts one commit, if the caller still owns the desk and stands where it stands.
pub(crate) fn advance(conn: &Connection, fence: Fence, revision: Revision) -> Result<Revision, Failure> {
    let (Ok(fence), Ok(at)) = (i64::try_from(fence.0), i64::try_from(revision.0)) else {
        return Err(Failure::Stale);
    };
    match conn.prepare_cached(ADVANCE)?.execute([fence, at])? {
        1 => Ok(revision.next()),
        _ => Err(Failure::Stale),
    }
}

/// The number of commits so far.
pub(crate) fn revision(conn: &Connection) -> Result<Revision, Failure> {
    let mut statement = conn.prepare_cached("SELECT revision FROM desk WHERE id = 1")?;
    let mut rows = statement.query([])?;
    rows.next()?.map_or(Ok(Revision(0)), |row| Cells::new(row).count("revision").map(Revision))
}

/// How far a reader of the events has come.
pub(crate) fn cursor(conn: &Connection, reader: &str) -> Result<EventNo, Failure> {
    let mut statement = conn.prepare_cached("SELECT at FROM cursors WHERE reader = ?1")?;
    let mut rows = statement.query([reader])?;
    rows.next()?.map_or(Ok(EventNo(0)), |row| Cells::new(row).count("at").map(EventNo))
}

/// Remembers how far a reader of the events has come.
pub(crate) fn set_cursor(conn: &Connection, reader: &str, at: EventNo) -> Result<(), Failure> {
    conn.prepare_cached(
        "INSERT INTO cursors (reader, at) VALUES (?1, ?2) ON CONFLICT (reader) DO UPDATE SET at = excluded.at",
    )?
    .execute(params![reader, int("at", at.0)?])?;
    Ok(())
}
