//! What goes into the desk and what comes out of it: plain data, all of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::deadlines::Timer;
use crate::protocol::{
    AgentView, AgentsOnline, CategoryView, Command, CustomerChat, CustomerFrame, PlaceView, StaffChat, StaffFrame,
};
use crate::{
    AgentId, AgentRecord, AuthorKey, CategoryId, CategoryRecord, ChatId, ChatRecord, ClientMsgId, CloseReason,
    CustomerId, DedupeRow, Entry, Event, Name, Principal, PublicSeq, Refusal, Seq, SessionId, Subject, Time,
};

/// What a desk is asked to do. Ids that it does not count itself come with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Input {
    /// Makes or renames a category.
    SetCategory(CategoryRecord),
    /// Makes or changes an agent.
    SetAgent {
        /// Who.
        agent: AgentId,
        /// The name customers see.
        name: Name,
        /// The most chats at once, 1 to 1,000.
        max_chats: u32,
        /// The categories they serve, at least one.
        categories: BTreeSet<CategoryId>,
    },
    /// Removes an agent.
    RemoveAgent {
        /// Who.
        agent: AgentId,
    },
    /// A connection was authenticated.
    OpenSession {
        /// Its number.
        session: SessionId,
        /// Who it is.
        principal: Principal,
    },
    /// A connection has ended.
    CloseSession {
        /// Its number.
        session: SessionId,
    },
    /// A command came over a connection.
    Ask {
        /// Over which.
        session: SessionId,
        /// What is asked.
        command: Command,
        /// Cold facts, if the desk has asked for them by [`Answer::Lookup`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        facts: Option<Box<Facts>>,
    },
    /// A message was refused outside the desk (the store could not write); later ones of this session wait
    /// for it, so that the order holds.
    MessageRefused {
        /// Over which connection.
        session: SessionId,
        /// In which chat.
        chat: ChatId,
        /// The message to send first.
        client_msg_id: ClientMsgId,
    },
    /// Asks for everybody the desk knows.
    Roster,
}

/// Cold facts about a chat, read from the store because the desk keeps only what is live. What the desk
/// has in memory wins over them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "the engine builds it")]
pub struct Facts {
    /// The chat, if there is one.
    pub chat: Option<ChatRecord>,
    /// The first result of the command's client id, if it was used before.
    pub dedupe: Option<DedupeRow>,
}

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
#[expect(clippy::exhaustive_structs, reason = "the engine must read all of it")]
pub struct Lookup {
    /// The chat.
    pub chat: ChatId,
    /// The client id, for a message.
    pub dedupe: Option<(AuthorKey, ClientMsgId)>,
}

/// One change of state. [`Desk::apply`](super::Desk::apply) is the only function that changes state.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there are two kinds")]
pub enum Change {
    /// A durable fact, with the words that belong to it and are never part of an event.
    Event(Event, Words),
    /// Something that is not stored.
    Signal(Signal),
}

/// What people wrote, and other data that lives in rows and entries alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Words {
    /// Nothing beside the event.
    None,
    /// A category's or agent's name.
    Named(Name),
    /// What a customer gave on joining.
    Joined {
        /// The name.
        name: Name,
        /// The subject.
        subject: Option<Subject>,
    },
    /// A subject.
    Subject(Option<Subject>),
    /// An entry, and its client id unless the system wrote it.
    Entry(Entry, Option<Arc<DedupeRow>>),
}

/// A change that is not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signal {
    /// A session began.
    SessionOpened {
        /// When.
        at: Time,
        /// Which.
        session: SessionId,
        /// Whose.
        principal: Principal,
    },
    /// A session ended.
    SessionClosed {
        /// When.
        at: Time,
        /// Which.
        session: SessionId,
    },
    /// Every session ended: the process was restarted.
    AllSessionsLost {
        /// When.
        at: Time,
    },
    /// A session follows a chat.
    Subscribed {
        /// Which session.
        session: SessionId,
        /// Which chat.
        chat: ChatId,
    },
    /// A session follows a chat no more.
    Unsubscribed {
        /// Which session.
        session: SessionId,
        /// Which chat.
        chat: ChatId,
    },
    /// A message was refused; later ones of the session wait for it.
    MessageRefused {
        /// When.
        at: Time,
        /// Which session.
        session: SessionId,
        /// Which chat.
        chat: ChatId,
        /// Which message.
        client_msg_id: ClientMsgId,
    },
    /// The refused message came again.
    MessageResent {
        /// Which session.
        session: SessionId,
        /// Which chat.
        chat: ChatId,
    },
    /// A deadline was reached and is being acted on.
    TimerFired {
        /// The deadline.
        at: Time,
        /// Whose.
        timer: Timer,
    },
    /// A waiting customer was told the place.
    PlacePushed {
        /// In which chat.
        chat: ChatId,
        /// What was told.
        place: PlaceView,
        /// False when only the session that asked was told.
        to_all: bool,
    },
    /// A round of pushes to the customers of a category has come this far.
    PushRound {
        /// When.
        at: Time,
        /// Which category.
        category: CategoryId,
        /// Where to go on; absent when the round is complete.
        next: Option<(u8, i64, ChatId)>,
    },
    /// Staff was told the numbers.
    AgentsPushed {
        /// When.
        at: Time,
        /// What was told.
        agents: AgentsOnline,
    },
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
        /// The chats the agent holds.
        chats: Vec<StaffChat>,
        /// How many agents are there.
        agents: AgentsOnline,
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
        chat: StaffChat,
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
