use std::collections::{BTreeMap, BTreeSet};

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
    /// An offer, or a transfer that waits for its answer, runs out.
    Offer(ChatId),
    /// A waiting chat becomes eligible for the agents of a further category.
    Overflow(ChatId),
    /// A customer has waited for as long as the category allows.
    MaxWait(ChatId),
    /// A chat has waited long enough for the agent whom its customer had last.
    Sticky(ChatId),
    /// The agent who got a chat has not replied.
    FirstReply(ChatId),
    /// The customer of a chat has been silent for long.
    Silence(ChatId),
    /// The wrap-up after a chat ends.
    WrapUp(AgentId, ChatId),
    /// An agent may get the next chat.
    Rested(AgentId),
    /// An agent may be given a chat again that they let pass.
    Cooled(AgentId, ChatId),
    /// The typing of somebody that has not been renewed is over.
    Typing(ChatId),
    /// A category opens or closes.
    Hours(CategoryId),
    /// Customers without a chat under way are told what they can join.
    AvailabilityPush,
    /// The customers of a category are told their places.
    PlacePush(CategoryId),
    /// Staff is told the numbers.
    AgentsPush,
}

impl Timer {
    /// How many kinds there are.
    const KINDS: usize = 17;

    /// The number of its kind.
    const fn kind(self) -> usize {
        match self {
            Self::AgentGrace(_) => 0,
            Self::CustomerGrace(_) => 1,
            Self::CloseChat(_) => 2,
            Self::Offer(_) => 3,
            Self::Overflow(_) => 4,
            Self::MaxWait(_) => 5,
            Self::Sticky(_) => 6,
            Self::FirstReply(_) => 7,
            Self::Silence(_) => 8,
            Self::WrapUp(..) => 9,
            Self::Rested(_) => 10,
            Self::Cooled(..) => 11,
            Self::Typing(_) => 12,
            Self::Hours(_) => 13,
            Self::AvailabilityPush => 14,
            Self::PlacePush(_) => 15,
            Self::AgentsPush => 16,
        }
    }
}

/// The one table of deadlines, in (deadline, id) order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Deadlines {
    table: BTreeSet<(Time, Timer)>,
    /// Of the timers that are found by themselves: those whose deadline nothing else knows.
    /// One table for each kind, so that a kind which does not run costs nothing.
    at: [BTreeMap<Timer, Time>; Timer::KINDS],
}

impl Deadlines {
    pub(super) fn set(&mut self, at: Time, timer: Timer) {
        self.table.insert((at, timer));
    }

    pub(super) fn clear(&mut self, at: Time, timer: Timer) {
        self.table.remove(&(at, timer));
        let found = &mut self.at[timer.kind()];
        if !found.is_empty() && found.get(&timer) == Some(&at) {
            found.remove(&timer);
        }
    }

    /// Sets a timer that is found by itself, in the place of an earlier deadline.
    pub(super) fn put(&mut self, timer: Timer, at: Time) {
        if let Some(old) = self.at[timer.kind()].insert(timer, at) {
            self.table.remove(&(old, timer));
        }
        self.table.insert((at, timer));
    }

    /// Ends a timer that is found by itself, if it runs.
    pub(super) fn cancel(&mut self, timer: Timer) {
        let found = &mut self.at[timer.kind()];
        // Most kinds do not run most of the time, and a look into an empty tree is a call all the same.
        if found.is_empty() {
            return;
        }
        if let Some(at) = found.remove(&timer) {
            self.table.remove(&(at, timer));
        }
    }

    /// The deadline of a timer that is found by itself, while it runs.
    pub(super) fn of(&self, timer: Timer) -> Option<Time> {
        self.at[timer.kind()].get(&timer).copied()
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.table.first().map(|(at, _)| *at)
    }

    /// The first that is due, with or without pushes of places. Of those there is one a category.
    pub(super) fn due(&self, now: Time, places: bool) -> Option<(Time, Timer)> {
        let first = self.table.first().copied().filter(|(at, _)| *at <= now)?;
        if places || !matches!(first.1, Timer::PlacePush(_)) {
            return Some(first);
        }
        let mut due = self.table.iter().copied().take_while(|(at, _)| *at <= now);
        due.find(|(_, timer)| !matches!(timer, Timer::PlacePush(_)))
    }

    #[cfg(any(test, feature = "testing"))]
    pub(super) fn iter(&self) -> impl Iterator<Item = (Time, Timer)> + '_ {
        self.table.iter().copied()
    }

    pub(super) fn retain(&mut self, keep: impl Fn(Timer) -> bool) {
        self.table.retain(|(_, timer)| keep(*timer));
        for found in &mut self.at {
            found.retain(|timer, _| keep(*timer));
        }
    }
}
