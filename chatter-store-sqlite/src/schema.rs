//! The schema and how it is brought up to date: forward only, each step whole or not at all.

use rusqlite::Connection;

use crate::open_error::OpenRule;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// "ChTr": what `file` and other programs know our databases by. Set by the first migration.
pub(crate) const APPLICATION_ID: i64 = 0x4368_5472;

/// The version that the last migration sets. A file with a higher one is refused.
pub(crate) const VERSION: i64 = 3;

/// Applies the migrations that a database lacks. Those missing are applied in one transaction, so a
/// crash leaves the old version or the new one. One that was applied in another form is refused.
pub(crate) fn migrate(conn: &mut Connection) -> Result<(), OpenRule> {
    let found: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > VERSION {
        return Err(OpenRule::Newer { found, known: VERSION });
    }
    embedded::migrations::runner()
        .set_grouped(true)
        .set_abort_divergent(true)
        .set_abort_missing(true)
        .run(conn)
        .map_err(|error| OpenRule::Migration(Box::new(error)))?;
    let reached: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if reached == VERSION {
        Ok(())
    } else {
        Err(OpenRule::Pragma { name: "user_version", wanted: VERSION.to_string(), found: reached.to_string() })
    }
}
