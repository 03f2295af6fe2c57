//! Spans of time as people write them in scenario files.

use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::lab::record::Micros;

/// A span of time in seconds, finite and not negative. In files: `"250ms"`, `"90s"`, `"3m"`, `"1h30m"`, `"2d"`, or a
/// plain number of seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Seconds(f64);

/// Why a text is not a span of time.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SecondsError {
    /// Nothing is written.
    #[error("a span of time is empty; write one like \"90s\", \"3m\" or \"1h30m\"")]
    Empty,
    /// A number is missing or not one.
    #[error("\"{0}\" is not a number in a span of time; write one like \"90s\", \"3m\" or \"1h30m\"")]
    Number(String),
    /// The unit is missing or unknown.
    #[error("\"{0}\" is not a unit of time; the units are us, ms, s, m, h and d")]
    Unit(String),
    /// Below nothing, without end, or past all use.
    #[error("a span of time lies between 0 and 1,000,000 days, not {0} seconds")]
    Range(f64),
}

impl Seconds {
    /// As many seconds.
    ///
    /// # Errors
    /// [`SecondsError::Range`] where that is negative, not finite, or more than a million days.
    pub fn new(seconds: f64) -> Result<Self, SecondsError> {
        if (0.0..=86_400e6).contains(&seconds) { Ok(Self(seconds)) } else { Err(SecondsError::Range(seconds)) }
    }

    /// As a number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    /// In whole microseconds, the nearest.
    #[must_use]
    pub fn micros(self) -> Micros {
        micros(self.0)
    }
}

/// Seconds in whole microseconds, the nearest; 0 below nothing, and the largest number past what fits.
#[must_use]
pub fn micros(seconds: f64) -> Micros {
    // The conversion saturates at both ends, which is what is promised here.
    libm::round(seconds * 1e6) as Micros
}

impl FromStr for Seconds {
    type Err = SecondsError;

    fn from_str(text: &str) -> Result<Self, SecondsError> {
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(SecondsError::Empty);
        }
        let mut total = 0.0;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(rest.len());
            let (number, tail) = rest.split_at(digits);
            let letters = tail.find(|c: char| !c.is_alphabetic()).unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(letters);
            let number: f64 = number.replace('_', "").parse().map_err(|_| SecondsError::Number(text.to_owned()))?;
            total += number * unit_seconds(unit)?;
            rest = tail.trim_start();
        }
        Self::new(total)
    }
}

fn unit_seconds(unit: &str) -> Result<f64, SecondsError> {
    Ok(match unit {
        "us" | "µs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        other => return Err(SecondsError::Unit(other.to_owned())),
    })
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

struct Written;

impl Visitor<'_> for Written {
    type Value = Seconds;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a span of time like \"90s\" or a number of seconds")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Seconds, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Seconds, E> {
        Seconds::new(seconds).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Seconds, E> {
        self.visit_f64(seconds as f64)
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Seconds, E> {
        self.visit_f64(seconds as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_as_people_write_them() {
        let known =
            [("250ms", 0.25), ("90s", 90.0), ("3m", 180.0), ("1h30m", 5400.0), ("1.5h", 5400.0), ("2d", 172_800.0)];
        for (text, seconds) in known {
            assert_eq!(text.parse::<Seconds>().unwrap().get(), seconds, "{text}");
        }
        assert_eq!("20us".parse::<Seconds>().unwrap().micros(), 20);
    }

    #[test]
    fn what_is_not_a_span_says_why() {
        assert_eq!("".parse::<Seconds>(), Err(SecondsError::Empty));
        assert_eq!("s".parse::<Seconds>(), Err(SecondsError::Number("s".to_owned())));
        assert_eq!("-3s".parse::<Seconds>(), Err(SecondsError::Number("-3s".to_owned())));
        assert_eq!("3".parse::<Seconds>(), Err(SecondsError::Unit(String::new())));
        assert_eq!("3 weeks".parse::<Seconds>(), Err(SecondsError::Unit(String::new())));
        assert_eq!("3weeks".parse::<Seconds>(), Err(SecondsError::Unit("weeks".to_owned())));
        assert_eq!(Seconds::new(-1.0), Err(SecondsError::Range(-1.0)));
        assert!(Seconds::new(f64::NAN).is_err());
    }

    #[test]
    fn microseconds_are_the_nearest_and_saturate() {
        assert_eq!(micros(1e-6 * 1.6), 2);
        assert_eq!(micros(-1.0), 0);
        assert_eq!(micros(f64::INFINITY), Micros::MAX);
    }
}
