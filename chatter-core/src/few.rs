//! A small ordered set: nothing, one, or a sorted list.
//!
//! A customer has one session and one chat, a chat is followed by one or two and had by one or two agents: a tree for
//! each of these is an allocation and a walk that a single value does not need. Adding and removing costs O(n), and n is
//! bounded by what one person holds, or by who took part in one chat.

use std::iter::Chain;
use std::{fmt, option, vec};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A set in ascending order, for few: who took part in a chat, what a person holds. Adding and removing is O(n), which for
/// some tens costs less than a tree. Its JSON is a list.
#[derive(Clone)]
pub struct Few<T>(List<T>);

#[derive(Clone)]
enum List<T> {
    Nothing,
    One(T),
    /// Of any length: a list that has shrunk keeps its room.
    Many(Vec<T>),
}

impl<T: Copy + Ord> Few<T> {
    /// An empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self(List::Nothing)
    }

    /// All of it, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        match &self.0 {
            List::Nothing => &[],
            List::One(one) => std::slice::from_ref(one),
            List::Many(many) => many,
        }
    }

    /// Adds one; false when it was there.
    pub fn insert(&mut self, value: T) -> bool {
        match &mut self.0 {
            List::Nothing => self.0 = List::One(value),
            List::One(one) if *one == value => return false,
            List::One(one) => {
                let both = if *one < value { [*one, value] } else { [value, *one] };
                self.0 = List::Many(both.to_vec());
            }
            List::Many(many) => match many.binary_search(&value) {
                Ok(_) => return false,
                Err(at) => many.insert(at, value),
            },
        }
        true
    }

    /// Takes one out; false when it was not there.
    pub fn remove(&mut self, value: &T) -> bool {
        match &mut self.0 {
            List::One(one) if one == value => self.0 = List::Nothing,
            List::Nothing | List::One(_) => return false,
            List::Many(many) => match many.binary_search(value) {
                Ok(at) => drop(many.remove(at)),
                Err(_) => return false,
            },
        }
        true
    }

    /// Leaves nothing.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// True when it has this one.
    #[must_use]
    pub fn contains(&self, value: &T) -> bool {
        self.as_slice().binary_search(value).is_ok()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// True when there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    /// All of it, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.as_slice().iter()
    }

    #[cfg(test)]
    pub(crate) fn first(&self) -> Option<&T> {
        self.as_slice().first()
    }

    /// Those that are not in the other set.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        if self.is_empty() {
            return Self::new();
        }
        self.iter().filter(|value| !other.contains(value)).copied().collect()
    }

    /// All of it, in order.
    #[must_use]
    pub fn to_vec(&self) -> Vec<T> {
        self.as_slice().to_vec()
    }
}

impl<T: Copy + Ord> Default for Few<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// By content, however much room there is.
impl<T: Copy + Ord> PartialEq for Few<T> {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl<T: Copy + Ord> Eq for Few<T> {}

impl<T: Copy + Ord + fmt::Debug> fmt::Debug for Few<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.as_slice()).finish()
    }
}

impl<T: Copy + Ord> Extend<T> for Few<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        for value in values {
            self.insert(value);
        }
    }
}

impl<T: Copy + Ord, const N: usize> From<[T; N]> for Few<T> {
    fn from(values: [T; N]) -> Self {
        values.into_iter().collect()
    }
}

impl<T: Copy + Ord + Serialize> Serialize for Few<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

impl<'de, T: Copy + Ord + Deserialize<'de>> Deserialize<'de> for Few<T> {
    /// The order of the list does not matter, and what is in it twice counts once.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}

impl<T: Copy + Ord> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut few = Self::new();
        few.extend(values);
        few
    }
}

impl<'a, T: Copy + Ord> IntoIterator for &'a Few<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Copy + Ord> IntoIterator for Few<T> {
    type Item = T;
    type IntoIter = Chain<option::IntoIter<T>, vec::IntoIter<T>>;

    fn into_iter(self) -> Self::IntoIter {
        let (one, many) = match self.0 {
            List::Nothing => (None, Vec::new()),
            List::One(one) => (Some(one), Vec::new()),
            List::Many(many) => (None, many),
        };
        one.into_iter().chain(many)
    }
}

#[cfg(test)]
mod tests {
    use super::Few;
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_an_ordered_set(steps in proptest::collection::vec((any::<bool>(), 0u8..6), 0..40)) {
            let (mut few, mut set) = (Few::new(), BTreeSet::new());
            for (add, value) in steps {
                if add {
                    prop_assert_eq!(few.insert(value), set.insert(value));
                } else {
                    prop_assert_eq!(few.remove(&value), set.remove(&value));
                }
                prop_assert!(few.iter().eq(&set) && few.clone().into_iter().eq(set.iter().copied()));
                prop_assert_eq!((few.len(), few.is_empty()), (set.len(), set.is_empty()));
                prop_assert!((0..6).all(|it| few.contains(&it) == set.contains(&it)));
                prop_assert_eq!(&few, &set.iter().rev().copied().collect::<Few<_>>());
                let json = serde_json::to_string(&set).expect("a list");
                prop_assert_eq!(&serde_json::to_string(&few).expect("a list"), &json);
                let anyhow: Vec<_> = set.iter().rev().chain(&set).collect();
                let anyhow = serde_json::to_string(&anyhow).expect("a list");
                prop_assert_eq!(&serde_json::from_str::<Few<u8>>(&anyhow).expect("a list"), &few);
                let odd = Few::from([5, 3, 1, 3]);
                prop_assert!(few.without(&odd).iter().eq(set.iter().filter(|it| **it % 2 == 0)));
            }
        }
    }
}
