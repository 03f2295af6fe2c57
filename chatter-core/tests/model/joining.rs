//! A customer joins, and may go to the agent they had.

use std::collections::BTreeSet;
use std::time::Duration;

use chatter_core::protocol::JoinQueue;
use chatter_core::{AgentId, CategoryId, ChatId, ChatState, CustomerId, Fact, Priority, Side, Time, Trigger};

use crate::decide::{Answered, NOT_ALLOWED, Said};
use crate::world::{Agent, Chat, World};

impl World {
    pub(crate) fn join(
        &mut self,
        now: Time,
        customer: CustomerId,
        scope: Option<ChatId>,
        join: &JoinQueue,
        last: Option<AgentId>,
    ) -> Answered {
        let general = self.categories.first().map(|it| it.id);
        let Some(category) = join.category.or(general).filter(|it| self.category(*it).is_some()) else {
            return Ok(Said::No(&["unknown_category"]));
        };
        let mine = self.chats.iter().find(|it| it.customer == customer && it.category == category && !it.closed());
        let mine = mine.map(|it| (it.id, it.resolved()));
        if let Some(scope) = scope
            && mine.is_none_or(|(chat, _)| !self.at(chat).is(scope))
        {
            return Ok(Said::No(NOT_ALLOWED));
        }
        let settings = self.settings_of(category).clone();
        // Joining a resolved chat again begins a wait as well.
        if mine.is_none_or(|(_, resolved)| resolved) {
            if settings.hours.as_ref().is_some_and(|it| !it.at(now).is_open()) {
                return Ok(Said::No(&["category_closed"]));
            }
            // Who need not wait is not turned away for those who must.
            let has_room = |it: &Agent| {
                let free = self.load(it.id) < it.max && it.rests_until.is_none();
                it.categories.contains(&category) && self.routable(it.id) && free
            };
            let open = self.agents.iter().any(has_room);
            if !open && settings.queue_limit.is_some_and(|limit| self.waiting(category) >= limit) {
                return Ok(Said::No(&["queue_full"]));
            }
        }
        if let Some((chat, resolved)) = mine {
            if resolved {
                self.reopen(now, chat, Side::Customer)?;
            }
            return Ok(Said::Joined { chat, existing: true });
        }
        let id = ChatId(self.chats.len() as u64 + 1);
        self.chats.push(Chat::new(id, customer, category, now));
        let priority = self.at(id).priority;
        self.say(now, Fact::ChatOpened { chat: id, customer, category, priority })?;
        if let Some(wait) = settings.sticky_wait {
            self.stick(now, id, last, wait);
        }
        Ok(Said::Joined { chat: id, existing: false })
    }

    /// A returning customer goes to, or waits for, the agent they last had.
    fn stick(&mut self, now: Time, chat: ChatId, last: Option<AgentId>, wait: Duration) {
        let customer = self.at(chat).customer;
        // What is live wins over what was read.
        let live = self.chats.iter().rev().filter(|it| it.customer == customer && !it.closed());
        let wanted = live.into_iter().find_map(|it| it.last_agent).or(last);
        self.prefers(now, chat, wanted, Trigger::Sticky, wait);
    }

    /// It goes to this agent, if they are there and have room, or waits for them for a while.
    pub(crate) fn prefers(
        &mut self,
        now: Time,
        chat: ChatId,
        wanted: Option<AgentId>,
        trigger: Trigger,
        wait: Duration,
    ) {
        let Some(them) = wanted.and_then(|it| self.agent(it)) else { return };
        let agent = them.id;
        if !self.routable(agent) || !self.serves(them, self.at(chat)) {
            return;
        }
        if self.load(agent) < them.max && them.rests_until.is_none() {
            self.at_mut(chat).wish = Some((agent, trigger));
        } else if !wait.is_zero() {
            self.at_mut(chat).sticky = Some((agent, now + wait));
        }
    }

    /// Nobody waits for an agent who takes no chats.
    pub(crate) fn sticky_agents_left(&mut self) {
        let left: Vec<ChatId> = self
            .chats
            .iter()
            .filter(|it| {
                it.sticky.is_some_and(|(agent, _)| {
                    !self.routable(agent) || !self.agent(agent).is_some_and(|agent| self.serves(agent, it))
                })
            })
            .map(|it| it.id)
            .collect();
        for chat in left {
            self.at_mut(chat).sticky = None;
        }
    }

    /// How many customers wait in a category.
    pub(crate) fn waiting(&self, category: CategoryId) -> u32 {
        let waits = |it: &&Chat| it.category == category && it.waits();
        u32::try_from(self.chats.iter().filter(waits).count()).expect("few chats")
    }
}

impl Chat {
    fn new(id: ChatId, customer: CustomerId, category: CategoryId, now: Time) -> Self {
        Self {
            id,
            customer,
            category,
            priority: Priority::default(),
            state: ChatState::Waiting,
            last_agent: None,
            agents: BTreeSet::new(),
            joined: BTreeSet::new(),
            transfer: None,
            parked: false,
            replied: false,
            overflow: 0,
            episode: 1,
            arrived_at: now,
            created_at: now,
            waits_since: now,
            merged_into: None,
            merged_from: BTreeSet::new(),
            offer_until: None,
            grace_until: None,
            reply_until: None,
            silent_since: None,
            warned: false,
            sticky: None,
            wish: None,
            cooling: Vec::new(),
            passed: Vec::new(),
        }
    }
}
