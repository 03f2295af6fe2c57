//! Joining a chat beside its holder (row C16).
//!
//! Whoever joined takes part: they write, and the customer sees their name. It takes none of their room and says
//! nothing of what they take otherwise, so somebody who is offline by their own word may join while they are
//! connected. By rule 8 nothing stays with someone who cannot answer: it ends with the chat's end, when they leave,
//! declare themselves offline, sign out of their last session, are removed, or have been without a connection for
//! the grace.

use super::{Action, Desk, Facts, Out, Reply, Stop, Words};
use crate::Few;
use crate::{AgentId, ChatId, Fact, Name, Principal, Refusal, RequeueCause, SessionId, SystemLine, Time};

impl Desk {
    /// Joins. Who takes part already has what they ask for.
    pub(super) fn join_chat(
        &mut self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let Principal::Agent { agent, .. } = *principal else { return Err(Refusal::NotAllowed.into()) };
        if let Some(record) = self.state.chats.get(&chat).map(|state| &state.record) {
            if record.joined.contains(&agent) || record.agent() == Some(agent) {
                return Ok(Reply::Done);
            }
            if record.end().is_some() && super::may(principal, Action::Read, record) {
                return Err(Refusal::ChatResolved { chat }.into());
            }
        }
        self.open_chat(principal, Action::Join, chat, facts)?;
        let name = self.name_of(agent)?;
        self.emit(now, Fact::AgentJoinedChat { chat, agent }, Words::None, out);
        self.add_system_line(now, chat, SystemLine::AgentJoined { agent, name }, out);
        self.tell_chat(chat, out);
        Ok(Reply::Done)
    }

    /// Leaves. Who has not joined has what they ask for; who holds the chat gives it away in other ways.
    pub(super) fn leave_chat(
        &mut self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let Principal::Agent { agent, .. } = *principal else { return Err(Refusal::NotAllowed.into()) };
        let Some(record) = self.state.chats.get(&chat).map(|state| &state.record) else {
            return match self.open_chat(principal, Action::Read, chat, facts) {
                Err(Stop::Refused(Refusal::ChatClosed { .. })) | Ok(_) => Ok(Reply::Done),
                Err(stop) => Err(stop),
            };
        };
        if !super::authority::knows(principal, record) {
            return Err(Refusal::UnknownChat { chat }.into());
        }
        if record.agent() == Some(agent) {
            return Err(Refusal::NotAllowed.into());
        }
        if record.joined.contains(&agent) {
            let name = self.name_of(agent)?;
            self.part(now, chat, agent, SystemLine::AgentLeft { agent, name }, out);
        }
        Ok(Reply::Done)
    }

    fn name_of(&self, agent: AgentId) -> Result<Name, Refusal> {
        Ok(self.state.agents.get(&agent).ok_or(Refusal::UnknownAgent)?.record.name.clone())
    }

    /// An agent leaves everything that they have joined.
    pub(super) fn leave_all(&mut self, now: Time, agent: AgentId, cause: RequeueCause, out: &mut Out) {
        let Some(joined) = self.state.agents.get(&agent).map(|it| it.joined.clone()) else { return };
        for chat in joined {
            let Ok(name) = self.name_of(agent) else { return };
            let line = match cause {
                RequeueCause::AgentLost => SystemLine::AgentLost { agent, name },
                RequeueCause::AgentLeft | RequeueCause::Unassigned | RequeueCause::NoFirstReply => {
                    SystemLine::AgentLeft { agent, name }
                }
            };
            self.part(now, chat, agent, line, out);
        }
    }

    fn part(&mut self, now: Time, chat: ChatId, agent: AgentId, line: SystemLine, out: &mut Out) {
        let before = self.staff_audience(chat);
        self.emit(now, Fact::AgentLeftChat { chat, agent }, Words::None, out);
        self.add_system_line(now, chat, line, out);
        let former = before.without(&self.staff_audience(chat));
        self.tell_chat_gone(chat, &former, out);
        self.tell_chat(chat, out);
    }

    /// The sessions of those who have joined a chat, to tell them something.
    pub(super) fn joined_sessions(&self, chat: ChatId) -> Few<SessionId> {
        if self.silent {
            return Few::new();
        }
        let joined = self.state.chats.get(&chat).into_iter().flat_map(|state| &state.record.joined);
        joined.filter_map(|agent| self.state.agents.get(agent)).flat_map(|it| it.sessions.iter().copied()).collect()
    }

    pub(super) fn apply_agent_joined(&mut self, chat: ChatId, agent: AgentId) {
        self.change_chat_for_staff(chat, |record| {
            record.joined.insert(agent);
            record.agents.insert(agent);
        });
        if let Some(joiner) = self.state.agents.get_mut(&agent) {
            joiner.joined.insert(chat);
        }
        self.company_changed(chat);
    }

    pub(super) fn apply_agent_left(&mut self, chat: ChatId, agent: AgentId) {
        self.change_chat_for_staff(chat, |record| {
            record.joined.remove(&agent);
        });
        self.forget_join(chat, agent);
        self.drop_staff_subscribers(chat);
    }

    /// Nobody takes part beside the holder any more: the chat is over.
    pub(super) fn end_joins(&mut self, chat: ChatId) {
        let Some(state) = self.state.chats.get_mut(&chat).filter(|it| !it.record.joined.is_empty()) else { return };
        for agent in std::mem::take(&mut state.record.joined) {
            self.forget_join(chat, agent);
        }
    }

    pub(super) fn forget_join(&mut self, chat: ChatId, agent: AgentId) {
        if let Some(joiner) = self.state.agents.get_mut(&agent) {
            joiner.joined.remove(&chat);
        }
        self.end_idle_grace(agent);
    }
}
