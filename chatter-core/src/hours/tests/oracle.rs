//! The rules of the [module](super::super) once more, minute by minute: slow, and without a line of the code it checks.
//! Of the time zone it knows only which offset holds at an instant; what a wall shows when, it finds out by looking.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use jiff::tz::TimeZoneDatabase;

use super::*;

const DAY: i64 = 1_440;

/// Whether it is open, for each minute of a time.
pub(super) struct Oracle {
    /// The first minute, counted from the epoch.
    from: i64,
    open: Vec<bool>,
}

impl Oracle {
    /// Reads `timetable` for `days` days from the minute `from` on.
    pub(super) fn new(timetable: &Timetable, from: i64, days: i64) -> Self {
        // Some days more on both sides, so that every wall time in question is seen.
        let margin = 4 * DAY;
        let walls = Walls::new(&timetable.zone, from - margin, (days * DAY + 2 * margin) as usize);
        let intervals = Intervals::new(timetable);
        let mut oracle = Self { from, open: vec![false; (days * DAY) as usize] };
        let (first, last) = (*walls.dates.first().expect("a date"), *walls.dates.last().expect("a date"));
        for day in (first + 2..last - 1).filter(|day| walls.dates.contains(day)) {
            let mut minutes = vec![false; 2 * DAY as usize];
            for (begins, shift) in [(day - 1, 0), (day, DAY)] {
                for &(from, to) in intervals.of(begins) {
                    let end = (to + shift).min(2 * DAY);
                    minutes[(from + shift) as usize..end as usize].fill(true);
                }
            }
            oracle.mark(&walls, day * DAY, &minutes[DAY as usize..]);
        }
        oracle
    }

    /// Opens what `minutes` say of the day that begins at the wall time `midnight`.
    fn mark(&mut self, walls: &Walls, midnight: i64, minutes: &[bool]) {
        let mut start = None;
        for minute in 0..=DAY {
            let open = minutes.get(minute as usize).copied().unwrap_or(false);
            match (start, open) {
                (None, true) => start = Some(minute),
                (Some(from), false) => {
                    for at in walls.when(midnight + from)..walls.when(midnight + minute) {
                        if let Some(open) = usize::try_from(at - self.from).ok().and_then(|at| self.open.get_mut(at)) {
                            *open = true;
                        }
                    }
                    start = None;
                }
                (None, false) | (Some(_), true) => {}
            }
        }
    }

    /// Whether it is open at `now`.
    pub(super) fn is_open(&self, now: Time) -> bool {
        self.open[self.index(now)]
    }

    /// The first minute after `now` at which that changes, if there is one in the time that was read.
    pub(super) fn until(&self, now: Time) -> Option<Time> {
        let at = self.index(now);
        let minutes = self.open[at..].iter().take_while(|&&open| open == self.open[at]).count();
        (at + minutes < self.open.len()).then(|| minute(self.from + (at + minutes) as i64))
    }

    /// The end of the time that was read.
    pub(super) fn end(&self) -> Time {
        minute(self.from + self.open.len() as i64)
    }

    fn index(&self, now: Time) -> usize {
        (now.0 / 60_000_000) as usize - self.from as usize
    }
}

/// The start of a minute counted from the epoch.
pub(super) fn minute(minute: i64) -> Time {
    Time(minute as u64 * 60_000_000)
}

/// What a wall shows at each minute, as minutes since the first of January 1970 on the wall.
struct Walls {
    first: i64,
    /// The first minute at which the wall shows `first` and so on; for what it skips, that much after the skip.
    when: Vec<i64>,
    /// The dates it shows, as days since the first of January 1970.
    dates: BTreeSet<i64>,
}

impl Walls {
    fn new(zone: &str, from: i64, minutes: usize) -> Self {
        let zone = TimeZoneDatabase::bundled().get(zone).expect("a zone");
        let wall = |at: i64| {
            let timestamp = Timestamp::from_second(at * 60).expect("a time");
            at + i64::from(zone.to_offset(timestamp).seconds()) / 60
        };
        let first = wall(from);
        let (mut when, mut dates) = (Vec::new(), BTreeSet::new());
        for at in from..from + minutes as i64 {
            let shown = wall(at);
            dates.insert(shown.div_euclid(DAY));
            // Shown for the first time, with all that was skipped before it.
            let next = first + when.len() as i64;
            when.extend((next..=shown).map(|skipped| if skipped == shown { at } else { at + skipped - next }));
        }
        Self { first, when, dates }
    }

    fn when(&self, wall: i64) -> i64 {
        self.when[(wall - self.first) as usize]
    }
}

struct Intervals {
    week: [Vec<(i64, i64)>; 7],
    holidays: BTreeMap<i64, Vec<(i64, i64)>>,
}

impl Intervals {
    fn new(timetable: &Timetable) -> Self {
        let week = timetable.week().map(|(_, list)| list.iter().map(|text| interval(text)).collect());
        let holidays = timetable.holidays.iter().map(|(text, list)| {
            let day: Date = text.parse().expect(text);
            let days = day.since(date(1970, 1, 1)).expect("days").get_days();
            (i64::from(days), list.iter().map(|text| interval(text)).collect())
        });
        Self { week, holidays: holidays.collect() }
    }

    /// Those that begin on a day since the first of January 1970, which was a Thursday.
    fn of(&self, day: i64) -> &[(i64, i64)] {
        self.holidays.get(&day).unwrap_or(&self.week[((day + 3) % 7) as usize])
    }
}

fn interval(text: &str) -> (i64, i64) {
    let mut numbers = text.split(['-', ':']).map(|number| number.parse::<i64>().expect("a number"));
    let mut time = || numbers.next().expect("an hour") * 60 + numbers.next().expect("a minute");
    let (from, to) = (time(), time());
    (from, if to < from { to + DAY } else { to })
}
