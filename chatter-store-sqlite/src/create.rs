//! Making a new database: whole under another name first, then renamed. So a file under the real name
//! is always a complete database, and an empty one is always damage.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::files::beside;
use crate::open_error::OpenRule;
use crate::schema;

/// Makes a database where nothing is. Durable when it returns; a crash before leaves only a draft,
/// which the next attempt removes.
pub(crate) fn create(database: &Path) -> Result<(), OpenRule> {
    let draft = beside(database, ".new");
    for leftover in ["", "-wal", "-shm", "-journal"] {
        remove(&beside(&draft, leftover))?;
    }
    fill(&draft)?;
    File::open(&draft)?.sync_all()?;
    fs::rename(&draft, database)?;
    sync_directory(database)?;
    Ok(())
}

fn fill(draft: &Path) -> Result<(), OpenRule> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(draft, flags)?;
    schema::migrate(&mut conn)?;
    // Kept in the file. Closing the only connection moves the log into the file and removes it.
    conn.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    conn.close().map_err(|(_, error)| error.into())
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A new name is durable only once its directory is.
#[cfg(unix)]
fn sync_directory(database: &Path) -> io::Result<()> {
    database.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

/// Elsewhere directories cannot be synced; the file system's own journal keeps the name.
#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}
