//! From what was written to what it means: one small reader per form, with the rule in words.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use config::{Value, ValueKind};

use crate::secret::Secret;

/// What a reader gives: the meaning, or the rule that was broken, beginning with `must`.
pub(crate) type Read<T> = Result<T, String>;

/// A value that was written as a text.
pub(crate) fn string(value: &Value) -> Option<&str> {
    if let ValueKind::String(text) = &value.kind { Some(text) } else { None }
}

/// A value that was written as a number, which only the file can.
const fn integer(value: &Value) -> Option<i64> {
    if let ValueKind::I64(number) = value.kind { Some(number) } else { None }
}

/// A text; a number in the file counts as its digits.
pub(crate) fn text(value: &Value) -> Read<String> {
    let digits = || integer(value).map(|number| number.to_string());
    string(value).map(str::to_owned).or_else(digits).ok_or_else(|| "must be a text".to_owned())
}

/// Several texts: an array in the file, separated by commas elsewhere.
pub(crate) fn texts(value: &Value) -> Read<Vec<String>> {
    if let ValueKind::Array(values) = &value.kind {
        return values.iter().map(text).collect();
    }
    let text = string(value).ok_or_else(|| "must be a list of texts".to_owned())?;
    Ok(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
}

/// A whole number within bounds.
pub(crate) fn number(value: &Value, bounds: &RangeInclusive<u64>) -> Read<u64> {
    let rule = || format!("must be a whole number from {} to {}", bounds.start(), bounds.end());
    let plain = string(value).filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
    let written = integer(value).and_then(|number| u64::try_from(number).ok());
    written.or_else(|| plain?.parse().ok()).filter(|number| bounds.contains(number)).ok_or_else(rule)
}

/// A time with its unit, within bounds.
pub(crate) fn duration(value: &Value, bounds: &RangeInclusive<Duration>) -> Read<Duration> {
    let rule = || {
        let (least, most) = (written(*bounds.start()), written(*bounds.end()));
        format!("must be a time with its unit (ms, s, m, h or d) from {least} to {most}, such as 30s")
    };
    let text = text(value).map_err(|_| rule())?;
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (count, unit) = text.split_at(digits);
    let millis = match unit.trim() {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(rule()),
    };
    let total = count.parse::<u64>().ok().and_then(|count| count.checked_mul(millis));
    total.map(Duration::from_millis).filter(|duration| bounds.contains(duration)).ok_or_else(rule)
}

fn written(duration: Duration) -> String {
    let millis = duration.as_millis();
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];
    let unit = units.into_iter().find(|(_, size)| millis >= *size && millis.is_multiple_of(*size));
    unit.map_or_else(|| format!("{millis}ms"), |(unit, size)| format!("{}{unit}", millis / size))
}

/// One of several words.
pub(crate) fn one_of<T: Copy>(value: &Value, words: &[(&str, T)]) -> Read<T> {
    let given = text(value).unwrap_or_default();
    let found = words.iter().find(|(word, _)| *word == given);
    found.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        format!("must be one of {}", words.join(", "))
    })
}

/// An address to listen on.
pub(crate) fn address(value: &Value) -> Read<SocketAddr> {
    let rule = || "must be an address and a port, such as 127.0.0.1:8080 or [::]:8080".to_owned();
    text(value).ok().and_then(|text| text.parse().ok()).ok_or_else(rule)
}

/// A scheme, a host and perhaps a port, as browsers write an origin.
pub(crate) fn origin(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let uri: http::Uri = text.parse().ok()?;
    let authority = uri.authority()?;
    let plain = authority.as_str() == rest && !authority.as_str().contains('@') && !authority.host().is_empty();
    let lower = text.bytes().all(|b| !b.is_ascii_uppercase());
    (matches!(scheme, "http" | "https") && plain && lower && !rest.contains('*')).then(|| text.to_owned())
}

/// Something to sign with: long enough, and not copied out of an example.
pub(crate) fn signing_secret(value: &Value) -> Read<Secret> {
    const EXAMPLES: [&str; 6] = ["change-this", "change_this", "changeme", "change-me", "your-", "example"];
    let rule = || "must be 32 to 1024 random bytes of text; make one with `openssl rand -hex 32`".to_owned();
    let text = text(value).map_err(|_| rule())?;
    let lower = text.to_lowercase();
    let mut distinct: Vec<u8> = text.bytes().collect();
    distinct.sort_unstable();
    distinct.dedup();
    let copied = EXAMPLES.iter().any(|example| lower.contains(example));
    if (32..=1_024).contains(&text.len()) && distinct.len() >= 10 && !copied {
        Ok(Secret::new(&text))
    } else {
        Err(rule())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        Value::new(None, text)
    }

    #[test]
    fn durations() {
        let bounds = Duration::from_millis(100)..=Duration::from_secs(86_400);
        for (text, millis) in
            [("100ms", 100), ("30s", 30_000), ("5m", 300_000), ("24h", 86_400_000), ("1d", 86_400_000)]
        {
            assert_eq!(duration(&value(text), &bounds), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in
            ["", "30", "s", "99ms", "25h", "-1s", "1.5s", "1 year", "99999999999999999999d", "9999999999999999d"]
        {
            let rule = duration(&value(text), &bounds).unwrap_err();
            assert!(rule.contains("from 100ms to 1d"), "{text}: {rule}");
        }
        assert!(duration(&Value::new(None, 30), &bounds).is_err(), "a number has no unit");
    }

    #[test]
    fn origins() {
        for text in ["https://shop.example", "http://localhost:3000", "http://[::1]:8080", "https://1.2.3.4"] {
            assert_eq!(origin(text).as_deref(), Some(text));
        }
        for text in [
            "*",
            "https://*",
            "https://*.shop.example",
            "shop.example",
            "https://shop.example/",
            "ftp://x",
            "null",
            "",
            "https://",
            "https://a@b",
            "https://Shop.example",
            "https://a b",
        ] {
            assert_eq!(origin(text), None, "{text}");
        }
    }

    #[test]
    fn secrets_that_can_be_guessed_are_refused() {
        let good = "0123456789abcdef0123456789abcdef";
        assert_eq!(signing_secret(&value(good)), Ok(Secret::new(good)));
        for text in [
            "",
            "short",
            &good[..31],
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "your-super-secret-jwt-key-change-this-in-production",
            &good.repeat(33),
        ] {
            assert!(signing_secret(&value(text)).unwrap_err().contains("32 to 1024"), "{text}");
        }
    }

    #[test]
    fn numbers() {
        assert_eq!(number(&value("7"), &(1..=10)), Ok(7));
        assert_eq!(number(&Value::new(None, 7), &(1..=10)), Ok(7));
        for wrong in [value("0"), value("11"), value("+7"), value("7.0"), Value::new(None, -7), Value::new(None, 7.0)] {
            assert!(number(&wrong, &(1..=10)).is_err(), "{wrong:?}");
        }
    }
}
