//! What goes into the desk, and the changes it makes: plain data, all of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::deadlines::Timer;
use crate::protocol::{AgentsOnline, Availability, Command, PlaceView};
use crate::{
    AgentId, CategoryId, CategoryRecord, ChatId, ChatRecord, ClientMsgId, DedupeRow, Entry, Event, Name, Overwrite,
    Principal, SessionId, Subject, Time,
};

/// What a desk is asked to do. Ids that it does not count itself come with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Input {
    /// Makes or changes a category.
    SetCategory(CategoryRecord),
    /// Puts another policy of the given ones in the place of the desk's, for the chats that wait too. Not
    /// stored: a desk starts with the policy it is given.
    SetPolicy {
        /// Its name.
        name: Name,
    },
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
        /// Cold facts, if the desk has asked for them by [`Answer::Lookup`](super::Answer::Lookup).
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
    /// The first result of the command's client id, if it was used before, in the chat or in those in which
    /// it goes on.
    pub dedupe: Option<DedupeRow>,
    /// The chat in which it goes on at last, if it was merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goes_on_in: Option<ChatId>,
    /// The entry that the command is about, if there is one.
    pub entry: Option<Entry>,
    /// Whom the customer last had, if they had anybody.
    pub last_agent: Option<AgentId>,
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
    /// An entry that edits or deletes another one, what that one says now, and when it was written. Boxed since
    /// every change is as large as the largest, and is moved several times on its way to the store.
    Changed(Box<(Entry, Overwrite, Time)>),
    /// What a customer gave on joining.
    Joined {
        /// The name.
        name: Name,
        /// The subject.
        subject: Option<Subject>,
    },
    /// A subject.
    Subject(Option<Subject>),
    /// An entry, and its client id unless the system wrote it. Boxed for the same reason.
    Entry(Box<Entry>, Option<Arc<DedupeRow>>),
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
    /// A message was refused for now; later ones of the session wait for it, or for one before it.
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
    /// A message that was refused came again, or will not.
    MessageResent {
        /// Which session.
        session: SessionId,
        /// Which chat.
        chat: ChatId,
        /// Which message.
        client_msg_id: ClientMsgId,
    },
    /// A chat waits for the agent whom its customer had last.
    StickyHeld {
        /// Which chat.
        chat: ChatId,
        /// For whom.
        agent: AgentId,
        /// Until when.
        until: Time,
    },
    /// It waits for anybody now.
    StickyEnded {
        /// Which chat.
        chat: ChatId,
    },
    /// An agent's wrap-up ended before its time.
    WrapUpEnded {
        /// When.
        at: Time,
        /// Who.
        agent: AgentId,
    },
    /// The policies in use changed.
    PolicySet {
        /// When.
        at: Time,
        /// The name of the desk's policy.
        name: Name,
    },
    /// Somebody types, or has stopped. What they type is in no change.
    Typing {
        /// When.
        at: Time,
        /// Over which connection.
        session: SessionId,
        /// In which chat.
        chat: ChatId,
        /// False: stopped.
        typing: bool,
    },
    /// The desk was loaded again under those who follow a chat: what they were told of who is in it is not known.
    CompanyUnknown {
        /// Which chat.
        chat: ChatId,
    },
    /// Those who follow a chat were told who types in it and who has it open.
    CompanyTold {
        /// Which chat.
        chat: ChatId,
    },
    /// Customers without a chat under way were told what they can join.
    AvailabilityPushed {
        /// When.
        at: Time,
        /// What was told, of those that changed.
        categories: Vec<(CategoryId, Availability)>,
    },
    /// Sessions were taken over: what they were told they can join is not known.
    LobbyUntold,
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
