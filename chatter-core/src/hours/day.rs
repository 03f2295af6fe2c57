//! One day's intervals, in minutes of local time.

use super::Timetable;
use crate::Invalid;

/// The minutes from one midnight to the next, as the wall shows them.
pub(super) const DAY: u16 = 24 * 60;

/// The intervals that begin on a day, in the order in which they were written.
#[derive(Debug)]
pub(super) struct Day(Vec<Interval>);

/// From a minute of the day up to a later one; beyond [`DAY`] it is a minute of the next day.
#[derive(Clone, Copy, Debug)]
struct Interval {
    from: u16,
    to: u16,
}

/// A day on which nothing begins.
pub(super) static CLOSED: Day = Day(Vec::new());

impl Day {
    /// # Errors
    /// When there are too many intervals or one is malformed; `field` is to blame.
    pub(super) fn parse(field: &'static str, intervals: &[String]) -> Result<Self, Invalid> {
        if intervals.len() > Timetable::MAX_INTERVALS {
            return Err(Invalid::new(field, "at most 24 intervals a day"));
        }
        let rule = "intervals such as 09:00-12:30 or 22:00-06:00, of different times between 00:00 and 24:00";
        let parsed: Option<_> = intervals.iter().map(|text| Interval::parse(text)).collect();
        parsed.map(Self).ok_or_else(|| Invalid::new(field, rule))
    }

    pub(super) const fn is_closed(&self) -> bool {
        self.0.is_empty()
    }

    /// What is open between the midnights of this day, given the day `before` it: ordered, and neither touching nor
    /// overlapping.
    pub(super) fn stretches(&self, before: &Self) -> Vec<(u16, u16)> {
        let running = before.0.iter().filter(|night| night.to > DAY).map(|night| (0, night.to - DAY));
        let own = self.0.iter().map(|interval| (interval.from, interval.to.min(DAY)));
        let mut open: Vec<_> = running.chain(own).collect();
        open.sort_unstable();
        open.dedup_by(|(from, to), (_, known)| {
            let joined = *from <= *known;
            if joined {
                *known = (*known).max(*to);
            }
            joined
        });
        open
    }
}

impl Interval {
    fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let (from, to) = (minute(from)?, minute(to)?);
        // An end at or before the start lies on the next day; one at the start would be a whole day or nothing.
        let to = if to < from { to + DAY } else { to };
        (from < DAY && from != to).then_some(Self { from, to })
    }
}

/// The minute of the day that `HH:MM` names, 24:00 included.
fn minute(text: &str) -> Option<u16> {
    let &[h, hh, b':', m, mm] = text.as_bytes() else {
        return None;
    };
    let digit = |byte: u8| byte.is_ascii_digit().then(|| u16::from(byte - b'0'));
    let (hour, minute) = (digit(h)? * 10 + digit(hh)?, digit(m)? * 10 + digit(mm)?);
    (minute < 60 && hour * 60 + minute <= DAY).then_some(hour * 60 + minute)
}
