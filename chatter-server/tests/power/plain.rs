//! The shim under the plainest of programs: one that commits rows to SQLite and says so. It shows that
//! the shim is fair (at FULL nothing acknowledged is lost) and that it bites (at NORMAL something is).

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use rusqlite::Connection;

use crate::crash::{Seed, say, size};
use crate::disk::{Cut, Disk};

/// The rows of the file, in their order, after a check of the whole file.
fn rows(dir: &Path) -> Vec<u64> {
    let file = Connection::open(dir.join("plain.db")).expect("the file can be opened");
    let verdict: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("it can be checked");
    assert_eq!(verdict, "ok");
    let Ok(mut query) = file.prepare("SELECT n FROM plain ORDER BY n") else { return Vec::new() };
    let rows = query.query_map([], |row| row.get::<_, i64>(0)).expect("the table can be read");
    rows.map(|row| row.expect("the rows are numbers").try_into().expect("they count up from 1")).collect()
}

/// Runs the program until its power goes; gives the last row that it was told to be durable.
fn life(disk: &Disk, synchronous: &str, seed: &mut Seed) -> u64 {
    let acks = disk.outside("acks");
    File::create(&acks).expect("a file can be made");
    let mut program = Command::new(std::env::current_exe().expect("this test was started from a file"));
    program.args(["--exact", "plain::program", "--nocapture"]);
    program.env("CHATTER_PLAIN_DIR", disk.live()).env("CHATTER_PLAIN_ACKS", &acks);
    program.env("CHATTER_PLAIN_SYNCHRONOUS", synchronous);
    let cut = if seed.one_in(2) { Cut::Write(seed.range(1, 900)) } else { Cut::Sync(seed.range(1, 60)) };
    // At NORMAL there is hardly a sync to count.
    let cut = if synchronous == "NORMAL" { Cut::Write(seed.range(20, 300)) } else { cut };
    disk.attach(&mut program, cut, seed.next());
    let output = program.output().expect("the test can start itself");
    assert!(output.status.code().is_none(), "it did not end by a signal: {output:?}");
    let acked = fs::read_to_string(&acks).expect("it was made above");
    acked.lines().last().map_or(0, |line| line.parse().expect("the program writes numbers"))
}

/// The rows that were acknowledged in a life and are gone after it.
fn lost_in_a_life(disk: &Disk, synchronous: &str, seed: &mut Seed, acked: &mut u64) -> u64 {
    *acked = life(disk, synchronous, seed).max(*acked);
    let report = disk.power_back();
    let rows = rows(disk.copy().path());
    let last = rows.len() as u64;
    assert!(rows.iter().copied().eq(1..=last), "the rows are not 1 to {last}");
    say("power, plain SQLite", &format!("{synchronous}: {acked} acked, {last} found; {report}"));
    acked.saturating_sub(last)
}

#[test]
fn at_full_nothing_acked_is_lost() {
    let mut seed = Seed::of_run();
    say("power, plain SQLite", &format!("CHATTER_SEED={}", seed.number()));
    let disk = Disk::new();
    let mut acked = 0;
    for _ in 0..size("power, plain SQLite", "CHATTER_CUTS", 20, 100) {
        assert_eq!(lost_in_a_life(&disk, "FULL", &mut seed, &mut acked), 0, "acknowledged rows are gone");
    }
    assert!(acked > 0, "nothing was ever acknowledged");
}

#[test]
fn at_normal_the_same_test_loses() {
    let mut seed = Seed::of_run();
    let disk = Disk::new();
    let lost = (0..20).any(|_| lost_in_a_life(&disk, "NORMAL", &mut seed, &mut 0) > 0);
    assert!(lost, "20 cuts at NORMAL lost nothing: the test cannot fail");
}

/// Not a test of its own: the program, when one of the tests above starts it.
#[test]
fn program() {
    let var = |name: &str| std::env::var(name);
    let (Ok(dir), Ok(acks), Ok(synchronous)) =
        (var("CHATTER_PLAIN_DIR"), var("CHATTER_PLAIN_ACKS"), var("CHATTER_PLAIN_SYNCHRONOUS"))
    else {
        return;
    };
    let mut acks = OpenOptions::new().append(true).open(acks).expect("the parent has made it");
    let mut file = Connection::open(Path::new(&dir).join("plain.db")).expect("the file can be opened");
    let pragmas =
        format!("PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = 40");
    file.execute_batch(&pragmas).expect("the pragmas are valid");
    file.execute_batch("CREATE TABLE IF NOT EXISTS plain (n INTEGER PRIMARY KEY, filler BLOB)").expect("valid");
    loop {
        let last: i64 = file.query_row("SELECT coalesce(max(n), 0) FROM plain", [], |row| row.get(0)).expect("valid");
        let commit = file.transaction().expect("nobody else writes");
        let rows = last % 4 + 1;
        for n in last + 1..=last + rows {
            commit.execute("INSERT INTO plain VALUES (?, zeroblob(?))", (n, n * 131 % 3_000)).expect("valid");
        }
        commit.commit().expect("the disk works until it does not");
        writeln!(acks, "{}", last + rows).expect("the parent keeps it");
    }
}
