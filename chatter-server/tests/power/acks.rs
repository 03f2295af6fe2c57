//! Power cuts for a program that commits rows and writes down, out of the power's reach, which it was
//! told are durable. The program is this executable, started again for one test that is none.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::crash::{Seed, say, size};
use crate::disk::{Cut, Disk};

/// A program, and how to find its rows in what a cut has left.
pub(crate) struct Program {
    /// For people.
    pub(crate) what: &'static str,
    /// The test that is none.
    pub(crate) name: &'static str,
    /// The rows of a folder in their order, after a check of the whole file.
    pub(crate) rows: fn(&Path) -> Vec<u64>,
}

/// What the program itself is told: the folder, what a commit shall survive, where to acknowledge.
pub(crate) struct Task {
    pub(crate) folder: PathBuf,
    pub(crate) durability: String,
    acks: File,
}

impl Task {
    /// Absent when the test that is none is run as a test.
    pub(crate) fn given() -> Option<Self> {
        let var = |name: &str| std::env::var(name).ok();
        let acks = OpenOptions::new().append(true).open(var("CHATTER_ACKS_FILE")?).expect("the parent has made it");
        Some(Self { folder: var("CHATTER_ACKS_FOLDER")?.into(), durability: var("CHATTER_ACKS_DURABILITY")?, acks })
    }

    /// Acknowledges every row up to this one.
    pub(crate) fn ack(&mut self, row: u64) {
        self.acks.write_all(format!("{row}\n").as_bytes()).expect("the parent keeps the file");
    }
}

impl Program {
    /// At FULL, cut after cut on one disk.
    pub(crate) fn loses_nothing(&self) {
        let mut seed = Seed::of_run();
        say(self.what, &format!("CHATTER_SEED={}", seed.number()));
        let disk = Disk::new();
        let mut acked = 0;
        for _ in 0..size(self.what, "CHATTER_CUTS", 20, 100) {
            let cut = if seed.one_in(2) { Cut::Write(seed.range(1, 900)) } else { Cut::Sync(seed.range(1, 60)) };
            assert_eq!(self.lost(&disk, "FULL", cut, &mut seed, &mut acked), 0, "acknowledged rows are gone");
        }
        assert!(acked > 0, "nothing was ever acknowledged");
    }

    /// At NORMAL, on a fresh disk for each cut, until one loses something.
    pub(crate) fn loses_at_normal(&self) {
        let mut seed = Seed::of_run();
        let mut loses = || {
            // Counted in writes, since at NORMAL there is hardly a sync.
            let cut = Cut::Write(seed.range(50, 400));
            self.lost(&Disk::new(), "NORMAL", cut, &mut seed, &mut 0) > 0
        };
        assert!((0..20).any(|_| loses()), "20 cuts at NORMAL lost nothing: the test cannot fail");
    }

    /// How many rows were acknowledged, in this life or before, and are gone after it.
    fn lost(&self, disk: &Disk, durability: &str, cut: Cut, seed: &mut Seed, acked: &mut u64) -> u64 {
        *acked = self.life(disk, durability, cut, seed.next()).max(*acked);
        let report = disk.power_back();
        let rows = (self.rows)(disk.copy().path());
        let last = rows.len() as u64;
        assert!(rows.iter().copied().eq(1..=last), "the rows are not 1 to {last}");
        say(self.what, &format!("{durability}: {acked} acked, {last} found; {report}"));
        acked.saturating_sub(last)
    }

    /// Runs the program until its power goes; gives the last row that it acknowledged.
    fn life(&self, disk: &Disk, durability: &str, cut: Cut, seed: u64) -> u64 {
        let acks = disk.outside("acks");
        File::create(&acks).expect("a file can be made");
        let mut program = Command::new(std::env::current_exe().expect("this test was started from a file"));
        program.args(["--exact", self.name, "--nocapture"]);
        program.env("CHATTER_ACKS_FOLDER", disk.live()).env("CHATTER_ACKS_FILE", &acks);
        program.env("CHATTER_ACKS_DURABILITY", durability);
        disk.attach(&mut program, cut, seed);
        let output = program.output().expect("the test can start itself");
        assert!(output.status.code().is_none(), "it did not end by a signal: {output:?}");
        let acked = fs::read_to_string(&acks).expect("it was made above");
        acked.lines().last().map_or(0, |line| line.parse().expect("the program writes numbers"))
    }
}
