//! What is still to be looked at, in the order of ids: noted as it comes, sorted when it is taken.
//!
//! Most steps note one or two, so a list that keeps its room costs nothing where a set would allocate each time.

/// Ids that were noted, each at least once.
#[derive(Clone, Debug, Default)]
pub(super) struct Todo<T> {
    noted: Vec<T>,
    /// How many may be noted before repetitions are thrown away.
    tidy_at: usize,
}

/// Below this many, repetitions are not worth looking for.
const TIDY_MIN: usize = 256;

impl<T: Copy + Ord> Todo<T> {
    pub(super) fn note(&mut self, id: T) {
        if self.noted.last() == Some(&id) {
            return;
        }
        if self.noted.len() >= self.tidy_at.max(TIDY_MIN) {
            self.tidy();
            self.tidy_at = self.noted.len() * 2;
        }
        self.noted.push(id);
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.noted.is_empty()
    }

    pub(super) fn contains(&self, id: &T) -> bool {
        self.noted.contains(id)
    }

    /// Everything that was noted, once each, in order. [`give_back`](Self::give_back) saves the next list's allocation.
    pub(super) fn take(&mut self) -> Vec<T> {
        self.tidy();
        std::mem::take(&mut self.noted)
    }

    /// The room of a list that was taken.
    pub(super) fn give_back(&mut self, mut list: Vec<T>) {
        if self.noted.capacity() == 0 {
            list.clear();
            self.noted = list;
        }
    }

    fn tidy(&mut self) {
        if self.noted.len() > 1 {
            self.noted.sort_unstable();
            self.noted.dedup();
        }
    }
}

/// The same things are still to be looked at.
impl<T: Copy + Ord> PartialEq for Todo<T> {
    fn eq(&self, other: &Self) -> bool {
        self.clone().take() == other.clone().take()
    }
}

#[cfg(test)]
mod tests {
    use super::Todo;

    #[test]
    fn each_is_taken_once_in_order() {
        let mut todo = Todo::default();
        for id in (0..2_000).rev().chain([7, 7, 3]).chain(0..2_000) {
            todo.note(id);
        }
        assert!(todo.noted.len() <= 4_000, "repetitions are not kept for ever");
        assert!(todo.contains(&3) && !todo.contains(&2_000));
        let taken = todo.take();
        assert_eq!(taken, Vec::from_iter(0..2_000));
        assert!(todo.is_empty());
        todo.give_back(taken);
        assert_eq!(todo, Todo::default());
    }
}
