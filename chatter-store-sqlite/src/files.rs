//! What is known about a database before SQLite touches it. SQLite takes an empty file for a new
//! database and would write into whatever it can open; Chatter makes one only where nothing is.
//!
//! Called only under the lock of the database: closing a file that SQLite has open in the same
//! process would drop SQLite's locks on it.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::open_error::OpenRule;
use crate::schema::APPLICATION_ID;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What was found at a database's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing, and no trace of anything.
    Nothing,
    /// A database of Chatter, as far as its first page tells.
    Database,
}

/// `database` with something added to its name, as SQLite does for its log.
pub(crate) fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The one name of a database, so that two ways to write it meet at one lock.
pub(crate) fn resolve(path: &Path) -> Result<PathBuf, OpenRule> {
    match fs::canonicalize(path) {
        Ok(real) => return Ok(real),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    let name = path.file_name().ok_or(OpenRule::NotAFile)?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    match fs::canonicalize(directory.unwrap_or_else(|| Path::new("."))) {
        Ok(directory) => Ok(directory.join(name)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(OpenRule::NoDirectory),
        Err(error) => Err(error.into()),
    }
}

/// Looks at what is there and refuses everything that is neither nothing nor a database of Chatter.
pub(crate) fn inspect(database: &Path) -> Result<Found, OpenRule> {
    let metadata = match fs::metadata(database) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return nothing(database),
        Err(error) => return Err(error.into()),
    };
    if !metadata.is_file() {
        return Err(OpenRule::NotAFile);
    }
    if metadata.len() == 0 {
        return Err(OpenRule::Empty);
    }
    let mut header = [0; 100];
    match File::open(database)?.read_exact(&mut header) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(OpenRule::NotADatabase),
        Err(error) => return Err(error.into()),
    }
    check_header(&header, metadata.len(), length(&beside(database, "-wal"))?)?;
    Ok(Found::Database)
}

/// A log without its database is a database that was lost, not a place for a new one.
fn nothing(database: &Path) -> Result<Found, OpenRule> {
    for suffix in ["-wal", "-journal"] {
        let log = beside(database, suffix);
        if length(&log)? > 0 {
            return Err(OpenRule::Missing { beside: log });
        }
    }
    Ok(Found::Nothing)
}

fn check_header(header: &[u8; 100], len: u64, wal_len: u64) -> Result<(), OpenRule> {
    if !header.starts_with(MAGIC) {
        return Err(OpenRule::NotADatabase);
    }
    // Set when the database is made and moved out of the log before the file gets its name, so the
    // first page tells it whatever the log holds.
    let found = i64::from(big_endian(header, 68));
    if found != APPLICATION_ID {
        return Err(OpenRule::Foreign { found, wanted: APPLICATION_ID });
    }
    // While there is a log, the rest of the file may still be in it.
    let page_size = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let wanted = u64::from(big_endian(header, 28)) * page_size;
    if wal_len == 0 && len < wanted {
        return Err(OpenRule::Truncated { found: len, wanted });
    }
    Ok(())
}

fn big_endian(header: &[u8; 100], at: usize) -> u32 {
    u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
}

/// The length of a file, zero where there is none.
fn length(path: &Path) -> io::Result<u64> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}
