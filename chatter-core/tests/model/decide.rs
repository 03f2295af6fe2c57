//! What each input does, and when it is refused.

use std::collections::BTreeSet;

use chatter_core::desk::Input;
use chatter_core::protocol::{Command, JoinQueue, SendMessage};
use chatter_core::{
    AgentId, AgentState, CategoryId, CategoryRecord, ChatId, ChatState, CustomerId, EndReason, Fact, OfferEnd,
    Permission, Permissions, Principal, RequeueCause, SessionId, Side, StateCause, Time,
};

use crate::world::{Agent, Category, Chat, Session, World};

/// What the asker is told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    Yes,
    /// The answer to joining.
    Joined {
        chat: ChatId,
        existing: bool,
    },
    /// No, with one of these codes: the documents do not always say which.
    No(&'static [&'static str]),
}

/// What comes of an input: an answer, or a rule that the desk broke.
pub(crate) type Answered = Result<Said, String>;

/// What somebody may not know of, or may know and not touch.
pub(crate) const NOT_THEIRS: &[&str] = &["unknown_chat", "not_your_chat", "not_allowed"];
/// A chat that is closed, as told to somebody who had it and to somebody who had not.
pub(crate) const CLOSED: &[&str] = &["chat_closed", "unknown_chat", "not_your_chat", "not_allowed"];
pub(crate) const NOT_ALLOWED: &[&str] = &["not_allowed"];

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asker {
    Customer(CustomerId, Option<ChatId>),
    Agent(AgentId, Permissions),
}

impl World {
    /// Takes an input at a time: first what is due, then the input, then what it made possible.
    pub(crate) fn step(&mut self, now: Time, input: Option<&Input>) -> Answered {
        self.facts.clear();
        self.run_due(now)?;
        let now = self.now.max(now);
        self.now = now;
        let said = match input {
            Some(input) => self.decide(now, input)?,
            None => Said::Yes,
        };
        self.sticky_agents_left();
        self.nothing_left_to_lose();
        self.dispatch(now, true)?;
        for chat in &mut self.chats {
            chat.wish = None;
        }
        match self.follow.left().as_slice() {
            [] => Ok(said),
            left => Err(format!("nothing accounts for {left:?}")),
        }
    }

    /// The process ended and began again: everybody is disconnected as of now, and every live deadline is anew.
    pub(crate) fn restart(&mut self, now: Time) {
        self.facts.clear();
        self.now = self.now.max(now);
        let now = self.now;
        let settings = self.settings.clone();
        self.sessions.clear();
        self.desk_policy = self.first_policy;
        let holding: BTreeSet<AgentId> =
            self.agents.iter().map(|it| it.id).filter(|it| self.has_to_lose(*it)).collect();
        for agent in &mut self.agents {
            (agent.misses, agent.rests_until) = (0, None);
            agent.wrap_ups.clear();
            agent.lost_at = holding.contains(&agent.id).then(|| now + settings.agent_grace);
        }
        for chat in &mut self.chats {
            chat.cooling.clear();
            chat.passed.clear();
            (chat.sticky, chat.warned) = (None, false);
            chat.grace_until = chat.under_way().then(|| now + settings.customer_grace);
            chat.waits_since = now;
            chat.offer_until = chat.offered_to().map(|_| now + settings.offer_timeout);
            chat.transfer = chat.transfer.map(|(to, _)| (to, now + settings.offer_timeout));
            let unanswered = chat.holder().is_some() && !chat.replied && !chat.parked;
            chat.reply_until = settings.first_reply_within.filter(|_| unanswered).map(|within| now + within);
            chat.silent_since = chat.silent_since.map(|_| now);
        }
    }

    fn decide(&mut self, now: Time, input: &Input) -> Answered {
        match input {
            Input::SetCategory(record) => Ok(self.set_category(record)),
            Input::SetPolicy { name } => Ok(match crate::policies::known(name.as_str()) {
                Some(name) => {
                    self.desk_policy = name;
                    Said::Yes
                }
                None => Said::No(&["invalid"]),
            }),
            Input::SetAgent { agent, max_chats, categories, .. } => Ok(self.set_agent(*agent, *max_chats, categories)),
            Input::RemoveAgent { agent } => self.remove_agent(now, *agent),
            Input::OpenSession { session, principal } => Ok(self.open_session(*session, principal)),
            Input::CloseSession { session } => {
                self.close_session(now, *session);
                Ok(Said::Yes)
            }
            Input::Ask { session, command, facts } => {
                let Some(asker) = self.asker(*session) else { return Ok(Said::No(NOT_ALLOWED)) };
                self.ask(now, *session, asker, command, facts.as_ref().and_then(|it| it.last_agent))
            }
            other => panic!("{other:?} is no step of the model"),
        }
    }

    fn asker(&self, session: SessionId) -> Option<Asker> {
        let session = self.sessions.iter().find(|it| it.id == session)?;
        Some(match session.principal {
            Principal::Customer { customer, chat } => Asker::Customer(customer, chat),
            Principal::Agent { agent, permissions } => Asker::Agent(agent, permissions),
            _ => panic!("no other kind of person"),
        })
    }

    fn set_category(&mut self, record: &CategoryRecord) -> Said {
        let settings = &record.settings;
        let policy_known = settings.policy.as_ref().is_none_or(|it| crate::policies::known(it.as_str()).is_some());
        if settings.check().is_err() || !policy_known {
            return Said::No(&["invalid"]);
        }
        if settings
            .overflow
            .iter()
            .any(|stage| self.category(stage.category).is_none() && stage.category != record.category)
        {
            return Said::No(&["unknown_category"]);
        }
        let mut after: Vec<Category> = self.categories.iter().filter(|it| it.id != record.category).cloned().collect();
        after.push(Category { id: record.category, settings: settings.clone() });
        if leads_back(&after, record.category, record.category, after.len()) {
            return Said::No(&["overflow_cycle"]);
        }
        after.sort_by_key(|it| it.id);
        self.categories = after;
        Said::Yes
    }

    fn set_agent(&mut self, id: AgentId, max: u32, categories: &BTreeSet<CategoryId>) -> Said {
        if !(1..=1_000).contains(&max) || categories.is_empty() {
            return Said::No(&["invalid"]);
        }
        if categories.iter().any(|it| self.category(*it).is_none()) {
            return Said::No(&["unknown_category"]);
        }
        if let Some(agent) = self.agents.iter_mut().find(|it| it.id == id) {
            (agent.max, agent.categories, agent.active) = (max, categories.clone(), true);
            return Said::Yes;
        }
        self.agents.push(Agent {
            id,
            max,
            categories: categories.clone(),
            state: AgentState::Offline,
            active: true,
            assigned_at: Time(0),
            released_at: Time(0),
            misses: 0,
            lost_at: None,
            rests_until: None,
            wrap_ups: Vec::new(),
        });
        self.agents.sort_by_key(|it| it.id);
        Said::Yes
    }

    fn remove_agent(&mut self, now: Time, id: AgentId) -> Answered {
        match self.agent(id) {
            None => return Ok(Said::No(&["unknown_agent"])),
            // Removing twice is removing once.
            Some(agent) if !agent.active => return Ok(Said::Yes),
            Some(_) => {}
        }
        self.withdraws(now, id)?;
        self.lets_go(now, id, RequeueCause::AgentLeft)?;
        self.say(now, Fact::AgentRemoved { agent: id })?;
        self.sessions.retain(|it| !matches!(it.principal, Principal::Agent { agent, .. } if agent == id));
        let agent = self.agent_mut(id);
        (agent.active, agent.state, agent.lost_at) = (false, AgentState::Offline, None);
        (agent.misses, agent.rests_until) = (0, None);
        agent.wrap_ups.clear();
        self.sticky_agents_left();
        Ok(Said::Yes)
    }

    fn open_session(&mut self, id: SessionId, principal: &Principal) -> Said {
        if let Principal::Agent { agent, .. } = *principal {
            if !self.agent(agent).is_some_and(|it| it.active) {
                return Said::No(&["unknown_agent", "not_allowed"]);
            }
            self.agent_mut(agent).lost_at = None;
        }
        self.sessions.push(Session { id, principal: principal.clone() });
        self.returned();
        Said::Yes
    }

    /// Graces end for those who are there.
    pub(crate) fn returned(&mut self) {
        let back: Vec<ChatId> = self.chats.iter().filter(|it| self.present(it)).map(|it| it.id).collect();
        for chat in back {
            self.at_mut(chat).grace_until = None;
        }
    }

    /// Is there anything that a lost connection would take from the agent?
    fn has_to_lose(&self, agent: AgentId) -> bool {
        self.chats.iter().any(|it| it.holder() == Some(agent) || it.joined.contains(&agent))
    }

    /// The grace of who has nothing left is over.
    pub(crate) fn nothing_left_to_lose(&mut self) {
        let without: Vec<AgentId> = self.agents.iter().map(|it| it.id).filter(|it| !self.has_to_lose(*it)).collect();
        self.agents.iter_mut().filter(|it| without.contains(&it.id)).for_each(|it| it.lost_at = None);
    }

    fn close_session(&mut self, now: Time, id: SessionId) {
        let Some(found) = self.sessions.iter().position(|it| it.id == id) else { return };
        let gone = self.sessions.remove(found);
        match gone.principal {
            Principal::Agent { agent, .. } if !self.connected(agent) => {
                if self.has_to_lose(agent) {
                    self.agent_mut(agent).lost_at = Some(now + self.settings.agent_grace);
                }
                self.sticky_agents_left();
            }
            Principal::Customer { customer, .. } => self.customer_may_be_gone(now, customer),
            _ => {}
        }
    }

    fn customer_may_be_gone(&mut self, now: Time, customer: CustomerId) {
        let grace = now + self.settings.customer_grace;
        let alone: Vec<ChatId> = self
            .chats
            .iter()
            .filter(|it| it.customer == customer && it.under_way() && it.grace_until.is_none() && !self.present(it))
            .map(|it| it.id)
            .collect();
        for chat in alone {
            self.at_mut(chat).grace_until = Some(grace);
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm a command")]
    fn ask(
        &mut self,
        now: Time,
        session: SessionId,
        asker: Asker,
        command: &Command,
        last: Option<AgentId>,
    ) -> Answered {
        let carried = self.carried_over(command);
        let command = &carried;
        if let Some(chat) = command.chat() {
            // A closed chat is known by what the store has of it.
            let known = self.chat(chat).is_some_and(|it| asker.may_know(it));
            if !known {
                return Ok(Said::No(match command {
                    Command::AcceptOffer { .. } | Command::DeclineOffer { .. } => &["offer_gone", "unknown_chat"],
                    Command::MergeChats { .. } => &["cannot_merge", "unknown_chat", "not_your_chat", "not_allowed"],
                    _ => NOT_THEIRS,
                }));
            }
        }
        match (command, asker) {
            (Command::Ping, _) => Ok(Said::Yes),
            (Command::JoinQueue(join), Asker::Customer(customer, scope)) => self.join(now, customer, scope, join, last),
            (Command::SendMessage(message), _) => self.message(now, asker, message),
            (Command::EndChat { chat }, _) => self.end(now, asker, *chat),
            (Command::ReopenChat { chat }, Asker::Agent(agent, _)) => self.reopens(now, agent, *chat),
            (Command::SetPriority { chat, priority }, Asker::Agent(agent, permissions)) => {
                let it = self.at(*chat);
                if it.closed() {
                    return Ok(Said::No(CLOSED));
                }
                if !it.has_part(agent) && !permissions.has(Permission::Assign) {
                    return Ok(Said::No(NOT_THEIRS));
                }
                if it.priority != *priority {
                    self.at_mut(*chat).priority = *priority;
                    self.say(now, Fact::PrioritySet { chat: *chat, priority: *priority, agent })?;
                }
                Ok(Said::Yes)
            }
            (Command::SetAgentState { state }, Asker::Agent(agent, _)) => {
                self.sets_state(now, agent, *state, StateCause::Declared)?;
                Ok(Said::Yes)
            }
            (Command::SignOut { all }, _) => self.sign_out(now, session, asker, *all),
            (Command::AcceptOffer { chat }, Asker::Agent(agent, _)) => self.accept(now, agent, *chat),
            (Command::DeclineOffer { chat, reason }, Asker::Agent(agent, _)) => {
                let how = OfferEnd::Declined { reason: *reason };
                if self.at(*chat).offered_to() == Some(agent) {
                    self.cool(now, *chat, agent);
                    self.offer_ends(now, *chat, how)?;
                } else if self.at(*chat).transfer.is_some_and(|(to, _)| to == agent) {
                    self.transfer_ends(now, *chat, how)?;
                } else {
                    return Ok(Said::No(&["offer_gone"]));
                }
                self.agent_mut(agent).misses = 0;
                Ok(Said::Yes)
            }
            (Command::EndWrapUp, Asker::Agent(agent, _)) => {
                self.agent_mut(agent).wrap_ups.clear();
                Ok(Said::Yes)
            }
            (Command::QueueStatus { chat }, Asker::Customer(..)) => Ok(match self.at(*chat).state {
                ChatState::Waiting | ChatState::Offered { .. } => Said::Yes,
                _ => Said::No(&["not_waiting", "chat_closed"]),
            }),
            (Command::TransferChat { chat, to, .. }, Asker::Agent(agent, permissions)) => {
                self.transfers(now, agent, permissions, *chat, *to)
            }
            (Command::AssignChat { chat, agent: to, override_limit }, Asker::Agent(agent, permissions)) => {
                self.assigns(now, agent, permissions, *chat, to.unwrap_or(agent), *override_limit)
            }
            (Command::UnassignChat { chat }, Asker::Agent(agent, permissions)) => {
                self.unassigns(now, agent, permissions, *chat)
            }
            (Command::TakeOver { chat }, Asker::Agent(agent, permissions)) => {
                self.takes_over(now, agent, permissions, *chat)
            }
            (Command::MergeChats { chat, into }, Asker::Agent(agent, permissions)) => {
                self.merges(now, agent, permissions, (*chat, *into))
            }
            (Command::JoinChat { chat }, Asker::Agent(agent, permissions)) => {
                self.joins(now, agent, permissions, *chat)
            }
            (Command::LeaveChat { chat }, Asker::Agent(agent, permissions)) => {
                self.leaves(now, agent, permissions, *chat)
            }
            _ => Ok(Said::No(NOT_ALLOWED)),
        }
    }

    /// A command to a chat that was merged is carried out in the one in which it goes on.
    fn carried_over(&self, command: &Command) -> Command {
        let mut command = command.clone();
        match &mut command {
            Command::SendMessage(SendMessage { chat, .. })
            | Command::QueueStatus { chat }
            | Command::EndChat { chat }
            | Command::ReopenChat { chat }
            | Command::SetPriority { chat, .. }
            | Command::TransferChat { chat, .. }
            | Command::AssignChat { chat, .. }
            | Command::UnassignChat { chat }
            | Command::TakeOver { chat }
            | Command::JoinChat { chat }
            | Command::LeaveChat { chat } => *chat = self.goes_on(*chat),
            _ => {}
        }
        command
    }

    fn join(
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
    fn stick(&mut self, now: Time, chat: ChatId, last: Option<AgentId>, wait: std::time::Duration) {
        let customer = self.at(chat).customer;
        // What is live wins over what was read.
        let live = self.chats.iter().rev().filter(|it| it.customer == customer && !it.closed());
        let wanted = live.into_iter().find_map(|it| it.last_agent).or(last);
        self.prefers(now, chat, wanted, chatter_core::Trigger::Sticky, wait);
    }

    /// It goes to this agent, if they are there and have room, or waits for them for a while.
    pub(crate) fn prefers(
        &mut self,
        now: Time,
        chat: ChatId,
        wanted: Option<AgentId>,
        trigger: chatter_core::Trigger,
        wait: std::time::Duration,
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

    fn message(&mut self, now: Time, asker: Asker, message: &SendMessage) -> Answered {
        let chat = message.chat;
        let (closed, resolved) = (self.at(chat).closed(), self.at(chat).resolved());
        if closed {
            return Ok(Said::No(CLOSED));
        }
        match asker {
            Asker::Customer(..) => {
                if resolved {
                    self.reopen(now, chat, Side::Customer)?;
                }
                let it = self.at_mut(chat);
                (it.silent_since, it.warned) = (None, false);
                if it.parked {
                    self.unpark(now, chat)?;
                }
                Ok(Said::Yes)
            }
            Asker::Agent(agent, _) => {
                let it = self.at(chat);
                if it.holder() != Some(agent) && !it.joined.contains(&agent) {
                    let theirs = resolved && it.last_agent == Some(agent);
                    return Ok(Said::No(if theirs { &["chat_resolved"] } else { NOT_THEIRS }));
                }
                let holds = it.holder() == Some(agent);
                let it = self.at_mut(chat);
                if holds {
                    (it.replied, it.reply_until) = (true, None);
                }
                // Somebody who has joined does not reply for the holder.
                if it.replied || it.parked {
                    (it.silent_since, it.warned) = (Some(now), false);
                }
                Ok(Said::Yes)
            }
        }
    }

    fn unpark(&mut self, now: Time, chat: ChatId) -> Result<(), String> {
        let within = self.settings.first_reply_within;
        let it = self.at_mut(chat);
        (it.parked, it.silent_since) = (false, None);
        let holder = it.holder();
        if holder.is_some() && !it.replied {
            it.reply_until = within.map(|within| now + within);
        }
        let over_limit = holder.is_some_and(|agent| self.agent(agent).is_some_and(|it| self.load(agent) > it.max));
        self.say(now, Fact::ChatUnparked { chat, over_limit })
    }

    fn end(&mut self, now: Time, asker: Asker, chat: ChatId) -> Answered {
        let it = self.at(chat);
        match asker {
            _ if it.closed() => Ok(Said::No(CLOSED)),
            Asker::Customer(..) if it.resolved() => Ok(Said::Yes),
            Asker::Customer(..) => {
                let reason = if it.holder().is_some() { EndReason::CustomerEnded } else { EndReason::LeftQueue };
                self.resolve(now, chat, Side::Customer, reason)?;
                Ok(Said::Yes)
            }
            Asker::Agent(agent, _) if it.resolved() && it.last_agent == Some(agent) => Ok(Said::Yes),
            Asker::Agent(agent, _) if it.has_part(agent) => {
                self.resolve(now, chat, Side::Staff, EndReason::AgentEnded)?;
                Ok(Said::Yes)
            }
            Asker::Agent(..) => Ok(Said::No(NOT_THEIRS)),
        }
    }

    fn reopens(&mut self, now: Time, agent: AgentId, chat: ChatId) -> Answered {
        let it = self.at(chat);
        if it.closed() {
            return Ok(Said::No(CLOSED));
        }
        if it.last_agent != Some(agent) {
            return Ok(Said::No(&["unknown_chat", "not_your_chat", "not_allowed", "chat_not_resolved"]));
        }
        if !it.resolved() {
            return Ok(Said::No(&["chat_not_resolved", "not_your_chat"]));
        }
        self.reopen(now, chat, Side::Staff)?;
        Ok(Said::Yes)
    }

    fn sign_out(&mut self, now: Time, session: SessionId, asker: Asker, all: bool) -> Answered {
        let mine = |it: &Session| match (asker, &it.principal) {
            // A credential for one chat ends what was opened with such a one.
            (Asker::Customer(one, scope), Principal::Customer { customer, chat }) => {
                one == *customer && (scope.is_none() || scope == *chat)
            }
            (Asker::Agent(one, _), Principal::Agent { agent, .. }) => one == *agent,
            _ => false,
        };
        self.sessions.retain(|it| if all { !mine(it) } else { it.id != session });
        match asker {
            Asker::Customer(customer, _) => self.customer_may_be_gone(now, customer),
            Asker::Agent(agent, _) => {
                if !self.connected(agent) {
                    self.agent_mut(agent).lost_at = None;
                    self.sets_state(now, agent, AgentState::Offline, StateCause::SignedOut)?;
                    // Whoever was offline by their own word may have joined something.
                    self.lets_go(now, agent, RequeueCause::AgentLeft)?;
                }
            }
        }
        Ok(Said::Yes)
    }

    fn accept(&mut self, now: Time, agent: AgentId, chat: ChatId) -> Answered {
        if self.at(chat).transfer.is_some_and(|(to, _)| to == agent) {
            self.transferred(now, chat, agent)?;
            return Ok(Said::Yes);
        }
        if self.at(chat).offered_to() != Some(agent) {
            return Ok(Said::No(&["offer_gone"]));
        }
        let choice = self.choice(now, chat, agent, chatter_core::Trigger::Accepted);
        self.say(now, Fact::ChatAssigned { chat, agent, choice })?;
        self.takes(now, chat, agent);
        Ok(Said::Yes)
    }
}

impl Asker {
    /// May this person know that there is such a chat? Of colleagues' chats the refusal does not tell.
    fn may_know(self, chat: &Chat) -> bool {
        match self {
            Self::Customer(customer, scope) => chat.customer == customer && scope.is_none_or(|it| chat.is(it)),
            Self::Agent(..) => true,
        }
    }
}

impl Chat {
    /// Holds it, had it last before it was resolved, or joined.
    pub(crate) fn has_part(&self, agent: AgentId) -> bool {
        self.holder() == Some(agent)
            || self.joined.contains(&agent)
            || (self.resolved() && self.last_agent == Some(agent))
    }

    fn new(id: ChatId, customer: CustomerId, category: CategoryId, now: Time) -> Self {
        Self {
            id,
            customer,
            category,
            priority: chatter_core::Priority::default(),
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

/// Does the overflow of a category lead back to it?
fn leads_back(categories: &[Category], from: CategoryId, to: CategoryId, left: usize) -> bool {
    let Some(it) = categories.iter().find(|it| it.id == from) else { return false };
    it.settings
        .overflow
        .iter()
        .any(|stage| stage.category == to || (left > 0 && leads_back(categories, stage.category, to, left - 1)))
}

impl World {
    /// The desk is loaded again while everybody stays connected: what is not stored is forgotten, nobody has left.
    pub(crate) fn reload(&mut self, now: Time) {
        let sessions = self.sessions.clone();
        self.restart(now);
        self.sessions = sessions;
        let there: Vec<AgentId> = self.agents.iter().map(|it| it.id).filter(|it| self.connected(*it)).collect();
        self.agents.iter_mut().filter(|it| there.contains(&it.id)).for_each(|it| it.lost_at = None);
        self.returned();
    }
}
