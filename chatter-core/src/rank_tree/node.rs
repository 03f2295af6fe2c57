//! The nodes of a [`RankTree`](super::RankTree).

use crate::steps;

#[derive(Clone)]
pub(super) enum Node<K, const LEAF: usize, const FAN: usize> {
    Leaf(Vec<K>),
    Inner(Box<Inner<K, LEAF, FAN>>),
}

/// The three lists run in step. They are apart because a search reads only `lows`, a rank only `counts`.
#[derive(Clone)]
pub(super) struct Inner<K, const LEAF: usize, const FAN: usize> {
    /// Above every key of the child before, and not above any key of this child. The first is not read:
    /// the first child takes whatever is below the second.
    pub(super) lows: Vec<K>,
    /// How many keys are under each child.
    pub(super) counts: Vec<usize>,
    pub(super) children: Vec<Node<K, LEAF, FAN>>,
}

/// What became of an insert.
pub(super) enum Added<K, const LEAF: usize, const FAN: usize> {
    /// The key was there.
    Present,
    /// It fitted.
    Here,
    /// It was added, and the upper part of the node is now this one.
    Split(Node<K, LEAF, FAN>),
}

impl<K: Ord + Copy, const LEAF: usize, const FAN: usize> Node<K, LEAF, FAN> {
    /// This node, counted as visited.
    pub(super) fn step(&self) -> &Self {
        steps::count(1);
        self
    }

    /// Adds a key under this node, which is on the right edge or not.
    pub(super) fn insert(&mut self, key: K, right_edge: bool) -> Added<K, LEAF, FAN> {
        steps::count(1);
        match self {
            Self::Leaf(keys) => {
                let at = point(keys, |k| *k < key);
                if keys.get(at) == Some(&key) {
                    return Added::Present;
                }
                if keys.len() < LEAF {
                    keys.insert(at, key);
                    return Added::Here;
                }
                let mut right = keys.split_off(split_point(at, LEAF, right_edge));
                if at > keys.len() || right.is_empty() {
                    right.insert(at - keys.len(), key);
                } else {
                    keys.insert(at, key);
                }
                Added::Split(Self::Leaf(right))
            }
            Self::Inner(inner) => inner.insert(key, right_edge),
        }
    }

    pub(super) fn remove(&mut self, key: &K) -> bool {
        steps::count(1);
        match self {
            Self::Leaf(keys) => {
                let at = point(keys, |k| k < key);
                let there = keys.get(at) == Some(key);
                if there {
                    keys.remove(at);
                }
                there
            }
            Self::Inner(inner) => {
                let at = inner.child_of(key);
                let removed = inner.children[at].remove(key);
                if removed {
                    inner.counts[at] -= 1;
                    inner.mend(at);
                }
                removed
            }
        }
    }

    pub(super) fn first(&self) -> Option<K> {
        match self.step() {
            Self::Leaf(keys) => keys.first().copied(),
            Self::Inner(inner) => inner.children.first()?.first(),
        }
    }

    pub(super) fn after(&self, key: &K) -> Option<K> {
        match self.step() {
            Self::Leaf(keys) => keys.get(point(keys, |k| k <= key)).copied(),
            Self::Inner(inner) => {
                let at = inner.child_of(key);
                // Only one level of all can miss: the next child is not empty, so its first key is the answer.
                inner.children[at].after(key).or_else(|| inner.children.get(at + 1)?.first())
            }
        }
    }

    #[cfg(test)]
    /// Checks everything under this node, whose keys lie in `low..high`, and returns how many they are.
    pub(super) fn check(
        &self,
        low: Option<K>,
        high: Option<K>,
        right_edge: bool,
        level: usize,
        depth: &mut Option<usize>,
    ) -> Result<usize, String> {
        let least = if level == 0 { 0 } else { if right_edge { 1 } else { self.room() / 4 } };
        if self.width() < least || self.width() > self.room() {
            return Err(format!("a node of {} at level {level}, not {least} to {}", self.width(), self.room()));
        }
        match self {
            Self::Leaf(keys) => {
                if *depth.get_or_insert(level) != level {
                    return Err(format!("leaves at levels {level} and {depth:?}"));
                }
                let ascending = keys.is_sorted_by(|a, b| a < b);
                let within = keys.iter().all(|k| low.is_none_or(|low| low <= *k) && high.is_none_or(|high| *k < high));
                if ascending && within { Ok(keys.len()) } else { Err("keys out of order".to_owned()) }
            }
            Self::Inner(inner) => inner.check(low, high, right_edge, level, depth),
        }
    }

    /// How many keys are under this node.
    fn count(&self) -> usize {
        match self {
            Self::Leaf(keys) => keys.len(),
            Self::Inner(inner) => inner.counts.iter().sum(),
        }
    }

    /// A key that is not above any key under this node and above all keys left of it.
    fn low(&self) -> Option<K> {
        match self {
            Self::Leaf(keys) => keys.first().copied(),
            Self::Inner(inner) => inner.lows.first().copied(),
        }
    }

    /// Keys or children, and how many there can be.
    fn width(&self) -> usize {
        match self {
            Self::Leaf(keys) => keys.len(),
            Self::Inner(inner) => inner.children.len(),
        }
    }

    const fn room(&self) -> usize {
        match self {
            Self::Leaf(_) => LEAF,
            Self::Inner(_) => FAN,
        }
    }
}

impl<K: Ord + Copy, const LEAF: usize, const FAN: usize> Inner<K, LEAF, FAN> {
    /// A node over two others, which are not empty.
    pub(super) fn pair(left: Node<K, LEAF, FAN>, right: Node<K, LEAF, FAN>) -> Self {
        let mut pair = Self { lows: Vec::new(), counts: Vec::new(), children: Vec::new() };
        pair.put(0, left);
        pair.put(1, right);
        pair
    }

    /// Which child has this key, if any has.
    pub(super) fn child_of(&self, key: &K) -> usize {
        point(&self.lows[1..], |low| low <= key)
    }

    fn insert(&mut self, key: K, right_edge: bool) -> Added<K, LEAF, FAN> {
        let at = self.child_of(&key);
        let last = at + 1 == self.children.len();
        match self.children[at].insert(key, right_edge && last) {
            Added::Present => Added::Present,
            Added::Here => {
                self.counts[at] += 1;
                Added::Here
            }
            Added::Split(right) => {
                self.counts[at] = self.children[at].count();
                self.add_child(at + 1, right, right_edge)
            }
        }
    }

    fn add_child(&mut self, at: usize, child: Node<K, LEAF, FAN>, right_edge: bool) -> Added<K, LEAF, FAN> {
        if self.children.len() < FAN {
            self.put(at, child);
            return Added::Here;
        }
        let mut right = self.split_off(split_point(at, FAN, right_edge));
        if at > self.children.len() || right.children.is_empty() {
            right.put(at - self.children.len(), child);
        } else {
            self.put(at, child);
        }
        Added::Split(Node::Inner(Box::new(right)))
    }

    /// Restores the invariant for a child that has just lost something: an empty one goes, a small one is
    /// joined with a neighbour or shares with it.
    fn mend(&mut self, at: usize) {
        let child = &self.children[at];
        let (width, room) = (child.width(), child.room());
        if width == 0 {
            self.lows.remove(at);
            self.counts.remove(at);
            self.children.remove(at);
        } else if width < room / 4 && self.children.len() > 1 {
            let left = at.min(self.children.len() - 2);
            self.join(left);
        }
    }

    /// Puts child `left + 1` into child `left`, and divides what is too much for one node.
    fn join(&mut self, left: usize) {
        steps::count(2);
        let low = self.lows.remove(left + 1);
        self.counts.remove(left + 1);
        let upper = self.children.remove(left + 1);
        let divided = match (&mut self.children[left], upper) {
            (Node::Leaf(keys), Node::Leaf(mut upper)) => {
                keys.append(&mut upper);
                (keys.len() > LEAF).then(|| Node::Leaf(keys.split_off(keys.len() / 2)))
            }
            (Node::Inner(inner), Node::Inner(mut upper)) => {
                // What bounds the whole upper node bounds its first child; its own list need not.
                upper.lows[0] = low;
                inner.append(&mut upper);
                (inner.children.len() > FAN).then(|| Node::Inner(Box::new(inner.split_off(inner.children.len() / 2))))
            }
            (Node::Leaf(_), Node::Inner(_)) | (Node::Inner(_), Node::Leaf(_)) => {
                unreachable!("all leaves have the same depth")
            }
        };
        self.counts[left] = self.children[left].count();
        if let Some(right) = divided {
            self.put(left + 1, right);
        }
    }

    fn put(&mut self, at: usize, child: Node<K, LEAF, FAN>) {
        let low = child.low().expect("a node below the root is never empty");
        self.lows.insert(at, low);
        self.counts.insert(at, child.count());
        self.children.insert(at, child);
    }

    fn append(&mut self, other: &mut Self) {
        self.lows.append(&mut other.lows);
        self.counts.append(&mut other.counts);
        self.children.append(&mut other.children);
    }

    fn split_off(&mut self, at: usize) -> Self {
        Self { lows: self.lows.split_off(at), counts: self.counts.split_off(at), children: self.children.split_off(at) }
    }

    #[cfg(test)]
    fn check(
        &self,
        low: Option<K>,
        high: Option<K>,
        right_edge: bool,
        level: usize,
        depth: &mut Option<usize>,
    ) -> Result<usize, String> {
        let width = self.children.len();
        if self.lows.len() != width || self.counts.len() != width {
            return Err("the lists of a node are out of step".to_owned());
        }
        for (at, child) in self.children.iter().enumerate() {
            let low = if at == 0 { low } else { Some(self.lows[at]) };
            let high = self.lows.get(at + 1).copied().or(high);
            let count = child.check(low, high, right_edge && at + 1 == width, level + 1, depth)?;
            if count != self.counts[at] {
                return Err(format!("a node says {}, there are {count} keys under it", self.counts[at]));
            }
        }
        Ok(self.counts.iter().sum())
    }
}

/// How many keys of a node are before a point: as `partition_point`, but not by halves. In a node that no cache has, each
/// half would wait for the memory that the one before chose. Here the keys that are looked at first are known from the
/// start, so that one wait serves them all; a second one serves the rest.
pub(super) fn point<K>(keys: &[K], before: impl Fn(&K) -> bool) -> usize {
    const STRIDE: usize = 8;
    let strides = keys.chunks_exact(STRIDE).filter(|stride| before(&stride[STRIDE - 1])).count();
    let rest = &keys[strides * STRIDE..];
    strides * STRIDE + rest.iter().take(STRIDE).filter(|key| before(key)).count()
}

/// Where a full node of `room` divides when something is added at `at`: in the middle, but at the end
/// when it is added there on the right edge, so that appending leaves full nodes behind.
const fn split_point(at: usize, room: usize, right_edge: bool) -> usize {
    if right_edge && at == room { room } else { room / 2 }
}
