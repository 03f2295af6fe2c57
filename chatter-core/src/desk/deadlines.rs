use std::collections::BTreeSet;

use crate::{AgentId, CategoryId, ChatId, CustomerId, Time};

/// Something that becomes due. The order of the variants decides between equal deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Timer {
    /// An agent who holds chats has been without a connection for the grace.
    AgentGrace(AgentId),
    /// A customer has been without a connection for the grace.
    CustomerGrace(CustomerId),
    /// A resolved chat is closed for good.
    CloseChat(ChatId),
    /// The customers of a category are told their places.
    PlacePush(CategoryId),
    /// Staff is told the numbers.
    AgentsPush,
}

/// The one table of deadlines, in (deadline, id) order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Deadlines {
    table: BTreeSet<(Time, Timer)>,
}

impl Deadlines {
    pub(super) fn set(&mut self, at: Time, timer: Timer) {
        self.table.insert((at, timer));
    }

    pub(super) fn clear(&mut self, at: Time, timer: Timer) {
        self.table.remove(&(at, timer));
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.table.first().map(|(at, _)| *at)
    }

    pub(super) fn due(&self, now: Time) -> Option<(Time, Timer)> {
        self.table.first().copied().filter(|(at, _)| *at <= now)
    }

    #[cfg(any(test, feature = "testing"))]
    pub(super) fn iter(&self) -> impl Iterator<Item = (Time, Timer)> + '_ {
        self.table.iter().copied()
    }

    pub(super) fn retain(&mut self, keep: impl Fn(Timer) -> bool) {
        self.table.retain(|(_, timer)| keep(*timer));
    }
}
