//! What staff is shown of the work: offers, queues, colleagues, conversations among agents.

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, AgentState, CategoryId, ChatId, Name, OfferEnd, Priority, Receipts, Seq, Subject, TeamMessage, Text, Time,
};

/// A chat that an agent is asked to take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct OfferView {
    /// Which chat.
    pub chat: ChatId,
    /// What it is about.
    pub category: CategoryId,
    /// The name the customer gave.
    pub customer_name: Name,
    /// In somebody's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// How urgent it is.
    pub priority: Priority,
    /// When the customer began to wait.
    pub arrived_at: Time,
    /// When the offer runs out.
    pub until: Time,
    /// Who asks for a transfer; absent when the desk offers the chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<AgentId>,
}

/// Why an offer is gone, as its agent is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
#[non_exhaustive]
pub enum OfferOutcome {
    /// The agent took it: the chat's state follows.
    Accepted,
    /// It ended in another way.
    #[serde(untagged)]
    Ended(OfferEnd),
}

/// The same tag as that of [`OfferEnd`], with one word more.
#[cfg(feature = "schema")]
impl schemars::JsonSchema for OfferOutcome {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OfferOutcome".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = OfferEnd::json_schema(generator);
        let accepted = schemars::json_schema!({
            "type": "object",
            "description": "The agent took it: the chat's state follows.",
            "properties": { "how": { "type": "string", "const": "accepted" } },
            "required": ["how"],
        });
        if let Some(ways) = schema.get_mut("oneOf").and_then(serde_json::Value::as_array_mut) {
            ways.insert(0, accepted.into());
        }
        schema.insert("description".to_owned(), "Why an offer is gone, as its agent is told.".into());
        schema
    }
}

/// A waiting chat, as those who serve its category see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct WaitingView {
    /// Which chat.
    pub chat: ChatId,
    /// What it is about.
    pub category: CategoryId,
    /// The name the customer gave.
    pub customer_name: Name,
    /// In somebody's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// How urgent it is.
    pub priority: Priority,
    /// When the customer began to wait.
    pub arrived_at: Time,
    /// False when the customer is not connected, or is held back.
    pub ready: bool,
    /// Who is asked to take it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_to: Option<AgentId>,
}

/// An agent, as colleagues see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct ColleagueView {
    /// Their number.
    pub agent: AgentId,
    /// The name customers see.
    pub name: Name,
    /// What they said of themselves.
    pub state: AgentState,
    /// True while they have a connection.
    pub connected: bool,
    /// Slots taken now.
    pub load: u32,
    /// The most chats at once.
    pub max_chats: u32,
    /// The categories they serve.
    pub categories: Vec<CategoryId>,
    /// The chats they hold; for those who may watch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chats: Vec<ChatId>,
}

/// Somebody who has a chat open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct ViewerView {
    /// Who.
    pub agent: AgentId,
    /// Their name.
    pub name: Name,
    /// True while they write in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub writing: bool,
}

/// What a customer types, or that they do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct TypingView {
    /// False: stopped.
    pub typing: bool,
    /// The words so far, where previews are switched on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
}

/// A conversation with another agent, as one of the two sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct TeamChat {
    /// Its number, for `subscribe`, `send_message`, `receipt` and `read_history`.
    pub chat: ChatId,
    /// Who takes part.
    pub members: Vec<TeamMemberView>,
    /// When it was opened.
    pub created_at: Time,
    /// When anything about it last changed.
    pub updated_at: Time,
    /// The number of the newest entry.
    pub last_seq: Seq,
    /// Messages one has not read; 100 stands for 100 or more.
    pub unread: u32,
    /// The newest message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<TeamMessage>,
}

/// A member of a conversation of agents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct TeamMemberView {
    /// Who.
    pub agent: AgentId,
    /// Their name.
    pub name: Name,
    /// How far they have got.
    pub receipts: Receipts<Seq>,
}
