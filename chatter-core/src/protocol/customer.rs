use serde::Serialize;

use super::chat_view::{CustomerChat, PartyState, PlaceView};
use super::desk_view::{CategoryView, LimitsView};
use super::view::{CustomerEntry, Recovery};
use crate::{ChatId, ClientMsgId, CustomerId, DeskId, HistoryId, Name, PublicSeq, Refusal, Time};

/// A frame to a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum CustomerFrame {
    /// The answer to `hello`: the connection stands.
    Ready {
        /// The reference of the `hello`.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        /// The protocol spoken.
        protocol: u32,
        /// The desk.
        desk: DeskId,
        /// The history that positions belong to.
        history: HistoryId,
        /// Who the customer is.
        customer: CustomerId,
        /// The server's time.
        now: Time,
        /// A token to come back with as the same customer; present for a new customer.
        #[serde(skip_serializing_if = "Option::is_none")]
        visitor_token: Option<String>,
        /// Bounds to know.
        limits: LimitsView,
        /// What there is to join.
        categories: Vec<CategoryView>,
        /// The customer's chats that are not closed.
        chats: Vec<CustomerChat>,
    },
    /// The answer to `join_queue`: the chat waits, or is already with an agent.
    Queued {
        /// The reference of the `join_queue`.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        /// The chat.
        chat: CustomerChat,
        /// True when the customer had this chat already.
        existing: bool,
        /// Where it stands, while it waits.
        #[serde(skip_serializing_if = "Option::is_none")]
        place: Option<PlaceView>,
        /// A token that names this customer and this chat.
        #[serde(skip_serializing_if = "Option::is_none")]
        queue_token: Option<String>,
    },
    /// The place in line changed, or was asked for.
    Place {
        /// The reference of a `queue_status`.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        /// Which chat.
        chat: ChatId,
        /// Where it stands.
        #[serde(flatten)]
        place: PlaceView,
    },
    /// The state of a chat, whole.
    Chat {
        /// The state.
        chat: CustomerChat,
    },
    /// The token of a chat that was given to an agent.
    CustomerToken {
        /// The reference of a `start_chat`.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        /// Which chat.
        chat: ChatId,
        /// A token that names this customer and this chat.
        customer_token: String,
    },
    /// A live entry.
    Entry {
        /// Which chat.
        chat: ChatId,
        /// The entry.
        entry: CustomerEntry,
        /// The present form of the entry that it edits or deletes.
        #[serde(skip_serializing_if = "Option::is_none")]
        target: Option<CustomerEntry>,
    },
    /// The client's own message is durable. On the sending connection this takes the place of the entry:
    /// it carries the entry's number.
    Accepted {
        /// The reference of the `send_message`.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        /// Which chat.
        chat: ChatId,
        /// The client's id of the message.
        client_msg_id: ClientMsgId,
        /// The number it got.
        public_seq: PublicSeq,
        /// When it was accepted.
        at: Time,
        /// True when it had been accepted before.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        duplicate: bool,
        /// True when the id had been used before for another text, which stands.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        conflict: bool,
    },
    /// Entries that were asked for: by `subscribe` (with `recovery`) or by `read_history` (without).
    Page {
        /// The reference of the `subscribe` or `read_history`.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        /// Which chat.
        chat: ChatId,
        /// The history the numbers belong to.
        history: HistoryId,
        /// Whether the subscription goes on from the client's position.
        #[serde(skip_serializing_if = "Option::is_none")]
        recovery: Option<Recovery>,
        /// The entries, ascending.
        entries: Vec<CustomerEntry>,
        /// The present forms of entries before these that they edit or delete.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        targets: Vec<CustomerEntry>,
        /// Live entries begin above this number; absent for `read_history`.
        #[serde(skip_serializing_if = "Option::is_none")]
        up_to: Option<PublicSeq>,
    },
    /// An agent types, or has stopped. May be left out when the connection is slow.
    Typing {
        /// In which chat.
        chat: ChatId,
        /// Who.
        agent: Name,
        /// False: stopped.
        typing: bool,
    },
    /// What a category can be joined for changed: at most once a second, to customers without a chat under way.
    Availability {
        /// The categories where it changed, with what they are now.
        categories: Vec<CategoryView>,
    },
    /// The agent came, was lost, or left.
    Presence {
        /// Which chat.
        chat: ChatId,
        /// Whether the agent is there.
        agent: PartyState,
    },
    /// Done, with nothing to tell.
    Done {
        /// The reference of the command.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
    },
    /// The answer to `ping`.
    Pong {
        /// The reference of the `ping`.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
    },
    /// The command was refused.
    Error {
        /// The reference of the command.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        /// The client's id, when a message was refused.
        #[serde(skip_serializing_if = "Option::is_none")]
        client_msg_id: Option<ClientMsgId>,
        /// Why, for programs.
        #[serde(flatten)]
        refusal: Refusal,
        /// Why, for people who write clients.
        message: String,
    },
}
