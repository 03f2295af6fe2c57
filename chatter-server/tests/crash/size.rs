//! How long a run is, and what it says meanwhile.

use std::io::Write as _;

/// The number of rounds: `variable` if it is set, the full number with `CHATTER_FULL=1`, else a small one.
/// Says which it is, so that nobody takes the small run for the whole proof.
pub(crate) fn size(what: &str, variable: &str, small: u64, full: u64) -> u64 {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(rounds) = set(variable).and_then(|value| value.parse().ok()) {
        say(what, &format!("{rounds} rounds, as {variable} says"));
        rounds
    } else if set("CHATTER_FULL").is_some_and(|value| value != "0") {
        say(what, &format!("{full} rounds, the full size"));
        full
    } else {
        say(what, &format!("{small} rounds, a small size; scripts/test or CHATTER_FULL=1 runs all {full}"));
        small
    }
}

/// A line of progress, seen also while the test passes: the harness holds back only what is printed.
pub(crate) fn say(what: &str, line: &str) {
    // Written at once, since tests run side by side. Losing a line is no reason to fail.
    let _lost = std::io::stderr().write_all(format!("{what}: {line}\n").as_bytes());
}
