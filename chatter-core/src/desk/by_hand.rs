//! Chats that people give and take by hand: assigning, unassigning, taking over (rows B11, C16).

use super::{Action, Desk, Facts, Out, Reply, Stop, Words, may};
use crate::{
    AgentId, AgentState, ChatId, Fact, OfferEnd, Permission, Principal, Refusal, RequeueCause, Time, Unavailable,
};

impl Desk {
    /// Gives a chat to an agent. Without the permission to assign: to oneself, and only what waits in a queue
    /// that one serves, or is offered to oneself. Of several who take the same chat the first gets it; the
    /// others are told that it does not wait any more.
    #[expect(clippy::too_many_arguments, reason = "the parts of one command")]
    pub(super) fn assign_by_hand(
        &mut self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        agent: Option<AgentId>,
        override_limit: bool,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let Principal::Agent { agent: by, permissions } = *principal else { return Err(Refusal::NotAllowed.into()) };
        if override_limit && !permissions.has(Permission::Override) {
            return Err(Refusal::NotAllowed.into());
        }
        let agent = agent.unwrap_or(by);
        let holder = if agent == by && !permissions.has(Permission::Assign) {
            self.takeable(principal, by, chat, facts)?
        } else {
            self.unfinished_chat(principal, Action::Assign, chat, facts)?.record.agent()
        };
        if holder == Some(agent) {
            return Ok(Reply::Done);
        }
        let over_limit = self.check_hand(by, agent, chat, override_limit)?;
        self.assign_to(now, chat, agent, by, over_limit, out);
        Ok(Reply::Done)
    }

    /// May an agent without permissions take this chat? Gives who holds it, which is nobody or the agent.
    fn takeable(
        &self,
        principal: &Principal,
        agent: AgentId,
        chat: ChatId,
        facts: Option<&Facts>,
    ) -> Result<Option<AgentId>, Stop> {
        let Some(state) = self.state.chats.get(&chat) else {
            self.closed_chat(principal, chat, facts)?;
            return Err(Refusal::ChatClosed { chat }.into());
        };
        let record = &state.record;
        if record.agent() == Some(agent) {
            return Ok(record.agent());
        }
        let serves =
            |category| self.state.agents.get(&agent).is_some_and(|it| it.record.categories.contains(&category));
        if !self.categories_serving(state).any(serves) {
            // What waits elsewhere is not theirs to know of.
            self.authorize(principal, Action::Assign, record)?;
        }
        if !may(principal, Action::Take, record) {
            return Err(Refusal::NotWaiting { chat, status: record.status() }.into());
        }
        Ok(None)
    }

    /// Can an agent be given a chat by hand? The desk's own reasons not to (rest, cooling down, what they say of
    /// themselves when they take it) do not count, their limit does. Gives whether it goes past that.
    fn check_hand(&self, by: AgentId, agent: AgentId, chat: ChatId, override_limit: bool) -> Result<bool, Refusal> {
        let state = self.state.agents.get(&agent).ok_or(Refusal::UnknownAgent)?;
        let refuse = |reason| Err(Refusal::AgentUnavailable { agent, reason });
        match state.record.state {
            _ if !state.record.active => return refuse(Unavailable::Offline),
            AgentState::Offline => return refuse(Unavailable::Offline),
            _ if state.sessions.is_empty() => return refuse(Unavailable::Disconnected),
            AgentState::Away if agent != by && !override_limit => return refuse(Unavailable::Away),
            AgentState::LastCall if agent != by && !override_limit => return refuse(Unavailable::LastCall),
            AgentState::Online | AgentState::Away | AgentState::LastCall => {}
        }
        // The slot that this chat takes already, as an offer or a wrap-up, becomes its own.
        let taken = [&state.offers, &state.reserved, &state.wrap_ups].iter().any(|slots| slots.contains(&chat));
        let over_limit = state.load() - u32::from(taken) >= state.record.max_chats;
        if over_limit && !override_limit { refuse(Unavailable::Full) } else { Ok(over_limit) }
    }

    /// Gives an unfinished chat to an agent who does not hold it, wherever it is.
    fn assign_to(&mut self, now: Time, chat: ChatId, agent: AgentId, by: AgentId, over_limit: bool, out: &mut Out) {
        let Some(record) = self.state.chats.get(&chat).map(|state| &state.record) else { return };
        let from = record.agent();
        if let Some(asked) = record.offered_to().or(record.transfer_to) {
            self.end_offer(now, chat, asked, OfferEnd::Withdrawn, out);
        }
        let before = self.staff_audience(chat);
        self.emit(now, Fact::ChatAssignedByHand { chat, from, agent, by, over_limit }, Words::None, out);
        self.tell_assigned(now, chat, agent, &before, out);
        if let Some(from) = from {
            self.let_go(now, from, out);
        }
    }

    /// The holder, or somebody for them, puts a chat back into its queue. What waits there already stays.
    pub(super) fn unassign(
        &mut self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let record = &self.unfinished_chat(principal, Action::Unassign, chat, facts)?.record;
        let holder = record.agent().and_then(|agent| self.state.agents.get(&agent));
        let Some((agent, name)) = holder.map(|it| (it.record.agent, it.record.name.clone())) else {
            return Ok(Reply::Done);
        };
        self.requeue(now, chat, agent, &name, RequeueCause::Unassigned, out);
        self.let_go(now, agent, out);
        Ok(Reply::Done)
    }

    /// A supervisor takes a chat from whoever holds it, whatever their own limit.
    pub(super) fn take_over(
        &mut self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let Principal::Agent { agent, .. } = *principal else { return Err(Refusal::NotAllowed.into()) };
        if self.unfinished_chat(principal, Action::Assign, chat, facts)?.record.agent() == Some(agent) {
            return Ok(Reply::Done);
        }
        let over_limit = self.check_hand(agent, agent, chat, true)?;
        self.assign_to(now, chat, agent, agent, over_limit, out);
        Ok(Reply::Done)
    }

    pub(super) fn apply_assigned_by_hand(&mut self, chat: ChatId, agent: AgentId, at: Time) {
        if self.state.chats.get(&chat).is_some_and(|state| state.spot.is_some()) {
            self.count_departure(chat, at);
        }
        self.hand_over(chat, agent, at);
    }
}
