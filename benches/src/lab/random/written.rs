//! Laws as scenario files write them.

use super::law::{Law, LawError};
use super::seconds::Seconds;

/// One law as it stands in a file.
#[derive(serde::Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Written {
    Exponential(Seconds),
    Deterministic(Seconds),
    Lognormal { mean: Seconds, median: Seconds },
    Uniform { low: Seconds, high: Seconds },
    Erlang { k: u32, mean: Seconds },
    Hyperexponential { mean: Seconds, cv2: f64 },
    Never,
}

impl TryFrom<Written> for Law {
    type Error = LawError;

    fn try_from(written: Written) -> Result<Self, LawError> {
        let law = match written {
            Written::Exponential(mean) => Self::Exponential { mean: mean.get() },
            Written::Deterministic(value) => Self::Deterministic { value: value.get() },
            Written::Lognormal { mean, median } => Self::Lognormal { mean: mean.get(), median: median.get() },
            Written::Uniform { low, high } => Self::Uniform { low: low.get(), high: high.get() },
            Written::Erlang { k, mean } => Self::Erlang { k, mean: mean.get() },
            Written::Hyperexponential { mean, cv2 } => Self::Hyperexponential { mean: mean.get(), cv2 },
            Written::Never => Self::Never,
        };
        law.check()?;
        Ok(law)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct File {
        law: Law,
    }

    fn read(law: &str) -> Result<Law, String> {
        toml::from_str::<File>(&format!("law = {law}")).map(|file| file.law).map_err(|error| error.to_string())
    }

    #[test]
    fn every_law_can_be_written() {
        let known = [
            ("{ exponential = \"3m\" }", Law::Exponential { mean: 180.0 }),
            ("{ deterministic = 60 }", Law::Deterministic { value: 60.0 }),
            ("{ lognormal = { mean = \"188s\", median = \"114s\" } }", Law::Lognormal { mean: 188.0, median: 114.0 }),
            ("{ uniform = { low = 0, high = \"2m\" } }", Law::Uniform { low: 0.0, high: 120.0 }),
            ("{ erlang = { k = 2, mean = 1.5 } }", Law::Erlang { k: 2, mean: 1.5 }),
            ("{ hyperexponential = { mean = \"1h\", cv2 = 4.0 } }", Law::Hyperexponential { mean: 3600.0, cv2: 4.0 }),
            ("\"never\"", Law::Never),
        ];
        for (text, law) in known {
            assert_eq!(read(text), Ok(law), "{text}");
        }
    }

    #[test]
    fn a_broken_rule_is_named_with_its_line() {
        let broken = [
            ("{ exponential = 0 }", "the mean must be above zero"),
            ("{ lognormal = { mean = \"114s\", median = \"188s\" } }", "below its mean of 114 s, not 188 s"),
            ("{ uniform = { low = 2, high = 1 } }", "0 <= low < high"),
            ("{ erlang = { k = 0, mean = 1 } }", "1 to 1000 stages, not 0"),
            ("{ hyperexponential = { mean = 1, cv2 = 0.5 } }", "above 1, not 0.5"),
            ("{ exponential = \"3 weeks\" }", "is not a unit of time"),
            ("{ deterministic = -3 }", "between 0 and"),
            ("{ lognormal = { mean = 2, median = 1, sd = 4 } }", "unexpected keys in table: sd"),
            ("{ gamma = 3 }", "unknown variant `gamma`"),
        ];
        for (text, rule) in broken {
            let error = read(text).unwrap_err();
            assert!(error.contains(rule) && error.contains("line 1"), "{text}: {error}");
        }
    }
}
