//! The secret that the server makes for itself when none is configured: 32 random bytes in a file beside
//! the store that only its owner can read.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::secret::{Secret, hex, random};

/// Why the file is no good. Names the file, never its content.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretFileError {
    #[error("the secret file {path} cannot be read or made")]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the secret file {path} can be read by others; make it its owner's alone: chmod 600 {path}")]
    Exposed { path: PathBuf },
    #[error("the secret file {path} must hold 64 hexadecimal digits; delete it to get a new one (all sign out)")]
    Damaged { path: PathBuf },
}

/// Where the secret of a store is kept: `chatter.db` has `chatter.db.secret`.
pub(crate) fn path_for(store: &Path) -> PathBuf {
    let mut path = store.as_os_str().to_owned();
    path.push(".secret");
    path.into()
}

/// The secret in the file; a new one, durably written, if there is no such file. To be called by whoever
/// holds the store.
pub(crate) fn read_or_make(path: &Path) -> Result<Secret, SecretFileError> {
    let failed = |source| SecretFileError::Io { path: path.to_owned(), source };
    match File::open(path) {
        Ok(file) => read(file, path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path).map_err(failed),
        Err(error) => Err(failed(error)),
    }
}

fn read(file: File, path: &Path) -> Result<Secret, SecretFileError> {
    let failed = |source| SecretFileError::Io { path: path.to_owned(), source };
    let mode = file.metadata().map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(SecretFileError::Exposed { path: path.to_owned() });
    }
    let mut text = String::new();
    let damaged = || SecretFileError::Damaged { path: path.to_owned() };
    file.take(1_024).read_to_string(&mut text).map_err(|_| damaged())?;
    let digits = text.trim_end();
    if digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(Secret::new(digits))
    } else {
        Err(damaged())
    }
}

/// Written beside and renamed into place, so that a crash or a power cut leaves either no secret or a
/// whole one. Only the owner of the store comes here, so nobody else makes one meanwhile.
fn make(path: &Path) -> io::Result<Secret> {
    let secret = Secret::new(&hex(&random::<32>()));
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let draft = PathBuf::from(draft);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    writeln!(file, "{}", secret.expose())?;
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_secret_is_kept_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = path_for(&folder.path().join("chatter.db"));
        let first = read_or_make(&path).unwrap();
        assert_eq!(first.expose().len(), 64);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read_or_make(&path).unwrap(), first);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "the draft is gone");
    }

    #[test]
    fn an_exposed_or_damaged_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.secret");
        read_or_make(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(read_or_make(&path), Err(SecretFileError::Exposed { .. })));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        for damage in ["", "short", "zz".repeat(32).as_str()] {
            std::fs::write(&path, damage).unwrap();
            assert!(matches!(read_or_make(&path), Err(SecretFileError::Damaged { .. })), "{damage}");
        }
    }
}
