use serde::Serialize;

use super::chat_view::{PartyState, StaffChat};
use super::desk_view::{AgentView, AgentsOnline, CategoryView, LimitsView};
use super::explain::{AgentExplanation, ChatExplanation};
use super::view::{Recovery, StaffEntry};
use super::work::{ColleagueView, OfferOutcome, OfferView, TeamChat, TypingView, ViewerView, WaitingView};
use crate::{
    AgentId, CategoryId, ChatId, ClientMsgId, DeskId, HistoryId, OfferEnd, Permissions, PublicSeq, Refusal, Seq, Time,
};

/// A frame to an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
        /// The chats this agent holds, and those they have joined.
        chats: Vec<StaffChat>,
        /// How many agents are there.
        agents: AgentsOnline,
        /// What this agent may do beyond their own chats.
        permissions: Permissions,
        /// The chats this agent is asked to take.
        offers: Vec<OfferView>,
        /// This agent's conversations with others.
        team_chats: Vec<TeamChat>,
    },
    /// The agent is asked to take a chat; sent again when what it shows changes meanwhile.
    Offer {
        /// The chat.
        offer: OfferView,
    },
    /// An offer is gone.
    OfferGone {
        /// Of which chat.
        chat: ChatId,
        /// How it ended.
        #[serde(flatten)]
        outcome: OfferOutcome,
    },
    /// A transfer that this agent asked for was not taken: the chat stays with them.
    TransferFailed {
        /// Which chat.
        chat: ChatId,
        /// Who was asked.
        #[serde(rename = "to_agent")]
        to: AgentId,
        /// How it ended.
        #[serde(flatten)]
        how: OfferEnd,
    },
    /// Who has a chat open, and who writes in it.
    Viewers {
        /// Which chat.
        chat: ChatId,
        /// Those who take part and have it open, the reader too, and whoever writes in it. Who only watches is not
        /// shown.
        viewers: Vec<ViewerView>,
    },
    /// The customer types. May be left out when the connection is slow.
    Typing {
        /// In which chat.
        chat: ChatId,
        /// What is known.
        #[serde(flatten)]
        typing: TypingView,
    },
    /// The state of a conversation with another agent, whole.
    TeamChat {
        /// The reference of an `open_team_chat`.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        /// The state.
        team_chat: TeamChat,
    },
    /// Who waits in a category: the answer to `read_queue`.
    Queue {
        /// The reference of the `read_queue`.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        /// Which category.
        category: CategoryId,
        /// How many wait, those whom an agent is asked about too.
        waiting: u64,
        /// The first 200 of them, in the order of their places: whom an agent is asked about has nobody ahead.
        chats: Vec<WaitingView>,
    },
    /// Who answers: the answer to `read_team`.
    Team {
        /// The reference of the `read_team`.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        /// Everybody who was not removed.
        agents: Vec<ColleagueView>,
    },
    /// Why a chat is where it is: the answer to `explain_chat`.
    ChatExplained {
        /// The reference of the `explain_chat`.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        /// The explanation.
        explanation: Box<ChatExplanation>,
    },
    /// Why an agent gets no chat: the answer to `explain_agent`.
    AgentExplained {
        /// The reference of the `explain_agent`.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        /// The explanation.
        explanation: Box<AgentExplanation>,
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
        /// The present form of the entry that it edits or deletes.
        #[serde(skip_serializing_if = "Option::is_none")]
        target: Option<StaffEntry>,
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
        /// The present forms of entries before these that they edit or delete.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        targets: Vec<StaffEntry>,
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
