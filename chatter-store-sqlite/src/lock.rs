//! One engine a file, whoever asks: an operating system lock on a file beside the database.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use crate::open_error::OpenRule;

/// The lock on `<database>.lock`. It ends with this value or with the process, whatever way that ends;
/// the file itself stays, because removing it would let two owners hold two files of one name.
///
/// SQLite's own locks do not serve: they allow many connections on purpose.
#[derive(Debug)]
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock of a database, or names its holder.
    pub(crate) fn take(database: &Path) -> Result<Self, OpenRule> {
        let mut file =
            OpenOptions::new().create(true).read(true).write(true).truncate(false).open(lock_path(database))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenRule::Held { pid: holder(&mut file) }),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        // The number is for people who meet the lock, nothing depends on it.
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())?;
        Ok(Self { _file: file })
    }
}

/// The number in the lock file; unreadable where a lock also keeps others from reading.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn lock_path(database: &Path) -> PathBuf {
    crate::files::beside(database, ".lock")
}
