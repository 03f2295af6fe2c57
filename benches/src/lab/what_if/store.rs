//! Reading a store without touching it: one read transaction on a connection that cannot write. A server may be at work
//! on the file meanwhile.

use std::path::Path;

use chatter_core::desk::DeskSettings;
use chatter_core::{CategorySettings, Fact, Time};
use rusqlite::{Connection, OpenFlags};

use super::error::{WhatIfError, WhatIfRule};
use super::fold::Fold;
use super::recorded::{Recorded, RecordedCategory};
use crate::lab::record::Micros;

/// "ChTr", by which a store is known.
const APPLICATION_ID: i64 = 0x4368_5472;
/// The newest version of the schema that is known here. What is read here, each version before it has too, but for the
/// settings of categories; the third differs from the second only in numbers that are not read here.
pub(super) const VERSION: i64 = 3;

/// How long a desk keeps the place of a customer without a connection, if nobody has set it otherwise.
#[must_use]
pub fn usual_grace() -> Micros {
    Micros::try_from(DeskSettings::default().customer_grace.as_micros()).unwrap_or(Micros::MAX)
}

/// Reads the traffic of a store. A customer whose chat the desk ended because their connection was gone left
/// `customer_grace` before: the setting of the server that wrote the store, which the store does not know.
///
/// # Errors
/// A file that cannot be read, is no store, or in which nothing happened.
pub fn read(path: &Path, customer_grace: Micros) -> Result<Recorded, WhatIfError> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    read_all(path, name, customer_grace).map_err(|rule| WhatIfError { path: path.to_owned(), rule })
}

fn read_all(path: &Path, name: String, customer_grace: Micros) -> Result<Recorded, WhatIfRule> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.pragma_update(None, "query_only", true)?;
    conn.execute_batch("BEGIN")?;
    let number = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    match (number("application_id")?, number("user_version")?) {
        (APPLICATION_ID, version) if version <= VERSION => {}
        (APPLICATION_ID, found) => return Err(WhatIfRule::Newer { found, known: VERSION }),
        (other, _) => return Err(WhatIfRule::NotChatter(other)),
    }
    let mut fold = Fold::new(categories(&conn)?, customer_grace);
    let mut statement = conn.prepare("SELECT no, at, body FROM events ORDER BY no")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let at: i64 = row.get(1)?;
        let fact: Fact = serde_json::from_str(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?)
            .map_err(|source| WhatIfRule::Event { number, source })?;
        fold.fact(Time(u64::try_from(at).unwrap_or(0)), &fact);
    }
    let mut agents = conn.prepare("SELECT agent, name FROM agents")?;
    let mut rows = agents.query([])?;
    while let Some(row) = rows.next()? {
        fold.name(u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0), row.get(1)?);
    }
    fold.done(name)
}

fn categories(conn: &Connection) -> Result<Vec<RecordedCategory>, WhatIfRule> {
    // A store of the first version has no settings.
    let has_settings = conn.prepare("SELECT settings FROM categories LIMIT 0").is_ok();
    let settings = if has_settings { "settings" } else { "'{}'" };
    let mut statement =
        conn.prepare(&format!("SELECT category, name, {settings} FROM categories ORDER BY category"))?;
    let mut rows = statement.query([])?;
    let mut categories = Vec::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(2)?;
        let settings: CategorySettings = serde_json::from_str(&text)
            .map_err(|source| WhatIfRule::Row { what: "the settings of a category", source })?;
        categories.push(RecordedCategory { number: row.get(0)?, name: row.get(1)?, settings });
    }
    Ok(categories)
}
