//! The server under the shim: pairs chat while the power is cut again and again.

use std::path::Path;
use std::time::Duration;

use crate::crash::{CHATS_PER_AGENT, Pairs, Seed, Server, halves, integrity, say, size, transcripts, verdict};
use crate::disk::{Cut, Disk};
use crate::history::check::check;
use crate::history::fault::Fault;
use crate::history::journal::{History, Transcript};

const WHAT: &str = "power, server";
const PAIRS: u64 = 10;
/// How long a cut may take to come; it is counted in calls, which go on as long as people chat.
const CUT_WITHIN: Duration = Duration::from_secs(60);

fn server(disk: &Disk, durability: &'static str) -> Server {
    let program = env!("CARGO_BIN_EXE_chatter-server");
    Server::new(program, &disk.live(), disk.outside("log"), PAIRS / CHATS_PER_AGENT, durability)
}

/// Runs the server until its power goes; gives the transcripts that are left.
async fn life(disk: &Disk, server: &mut Server, cut: Cut, seed: u64) -> Vec<Transcript> {
    server.start(|command| disk.attach(command, cut, seed));
    server.killed(CUT_WITHIN).await;
    let report = disk.power_back();
    say(WHAT, &format!("{cut:?}: {report}"));
    // A copy, since looking at the file would already repair it.
    let copy = disk.copy();
    let file = copy.path().join("chatter.db");
    if file.exists() { left(&file) } else { Vec::new() }
}

fn left(file: &Path) -> Vec<Transcript> {
    assert_eq!(integrity(file).expect("the file can be read"), "ok");
    assert_eq!(halves(file).expect("the file can be read"), [""; 0], "half a commit is left");
    transcripts(file).expect("the file can be read")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_full_nothing_acked_is_lost() {
    let mut seed = Seed::of_run();
    say(WHAT, &format!("{PAIRS} pairs, CHATTER_SEED={}", seed.number()));
    let cuts = size(WHAT, "CHATTER_CUTS", 6, 60);
    let disk = Disk::new();
    let mut server = server(&disk, "full");
    let people = Pairs::start(PAIRS, server.address(), &mut seed);
    for _ in 0..cuts {
        let cut = if seed.one_in(2) { Cut::Sync(seed.range(1, 200)) } else { Cut::Write(seed.range(1, 2_500)) };
        life(&disk, &mut server, cut, seed.next()).await;
    }
    server.start(|_| ());
    assert!(server.ready().await, "the server does not start: {}", server.log_tail());
    people.met(Duration::from_secs(60)).await;
    let mut history = people.leave(Duration::from_secs(60)).await;
    server.kill().await;
    history.transcripts.extend(left(&server.file()));
    verdict(WHAT, &history, &format!("{cuts} cuts at FULL"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_normal_the_same_test_loses() {
    const ROUNDS: u64 = 10;
    let mut seed = Seed::of_run();
    for round in 1..=ROUNDS {
        let disk = Disk::new();
        let mut server = server(&disk, "normal");
        let people = Pairs::start(PAIRS, server.address(), &mut seed);
        let cut = Cut::Write(seed.range(500, 1_500));
        let transcripts = life(&disk, &mut server, cut, seed.next()).await;
        let history = History { transcripts, ..people.stop().await };
        let lost = |fault: &&Fault| matches!(fault, Fault::LostAck { .. } | Fault::NoTranscript { .. });
        let lost = check(&history).iter().filter(lost).count();
        say(WHAT, &format!("NORMAL, round {round}: {} acked, {lost} lost", history.summary().acked));
        if lost > 0 {
            return;
        }
    }
    panic!("{ROUNDS} cuts at NORMAL lost nothing: the test cannot fail");
}
