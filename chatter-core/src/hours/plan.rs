//! A timetable made ready: its zone found, its words read.

use std::collections::BTreeMap;
use std::ops::Bound;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::Timetable;
use super::ahead::{Ahead, NEVER, Span};
use super::day::{CLOSED, DAY, Day};
use crate::Invalid;

pub(super) struct Plan {
    zone: TimeZone,
    /// Monday first.
    week: [Day; 7],
    holidays: BTreeMap<Date, Day>,
    /// What the week says at every hour, if it says the same at every hour.
    steady: Option<Steady>,
}

/// A week without a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Steady {
    Open,
    Closed,
}

impl Plan {
    /// # Errors
    /// When the timetable breaks a rule.
    pub(super) fn new(timetable: &Timetable) -> Result<Self, Invalid> {
        let unknown = Invalid::new("zone", "a name of the IANA time zone database, such as Europe/Berlin");
        let zone = TimeZoneDatabase::bundled().get(&timetable.zone).map_err(|_| unknown)?;
        if zone.is_unknown() {
            return Err(unknown);
        }
        let [mon, tue, wed, thu, fri, sat, sun] = timetable.week().map(|(field, day)| Day::parse(field, day));
        let week = [mon?, tue?, wed?, thu?, fri?, sat?, sun?];
        if timetable.holidays.len() > Timetable::MAX_HOLIDAYS {
            return Err(Invalid::new("holidays", "at most 1000 dates"));
        }
        let mut holidays = BTreeMap::new();
        for (text, intervals) in &timetable.holidays {
            let date = date(text).ok_or_else(|| Invalid::new("holidays", "dates such as 2026-12-24"))?;
            holidays.insert(date, Day::parse("holidays", intervals)?);
        }
        let steady = steady(&week);
        Ok(Self { zone, week, holidays, steady })
    }

    /// What is open from the date of `now` on.
    pub(super) fn ahead(&self, now: i64) -> Ahead<'_> {
        let now = Timestamp::from_microsecond(now).expect("no later than the latest timestamp, no earlier than 1970");
        // What is open on an earlier date ends at the midnight before this one at the latest.
        Ahead::new(self, self.zone.to_datetime(now).date())
    }

    /// The stretches of `date` in order, in microseconds since the epoch.
    pub(super) fn spans(&self, date: Date) -> Vec<Span> {
        let before = date.yesterday().map_or(&CLOSED, |yesterday| self.day(yesterday));
        let stretches = self.day(date).stretches(before);
        if stretches.is_empty() || self.is_skipped(date) {
            return Vec::new();
        }
        let instants =
            stretches.into_iter().map(|(from, to)| Span { from: self.instant(date, from), to: self.instant(date, to) });
        // Between a skipped time and one soon after it, the later on the wall may be the earlier: then nothing is left.
        let mut spans: Vec<_> = instants.filter(|span| span.from < span.to).collect();
        spans.sort_unstable_by_key(|span| span.from);
        spans
    }

    /// What holds from `date` on until the next holiday, and that holiday, if nothing changes in between.
    pub(super) fn steady_from(&self, date: Date) -> Option<(Steady, Option<Date>)> {
        let steady = self.steady?;
        // The night of a holiday, or of none, reaches the day after it.
        let plain = |date: Date| !self.holidays.contains_key(&date);
        let plain = plain(date) && date.yesterday().is_ok_and(plain);
        let next = || self.holidays.range((Bound::Excluded(date), Bound::Unbounded)).next().map(|(&date, _)| date);
        plain.then(|| (steady, next()))
    }

    /// The moment at which `minute` of `date` is, [`DAY`] being the midnight after it.
    pub(super) fn instant(&self, date: Date, minute: u16) -> i64 {
        let (date, minute) = if minute < DAY { (Ok(date), minute) } else { (date.tomorrow(), minute - DAY) };
        let small = |number: u16| i8::try_from(number).expect("hours and minutes are below 60");
        date.map(|date| date.at(small(minute / 60), small(minute % 60), 0, 0))
            .and_then(|local| self.zone.to_ambiguous_timestamp(local).compatible())
            .map_or(NEVER, Timestamp::as_microsecond)
    }

    /// The intervals that begin on `date`.
    fn day(&self, date: Date) -> &Day {
        let weekday = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
        self.holidays.get(&date).unwrap_or(&self.week[weekday])
    }

    /// Whether no wall of the zone ever showed `date`.
    fn is_skipped(&self, date: Date) -> bool {
        self.instant(date, 0) == self.instant(date, DAY)
    }
}

fn steady(week: &[Day; 7]) -> Option<Steady> {
    let mut days = (0..7).map(|day| week[day].stretches(&week[(day + 6) % 7]));
    if week.iter().all(Day::is_closed) {
        Some(Steady::Closed)
    } else {
        days.all(|open| open == [(0, DAY)]).then_some(Steady::Open)
    }
}

/// The date, if it is written in full and exists.
fn date(text: &str) -> Option<Date> {
    text.parse().ok().filter(|date: &Date| date.to_string() == text)
}
