//! The ways of a chat between its places, and of an agent between states.

use chatter_core::{
    AgentId, AgentState, ChatId, ChatState, EndReason, Fact, OfferEnd, RequeueCause, Side, StateCause, Time, Trigger,
};

use crate::world::World;

type Checked = Result<(), String>;

impl World {
    /// An agent is not asked for this chat again for a while.
    pub(crate) fn cool(&mut self, at: Time, chat: ChatId, agent: AgentId) {
        let until = at + self.settings.cool_down;
        let it = self.at_mut(chat);
        it.cooling.retain(|(who, _)| *who != agent);
        it.cooling.push((agent, until));
        if !it.passed.contains(&agent) {
            it.passed.push(agent);
        }
    }

    /// The chat waits from now on, at the place of its arrival.
    pub(crate) fn waits_again(&mut self, at: Time, chat: ChatId) {
        let grace = at + self.settings.customer_grace;
        let present = self.present(self.at(chat));
        let it = self.at_mut(chat);
        if it.resolved() || (it.holder().is_some() && it.replied) {
            it.waits_since = at;
        }
        it.state = ChatState::Waiting;
        (it.offer_until, it.transfer, it.reply_until) = (None, None, None);
        (it.silent_since, it.warned) = (None, false);
        if !present && it.grace_until.is_none() {
            it.grace_until = Some(grace);
        }
    }

    /// A chat goes from its holder back into its line.
    pub(crate) fn requeue(&mut self, at: Time, chat: ChatId, cause: RequeueCause) -> Checked {
        let agent = self.at(chat).holder().expect("somebody holds it");
        if self.at(chat).transfer.is_some() {
            self.transfer_ends(at, chat, OfferEnd::Withdrawn)?;
        }
        self.say(at, Fact::ChatRequeued { chat, agent, cause })?;
        self.waits_again(at, chat);
        self.has_let_go(at, agent)
    }

    /// An offer ends without an acceptance.
    pub(crate) fn offer_ends(&mut self, at: Time, chat: ChatId, how: OfferEnd) -> Checked {
        let agent = self.at(chat).offered_to().expect("it is offered");
        self.say(at, Fact::OfferEnded { chat, agent, how })?;
        self.waits_again(at, chat);
        Ok(())
    }

    /// A transfer ends without an acceptance: the holder keeps the chat.
    pub(crate) fn transfer_ends(&mut self, at: Time, chat: ChatId, how: OfferEnd) -> Checked {
        let (to, _) = self.at(chat).transfer.expect("it is being transferred");
        self.at_mut(chat).transfer = None;
        self.say(at, Fact::TransferEnded { chat, to, how })
    }

    /// A chat ends, wherever it is.
    pub(crate) fn resolve(&mut self, at: Time, chat: ChatId, by: Side, reason: EndReason) -> Checked {
        if self.at(chat).offered_to().is_some() {
            self.offer_ends(at, chat, OfferEnd::Withdrawn)?;
        }
        if self.at(chat).transfer.is_some() {
            self.transfer_ends(at, chat, OfferEnd::Withdrawn)?;
        }
        self.say(at, Fact::ChatResolved { chat, by, reason })?;
        let holder = self.at(chat).holder();
        let wrap_up = self.settings_of(self.at(chat).category).wrap_up;
        let it = self.at_mut(chat);
        let was_parked = it.parked;
        it.state = ChatState::Resolved { at, by, reason };
        (it.offer_until, it.grace_until, it.reply_until, it.silent_since) = (None, None, None, None);
        (it.sticky, it.wish, it.parked, it.warned) = (None, None, false, false);
        it.joined.clear();
        it.cooling.clear();
        it.passed.clear();
        if let Some(agent) = holder {
            let it = self.agent_mut(agent);
            if !wrap_up.is_zero() && !was_parked {
                it.wrap_ups.push((chat, at + wrap_up));
            }
            self.has_let_go(at, agent)?;
        }
        // Where nobody may come back to it, in the same step.
        if self.settings.close_after.is_zero() { self.close(at, chat) } else { Ok(()) }
    }

    /// A resolved chat is over for good.
    pub(crate) fn close(&mut self, at: Time, chat: ChatId) -> Checked {
        self.say(at, Fact::ChatClosed { chat })?;
        let it = self.at_mut(chat);
        if let ChatState::Resolved { at, by, reason } = it.state {
            it.state = ChatState::Closed { at, by, reason };
        }
        it.cooling.clear();
        Ok(())
    }

    /// A resolved chat goes on: it waits as of now, with a wish for whom it had last.
    pub(crate) fn reopen(&mut self, at: Time, chat: ChatId, by: Side) -> Checked {
        let episode = self.at(chat).episode + 1;
        self.say(at, Fact::ChatReopened { chat, by, episode })?;
        let it = self.at_mut(chat);
        it.episode = episode;
        it.arrived_at = at;
        it.overflow = 0;
        let (last, wait) = (it.last_agent, self.settings_of(self.at(chat).category).sticky_wait);
        self.waits_again(at, chat);
        self.prefers(at, chat, last, Trigger::LastAgent, wait.unwrap_or_default());
        Ok(())
    }

    /// An agent says, or is found, to be in another state; what does not go with it ends.
    pub(crate) fn sets_state(&mut self, at: Time, agent: AgentId, state: AgentState, cause: StateCause) -> Checked {
        if self.agent(agent).is_some_and(|it| it.state == state) {
            return Ok(());
        }
        let it = self.agent_mut(agent);
        it.state = state;
        it.misses = 0;
        // Whether they hold a chat makes no difference: letting it go will count.
        if state == AgentState::Online {
            it.released_at = at;
        }
        self.say(at, Fact::AgentStateChanged { agent, state, cause })?;
        self.sticky_agents_left();
        if state != AgentState::Online {
            self.withdraws(at, agent)?;
        }
        // The end of a last call leaves nothing held, and is no leaving of what was joined.
        if state == AgentState::Offline && cause != StateCause::LastCallDone {
            self.lets_go(at, agent, RequeueCause::AgentLeft)?;
        }
        self.last_call_may_end(at, agent)
    }

    /// Offers and transfers to an agent are taken back.
    pub(crate) fn withdraws(&mut self, at: Time, agent: AgentId) -> Checked {
        for chat in self.offered(agent) {
            self.offer_ends(at, chat, OfferEnd::Withdrawn)?;
        }
        let coming: Vec<ChatId> =
            self.chats.iter().filter(|it| it.transfer.is_some_and(|(to, _)| to == agent)).map(|it| it.id).collect();
        for chat in coming {
            self.transfer_ends(at, chat, OfferEnd::Withdrawn)?;
        }
        Ok(())
    }

    /// Nothing stays with an agent who cannot answer.
    pub(crate) fn lets_go(&mut self, at: Time, agent: AgentId, cause: RequeueCause) -> Checked {
        for chat in self.held(agent) {
            self.requeue(at, chat, cause)?;
        }
        let joined: Vec<ChatId> = self.chats.iter().filter(|it| it.joined.contains(&agent)).map(|it| it.id).collect();
        for chat in joined {
            self.parts(at, chat, agent)?;
        }
        Ok(())
    }

    /// A chat is not with an agent any more.
    pub(crate) fn has_let_go(&mut self, at: Time, agent: AgentId) -> Checked {
        self.agent_mut(agent).released_at = at;
        self.last_call_may_end(at, agent)
    }

    /// The last chat of a last call has ended.
    fn last_call_may_end(&mut self, at: Time, agent: AgentId) -> Checked {
        let on_last_call = self.agent(agent).is_some_and(|it| it.state == AgentState::LastCall);
        if on_last_call && self.held(agent).is_empty() {
            return self.sets_state(at, agent, AgentState::Offline, StateCause::LastCallDone);
        }
        Ok(())
    }
}
