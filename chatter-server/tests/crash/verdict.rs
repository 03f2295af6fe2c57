//! The end of a run: counts, and everything that is wrong.

use super::size::say;
use crate::history::check::check;
use crate::history::journal::History;

/// Says how much a run exercised and fails if a promise was broken, or if it exercised too little to
/// show anything.
pub(crate) fn verdict(what: &str, history: &History, interruptions: &str) {
    let faults = check(history);
    let summary = history.summary();
    say(what, &format!("{interruptions}, acked {}, unknown {}", summary.acked, summary.unknown));
    say(what, &format!("{summary:?}, {} faults", faults.len()));
    for fault in faults.iter().take(20) {
        say(what, &format!("FAULT {fault}"));
    }
    assert!(faults.is_empty(), "{} promises broken, the first: {}", faults.len(), faults[0]);
    assert!(summary.acked > 0, "nothing was acknowledged");
    assert!(summary.unknown > 0, "every message was answered: nothing was in flight when it mattered");
    assert!(summary.resumed > 0, "nobody ever resumed");
}
