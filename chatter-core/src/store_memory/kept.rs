//! What is kept of one desk, in the order in which it is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::Arc;

use crate::{
    AgentId, AgentRecord, Audience, AuthorKey, Batch, CategoryId, CategoryRecord, ChatId, ChatRecord, ChatStatus,
    ClientMsgId, CustomerId, DedupeRow, Entry, Event, EventNo, Fence, HistoryId, LoadedChat, LoadedTeamChat, Page,
    PageEnd, PublicSeq, Revision, Rows, Seq, Snapshot, TeamChatRecord,
};

/// The key under which a client id is unique.
type ClientKey = (ChatId, AuthorKey, ClientMsgId);

#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) fence: Fence,
    pub(crate) history: HistoryId,
    pub(crate) revision: Revision,
    pub(crate) categories: BTreeMap<CategoryId, CategoryRecord>,
    pub(crate) agents: BTreeMap<AgentId, AgentRecord>,
    pub(crate) chats: BTreeMap<ChatId, ChatRecord>,
    /// The chats that are not closed, so that loading costs nothing for those that are.
    pub(crate) open: BTreeSet<ChatId>,
    pub(crate) team_chats: BTreeMap<ChatId, TeamChatRecord>,
    pub(crate) entries: BTreeMap<(ChatId, Seq), Entry>,
    pub(crate) public: BTreeMap<(ChatId, PublicSeq), Seq>,
    pub(crate) client_ids: BTreeMap<ClientKey, Arc<DedupeRow>>,
    /// The same rows in the order of use.
    pub(crate) used: BTreeMap<ChatId, Vec<Arc<DedupeRow>>>,
    pub(crate) events: BTreeMap<EventNo, Event>,
    pub(crate) cursors: BTreeMap<String, EventNo>,
}

impl Kept {
    pub(crate) const fn new(history: HistoryId) -> Self {
        Self {
            fence: Fence(0),
            history,
            revision: Revision(0),
            categories: BTreeMap::new(),
            agents: BTreeMap::new(),
            chats: BTreeMap::new(),
            open: BTreeSet::new(),
            team_chats: BTreeMap::new(),
            entries: BTreeMap::new(),
            public: BTreeMap::new(),
            client_ids: BTreeMap::new(),
            used: BTreeMap::new(),
            events: BTreeMap::new(),
            cursors: BTreeMap::new(),
        }
    }

    /// Names a unique key that a batch repeats, of an earlier batch or within itself.
    pub(crate) fn repeated(&self, batch: &Batch) -> Option<&'static str> {
        let mut events = BTreeSet::new();
        if !batch.events.iter().all(|event| !self.events.contains_key(&event.no) && events.insert(event.no)) {
            return Some("an event's number is taken");
        }
        let mut seqs = BTreeSet::new();
        let mut publics = BTreeSet::new();
        for entry in &batch.entries {
            let seq = (entry.chat, entry.seq);
            let public = entry.public_seq.map(|public| (entry.chat, public));
            let free = !self.entries.contains_key(&seq) && seqs.insert(seq);
            let public_free = public.is_none_or(|public| !self.public.contains_key(&public) && publics.insert(public));
            if !free || !public_free {
                return Some("an entry's number is taken");
            }
        }
        let mut ids = BTreeSet::new();
        let mut keys = batch.dedupe.iter().map(|row| client_key(row));
        if !keys.all(|key| !self.client_ids.contains_key(&key) && ids.insert(key)) {
            return Some("a client id was used before");
        }
        None
    }

    /// Writes all of a batch. The caller has checked it.
    pub(crate) fn put(&mut self, batch: &Batch) {
        let Batch { events, entries, overwrites, rows, dedupe } = batch;
        self.events.extend(events.iter().map(|event| (event.no, event.clone())));
        for entry in entries {
            self.entries.insert((entry.chat, entry.seq), entry.clone());
            if let Some(public) = entry.public_seq {
                self.public.insert((entry.chat, public), entry.seq);
            }
        }
        for overwrite in overwrites {
            if let Some(entry) = self.entries.get_mut(&(overwrite.chat, overwrite.seq)) {
                (entry.edited_at, entry.body) = (overwrite.edited_at, overwrite.body.clone());
            }
        }
        self.put_rows(rows);
        for row in dedupe {
            self.client_ids.insert(client_key(row), Arc::clone(row));
            self.used.entry(row.chat).or_default().push(Arc::clone(row));
        }
    }

    pub(crate) fn put_rows(&mut self, rows: &Rows) {
        let Rows { chats, agents, categories, team_chats } = rows;
        for chat in chats {
            if chat.status() == ChatStatus::Closed {
                self.open.remove(&chat.chat);
            } else {
                self.open.insert(chat.chat);
            }
            self.chats.insert(chat.chat, chat.clone());
        }
        self.team_chats.extend(team_chats.iter().map(|team_chat| (team_chat.chat, team_chat.clone())));
        self.agents.extend(agents.iter().map(|agent| (agent.agent, agent.clone())));
        self.categories.extend(categories.iter().map(|category| (category.category, category.clone())));
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let newest = self.events.last_key_value();
        Snapshot {
            categories: self.categories.values().cloned().collect(),
            agents: self.agents.values().cloned().collect(),
            chats: self.open.iter().filter_map(|chat| self.chats.get(chat)).map(|chat| self.loaded(chat)).collect(),
            team_chats: self.team_chats.values().map(|record| self.loaded_team_chat(record)).collect(),
            last_event: newest.map(|(no, _)| *no).unwrap_or_default(),
            last_event_at: newest.map(|(_, event)| event.at).unwrap_or_default(),
            last_chat: self
                .chats
                .keys()
                .next_back()
                .max(self.team_chats.keys().next_back())
                .copied()
                .unwrap_or_default(),
        }
    }

    pub(crate) fn loaded(&self, record: &ChatRecord) -> LoadedChat {
        LoadedChat { record: record.clone(), dedupe: self.newest_client_ids(record.chat) }
    }

    pub(crate) fn loaded_team_chat(&self, record: &TeamChatRecord) -> LoadedTeamChat {
        LoadedTeamChat { record: record.clone(), dedupe: self.newest_client_ids(record.chat) }
    }

    fn newest_client_ids(&self, chat: ChatId) -> Vec<Arc<DedupeRow>> {
        let used = self.used.get(&chat).map_or(&[][..], Vec::as_slice);
        let newest = used.len().saturating_sub(LoadedChat::DEDUPE_MAX);
        used.iter().skip(newest).cloned().collect()
    }

    /// Who last held the newest of a customer's chats that anybody held.
    pub(crate) fn last_agent(&self, customer: CustomerId) -> Option<AgentId> {
        let chats = self.chats.values().rev().filter(|chat| chat.customer == customer);
        chats.filter_map(|chat| chat.last_agent).next()
    }

    pub(crate) fn page(&self, chat: ChatId, page: Page) -> Vec<Entry> {
        match page.audience {
            Audience::Staff { after, up_to } if after < up_to => {
                let range = self.entries.range((Excluded((chat, after)), Included((chat, up_to))));
                take(range.map(|(_, entry)| entry), page)
            }
            Audience::Customer { after, up_to } if after < up_to => {
                let range = self.public.range((Excluded((chat, after)), Included((chat, up_to))));
                take(range.filter_map(|(_, seq)| self.entries.get(&(chat, *seq))), page)
            }
            Audience::Staff { .. } | Audience::Customer { .. } => Vec::new(),
        }
    }

    pub(crate) fn events_after(&self, after: EventNo, limit: usize) -> Vec<Event> {
        self.events.range((Excluded(after), Unbounded)).take(limit).map(|(_, event)| event.clone()).collect()
    }
}

fn client_key(row: &DedupeRow) -> ClientKey {
    (row.chat, row.author, row.client_msg_id.clone())
}

fn take<'a>(entries: impl DoubleEndedIterator<Item = &'a Entry>, page: Page) -> Vec<Entry> {
    match page.end {
        PageEnd::Oldest => entries.take(page.limit).cloned().collect(),
        PageEnd::Newest => {
            let mut newest: Vec<Entry> = entries.rev().take(page.limit).cloned().collect();
            newest.reverse();
            newest
        }
    }
}
