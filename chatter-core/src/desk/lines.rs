//! The lines of waiting chats: one per (category, level, stage of the overflow), each in two orders.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::policy::LineKey;
use crate::rank_tree::RankTree;
use crate::{CategoryId, ChatId};

/// Where a waiting chat stands: whose line, and where in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) category: CategoryId,
    pub(super) key: LineKey,
    /// How many stages of the overflow it has reached.
    pub(super) stage: u8,
}

/// Which line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LineId {
    pub(super) category: CategoryId,
    pub(super) level: u8,
    pub(super) stage: u8,
}

impl LineId {
    const fn first(category: CategoryId) -> Self {
        Self { category, level: 0, stage: 0 }
    }

    const fn last(category: CategoryId) -> Self {
        Self { category, level: u8::MAX, stage: u8::MAX }
    }
}

/// By category, level, stage: as one number, since every look at the lines compares a few.
impl Ord for LineId {
    fn cmp(&self, other: &Self) -> Ordering {
        let number = |it: &Self| u64::from(it.category.0) << 16 | u64::from(it.level) << 8 | u64::from(it.stage);
        number(self).cmp(&number(other))
    }
}

impl PartialOrd for LineId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Spot {
    const fn line(self) -> LineId {
        LineId { category: self.category, level: self.key.level, stage: self.stage }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Lines {
    lines: BTreeMap<LineId, Line>,
    waiting: BTreeMap<CategoryId, u64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Line {
    /// All who wait.
    place: RankTree<(i64, ChatId)>,
    /// Those who can be served: connected and not held back.
    ready: BTreeSet<(i64, ChatId)>,
}

/// A chat in a line that a freed agent may take, and what is compared of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) line: LineId,
    pub(super) chat: ChatId,
    pub(super) key: LineKey,
    /// How many in its line can be served.
    pub(super) ready: u64,
}

impl Lines {
    pub(super) fn insert(&mut self, spot: Spot, chat: ChatId) {
        let line = self.lines.entry(spot.line()).or_default();
        line.place.insert((spot.key.key, chat));
        *self.waiting.entry(spot.category).or_default() += 1;
    }

    pub(super) fn remove(&mut self, spot: Spot, chat: ChatId) {
        let Some(line) = self.lines.get_mut(&spot.line()) else { return };
        line.place.remove(&(spot.key.key, chat));
        line.ready.remove(&(spot.key.key, chat));
        if line.place.is_empty() {
            self.lines.remove(&spot.line());
        }
        if let Some(waiting) = self.waiting.get_mut(&spot.category) {
            *waiting -= 1;
            if *waiting == 0 {
                self.waiting.remove(&spot.category);
            }
        }
    }

    pub(super) fn set_ready(&mut self, spot: Spot, chat: ChatId, ready: bool) {
        let Some(line) = self.lines.get_mut(&spot.line()) else { return };
        if ready {
            line.ready.insert((spot.key.key, chat));
        } else {
            line.ready.remove(&(spot.key.key, chat));
        }
    }

    pub(super) fn is_ready(&self, spot: Spot, chat: ChatId) -> bool {
        self.lines.get(&spot.line()).is_some_and(|line| line.ready.contains(&(spot.key.key, chat)))
    }

    /// How many wait in a category.
    pub(super) fn waiting(&self, category: CategoryId) -> u64 {
        self.waiting.get(&category).copied().unwrap_or(0)
    }

    /// How many of a chat's category are ahead of it, whatever stage they have reached.
    pub(super) fn ahead(&self, spot: Spot, chat: ChatId) -> u64 {
        let own = LineId { level: spot.key.level, stage: u8::MAX, category: spot.category };
        let lines = self.lines.range(LineId::first(spot.category)..=own);
        let ahead = |(id, line): (&LineId, &Line)| {
            if id.level < spot.key.level { line.place.len() } else { line.place.rank(&(spot.key.key, chat)) }
        };
        lines.map(ahead).sum::<usize>() as u64
    }

    /// The first chat that can be served and is not passed over, in each of a category's lines from this stage
    /// on.
    pub(super) fn heads(
        &self,
        category: CategoryId,
        from_stage: u8,
        passes: impl Fn(ChatId) -> bool + Copy,
    ) -> impl Iterator<Item = Head> {
        let lines = self.lines.range(LineId::first(category)..=LineId::last(category));
        lines.filter(move |(id, _)| id.stage >= from_stage).filter_map(move |(id, line)| {
            let first = line.ready.iter().find(|(_, chat)| {
                crate::steps::count(1);
                !passes(*chat)
            });
            let (key, chat) = *first?;
            let key = LineKey { level: id.level, key };
            Some(Head { line: *id, chat, key, ready: line.ready.len() as u64 })
        })
    }

    /// Each of a category's lines from this stage on: how many wait, and how many can be served.
    pub(super) fn shapes(&self, category: CategoryId, from_stage: u8) -> impl Iterator<Item = (LineId, u64, u64)> {
        let lines = self.lines.range(LineId::first(category)..=LineId::last(category));
        let served = lines.filter(move |(id, _)| id.stage >= from_stage);
        served.map(|(id, line)| (*id, line.place.len() as u64, line.ready.len() as u64))
    }

    /// The chat that comes after a place in a category, in order of places.
    pub(super) fn after(&self, category: CategoryId, place: Option<(u8, i64, ChatId)>) -> Option<(u8, i64, ChatId)> {
        let from = LineId { category, level: place.map_or(0, |(level, _, _)| level), stage: 0 };
        let mut best: Option<(u8, i64, ChatId)> = None;
        for (id, line) in self.lines.range(from..=LineId::last(category)) {
            if best.is_some_and(|(level, ..)| level < id.level) {
                break;
            }
            let after = place.filter(|place| place.0 == id.level).map(|(_, key, chat)| (key, chat));
            if let Some((key, chat)) = line.place.after(after.as_ref()) {
                let found = (id.level, key, chat);
                best = Some(best.map_or(found, |best| best.min(found)));
            }
        }
        best
    }

    /// Every waiting chat with where it stands and whether it is ready; for checks. In no order of places.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn iter(&self) -> impl Iterator<Item = (Spot, ChatId, bool)> + '_ {
        self.lines.iter().flat_map(|(id, line)| {
            line.place.iter().map(move |(key, chat)| {
                let key_in_line = LineKey { level: id.level, key };
                let spot = Spot { category: id.category, key: key_in_line, stage: id.stage };
                (spot, chat, line.ready.contains(&(key, chat)))
            })
        })
    }

    pub(super) fn clear_ready(&mut self) {
        for line in self.lines.values_mut() {
            line.ready.clear();
        }
    }
}
