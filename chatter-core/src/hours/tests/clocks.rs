//! Days on which the clocks change.

use jiff::ToSpan as _;
use jiff::civil::Time as WallTime;
use jiff::tz::TimeZoneDatabase;

use super::*;

/// In Berlin clocks went from 02:00 to 03:00 at 01:00 UTC on Sunday 2026-03-29, and back at 01:00 UTC on 2026-10-25.
const SPRING: &str = "2026-03-28T12:00:00Z";
const AUTUMN: &str = "2026-10-24T12:00:00Z";

#[track_caller]
fn sundays_in_berlin(intervals: &str, from: &str, table: &[(&str, &str)]) {
    changes(&format!("zone = 'Europe/Berlin'\nsunday = [{intervals}]"), from, table);
}

#[test]
fn a_skipped_time_counts_as_if_the_clocks_had_not_changed() {
    let table: &[(&str, &[(&str, &str)])] = &[
        ("'01:00-02:30'", &[("opens", "2026-03-29T00:00:00Z"), ("closes", "2026-03-29T01:30:00Z")]),
        ("'02:30-09:00'", &[("opens", "2026-03-29T01:30:00Z"), ("closes", "2026-03-29T07:00:00Z")]),
        ("'01:00-03:00'", &[("opens", "2026-03-29T00:00:00Z"), ("closes", "2026-03-29T01:00:00Z")]),
        ("'02:15-02:45'", &[("opens", "2026-03-29T01:15:00Z"), ("closes", "2026-03-29T01:45:00Z")]),
        // Nothing is left of these, so the next Sunday is the first.
        ("'02:00-03:00'", &[("opens", "2026-04-05T00:00:00Z"), ("closes", "2026-04-05T01:00:00Z")]),
        ("'02:30-03:15'", &[("opens", "2026-04-05T00:30:00Z"), ("closes", "2026-04-05T01:15:00Z")]),
        // The earlier on the wall is the later.
        (
            "'02:30-02:45', '03:05-03:10'",
            &[
                ("opens", "2026-03-29T01:05:00Z"),
                ("closes", "2026-03-29T01:10:00Z"),
                ("opens", "2026-03-29T01:30:00Z"),
                ("closes", "2026-03-29T01:45:00Z"),
                ("opens", "2026-04-05T00:30:00Z"),
            ],
        ),
        // The one lies within the other.
        ("'02:30-02:55', '03:05-06:00'", &[("opens", "2026-03-29T01:05:00Z"), ("closes", "2026-03-29T04:00:00Z")]),
        // No hole where two intervals overlap.
        ("'00:00-03:15', '02:30-12:00'", &[("opens", "2026-03-28T23:00:00Z"), ("closes", "2026-03-29T10:00:00Z")]),
    ];
    for (intervals, table) in table {
        sundays_in_berlin(intervals, SPRING, table);
    }
}

#[test]
fn a_repeated_time_is_the_first_of_the_two() {
    let table: &[(&str, &[(&str, &str)])] = &[
        ("'01:00-02:30'", &[("opens", "2026-10-24T23:00:00Z"), ("closes", "2026-10-25T00:30:00Z")]),
        ("'02:30-09:00'", &[("opens", "2026-10-25T00:30:00Z"), ("closes", "2026-10-25T08:00:00Z")]),
        ("'02:00-03:00'", &[("opens", "2026-10-25T00:00:00Z"), ("closes", "2026-10-25T02:00:00Z")]),
        (
            "'02:15-02:45'",
            &[("opens", "2026-10-25T00:15:00Z"), ("closes", "2026-10-25T00:45:00Z"), ("opens", "2026-11-01T01:15:00Z")],
        ),
    ];
    for (intervals, table) in table {
        sundays_in_berlin(intervals, AUTUMN, table);
    }
}

#[test]
fn whole_days_and_nights_have_an_hour_less_or_more() {
    let day = "'00:00-24:00'";
    sundays_in_berlin(day, SPRING, &[("opens", "2026-03-28T23:00:00Z"), ("closes", "2026-03-29T22:00:00Z")]);
    sundays_in_berlin(day, AUTUMN, &[("opens", "2026-10-24T22:00:00Z"), ("closes", "2026-10-25T23:00:00Z")]);
    let night = "zone = 'Europe/Berlin'\nsaturday = ['22:00-06:00']";
    changes(night, SPRING, &[("opens", "2026-03-28T21:00:00Z"), ("closes", "2026-03-29T04:00:00Z")]);
    changes(night, AUTUMN, &[("opens", "2026-10-24T20:00:00Z"), ("closes", "2026-10-25T05:00:00Z")]);
}

#[test]
fn new_york_changes_its_clocks_on_other_days() {
    let sundays = "zone = 'America/New_York'\nsunday = ['01:30-02:30']";
    let spring = [("opens", "2026-03-08T06:30:00Z"), ("closes", "2026-03-08T07:30:00Z")];
    changes(sundays, "2026-03-07T12:00:00Z", &spring);
    let autumn = [("opens", "2026-11-01T05:30:00Z"), ("closes", "2026-11-01T07:30:00Z")];
    changes(sundays, "2026-10-31T12:00:00Z", &autumn);
}

#[test]
fn lord_howe_changes_its_clocks_by_half_an_hour() {
    let sundays = "zone = 'Australia/Lord_Howe'\nsunday = ['01:45-02:15']";
    let autumn = [("opens", "2026-04-04T14:45:00Z"), ("closes", "2026-04-04T15:45:00Z")];
    changes(sundays, "2026-04-04T00:00:00Z", &autumn);
    let spring = [("opens", "2026-10-03T15:15:00Z"), ("closes", "2026-10-03T15:45:00Z")];
    changes(sundays, "2026-10-03T00:00:00Z", &spring);
}

#[test]
fn havana_skips_the_first_hour_of_a_day() {
    let sundays = "zone = 'America/Havana'\nsunday = ['00:00-04:00']";
    let sunday = [("opens", "2026-03-08T05:00:00Z"), ("closes", "2026-03-08T08:00:00Z")];
    changes(sundays, "2026-03-07T00:00:00Z", &sunday);
    let joined = format!("{sundays}\nsaturday = ['22:00-24:00']");
    let night = [("opens", "2026-03-08T03:00:00Z"), ("closes", "2026-03-08T08:00:00Z")];
    changes(&joined, "2026-03-07T00:00:00Z", &night);
}

/// Newfoundland went back from one minute past midnight to 23:01 of the day before: the date itself comes twice.
#[test]
fn a_date_that_comes_twice_around_midnight() {
    let nights = "zone = 'America/St_Johns'\nsaturday = ['23:30-24:00']\nsunday = ['00:30-01:00']";
    // 2010-11-07 00:01 was UTC-2:30, and became 2010-11-06 23:01, UTC-3:30.
    let table = [
        ("opens", "2010-11-07T02:00:00Z"),
        ("closes", "2010-11-07T02:30:00Z"),
        ("opens", "2010-11-07T04:00:00Z"),
        ("closes", "2010-11-07T04:30:00Z"),
    ];
    changes(nights, "2010-11-06T00:00:00Z", &table);
    check(nights, &[("2010-11-07T03:05:00Z", "closed until 2010-11-07T04:00:00Z")]);
}

/// Samoa went from Thursday 2011-12-29 to Saturday 2011-12-31, at 10:00 UTC on the 30th.
#[test]
fn a_skipped_day_does_not_happen() {
    let from = "2011-12-29T12:00:00Z";
    let friday = "zone = 'Pacific/Apia'\nfriday = ['09:00-17:00']";
    // Friday 2012-01-06, at UTC+14.
    changes(friday, from, &[("opens", "2012-01-05T19:00:00Z"), ("closes", "2012-01-06T03:00:00Z")]);
    changes(
        &format!("{friday}\nthursday = ['22:00-06:00']\nsaturday = ['05:00-07:00', '10:00-12:00']"),
        from,
        &[
            ("opens", "2011-12-30T08:00:00Z"),
            ("closes", "2011-12-30T10:00:00Z"),
            ("opens", "2011-12-30T15:00:00Z"),
            ("closes", "2011-12-30T17:00:00Z"),
            ("opens", "2011-12-30T20:00:00Z"),
            ("closes", "2011-12-30T22:00:00Z"),
            ("opens", "2012-01-05T08:00:00Z"),
        ],
    );
    // The night of the skipped Friday still has its Saturday morning.
    let night = [("opens", "2011-12-30T10:00:00Z"), ("closes", "2011-12-30T16:00:00Z")];
    changes("zone = 'Pacific/Apia'\nfriday = ['22:00-06:00']", from, &night);
    let days = "thursday = ['00:00-24:00']\nsaturday = ['00:00-24:00']";
    changes(
        &format!("zone = 'Pacific/Apia'\n{days}"),
        "2011-12-28T12:00:00Z",
        &[("opens", "2011-12-29T10:00:00Z"), ("closes", "2011-12-31T10:00:00Z"), ("opens", "2012-01-04T10:00:00Z")],
    );
    let holiday = "zone = 'Pacific/Apia'\n[holidays]\n2011-12-30 = ['00:00-24:00']";
    check(holiday, &[("2011-12-29T12:00:00Z", "closed for ever")]);
}

/// [`Ahead`](super::super::ahead::Ahead) reads day after day and relies on this for the order of what it finds.
#[test]
fn where_clocks_skip_a_midnight_they_skip_whole_days() {
    let database = TimeZoneDatabase::bundled();
    let (since, until) = (Timestamp::UNIX_EPOCH, time("2100-01-01T00:00:00Z"));
    let mut whole_days = Vec::new();
    for name in database.available() {
        let zone = database.get(name.as_str()).expect("it is there");
        for transition in zone.following(since) {
            let at = transition.timestamp();
            if u64::try_from(at.as_microsecond()).is_ok_and(|at| at > until.0) {
                break;
            }
            let (before, after) = (at - 1.second(), at);
            let skipped_from = zone.to_datetime(before) + 1.second();
            let skipped_to = zone.to_datetime(after);
            if skipped_from.date() < skipped_to.date() && skipped_to.time() != WallTime::midnight() {
                panic!("{name} skips from {skipped_from} to {skipped_to}");
            }
            if skipped_to >= skipped_from + 1.day() {
                assert_eq!(skipped_from.time(), WallTime::midnight(), "{name} at {skipped_from}");
                whole_days.push(name.as_str().to_owned());
            }
        }
    }
    assert!(whole_days.contains(&"Pacific/Apia".to_owned()), "the test sees skipped days");
}
