//! The lines of waiting chats: one per (category, level, stage of the overflow), each in two orders.

use std::collections::BTreeSet;

use crate::id_map::IdMap;
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

/// Which line. In order: by category, level, stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LineId {
    pub(super) category: CategoryId,
    pub(super) level: u8,
    pub(super) stage: u8,
}

impl Spot {
    const fn rank(self) -> LineRank {
        (self.key.level, self.stage)
    }
}

/// By category what waits in it. A line or a category in which nobody waits any more stays: short queues come and go
/// with every customer, and there are only so many categories, levels and stages.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines(IdMap<CategoryId, CategoryLines>);

#[derive(Clone, Debug, Default)]
struct CategoryLines {
    /// How many wait in all of them.
    waiting: u64,
    /// By level, then by stage.
    lines: Vec<(LineRank, Line)>,
}

/// A line's place among those of its category: level and stage.
type LineRank = (u8, u8);

#[derive(Clone, Debug, Default, PartialEq)]
struct Line {
    /// All who wait.
    place: RankTree<(i64, ChatId)>,
    /// Those who can be served: connected and not held back.
    ready: BTreeSet<(i64, ChatId)>,
}

/// By who waits, whatever empty lines are kept.
impl PartialEq for Lines {
    fn eq(&self, other: &Self) -> bool {
        self.peopled().eq(other.peopled())
    }
}

impl CategoryLines {
    fn place_of(&self, rank: LineRank) -> Result<usize, usize> {
        self.lines.binary_search_by_key(&rank, |(rank, _)| *rank)
    }

    fn line_mut(&mut self, rank: LineRank) -> Option<&mut Line> {
        let at = self.place_of(rank).ok()?;
        Some(&mut self.lines[at].1)
    }
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
        let category = self.0.get_or_default(spot.category);
        category.waiting += 1;
        let at = category.place_of(spot.rank()).unwrap_or_else(|at| {
            category.lines.insert(at, (spot.rank(), Line::default()));
            at
        });
        category.lines[at].1.place.insert((spot.key.key, chat));
    }

    pub(super) fn remove(&mut self, spot: Spot, chat: ChatId) {
        let Some(category) = self.0.get_mut(&spot.category) else { return };
        let Some(line) = category.line_mut(spot.rank()) else { return };
        line.ready.remove(&(spot.key.key, chat));
        let waited = line.place.remove(&(spot.key.key, chat));
        category.waiting -= u64::from(waited);
    }

    pub(super) fn set_ready(&mut self, spot: Spot, chat: ChatId, ready: bool) {
        let Some(line) = self.0.get_mut(&spot.category).and_then(|it| it.line_mut(spot.rank())) else { return };
        if ready {
            line.ready.insert((spot.key.key, chat));
        } else {
            line.ready.remove(&(spot.key.key, chat));
        }
    }

    /// How many wait in a category.
    pub(super) fn waiting(&self, category: CategoryId) -> u64 {
        self.0.get(&category).map_or(0, |it| it.waiting)
    }

    /// The lines of a category, by level, then by stage.
    fn of(&self, category: CategoryId) -> &[(LineRank, Line)] {
        self.0.get(&category).map_or(&[], |it| &it.lines)
    }

    /// The lines in which somebody waits, in order.
    fn peopled(&self) -> impl Iterator<Item = (LineId, &Line)> {
        self.0.iter().flat_map(|(category, it)| {
            let peopled = it.lines.iter().filter(|(_, line)| !line.place.is_empty());
            peopled.map(move |((level, stage), line)| (LineId { category, level: *level, stage: *stage }, line))
        })
    }

    /// How many of a chat's category are ahead of it, whatever stage they have reached.
    pub(super) fn ahead(&self, spot: Spot, chat: ChatId) -> u64 {
        let lines = self.of(spot.category).iter().take_while(|((level, _), _)| *level <= spot.key.level);
        let ahead = |((level, _), line): &(LineRank, Line)| {
            if *level < spot.key.level { line.place.len() } else { line.place.rank(&(spot.key.key, chat)) }
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
        let lines = self.of(category).iter().filter(move |((_, stage), _)| *stage >= from_stage);
        lines.filter_map(move |((level, stage), line)| {
            let first = line.ready.iter().find(|(_, chat)| {
                crate::steps::count(1);
                !passes(*chat)
            });
            let (key, chat) = *first?;
            let id = LineId { category, level: *level, stage: *stage };
            let key = LineKey { level: *level, key };
            Some(Head { line: id, chat, key, ready: line.ready.len() as u64 })
        })
    }

    /// Each of a category's lines from this stage on: how many wait, and how many can be served.
    pub(super) fn shapes(&self, category: CategoryId, from_stage: u8) -> impl Iterator<Item = (LineId, u64, u64)> {
        let served = move |((_, stage), line): &&(LineRank, Line)| *stage >= from_stage && !line.place.is_empty();
        self.of(category).iter().filter(served).map(move |((level, stage), line)| {
            let id = LineId { category, level: *level, stage: *stage };
            (id, line.place.len() as u64, line.ready.len() as u64)
        })
    }

    /// The chat that comes after a place in a category, in order of places.
    pub(super) fn after(&self, category: CategoryId, place: Option<(u8, i64, ChatId)>) -> Option<(u8, i64, ChatId)> {
        let from = place.map_or(0, |(level, ..)| level);
        let mut best: Option<(u8, i64, ChatId)> = None;
        for ((level, _), line) in self.of(category).iter().skip_while(|((level, _), _)| *level < from) {
            if best.is_some_and(|(found, ..)| found < *level) {
                break;
            }
            let after = place.filter(|place| place.0 == *level).map(|(_, key, chat)| (key, chat));
            if let Some((key, chat)) = line.place.after(after.as_ref()) {
                let found = (*level, key, chat);
                best = Some(best.map_or(found, |best| best.min(found)));
            }
        }
        best
    }

    /// Every waiting chat with where it stands and whether it is ready; for checks. In no order of places.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn iter(&self) -> impl Iterator<Item = (Spot, ChatId, bool)> + '_ {
        self.peopled().flat_map(|(id, line)| {
            line.place.iter().map(move |(key, chat)| {
                let key_in_line = LineKey { level: id.level, key };
                let spot = Spot { category: id.category, key: key_in_line, stage: id.stage };
                (spot, chat, line.ready.contains(&(key, chat)))
            })
        })
    }

    pub(super) fn clear_ready(&mut self) {
        for (_, line) in self.0.values_mut().flat_map(|it| &mut it.lines) {
            line.ready.clear();
        }
    }
}
