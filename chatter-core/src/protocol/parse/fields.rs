//! The fields of a frame, read once. Every field of every command is a plain value.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use crate::Refusal;

macro_rules! fields {
    ($($variant:ident = $name:literal),* $(,)?) => {
        /// A field that some command has.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Field { $($variant),* }

        impl Field {
            const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name on the wire.
            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

fields! {
    Type = "type", Ref = "ref", Chat = "chat", ClientMsgId = "client_msg_id", Text = "text", Kind = "kind",
    Protocol = "protocol", Role = "role", Token = "token", Username = "username", Password = "password",
    Name = "name", Category = "category", Subject = "subject", History = "history", After = "after",
    Before = "before", Limit = "limit", Delivered = "delivered", Read = "read", Priority = "priority",
    State = "state", All = "all", Target = "target", Typing = "typing", Reason = "reason", ToAgent = "to_agent",
    ToCategory = "to_category", Note = "note", Agent = "agent", OverrideLimit = "override_limit", Into = "into",
}

/// What a field was given, as far as any command asks; texts without escapes are borrowed.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    /// A whole number from 0 to 2^64 - 1.
    Whole(u64),
    Text(Cow<'a, str>),
    /// Any other number, a list, an object: no command takes one.
    Other,
}

/// The fields of one frame. They are taken out one by one; what is left at the end was one too many.
#[derive(Default)]
pub(super) struct Fields<'a> {
    values: [Option<Value<'a>>; Field::ALL.len()],
    twice: Option<Field>,
    unknown: bool,
}

impl<'a> Fields<'a> {
    /// Reads a frame into these fields; on a fault, what came before it has been read.
    pub(super) fn read(&mut self, json: &'a [u8]) -> Result<(), Refusal> {
        let json = std::str::from_utf8(json).map_err(|_| bad_frame("must be UTF-8"))?;
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let read = deserializer.deserialize_map(FrameVisitor(self)).and_then(|()| deserializer.end());
        read.map_err(|error| not_json(&error))?;
        match self.twice {
            Some(field) => Err(bad(field, "comes twice")),
            None => Ok(()),
        }
    }

    /// The text of a field, if it has one, left where it is.
    pub(super) fn peek_text(&self, field: Field) -> Option<&str> {
        match self.values[field as usize].as_ref()? {
            Value::Text(text) => Some(text),
            Value::Null | Value::Bool(_) | Value::Whole(_) | Value::Other => None,
        }
    }

    /// A whole number that must be there.
    pub(super) fn whole(&mut self, field: Field) -> Result<u64, Refusal> {
        self.optional_whole(field)?.ok_or_else(|| missing(field))
    }

    /// The same, up to 2^32 - 1.
    pub(super) fn whole_u32(&mut self, field: Field) -> Result<u32, Refusal> {
        self.optional_whole_u32(field)?.ok_or_else(|| missing(field))
    }

    /// A whole number that may be left out.
    pub(super) fn optional_whole(&mut self, field: Field) -> Result<Option<u64>, Refusal> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Whole(number)) => Ok(Some(number)),
            Some(Value::Null | Value::Bool(_) | Value::Text(_) | Value::Other) => {
                Err(bad(field, "must be a whole number, 0 or more"))
            }
        }
    }

    /// The same, up to 2^32 - 1.
    pub(super) fn optional_whole_u32(&mut self, field: Field) -> Result<Option<u32>, Refusal> {
        match self.optional_whole(field)?.map(u32::try_from) {
            None => Ok(None),
            Some(Ok(number)) => Ok(Some(number)),
            Some(Err(_)) => Err(bad(field, "must be below 4294967296")),
        }
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, field: Field) -> Result<Cow<'a, str>, Refusal> {
        self.optional_text(field)?.ok_or_else(|| missing(field))
    }

    /// A text that may be left out.
    pub(super) fn optional_text(&mut self, field: Field) -> Result<Option<Cow<'a, str>>, Refusal> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null | Value::Bool(_) | Value::Whole(_) | Value::Other) => Err(bad(field, "must be a string")),
        }
    }

    /// A text or `null`, one of which must be there.
    pub(super) fn text_or_null(&mut self, field: Field) -> Result<Option<Cow<'a, str>>, Refusal> {
        if matches!(self.values[field as usize], Some(Value::Null)) {
            self.values[field as usize] = None;
            return Ok(None);
        }
        self.text(field).map(Some)
    }

    /// True or false, which must be there.
    pub(super) fn boolean(&mut self, field: Field) -> Result<bool, Refusal> {
        match self.take(field) {
            None => Err(missing(field)),
            Some(Value::Bool(value)) => Ok(value),
            Some(Value::Null | Value::Whole(_) | Value::Text(_) | Value::Other) => {
                Err(bad(field, "must be true or false"))
            }
        }
    }

    /// True or false, which may be left out.
    pub(super) fn optional_boolean(&mut self, field: Field) -> Result<Option<bool>, Refusal> {
        if self.values[field as usize].is_none() { Ok(None) } else { self.boolean(field).map(Some) }
    }

    /// One of the words by which `T` is written, which may be left out; `rule` lists them.
    pub(super) fn optional_word<T: DeserializeOwned>(
        &mut self,
        field: Field,
        rule: &'static str,
    ) -> Result<Option<T>, Refusal> {
        if self.values[field as usize].is_none() { Ok(None) } else { self.word(field, rule).map(Some) }
    }

    /// One of the words by which `T` is written; `rule` lists them.
    pub(super) fn word<T: DeserializeOwned>(&mut self, field: Field, rule: &'static str) -> Result<T, Refusal> {
        let word = self.text(field)?;
        T::deserialize(StrDeserializer::<serde::de::value::Error>::new(&word)).map_err(|_| bad(field, rule))
    }

    /// Refuses fields that nobody asked for.
    pub(super) fn finish(&self) -> Result<(), Refusal> {
        if self.unknown {
            return Err(bad_frame("has a field that is not known"));
        }
        match Field::ALL.iter().find(|field| self.values[**field as usize].is_some()) {
            Some(field) => Err(bad(*field, "is no field of this type of frame")),
            None => Ok(()),
        }
    }

    fn take(&mut self, field: Field) -> Option<Value<'a>> {
        self.values[field as usize].take()
    }

    fn add(&mut self, field: Field, value: Value<'a>) {
        let slot = &mut self.values[field as usize];
        if slot.is_some() {
            // The first stays, and reading goes on, so that a reference further on is found.
            self.twice = self.twice.or(Some(field));
        } else {
            *slot = Some(value);
        }
    }
}

/// A fault of one field.
pub(super) fn bad(field: Field, rule: &str) -> Refusal {
    let field = field.name();
    Refusal::BadRequest { field: field.to_owned(), detail: format!("`{field}` {rule}") }
}

fn missing(field: Field) -> Refusal {
    bad(field, "is missing")
}

fn bad_frame(rule: &str) -> Refusal {
    Refusal::BadRequest { field: String::new(), detail: format!("it {rule}") }
}

/// Says where, never what: the library's own words may quote the input.
fn not_json(error: &serde_json::Error) -> Refusal {
    match error.classify() {
        Category::Data => bad_frame("must be a JSON object"),
        Category::Syntax | Category::Eof | Category::Io => {
            bad_frame(&format!("is not JSON at line {}, column {}", error.line(), error.column()))
        }
    }
}

struct FrameVisitor<'f, 'a>(&'f mut Fields<'a>);

impl<'a> Visitor<'a> for FrameVisitor<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a frame")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            match key {
                Some(field) => self.0.add(field, map.next_value()?),
                None => {
                    self.0.unknown = true;
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// A field's name, if it is one we know.
struct Key(Option<Field>);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field")
            }

            fn visit_str<E>(self, name: &str) -> Result<Key, E> {
                Ok(Key(Field::named(name)))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Value::Whole(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Owned(value.to_owned())))
    }

    /// Skips what is inside without recursion, however deep it is.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }

    /// Skips what is inside without recursion, however deep it is.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }
}
