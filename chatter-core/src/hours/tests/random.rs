//! Random hours around the days on which clocks change, against the [`oracle`](super::oracle).

use std::collections::BTreeMap;

use jiff::civil::Date;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

use super::oracle::{Oracle, minute};
use super::*;

/// Zones, and a date on or next to which something happens there.
const PLACES: &[(&str, &str)] = &[
    ("UTC", "2026-06-15"),
    ("Asia/Kathmandu", "2026-06-15"),
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("Europe/Berlin", "2040-10-28"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Pacific/Chatham", "2026-09-27"),
    ("Pacific/Apia", "2011-12-30"),
    ("Pacific/Kwajalein", "1993-08-21"),
    // Midnight skipped, midnight repeated, and the date itself repeated.
    ("America/Havana", "2026-03-08"),
    ("America/Havana", "2026-11-01"),
    ("Africa/Cairo", "2026-04-24"),
    ("Africa/Cairo", "2026-10-29"),
    ("America/St_Johns", "2010-03-14"),
    ("America/St_Johns", "2010-11-07"),
    // Two hours at once, and two changes within five weeks.
    ("Antarctica/Troll", "2026-03-29"),
    ("Africa/Casablanca", "2026-02-22"),
];

/// A minute of a day: often round, often where clocks change.
fn clock() -> impl Strategy<Value = u16> {
    prop_oneof![0..=1_440_u16, (0..=48_u16).prop_map(|half| half * 30), (0..=50_u16).prop_map(|five| five * 5), Just(0)]
}

fn interval() -> impl Strategy<Value = String> {
    let ends = (clock(), clock()).prop_filter("of some length", |(from, to)| from != to && *from < 1_440);
    ends.prop_map(|(from, to)| format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60))
}

fn day() -> impl Strategy<Value = Vec<String>> {
    prop_oneof![3 => vec(interval(), 0..4), 1 => Just(vec!["00:00-24:00".to_owned()])]
}

fn week() -> impl Strategy<Value = Vec<Vec<String>>> {
    let steady = |list: &[&str]| Just(vec![list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>(); 7]);
    prop_oneof![6 => vec(day(), 7), 1 => steady(&[]), 1 => steady(&["00:00-24:00"]), 1 => steady(&["06:00-18:00", "18:00-06:00"])]
}

/// Hours, and the minute since the epoch some days before what happens there.
fn cases() -> impl Strategy<Value = (Timetable, i64)> {
    let holidays = btree_map(-6..14_i64, day(), 0..5);
    (select(PLACES), week(), holidays, 0..6 * 1_440_i64).prop_map(|((zone, around), week, holidays, before)| {
        let around: Date = around.parse().expect("a date");
        let at = |days: i64| around + jiff::Span::new().days(days);
        let holidays: BTreeMap<_, _> = holidays.into_iter().map(|(days, list)| (at(days).to_string(), list)).collect();
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] =
            week.try_into().expect("a week has seven days");
        let zone = zone.to_owned();
        let timetable = Timetable { zone, monday, tuesday, wednesday, thursday, friday, saturday, sunday, holidays };
        let midnight = around.to_zoned(jiff::tz::TimeZone::UTC).expect("a date").timestamp().as_second() / 60;
        (timetable, midnight - before)
    })
}

/// How long is read, in days.
const DAYS: i64 = 18;

proptest! {
    /// Every change is found, in order, and no other.
    #[test]
    fn the_changes_are_those_of_every_minute((timetable, from) in cases()) {
        let oracle = Oracle::new(&timetable, from, DAYS);
        let hours = Hours::new(timetable).expect("legal");
        let mut now = minute(from);
        prop_assert_eq!(hours.at(now).is_open(), oracle.is_open(now));
        while let Some(until) = oracle.until(now) {
            let state = hours.at(now);
            prop_assert_eq!((state.is_open(), state.until()), (oracle.is_open(now), Some(until)));
            // Up to the last moment before it, and not at the change itself.
            prop_assert_eq!(hours.at(Time(until.0 - 1)), state);
            prop_assert_eq!(hours.at(until).is_open(), !state.is_open());
            now = until;
        }
        prop_assert!(hours.at(now).until().is_none_or(|until| until >= oracle.end()));
    }

    /// At any moment, and at a later one: what lasts until then is the same, and time does not run back.
    #[test]
    fn any_moment_agrees((timetable, from) in cases(), moments in vec(0..DAYS as u64 * 86_400_000_000, 1..20)) {
        let oracle = Oracle::new(&timetable, from, DAYS);
        let hours = Hours::new(timetable).expect("legal");
        let mut moments: Vec<_> = moments.into_iter().map(|after| Time(minute(from).0 + after)).collect();
        moments.sort_unstable();
        let mut earlier: Option<HoursState> = None;
        for now in moments {
            let state = hours.at(now);
            prop_assert_eq!(state.is_open(), oracle.is_open(now));
            match (state.until(), oracle.until(now)) {
                (until, Some(expected)) => prop_assert_eq!(until, Some(expected)),
                (until, None) => prop_assert!(until.is_none_or(|until| until >= oracle.end())),
            }
            prop_assert!(state.until().is_none_or(|until| until > now));
            match earlier.map(HoursState::until) {
                Some(Some(until)) if until <= now => prop_assert!(state.until().is_none_or(|later| later > until)),
                Some(_) => prop_assert_eq!(Some(state), earlier),
                None => {}
            }
            earlier = Some(state);
        }
    }

    /// What is stored is what comes back, and means the same.
    #[test]
    fn stored_hours_mean_the_same((timetable, from) in cases()) {
        let hours = Hours::new(timetable).expect("legal");
        let stored = serde_json::to_string(&hours).expect("JSON");
        let again: Hours = serde_json::from_str(&stored).expect("legal");
        prop_assert_eq!(&again, &hours);
        prop_assert_eq!(again.at(minute(from)), hours.at(minute(from)));
    }
}
