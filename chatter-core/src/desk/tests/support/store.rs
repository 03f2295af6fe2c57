use std::collections::BTreeMap;
use std::sync::Arc;

use crate::desk::{Change, ChangedRows, EntryNumber, Facts, Lookup, Words};
use crate::{
    AgentId, AgentRecord, AuthorKey, CategoryId, CategoryRecord, ChatId, ChatRecord, ChatState, ClientMsgId, DedupeRow,
    Entry, Event, EventNo, Fact, LoadedChat, LoadedTeamChat, Seq, Snapshot, TeamChatRecord, Time,
};

/// What a store would hold: the durable part of every outcome so far.
#[derive(Clone, Debug, Default)]
pub(in crate::desk::tests) struct Model {
    pub(in crate::desk::tests) chats: BTreeMap<ChatId, ChatRecord>,
    agents: BTreeMap<AgentId, AgentRecord>,
    categories: BTreeMap<CategoryId, CategoryRecord>,
    pub(in crate::desk::tests) team_chats: BTreeMap<ChatId, TeamChatRecord>,
    pub(in crate::desk::tests) entries: BTreeMap<(ChatId, Seq), Entry>,
    dedupe: BTreeMap<ChatId, Vec<Arc<DedupeRow>>>,
    pub(in crate::desk::tests) events: Vec<Event>,
    last_chat: ChatId,
}

impl Model {
    /// Takes the durable part of a step, and holds the numbers to their promises.
    pub(super) fn commit(&mut self, changes: &[Change], rows: ChangedRows) {
        for change in changes {
            let Change::Event(event, words) = change else { continue };
            assert_eq!(event.no, EventNo(self.events.len() as u64 + 1), "events are dense");
            assert!(self.events.last().is_none_or(|last| last.at <= event.at), "events are in order of time");
            self.events.push(event.clone());
            if let Fact::ChatOpened { chat, .. } = event.fact {
                assert_eq!(chat, self.last_chat.next(), "chats are dense");
                self.last_chat = chat;
            }
            if let Fact::TeamChatOpened { chat, .. } = event.fact {
                assert_eq!(chat, self.last_chat.next(), "conversations are numbered like chats");
                self.last_chat = chat;
            }
            match words {
                Words::Entry(entry, dedupe) => self.add_entry(entry, dedupe.as_ref()),
                Words::Changed(changed) => {
                    let (entry, overwrite, _) = &**changed;
                    self.add_entry(entry, None);
                    let changed = self.entries.get_mut(&(overwrite.chat, overwrite.seq)).expect("the target is there");
                    (changed.edited_at, changed.body) = (overwrite.edited_at, overwrite.body.clone());
                }
                Words::None | Words::Named(_) | Words::Joined { .. } | Words::Subject(_) => {}
            }
        }
        self.chats.extend(rows.chats.into_iter().map(|row| (row.chat, row)));
        self.agents.extend(rows.agents.into_iter().map(|row| (row.agent, row)));
        self.categories.extend(rows.categories.into_iter().map(|row| (row.category, row)));
        self.team_chats.extend(rows.team_chats.into_iter().map(|row| (row.chat, row)));
    }

    fn add_entry(&mut self, entry: &Entry, dedupe: Option<&Arc<DedupeRow>>) {
        let before: Vec<_> = self.transcript(entry.chat).collect();
        assert_eq!(entry.seq.0, before.len() as u64 + 1, "seq is dense");
        let public = before.iter().filter(|entry| entry.public_seq.is_some()).count() as u64;
        assert!(entry.public_seq.is_none_or(|number| number.0 == public + 1), "public_seq is dense");
        if let Some(row) = dedupe {
            assert_eq!((row.seq, row.public_seq, row.at), (entry.seq, entry.public_seq, entry.at), "a row says so");
            let rows = self.dedupe.entry(entry.chat).or_default();
            let taken = rows.iter().any(|it| it.author == row.author && it.client_msg_id == row.client_msg_id);
            assert!(!taken, "a client id is used once per author and chat");
            rows.push(Arc::clone(row));
        }
        self.entries.insert((entry.chat, entry.seq), entry.clone());
    }

    pub(in crate::desk::tests) fn transcript(&self, chat: ChatId) -> impl Iterator<Item = &Entry> {
        self.entries.range((chat, Seq(0))..=(chat, Seq(u64::MAX))).map(|(_, entry)| entry)
    }

    /// What a desk would go on from.
    pub(in crate::desk::tests) fn load(&self) -> Snapshot {
        let open = self.chats.values().filter(|chat| !matches!(chat.state, ChatState::Closed { .. }));
        let loaded =
            open.map(|record| LoadedChat { record: record.clone(), dedupe: self.newest_client_ids(record.chat) });
        let team_chats = self
            .team_chats
            .values()
            .map(|record| LoadedTeamChat { record: record.clone(), dedupe: self.newest_client_ids(record.chat) });
        Snapshot {
            categories: self.categories.values().cloned().collect(),
            agents: self.agents.values().cloned().collect(),
            chats: loaded.collect(),
            team_chats: team_chats.collect(),
            last_event: EventNo(self.events.len() as u64),
            last_event_at: self.events.last().map_or_else(Time::default, |event| event.at),
            last_chat: self.last_chat,
        }
    }

    fn newest_client_ids(&self, chat: ChatId) -> Vec<Arc<DedupeRow>> {
        let rows = self.dedupe.get(&chat).map_or(&[][..], |rows| &rows[..]);
        rows[rows.len().saturating_sub(LoadedChat::DEDUPE_MAX)..].to_vec()
    }

    /// What a session would read for the desk.
    pub(in crate::desk::tests) fn facts(&self, lookup: &Lookup) -> Facts {
        match lookup {
            Lookup::Chat { chat, dedupe } => {
                let into = |chat: &ChatId| self.chats.get(chat).and_then(|record| record.merged_into);
                let chain: Vec<_> = std::iter::successors(Some(*chat), into).collect();
                let rows = || chain.iter().filter_map(|chat| self.dedupe.get(chat)).flatten();
                let used = |(author, id): &(AuthorKey, ClientMsgId)| {
                    let row = rows().find(|row| row.author == *author && row.client_msg_id == *id);
                    row.map(|row| (**row).clone())
                };
                let dedupe = dedupe.as_ref().and_then(used);
                let goes_on_in = chain.last().filter(|last| *last != chat).copied();
                Facts { chat: self.chats.get(chat).cloned(), dedupe, goes_on_in, ..Facts::default() }
            }
            Lookup::Entry { chat, target } => {
                let is_it = |entry: &&Entry| match target {
                    EntryNumber::Staff(seq) => entry.seq == *seq,
                    EntryNumber::Customer(seq) => entry.public_seq == Some(*seq),
                };
                let entry = self.transcript(*chat).find(is_it).cloned();
                Facts { chat: self.chats.get(chat).cloned(), entry, ..Facts::default() }
            }
            Lookup::LastAgent { customer } => {
                let chats = self.chats.values().rev().filter(|chat| chat.customer == *customer);
                Facts { last_agent: chats.filter_map(|chat| chat.last_agent).next(), ..Facts::default() }
            }
        }
    }
}
