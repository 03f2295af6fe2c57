//! Text that people write, checked once where it enters: the rest of the core holds only valid text.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// An input that breaks a rule: names the field and the rule, never repeats the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[error("`{field}` must be {rule}")]
#[non_exhaustive]
pub struct Invalid {
    /// The field, by its name on the wire.
    pub field: &'static str,
    /// What would have been accepted.
    pub rule: &'static str,
}

impl Invalid {
    /// `field` must be `rule`.
    #[must_use]
    pub const fn new(field: &'static str, rule: &'static str) -> Self {
        Self { field, rule }
    }
}

#[cfg(feature = "schema")]
mod schema {
    use schemars::{Schema, SchemaGenerator, json_schema};

    /// What [`str::trim`] takes away, as in a regular expression.
    const BLANK: &str = r"\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000";

    /// A text of `max` characters, none of them in `banned`. What is read may have blank space around it, which counts
    /// for nothing; what is written has none.
    pub(super) fn of_text(generator: &SchemaGenerator, max: usize, banned: &str, rule: &str) -> Schema {
        if generator.contract().is_serialize() {
            return json_schema!({
                "type": "string",
                "description": rule,
                "minLength": 1,
                "maxLength": max,
                "pattern": format!("^[^{banned}]+$"),
            });
        }
        let inner = max - 2;
        let edge = format!("[^{BLANK}{banned}]");
        json_schema!({
            "type": "string",
            "description": format!("{rule}, after blank space at both ends was taken away"),
            "pattern": format!("^[{BLANK}]*{edge}(?:[^{banned}]{{0,{inner}}}{edge})?[{BLANK}]*$"),
        })
    }
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $field:literal, $max:literal, $control:expr, $banned:literal, $rule:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The most characters (Unicode scalar values) there can be.
            pub const MAX_CHARS: usize = $max;

            /// # Errors
            /// When the text breaks the rule above.
            pub fn new(text: &str) -> Result<Self, Invalid> {
                let legal: fn(char) -> bool = $control;
                let trimmed = text.trim();
                // The byte length is checked first so that a huge input is refused without counting it.
                let fits = trimmed.len() <= $max * 4 && trimmed.chars().count() <= $max;
                if !trimmed.is_empty() && fits && trimmed.chars().all(legal) {
                    Ok(Self(trimmed.into()))
                } else {
                    Err(Invalid::new($field, $rule))
                }
            }

            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        /// Shows the length only: what people write must not reach a log by accident.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} bytes)"), self.0.len())
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schema::of_text(generator, Self::MAX_CHARS, $banned, $rule)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::new(&text).map_err(D::Error::custom)
            }
        }
    };
}

text! {
    /// What a person or a category is called: 1 to 80 characters after trimming, none of them control
    /// characters. Names need not be unique.
    Name, "name", 80, |c| !c.is_control(), r"\u0000-\u001F\u007F-\u009F", "1 to 80 characters without control characters"
}
text! {
    /// What a chat is about, in the customer's or agent's words: 1 to 200 characters after trimming,
    /// none of them control characters.
    Subject, "subject", 200, |c| !c.is_control(), r"\u0000-\u001F\u007F-\u009F", "1 to 200 characters without control characters"
}
text! {
    /// A message's or note's text: 1 to 1,000 characters after trimming. Line breaks and tabs are kept,
    /// other control characters are refused. It is text, never markup.
    Text, "text", 1_000, |c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'),
    r"\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F", "1 to 1000 characters without control characters other than line breaks and tabs"
}
