//! A directory whose power can be cut: the shim, compiled when it is first needed, and the bookkeeping
//! around it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

/// When the power goes: at the n-th call of a kind, counted from the start of the process.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    Sync(u64),
    Write(u64),
}

/// A disk: the directory that a program uses, and the mirror of what would be left of it.
#[derive(Debug)]
pub(crate) struct Disk {
    root: TempDir,
}

impl Disk {
    /// An empty disk.
    pub(crate) fn new() -> Self {
        let root = TempDir::new().expect("a temporary directory can be made");
        let disk = Self { root };
        for dir in [disk.live(), disk.mirror()] {
            fs::create_dir(dir).expect("a fresh directory is empty");
        }
        disk
    }

    /// The directory that the program uses.
    pub(crate) fn live(&self) -> PathBuf {
        self.root.path().join("live")
    }

    /// A path that power cuts do not touch.
    pub(crate) fn outside(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn mirror(&self) -> PathBuf {
        self.root.path().join("mirror")
    }

    fn report(&self) -> PathBuf {
        self.root.path().join("report")
    }

    /// Puts a program that is about to start under the shim.
    pub(crate) fn attach(&self, command: &mut Command, cut: Cut, seed: u64) {
        let cut = match cut {
            Cut::Sync(n) => format!("sync:{n}"),
            Cut::Write(n) => format!("write:{n}"),
        };
        command
            .env("LD_PRELOAD", library())
            .env("CHATTER_POWER_WATCH", self.live())
            .env("CHATTER_POWER_MIRROR", self.mirror())
            .env("CHATTER_POWER_REPORT", self.report())
            .env("CHATTER_POWER_SEED", seed.to_string())
            .env("CHATTER_POWER_CUT", cut);
    }

    /// After the program has ended: the disk becomes what the cut has left. Gives the shim's report.
    pub(crate) fn power_back(&self) -> String {
        let report = fs::read_to_string(self.report()).expect("the program ended before the power was cut");
        fs::remove_file(self.report()).expect("it was just read");
        fs::remove_dir_all(self.live()).expect("nobody uses the old files any more");
        fs::rename(self.mirror(), self.live()).expect("they are neighbours");
        fs::create_dir(self.mirror()).expect("it was just moved away");
        report.trim_end().to_owned()
    }

    /// A copy of the disk, to look at without changing anything that the next start will find.
    pub(crate) fn copy(&self) -> TempDir {
        let copy = TempDir::new().expect("a temporary directory can be made");
        for entry in fs::read_dir(self.live()).expect("it is there") {
            let entry = entry.expect("nobody changes it meanwhile");
            fs::copy(entry.path(), copy.path().join(entry.file_name())).expect("nobody changes it meanwhile");
        }
        copy
    }
}

/// The shim, compiled once for this process.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/power/shim");
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("power-shim.so");
        let draft = library.with_extension(format!("so.{}", std::process::id()));
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-fvisibility=hidden", "-O1", "-Wall", "-Wextra", "-o"])
            .arg(&draft)
            .args([source.join("disk.c"), source.join("calls.c")])
            .args(["-ldl", "-lpthread"])
            .status()
            .expect("a C compiler is installed as cc");
        assert!(compiled.success(), "the shim does not compile");
        // Another run may be using the one that this replaces.
        fs::rename(draft, &library).expect("they are neighbours");
        library
    })
}
