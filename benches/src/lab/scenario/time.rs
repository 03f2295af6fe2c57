//! Times of day as people write them.

use serde::de::{Deserialize, Deserializer, Error};

use super::DAY;
use crate::lab::record::Micros;

/// A time of day, `"07:30"`; `"24:00"` is the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeOfDay(pub(super) Micros);

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| D::Error::custom("a time of day is written \"07:30\", from \"00:00\" to \"24:00\""))
    }
}

fn parse(text: &str) -> Option<TimeOfDay> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |part: &str| (part.len() == 2).then(|| part.parse::<u64>().ok()).flatten();
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let at = (hours * 60 + minutes) * 60_000_000;
    (minutes < 60 && at <= DAY).then_some(TimeOfDay(at))
}

#[cfg(test)]
mod tests {
    use super::{TimeOfDay, parse};

    #[test]
    fn times_of_day() {
        assert_eq!(parse("07:30"), Some(TimeOfDay(27_000_000_000)));
        assert_eq!(parse("24:00"), Some(TimeOfDay(86_400_000_000)));
        for bad in ["24:01", "7:30", "07:60", "0730", "", "ab:cd", "07:30:00"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
