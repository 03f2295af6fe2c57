//! Conversations of agents among themselves (row C15): the same entries, numbers and receipts as a chat with a
//! customer, without a queue.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{AgentId, Author, ChatId, DedupeRow, Receipts, Seq, Text, Time};

/// Everything durable about one conversation of agents except its entries. Its number is out of the same
/// count as those of chats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "stores build it from rows; a new field must break them")]
pub struct TeamChatRecord {
    /// Its number.
    pub chat: ChatId,
    /// Who takes part, and how far each has got.
    #[serde(deserialize_with = "members")]
    pub members: BTreeMap<AgentId, TeamMember>,
    /// When it was opened.
    pub created_at: Time,
    /// When anything about it last changed.
    pub updated_at: Time,
    /// The number of its newest entry; zero while there is none.
    pub last_seq: Seq,
    /// The newest message.
    pub last_message: Option<TeamMessage>,
    /// How many client ids were used in it, ever.
    pub client_ids: u64,
}

/// Keys of a JSON object are strings. Where a record is read out of the middle of a tagged value, as from the record of
/// a run, serde takes them for nothing else.
fn members<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<AgentId, TeamMember>, D::Error> {
    if !from.is_human_readable() {
        return BTreeMap::deserialize(from);
    }
    let member = |(agent, member): (String, TeamMember)| match agent.parse() {
        Ok(agent) => Ok((AgentId(agent), member)),
        Err(_) => Err(D::Error::custom(format_args!("{agent} is not the number of an agent"))),
    };
    BTreeMap::<String, TeamMember>::deserialize(from)?.into_iter().map(member).collect()
}

/// How far one member has got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "stores build it from rows; a new field must break them")]
pub struct TeamMember {
    /// The marks.
    pub receipts: Receipts<Seq>,
    /// Messages of others that the member has not read; the newest 100 at most.
    pub unread: Vec<Seq>,
}

/// The newest message, for lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::exhaustive_structs, reason = "stores build it from rows; a new field must break them")]
pub struct TeamMessage {
    /// Its number.
    pub seq: Seq,
    /// When it was accepted.
    pub at: Time,
    /// Who wrote it.
    pub author: Author,
    /// What it says; absent once deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
}

/// A conversation as a store gives it back: its record and the newest client ids, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "stores build it from rows; a new field must break them")]
pub struct LoadedTeamChat {
    /// The record.
    pub record: TeamChatRecord,
    /// The newest [`LoadedChat::DEDUPE_MAX`](crate::LoadedChat::DEDUPE_MAX) client ids in the order of use.
    pub dedupe: Vec<Arc<DedupeRow>>,
}
