//! Single values: checked casts, 16-byte ids, and enums by the names they have on the wire.

use chatter_core::{AgentId, AuthorKey, CustomerId, Name, Time};
use rusqlite::Row;
use rusqlite::types::{FromSql, Value};
use serde::Serialize;
use serde::de::value::{Error as NameError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer as _};

use crate::failure::Failure;

/// SQLite's integers end at 2⁶³; nothing that Chatter counts comes near.
pub(crate) fn int(what: &'static str, value: u64) -> Result<i64, Failure> {
    i64::try_from(value).map_err(|_| Failure::Unstorable { what })
}

/// As [`int`], for what may be absent.
pub(crate) fn int_opt(what: &'static str, value: Option<u64>) -> Result<Option<i64>, Failure> {
    value.map(|value| int(what, value)).transpose()
}

/// A bound of a range: beyond SQLite's integers there is nothing to find.
pub(crate) fn bound(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A number of rows, as a `LIMIT`.
pub(crate) fn limit(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A plain enum by its name on the wire.
pub(crate) fn name_of<T: Serialize>(what: &'static str, value: &T) -> Result<String, Failure> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        _ => Err(Failure::Unstorable { what }),
    }
}

/// A list or a structure as JSON.
pub(crate) fn json_of<T: Serialize>(what: &'static str, value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|_| Failure::Unstorable { what })
}

/// An author as kind and id: a customer's 16 bytes, an agent's number.
pub(crate) fn author_key(author: AuthorKey) -> Result<(&'static str, Value), Failure> {
    match author {
        AuthorKey::Customer(customer) => Ok((CUSTOMER, Value::Blob(customer.0.to_be_bytes().to_vec()))),
        AuthorKey::Agent(agent) => Ok((AGENT, Value::Integer(int("author", agent.0)?))),
        _ => Err(Failure::Unstorable { what: "author" }),
    }
}

pub(crate) const CUSTOMER: &str = "customer";
pub(crate) const AGENT: &str = "agent";
pub(crate) const SYSTEM: &str = "system";

/// The columns of a row, taken from left to right; looking each up by name would cost a comparison with
/// every other.
pub(crate) struct Cells<'row, 'stmt> {
    row: &'row Row<'stmt>,
    next: usize,
}

impl<'row, 'stmt> Cells<'row, 'stmt> {
    pub(crate) const fn new(row: &'row Row<'stmt>) -> Self {
        Self { row, next: 0 }
    }

    /// The next column, as the binding reads it.
    pub(crate) fn take<T: FromSql>(&mut self) -> Result<T, Failure> {
        let value = self.row.get(self.next)?;
        self.next += 1;
        Ok(value)
    }

    /// A number that is never negative.
    pub(crate) fn count(&mut self, what: &'static str) -> Result<u64, Failure> {
        u64::try_from(self.take::<i64>()?).map_err(|_| Failure::Illegal { what })
    }

    /// As [`Cells::count`], or null.
    pub(crate) fn count_opt(&mut self, what: &'static str) -> Result<Option<u64>, Failure> {
        let value: Option<i64> = self.take()?;
        value.map(|value| u64::try_from(value).map_err(|_| Failure::Illegal { what })).transpose()
    }

    /// A smaller number that is never negative.
    pub(crate) fn small(&mut self, what: &'static str) -> Result<u32, Failure> {
        u32::try_from(self.take::<i64>()?).map_err(|_| Failure::Illegal { what })
    }

    pub(crate) fn time(&mut self, what: &'static str) -> Result<Time, Failure> {
        self.count(what).map(Time)
    }

    pub(crate) fn customer(&mut self) -> Result<CustomerId, Failure> {
        self.take::<[u8; 16]>().map(|bytes| CustomerId(u128::from_be_bytes(bytes)))
    }

    /// A plain enum by its name on the wire.
    pub(crate) fn named<T: DeserializeOwned>(&mut self, what: &'static str) -> Result<T, Failure> {
        from_name(what, &self.take::<String>()?)
    }

    /// As [`Cells::named`], or null.
    pub(crate) fn named_opt<T: DeserializeOwned>(&mut self, what: &'static str) -> Result<Option<T>, Failure> {
        let name: Option<String> = self.take()?;
        name.map(|name| from_name(what, &name)).transpose()
    }

    /// A list or a structure from JSON.
    pub(crate) fn json<T: DeserializeOwned>(&mut self, what: &'static str) -> Result<T, Failure> {
        serde_json::from_str(&self.take::<String>()?).map_err(|_| Failure::Illegal { what })
    }

    /// As [`Cells::json`], or null.
    pub(crate) fn json_opt<T: DeserializeOwned>(&mut self, what: &'static str) -> Result<Option<T>, Failure> {
        let json: Option<String> = self.take()?;
        json.map(|json| serde_json::from_str(&json).map_err(|_| Failure::Illegal { what })).transpose()
    }

    pub(crate) fn name(&mut self, what: &'static str) -> Result<Name, Failure> {
        Name::new(&self.take::<String>()?).map_err(|_| Failure::Illegal { what })
    }

    /// As [`Cells::name`], or null.
    pub(crate) fn name_opt(&mut self, what: &'static str) -> Result<Option<Name>, Failure> {
        let name: Option<String> = self.take()?;
        name.map(|name| Name::new(&name).map_err(|_| Failure::Illegal { what })).transpose()
    }

    /// An author's kind and id, without the system.
    pub(crate) fn author_key(&mut self) -> Result<AuthorKey, Failure> {
        match self.take::<String>()?.as_str() {
            CUSTOMER => Ok(AuthorKey::Customer(self.customer()?)),
            AGENT => Ok(AuthorKey::Agent(AgentId(self.count("author")?))),
            _ => Err(Failure::Illegal { what: "author_kind" }),
        }
    }
}

fn from_name<T: DeserializeOwned>(what: &'static str, name: &str) -> Result<T, Failure> {
    let name: StrDeserializer<'_, NameError> = name.into_deserializer();
    T::deserialize(name).map_err(|_| Failure::Illegal { what })
}
