//! Who gets which chat: every pair is looked at.

use std::sync::Arc;

use chatter_core::policy::AgentRank;
use chatter_core::{
    AgentId, AgentState, CategoryId, ChatId, ChatState, Choice, Fact, PassedOver, Routing, Time, Trigger,
};

use crate::policies;
use crate::world::{Agent, Chat, World};

type Checked = Result<(), String>;

impl World {
    /// Connected and not held back: can be served.
    pub(crate) fn ready(&self, chat: &Chat) -> bool {
        chat.waits() && self.present(chat) && !chat.parked
    }

    /// Serves the category, or one the chat has overflowed to.
    pub(crate) fn serves(&self, agent: &Agent, chat: &Chat) -> bool {
        let stages = self.settings_of(chat.category).overflow.iter().take(usize::from(chat.overflow));
        agent.categories.contains(&chat.category)
            || stages.into_iter().any(|it| agent.categories.contains(&it.category))
    }

    /// Why this agent cannot take this chat now, if so.
    pub(crate) fn obstacle(&self, chat: &Chat, agent: &Agent) -> Option<&'static str> {
        let others =
            || self.agents.iter().any(|it| !chat.passed.contains(&it.id) && self.hindrance(chat, it).is_none());
        let reason = self.hindrance(chat, agent);
        reason.or_else(|| (chat.passed.contains(&agent.id) && others()).then_some("let it pass, and another could"))
    }

    /// The same, whoever else could.
    fn hindrance(&self, chat: &Chat, agent: &Agent) -> Option<&'static str> {
        let reasons = [
            (!agent.active, "removed"),
            (agent.state != AgentState::Online, "not online"),
            (!self.connected(agent.id), "not connected"),
            (self.load(agent.id) >= agent.max, "full"),
            (agent.rests_until.is_some(), "rests"),
            (!self.serves(agent, chat), "does not serve it"),
            (chat.cools(agent.id), "let it pass"),
            (chat.sticky.is_some_and(|(wanted, _)| wanted != agent.id), "it waits for another"),
            (!self.ready(chat), "it is not ready"),
        ];
        reasons.into_iter().find(|(so, _)| *so).map(|(_, reason)| reason)
    }

    fn takers<'a>(&'a self, chat: &'a Chat) -> impl Iterator<Item = &'a Agent> {
        self.agents.iter().filter(|agent| self.obstacle(chat, agent).is_none())
    }

    /// Who is better for a chat: agents of its own category, then those of the stages in turn; by the policy.
    fn suits_better(&self, chat: &Chat, one: &Agent, other: &Agent) -> bool {
        let stages = self.settings_of(chat.category).overflow.iter().map(|it| it.category);
        let serving: Vec<CategoryId> = std::iter::once(chat.category).chain(stages).collect();
        let from = |agent: &Agent| serving.iter().position(|it| agent.categories.contains(it));
        match from(one).cmp(&from(other)) {
            std::cmp::Ordering::Equal => policies::better(self, self.policy_of(chat.category), one, other),
            unequal => unequal.is_lt(),
        }
    }

    /// The next pair in any allowed order, if a chat and an agent are left who could have each other.
    fn a_pair(&self) -> Option<(ChatId, AgentId, Trigger)> {
        let mut ready: Vec<&Chat> = self.chats.iter().filter(|chat| self.ready(chat)).collect();
        ready.sort_by_key(|chat| (policies::key(self, chat), chat.id));
        for chat in ready {
            let takers: Vec<&Agent> = self.takers(chat).collect();
            if let Some((wanted, trigger)) = chat.wish
                && takers.iter().any(|it| it.id == wanted)
            {
                return Some((chat.id, wanted, trigger));
            }
            let best = takers.into_iter().reduce(|a, b| if self.suits_better(chat, b, a) { b } else { a });
            if let Some(agent) = best {
                return Some((chat.id, agent.id, Trigger::ChatReady));
            }
        }
        None
    }

    /// Gives what can be given: as the desk did, if it may; otherwise in an order of its own. Where the desk has more
    /// to do before it comes to this (`settled` is false), what is left is no fault yet.
    pub(crate) fn dispatch(&mut self, at: Time, settled: bool) -> Checked {
        loop {
            let (chat, agent, trigger, offered) = if self.follow.is_led() {
                match self.follow.next() {
                    Some((when, Fact::ChatAssigned { chat, agent, choice }))
                        if *when == at && choice.trigger != Trigger::Accepted =>
                    {
                        (*chat, *agent, choice.clone(), false)
                    }
                    Some((when, Fact::ChatOffered { chat, agent, choice })) if *when == at => {
                        (*chat, *agent, choice.clone(), true)
                    }
                    _ => {
                        return match self.a_pair() {
                            Some((chat, agent, _)) if settled => {
                                Err(format!("rule 3: chat {chat} waits at {at} while agent {agent} could have it"))
                            }
                            _ => Ok(()),
                        };
                    }
                }
            } else {
                let Some((chat, agent, trigger)) = self.a_pair() else { return Ok(()) };
                let offered = self.settings_of(self.at(chat).category).routing == Routing::Offer;
                let choice = self.choice(at, chat, agent, trigger);
                (chat, agent, choice, offered)
            };
            match self.may_get(at, chat, agent, &trigger, offered) {
                // It may have been made possible by what comes later at this moment.
                Err(_) if !settled => return Ok(()),
                allowed => allowed?,
            }
            self.give(at, chat, agent, trigger, offered)?;
        }
    }

    /// The choice as far as the model can know it.
    pub(crate) fn choice(&self, at: Time, chat: ChatId, agent: AgentId, trigger: Trigger) -> Choice {
        let chat = self.at(chat);
        let rank = AgentRank::value(u64::from(self.load(agent)));
        let policy = Arc::from(self.policy_of(chat.category));
        let waited = at.micros_since(chat.arrived_at);
        Choice::new(policy, trigger, policies::key(self, chat), waited, rank, PassedOver::default())
    }

    /// Is this an allowed assignment or offer?
    fn may_get(&self, at: Time, chat: ChatId, agent: AgentId, choice: &Choice, offered: bool) -> Checked {
        let what = format!("chat {chat} to agent {agent} at {at} ({:?})", choice.trigger);
        let Some(chat) = self.chat(chat) else { return Err(format!("{what}: there is no such chat")) };
        let Some(agent) = self.agent(agent) else { return Err(format!("{what}: there is no such agent")) };
        // An agent who goes on with a chat need not wait for its customer.
        let excused = choice.trigger == Trigger::LastAgent && !self.ready(chat);
        if let Some(obstacle) = self.obstacle(chat, agent).filter(|it| !excused || *it != "it is not ready") {
            return Err(format!("rules 2, 5, 8, 10: {what}: {obstacle}"));
        }
        if offered != (self.settings_of(chat.category).routing == Routing::Offer) {
            return Err(format!("{what}: not as the category is routed"));
        }
        match choice.trigger {
            Trigger::LastAgent | Trigger::Sticky => {
                if chat.wish != Some((agent.id, choice.trigger)) && chat.sticky.map(|it| it.0) != Some(agent.id) {
                    return Err(format!("{what}: nobody wished for it"));
                }
                Ok(())
            }
            Trigger::ChatReady => {
                self.no_overtaking(chat, agent, &what).and_then(|()| self.is_best_agent(chat, agent, &what))
            }
            _ => self.is_best_chat(at, chat, agent, &what),
        }?;
        if choice.waited != at.micros_since(chat.arrived_at) || choice.key != policies::key(self, chat) {
            return Err(format!("{what}: the wait or the key is wrong: {choice:?}"));
        }
        Ok(())
    }

    /// Chats of the same line that come first and that this agent could take.
    fn no_overtaking(&self, chat: &Chat, agent: &Agent, what: &str) -> Checked {
        let place = |chat: &Chat| (policies::key(self, chat), chat.id);
        let ahead = self.chats.iter().find(|other| {
            (other.category, other.overflow) == (chat.category, chat.overflow)
                && place(other) < place(chat)
                && self.obstacle(other, agent).is_none()
        });
        match ahead {
            Some(ahead) => Err(format!("rule 4: {what}: it overtakes chat {}", ahead.id)),
            None => Ok(()),
        }
    }

    fn is_best_agent(&self, chat: &Chat, agent: &Agent, what: &str) -> Checked {
        let policy = self.policy_of(chat.category);
        match self.takers(chat).find(|other| other.id != agent.id && self.suits_better(chat, other, agent)) {
            Some(better) => Err(format!("{what}: by {policy} it is for agent {}", better.id)),
            None => Ok(()),
        }
    }

    /// The head of each line that the agent serves, compared by the desk's policy.
    fn is_best_chat(&self, at: Time, chat: &Chat, agent: &Agent, what: &str) -> Checked {
        self.no_overtaking(chat, agent, what)?;
        let rank = |it: &Chat| (policies::line_rank(self, at, it.category, it), it.category, it.id);
        let (best, category, id): (f64, CategoryId, ChatId) = rank(chat);
        let other = self.chats.iter().find(|it| {
            let heads_its_line = self.obstacle(it, agent).is_none() && self.no_overtaking(it, agent, "").is_ok();
            heads_its_line && rank(it) < (best, category, id)
        });
        match other {
            Some(other) => Err(format!("{what}: by {} they take chat {}", self.desk_policy, other.id)),
            None => Ok(()),
        }
    }

    /// The chat goes to the agent, or is offered to them.
    fn give(&mut self, at: Time, chat: ChatId, agent: AgentId, choice: Choice, offered: bool) -> Checked {
        if !offered {
            let fact = Fact::ChatAssigned { chat, agent, choice };
            self.say(at, fact)?;
            self.takes(at, chat, agent);
            return Ok(());
        }
        self.say(at, Fact::ChatOffered { chat, agent, choice })?;
        let until = at + self.settings.offer_timeout;
        let it = self.at_mut(chat);
        it.state = ChatState::Offered { agent };
        it.offer_until = Some(until);
        (it.sticky, it.wish) = (None, None);
        self.got_one(at, agent);
        Ok(())
    }

    /// An agent holds a chat from now on.
    pub(crate) fn takes(&mut self, at: Time, chat: ChatId, agent: AgentId) {
        let reply_until = self.settings.first_reply_within.map(|within| at + within);
        let it = self.at_mut(chat);
        if it.holder().is_some() && it.replied {
            it.waits_since = at;
        }
        it.state = ChatState::Active { agent };
        it.last_agent = Some(agent);
        it.agents.insert(agent);
        it.joined.remove(&agent);
        it.replied = false;
        // A customer who is silent waits for no reply.
        it.reply_until = reply_until.filter(|_| !it.parked);
        (it.offer_until, it.transfer, it.sticky, it.wish) = (None, None, None, None);
        // It is also the customer's turn as long as the chat is parked, whoever holds it by now.
        (it.silent_since, it.warned) = (it.parked.then_some(at), false);
        it.cooling.clear();
        it.passed.clear();
        let it = self.agent_mut(agent);
        // What they wrapped up goes on.
        it.wrap_ups.retain(|(of, _)| *of != chat);
        it.misses = 0;
        self.got_one(at, agent);
    }

    /// An offer counts as a chat that they got: they are last in turn, and rest.
    pub(crate) fn got_one(&mut self, at: Time, agent: AgentId) {
        let gap = self.settings.breathing_gap;
        let agent = self.agent_mut(agent);
        agent.assigned_at = at;
        agent.rests_until = (!gap.is_zero()).then(|| at + gap);
    }

    /// Something that has happened, in words that a desk could have used.
    pub(crate) fn say(&mut self, at: Time, fact: Fact) -> Checked {
        self.follow.account_for(at, &fact)?;
        self.facts.push((at, fact));
        Ok(())
    }
}
