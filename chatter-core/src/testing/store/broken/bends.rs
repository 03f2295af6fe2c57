//! How a broken store bends what it is given and what it gives.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use super::Breaks;
use super::store::Broken;
use crate::store_memory::Kept;
use crate::{
    AgentId, Batch, ChatId, ChatRecord, ChatState, ChatStatus, CustomerId, DedupeRow, DeskId, Entry, Loaded,
    LoadedChat, Rows,
};

impl Broken {
    /// The batch with what is not to change, or not to be refused, taken out or put back.
    pub(super) fn bend(&self, desk: &DeskId, batch: &Batch) -> Batch {
        let mut batch = batch.clone();
        let bent = self.inner.tamper(desk, |kept| {
            self.bend_chats(kept, &mut batch.rows.chats);
            self.bend_others(kept, &mut batch.rows);
            if self.is(Breaks::IgnoresRepeated) {
                let mut seen = BTreeSet::new();
                batch.dedupe.retain(|row| {
                    let key = (row.chat, row.author, row.client_msg_id.clone());
                    !kept.client_ids.contains_key(&key) && seen.insert(key)
                });
            }
            self.bend_overwrites(kept, &mut batch);
        });
        bent.map_or_else(Batch::default, |()| batch)
    }

    fn bend_chats(&self, kept: &Kept, rows: &mut [ChatRecord]) {
        for row in rows {
            if self.is(Breaks::ForgetsOffer) && row.offered_to().is_some() {
                row.state = ChatState::Waiting;
            }
            let Some(old) = kept.chats.get(&row.chat) else { continue };
            if self.is(Breaks::KeepsSubject) && row.subject.is_none() {
                row.subject.clone_from(&old.subject);
            }
            if self.is(Breaks::KeepsUnread) {
                row.staff_unread.extend(&old.staff_unread);
                row.staff_unread.sort();
                row.staff_unread.dedup();
            }
            if self.is(Breaks::KeepsJoined) {
                row.joined.extend(old.joined.iter().copied());
            }
            if self.is(Breaks::KeepsTransfer) {
                row.transfer_to = row.transfer_to.or(old.transfer_to);
            }
        }
    }

    fn bend_others(&self, kept: &Kept, rows: &mut Rows) {
        for row in &mut rows.agents {
            if let Some(old) = kept.agents.get(&row.agent)
                && self.is(Breaks::KeepsCategories)
            {
                row.categories.extend(&old.categories);
            }
        }
        for row in &mut rows.categories {
            if let Some(old) = kept.categories.get(&row.category)
                && self.is(Breaks::KeepsSettings)
            {
                row.settings.clone_from(&old.settings);
            }
        }
        for row in &mut rows.team_chats {
            if let Some(old) = kept.team_chats.get(&row.chat)
                && self.is(Breaks::KeepsMembers)
            {
                let gone = old.members.iter().filter(|(agent, _)| !row.members.contains_key(agent));
                let gone: Vec<_> = gone.map(|(agent, member)| (*agent, member.clone())).collect();
                row.members.extend(gone);
            }
        }
    }

    fn bend_overwrites(&self, kept: &Kept, batch: &mut Batch) {
        if self.is(Breaks::IgnoresOverwrites) {
            batch.overwrites.clear();
        }
        if self.is(Breaks::OverwritesBackwards) {
            batch.overwrites.reverse();
        }
        if self.is(Breaks::OverwritesTooEarly) {
            batch.overwrites.retain(|overwrite| kept.entries.contains_key(&(overwrite.chat, overwrite.seq)));
        }
    }

    /// Bends what the overwrites of a batch that stands have made of its entries.
    pub(super) fn bend_overwritten(&self, desk: &DeskId, batch: &Batch, before: &Kept) {
        self.inner.tamper(desk, |kept| {
            for overwrite in &batch.overwrites {
                let key = (overwrite.chat, overwrite.seq);
                let (Some(entry), Some(old)) = (kept.entries.get_mut(&key), before.entries.get(&key)) else { continue };
                if self.is(Breaks::OverwritesTime) {
                    entry.at = overwrite.edited_at.unwrap_or(entry.at);
                }
                if self.is(Breaks::KeepsEditedAt) {
                    entry.edited_at = entry.edited_at.or(old.edited_at);
                }
            }
        });
    }

    /// What customers were shown first.
    pub(super) fn show_first(&self, desk: &DeskId, entries: &mut [Entry]) {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in entries {
            let key = (desk.clone(), entry.chat, entry.seq);
            entry.body = first.entry(key).or_insert_with(|| entry.body.clone()).clone();
        }
    }

    /// Keeps the overwrites of a batch that was refused.
    pub(super) fn keep_overwrites(&self, desk: &DeskId, batch: &Batch) {
        let overwrites = Batch { overwrites: batch.overwrites.clone(), ..Batch::default() };
        self.inner.tamper(desk, |kept| kept.put(&overwrites));
    }

    /// Whom a customer last had, looked for in the wrong place.
    pub(super) fn last_agent_bent(&self, desk: &DeskId, customer: CustomerId) -> Option<Option<AgentId>> {
        let bent = |kept: &mut Kept| {
            let half = |customer: CustomerId| customer.0 & u128::from(u64::MAX);
            let of = |chat: &&ChatRecord| {
                chat.customer == customer
                    || self.is(Breaks::LooksAtHalfTheNumber) && half(chat.customer) == half(customer)
            };
            let mut chats = kept.chats.values().rev().filter(of);
            if self.is(Breaks::LooksAtTheNewest) {
                Some(chats.next().and_then(|chat| chat.last_agent))
            } else if self.is(Breaks::LooksAtTheOldest) {
                Some(chats.filter_map(|chat| chat.last_agent).last())
            } else if self.is(Breaks::LooksAtOpen) {
                Some(chats.filter(|chat| chat.status() != ChatStatus::Closed).find_map(|chat| chat.last_agent))
            } else if self.is(Breaks::LooksAtHalfTheNumber) {
                Some(chats.find_map(|chat| chat.last_agent))
            } else {
                None
            }
        };
        self.inner.tamper(desk, bent).flatten()
    }

    pub(super) fn used_by_another(&self, desk: &DeskId, batch: &Batch) -> bool {
        let used = |row: &Arc<DedupeRow>, kept: &Kept| {
            let before = kept.used.get(&row.chat).map_or(&[][..], Vec::as_slice);
            before.iter().any(|old| old.client_msg_id == row.client_msg_id && old.author != row.author)
        };
        self.inner.tamper(desk, |kept| batch.dedupe.iter().any(|row| used(row, kept))).unwrap_or(false)
    }

    /// Shows the events for a moment, then takes them back.
    pub(super) async fn show_events(&self, desk: &DeskId, batch: &Batch) {
        self.inner.tamper(desk, |kept| {
            kept.events.extend(batch.events.iter().map(|event| (event.no, event.clone())));
        });
        tokio::task::yield_now().await;
        self.inner.tamper(desk, |kept| batch.events.iter().for_each(|event| drop(kept.events.remove(&event.no))));
    }

    pub(super) fn load_bent(&self, desk: &DeskId, loaded: &mut Loaded) {
        let snapshot = &mut loaded.snapshot;
        self.inner.tamper(desk, |kept| {
            if self.is(Breaks::LoadResetsCursors) {
                kept.cursors.clear();
            }
            if self.is(Breaks::LoadsClosed) {
                snapshot.chats = kept.chats.values().map(|record| kept.loaded(record)).collect();
            }
            if self.is(Breaks::ReusesTeamNumbers) {
                snapshot.last_chat = kept.chats.keys().next_back().copied().unwrap_or_default();
            }
            for team in snapshot.team_chats.iter_mut().filter(|_| self.is(Breaks::LoadsAllTeamIds)) {
                team.dedupe = kept.used.get(&team.record.chat).cloned().unwrap_or_default();
            }
            for chat in &mut snapshot.chats {
                let used = kept.used.get(&chat.record.chat).cloned().unwrap_or_default();
                if self.is(Breaks::LoadsAllIds) {
                    chat.dedupe = used;
                } else if self.is(Breaks::LoadsOldestIds) {
                    chat.dedupe = used.into_iter().take(LoadedChat::DEDUPE_MAX).collect();
                } else if self.is(Breaks::LoadsNewestFirst) {
                    chat.dedupe.reverse();
                } else if self.is(Breaks::LoadsSortedIds) {
                    chat.dedupe.sort_by_key(|row| row.client_msg_id.clone());
                }
            }
        });
        if self.is(Breaks::LoadForgetsTeam) {
            snapshot.team_chats.clear();
        }
        if self.is(Breaks::LoadForgetsTime) {
            snapshot.last_event_at = crate::Time(0);
        }
        if self.is(Breaks::ReusesChatNumbers) {
            let open = snapshot.chats.last().map(|chat| chat.record.chat).unwrap_or_default();
            snapshot.last_chat = snapshot.team_chats.last().map_or(open, |team| open.max(team.record.chat));
        }
    }

    pub(super) fn is_closed(&self, desk: &DeskId, chat: ChatId) -> bool {
        let closed = |record: &ChatRecord| record.status() == ChatStatus::Closed;
        self.inner.tamper(desk, |kept| kept.chats.get(&chat).is_some_and(closed)).unwrap_or(false)
    }

    /// True for a client id that is not to be found.
    pub(super) fn is_forgotten(&self, desk: &DeskId, row: &DedupeRow) -> bool {
        if self.is(Breaks::ForgetsTeamIds) {
            return self.inner.tamper(desk, |kept| kept.team_chats.contains_key(&row.chat)).unwrap_or(false);
        }
        let newest =
            |used: &Vec<Arc<DedupeRow>>| used.iter().rev().take(LoadedChat::DEDUPE_MAX).any(|new| **new == *row);
        self.inner.tamper(desk, |kept| !kept.used.get(&row.chat).is_some_and(newest)).unwrap_or(false)
    }
}
