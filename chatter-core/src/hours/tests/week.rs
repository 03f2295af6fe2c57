//! Weeks, midnights and holidays.

use super::*;
use crate::steps;

#[test]
fn a_week_in_summer() {
    check(
        "zone = 'Europe/Berlin'\nmonday = ['09:00-12:30', '13:30-18:00']\nfriday = ['22:00-06:00']",
        &[
            ("2026-06-15T06:59:59.999999Z", "closed until 2026-06-15T07:00:00Z"),
            ("2026-06-15T07:00:00Z", "open until 2026-06-15T10:30:00Z"),
            ("2026-06-15T10:29:59.999999Z", "open until 2026-06-15T10:30:00Z"),
            ("2026-06-15T10:30:00Z", "closed until 2026-06-15T11:30:00Z"),
            ("2026-06-15T11:30:00Z", "open until 2026-06-15T16:00:00Z"),
            ("2026-06-15T16:00:00Z", "closed until 2026-06-19T20:00:00Z"),
            ("2026-06-19T20:00:00Z", "open until 2026-06-20T04:00:00Z"),
            ("2026-06-19T22:00:00Z", "open until 2026-06-20T04:00:00Z"),
            ("2026-06-20T04:00:00Z", "closed until 2026-06-22T07:00:00Z"),
        ],
    );
}

#[test]
fn zones_with_odd_offsets() {
    let monday = [("opens", "2026-06-15T03:15:00Z"), ("closes", "2026-06-15T11:15:00Z")];
    changes("zone = 'Asia/Kathmandu'\nmonday = ['09:00-17:00']", "2026-06-14T00:00:00Z", &monday);
    // Chatham is at +12:45 in winter: Monday morning there is Sunday evening in UTC.
    let monday = [("opens", "2026-06-14T20:15:00Z"), ("closes", "2026-06-15T04:15:00Z")];
    changes("zone = 'Pacific/Chatham'\nmonday = ['09:00-17:00']", "2026-06-14T00:00:00Z", &monday);
}

#[test]
fn what_touches_or_overlaps_is_one() {
    for week in [
        "monday = ['18:00-24:00']\ntuesday = ['00:00-02:00']",
        "monday = ['18:00-00:00']\ntuesday = ['00:00-02:00']",
        "monday = ['18:00-02:00']",
        "monday = ['18:00-01:00', '20:00-02:00', '19:00-20:00']",
        "monday = ['23:00-01:30', '18:00-23:00']\ntuesday = ['01:00-02:00', '00:30-01:00']",
    ] {
        changes(
            &format!("zone = 'UTC'\n{week}"),
            "2026-06-15T00:00:00Z",
            &[
                ("opens", "2026-06-15T18:00:00Z"),
                ("closes", "2026-06-16T02:00:00Z"),
                ("opens", "2026-06-22T18:00:00Z"),
                ("closes", "2026-06-23T02:00:00Z"),
            ],
        );
    }
}

#[test]
fn whole_days_are_one_stretch() {
    changes(
        "zone = 'Europe/Berlin'\nfriday = ['00:00-24:00']\nsaturday = ['00:00-24:00']\nsunday = ['00:00-24:00']",
        "2026-06-15T00:00:00Z",
        &[("opens", "2026-06-18T22:00:00Z"), ("closes", "2026-06-21T22:00:00Z"), ("opens", "2026-06-25T22:00:00Z")],
    );
}

/// A week of the same list every day.
fn daily(intervals: &str) -> String {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    days.map(|day| format!("{day} = [{intervals}]\n")).concat()
}

#[test]
fn always_and_never() {
    for intervals in ["'00:00-24:00'", "'18:00-06:00', '06:00-18:00'", "'12:00-11:59', '11:00-13:00'"] {
        for zone in ["UTC", "Europe/Berlin", "Pacific/Apia"] {
            let always = format!("zone = '{zone}'\n{}", daily(intervals));
            check(&always, &[("1970-01-01T00:00:00Z", "open for ever"), ("2026-03-29T01:30:00Z", "open for ever")]);
            assert_eq!(show(hours(&always).at(Time::MAX)), "open for ever");
        }
    }
    check("zone = 'UTC'", &[("2026-06-15T00:00:00Z", "closed for ever")]);
    check("zone = 'UTC'\n[holidays]\n2026-01-01 = []", &[("2025-06-15T00:00:00Z", "closed for ever")]);
    assert_eq!(hours("zone = 'UTC'").at(Time::MAX), HoursState::Closed { until: None });
}

#[test]
fn the_calendar_has_an_end() {
    let mondays = hours("zone = 'America/New_York'\nmonday = ['09:00-17:00']");
    assert_eq!(mondays.at(Time::MAX), HoursState::Closed { until: None });
    let until = mondays.at(time("9999-12-25T00:00:00Z")).until();
    assert_eq!(until, Some(time("9999-12-27T14:00:00Z")));
}

#[test]
fn a_holiday_takes_the_place_of_its_weekday() {
    let working = "'09:00-18:00'";
    let week = format!("zone = 'Europe/Berlin'\n{}", daily(working));
    changes(
        &format!("{week}[holidays]\n2026-12-24 = ['09:00-12:00']\n2026-12-25 = []\n2026-12-26 = ['12:00-13:00']"),
        "2026-12-23T12:00:00Z",
        &[
            ("closes", "2026-12-23T17:00:00Z"),
            ("opens", "2026-12-24T08:00:00Z"),
            ("closes", "2026-12-24T11:00:00Z"),
            ("opens", "2026-12-26T11:00:00Z"),
            ("closes", "2026-12-26T12:00:00Z"),
            ("opens", "2026-12-27T08:00:00Z"),
        ],
    );
}

/// 2026-06-19 is a Friday.
#[test]
fn a_night_belongs_to_the_day_on_which_it_begins() {
    let nights = "zone = 'UTC'\nfriday = ['22:00-06:00']\nsaturday = ['10:00-12:00']\n[holidays]\n";
    let from = "2026-06-19T00:00:00Z";
    changes(
        &format!("{nights}2026-06-20 = []"),
        from,
        &[("opens", "2026-06-19T22:00:00Z"), ("closes", "2026-06-20T06:00:00Z"), ("opens", "2026-06-26T22:00:00Z")],
    );
    changes(
        &format!("{nights}2026-06-19 = []"),
        from,
        &[("opens", "2026-06-20T10:00:00Z"), ("closes", "2026-06-20T12:00:00Z"), ("opens", "2026-06-26T22:00:00Z")],
    );
    changes(
        &format!("{nights}2026-06-19 = ['22:00-24:00']\n2026-06-20 = []"),
        from,
        &[("opens", "2026-06-19T22:00:00Z"), ("closes", "2026-06-20T00:00:00Z"), ("opens", "2026-06-26T22:00:00Z")],
    );
    changes(
        &format!("{nights}2026-06-20 = ['05:00-07:00', '23:00-01:00']"),
        from,
        &[
            ("opens", "2026-06-19T22:00:00Z"),
            ("closes", "2026-06-20T07:00:00Z"),
            ("opens", "2026-06-20T23:00:00Z"),
            ("closes", "2026-06-21T01:00:00Z"),
        ],
    );
}

#[test]
fn holidays_of_a_week_that_never_changes() {
    let always = format!("zone = 'Europe/Berlin'\n{}", daily("'00:00-24:00'"));
    changes(
        &format!("{always}[holidays]\n2031-12-25 = []\n2031-12-26 = []\n2040-01-01 = ['12:00-24:00']"),
        "2026-06-15T00:00:00Z",
        &[
            ("closes", "2031-12-24T23:00:00Z"),
            ("opens", "2031-12-26T23:00:00Z"),
            ("closes", "2039-12-31T23:00:00Z"),
            ("opens", "2040-01-01T11:00:00Z"),
        ],
    );
    // The night of the last December has no holiday's morning to end it, but the weekday's intervals are gone.
    let nights = format!("zone = 'UTC'\n{}", daily("'06:00-18:00', '18:00-06:00'"));
    changes(
        &format!("{nights}[holidays]\n2031-12-25 = []"),
        "2026-06-15T00:00:00Z",
        &[("closes", "2031-12-25T06:00:00Z"), ("opens", "2031-12-26T06:00:00Z")],
    );
    let once = "zone = 'UTC'\n[holidays]\n2031-12-25 = ['22:00-06:00']";
    check(
        once,
        &[
            ("2026-06-15T00:00:00Z", "closed until 2031-12-25T22:00:00Z"),
            ("2031-12-25T22:00:00Z", "open until 2031-12-26T06:00:00Z"),
            ("2031-12-26T06:00:00Z", "closed for ever"),
        ],
    );
}

/// What `at` costs, in days read.
fn days_read(hours: &Hours, now: Time) -> u64 {
    steps::reset();
    let _ = hours.at(now);
    steps::read()
}

#[test]
fn looking_ahead_is_bounded() {
    let now = time("2026-06-15T00:00:00Z");
    let weekly = hours("zone = 'Europe/Berlin'\nmonday = ['09:00-17:00']");
    assert!(days_read(&weekly, now) <= 9);
    assert_eq!(days_read(&hours("zone = 'UTC'"), now), 1);
    let lists = |list: &str, step: usize| -> String {
        let first: jiff::civil::Date = "2026-06-15".parse().expect("a date");
        let dates = first.series(jiff::Span::new().days(i64::try_from(step).expect("small")));
        dates.take(Timetable::MAX_HOLIDAYS).map(|date| format!("{date} = [{list}]\n")).collect()
    };
    // The dearest there are: every holiday agrees with a week that never changes, or hides one that does.
    let closed = hours(&format!("zone = 'UTC'\n[holidays]\n{}", lists("", 3)));
    let open = hours(&format!("zone = 'UTC'\n{}[holidays]\n{}", daily("'00:00-24:00'"), lists("'00:00-24:00'", 3)));
    let hidden = hours(&format!("zone = 'UTC'\n{}[holidays]\n{}", daily("'09:00-17:00'"), lists("", 1)));
    assert_eq!(closed.at(now).until(), None);
    assert_eq!(open.at(now), HoursState::Open { until: None });
    assert_eq!(show(hidden.at(now)), "closed until 2029-03-11T09:00:00Z");
    for dear in [closed, open, hidden] {
        let days = days_read(&dear, now);
        assert!((1_000..=3_010).contains(&days), "{days} days");
    }
}
