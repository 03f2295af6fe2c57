//! What comes out of the desk: plain data, all of it.

use super::input::Change;
use crate::protocol::{
    AgentExplanation, AgentView, AgentsOnline, CategoryView, ChatExplanation, ColleagueView, CustomerChat,
    CustomerFrame, OfferView, PlaceView, StaffChat, StaffFrame, TeamChat, WaitingView,
};
use crate::{
    AgentRecord, AuthorKey, CategoryId, CategoryRecord, ChatId, ClientMsgId, CloseReason, CustomerId, Name,
    Permissions, Principal, PublicSeq, Refusal, Seq, SessionId, Time,
};

/// What a step did.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
#[expect(clippy::exhaustive_structs, reason = "the engine must handle all of it")]
pub struct Outcome {
    /// What changed, in order. Events and what belongs to them must become durable before anything else
    /// of this outcome is seen by anyone.
    pub changes: Vec<Change>,
    /// Whom to tell what, in order.
    pub effects: Vec<Effect>,
    /// What the asker is told.
    pub answer: Answer,
    /// The answer goes out before the effect with this index.
    pub answer_at: usize,
    /// What became of sessions and of what they follow, in order. Once the outcome is out, this is what
    /// their clients go by, and what a desk that is loaded again takes up.
    pub sessions: Vec<SessionChange>,
}

/// What became of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the engine must handle all of it")]
pub enum SessionChange {
    /// It began.
    Opened {
        /// Which.
        session: SessionId,
        /// Whose.
        principal: Principal,
    },
    /// It ended.
    Closed {
        /// Which.
        session: SessionId,
    },
    /// It follows a chat.
    Follows {
        /// Which.
        session: SessionId,
        /// Which chat.
        chat: ChatId,
    },
    /// It follows a chat no more.
    Leaves {
        /// Which.
        session: SessionId,
        /// Which chat.
        chat: ChatId,
    },
}

/// What the asker is told.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the engine must handle all of it")]
pub enum Answer {
    /// Yes.
    Reply(Reply),
    /// No.
    Refused(Refusal),
    /// Ask again with these facts. Nothing was changed by the command.
    Lookup(Lookup),
}

/// Which cold facts a command needs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the engine must read all of it")]
pub enum Lookup {
    /// A chat, in which one it goes on if it was merged, and what a client id was first answered with in it or in
    /// those.
    Chat {
        /// The chat.
        chat: ChatId,
        /// The client id, for a message.
        dedupe: Option<(AuthorKey, ClientMsgId)>,
    },
    /// One entry of a chat, by staff's number or by the customer's; the chat's record too.
    Entry {
        /// The chat.
        chat: ChatId,
        /// Which entry.
        target: EntryNumber,
    },
    /// Whom a customer last had.
    LastAgent {
        /// The customer.
        customer: CustomerId,
    },
}

/// The number of an entry, for whoever counts by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there are two audiences")]
pub enum EntryNumber {
    /// For staff.
    Staff(Seq),
    /// For the customer.
    Customer(PublicSeq),
}

/// Whom to tell what, once everything before it is durable.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the engine must handle all of it")]
pub enum Effect {
    /// A frame to sessions of customers.
    ToCustomers {
        /// Which sessions.
        to: Vec<SessionId>,
        /// What.
        frame: CustomerFrame,
    },
    /// A frame to sessions of agents.
    ToStaff {
        /// Which sessions.
        to: Vec<SessionId>,
        /// What.
        frame: StaffFrame,
    },
    /// The chat was given to an agent: its customer's sessions get a customer token.
    GiveCustomerToken {
        /// Which sessions.
        to: Vec<SessionId>,
        /// Who.
        customer: CustomerId,
        /// Which chat.
        chat: ChatId,
        /// The customer's name in it.
        name: Name,
    },
    /// A connection to end.
    Close {
        /// Which.
        session: SessionId,
        /// Why.
        reason: CloseReason,
    },
}

/// A yes, with what was asked for.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the engine must handle all of it")]
pub enum Reply {
    /// Nothing to tell.
    Done,
    /// A session is open.
    Opened(Box<Opened>),
    /// A chat waits or is with an agent.
    Queued {
        /// The chat.
        chat: Box<CustomerChat>,
        /// True when the customer had it already.
        existing: bool,
        /// Its place, while it waits.
        place: Option<PlaceView>,
    },
    /// A place in line.
    Place {
        /// Which chat.
        chat: ChatId,
        /// Where it stands.
        place: PlaceView,
    },
    /// A chat has been given to an agent: the customer may have its token.
    Started {
        /// Which chat.
        chat: ChatId,
        /// The customer's name in it.
        name: Name,
    },
    /// The session follows the chat from here.
    Subscribed(Box<Subscribed>),
    /// The session may read this chat's history.
    MayRead {
        /// Which chat.
        chat: ChatId,
    },
    /// A message or note is in the transcript.
    Accepted(Accepted),
    /// A conversation of agents.
    TeamChat(Box<TeamChat>),
    /// Who waits in a category.
    Queue {
        /// Which category.
        category: CategoryId,
        /// How many wait.
        waiting: u64,
        /// The first of them.
        chats: Vec<WaitingView>,
    },
    /// Who answers.
    Team(Vec<ColleagueView>),
    /// Why a chat is where it is.
    ChatExplained(Box<ChatExplanation>),
    /// Why an agent gets no chat.
    AgentExplained(Box<AgentExplanation>),
    /// Everybody the desk knows.
    Roster {
        /// All categories.
        categories: Vec<CategoryRecord>,
        /// The agents that were not removed.
        agents: Vec<AgentRecord>,
    },
}

/// What a new session is told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there are two audiences")]
pub enum Opened {
    /// For a customer.
    Customer {
        /// When.
        now: Time,
        /// Who.
        customer: CustomerId,
        /// All categories.
        categories: Vec<CategoryView>,
        /// The customer's chats that are not closed.
        chats: Vec<CustomerChat>,
    },
    /// For an agent.
    Agent {
        /// When.
        now: Time,
        /// All categories.
        categories: Vec<CategoryView>,
        /// The agent.
        agent: AgentView,
        /// The chats the agent holds, and those they have joined.
        chats: Vec<StaffChat>,
        /// How many agents are there.
        agents: AgentsOnline,
        /// What the agent may do beyond their own chats.
        permissions: Permissions,
        /// The chats the agent is asked to take.
        offers: Vec<OfferView>,
        /// The agent's conversations with others.
        team_chats: Vec<TeamChat>,
    },
}

/// Where a session's live entries begin, and the state at that point.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there are two audiences")]
pub enum Subscribed {
    /// For a customer.
    Customer {
        /// The newest public number.
        up_to: PublicSeq,
        /// The chat.
        chat: CustomerChat,
    },
    /// For an agent.
    Staff {
        /// The newest number.
        up_to: Seq,
        /// The chat.
        chat: Box<StaffChat>,
    },
    /// For a member of a conversation of agents.
    Team {
        /// The newest number.
        up_to: Seq,
        /// The conversation.
        team_chat: Box<TeamChat>,
    },
}

/// The result of a message or note.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain data")]
pub struct Accepted {
    /// Which chat.
    pub chat: ChatId,
    /// The client's id.
    pub client_msg_id: ClientMsgId,
    /// The number it got.
    pub seq: Seq,
    /// Its number for the customer.
    pub public_seq: Option<PublicSeq>,
    /// When it was accepted.
    pub at: Time,
    /// True when it had been accepted before.
    pub duplicate: bool,
    /// True when the id had been used for another body, which stands.
    pub conflict: bool,
}
