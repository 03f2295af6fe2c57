//! An ordered set that knows ranks: a counted B-tree.
//!
//! Keys lie in leaves of up to `LEAF`; inner nodes have up to `FAN` children and keep, for each, a key
//! that no key of it is below and the number of keys under it. So insert, remove, rank and the key at a
//! rank each visit one node per level, which is 2 levels for a thousand keys and 4 for a million.
//!
//! *Invariant:* all leaves have the same depth, and no node is empty except a root leaf. Every node off
//! the right edge holds at least a quarter of what it can; the nodes of the right edge may hold less,
//! because a full node splits there by beginning a new one. Arrivals append, so they fill leaves
//! completely instead of leaving each half empty.

mod node;
#[cfg(test)]
mod tests;

use std::fmt;
use std::slice;

use node::{Added, Inner, Node};

/// An ordered set with ranks. See the module for costs.
#[derive(Clone)]
pub(crate) struct RankTree<K, const LEAF: usize = 128, const FAN: usize = 64> {
    root: Node<K, LEAF, FAN>,
    len: usize,
}

impl<K: Ord + Copy, const LEAF: usize, const FAN: usize> RankTree<K, LEAF, FAN> {
    /// An empty set.
    pub(crate) const fn new() -> Self {
        const { assert!(LEAF >= 4 && FAN >= 8, "off the right edge a node has a sibling to share with") };
        Self { root: Node::Leaf(Vec::new()), len: 0 }
    }

    /// Adds a key; false when it was there.
    pub(crate) fn insert(&mut self, key: K) -> bool {
        match self.root.insert(key, true) {
            Added::Present => return false,
            Added::Here => {}
            Added::Split(right) => self.grow(right),
        }
        self.len += 1;
        true
    }

    /// Takes a key out; false when it was not there.
    pub(crate) fn remove(&mut self, key: &K) -> bool {
        let removed = self.root.remove(key);
        if removed {
            self.len -= 1;
            self.shrink();
        }
        removed
    }

    /// How many keys are below this one, which need not be in the set.
    pub(crate) fn rank(&self, key: &K) -> usize {
        let mut below = 0;
        let mut node = &self.root;
        loop {
            match node.step() {
                Node::Leaf(keys) => return below + node::point(keys, |k| k < key),
                Node::Inner(inner) => {
                    let at = inner.child_of(key);
                    below += inner.counts[..at].iter().sum::<usize>();
                    node = &inner.children[at];
                }
            }
        }
    }

    /// The key with this many keys below it.
    #[cfg(test)]
    pub(crate) fn get(&self, rank: usize) -> Option<K> {
        let mut rank = rank;
        let mut node = &self.root;
        loop {
            match node.step() {
                Node::Leaf(keys) => return keys.get(rank).copied(),
                Node::Inner(inner) => {
                    let mut at = 0;
                    while rank >= *inner.counts.get(at)? {
                        rank -= inner.counts[at];
                        at += 1;
                    }
                    node = &inner.children[at];
                }
            }
        }
    }

    /// The lowest key.
    pub(crate) fn first(&self) -> Option<K> {
        self.root.first()
    }

    /// The lowest key strictly above this one, which need not be in the set; without one, the lowest.
    pub(crate) fn after(&self, key: Option<&K>) -> Option<K> {
        match key {
            Some(key) => self.root.after(key),
            None => self.first(),
        }
    }

    /// How many keys there are.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Is there no key?
    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All keys, in ascending order.
    pub(crate) fn iter(&self) -> Iter<'_, K, LEAF, FAN> {
        Iter { leaf: [].iter(), above: vec![slice::from_ref(&self.root).iter()] }
    }

    /// Holds the structure against the invariant of the module.
    ///
    /// # Errors
    /// Says what is wrong.
    #[cfg(test)]
    pub(crate) fn check(&self) -> Result<(), String> {
        let mut depth = None;
        let counted = self.root.check(None, None, true, 0, &mut depth)?;
        if counted != self.len {
            return Err(format!("len says {}, there are {counted} keys", self.len));
        }
        match &self.root {
            Node::Inner(inner) if inner.children.len() < 2 => Err("an inner root has one child".to_owned()),
            Node::Inner(_) | Node::Leaf(_) => Ok(()),
        }
    }

    fn grow(&mut self, right: Node<K, LEAF, FAN>) {
        let left = std::mem::replace(&mut self.root, Node::Leaf(Vec::new()));
        self.root = Node::Inner(Box::new(Inner::pair(left, right)));
    }

    fn shrink(&mut self) {
        while let Node::Inner(inner) = &mut self.root
            && inner.children.len() < 2
        {
            self.root = inner.children.pop().unwrap_or_else(|| Node::Leaf(Vec::new()));
        }
    }
}

impl<K: Ord + Copy, const LEAF: usize, const FAN: usize> Default for RankTree<K, LEAF, FAN> {
    fn default() -> Self {
        Self::new()
    }
}

/// By content: two trees of other shapes with the same keys are equal.
impl<K: Ord + Copy, const LEAF: usize, const FAN: usize> PartialEq for RankTree<K, LEAF, FAN> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl<K: Ord + Copy, const LEAF: usize, const FAN: usize> Eq for RankTree<K, LEAF, FAN> {}

impl<K: Ord + Copy + fmt::Debug, const LEAF: usize, const FAN: usize> fmt::Debug for RankTree<K, LEAF, FAN> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<K: Ord + Copy, const LEAF: usize, const FAN: usize> FromIterator<K> for RankTree<K, LEAF, FAN> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        let mut tree = Self::new();
        for key in keys {
            tree.insert(key);
        }
        tree
    }
}

/// The keys of a [`RankTree`], in ascending order.
#[derive(Clone)]
pub(crate) struct Iter<'a, K, const LEAF: usize, const FAN: usize> {
    leaf: slice::Iter<'a, K>,
    above: Vec<slice::Iter<'a, Node<K, LEAF, FAN>>>,
}

impl<K: Copy, const LEAF: usize, const FAN: usize> Iterator for Iter<'_, K, LEAF, FAN> {
    type Item = K;

    fn next(&mut self) -> Option<K> {
        loop {
            if let Some(key) = self.leaf.next() {
                return Some(*key);
            }
            match self.above.last_mut()?.next() {
                Some(Node::Leaf(keys)) => self.leaf = keys.iter(),
                Some(Node::Inner(inner)) => self.above.push(inner.children.iter()),
                None => drop(self.above.pop()),
            }
        }
    }
}

impl<'a, K: Ord + Copy, const LEAF: usize, const FAN: usize> IntoIterator for &'a RankTree<K, LEAF, FAN> {
    type Item = K;
    type IntoIter = Iter<'a, K, LEAF, FAN>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
