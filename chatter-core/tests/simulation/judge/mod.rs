//! Watches everything that is stored, handed over and read, and says which promise was broken first.

mod edits;
mod frames;
mod journal;
mod lines;
mod places;
mod stored;
mod truth;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chatter_core::{AgentId, AuthorKey, CustomerId};

use crate::clock::Clock;
use crate::trace::Trace;

pub(crate) use edits::{Edit, EditTry};
pub(crate) use journal::{Attempt, Intent, Said, Told};
pub(crate) use lines::Lines;
pub(crate) use truth::{Transcript, Truth};

/// What every note holds, and no customer may ever be sent.
pub(crate) const NOTE_MARK: &str = "for staff alone";

/// What everything holds that somebody types and does not send: no customer may ever be sent it, and nothing of it
/// may be stored.
pub(crate) const TYPED_MARK: &str = "typed and not sent";

/// What can be broken. The names in brackets are those of the list of promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Promise {
    /// Acknowledged is there, under its number (P-D1).
    Acked,
    /// One message by one client id, the same answer each time (P-D2).
    Once,
    /// Numbers are dense, the same for all readers (P-D3).
    Numbers,
    /// The order of one sender (P-D3).
    Order,
    /// What was refused does not appear; what appears was sent (P-D4).
    Refused,
    /// Live numbers are consecutive (P-D5).
    Live,
    /// Resuming gives precisely what was missed (P-D6).
    Resume,
    /// Nothing is seen that a crash could erase (P-D7).
    Durable,
    /// Marks of receipt only rise (P-D8).
    Receipts,
    /// The rules of the desk (P-D11 and its check).
    Rules,
    /// Words that were edited or deleted are gone (R-A21).
    Erased,
    /// What somebody types is never stored, and outlives nothing (P-D9).
    Ephemeral,
    /// Customers see nothing of what is for staff, and nobody sees chats of others.
    Secret,
    /// Answers: each once, in order, of the kind that was asked for.
    Answers,
    /// The engine stands whatever the store does, unless the store says for good.
    Healthy,
    /// Without faults everything settles.
    Settles,
    /// The record of commands replays to the events that are stored (row G4).
    Replays,
}

/// A broken promise.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) promise: Promise,
    what: String,
}

impl Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.promise, self.what)
    }
}

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    Customer(CustomerId),
    Agent(AgentId),
}

impl Who {
    pub(crate) const fn key(self) -> AuthorKey {
        match self {
            Self::Customer(customer) => AuthorKey::Customer(customer),
            Self::Agent(agent) => AuthorKey::Agent(agent),
        }
    }

    pub(crate) const fn is_agent(self) -> bool {
        matches!(self, Self::Agent(_))
    }

    /// The name of this side's numbers.
    pub(crate) const fn number(self) -> &'static str {
        match self {
            Self::Customer(_) => "public_seq",
            Self::Agent(_) => "seq",
        }
    }
}

#[derive(Debug)]
pub(crate) struct Judge {
    clock: Clock,
    pub(crate) trace: Trace,
    /// What is stored, by what the store itself has committed.
    pub(crate) truth: Truth,
    pub(crate) journal: journal::Journal,
    pub(crate) edits: edits::Edits,
    /// Words that were edited or deleted, as JSON.
    pub(crate) gone: Vec<String>,
    pub(crate) broken: Option<Broken>,
    /// Where every chat is, by what happened.
    places: BTreeMap<u64, places::Place>,
    /// The store has failed for good in this life, so the engine may stop.
    pub(crate) store_gave_up: bool,
    /// When the store last failed to write.
    pub(crate) write_failed_at: Option<Duration>,
    /// What this run came across.
    pub(crate) seen: BTreeSet<String>,
}

/// The one judge of a run, for all who report to it. Nothing runs at the same time, so nobody ever waits.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    judge: Arc<Mutex<Judge>>,
}

impl Bench {
    pub(crate) fn new(clock: Clock) -> Self {
        let judge = Judge {
            clock,
            trace: Trace::new(),
            truth: Truth::default(),
            journal: journal::Journal::default(),
            edits: edits::Edits::default(),
            gone: Vec::new(),
            broken: None,
            places: BTreeMap::new(),
            store_gave_up: false,
            write_failed_at: None,
            seen: BTreeSet::new(),
        };
        Self { judge: Arc::new(Mutex::new(judge)) }
    }

    pub(crate) fn judge(&self) -> MutexGuard<'_, Judge> {
        self.judge.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn clock(&self) -> Clock {
        self.judge().clock.clone()
    }

    pub(crate) fn note(&self, line: impl Display) {
        self.judge().note(line);
    }

    pub(crate) fn broken(&self) -> Option<Broken> {
        self.judge().broken.clone()
    }

    /// The run has come across this.
    pub(crate) fn saw(&self, what: impl Display) {
        self.judge().seen.insert(what.to_string());
    }

    pub(crate) fn breaks(&self, promise: Promise, what: impl Display) {
        self.judge().breaks(promise, what);
    }
}

impl Judge {
    pub(crate) fn note(&mut self, line: impl Display) {
        self.trace.note(self.clock.now(), line);
    }

    /// A promise is broken. The first one counts: what follows may follow from it.
    pub(crate) fn breaks(&mut self, promise: Promise, what: impl Display) {
        let broken = Broken { promise, what: what.to_string() };
        self.note(format_args!("BROKEN {broken}"));
        self.broken.get_or_insert(broken);
    }
}
