//! `apply`: the only place where the desk's state changes. Events first, signals in `signals.rs`.

use std::sync::Arc;

use super::input::{Change, Words};
use super::state::{Agent, Chat};
use super::{Desk, Timer};
use crate::{
    AgentId, AgentRecord, AgentState, Author, Body, CategoryId, ChatId, ChatRecord, ChatState, CustomerId, DedupeRow,
    EndReason, Entry, Event, Fact, Few, LastMessage, Name, Priority, PublicSeq, Receipts, RequeueCause, Seq, Side,
    Time,
};

/// How many unread messages are counted one by one; more are shown as this many.
pub(super) const UNREAD_MAX: usize = 100;

impl Desk {
    /// Applies one change: the only function that changes state. Changes come out of this desk's own
    /// decisions, or of an earlier run's, of a desk with the same settings, when replaying.
    pub fn apply(&mut self, change: &Change) {
        self.apply_inlined(change);
    }

    /// For those who have just made the change and know which it is: the choice among all of them is made by the compiler.
    #[inline(always)]
    pub(super) fn apply_inlined(&mut self, change: &Change) {
        match change {
            Change::Event(event, words) => self.apply_event(event, words),
            Change::Signal(signal) => self.apply_signal(signal),
        }
    }

    #[inline(always)]
    fn apply_event(&mut self, event: &Event, words: &Words) {
        let at = event.at;
        self.state.now = self.state.now.max(at);
        self.state.last_event = event.no;
        match &event.fact {
            Fact::CategorySet { category, settings } => self.apply_category(*category, settings, words),
            Fact::AgentSet { agent, max_chats, categories } => self.apply_agent(*agent, *max_chats, categories, words),
            Fact::AgentRemoved { agent } => self.change_agent(*agent, false, |record| {
                record.active = false;
                record.state = AgentState::Offline;
            }),
            Fact::AgentStateChanged { agent, state, .. } => {
                self.change_agent(*agent, true, |record| {
                    record.state = *state;
                    if *state == AgentState::Online {
                        record.last_released_at = at;
                    }
                });
                // Whoever was set away and is back begins a new row.
                if let Some(agent) = self.state.agents.get_mut(agent) {
                    agent.misses = 0;
                }
            }
            Fact::ChatOpened { chat, customer, category, priority } => {
                let Words::Joined { name, subject } = words else { return };
                let opened = new_record(*chat, *customer, name.clone(), at);
                let (category, priority, subject) = (*category, *priority, subject.clone());
                self.apply_opened(ChatRecord { category, priority, subject, ..opened });
            }
            Fact::ChatRequeued { chat, agent, cause } => self.apply_requeued(*chat, *agent, *cause, at),
            Fact::ChatOverflowed { chat, stage } => self.apply_overflowed(*chat, *stage),
            Fact::ChatOffered { chat, agent, .. } => self.apply_offered(*chat, *agent, at),
            Fact::OfferEnded { chat, agent, how } => self.apply_offer_ended(*chat, *agent, *how, at),
            Fact::ChatAssignedByHand { chat, agent, .. } => self.apply_assigned_by_hand(*chat, *agent, at),
            Fact::TransferOffered { chat, to, .. } => self.apply_transfer_offered(*chat, *to, at),
            Fact::TransferEnded { chat, to, how } => self.apply_transfer_ended(*chat, *to, *how),
            Fact::ChatTransferred { chat, to, .. } => self.apply_transferred(*chat, *to, at),
            Fact::ChatMoved { chat, from, category } => self.apply_moved(*chat, *from, *category, at),
            Fact::ChatParked { chat } => self.apply_parked(*chat),
            Fact::ChatUnparked { chat, .. } => self.apply_unparked(*chat, at),
            Fact::AgentJoinedChat { chat, agent } => self.apply_agent_joined(*chat, *agent),
            Fact::AgentLeftChat { chat, agent } => self.apply_agent_left(*chat, *agent),
            Fact::ChatMerged { chat, into, .. } => self.apply_merged(*chat, *into, at),
            Fact::TeamChatOpened { chat, members } => self.apply_team_chat_opened(*chat, members, at),
            Fact::ChatAssigned { chat, agent, .. } => self.apply_assigned(*chat, *agent, at),
            Fact::ChatResolved { chat, by, reason } => {
                self.apply_resolved(*chat, at, *by, *reason);
            }
            Fact::ChatReopened { chat, episode, .. } => self.apply_reopened(*chat, *episode, at),
            Fact::ChatClosed { chat } => self.apply_closed(*chat, at),
            Fact::EntryAdded { chat, .. } => match words {
                Words::Entry(entry, dedupe) if self.state.team_chats.contains_key(chat) => {
                    self.apply_team_entry(*chat, entry, dedupe.as_ref());
                }
                Words::Entry(entry, dedupe) => self.apply_entry(*chat, entry, dedupe.as_ref()),
                Words::Changed(changed) => self.apply_changed_entry(changed),
                Words::None | Words::Named(_) | Words::Joined { .. } | Words::Subject(_) => {}
            },
            Fact::ReceiptMoved { chat, receipt } => self.apply_receipt(*chat, *receipt, at),
            Fact::SubjectSet { chat, .. } => {
                let Words::Subject(subject) = words else { return };
                self.change_chat(*chat, at, |record| record.subject.clone_from(subject));
            }
            Fact::PrioritySet { chat, priority, .. } => {
                self.line_up_again(*chat, |desk| {
                    desk.change_chat_for_staff(*chat, |record| record.priority = *priority);
                });
            }
        }
    }

    fn apply_agent(
        &mut self,
        agent: AgentId,
        max_chats: u32,
        categories: &std::collections::BTreeSet<CategoryId>,
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
            last_released_at: Time::default(),
            active: true,
        };
        if !self.state.agents.contains_key(&agent) {
            self.state.agents.insert(agent, Agent::new(record.clone()));
        }
        let Some(entry) = self.state.agents.get_mut(&agent) else { return };
        let old = &entry.record;
        let (last_assigned_at, last_released_at) = (old.last_assigned_at, old.last_released_at);
        let renamed = old.name != record.name;
        entry.record = AgentRecord { state: old.state, last_assigned_at, last_released_at, ..record };
        entry.set = entry.record.categories.iter().copied().collect();
        self.learn_lines(agent);
        self.touch_agent(agent);
        self.refresh_agent(agent, true);
        self.release_unserved_sticky(agent);
        if renamed {
            self.renamed(agent);
        }
    }

    /// Inlined, as [`new_record`] and [`Chat::new`] are: a record is large enough for a move to cost.
    #[inline(always)]
    fn apply_opened(&mut self, record: ChatRecord) {
        let (chat, customer) = (record.chat, record.customer);
        self.state.last_chat = chat;
        let (row, owner) = self.state.customers.enter(customer);
        owner.chats.insert(chat);
        let mut state = Chat::new(record);
        state.owner = Some(row);
        state.customer_sessions = owner.sessions_that_see(&state.record, &self.state.sessions);
        // Whoever sees it has a chat under way.
        for session in &state.customer_sessions {
            self.state.lobby.leave(*session, &mut self.state.deadlines);
        }
        self.state.chats.insert_boxed(chat, Box::new(state));
        self.enqueue(chat);
        self.touched.chat(chat);
    }

    fn apply_reopened(&mut self, chat: ChatId, episode: u32, at: Time) {
        if let Some((resolved_at, ..)) = self.state.chats.get(&chat).and_then(|chat| chat.record.end()) {
            self.state.deadlines.clear(resolved_at + self.settings.close_after, Timer::CloseChat(chat));
        }
        self.change_chat(chat, at, |record| {
            record.state = ChatState::Waiting;
            record.episode = episode;
            record.arrived_at = at;
            record.overflow = 0;
        });
        if let Some(state) = self.state.chats.get_mut(&chat) {
            state.waits_since = at;
        }
        self.enqueue(chat);
        self.refresh_lobby_of(chat);
        // Who had it and may watch goes on following it, and takes part no more.
        self.company_changed(chat);
    }

    /// The desk gave a chat to an agent.
    fn apply_assigned(&mut self, chat: ChatId, agent: AgentId, at: Time) {
        self.count_departure(chat, at);
        self.hand_over(chat, agent, at);
    }

    /// A chat leaves its line: what the estimate of waits goes by.
    pub(super) fn count_departure(&mut self, chat: ChatId, at: Time) {
        let category = self.state.chats.get(&chat).map(|chat| chat.record.category);
        if let Some(category) = category.and_then(|category| self.state.categories.get_mut(&category)) {
            if category.assigned.len() == super::views::ESTIMATE_SAMPLES {
                category.assigned.pop_front();
            }
            category.assigned.push_back(at);
        }
    }

    /// An agent has a chat now, wherever it was before.
    pub(super) fn hand_over(&mut self, chat: ChatId, agent: AgentId, at: Time) {
        self.leave_place(chat, at);
        let Some(state) = self.state.chats.get_mut(&chat) else { return };
        let others = state.concerns_others();
        let record = &mut state.record;
        record.state = ChatState::Active { agent };
        record.last_agent = Some(agent);
        record.agents.insert(agent);
        record.joined.remove(&agent);
        record.replied = false;
        record.updated_at = at;
        let parked = record.parked;
        self.touched.chat(chat);
        if others {
            self.forget_passes(chat);
            self.drop_staff_subscribers(chat);
        }
        if let Some(holder) = self.state.agents.get_mut(&agent) {
            holder.chats.insert(chat);
            holder.parked += u32::from(parked);
            holder.wrap_ups.remove(&chat);
            holder.joined.remove(&chat);
            holder.record.last_assigned_at = at;
            holder.misses = 0;
        }
        self.state.deadlines.cancel(Timer::WrapUp(agent, chat));
        self.rest(agent, at);
        self.touch_agent(agent);
        self.refresh_agent(agent, false);
        self.start_turn(chat, at);
    }

    fn apply_requeued(&mut self, chat: ChatId, agent: AgentId, cause: RequeueCause, at: Time) {
        self.leave_place(chat, at);
        self.change_chat(chat, at, |record| record.state = ChatState::Waiting);
        self.drop_staff_subscribers(chat);
        match cause {
            RequeueCause::Unassigned | RequeueCause::NoFirstReply => self.note_pass(chat, agent, at),
            RequeueCause::AgentLeft | RequeueCause::AgentLost => {}
        }
        self.enqueue(chat);
    }

    pub(super) fn apply_resolved(&mut self, chat: ChatId, at: Time, by: Side, reason: EndReason) {
        // A merged chat goes on, and a parked one took no room: there is nothing to wrap up.
        if let Some(record) = self.state.chats.get(&chat).map(|chat| &chat.record)
            && let Some(agent) = record.agent().filter(|_| !record.parked && reason != EndReason::Merged)
        {
            let category = record.category;
            self.wrap_up(agent, chat, category, at);
        }
        self.leave_place(chat, at);
        let Some(state) = self.state.chats.get_mut(&chat) else { return };
        let others = state.concerns_others();
        let record = &mut state.record;
        record.state = ChatState::Resolved { at, by, reason };
        record.parked = false;
        record.updated_at = at;
        self.touched.chat(chat);
        if others {
            self.forget_passes(chat);
            self.end_joins(chat);
            self.drop_staff_subscribers(chat);
        }
        // Where nobody may come back to it, it is closed in this step.
        if !self.settings.close_after.is_zero() {
            self.state.deadlines.set(at + self.settings.close_after, Timer::CloseChat(chat));
        }
        self.end_customer_grace(chat);
        self.refresh_lobby_of(chat);
    }

    pub(super) fn apply_closed(&mut self, chat: ChatId, at: Time) {
        self.end_typing(chat);
        let Some(mut closed) = self.state.chats.remove_boxed(&chat) else { return };
        for agent in &std::mem::take(&mut closed.record.joined) {
            self.forget_join(chat, *agent);
        }
        for followers in [&closed.staff_subscribers, &closed.customer_subscribers] {
            for session in followers {
                self.forget_subscription(*session, chat);
            }
        }
        if let Some((at, by, reason)) = closed.record.end() {
            self.state.deadlines.clear(at + self.settings.close_after, Timer::CloseChat(chat));
            closed.record.state = ChatState::Closed { at, by, reason };
        }
        closed.record.updated_at = at;
        for from in &closed.record.merged_from {
            self.state.merged.remove(from);
        }
        let customer = closed.record.customer;
        // The lobby does not change: a chat is over before it is closed.
        self.state.customers.leave(customer, closed.owner, |owner| _ = owner.chats.remove(&chat));
        self.touched.closed(closed);
    }

    fn apply_entry(&mut self, chat: ChatId, entry: &Entry, dedupe: Option<&Arc<DedupeRow>>) {
        let Some(state) = self.state.chats.get_mut(&chat) else { return };
        let edited = state.changed.is_some();
        state.record.last_seq = entry.seq;
        if let Some(public_seq) = entry.public_seq {
            state.record.last_public_seq = public_seq;
        }
        if let (Body::Message { text }, Some(public_seq)) = (&entry.body, entry.public_seq) {
            let author = entry.author.clone();
            let text = Some(text.clone());
            let last = LastMessage { seq: entry.seq, public_seq, at: entry.at, author, text };
            state.record.last_message = Some(last);
            match entry.author {
                Author::Customer { .. } => push_unread(&mut state.record.staff_unread, (entry.seq, public_seq)),
                Author::Agent { .. } => push_unread(&mut state.record.customer_unread, (entry.seq, public_seq)),
                Author::System => {}
            }
        }
        if let Some(row) = dedupe {
            state.record.client_ids += 1;
            state.dedupe.remember(Arc::clone(row));
        }
        // The time of a change that the customer cannot see would tell them of it.
        if entry.public_seq.is_some() {
            state.record.updated_at = entry.at;
        }
        self.touched.chat(chat);
        self.somebody_spoke(chat, entry);
        if edited {
            self.forget_changes(chat, entry.at);
        }
        if let Some(author) = entry.author.key() {
            self.stop_typing(chat, author);
        }
        self.take_from_bucket(&entry.author, entry.at);
    }

    /// Takes the chat out of wherever it is: its line, an offer, its agent's hands with a transfer under way.
    pub(super) fn leave_place(&mut self, chat: ChatId, at: Time) {
        if self.dequeue(chat) {
            // Who is in a line is with nobody, and nobody is asked.
            return;
        }
        let Some(record) = self.state.chats.get(&chat).map(|chat| &chat.record) else { return };
        let (holder, asked) = (record.agent(), record.offered_to().or(record.transfer_to));
        if let Some(agent) = asked {
            self.take_offer_back(chat, agent);
            self.change_chat_for_staff(chat, |record| record.transfer_to = None);
            self.refresh_agent(agent, true);
        }
        if let Some(agent) = holder {
            self.release(agent, chat, at);
        }
    }

    fn release(&mut self, agent: AgentId, chat: ChatId, at: Time) {
        let Some(state) = self.state.chats.get_mut(&chat) else { return };
        state.end_turn(&mut self.state.deadlines);
        let parked = state.record.parked;
        // Who was answered has not waited since; who was not has waited all along.
        if state.record.replied {
            state.waits_since = at;
        }
        self.touch_agent(agent);
        if let Some(holder) = self.state.agents.get_mut(&agent) {
            holder.chats.remove(&chat);
            holder.parked -= u32::from(parked);
            holder.record.last_released_at = at;
            holder.end_idle_grace(&mut self.state.deadlines);
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
            self.touched.chat(chat);
        }
    }

    fn change_agent(&mut self, agent: AgentId, gained: bool, change: impl FnOnce(&mut AgentRecord)) {
        if let Some(state) = self.state.agents.get_mut(&agent) {
            change(&mut state.record);
        }
        self.touch_agent(agent);
        self.refresh_agent(agent, gained);
    }

    pub(super) fn touch_agent(&mut self, agent: AgentId) {
        self.touched.agent(agent);
    }
}

fn push_unread(unread: &mut Vec<(Seq, PublicSeq)>, numbers: (Seq, PublicSeq)) {
    if unread.len() == UNREAD_MAX {
        unread.remove(0);
    }
    unread.push(numbers);
}

#[inline(always)]
fn new_record(chat: ChatId, customer: CustomerId, name: Name, at: Time) -> ChatRecord {
    ChatRecord {
        chat,
        customer,
        customer_name: name,
        category: CategoryId::default(),
        subject: None,
        priority: Priority::default(),
        state: ChatState::Waiting,
        last_agent: None,
        agents: Few::new(),
        joined: Few::new(),
        transfer_to: None,
        parked: false,
        replied: false,
        overflow: 0,
        merged_into: None,
        merged_from: Few::new(),
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
