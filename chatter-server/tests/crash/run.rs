//! What the people of a run share.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;

use tokio::sync::watch;

use crate::history::journal::Journal;

/// What people do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// They chat.
    Chat,
    /// They say nothing new, but send what was not answered until it is.
    Settle,
    /// They wait until they have read everything, read it all again, and go.
    Leave,
}

/// The server's address, the journal, and how far everybody is.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) address: SocketAddr,
    pub(crate) journal: Journal,
    pub(crate) phase: watch::Receiver<Phase>,
    status: Mutex<Status>,
}

#[derive(Debug, Default)]
struct Status {
    /// The highest public number of each chat that anybody knows of.
    heights: BTreeMap<u64, u64>,
    people: BTreeMap<String, Person>,
}

/// How far somebody is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Person {
    /// Has a chat that is with an agent.
    pub(crate) chats: bool,
    /// Waits for no answer.
    pub(crate) settled: bool,
    /// Why the last connection ended.
    pub(crate) last: String,
}

impl Run {
    pub(crate) fn new(address: SocketAddr, phase: watch::Receiver<Phase>) -> Self {
        Self { address, journal: Journal::default(), phase, status: Mutex::default() }
    }

    /// Notes that a chat has come at least so far.
    pub(crate) fn reached(&self, chat: u64, public: u64) {
        let mut status = self.lock();
        let height = status.heights.entry(chat).or_default();
        *height = public.max(*height);
    }

    /// How far a chat is known to have come.
    pub(crate) fn height(&self, chat: u64) -> u64 {
        self.lock().heights.get(&chat).copied().unwrap_or_default()
    }

    /// Changes what is known of a person.
    pub(crate) fn note(&self, name: &str, change: impl FnOnce(&mut Person)) {
        change(self.lock().people.entry(name.to_owned()).or_default());
    }

    /// Those of whom something does not hold yet, with the end of their last connection.
    pub(crate) fn without(&self, holds: impl Fn(&Person) -> bool) -> Vec<String> {
        let status = self.lock();
        let without = status.people.iter().filter(|(_, person)| !holds(person));
        without.map(|(name, person)| format!("{name} ({})", person.last)).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Status> {
        self.status.lock().expect("nobody panics while writing a line down")
    }
}
