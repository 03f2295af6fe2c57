//! What the shim makes of names and of what was not synced, on a program that does both on purpose.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::Command;

use crate::crash::{Seed, say};
use crate::disk::{Cut, Disk};

/// The program syncs five times before the power goes.
const SYNCS: u64 = 5;

/// What was left of a run, by name.
fn left(seed: u64) -> impl Fn(&str) -> Option<Vec<u8>> {
    let disk = Disk::new();
    let mut program = Command::new(std::env::current_exe().expect("this test was started from a file"));
    program.args(["--exact", "names::program"]).env("CHATTER_NAMES_DIR", disk.live());
    disk.attach(&mut program, Cut::Write(9), seed);
    let output = program.output().expect("the test can start itself");
    assert!(output.status.code().is_none(), "it did not end by a signal: {output:?}");
    let report = disk.power_back();
    assert!(report.contains(&format!("9 writes, {SYNCS} syncs")), "{report}");
    move |name| fs::read(disk.live().join(name)).ok()
}

#[test]
fn what_was_synced_survives_and_the_rest_may() {
    let mut seed = Seed::of_run();
    say("power, names", &format!("CHATTER_SEED={}", seed.number()));
    let (mut torn, mut whole, mut old) = (0, 0, 0);
    let (mut unsynced, mut renamed, mut removed) = (0, 0, 0);
    const RUNS: u32 = 100;
    for _ in 0..RUNS {
        let left = left(seed.next());
        assert_eq!(left("synced"), Some(vec![b's'; 2_000]), "what was synced is whole");
        assert_eq!(left("moved-and-synced"), Some(vec![b'm'; 10]), "a rename before the directory's sync stands");
        assert_eq!(left("before-the-move"), None, "and its old name is gone");
        assert_eq!(left("linked"), Some(vec![b'l'; 10]), "a link before the directory's sync stands");
        assert_eq!(left("link-draft"), None, "without the name it was made under");
        unsynced += u32::from(left("unsynced").is_some());
        // A rename shows its file under one of the two names, never under both or none.
        assert_ne!(left("draft").is_some(), left("final").is_some());
        renamed += u32::from(left("final").is_some());
        removed += u32::from(left("removed").is_none());
        let overwritten = left("overwritten").expect("its name was synced");
        assert_eq!(overwritten.len(), 2_048);
        for sector in overwritten.chunks(512) {
            assert!(sector.iter().all(|byte| *byte == sector[0]), "a sector is never torn");
        }
        match overwritten.iter().filter(|byte| **byte == b'2').count() {
            0 => old += 1,
            2_048 => whole += 1,
            _ => torn += 1,
        }
    }
    say("power, names", &format!("a write without sync: {old} lost, {torn} torn, {whole} whole of {RUNS}"));
    for chance in [torn, whole, old, unsynced, renamed, removed] {
        assert!((1..RUNS).contains(&chance), "{RUNS} cuts never went both ways");
    }
}

/// Not a test of its own: the program, when the test above starts it.
#[test]
fn program() {
    let Ok(dir) = std::env::var("CHATTER_NAMES_DIR") else { return };
    run(Path::new(&dir)).expect("the disk works until it does not");
}

fn run(dir: &Path) -> std::io::Result<()> {
    let put = |name: &str, byte: u8, len: usize| {
        let mut file = File::create(dir.join(name))?;
        file.write_all(&vec![byte; len])?;
        Ok::<_, std::io::Error>(file)
    };
    // The name of a file that was synced itself needs no sync of the directory.
    put("synced", b's', 2_000)?.sync_all()?;
    put("before-the-move", b'm', 10)?.sync_data()?;
    put("removed", b'r', 10)?;
    put("draft", b'd', 10)?;
    fs::rename(dir.join("before-the-move"), dir.join("moved-and-synced"))?;
    put("link-draft", b'l', 10)?.sync_all()?;
    fs::hard_link(dir.join("link-draft"), dir.join("linked"))?;
    fs::remove_file(dir.join("link-draft"))?;
    let mut overwritten = put("overwritten", b'1', 2_048)?;
    overwritten.sync_all()?;
    File::open(dir)?.sync_all()?;
    fs::remove_file(dir.join("removed"))?;
    fs::rename(dir.join("draft"), dir.join("final"))?;
    put("unsynced", b'u', 10)?;
    overwritten.seek(SeekFrom::Start(0))?;
    overwritten.write_all(&vec![b'2'; 2_048])?;
    // One write more, so that the overwriting one is not the last.
    put("unsynced-too", b'u', 10)?;
    unreachable!("the power is cut at the ninth write")
}
