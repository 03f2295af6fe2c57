//! Writes batches as a desk would, and remembers what it wrote.

mod people;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use super::Step;
use crate::testing::Dice;
use crate::{
    AgentId, AgentRecord, Author, Batch, Body, CategoryId, CategoryRecord, ChatId, ChatRecord, ChatState, ChatStatus,
    DedupeRow, Entry, EntryKind, Event, EventNo, Fact, LastMessage, LoadedChat, PublicSeq, Rows, Seq, Side, Snapshot,
    SystemLine, Time,
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
    pub(super) entries: BTreeMap<ChatId, Vec<Entry>>,
    pub(super) used: BTreeMap<ChatId, Vec<Arc<DedupeRow>>>,
    pub(super) events: Vec<Event>,
    batch: Batch,
    changed_categories: BTreeSet<CategoryId>,
    changed_agents: BTreeSet<AgentId>,
    changed_chats: BTreeSet<ChatId>,
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
            entries: BTreeMap::new(),
            used: BTreeMap::new(),
            events: Vec::new(),
            batch: Batch::default(),
            changed_categories: BTreeSet::new(),
            changed_agents: BTreeSet::new(),
            changed_chats: BTreeSet::new(),
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
        batch.rows = Rows {
            chats: chats.iter().filter_map(|chat| self.chats.get(chat)).cloned().collect(),
            agents: agents.iter().filter_map(|agent| self.agents.get(agent)).cloned().collect(),
            categories: categories.iter().filter_map(|category| self.categories.get(category)).cloned().collect(),
            team_chats: Vec::new(),
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
            Step::Agent(who) => self.change_agent(who),
            Step::Category(who) => self.rename_category(who),
            Step::Assign(who) => self.with(who, |state| matches!(state, ChatState::Waiting), Self::assign),
            Step::Message(who) => {
                let by = if who.is_multiple_of(2) { Side::Customer } else { Side::Staff };
                self.with(who, is_running, |scribe, chat| scribe.message(chat, by));
            }
            Step::Note(who) => self.with(who, is_running, Self::note),
            Step::Read(who) => self.with(who, |_| true, Self::read_all),
            Step::Subject(who) => self.with(who, is_running, Self::set_subject),
            Step::Requeue(who) => self.with(who, |state| matches!(state, ChatState::Active { .. }), Self::requeue),
            Step::Resolve(who) => self.with(who, is_running, Self::resolve),
            Step::Reopen(who) => self.with(who, is_resolved, Self::reopen),
            Step::Close(who) => self.with(who, is_resolved, Self::close),
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

    /// Writes a message with a client id of its own; for the system, as staff.
    pub fn message(&mut self, chat: ChatId, by: Side) {
        let author = self.author(chat, by);
        let text = self.words.text();
        let (seq, public_seq) = self.entry(chat, author.clone(), Body::Message { text: text.clone() });
        let public_seq = public_seq.expect("a message is public");
        let at = self.now;
        self.change(chat, |record| {
            record.last_message = Some(LastMessage { seq, public_seq, at, author, text: Some(text) });
            match by {
                Side::Customer => record.staff_unread.push((seq, public_seq)),
                Side::Staff | Side::System => record.customer_unread.push((seq, public_seq)),
            }
        });
        self.use_client_id(chat, by, seq, Some(public_seq));
    }

    /// Writes a note: for staff alone.
    pub fn note(&mut self, chat: ChatId) {
        let author = self.author(chat, Side::Staff);
        let text = self.words.text();
        let (seq, _) = self.entry(chat, author, Body::Note { text });
        self.use_client_id(chat, Side::Staff, seq, None);
    }

    /// Writes a line by Chatter itself.
    pub(super) fn line(&mut self, chat: ChatId, line: SystemLine) {
        self.entry(chat, Author::System, Body::System { line });
    }

    fn entry(&mut self, chat: ChatId, author: Author, body: Body) -> (Seq, Option<PublicSeq>) {
        let kind = body.kind();
        let record = &self.chats[&chat];
        let seq = record.last_seq.next();
        let public_seq = (kind != EntryKind::Note).then(|| record.last_public_seq.next());
        let key = author.key();
        let to = match &author {
            Author::Customer { .. } => record.agent().and_then(|agent| Some(self.agents.get(&agent)?.name.clone())),
            Author::Agent { .. } | Author::System => Some(record.customer_name.clone()),
        };
        self.fact(Fact::EntryAdded { chat, seq, public_seq, kind, author: key, target: None });
        self.change(chat, |record| {
            record.last_seq = seq;
            record.last_public_seq = public_seq.unwrap_or(record.last_public_seq);
        });
        let entry = Entry { chat, seq, public_seq, at: self.now, author, to, edited_at: None, body };
        self.batch.entries.push(entry.clone());
        self.entries.entry(chat).or_default().push(entry);
        (seq, public_seq)
    }

    fn use_client_id(&mut self, chat: ChatId, by: Side, seq: Seq, public_seq: Option<PublicSeq>) {
        let author = self.author(chat, by).key().expect("customers and agents have a key");
        let client_msg_id = self.words.client_msg_id();
        let body_hash = self.dice.roll();
        self.add_client_id(DedupeRow { chat, author, client_msg_id, body_hash, seq, public_seq, at: self.now });
    }

    /// Adds a row as it is, a repeated one too.
    pub(super) fn add_client_id(&mut self, row: DedupeRow) {
        let row = Arc::new(row);
        self.change(row.chat, |record| record.client_ids += 1);
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

    /// What a store must load of all this, except for client ids.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let open = self.chats().filter(|record| record.status() != ChatStatus::Closed);
        Snapshot {
            categories: self.categories.values().cloned().collect(),
            agents: self.agents.values().cloned().collect(),
            chats: open.map(|record| LoadedChat { record: record.clone(), dedupe: Vec::new() }).collect(),
            team_chats: Vec::new(),
            last_event: self.events.last().map(|event| event.no).unwrap_or_default(),
            last_event_at: self.events.last().map(|event| event.at).unwrap_or_default(),
            last_chat: self.chats.last_key_value().map(|(chat, _)| *chat).unwrap_or_default(),
        }
    }
}

const fn is_running(state: &ChatState) -> bool {
    matches!(state, ChatState::Waiting | ChatState::Active { .. })
}

const fn is_resolved(state: &ChatState) -> bool {
    matches!(state, ChatState::Resolved { .. })
}
