//! What is to happen, in order of time; of one time, in the order in which it was put down.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::lab::record::Micros;

/// Something that is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The next customer of a category comes.
    Arrival { category: u16 },
    /// The patience of the customer of a chat ends, unless it stood still meanwhile.
    PatienceEnds { chat: u64 },
    /// The first of an agent's chats is done, unless their number has changed since.
    WorkEnds { agent: u32, turn: u32 },
    /// An agent notices that the customer of a chat is gone.
    Noticed { chat: u64, turn: u32 },
    /// An agent writes the first message of a chat.
    Replies { chat: u64, turn: u32 },
    /// An agent answers an offer.
    Answers { chat: u64, offer: u32 },
    /// An agent's shift or break begins or ends.
    Duty { agent: u32, change: u32 },
    /// An agent whom the desk has set away comes back.
    ComesBack { agent: u32 },
}

/// Something that was put down, the how manyth, and for when.
#[derive(Debug)]
struct Planned {
    at: Micros,
    put: u64,
    event: Event,
}

impl Planned {
    /// As one number, since a heap compares a lot.
    const fn turn(&self) -> u128 {
        (self.at as u128) << 64 | self.put as u128
    }
}

impl Ord for Planned {
    fn cmp(&self, other: &Self) -> Ordering {
        self.turn().cmp(&other.turn())
    }
}

impl PartialOrd for Planned {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Planned {
    fn eq(&self, other: &Self) -> bool {
        self.turn() == other.turn()
    }
}

impl Eq for Planned {}

/// What is to happen.
#[derive(Debug, Default)]
pub(super) struct Calendar {
    heap: BinaryHeap<Reverse<Planned>>,
    put: u64,
}

impl Calendar {
    /// Puts something down; what would come after the end of time never does.
    pub(super) fn put(&mut self, at: Micros, event: Event) {
        if at < Micros::MAX {
            self.put += 1;
            self.heap.push(Reverse(Planned { at, put: self.put, event }));
        }
    }

    /// When the next thing happens.
    pub(super) fn next(&self) -> Option<Micros> {
        self.heap.peek().map(|Reverse(planned)| planned.at)
    }

    /// The next thing, which is not there any more.
    pub(super) fn take(&mut self) -> Option<(Micros, Event)> {
        self.heap.pop().map(|Reverse(planned)| (planned.at, planned.event))
    }
}

#[cfg(test)]
mod tests {
    use super::{Calendar, Event};

    #[test]
    fn in_order_of_time_then_of_putting() {
        let mut calendar = Calendar::default();
        for (at, agent) in [(5, 1), (3, 2), (5, 3), (u64::MAX, 4)] {
            calendar.put(at, Event::ComesBack { agent });
        }
        assert_eq!(calendar.next(), Some(3));
        let order: Vec<_> = std::iter::from_fn(|| calendar.take()).collect();
        let expected = [(3, 2), (5, 1), (5, 3)].map(|(at, agent)| (at, Event::ComesBack { agent }));
        assert_eq!(order, expected);
    }
}
