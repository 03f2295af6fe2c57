//! Business hours: when a category is open, in the local time of a place.
//!
//! # What an operator writes
//!
//! ```toml
//! zone = "Europe/Berlin"
//! monday = ["09:00-12:30", "13:30-18:00"]
//! tuesday = ["09:00-18:00"]
//! friday = ["22:00-06:00"]
//! saturday = ["00:00-24:00"]
//!
//! [holidays]
//! 2026-12-24 = ["09:00-12:00"]
//! 2026-12-25 = []
//! ```
//!
//! - `zone` is a name of the IANA time zone database. The database is the one built into the program, so that the
//!   same hours mean the same on every machine; what the operating system has is never read.
//! - Each weekday lists when it is open. **A day that is not listed is closed**, and so is `[]`.
//! - An interval is `HH:MM-HH:MM`: open from the first minute on, closed from the last minute on. `00:00-24:00` is
//!   the whole day. Intervals may stand in any order, touch and overlap; where they do, they are one.
//! - An interval whose end is not later than its start runs on **past midnight** into the next day: `22:00-06:00` on
//!   Friday ends on Saturday at six. `09:00-09:00` could mean everything or nothing, and is refused.
//! - `holidays` names dates which differ from their weekday: their list takes the place of the weekday's. `[]` is
//!   closed; it may as well be a Sunday that is open for once.
//! - **An interval belongs to the day on which it begins.** So a holiday replaces what begins on it and nothing else:
//!   with the hours above, Friday night runs until Saturday at six even if that Saturday is a closed holiday. To stop at
//!   midnight, give the Friday an entry of its own: `["22:00-24:00"]`. Likewise the night that begins on a closed
//!   holiday does not happen, and the next morning begins with its own intervals.
//! - At most [24](Timetable::MAX_INTERVALS) intervals a day and [1,000](Timetable::MAX_HOLIDAYS) holidays.
//!
//! # When the clocks change
//!
//! An interval says what the clock on the wall shows, so a day may have an hour more or less of it. When a time that is
//! written down does not exist or exists twice on that day:
//!
//! - **Skipped** (in Berlin 02:00 to 03:00 in March): the time counts as it would if the clocks had not yet been
//!   changed, which the wall shows as that much later. 02:30 is 03:30, so `01:00-02:30` lasts its hour and a half, and
//!   `02:00-03:00`, of which nothing is left, is not open at all.
//! - **Repeated** (in Berlin 02:00 to 03:00 in October): the first of the two. `01:00-02:30` closes at the first 02:30
//!   and stays closed; `02:30-09:00` opens at the first 02:30 and stays open; `02:00-03:00` lasts two hours.
//! - A **day that a place skips** whole (Samoa had no 30 December 2011): what would be open on it falls away with it, and
//!   the days beside it are as ever.
//!
//! For this each day is looked at by itself: a night is what is open until midnight, and what is open on the next day
//! from midnight on.
//!
//! # What is promised
//!
//! [`Hours::at`] is exact to the microsecond, in all of this: `until` is the first moment at which open becomes closed
//! or closed becomes open, never a midnight or a change of clocks at which neither happens. There is no `until` if and
//! only if there is no such moment (before the year 9999, where the calendar ends).

mod ahead;
mod day;
mod plan;
#[cfg(test)]
mod tests;
mod timetable;

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Invalid, Time};
use ahead::{NEVER, Span};
use plan::Plan;

pub use timetable::Timetable;

/// Opening hours that have been checked, with their zone at hand. Equal when written alike; cheap to clone.
///
/// It is stored and sent as its [`Timetable`], and reading it checks it again.
///
/// ```
/// use chatter_core::hours::{Hours, HoursState, Timetable};
/// use chatter_core::Time;
///
/// let nights = vec!["22:00-06:00".to_owned()];
/// let hours = Hours::new(Timetable { zone: "Europe/Berlin".to_owned(), friday: nights, ..Timetable::default() })?;
/// // Saturday 2026-03-28 at 03:00 UTC is four in the morning in Berlin.
/// let now = Time(1_774_666_800_000_000);
/// let six = Time(1_774_674_000_000_000);
/// assert_eq!(hours.at(now), HoursState::Open { until: Some(six) });
/// # Ok::<(), chatter_core::Invalid>(())
/// ```
#[derive(Clone)]
pub struct Hours(Arc<Checked>);

struct Checked {
    written: Timetable,
    plan: Plan,
}

/// Whether it is open, and how long that lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is nothing between open and closed")]
pub enum HoursState {
    /// Open now.
    Open {
        /// When it closes; `None` for never.
        until: Option<Time>,
    },
    /// Closed now.
    Closed {
        /// When it opens; `None` for never again.
        until: Option<Time>,
    },
}

impl HoursState {
    /// Whether it is open.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open { .. })
    }

    /// When this changes; `None` for never.
    #[must_use]
    pub const fn until(self) -> Option<Time> {
        match self {
            Self::Open { until } | Self::Closed { until } => until,
        }
    }
}

impl Hours {
    /// # Errors
    /// When the timetable breaks a rule: an unknown zone, a malformed or empty interval, a date that is none, or too
    /// many of them. The field is the timetable's.
    pub fn new(timetable: Timetable) -> Result<Self, Invalid> {
        let plan = Plan::new(&timetable)?;
        Ok(Self(Arc::new(Checked { written: timetable, plan })))
    }

    /// The hours as they were written.
    #[must_use]
    pub fn timetable(&self) -> &Timetable {
        &self.0.written
    }

    /// Whether it is open at `now`, and when that changes next: always later than `now`.
    ///
    /// At the moment of a change the new state holds. The work is a few days' worth of local times; where the week
    /// alone never changes, it goes from holiday to holiday, so that no more days are looked at than twice the number
    /// of holidays and a few weeks.
    #[must_use]
    pub fn at(&self, now: Time) -> HoursState {
        let last = Timestamp::MAX.as_second() * 1_000_000;
        let now = i64::try_from(now.0).map_or(last, |now| now.min(last));
        let mut stretch: Option<Span> = None;
        for span in self.0.plan.ahead(now) {
            let known = stretch.get_or_insert(span);
            if span.from <= known.to {
                known.to = known.to.max(span.to);
            } else if known.to <= now {
                *known = span;
            } else {
                break;
            }
            // When it opens is known; for how long does not matter yet.
            if known.from > now {
                break;
            }
        }
        match stretch {
            Some(Span { from, to }) if from <= now && now < to => HoursState::Open { until: change(to) },
            Some(Span { from, .. }) if now < from => HoursState::Closed { until: change(from) },
            Some(_) | None => HoursState::Closed { until: None },
        }
    }
}

/// The moment of a change, unless it is beyond the calendar.
fn change(at: i64) -> Option<Time> {
    (at != NEVER).then(|| Time(u64::try_from(at).expect("a change is later than a now, which is no earlier than 1970")))
}

/// The plan is made of what is written.
impl PartialEq for Hours {
    fn eq(&self, other: &Self) -> bool {
        self.0.written == other.0.written
    }
}

impl Eq for Hours {}

impl fmt::Debug for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Hours").field(&self.0.written).finish()
    }
}

impl Serialize for Hours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Timetable::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Hours {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Timetable::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        Timetable::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Timetable::json_schema(generator)
    }
}
