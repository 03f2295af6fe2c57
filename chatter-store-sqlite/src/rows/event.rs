//! Rows of events: the number and the time to find them by, the rest as JSON.

use chatter_core::{Event, EventNo, Fact, Time};
use rusqlite::{Connection, Row, params};

use crate::failure::Failure;
use crate::rows::cells::{Cells, bound, int, json_of, limit};

/// The version of the JSON form. It is additive, so it changes only if an old form has to be told from
/// a new one.
const VERSION: i64 = 1;

const ADD: &str = "INSERT INTO events (no, at, version, body) VALUES (?1, ?2, ?3, ?4)";

/// A page of them.
pub(crate) const AFTER: &str = "SELECT no, at, version, body FROM events WHERE no > ?1 ORDER BY no LIMIT ?2";

/// The newest, found from the end of the table.
pub(crate) const LAST: &str = "SELECT no, at FROM events WHERE no = (SELECT max(no) FROM events)";

pub(crate) fn add_all(conn: &Connection, events: &[Event]) -> Result<(), Failure> {
    let mut statement = conn.prepare_cached(ADD)?;
    for event in events {
        let body = json_of("event", &event.fact)?;
        statement.execute(params![int("no", event.no.0)?, int("at", event.at.0)?, VERSION, body])?;
    }
    Ok(())
}

/// Up to `at_most` events above `after`, ascending.
pub(crate) fn after(conn: &Connection, after: EventNo, at_most: usize) -> Result<Vec<Event>, Failure> {
    let mut statement = conn.prepare_cached(AFTER)?;
    let rows = statement.query_and_then([bound(after.0), limit(at_most)], read)?;
    rows.collect()
}

fn read(row: &Row<'_>) -> Result<Event, Failure> {
    let mut cells = Cells::new(row);
    let no = EventNo(cells.count("no")?);
    let at = cells.time("at")?;
    if cells.take::<i64>()? != VERSION {
        return Err(Failure::Illegal { what: "events.version" });
    }
    let fact: Fact = cells.json("events.body")?;
    Ok(Event { no, at, fact })
}

/// Number and time of the newest event, zero before the first.
pub(crate) fn last(conn: &Connection) -> Result<(EventNo, Time), Failure> {
    let mut statement = conn.prepare_cached(LAST)?;
    let mut rows = statement.query([])?;
    let Some(row) = rows.next()? else { return Ok((EventNo(0), Time(0))) };
    let mut cells = Cells::new(row);
    Ok((EventNo(cells.count("no")?), cells.time("at")?))
}
