//! The lines of waiting chats: one per (category, level), each in two orders.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::{LineFacts, LineKey};
use crate::rank_tree::RankTree;
use crate::{CategoryId, ChatId};

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Lines {
    lines: BTreeMap<(CategoryId, u8), Line>,
    waiting: BTreeMap<CategoryId, u64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Line {
    /// All who wait.
    place: RankTree<(i64, ChatId)>,
    /// Those who can be served: connected and not held back.
    ready: BTreeSet<(i64, ChatId)>,
}

/// The head of a line, as a freed agent compares it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) chat: ChatId,
    pub(super) facts: LineFacts,
}

impl Lines {
    pub(super) fn insert(&mut self, category: CategoryId, key: LineKey, chat: ChatId) {
        let line = self.lines.entry((category, key.level)).or_default();
        line.place.insert((key.key, chat));
        *self.waiting.entry(category).or_default() += 1;
    }

    pub(super) fn remove(&mut self, category: CategoryId, key: LineKey, chat: ChatId) {
        let Some(line) = self.lines.get_mut(&(category, key.level)) else { return };
        line.place.remove(&(key.key, chat));
        line.ready.remove(&(key.key, chat));
        if line.place.is_empty() {
            self.lines.remove(&(category, key.level));
        }
        if let Some(waiting) = self.waiting.get_mut(&category) {
            *waiting -= 1;
            if *waiting == 0 {
                self.waiting.remove(&category);
            }
        }
    }

    pub(super) fn set_ready(&mut self, category: CategoryId, key: LineKey, chat: ChatId, ready: bool) {
        let Some(line) = self.lines.get_mut(&(category, key.level)) else { return };
        if ready {
            line.ready.insert((key.key, chat));
        } else {
            line.ready.remove(&(key.key, chat));
        }
    }

    pub(super) fn is_ready(&self, category: CategoryId, key: LineKey, chat: ChatId) -> bool {
        self.lines.get(&(category, key.level)).is_some_and(|line| line.ready.contains(&(key.key, chat)))
    }

    /// How many wait in a category.
    pub(super) fn waiting(&self, category: CategoryId) -> u64 {
        self.waiting.get(&category).copied().unwrap_or(0)
    }

    /// How many of a chat's category are ahead of it.
    pub(super) fn ahead(&self, category: CategoryId, key: LineKey, chat: ChatId) -> u64 {
        let lower = self.lines.range((category, 0)..(category, key.level)).map(|(_, line)| line.place.len());
        let own = self.lines.get(&(category, key.level)).map_or(0, |line| line.place.rank(&(key.key, chat)));
        (lower.sum::<usize>() + own) as u64
    }

    /// The heads of a category's lines that have somebody ready.
    pub(super) fn heads(&self, category: CategoryId) -> impl Iterator<Item = Head> + '_ {
        self.lines.range((category, 0)..=(category, u8::MAX)).filter_map(|((_, level), line)| {
            let (key, chat) = *line.ready.first()?;
            let facts = LineFacts::new(LineKey { level: *level, key }, line.ready.len() as u64);
            Some(Head { chat, facts })
        })
    }

    /// The chat that comes after a place in a category, in order of places.
    pub(super) fn after(&self, category: CategoryId, place: Option<(u8, i64, ChatId)>) -> Option<(u8, i64, ChatId)> {
        let first_level = place.map_or(0, |(level, _, _)| level);
        for ((_, level), line) in self.lines.range((category, first_level)..=(category, u8::MAX)) {
            let after = place.filter(|place| place.0 == *level).map(|(_, key, chat)| (key, chat));
            if let Some((key, chat)) = line.place.after(after.as_ref()) {
                return Some((*level, key, chat));
            }
        }
        None
    }

    /// Every waiting chat with its category, key and whether it is ready; for checks.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn iter(&self) -> impl Iterator<Item = (CategoryId, LineKey, ChatId, bool)> + '_ {
        self.lines.iter().flat_map(|((category, level), line)| {
            line.place.iter().map(move |(key, chat)| {
                (*category, LineKey { level: *level, key }, chat, line.ready.contains(&(key, chat)))
            })
        })
    }

    pub(super) fn clear_ready(&mut self) {
        for line in self.lines.values_mut() {
            line.ready.clear();
        }
    }
}
