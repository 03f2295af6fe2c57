//! The agents as dispatch sees them: those with room in one ordered index per set of categories, and
//! counts of everybody by category.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::id_map::IdMap;
use crate::policy::{AgentRank, PolicyIx};
use crate::{AgentId, CategoryId, Few, PassedOver, Time};

/// The order in which agents with room take arriving chats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PoolKey {
    pub(super) rank: AgentRank,
    pub(super) last_assigned_at: Time,
    pub(super) agent: AgentId,
}

/// An agent's places in the pool, by policy; none while they have no room.
pub(super) type PoolKeys = Few<(PolicyIx, PoolKey)>;

/// What an agent counts as in their categories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Availability {
    /// Routable, with room.
    Room,
    /// Routable, at the limit.
    Full,
    /// Routable, below the limit, but just got a chat.
    Resting,
    /// Connected, away.
    Away,
    /// Connected, on the last call.
    LastCall,
    /// Connected, offline by their own word.
    SignedIn,
    /// Online by their own word, not connected.
    Disconnected,
    /// None of these: not counted, and so the last one.
    Out,
}

/// How many agents there are of each [`Availability`] but the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts([u32; Availability::Out as usize]);

impl Counts {
    const fn of(self, availability: Availability) -> u32 {
        self.0[availability as usize]
    }

    /// Agents with room.
    pub(super) const fn room(self) -> u32 {
        self.of(Availability::Room)
    }

    pub(super) const fn online(self) -> u32 {
        self.room() + self.of(Availability::Full) + self.of(Availability::Resting)
    }

    pub(super) const fn signed_in(self) -> u32 {
        self.online() + self.of(Availability::Away) + self.of(Availability::LastCall) + self.of(Availability::SignedIn)
    }

    /// Those whom a choice passes over, by reason; who is cooling down is not known here.
    pub(super) fn passed_over(self) -> PassedOver {
        PassedOver {
            full: self.of(Availability::Full),
            resting: self.of(Availability::Resting),
            away: self.of(Availability::Away),
            last_call: self.of(Availability::LastCall),
            disconnected: self.of(Availability::Disconnected),
            ..PassedOver::default()
        }
    }

    pub(super) fn shift(&mut self, from: Availability, to: Availability) {
        if let Some(count) = self.0.get_mut(from as usize) {
            *count -= 1;
        }
        if let Some(count) = self.0.get_mut(to as usize) {
            *count += 1;
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Pool {
    /// For each policy that was ever in use, the agents with room in the order of its ranks.
    by_policy: Vec<(PolicyIx, Index)>,
    counts: IdMap<CategoryId, Counts>,
    total: Counts,
}

/// Categories in order: a slice, since a comparison is cheaper than that of trees.
type CategorySet = Arc<[CategoryId]>;

/// Agents with room, one ordered set per set of categories they serve.
///
/// An agent who ends a chat and gets the next one is put in and taken out again within a step, so a set that nobody is
/// in stays, with its number, until there are many of them.
#[derive(Clone, Debug, Default)]
struct Index {
    numbers: BTreeMap<CategorySet, usize>,
    sets: Vec<(CategorySet, BTreeSet<PoolKey>)>,
    /// The numbers of the sets that contain a category and have somebody with room, in no order.
    by_category: IdMap<CategoryId, Vec<usize>>,
    /// How many sets have somebody with room.
    peopled: usize,
}

/// So many sets that nobody is in are not worth giving back.
const EMPTY_SETS_MAX: usize = 256;

impl Index {
    fn insert(&mut self, categories: &CategorySet, key: PoolKey) {
        let number = self.number(categories);
        let set = &mut self.sets[number].1;
        let first = set.is_empty();
        set.insert(key);
        if first {
            self.peopled += 1;
            for category in &categories[..] {
                self.by_category.get_or_default(*category).push(number);
            }
        }
    }

    fn number(&mut self, categories: &CategorySet) -> usize {
        if let Some(number) = self.numbers.get(categories) {
            return *number;
        }
        if self.sets.len() - self.peopled >= self.peopled + EMPTY_SETS_MAX {
            self.forget_empty_sets();
        }
        let number = self.sets.len();
        self.sets.push((Arc::clone(categories), BTreeSet::new()));
        self.numbers.insert(Arc::clone(categories), number);
        number
    }

    fn remove(&mut self, categories: &CategorySet, key: PoolKey) {
        let Some(number) = self.numbers.get(categories).copied() else { return };
        let set = &mut self.sets[number].1;
        if !set.remove(&key) || !set.is_empty() {
            return;
        }
        self.peopled -= 1;
        for category in &categories[..] {
            let Some(sets) = self.by_category.get_mut(category) else { continue };
            if let Some(at) = sets.iter().position(|it| *it == number) {
                sets.swap_remove(at);
            }
        }
    }

    fn forget_empty_sets(&mut self) {
        let old = std::mem::take(self);
        for (categories, keys) in old.sets.into_iter().filter(|(_, keys)| !keys.is_empty()) {
            for key in keys {
                self.insert(&categories, key);
            }
        }
    }

    fn sets_of(&self, category: CategoryId) -> impl Iterator<Item = &BTreeSet<PoolKey>> {
        let sets = self.by_category.get(&category);
        sets.into_iter().flatten().map(|number| &self.sets[*number].1)
    }

    /// Everybody, by sets in order.
    fn keys(&self) -> impl Iterator<Item = (&CategorySet, PoolKey)> {
        let sets = self.numbers.iter().map(|(set, number)| (set, &self.sets[*number].1));
        sets.flat_map(|(set, keys)| keys.iter().map(move |key| (set, *key)))
    }
}

/// By who is in it, whatever empty sets are kept.
impl PartialEq for Pool {
    fn eq(&self, other: &Self) -> bool {
        self.counts == other.counts && self.total == other.total && self.keys().eq(other.keys())
    }
}

impl Pool {
    pub(super) fn insert_all(&mut self, keys: &PoolKeys, categories: &CategorySet) {
        for (policy, key) in keys {
            let at = self.place_of(*policy).unwrap_or_else(|at| {
                self.by_policy.insert(at, (*policy, Index::default()));
                at
            });
            self.by_policy[at].1.insert(categories, *key);
        }
    }

    pub(super) fn remove_all(&mut self, keys: &PoolKeys, categories: &CategorySet) {
        for (policy, key) in keys {
            if let Ok(at) = self.place_of(*policy) {
                self.by_policy[at].1.remove(categories, *key);
            }
        }
    }

    fn place_of(&self, policy: PolicyIx) -> Result<usize, usize> {
        self.by_policy.binary_search_by_key(&policy, |(policy, _)| *policy)
    }

    fn index(&self, policy: PolicyIx) -> Option<&Index> {
        Some(&self.by_policy[self.place_of(policy).ok()?].1)
    }

    /// The agent of a category with room who is first by a policy, of those that are not passed over.
    pub(super) fn best(
        &self,
        policy: PolicyIx,
        category: CategoryId,
        passes: impl Fn(AgentId) -> bool,
    ) -> Option<PoolKey> {
        let sets = self.index(policy)?.sets_of(category);
        let first = |set: &BTreeSet<PoolKey>| {
            crate::steps::count(1);
            set.iter().find(|key| !passes(key.agent)).copied()
        };
        sets.filter_map(first).min()
    }

    /// The first of a category's agents with room by a policy, in order; `most` at most.
    pub(super) fn first(&self, policy: PolicyIx, category: CategoryId, most: usize) -> Vec<PoolKey> {
        let Some(index) = self.index(policy) else { return Vec::new() };
        let mut keys: Vec<_> = index.sets_of(category).flat_map(|set| set.iter().take(most).copied()).collect();
        keys.sort_unstable();
        keys.truncate(most);
        keys
    }

    pub(super) fn count(&mut self, categories: &[CategoryId], from: Availability, to: Availability) {
        if from == to {
            return;
        }
        self.total.shift(from, to);
        for category in categories {
            let counts = self.counts.get_or_default(*category);
            counts.shift(from, to);
            // A pool that was changed and changed back equals a fresh one.
            if to == Availability::Out && *counts == Counts::default() {
                self.counts.remove(category);
            }
        }
    }

    pub(super) fn counts(&self, category: CategoryId) -> Counts {
        self.counts.get(&category).copied().unwrap_or_default()
    }

    pub(super) const fn total(&self) -> Counts {
        self.total
    }

    /// Everybody with room: by policies in order, then by sets of categories in order.
    pub(super) fn keys(&self) -> impl Iterator<Item = (PolicyIx, &CategorySet, PoolKey)> + '_ {
        let by_policy = self.by_policy.iter();
        by_policy.flat_map(|(policy, index)| index.keys().map(move |(set, key)| (*policy, set, key)))
    }
}

#[cfg(test)]
mod tests {
    use super::{CategorySet, EMPTY_SETS_MAX, Pool, PoolKey};
    use crate::policy::{AgentRank, LongestWait, Policies};
    use crate::{AgentId, CategoryId, Few, Time};

    #[test]
    fn sets_that_nobody_is_in_are_given_back_and_make_no_difference() {
        let policy = Policies::new(std::sync::Arc::new(LongestWait)).desk_ix();
        let key = |agent| PoolKey { rank: AgentRank::value(1), last_assigned_at: Time(0), agent: AgentId(agent) };
        let keys = |number: u32| Few::from([(policy, key(u64::from(number)))]);
        let set = |number: u32| -> CategorySet { [CategoryId(1), CategoryId(number + 2)].into() };
        let (mut pool, mut fresh) = (Pool::default(), Pool::default());
        for number in 0..5_000 {
            pool.insert_all(&keys(number), &set(number));
            if !number.is_multiple_of(1_000) {
                pool.remove_all(&keys(number), &set(number));
            }
        }
        for number in [0, 1_000, 2_000, 3_000, 4_000] {
            fresh.insert_all(&keys(number), &set(number));
        }
        assert!(pool == fresh, "only who is in it counts");
        assert!(pool.by_policy[0].1.sets.len() <= 2 * (5 + EMPTY_SETS_MAX), "empty sets are bounded");
        let passes = |agent: AgentId| agent == AgentId(0);
        assert_eq!(pool.best(policy, CategoryId(1), passes), Some(key(1_000)));
        assert_eq!(pool.first(policy, CategoryId(1), 2), [key(0), key(1_000)]);
        assert_eq!(pool.best(policy, CategoryId(3), passes), None);
    }
}
