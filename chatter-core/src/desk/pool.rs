//! The agents as dispatch sees them: those with room in one ordered index per set of categories, and
//! counts of everybody by category.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::{AgentRank, PolicyIx};
use crate::{AgentId, CategoryId, PassedOver, Time};

/// The order in which agents with room take arriving chats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PoolKey {
    pub(super) rank: AgentRank,
    pub(super) last_assigned_at: Time,
    pub(super) agent: AgentId,
}

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
    /// None of these.
    Out,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) signed_in: u32,
    pub(super) online: u32,
    /// Agents with room.
    pub(super) room: u32,
    pub(super) passed_over: PassedOver,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pool {
    /// For each policy in use, the agents with room in the order of its ranks.
    by_policy: BTreeMap<PolicyIx, Index>,
    counts: BTreeMap<CategoryId, Counts>,
    total: Counts,
}

/// Agents with room, one ordered set per set of categories they serve.
#[derive(Clone, Debug, Default, PartialEq)]
struct Index {
    sets: BTreeMap<BTreeSet<CategoryId>, BTreeSet<PoolKey>>,
    /// The sets that contain a category and have somebody with room.
    by_category: BTreeMap<CategoryId, BTreeSet<BTreeSet<CategoryId>>>,
}

impl Index {
    fn insert(&mut self, categories: &BTreeSet<CategoryId>, key: PoolKey) {
        if let Some(set) = self.sets.get_mut(categories) {
            set.insert(key);
            return;
        }
        self.sets.insert(categories.clone(), BTreeSet::from([key]));
        for category in categories {
            self.by_category.entry(*category).or_default().insert(categories.clone());
        }
    }

    fn remove(&mut self, categories: &BTreeSet<CategoryId>, key: PoolKey) {
        let Some(set) = self.sets.get_mut(categories) else { return };
        set.remove(&key);
        if !set.is_empty() {
            return;
        }
        self.sets.remove(categories);
        for category in categories {
            if let Some(sets) = self.by_category.get_mut(category) {
                sets.remove(categories);
                if sets.is_empty() {
                    self.by_category.remove(category);
                }
            }
        }
    }

    fn sets_of(&self, category: CategoryId) -> impl Iterator<Item = &BTreeSet<PoolKey>> {
        let sets = self.by_category.get(&category);
        sets.into_iter().flatten().filter_map(|set| self.sets.get(set))
    }
}

impl Pool {
    pub(super) fn insert(&mut self, policy: PolicyIx, categories: &BTreeSet<CategoryId>, key: PoolKey) {
        self.by_policy.entry(policy).or_default().insert(categories, key);
    }

    pub(super) fn remove(&mut self, policy: PolicyIx, categories: &BTreeSet<CategoryId>, key: PoolKey) {
        let Some(index) = self.by_policy.get_mut(&policy) else { return };
        index.remove(categories, key);
        if index.sets.is_empty() {
            self.by_policy.remove(&policy);
        }
    }

    /// The agent of a category with room who is first by a policy, of those that are not passed over.
    pub(super) fn best(
        &self,
        policy: PolicyIx,
        category: CategoryId,
        passes: impl Fn(AgentId) -> bool,
    ) -> Option<PoolKey> {
        let sets = self.by_policy.get(&policy)?.sets_of(category);
        let first = |set: &BTreeSet<PoolKey>| {
            crate::steps::count(1);
            set.iter().find(|key| !passes(key.agent)).copied()
        };
        sets.filter_map(first).min()
    }

    /// The first of a category's agents with room by a policy, in order; `most` at most.
    pub(super) fn first(&self, policy: PolicyIx, category: CategoryId, most: usize) -> Vec<PoolKey> {
        let Some(index) = self.by_policy.get(&policy) else { return Vec::new() };
        let mut keys: Vec<_> = index.sets_of(category).flat_map(|set| set.iter().take(most).copied()).collect();
        keys.sort_unstable();
        keys.truncate(most);
        keys
    }

    pub(super) fn count(&mut self, categories: &BTreeSet<CategoryId>, from: Availability, to: Availability) {
        if from == to {
            return;
        }
        self.total.shift(from, to);
        for category in categories {
            let counts = self.counts.entry(*category).or_default();
            counts.shift(from, to);
            // A pool that was changed and changed back equals a fresh one.
            if *counts == Counts::default() {
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

    #[cfg(any(test, feature = "testing"))]
    pub(super) fn keys(&self) -> impl Iterator<Item = (PolicyIx, &BTreeSet<CategoryId>, PoolKey)> + '_ {
        self.by_policy.iter().flat_map(|(policy, index)| {
            let sets = index.sets.iter();
            sets.flat_map(move |(set, keys)| keys.iter().map(move |key| (*policy, set, *key)))
        })
    }
}

impl Counts {
    fn shift(&mut self, from: Availability, to: Availability) {
        self.add(from, false);
        self.add(to, true);
    }

    fn add(&mut self, availability: Availability, more: bool) {
        let step = |count: &mut u32| *count = if more { *count + 1 } else { *count - 1 };
        match availability {
            Availability::Room | Availability::Full | Availability::Resting => {
                step(&mut self.signed_in);
                step(&mut self.online);
            }
            Availability::Away | Availability::LastCall | Availability::SignedIn => step(&mut self.signed_in),
            Availability::Disconnected | Availability::Out => {}
        }
        match availability {
            Availability::Full => step(&mut self.passed_over.full),
            Availability::Resting => step(&mut self.passed_over.resting),
            Availability::Away => step(&mut self.passed_over.away),
            Availability::LastCall => step(&mut self.passed_over.last_call),
            Availability::Disconnected => step(&mut self.passed_over.disconnected),
            Availability::Room => step(&mut self.room),
            Availability::SignedIn | Availability::Out => {}
        }
    }
}
