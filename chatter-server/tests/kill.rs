//! The server is killed with SIGKILL at random moments while fifty pairs chat with sends in flight, and
//! started again on the same file and port. Nothing that was acknowledged, or that anybody saw, is lost,
//! doubled or reordered.
//!
//! `CHATTER_FULL=1` kills 200 times, `CHATTER_KILLS` so many times, `CHATTER_SEED` repeats the choices of a
//! run. The controls run the same test over a double that commits before it acknowledges, or after.

mod crash;
#[path = "kill/double.rs"]
mod double;
mod history;

use std::process::Command;
use std::time::{Duration, Instant};

use crash::{CHATS_PER_AGENT, Pairs, Seed, Server, halves, integrity, say, size, transcripts, verdict};
use history::check::check;
use history::fault::Fault;
use history::journal::History;

const PAIRS: u64 = 50;

/// How a run goes.
struct Plan {
    pairs: u64,
    kills: u64,
    /// Whether the pairs may finish in the end. Over a server that lies they might wait for ever.
    finish: bool,
    /// Whether the file is the server's own, which has more to check.
    own_file: bool,
}

/// Runs pairs over a server that is killed again and again.
async fn run(what: &str, program: &str, plan: Plan, prepare: impl Fn(&mut Command)) -> History {
    let Plan { pairs, kills, finish, own_file } = plan;
    let mut seed = Seed::of_run();
    say(what, &format!("{pairs} pairs, CHATTER_SEED={}", seed.number()));
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let mut server = Server::new(program, folder.path(), folder.path().join("log"), pairs / CHATS_PER_AGENT, "full");
    let people = Pairs::start(pairs, server.address(), &mut seed);
    let begun = Instant::now();
    server.start(&prepare);
    people.met(Duration::from_secs(60)).await;
    for kill in 1..=kills {
        // One in ten dies while it starts, which is when it recovers from the last time.
        if kill > 1 && seed.one_in(10) {
            tokio::time::sleep(seed.millis(0, 60)).await;
        } else {
            assert!(server.ready().await, "the server does not start: {}", server.log_tail());
            tokio::time::sleep(seed.millis(100, 600)).await;
        }
        server.kill().await;
        server.start(&prepare);
        if kill % 10 == 0 {
            say(what, &format!("{kill} of {kills} kills after {:?}", begun.elapsed()));
        }
    }
    assert!(server.ready().await, "the server does not start: {}", server.log_tail());
    let mut history = if finish { people.leave(Duration::from_secs(60)).await } else { people.stop().await };
    server.kill().await;
    assert_eq!(integrity(&server.file()).expect("the file can be read"), "ok");
    if own_file {
        assert_eq!(halves(&server.file()).expect("the file can be read"), [""; 0], "half a commit is left");
    }
    history.transcripts.extend(transcripts(&server.file()).expect("the file can be read"));
    history
}

/// Runs pairs over the double of the server.
async fn over_double(kind: &'static str, finish: bool) -> History {
    let executable = std::env::current_exe().expect("this test was started from a file");
    let program = executable.to_str().expect("cargo's own names are UTF-8");
    let prepare = |command: &mut Command| {
        command.args(["--exact", "double::program"]).env(double::KIND, kind);
    };
    run(kind, program, Plan { pairs: 10, kills: 6, finish, own_file: false }, prepare).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acked_is_lost_by_sigkill() {
    let kills = size("kill", "CHATTER_KILLS", 10, 200);
    let history = run(
        "kill",
        env!("CARGO_BIN_EXE_chatter-server"),
        Plan { pairs: PAIRS, kills, finish: true, own_file: true },
        |_| (),
    )
    .await;
    verdict("kill", &history, &format!("{kills} kills"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_commits_before_it_acknowledges_passes() {
    verdict("double, honest", &over_double("honest", true).await, "6 kills");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_acknowledges_before_it_commits_is_found_out() {
    let faults = check(&over_double("liar", false).await);
    say("double, liar", &format!("{} broken promises found", faults.len()));
    assert!(faults.iter().any(|fault| matches!(fault, Fault::LostAck { .. })), "{faults:?}");
}
