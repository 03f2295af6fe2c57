//! The tests: many seeds, one seed, the same seed twice.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::world::{Report, run};

/// Seeds that once failed, one a line.
const KEPT: &str = include_str!("seeds.txt");

/// What the runs must have come across, so that a world that has become tame is noticed.
const MUST_BE_SEEN: &[&str] = &[
    // Ends of connections and of processes.
    "closed slow",
    "closed restarting",
    "closed try_later",
    "closed signed_out",
    "closed receipt_too_high",
    "closed hello_expected",
    "closed heartbeat_timeout",
    "lost",
    "silence",
    "end Crash",
    "end Stopped",
    "store Retryable",
    "store UnknownOutcome",
    "store Conflict",
    "store Fatal",
    "a write hangs in a crash",
    // Answers.
    "error retry_later",
    "error rate_limited",
    "error out_of_order",
    "error chat_resolved",
    "error not_your_chat",
    "error unknown_chat",
    "error still_waiting",
    "error not_waiting",
    "error receipt_too_high",
    "duplicate",
    "conflict",
    "recovered",
    "no_position",
    "moved_back",
    "lookup",
    // Offers.
    "offer",
    "offer accepted",
    "offer declined",
    "offer missed",
    "offer withdrawn",
    "error offer_gone",
    "error queue_full",
    // Edits and deletions.
    "stored Message",
    "stored Note",
    "stored Whisper",
    "stored Edit",
    "stored Deletion",
    "a page with targets",
    "error unknown_message",
    "error too_late",
    // Typing.
    "typing true",
    "typing false",
    "a preview",
    // Supervisors, merging, colleagues, silence.
    "ChatAssignedByHand",
    "AgentJoinedChat",
    "AgentLeftChat",
    "ChatMerged",
    "accepted in the chat it was merged into",
    "error cannot_merge",
    "TeamChatOpened",
    "stored Message to a colleague",
    "error not_allowed",
    "ChatParked",
    "ChatUnparked",
    "stored System",
];

fn kept() -> impl Iterator<Item = u64> {
    let seed = |line: &str| line.split('#').next().unwrap_or_default().trim().parse().ok();
    KEPT.lines().filter_map(seed)
}

fn from_env(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// What to say of a run that broke a promise.
fn failure(seed: u64, report: &Report) -> Option<String> {
    let broken = report.broken.as_ref()?;
    let Report { trace, time, lines, lives, messages: (sent, stored), .. } = report;
    Some(format!(
        "{trace}\nseed {seed} after {time:?}, {lives} lives, {sent} messages ({stored} stored), {lines} steps: {broken}\nrepeat with: CHATTER_SIM_SEED={seed} cargo \
         test -p chatter-core --test simulation one_seed -- --nocapture"
    ))
}

/// One run, as often as it is needed to find out what happens in it.
#[test]
fn one_seed() {
    let seed = from_env("CHATTER_SIM_SEED").unwrap_or(1);
    let report = run(seed, None);
    if let Some(failure) = failure(seed, &report) {
        panic!("{failure}");
    }
}

#[test]
fn a_seed_repeats_and_another_differs() {
    for seed in 1..4 {
        let (first, second, other) = (run(seed, None), run(seed, None), run(seed + 100, None));
        assert_eq!((first.hash, first.lines), (second.hash, second.lines), "seed {seed} is always the same run");
        assert_ne!(first.hash, other.hash);
    }
}

#[test]
fn many_seeds() {
    let full = std::env::var_os("CHATTER_FULL").is_some();
    let count = from_env("CHATTER_SIM_SEEDS").unwrap_or(if full { 600 } else { 100 });
    let first = from_env("CHATTER_SIM_FROM").unwrap_or(1);
    let seeds: Vec<_> = kept().chain(first..first + count).collect();
    let next = AtomicUsize::new(0);
    let seen = Mutex::new(BTreeSet::new());
    let failed = Mutex::new(Vec::new());
    let work = || {
        while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut report = run(*seed, None);
            seen.lock().unwrap().append(&mut report.seen);
            failed.lock().unwrap().extend(failure(*seed, &report));
            if !failed.lock().unwrap().is_empty() {
                return;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    if let Some(failure) = failed.into_inner().unwrap().first() {
        panic!("{failure}");
    }
    let seen = seen.into_inner().unwrap();
    let missing: Vec<_> = MUST_BE_SEEN.iter().filter(|what| !seen.contains(**what)).collect();
    assert!(count < 100 || missing.is_empty(), "the runs never came across {missing:?}");
}
