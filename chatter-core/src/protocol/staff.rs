use serde::Serialize;

use super::view::{AgentView, AgentsOnline, CategoryView, LimitsView, PartyState, Recovery, StaffChat, StaffEntry};
use crate::{ChatId, ClientMsgId, DeskId, HistoryId, PublicSeq, Refusal, Seq, Time};

/// A frame to an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum StaffFrame {
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
        /// Who the agent is.
        agent: AgentView,
        /// The server's time.
        now: Time,
        /// A token to come back with; present after signing in with a password.
        #[serde(skip_serializing_if = "Option::is_none")]
        agent_token: Option<String>,
        /// Bounds to know.
        limits: LimitsView,
        /// All categories.
        categories: Vec<CategoryView>,
        /// The chats this agent holds.
        chats: Vec<StaffChat>,
        /// How many agents are there.
        agents: AgentsOnline,
    },
    /// The state of a chat, whole.
    Chat {
        /// The state.
        chat: StaffChat,
    },
    /// A live entry.
    Entry {
        /// Which chat.
        chat: ChatId,
        /// The entry.
        entry: StaffEntry,
    },
    /// The client's own message is durable. On the sending connection this takes the place of the entry:
    /// it carries the entry's number.
    Accepted {
        /// The reference of the `send_message` or `send_note`.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        /// Which chat.
        chat: ChatId,
        /// The client's id of the message.
        client_msg_id: ClientMsgId,
        /// The number it got.
        seq: Seq,
        /// Its number for the customer; absent for a note.
        #[serde(skip_serializing_if = "Option::is_none")]
        public_seq: Option<PublicSeq>,
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
        entries: Vec<StaffEntry>,
        /// Live entries begin above this number; absent for `read_history`.
        #[serde(skip_serializing_if = "Option::is_none")]
        up_to: Option<Seq>,
    },
    /// The chat is no longer this agent's: drop it from the list. Nothing more of it follows.
    ChatGone {
        /// Which chat.
        chat: ChatId,
    },
    /// The customer came, was lost, or left.
    Presence {
        /// Which chat.
        chat: ChatId,
        /// Whether the customer is there.
        customer: PartyState,
    },
    /// The agent's own state or limits changed.
    Agent {
        /// The state, whole.
        agent: AgentView,
    },
    /// How many agents are there, and how many customers wait: at most once a second.
    Agents {
        /// The numbers.
        agents: AgentsOnline,
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
