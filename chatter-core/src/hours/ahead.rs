//! Looking ahead, day by day, or from holiday to holiday where the week never changes.

use jiff::civil::Date;

use super::plan::{Plan, Steady};
use crate::steps;

/// Beyond the end of the calendar.
pub(super) const NEVER: i64 = i64::MAX;

/// Open from one moment up to another, in microseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) to: i64,
}

/// All that is open from a date on, ordered by its beginning. Spans may touch and overlap.
///
/// Days are read one after the other, so the order rests on this: where clocks skip a midnight, they skip whole days (a
/// test looks at all zones).
pub(super) struct Ahead<'a> {
    plan: &'a Plan,
    date: Option<Date>,
    ready: std::vec::IntoIter<Span>,
}

impl<'a> Ahead<'a> {
    pub(super) fn new(plan: &'a Plan, from: Date) -> Self {
        Self { plan, date: Some(from), ready: Vec::new().into_iter() }
    }

    /// Reads the next days of which something can be said at once.
    fn read(&mut self, date: Date) -> Vec<Span> {
        steps::count(1);
        match self.plan.steady_from(date) {
            Some((steady, holiday)) => {
                self.date = holiday;
                let to = holiday.map_or(NEVER, |holiday| self.plan.instant(holiday, 0));
                match steady {
                    Steady::Open => vec![Span { from: self.plan.instant(date, 0), to }],
                    Steady::Closed => Vec::new(),
                }
            }
            None => {
                self.date = date.tomorrow().ok();
                self.plan.spans(date)
            }
        }
    }
}

impl Iterator for Ahead<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        loop {
            if let Some(span) = self.ready.next() {
                return Some(span);
            }
            let date = self.date?;
            self.ready = self.read(date).into_iter();
        }
    }
}
