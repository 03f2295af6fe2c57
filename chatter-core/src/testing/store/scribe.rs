//! Writes batches as a desk would, and remembers what it wrote.

mod chats;
mod entries;
mod people;
mod queue;
mod team;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use super::Step;
use crate::testing::Dice;
use crate::{
    AgentId, AgentRecord, Batch, CategoryId, CategoryRecord, ChatId, ChatRecord, ChatState, ChatStatus, CustomerId,
    DedupeRow, Entry, Event, EventNo, Fact, LoadedChat, LoadedTeamChat, Rows, Side, Snapshot, TeamChatRecord, Time,
};
use words::Words;

/// A stand-in for the desk: it makes realistic batches from a seed, without rules and without an engine.
///
/// What it has written so far is the model that a store is compared with. Rows, entries and events are those
/// of the real desk in form: numbers are dense per audience, notes have no public number, every entry has
/// its event.
#[derive(Clone, Debug)]
pub struct Scribe {
    dice: Dice,
    words: Words,
    now: Time,
    pub(super) categories: BTreeMap<CategoryId, CategoryRecord>,
    pub(super) agents: BTreeMap<AgentId, AgentRecord>,
    pub(super) chats: BTreeMap<ChatId, ChatRecord>,
    pub(super) team_chats: BTreeMap<ChatId, TeamChatRecord>,
    pub(super) entries: BTreeMap<ChatId, Vec<Entry>>,
    pub(super) used: BTreeMap<ChatId, Vec<Arc<DedupeRow>>>,
    pub(super) events: Vec<Event>,
    batch: Batch,
    changed_categories: BTreeSet<CategoryId>,
    changed_agents: BTreeSet<AgentId>,
    changed_chats: BTreeSet<ChatId>,
    changed_team_chats: BTreeSet<ChatId>,
}

impl Scribe {
    /// A desk with two categories and three agents, not yet in any batch that was taken.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut scribe = Self {
            dice: Dice::new(seed),
            words: Words::new(seed),
            now: Time(1_760_000_000_000_000),
            categories: BTreeMap::new(),
            agents: BTreeMap::new(),
            chats: BTreeMap::new(),
            team_chats: BTreeMap::new(),
            entries: BTreeMap::new(),
            used: BTreeMap::new(),
            events: Vec::new(),
            batch: Batch::default(),
            changed_categories: BTreeSet::new(),
            changed_agents: BTreeSet::new(),
            changed_chats: BTreeSet::new(),
            changed_team_chats: BTreeSet::new(),
        };
        scribe.hire();
        scribe
    }

    /// The batch of everything since the last one.
    pub fn take(&mut self) -> Arc<Batch> {
        let mut batch = mem::take(&mut self.batch);
        let categories = mem::take(&mut self.changed_categories);
        let agents = mem::take(&mut self.changed_agents);
        let chats = mem::take(&mut self.changed_chats);
        let team_chats = mem::take(&mut self.changed_team_chats);
        batch.rows = Rows {
            chats: chats.iter().filter_map(|chat| self.chats.get(chat)).cloned().collect(),
            agents: agents.iter().filter_map(|agent| self.agents.get(agent)).cloned().collect(),
            categories: categories.iter().filter_map(|category| self.categories.get(category)).cloned().collect(),
            team_chats: team_chats.iter().filter_map(|chat| self.team_chats.get(chat)).cloned().collect(),
        };
        Arc::new(batch)
    }

    /// Lets `count` random things happen.
    pub fn carry_on(&mut self, count: usize) {
        for _ in 0..count {
            let who = self.dice.roll().to_le_bytes()[0];
            let step = Step::out_of(self.dice.roll(), who);
            self.step(step);
        }
    }

    /// Lets one thing happen; nothing, when there is no chat for it.
    pub fn step(&mut self, step: Step) {
        match step {
            Step::Open => {
                self.open_chat();
            }
            Step::OpenAgain => {
                self.open_chat_again();
            }
            Step::Agent(who) => self.change_agent(who),
            Step::Category(who) => self.change_category(who),
            Step::Assign(who) => self.with(who, is_open, Self::assign),
            Step::Offer(who) => self.with(who, |state| matches!(state, ChatState::Waiting), Self::offer),
            Step::Decline(who) => self.with(who, |state| matches!(state, ChatState::Offered { .. }), Self::decline),
            Step::Transfer(who) => self.with(who, is_active, Self::transfer),
            Step::Join(who) => self.with(who, is_running, Self::join),
            Step::Park(who) => self.with(who, is_running, Self::park),
            Step::Overflow(who) => self.with(who, is_open, Self::overflow),
            Step::Merge(who) => self.with(who, is_running, Self::merge),
            Step::Message(who) => {
                let by = if who.is_multiple_of(2) { Side::Customer } else { Side::Staff };
                self.with(who, is_running, |scribe, chat| scribe.message(chat, by));
            }
            Step::Note(who) => self.with(who, is_running, Self::note),
            Step::Whisper(who) => self.with(who, is_running, Self::whisper),
            Step::Edit(who) => self.with(who, |_| true, Self::edit),
            Step::Delete(who) => self.with(who, |_| true, Self::delete),
            Step::Read(who) => self.with(who, |_| true, Self::read_all),
            Step::Subject(who) => self.with(who, is_running, Self::set_subject),
            Step::Requeue(who) => self.with(who, is_active, Self::requeue),
            Step::Resolve(who) => self.with(who, is_running, Self::resolve),
            Step::Reopen(who) => self.with(who, is_resolved, Self::reopen),
            Step::Close(who) => self.with(who, is_resolved, Self::close),
            Step::OpenTeamChat => {
                self.open_team_chat();
            }
            Step::TeamMessage(who) => self.in_team(who, Self::team_message),
            Step::TeamRead(who) => self.in_team(who, Self::team_read),
            Step::TeamEdit(who) => self.in_team(who, if who.is_multiple_of(2) { Self::edit } else { Self::delete }),
        }
    }

    /// Does something to one of the chats in a suitable state.
    fn with(&mut self, who: u8, suits: impl Fn(&ChatState) -> bool, act: impl FnOnce(&mut Self, ChatId)) {
        let suitable = self.chats.values().filter(|record| suits(&record.state)).map(|record| record.chat);
        let suitable: Vec<ChatId> = suitable.collect();
        if let Some(chat) = suitable.get(usize::from(who) % suitable.len().max(1)) {
            act(self, *chat);
        }
    }

    /// Does something to one of the conversations of agents.
    fn in_team(&mut self, who: u8, act: impl FnOnce(&mut Self, ChatId)) {
        let chats: Vec<ChatId> = self.team_chats.keys().copied().collect();
        if let Some(chat) = chats.get(usize::from(who) % chats.len().max(1)) {
            act(self, *chat);
        }
    }

    /// Adds a row as it is, a repeated one too.
    pub(super) fn add_client_id(&mut self, row: DedupeRow) {
        let row = Arc::new(row);
        if self.team_chats.contains_key(&row.chat) {
            self.change_team_chat(row.chat, |record| record.client_ids += 1);
        } else {
            self.change(row.chat, |record| record.client_ids += 1);
        }
        self.batch.dedupe.push(Arc::clone(&row));
        self.used.entry(row.chat).or_default().push(row);
    }

    /// Adds a fact, a little later than the one before.
    pub(super) fn fact(&mut self, fact: Fact) {
        self.now = self.now + Duration::from_micros(1 + self.dice.below(40_000_000));
        let no = EventNo(self.events.last().map_or(0, |event| event.no.0)).next();
        let event = Event { no, at: self.now, fact };
        self.batch.events.push(event.clone());
        self.events.push(event);
    }

    /// Changes a chat's row.
    pub(super) fn change(&mut self, chat: ChatId, change: impl FnOnce(&mut ChatRecord)) {
        let record = self.chats.get_mut(&chat).expect("a chat that was opened");
        change(record);
        record.updated_at = self.now;
        self.changed_chats.insert(chat);
    }

    /// The client ids of a chat in the order of use.
    #[must_use]
    pub fn client_ids(&self, chat: ChatId) -> &[Arc<DedupeRow>] {
        self.used.get(&chat).map_or(&[], Vec::as_slice)
    }

    /// The entries of a chat.
    #[must_use]
    pub fn entries(&self, chat: ChatId) -> &[Entry] {
        self.entries.get(&chat).map_or(&[], Vec::as_slice)
    }

    /// All events.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// All chats, closed ones too.
    pub fn chats(&self) -> impl Iterator<Item = &ChatRecord> {
        self.chats.values()
    }

    /// Everybody who has opened a chat.
    pub(super) fn customers(&self) -> BTreeSet<CustomerId> {
        self.chats().map(|record| record.customer).collect()
    }

    /// The number of the newest chat or conversation of agents.
    fn last_chat(&self) -> ChatId {
        let newest = |chat: Option<&ChatId>| chat.copied().unwrap_or_default();
        newest(self.chats.keys().next_back()).max(newest(self.team_chats.keys().next_back()))
    }

    /// What a store must load of all this, except for client ids.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let open = self.chats().filter(|record| record.status() != ChatStatus::Closed);
        Snapshot {
            categories: self.categories.values().cloned().collect(),
            agents: self.agents.values().cloned().collect(),
            chats: open.map(|record| LoadedChat { record: record.clone(), dedupe: Vec::new() }).collect(),
            team_chats: self.team_chats.values().cloned().map(without_client_ids).collect(),
            last_event: self.events.last().map(|event| event.no).unwrap_or_default(),
            last_event_at: self.events.last().map(|event| event.at).unwrap_or_default(),
            last_chat: self.last_chat(),
        }
    }
}

const fn without_client_ids(record: TeamChatRecord) -> LoadedTeamChat {
    LoadedTeamChat { record, dedupe: Vec::new() }
}

const fn is_open(state: &ChatState) -> bool {
    matches!(state, ChatState::Waiting | ChatState::Offered { .. })
}

const fn is_active(state: &ChatState) -> bool {
    matches!(state, ChatState::Active { .. })
}

const fn is_running(state: &ChatState) -> bool {
    is_open(state) || is_active(state)
}

const fn is_resolved(state: &ChatState) -> bool {
    matches!(state, ChatState::Resolved { .. })
}
