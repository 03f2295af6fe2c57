//! Who may do what to a chat: one function, default deny.

use crate::{AgentId, ChatId, ChatRecord, ChatState, Principal};

/// What someone wants to do to a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Action {
    /// Follow its entries live.
    Subscribe,
    /// Read its transcript.
    Read,
    /// Ask for its place in line or its token.
    Stand,
    /// Write a message, or say how far they have got.
    Write,
    /// Write a note.
    Note,
    /// End it.
    End,
    /// Go on with it after it was resolved.
    Reopen,
    /// Set its subject.
    SetSubject,
    /// Set its priority.
    SetPriority,
}

impl Action {
    /// Every action, for tables and tests.
    pub const ALL: [Self; 9] = [
        Self::Subscribe,
        Self::Read,
        Self::Stand,
        Self::Write,
        Self::Note,
        Self::End,
        Self::Reopen,
        Self::SetSubject,
        Self::SetPriority,
    ];
}

/// May this person do this to this chat? Everything that is not named is denied.
#[must_use]
pub fn may(principal: &Principal, action: Action, chat: &ChatRecord) -> bool {
    match *principal {
        Principal::Customer { customer, chat: scope } => {
            chat.customer == customer && in_scope(scope, chat.chat) && customer_may(action)
        }
        Principal::Agent { agent } => agent_may(agent, action, chat),
    }
}

fn in_scope(scope: Option<ChatId>, chat: ChatId) -> bool {
    scope.is_none_or(|scope| scope == chat)
}

const fn customer_may(action: Action) -> bool {
    match action {
        Action::Subscribe | Action::Read | Action::Stand | Action::Write | Action::End | Action::SetSubject => true,
        Action::Note | Action::Reopen | Action::SetPriority => false,
    }
}

/// The agent who holds a chat may do everything but stand in line. When it is resolved, the one who had it
/// last keeps following it. Whoever took part may read it.
fn agent_may(agent: AgentId, action: Action, chat: &ChatRecord) -> bool {
    let holds = chat.agent() == Some(agent);
    let had = matches!(chat.state, ChatState::Resolved { .. }) && chat.last_agent == Some(agent);
    match action {
        Action::Read => holds || chat.agents.contains(&agent),
        Action::Subscribe | Action::Note | Action::End | Action::SetSubject | Action::SetPriority | Action::Write => {
            holds || had
        }
        Action::Reopen => had,
        Action::Stand => false,
    }
}

/// True when the person may know that the chat exists.
pub(super) fn knows(principal: &Principal, chat: &ChatRecord) -> bool {
    match *principal {
        Principal::Customer { customer, chat: scope } => chat.customer == customer && in_scope(scope, chat.chat),
        Principal::Agent { agent } => chat.agents.contains(&agent),
    }
}
