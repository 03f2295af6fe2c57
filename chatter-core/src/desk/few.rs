//! A small ordered set: nothing, one, or a sorted list.
//!
//! A customer has one session and one chat, a chat is followed by one or two: a tree for each of these is an
//! allocation and a walk that a single value does not need. Adding and removing costs O(n), and n is bounded by what
//! one person holds.

use std::fmt;

/// A set in ascending order, for few.
#[derive(Clone)]
pub(super) struct Few<T>(List<T>);

#[derive(Clone)]
enum List<T> {
    Nothing,
    One(T),
    /// Of any length: a list that has shrunk keeps its room.
    Many(Vec<T>),
}

impl<T: Copy + Ord> Few<T> {
    /// An empty set.
    pub(super) const fn new() -> Self {
        Self(List::Nothing)
    }

    /// All of it, in order.
    pub(super) fn as_slice(&self) -> &[T] {
        match &self.0 {
            List::Nothing => &[],
            List::One(one) => std::slice::from_ref(one),
            List::Many(many) => many,
        }
    }

    /// Adds one; false when it was there.
    pub(super) fn insert(&mut self, value: T) -> bool {
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
    pub(super) fn remove(&mut self, value: &T) -> bool {
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

    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }

    pub(super) fn contains(&self, value: &T) -> bool {
        self.as_slice().binary_search(value).is_ok()
    }

    pub(super) fn len(&self) -> usize {
        self.as_slice().len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.as_slice().iter()
    }

    #[cfg(test)]
    pub(super) fn first(&self) -> Option<&T> {
        self.as_slice().first()
    }

    /// Those that are not in the other set.
    pub(super) fn without(&self, other: &Self) -> Self {
        self.iter().filter(|value| !other.contains(value)).copied().collect()
    }

    pub(super) fn to_vec(&self) -> Vec<T> {
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

/// What was in a [`Few`].
pub(super) enum IntoIter<T> {
    One(Option<T>),
    Many(std::vec::IntoIter<T>),
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        match self {
            Self::One(one) => one.take(),
            Self::Many(many) => many.next(),
        }
    }
}

impl<T: Copy + Ord> IntoIterator for Few<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        match self.0 {
            List::Nothing => IntoIter::One(None),
            List::One(one) => IntoIter::One(Some(one)),
            List::Many(many) => IntoIter::Many(many.into_iter()),
        }
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
                let odd: Few<_> = [1, 3, 5].into_iter().collect();
                prop_assert!(few.without(&odd).iter().eq(set.iter().filter(|it| **it % 2 == 0)));
            }
        }
    }
}
