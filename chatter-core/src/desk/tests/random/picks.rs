//! What a number that was drawn picks out of what there is.

use super::super::super::Input;
use super::super::support::{Bench, message};
use crate::desk::state::Chat;
use crate::{AgentId, CategoryId, ChatId, Name, Permission, Principal, SessionId};

/// The shipped policies, and one that is none.
pub(super) fn policies() -> impl Iterator<Item = Name> {
    crate::policy::NAMES.into_iter().chain(["no-such"]).map(|name| Name::new(name).unwrap())
}

pub(super) fn agent(pick: u8) -> AgentId {
    AgentId(u64::from(pick % 4) + 1)
}

/// Mostly one of the three that there are from the beginning.
pub(super) fn category_of(pick: u8) -> CategoryId {
    CategoryId(match pick % 14 {
        number @ 0..=4 => u32::from(number),
        more => 1 + u32::from(more % 3),
    })
}

/// One of the sessions that are open; now and then one that is not.
pub(super) fn session_of(bench: &Bench, pick: u8) -> SessionId {
    let open: Vec<_> = bench.desk.state.sessions.keys().collect();
    let at = usize::from(pick);
    if at == 255 || open.is_empty() { SessionId(999_999) } else { open[at % open.len()] }
}

/// A chat that is not closed, if there is one.
pub(super) fn open_chat(bench: &Bench, pick: u8) -> ChatId {
    let open: Vec<_> = bench.desk.state.chats.keys().collect();
    open.get(usize::from(pick) % open.len().max(1)).copied().unwrap_or(ChatId(1))
}

/// Mostly a chat that the session has to do with, closed ones too; sometimes any number at all.
pub(super) fn chat_of(bench: &Bench, session: u8, pick: u8) -> ChatId {
    let principal = bench.desk.state.sessions.get(&session_of(bench, session)).map(|it| it.principal.clone());
    let concerns = |record: &&crate::ChatRecord| match principal {
        Some(Principal::Customer { customer, .. }) => record.customer == customer,
        // Whoever watches has to do with any chat.
        Some(Principal::Agent { agent, permissions }) => record.agents.contains(&agent) || !permissions.is_none(),
        None => false,
    };
    let takes_part = |record: &&crate::TeamChatRecord| {
        let member = |principal: &Principal| crate::desk::may_in_team(principal, crate::desk::Action::Read, record);
        principal.as_ref().is_some_and(member)
    };
    let teams = bench.store.team_chats.values().filter(takes_part).map(|record| record.chat);
    let chats = bench.store.chats.values().filter(concerns).map(|record| record.chat);
    let own: Vec<_> = chats.chain(teams).collect();
    let pick = usize::from(pick);
    if pick < 224 && !own.is_empty() {
        own[own.len() - 1 - pick % own.len()]
    } else {
        ChatId((pick % (bench.store.chats.len() + bench.store.team_chats.len() + 2)) as u64)
    }
}

/// A session of somebody who may give and merge any chat.
pub(super) fn supervisor(bench: &Bench) -> Option<SessionId> {
    let assigns = |principal: &Principal| match principal {
        Principal::Agent { permissions, .. } => permissions.has(Permission::Assign),
        Principal::Customer { .. } => false,
    };
    bench.desk.state.sessions.iter().find(|(_, session)| assigns(&session.principal)).map(|(number, _)| number)
}

pub(super) fn holder(bench: &Bench, record: &crate::ChatRecord) -> Option<SessionId> {
    bench.desk.state.agents.get(&record.agent()?)?.sessions.first().copied()
}

/// A new message in one of the chats where a session is picked out.
pub(super) fn speak(bench: &Bench, pick: u8, session: impl Fn(&Chat) -> Option<SessionId>) -> Option<Input> {
    let chats = bench.desk.state.chats.iter();
    let all: Vec<_> =
        chats.filter_map(|(number, chat)| Some((number, session(chat)?, chat.record.last_seq.0))).collect();
    let (chat, session, seq) = *all.get(usize::from(pick) % all.len().max(1))?;
    Some(Input::Ask { session, command: message(chat, &format!("s{seq}"), "anything else?"), facts: None })
}
