//! Chats on their way through the desk, and the people in them.

use std::collections::BTreeSet;

use super::Scribe;
use crate::policy::AgentRank;
use crate::{
    AgentId, AgentRecord, AgentState, Author, CategoryId, CategoryRecord, ChatId, ChatRecord, ChatState, Choice,
    CustomerId, EndReason, EventNo, Fact, PassedOver, Priority, PublicSeq, Receipt, Receipts, RequeueCause, Seq, Side,
    StateCause, SystemLine, Trigger,
};

const PRIORITIES: [Priority; 4] = [Priority::Low, Priority::Medium, Priority::High, Priority::Urgent];
const STATES: [AgentState; 4] = [AgentState::Online, AgentState::Away, AgentState::LastCall, AgentState::Offline];
const REASONS: [EndReason; 4] =
    [EndReason::CustomerEnded, EndReason::AgentEnded, EndReason::LeftQueue, EndReason::Abandoned];

impl Scribe {
    pub(super) fn hire(&mut self) {
        for category in [CategoryId(1), CategoryId(2)] {
            self.set_category(category);
        }
        for agent in 1..=3 {
            let categories = if agent == 1 { [1].as_slice() } else { [1, 2].as_slice() };
            self.set_agent(AgentId(agent), categories.iter().map(|category| CategoryId(*category)).collect());
        }
    }

    fn set_category(&mut self, category: CategoryId) {
        let name = self.words.name();
        self.categories.insert(category, CategoryRecord::new(category, name));
        self.changed_categories.insert(category);
        self.fact(Fact::CategorySet { category, settings: Box::default() });
    }

    /// Makes an agent or changes them.
    pub(in crate::testing) fn set_agent(&mut self, agent: AgentId, categories: BTreeSet<CategoryId>) {
        let max_chats = 1 + u32::try_from(self.dice.below(8)).unwrap_or(0);
        let record = AgentRecord {
            agent,
            name: self.words.name(),
            max_chats,
            categories: categories.clone(),
            state: AgentState::Online,
            last_assigned_at: self.now,
            last_released_at: self.now,
            active: true,
        };
        self.agents.insert(agent, record);
        self.changed_agents.insert(agent);
        self.fact(Fact::AgentSet { agent, max_chats, categories });
    }

    pub(in crate::testing) fn rename_category(&mut self, who: u8) {
        self.set_category(CategoryId(1 + u32::from(who % 3)));
    }

    pub(super) fn change_agent(&mut self, who: u8) {
        let agent = AgentId(1 + u64::from(who % 3));
        if self.dice.once_in(3) {
            let all = [CategoryId(1), CategoryId(2)];
            let categories = all.into_iter().filter(|_| self.dice.once_in(2)).collect();
            return self.set_agent(agent, categories);
        }
        let state = self.dice.pick(&STATES).copied().unwrap_or_default();
        if let Some(record) = self.agents.get_mut(&agent) {
            record.state = state;
            record.active = !self.dice.once_in(6);
            self.changed_agents.insert(agent);
            self.fact(Fact::AgentStateChanged { agent, state, cause: StateCause::Declared });
        }
    }

    /// A new customer asks for help and waits.
    pub fn open_chat(&mut self) -> ChatId {
        let chat = self.chats.last_key_value().map(|(chat, _)| *chat).unwrap_or_default().next();
        let customer = CustomerId(u128::from(self.dice.roll()) << 64 | u128::from(self.dice.roll()));
        let category = CategoryId(1 + u32::from(self.dice.once_in(3)));
        let priority = self.dice.pick(&PRIORITIES).copied().unwrap_or_default();
        self.fact(Fact::ChatOpened { chat, customer, category, priority });
        let subject = (!self.words.any().once_in(3)).then(|| self.words.subject());
        let record = ChatRecord {
            chat,
            customer,
            customer_name: self.words.name(),
            category,
            subject,
            priority,
            state: ChatState::Waiting,
            last_agent: None,
            agents: BTreeSet::new(),
            joined: BTreeSet::new(),
            transfer_to: None,
            parked: self.dice.once_in(8),
            replied: false,
            overflow: 0,
            merged_into: None,
            merged_from: BTreeSet::new(),
            episode: 1,
            arrived_at: self.now,
            created_at: self.now,
            updated_at: self.now,
            last_seq: Seq(0),
            last_public_seq: PublicSeq(0),
            customer_receipts: Receipts::default(),
            customer_receipts_for_staff: Receipts::default(),
            staff_receipts: Receipts::default(),
            staff_receipts_for_customer: Receipts::default(),
            customer_unread: Vec::new(),
            staff_unread: Vec::new(),
            last_message: None,
            client_ids: 0,
        };
        self.chats.insert(chat, record);
        self.changed_chats.insert(chat);
        chat
    }

    /// A waiting chat gets an agent.
    pub fn assign(&mut self, chat: ChatId) {
        let agent = AgentId(1 + self.dice.below(3));
        let rank = AgentRank::ratio(self.dice.below(4), 1 + self.dice.below(4));
        let passed_over = PassedOver { full: 1, last_call: 2, disconnected: 3, ..PassedOver::default() };
        let key = -i64::try_from(self.dice.below(1 << 50)).unwrap_or(0);
        let choice =
            Choice::new("longest-wait".into(), Trigger::ChatReady, key, self.dice.roll() >> 12, rank, passed_over);
        self.fact(Fact::ChatAssigned { chat, agent, choice });
        let at = self.now;
        if let Some(record) = self.agents.get_mut(&agent) {
            record.last_assigned_at = at;
            self.changed_agents.insert(agent);
        }
        self.change(chat, |record| {
            record.state = ChatState::Active { agent };
            record.last_agent = Some(agent);
            record.agents.insert(agent);
        });
        let name = self.agents[&agent].name.clone();
        self.line(chat, SystemLine::AgentJoined { agent, name });
    }

    pub(super) fn requeue(&mut self, chat: ChatId) {
        if let Some(agent) = self.chats[&chat].agent() {
            self.fact(Fact::ChatRequeued { chat, agent, cause: RequeueCause::AgentLost });
            self.change(chat, |record| record.state = ChatState::Waiting);
            let name = self.agents[&agent].name.clone();
            self.line(chat, SystemLine::AgentLost { agent, name });
            self.line(chat, SystemLine::BackInQueue);
        }
    }

    /// A chat is ended; it can be reopened.
    pub fn resolve(&mut self, chat: ChatId) {
        let reason = self.dice.pick(&REASONS).copied().unwrap_or(EndReason::AgentEnded);
        let by = if self.dice.once_in(2) { Side::Customer } else { Side::Staff };
        self.fact(Fact::ChatResolved { chat, by, reason });
        let at = self.now;
        self.change(chat, |record| record.state = ChatState::Resolved { at, by, reason });
        self.line(chat, SystemLine::ChatEnded { by, reason });
    }

    pub(super) fn reopen(&mut self, chat: ChatId) {
        let episode = self.chats[&chat].episode + 1;
        self.fact(Fact::ChatReopened { chat, by: Side::Customer, episode });
        let at = self.now;
        self.change(chat, |record| {
            record.state = ChatState::Waiting;
            record.episode = episode;
            record.arrived_at = at;
        });
        self.line(chat, SystemLine::ChatReopened { by: Side::Customer });
    }

    /// A resolved chat is closed for good.
    pub fn close(&mut self, chat: ChatId) {
        if let Some((at, by, reason)) = self.chats[&chat].end() {
            self.fact(Fact::ChatClosed { chat });
            self.change(chat, |record| record.state = ChatState::Closed { at, by, reason });
        }
    }

    pub(super) fn read_all(&mut self, chat: ChatId) {
        let ChatRecord { last_seq: seq, last_public_seq: public_seq, .. } = self.chats[&chat];
        let in_staff_numbers = Receipts { delivered: seq, read: seq };
        let in_public_numbers = Receipts { delivered: public_seq, read: public_seq };
        if self.dice.once_in(2) {
            let receipt = Receipt::Customer { delivered: public_seq, read: public_seq };
            self.fact(Fact::ReceiptMoved { chat, receipt });
            self.change(chat, |record| {
                record.customer_receipts = in_public_numbers;
                record.customer_receipts_for_staff = in_staff_numbers;
                record.customer_unread.clear();
            });
        } else {
            let receipt = Receipt::Staff { delivered: seq, read: seq };
            self.fact(Fact::ReceiptMoved { chat, receipt });
            self.change(chat, |record| {
                record.staff_receipts = in_staff_numbers;
                record.staff_receipts_for_customer = in_public_numbers;
                record.staff_unread.clear();
            });
        }
    }

    pub(in crate::testing) fn set_subject(&mut self, chat: ChatId) {
        let subject = self.words.subject();
        self.fact(Fact::SubjectSet { chat, by: Side::Staff });
        self.change(chat, |record| record.subject = Some(subject));
    }

    /// Who writes for a side: the customer, or the agent who has the chat or had it last.
    pub(super) fn author(&self, chat: ChatId, by: Side) -> Author {
        let record = &self.chats[&chat];
        match by {
            Side::Customer => Author::Customer { customer: record.customer, name: record.customer_name.clone() },
            Side::Staff | Side::System => {
                let agent = record.agent().or(record.last_agent).unwrap_or(AgentId(1));
                Author::Agent { agent, name: self.agents[&agent].name.clone() }
            }
        }
    }

    /// The number of the newest event.
    pub(in crate::testing) fn last_event(&self) -> EventNo {
        self.events.last().map(|event| event.no).unwrap_or_default()
    }
}
