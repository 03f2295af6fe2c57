//! Text that people write, checked once where it enters: the rest of the core holds only valid text.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// An input that breaks a rule: names the field and the rule, never repeats the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
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

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $field:literal, $max:literal, $control:expr, $rule:literal) => {
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
    Name, "name", 80, |c| !c.is_control(), "1 to 80 characters without control characters"
}
text! {
    /// What a chat is about, in the customer's or agent's words: 1 to 200 characters after trimming,
    /// none of them control characters.
    Subject, "subject", 200, |c| !c.is_control(), "1 to 200 characters without control characters"
}
text! {
    /// A message's or note's text: 1 to 1,000 characters after trimming. Line breaks and tabs are kept,
    /// other control characters are refused. It is text, never markup.
    Text, "text", 1_000, |c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'),
    "1 to 1000 characters without control characters other than line breaks and tabs"
}
