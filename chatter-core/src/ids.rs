//! Identifiers and numbers. Counters are dense and start at 1; nothing here is secret, so knowing an
//! id gives no access to what it names.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Invalid;

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        #[expect(clippy::exhaustive_structs, reason = "a number with a name, for ever")]
        pub struct $name(pub $inner);

        impl $name {
            /// The next higher value.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0 + 1)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

counter! {
    /// A conversation, numbered by its desk.
    ChatId(u64)
}
counter! {
    /// Someone who answers. The number is given by whoever keeps the accounts.
    AgentId(u64)
}
counter! {
    /// What a chat is about; each category has one queue.
    CategoryId(u32)
}
counter! {
    /// One connection of one person, numbered by the engine; never reused while a desk is loaded.
    SessionId(u64)
}
counter! {
    /// The number of an entry for staff: dense per chat, notes included.
    Seq(u64)
}
counter! {
    /// The number of an entry for the customer: dense per chat, public entries only.
    PublicSeq(u64)
}
counter! {
    /// The number of an event: dense per desk.
    EventNo(u64)
}
counter! {
    /// How many batches a store has committed for a desk.
    Revision(u64)
}
counter! {
    /// Rises with every owner of a desk; a commit with an older one is refused.
    Fence(u64)
}

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(clippy::exhaustive_structs, reason = "128 bits with a name, for ever")]
        pub struct $name(pub u128);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:032x})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            /// Reads exactly 32 lower-case hexadecimal digits.
            fn from_str(text: &str) -> Result<Self, Invalid> {
                let digits = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
                match u128::from_str_radix(text, 16) {
                    Ok(value) if text.len() == 32 && digits => Ok(Self(value)),
                    _ => Err(Invalid::new(stringify!($name), "32 lower-case hexadecimal digits")),
                }
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "description": "32 lower-case hexadecimal digits",
                    "pattern": "^[0-9a-f]{32}$",
                })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    };
}

random_id! {
    /// Someone who asks. Drawn at random by whoever authenticates customers, so it cannot be guessed;
    /// written as 32 hexadecimal digits.
    CustomerId
}
random_id! {
    /// Names one unbroken history of a store. It changes only when acknowledged entries may have been
    /// lost, so a position from another history cannot be resumed.
    HistoryId
}

/// Names a desk: 1 to 64 characters out of `a-z`, `0-9`, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct DeskId(#[cfg_attr(feature = "schema", schemars(regex(pattern = "^[a-z0-9_-]{1,64}$")))] Arc<str>);

impl DeskId {
    /// # Errors
    /// When the name breaks the rule above.
    pub fn new(name: &str) -> Result<Self, Invalid> {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        if (1..=64).contains(&name.len()) && name.bytes().all(legal) {
            Ok(Self(name.into()))
        } else {
            Err(Invalid::new("desk", "1 to 64 characters out of a-z, 0-9, - and _"))
        }
    }

    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for DeskId {
    /// The desk `main`.
    fn default() -> Self {
        Self("main".into())
    }
}

impl fmt::Display for DeskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Made by a client to make resending a message harmless: 1 to 64 visible ASCII characters, unique
/// per author and chat.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ClientMsgId(#[cfg_attr(feature = "schema", schemars(regex(pattern = "^[!-~]{1,64}$")))] Arc<str>);

impl ClientMsgId {
    /// # Errors
    /// When the id breaks the rule above.
    pub fn new(id: &str) -> Result<Self, Invalid> {
        if (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(id.into()))
        } else {
            Err(Invalid::new("client_msg_id", "1 to 64 visible ASCII characters without spaces"))
        }
    }

    /// The id itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientMsgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ClientMsgId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(D::Error::custom)
    }
}
