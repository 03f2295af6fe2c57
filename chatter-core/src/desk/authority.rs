//! Who may do what to a chat: one function, default deny.

use crate::{AgentId, ChatId, ChatRecord, ChatState, Permission, Permissions, Principal, TeamChatRecord};

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
    /// Give advice to whoever holds it, seen by staff alone.
    Whisper,
    /// Take part in it beside whoever holds it.
    Join,
    /// Give it away, to an agent or a category.
    Transfer,
    /// Give it to oneself while it waits, or is offered to oneself. That the agent serves its category is
    /// looked at beside this: a chat's record does not tell.
    Take,
    /// Give it to anybody, or put it back, whoever holds it.
    Assign,
    /// Put it back into its queue.
    Unassign,
    /// Let it go on in another one, or another one in it.
    Merge,
    /// Ask why it is where it is.
    Explain,
}

impl Action {
    /// Every action, for tables and tests.
    pub const ALL: [Self; 17] = [
        Self::Subscribe,
        Self::Read,
        Self::Stand,
        Self::Write,
        Self::Note,
        Self::End,
        Self::Reopen,
        Self::SetSubject,
        Self::SetPriority,
        Self::Whisper,
        Self::Join,
        Self::Transfer,
        Self::Take,
        Self::Assign,
        Self::Unassign,
        Self::Merge,
        Self::Explain,
    ];
}

/// May this person do this to this chat? Everything that is not named is denied.
#[must_use]
pub fn may(principal: &Principal, action: Action, chat: &ChatRecord) -> bool {
    match *principal {
        Principal::Customer { customer, chat: scope } => {
            chat.customer == customer && in_scope(scope, chat) && customer_may(action)
        }
        Principal::Agent { agent, permissions } => agent_may(agent, permissions, action, chat),
    }
}

/// A credential for one chat is good for the chat in which that one goes on, too.
pub(super) fn in_scope(scope: Option<ChatId>, chat: &ChatRecord) -> bool {
    scope.is_none_or(|scope| scope == chat.chat || chat.merged_from.contains(&scope))
}

const fn customer_may(action: Action) -> bool {
    match action {
        Action::Subscribe | Action::Read | Action::Stand | Action::Write | Action::End | Action::SetSubject => true,
        Action::Note
        | Action::Reopen
        | Action::SetPriority
        | Action::Whisper
        | Action::Join
        | Action::Transfer
        | Action::Take
        | Action::Assign
        | Action::Unassign
        | Action::Merge
        | Action::Explain => false,
    }
}

/// The agent who holds a chat may do everything with it but stand in line. When it is resolved, the one who had
/// it last keeps following it. Whoever joined takes part. Whoever took part may read it. Whom it is offered to may
/// read it. What goes beyond needs a permission.
fn agent_may(agent: AgentId, permissions: Permissions, action: Action, chat: &ChatRecord) -> bool {
    let over = chat.end().is_some();
    let holds = chat.agent() == Some(agent);
    let had = matches!(chat.state, ChatState::Resolved { .. }) && chat.last_agent == Some(agent);
    let takes_part = holds || had || chat.joined.contains(&agent);
    let asked = chat.offered_to() == Some(agent) || chat.transfer_to == Some(agent);
    let watches = permissions.has(Permission::Watch);
    let assigns = permissions.has(Permission::Assign);
    match action {
        Action::Read => takes_part || asked || watches || chat.agents.contains(&agent),
        Action::Subscribe | Action::Note => takes_part || watches,
        Action::Write | Action::End | Action::SetSubject => takes_part,
        Action::SetPriority => takes_part || assigns,
        Action::Reopen => had,
        Action::Whisper => watches && !holds,
        Action::Join => watches && !takes_part && !over,
        Action::Transfer => holds,
        Action::Take => !over && chat.agent().is_none() && chat.offered_to().is_none_or(|asked| asked == agent),
        Action::Assign => assigns && !over,
        Action::Unassign => (holds || assigns) && !over,
        Action::Merge => takes_part || assigns,
        Action::Explain => takes_part || asked || watches || chat.agents.contains(&agent),
        Action::Stand => false,
    }
}

/// May this person do this in a conversation of agents? Its members write in it and read it, whatever else they may
/// do; nobody else, with whatever permission, knows that it exists.
#[must_use]
pub fn may_in_team(principal: &Principal, action: Action, team: &TeamChatRecord) -> bool {
    let member = match principal {
        Principal::Customer { .. } => false,
        Principal::Agent { agent, .. } => team.members.contains_key(agent),
    };
    match action {
        Action::Subscribe | Action::Read | Action::Write => member,
        Action::Stand
        | Action::Note
        | Action::End
        | Action::Reopen
        | Action::SetSubject
        | Action::SetPriority
        | Action::Whisper
        | Action::Join
        | Action::Transfer
        | Action::Take
        | Action::Assign
        | Action::Unassign
        | Action::Merge
        | Action::Explain => false,
    }
}

/// May this person be told who waits in a line and why? `serves`: whether they may be given chats out of it.
pub(super) const fn may_see_line(principal: &Principal, serves: bool) -> bool {
    match principal {
        Principal::Customer { .. } => false,
        Principal::Agent { permissions, .. } => serves || permissions.has(Permission::Watch),
    }
}

/// True when the person may know that the chat exists.
pub(super) fn knows(principal: &Principal, chat: &ChatRecord) -> bool {
    match *principal {
        Principal::Customer { customer, chat: scope } => chat.customer == customer && in_scope(scope, chat),
        Principal::Agent { agent, permissions } => {
            let asked = chat.offered_to() == Some(agent) || chat.transfer_to == Some(agent);
            let any = permissions.has(Permission::Watch) || permissions.has(Permission::Assign);
            asked || any || chat.agents.contains(&agent)
        }
    }
}
