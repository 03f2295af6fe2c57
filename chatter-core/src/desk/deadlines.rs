use std::collections::BTreeSet;

use crate::{AgentId, CategoryId, ChatId, Time};

/// Something that becomes due. The order of the variants decides between equal deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Timer {
    /// An agent who holds chats has been without a connection for the grace.
    AgentGrace(AgentId),
    /// The customer of a chat has been without a connection that may see it for the grace.
    CustomerGrace(ChatId),
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

    /// The first that is due, with or without pushes of places. Of those there is one a category.
    pub(super) fn due(&self, now: Time, places: bool) -> Option<(Time, Timer)> {
        let mut due = self.table.iter().copied().take_while(|(at, _)| *at <= now);
        due.find(|(_, timer)| places || !matches!(timer, Timer::PlacePush(_)))
    }

    #[cfg(any(test, feature = "testing"))]
    pub(super) fn iter(&self) -> impl Iterator<Item = (Time, Timer)> + '_ {
        self.table.iter().copied()
    }

    pub(super) fn retain(&mut self, keep: impl Fn(Timer) -> bool) {
        self.table.retain(|(_, timer)| keep(*timer));
    }
}
