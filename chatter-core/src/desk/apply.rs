//! `apply`: the only place where the desk's state changes. Events first, signals in `signals.rs`.

use std::sync::Arc;

use super::input::{Change, Words};
use super::state::{Agent, Category, Chat};
use super::{Desk, Timer};
use crate::{
    AgentId, AgentRecord, AgentState, Author, Body, ChatId, ChatKind, ChatRecord, ChatState, CustomerId, DedupeRow,
    Entry, Event, Fact, LastMessage, PublicSeq, Receipts, Seq, Time,
};

/// How many unread messages are counted one by one; more are shown as this many.
pub(super) const UNREAD_MAX: usize = 100;

impl Desk {
    /// Applies one change: the only function that changes state. Changes come out of this desk's own
    /// decisions, or of an earlier run's when replaying.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Event(event, words) => self.apply_event(event, words),
            Change::Signal(signal) => self.apply_signal(signal),
        }
    }

    fn apply_event(&mut self, event: &Event, words: &Words) {
        let at = event.at;
        self.state.now = self.state.now.max(at);
        self.state.last_event = event.no;
        match &event.fact {
            Fact::CategorySet { category } => self.apply_category(*category, words),
            Fact::AgentSet { agent, max_chats, categories } => self.apply_agent(*agent, *max_chats, categories, words),
            Fact::AgentRemoved { agent } => self.change_agent(*agent, false, |record| {
                record.active = false;
                record.state = AgentState::Offline;
            }),
            Fact::AgentStateChanged { agent, state, .. } => {
                self.change_agent(*agent, true, |record| record.state = *state);
            }
            Fact::ChatOpened { chat, customer, category, priority } => {
                let Words::Joined { name, subject } = words else { return };
                let mut record = new_record(*chat, *customer, name.clone(), at);
                (record.category, record.priority) = (*category, *priority);
                record.subject.clone_from(subject);
                self.apply_opened(record);
            }
            Fact::ChatRequeued { chat, agent, .. } => {
                self.release(*agent, *chat);
                self.change_chat(*chat, at, |record| record.state = ChatState::Waiting);
                self.drop_staff_subscribers(*chat, None);
                self.enqueue(*chat);
            }
            Fact::ChatAssigned { chat, agent, .. } => self.apply_assigned(*chat, *agent, at),
            Fact::ChatResolved { chat, by, reason } => {
                self.leave_place(*chat);
                let (by, reason) = (*by, *reason);
                self.change_chat(*chat, at, |record| record.state = ChatState::Resolved { at, by, reason });
                self.state.deadlines.set(at + self.settings.close_after, Timer::CloseChat(*chat));
                self.end_customer_grace(*chat);
            }
            Fact::ChatReopened { chat, episode, .. } => self.apply_reopened(*chat, *episode, at),
            Fact::ChatClosed { chat } => self.apply_closed(*chat, at),
            Fact::EntryAdded { chat, .. } => {
                if let Words::Entry(entry, dedupe) = words {
                    self.apply_entry(*chat, entry, dedupe.as_ref());
                }
            }
            Fact::ReceiptMoved { chat, receipt } => self.apply_receipt(*chat, *receipt, at),
            Fact::SubjectSet { chat, .. } => {
                let Words::Subject(subject) = words else { return };
                self.change_chat(*chat, at, |record| record.subject.clone_from(subject));
            }
            Fact::PrioritySet { chat, priority, .. } => {
                let waiting = self.dequeue(*chat);
                self.change_chat_for_staff(*chat, |record| record.priority = *priority);
                if waiting {
                    self.enqueue(*chat);
                }
            }
        }
    }

    fn apply_category(&mut self, category: crate::CategoryId, words: &Words) {
        let Words::Named(name) = words else { return };
        let record = crate::CategoryRecord { category, name: name.clone() };
        self.state
            .categories
            .entry(category)
            .and_modify(|known| known.record = record.clone())
            .or_insert_with(|| Category::new(record));
        self.touched.categories.insert(category);
        self.schedule_agents_push();
    }

    fn apply_agent(
        &mut self,
        agent: AgentId,
        max_chats: u32,
        categories: &std::collections::BTreeSet<crate::CategoryId>,
        words: &Words,
    ) {
        self.withdraw_agent(agent);
        let Words::Named(name) = words else { return };
        let record = AgentRecord {
            agent,
            name: name.clone(),
            max_chats,
            categories: categories.clone(),
            state: AgentState::Offline,
            last_assigned_at: Time::default(),
            active: true,
        };
        let entry = self.state.agents.entry(agent).or_insert_with(|| Agent::new(record.clone()));
        let old = &entry.record;
        entry.record = AgentRecord { state: old.state, last_assigned_at: old.last_assigned_at, ..record };
        self.touch_agent(agent);
        self.refresh_agent(agent, true);
    }

    fn apply_opened(&mut self, record: ChatRecord) {
        let (chat, customer) = (record.chat, record.customer);
        self.state.last_chat = chat;
        let customer_sessions = self.sessions_that_see(&record);
        self.state.chats.insert(chat, Chat { customer_sessions, ..Chat::new(record) });
        self.state.customers.entry(customer).or_default().chats.insert(chat);
        self.enqueue(chat);
        self.touched.chats.insert(chat);
    }

    fn apply_reopened(&mut self, chat: ChatId, episode: u32, at: Time) {
        if let Some((resolved_at, ..)) = self.state.chats.get(&chat).and_then(|chat| chat.record.end()) {
            self.state.deadlines.clear(resolved_at + self.settings.close_after, Timer::CloseChat(chat));
        }
        self.change_chat(chat, at, |record| {
            record.state = ChatState::Waiting;
            record.episode = episode;
            record.arrived_at = at;
        });
        self.enqueue(chat);
    }

    fn apply_assigned(&mut self, chat: ChatId, agent: AgentId, at: Time) {
        self.dequeue(chat);
        self.change_chat(chat, at, |record| {
            record.state = ChatState::Active { agent };
            record.last_agent = Some(agent);
            record.agents.insert(agent);
        });
        self.drop_staff_subscribers(chat, Some(agent));
        if let Some(holder) = self.state.agents.get_mut(&agent) {
            holder.chats.insert(chat);
            holder.record.last_assigned_at = at;
        }
        self.touch_agent(agent);
        self.refresh_agent(agent, false);
        let category = self.state.chats.get(&chat).map(|chat| chat.record.category);
        if let Some(category) = category.and_then(|category| self.state.categories.get_mut(&category)) {
            if category.assigned.len() == super::views::ESTIMATE_SAMPLES {
                category.assigned.pop_front();
            }
            category.assigned.push_back(at);
        }
    }

    fn apply_closed(&mut self, chat: ChatId, at: Time) {
        self.drop_staff_subscribers(chat, None);
        let Some(mut closed) = self.state.chats.remove(&chat) else { return };
        for session in std::mem::take(&mut closed.customer_subscribers) {
            self.forget_subscription(session, chat);
        }
        if let Some((at, by, reason)) = closed.record.end() {
            self.state.deadlines.clear(at + self.settings.close_after, Timer::CloseChat(chat));
            closed.record.state = ChatState::Closed { at, by, reason };
        }
        closed.record.updated_at = at;
        let customer = closed.record.customer;
        if let Some(owner) = self.state.customers.get_mut(&customer) {
            owner.chats.remove(&chat);
        }
        self.forget_absent_customer(customer);
        self.touched.chats.remove(&chat);
        self.touched.closed.push(closed.record);
    }

    fn apply_entry(&mut self, chat: ChatId, entry: &Entry, dedupe: Option<&Arc<DedupeRow>>) {
        let interval = self.message_interval();
        let Some(state) = self.state.chats.get_mut(&chat) else { return };
        state.record.last_seq = entry.seq;
        if let Some(public_seq) = entry.public_seq {
            state.record.last_public_seq = public_seq;
        }
        if let (Body::Message { text }, Some(public_seq)) = (&entry.body, entry.public_seq) {
            let author = entry.author.clone();
            let last = LastMessage { seq: entry.seq, public_seq, at: entry.at, author, text: text.clone() };
            state.record.last_message = Some(last);
            match entry.author {
                Author::Customer { .. } => push_unread(&mut state.record.staff_unread, (entry.seq, public_seq)),
                Author::Agent { .. } => push_unread(&mut state.record.customer_unread, (entry.seq, public_seq)),
                Author::System => {}
            }
        }
        if let Some(row) = dedupe {
            state.record.client_ids += 1;
            state.remember(Arc::clone(row));
        }
        // The time of a change that the customer cannot see would tell them of it.
        if entry.public_seq.is_some() {
            self.change_chat(chat, entry.at, |_| {});
        } else {
            self.change_chat_for_staff(chat, |_| {});
        }
        let bucket = match &entry.author {
            Author::Customer { customer, .. } => self.state.customers.get_mut(customer).map(|it| &mut it.bucket),
            Author::Agent { agent, .. } => self.state.agents.get_mut(agent).map(|it| &mut it.bucket),
            Author::System => None,
        };
        if let Some(bucket) = bucket {
            bucket.take(entry.at, interval);
        }
    }

    /// Takes the chat out of wherever it is: its line, or its agent's hands.
    fn leave_place(&mut self, chat: ChatId) {
        self.dequeue(chat);
        if let Some(agent) = self.state.chats.get(&chat).and_then(|chat| chat.record.agent()) {
            self.release(agent, chat);
        }
    }

    fn release(&mut self, agent: AgentId, chat: ChatId) {
        if let Some(holder) = self.state.agents.get_mut(&agent) {
            holder.chats.remove(&chat);
            if holder.chats.is_empty()
                && let Some(until) = holder.grace_until.take()
            {
                self.state.deadlines.clear(until, Timer::AgentGrace(agent));
            }
        }
        self.refresh_agent(agent, true);
    }

    /// A change that both sides may see.
    pub(super) fn change_chat(&mut self, chat: ChatId, at: Time, change: impl FnOnce(&mut ChatRecord)) {
        self.change_chat_for_staff(chat, |record| {
            change(record);
            record.updated_at = at;
        });
    }

    /// A change that staff alone may see.
    pub(super) fn change_chat_for_staff(&mut self, chat: ChatId, change: impl FnOnce(&mut ChatRecord)) {
        if let Some(state) = self.state.chats.get_mut(&chat) {
            change(&mut state.record);
            self.touched.chats.insert(chat);
        }
    }

    fn change_agent(&mut self, agent: AgentId, gained: bool, change: impl FnOnce(&mut AgentRecord)) {
        if let Some(state) = self.state.agents.get_mut(&agent) {
            change(&mut state.record);
        }
        self.touch_agent(agent);
        self.refresh_agent(agent, gained);
    }

    fn touch_agent(&mut self, agent: AgentId) {
        self.touched.agents.insert(agent);
    }
}

fn push_unread(unread: &mut Vec<(Seq, PublicSeq)>, numbers: (Seq, PublicSeq)) {
    if unread.len() == UNREAD_MAX {
        unread.remove(0);
    }
    unread.push(numbers);
}

fn new_record(chat: ChatId, customer: CustomerId, name: crate::Name, at: Time) -> ChatRecord {
    ChatRecord {
        chat,
        kind: ChatKind::Support,
        customer,
        customer_name: name,
        category: crate::CategoryId::default(),
        subject: None,
        priority: crate::Priority::default(),
        state: ChatState::Waiting,
        last_agent: None,
        agents: std::collections::BTreeSet::new(),
        episode: 1,
        arrived_at: at,
        created_at: at,
        updated_at: at,
        last_seq: Seq::default(),
        last_public_seq: PublicSeq::default(),
        customer_receipts: Receipts::default(),
        customer_receipts_for_staff: Receipts::default(),
        staff_receipts: Receipts::default(),
        staff_receipts_for_customer: Receipts::default(),
        customer_unread: Vec::new(),
        staff_unread: Vec::new(),
        last_message: None,
        client_ids: 0,
    }
}
