//! What can happen.

use std::time::Duration;

use crate::{AgentState, CategorySettings, Priority};

/// What happens next. Numbers are picks: they are taken modulo what there is.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Customer {
        who: u8,
        scope: Option<u8>,
    },
    Agent {
        who: u8,
        permissions: u8,
    },
    Close {
        session: u8,
    },
    Join {
        session: u8,
        category: Option<u8>,
    },
    Say {
        session: u8,
        chat: u8,
        id: u8,
        text: u8,
        kind: Kind,
    },
    /// Many messages at once: past the rate, past what is remembered.
    Burst {
        session: u8,
        chat: u8,
        id: u16,
        count: u16,
    },
    Receipt {
        session: u8,
        chat: u8,
        delivered: Option<u8>,
        read: Option<u8>,
    },
    About {
        session: u8,
        chat: u8,
        what: About,
    },
    Declare {
        session: u8,
        state: AgentState,
    },
    SignOut {
        session: u8,
        all: bool,
    },
    SetAgent {
        who: u8,
        max_chats: u32,
        categories: u8,
        name: u8,
    },
    RemoveAgent {
        who: u8,
    },
    SetCategory {
        category: u8,
        name: u8,
        settings: CategorySettings,
    },
    SetPolicy {
        policy: u8,
    },
    EndWrapUp {
        session: u8,
    },
    /// An agent speaks in a chat that they hold, and nothing happens for a while.
    Stall {
        pick: u8,
    },
    /// A customer who was silent for long speaks again.
    Return {
        pick: u8,
    },
    /// Who does the work; mostly asked by somebody who may.
    Work {
        session: u8,
        chat: u8,
        what: Work,
    },
    Refused {
        session: u8,
        chat: u8,
        id: u8,
    },
    Roster,
    /// Staff looks around, or talks among themselves.
    Staff {
        session: u8,
        what: Staff,
    },
    Wait {
        time: Duration,
        looks: bool,
    },
    /// The process is killed and started again.
    Restart,
    /// A write has failed: the desk is loaded again, under sessions that go on.
    Reload,
    /// Waits for pushes and holds them against the truth.
    Look,
}

/// What staff asks that is not about a chat of theirs.
#[derive(Clone, Debug)]
pub(super) enum Staff {
    OpenTeamChat(u8),
    Queue(u8),
    Team,
    WhyWaiting(u8),
    WhyIdle(Option<u8>),
}

/// What is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Message,
    Note,
    Whisper,
}

/// What is asked of a chat.
#[derive(Clone, Debug)]
pub(super) enum About {
    Status,
    Start,
    Subscribe,
    Unsubscribe,
    Read,
    End,
    Reopen,
    Subject(Option<u8>),
    Priority(Priority),
    Typing(bool),
    Join,
    Leave,
    Edit(u8, u8),
    Delete(u8),
}

/// What is done by hand.
#[derive(Clone, Debug)]
pub(super) enum Work {
    Accept,
    Decline,
    Transfer { to: u8, note: bool },
    Move { to: u8 },
    Assign { to: Option<u8>, past_limit: bool },
    Unassign,
    TakeOver,
    Merge { into: u8 },
}
