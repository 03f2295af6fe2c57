//! Opening hours: tables for what the rules say, and a comparison with a minute-by-minute reading of them.

mod clocks;
mod form;
mod oracle;
mod random;
mod week;

use super::*;

/// The hours that this TOML says.
fn hours(toml: &str) -> Hours {
    toml::from_str(toml).expect(toml)
}

/// Microseconds since the epoch of an RFC 3339 time.
fn time(text: &str) -> Time {
    let timestamp: Timestamp = text.parse().expect(text);
    Time(u64::try_from(timestamp.as_microsecond()).expect("since 1970"))
}

/// The state in words: `open until 2026-06-15T16:00:00Z`, `closed for ever`.
fn show(state: HoursState) -> String {
    let what = if state.is_open() { "open" } else { "closed" };
    match state.until() {
        Some(until) => {
            let until = Timestamp::from_microsecond(i64::try_from(until.0).expect("a date")).expect("a date");
            format!("{what} until {until}")
        }
        None => format!("{what} for ever"),
    }
}

/// At each time, the hours are in that state.
#[track_caller]
fn check(toml: &str, table: &[(&str, &str)]) {
    let hours = hours(toml);
    for (now, expected) in table {
        assert_eq!(show(hours.at(time(now))), *expected, "at {now} of {toml}");
    }
}

/// From `now` on, these and no others are the changes: `opens` and `closes` in turn.
#[track_caller]
fn changes(toml: &str, now: &str, table: &[(&str, &str)]) {
    let hours = hours(toml);
    let mut now = time(now);
    for (what, at) in table {
        let state = hours.at(now);
        let next = if state.is_open() { "closes" } else { "opens" };
        assert_eq!((next, state.until()), (*what, Some(time(at))), "{} after {now} of {toml}", show(state));
        now = time(at);
        assert_eq!(hours.at(now).is_open(), *what == "opens", "at the change itself, {at}, of {toml}");
    }
}
