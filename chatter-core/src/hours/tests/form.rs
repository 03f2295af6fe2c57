//! How hours are written, and what is refused.

use super::*;

const WRITTEN: &str = r#"
zone = "Europe/Berlin"
monday = ["09:00-12:30", "13:30-18:00"]
sunday = []
holidays = { "2026-12-24" = ["09:00-12:00"], "2026-12-25" = [] }
"#;

#[test]
fn it_is_stored_as_it_was_written() {
    let hours = hours(WRITTEN);
    let json = serde_json::to_string(&hours).unwrap();
    let expected = concat!(
        r#"{"zone":"Europe/Berlin","monday":["09:00-12:30","13:30-18:00"],"#,
        r#""holidays":{"2026-12-24":["09:00-12:00"],"2026-12-25":[]}}"#
    );
    assert_eq!(json, expected);
    let again: Hours = serde_json::from_str(&json).unwrap();
    assert_eq!(again, hours);
    assert_eq!(again.timetable().holidays.len(), 2);
    let other: Hours = serde_json::from_str(&json.replace("18:00", "18:01")).unwrap();
    assert_ne!(other, hours);
}

/// `field` must be `rule`, both when made and when read.
#[track_caller]
fn refused(timetable: Timetable, field: &str, rule: &str) {
    let json = serde_json::to_string(&timetable).unwrap();
    let invalid = Hours::new(timetable).expect_err(&json);
    assert_eq!(invalid.field, field, "{json}");
    assert!(invalid.rule.contains(rule), "{json}: {invalid}");
    let read = serde_json::from_str::<Hours>(&json).expect_err(&json);
    assert_eq!(read.to_string(), invalid.to_string());
}

fn utc() -> Timetable {
    Timetable { zone: "UTC".to_owned(), ..Timetable::default() }
}

#[test]
fn unknown_zones_are_refused() {
    for zone in ["", "Berlin", "Europe/Bonn", "+02:00", "CET-1CEST", "Etc/Unknown", "Local", " UTC", "../UTC"] {
        refused(Timetable { zone: zone.to_owned(), ..utc() }, "zone", "IANA");
    }
}

#[test]
fn malformed_intervals_are_refused() {
    for text in [
        "",
        "-",
        "09:00",
        "09:00-",
        "9:00-12:00",
        "09:00-12:60",
        "09:00-24:01",
        "09:00-25:00",
        "24:00-06:00",
        "09:00-09:00",
        "00:00-00:00",
        "09:00 - 12:00",
        "09:00-12:00-13:00",
        "09.00-12.00",
        "+9:00-12:00",
        "09:00:00-12:00",
        "٠٩:00-12:00",
    ] {
        let list = || vec!["10:00-11:00".to_owned(), text.to_owned()];
        refused(Timetable { monday: list(), ..utc() }, "monday", "09:00-12:30");
        refused(Timetable { sunday: list(), ..utc() }, "sunday", "09:00-12:30");
        let holidays = [("2026-12-24".to_owned(), list())].into();
        refused(Timetable { holidays, ..utc() }, "holidays", "09:00-12:30");
    }
}

#[test]
fn dates_that_are_none_are_refused() {
    for text in ["", "2026-02-29", "2026-13-01", "24.12.2026", "20261224", "2026-12-24T00", "2026-1-1", "12-24"] {
        let holidays = [(text.to_owned(), Vec::new())].into();
        refused(Timetable { holidays, ..utc() }, "holidays", "dates");
    }
    let leap = [("2028-02-29".to_owned(), Vec::new())].into();
    assert!(Hours::new(Timetable { holidays: leap, ..utc() }).is_ok());
}

#[test]
fn there_are_only_so_many() {
    let many = |count: usize| vec!["09:00-10:00".to_owned(); count];
    assert!(Hours::new(Timetable { friday: many(Timetable::MAX_INTERVALS), ..utc() }).is_ok());
    refused(Timetable { friday: many(Timetable::MAX_INTERVALS + 1), ..utc() }, "friday", "24");
    let dates = |count: usize| -> std::collections::BTreeMap<_, _> {
        let first: jiff::civil::Date = "2026-01-01".parse().unwrap();
        first.series(jiff::Span::new().days(1)).take(count).map(|date| (date.to_string(), many(1))).collect()
    };
    assert!(Hours::new(Timetable { holidays: dates(Timetable::MAX_HOLIDAYS), ..utc() }).is_ok());
    refused(Timetable { holidays: dates(Timetable::MAX_HOLIDAYS + 1), ..utc() }, "holidays", "1000");
    let holidays = [("2026-01-01".to_owned(), many(Timetable::MAX_INTERVALS + 1))].into();
    refused(Timetable { holidays, ..utc() }, "holidays", "24");
}

#[test]
fn a_misspelt_day_is_not_passed_over() {
    let error = toml::from_str::<Hours>("zone = 'UTC'\nmunday = ['09:00-12:00']").unwrap_err();
    assert!(error.to_string().contains("munday"), "{error}");
    assert!(toml::from_str::<Hours>("monday = ['09:00-12:00']").unwrap_err().to_string().contains("zone"));
}

#[cfg(feature = "schema")]
#[test]
fn the_schema_is_the_timetables() {
    let schema = schemars::schema_for!(Hours);
    assert_eq!(schema, schemars::schema_for!(Timetable));
    assert_eq!(schema.get("required"), Some(&serde_json::json!(["zone"])));
}
