//! The agents as dispatch sees them: those with room in one ordered index per set of categories, and
//! counts of everybody by category.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::AgentRank;
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
    pub(super) passed_over: PassedOver,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pool {
    sets: BTreeMap<BTreeSet<CategoryId>, BTreeSet<PoolKey>>,
    /// The sets that contain a category and have somebody with room.
    by_category: BTreeMap<CategoryId, BTreeSet<BTreeSet<CategoryId>>>,
    counts: BTreeMap<CategoryId, Counts>,
    total: Counts,
}

impl Pool {
    pub(super) fn insert(&mut self, categories: &BTreeSet<CategoryId>, key: PoolKey) {
        if let Some(set) = self.sets.get_mut(categories) {
            set.insert(key);
            return;
        }
        self.sets.insert(categories.clone(), BTreeSet::from([key]));
        for category in categories {
            self.by_category.entry(*category).or_default().insert(categories.clone());
        }
    }

    pub(super) fn remove(&mut self, categories: &BTreeSet<CategoryId>, key: PoolKey) {
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

    /// The agent with room who takes an arriving chat of this category.
    pub(super) fn best(&self, category: CategoryId) -> Option<PoolKey> {
        let sets = self.by_category.get(&category)?;
        crate::steps::count(sets.len() as u64);
        sets.iter().filter_map(|set| self.sets.get(set)?.first().copied()).min()
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
    pub(super) fn keys(&self) -> impl Iterator<Item = (&BTreeSet<CategoryId>, PoolKey)> + '_ {
        self.sets.iter().flat_map(|(set, keys)| keys.iter().map(move |key| (set, *key)))
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
            Availability::Room | Availability::Full => {
                step(&mut self.signed_in);
                step(&mut self.online);
            }
            Availability::Away | Availability::LastCall | Availability::SignedIn => step(&mut self.signed_in),
            Availability::Disconnected | Availability::Out => {}
        }
        match availability {
            Availability::Full => step(&mut self.passed_over.full),
            Availability::Away => step(&mut self.passed_over.away),
            Availability::LastCall => step(&mut self.passed_over.last_call),
            Availability::Disconnected => step(&mut self.passed_over.disconnected),
            Availability::Room | Availability::SignedIn | Availability::Out => {}
        }
    }
}
