//! What happens by itself, and when.

use chatter_core::{
    AgentId, AgentState, ChatId, ChatState, EndReason, Fact, OfferEnd, RequeueCause, Side, StateCause, Time,
};

use crate::world::World;

type Checked = Result<(), String>;

/// Something that will happen by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    Cooled(ChatId, AgentId),
    Rested(AgentId),
    WrappedUp(AgentId),
    StickyEnds(ChatId),
    Abandoned(ChatId),
    AgentLost(AgentId),
    Closes(ChatId),
    NoFirstReply(ChatId),
    OfferEnds(ChatId),
    TransferEnds(ChatId),
    Overflows(ChatId),
    WaitedTooLong(ChatId),
    Parks(ChatId),
    Warns(ChatId),
    TooSilent(ChatId),
}

impl Due {
    /// Makes no fact of its own.
    const fn is_silent(self) -> bool {
        matches!(self, Self::Cooled(..) | Self::Rested(_) | Self::WrappedUp(_) | Self::StickyEnds(_) | Self::Warns(_))
    }
}

impl World {
    /// Everything that will happen by itself, unordered.
    pub(crate) fn dues(&self) -> Vec<(Time, Due)> {
        let mut dues = Vec::new();
        for agent in &self.agents {
            dues.extend(agent.lost_at.map(|at| (at, Due::AgentLost(agent.id))));
            dues.extend(agent.rests_until.map(|at| (at, Due::Rested(agent.id))));
            dues.extend(agent.wrap_ups.iter().map(|(_, at)| (*at, Due::WrappedUp(agent.id))));
        }
        for chat in &self.chats {
            let id = chat.id;
            let settings = self.settings_of(chat.category);
            dues.extend(chat.cooling.iter().map(|(agent, at)| (*at, Due::Cooled(id, *agent))));
            dues.extend(chat.grace_until.map(|at| (at, Due::Abandoned(id))));
            dues.extend(chat.sticky.map(|(_, at)| (at, Due::StickyEnds(id))));
            dues.extend(chat.offer_until.map(|at| (at, Due::OfferEnds(id))));
            dues.extend(chat.transfer.map(|(_, at)| (at, Due::TransferEnds(id))));
            dues.extend(chat.reply_until.map(|at| (at, Due::NoFirstReply(id))));
            if let ChatState::Resolved { at, .. } = chat.state {
                dues.push((at + self.settings.close_after, Due::Closes(id)));
            }
            if chat.waits() {
                let stage = settings.overflow.get(usize::from(chat.overflow));
                dues.extend(stage.map(|stage| (chat.arrived_at + stage.after, Due::Overflows(id))));
                dues.extend(settings.max_wait.map(|wait| (chat.waits_since + wait, Due::WaitedTooLong(id))));
            }
            if let Some(since) = chat.silent_since {
                let parks = self.settings.park_after.filter(|_| !chat.parked);
                dues.extend(parks.map(|after| (since + after, Due::Parks(id))));
                let warns = self.settings.warn_after.filter(|_| !chat.warned);
                dues.extend(warns.map(|after| (since + after, Due::Warns(id))));
                dues.extend(self.settings.resolve_after.map(|after| (since + after, Due::TooSilent(id))));
            }
        }
        dues
    }

    /// When something happens by itself next.
    pub(crate) fn next_due(&self) -> Option<Time> {
        self.dues().into_iter().map(|(at, _)| at).min()
    }

    /// Does everything due at or before `now`, each at its own time.
    pub(crate) fn run_due(&mut self, now: Time) -> Checked {
        while let Some(at) = self.next_due().filter(|at| *at <= now) {
            let at = at.max(self.now);
            self.now = at;
            self.dispatch(at, false)?;
            while let Some(due) = self.pick(at) {
                self.fire(at, due)?;
                self.nothing_left_to_lose();
                self.dispatch(at, false)?;
            }
            self.dispatch(at, at < now)?;
        }
        self.now = now.max(self.now);
        Ok(())
    }

    /// Which comes first of those due at one moment is not said: what the desk did next decides.
    fn pick(&self, at: Time) -> Option<Due> {
        let mut dues: Vec<Due> = self.dues().into_iter().filter(|(when, _)| *when <= at).map(|(_, due)| due).collect();
        dues.sort();
        if dues.len() > 1 && self.follow.is_led() {
            let next = self.follow.next();
            // If the desk gave a chat to somebody who may not have it yet, something made it possible without a word.
            let gave = matches!(next, Some((_, Fact::ChatAssigned { .. } | Fact::ChatOffered { .. })));
            let fits = |due: &Due| {
                let mut tried = self.clone();
                tried.facts.clear();
                let fired = tried.fire(at, *due);
                let follows = gave && due.is_silent() && tried.dispatch(at, false).is_ok();
                (fired.is_ok() || follows) && tried.facts.first() == next
            };
            let found = dues.iter().copied().find(fits);
            return found.or_else(|| dues.iter().copied().find(|it| it.is_silent())).or_else(|| dues.first().copied());
        }
        dues.first().copied()
    }

    fn fire(&mut self, at: Time, due: Due) -> Checked {
        match due {
            Due::Abandoned(chat) => {
                self.at_mut(chat).grace_until = None;
                if matches!(self.at(chat).state, ChatState::Waiting | ChatState::Offered { .. }) {
                    self.resolve(at, chat, Side::System, EndReason::Abandoned)?;
                }
                Ok(())
            }
            Due::AgentLost(agent) => {
                self.agent_mut(agent).lost_at = None;
                self.lets_go(at, agent, RequeueCause::AgentLost)
            }
            Due::Closes(chat) => self.close(at, chat),
            Due::NoFirstReply(chat) => {
                let agent = self.at(chat).holder().expect("somebody holds it");
                self.cool(at, chat, agent);
                self.requeue(at, chat, RequeueCause::NoFirstReply)
            }
            Due::OfferEnds(chat) => self.offer_ran_out(at, chat),
            Due::TransferEnds(chat) => self.transfer_ran_out(at, chat),
            Due::Overflows(chat) => {
                let it = self.at_mut(chat);
                it.overflow += 1;
                let stage = it.overflow;
                self.say(at, Fact::ChatOverflowed { chat, stage })
            }
            Due::WaitedTooLong(chat) => self.resolve(at, chat, Side::System, EndReason::WaitedTooLong),
            Due::Parks(chat) => {
                self.at_mut(chat).parked = true;
                self.say(at, Fact::ChatParked { chat })
            }
            Due::TooSilent(chat) => self.resolve(at, chat, Side::System, EndReason::CustomerSilent),
            silent => {
                self.fire_silent(at, silent);
                Ok(())
            }
        }
    }

    fn fire_silent(&mut self, at: Time, due: Due) {
        match due {
            Due::Cooled(chat, agent) => self.at_mut(chat).cooling.retain(|(who, _)| *who != agent),
            Due::Rested(agent) => self.agent_mut(agent).rests_until = None,
            Due::WrappedUp(agent) => self.agent_mut(agent).wrap_ups.retain(|(_, until)| *until > at),
            Due::StickyEnds(chat) => self.at_mut(chat).sticky = None,
            Due::Warns(chat) => self.at_mut(chat).warned = true,
            loud => unreachable!("{loud:?} makes a fact"),
        }
    }

    /// An offer that runs out is missed, unless its agent is not connected; two in a row set them away.
    fn offer_ran_out(&mut self, at: Time, chat: ChatId) -> Checked {
        let agent = self.at(chat).offered_to().expect("it is offered");
        if !self.connected(agent) {
            return self.offer_ends(at, chat, OfferEnd::Withdrawn);
        }
        self.cool(at, chat, agent);
        self.offer_ends(at, chat, OfferEnd::Missed)?;
        self.missed(at, agent)
    }

    fn missed(&mut self, at: Time, agent: AgentId) -> Checked {
        self.agent_mut(agent).misses += 1;
        let limit = self.settings.misses_until_away;
        if limit == 0 || self.agent(agent).is_some_and(|it| it.misses < limit || it.state != AgentState::Online) {
            return Ok(());
        }
        self.sets_state(at, agent, AgentState::Away, StateCause::Missed)
    }

    fn transfer_ran_out(&mut self, at: Time, chat: ChatId) -> Checked {
        let (to, _) = self.at(chat).transfer.expect("it is being transferred");
        let missed = self.connected(to);
        self.transfer_ends(at, chat, if missed { OfferEnd::Missed } else { OfferEnd::Withdrawn })?;
        if missed { self.missed(at, to) } else { Ok(()) }
    }
}
