//! What clients are shown of chats. Customer views have no field for what staff alone may see.

use serde::{Deserialize, Serialize};

use super::view::CustomerEntry;
use crate::{
    AgentId, CategoryId, ChatId, ChatStatus, CustomerId, EndReason, LastMessage, Name, Priority, PublicSeq, Receipts,
    Seq, Side, Subject, Time,
};

/// A chat as its customer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct CustomerChat {
    /// Its number.
    pub chat: ChatId,
    /// What it is about.
    pub category: CategoryId,
    /// Open, in progress, resolved or closed.
    pub status: ChatStatus,
    /// The name the customer gave.
    pub customer_name: Name,
    /// In somebody's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The name of the agent who holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Name>,
    /// Whether the agent is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_presence: Option<PartyState>,
    /// 1 for the first, one more with every reopening.
    pub episode: u32,
    /// When it was opened.
    pub created_at: Time,
    /// When anything about it that the customer may see last changed.
    pub updated_at: Time,
    /// How it ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<EndView>,
    /// The chat it goes on in, once merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<ChatId>,
    /// The number of the newest entry.
    pub last_public_seq: PublicSeq,
    /// Messages the customer has not read; 100 stands for 100 or more.
    pub unread: u32,
    /// How far the customer has got.
    pub own_receipts: Receipts<PublicSeq>,
    /// How far staff has got, in the customer's numbers.
    pub other_receipts: Receipts<PublicSeq>,
    /// The newest message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<CustomerEntry>,
}

/// A chat as staff sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct StaffChat {
    /// Its number.
    pub chat: ChatId,
    /// What it is about.
    pub category: CategoryId,
    /// Open, in progress, resolved or closed.
    pub status: ChatStatus,
    /// Who asks.
    pub customer: CustomerId,
    /// The name the customer gave.
    pub customer_name: Name,
    /// Whether the customer is there.
    pub customer_presence: PartyState,
    /// In somebody's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// How urgent it is.
    pub priority: Priority,
    /// Who holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// Agents who joined beside the holder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<AgentId>,
    /// The agent who is asked to take it over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer_to: Option<AgentId>,
    /// The customer has been silent for long: it takes no room until they are back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub parked: bool,
    /// The chat it goes on in, once merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<ChatId>,
    /// The chats that go on in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged_from: Vec<ChatId>,
    /// 1 for the first, one more with every reopening.
    pub episode: u32,
    /// When the customer began to wait in this episode.
    pub arrived_at: Time,
    /// When it was opened.
    pub created_at: Time,
    /// When anything about it that the customer may see last changed.
    pub updated_at: Time,
    /// How it ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<EndView>,
    /// The number of the newest entry.
    pub last_seq: Seq,
    /// Messages staff has not read; 100 stands for 100 or more.
    pub unread: u32,
    /// How far staff has got.
    pub own_receipts: Receipts<Seq>,
    /// How far the customer has got, in staff's numbers.
    pub other_receipts: Receipts<Seq>,
    /// The newest message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<LastMessage>,
}

/// How a chat ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct EndView {
    /// When.
    pub at: Time,
    /// By which side.
    pub by: Side,
    /// Why.
    pub reason: EndReason,
}

/// A place in line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "wire views are plain data")]
pub struct PlaceView {
    /// The number ahead plus one; absent where the policy fixes no order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u64>,
    /// How many are ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead: Option<u64>,
    /// Agents of the category who are online and connected.
    pub agents_online: u32,
    /// The wait to expect; absent without data, never zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_wait_ms: Option<u64>,
    /// True when the place rose: somebody with a higher priority or an earlier arrival came in ahead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub moved_back: bool,
}

/// Whether a party of the chat is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PartyState {
    /// Connected.
    Joined,
    /// The connection was lost; the grace runs.
    ConnectionLost,
    /// Gone: left, or lost for longer than the grace.
    Left,
}
