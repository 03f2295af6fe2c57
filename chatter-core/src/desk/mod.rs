//! The desk: everything that is decided, and nothing else.
//!
//! ```text
//!             Input, now                     Outcome { changes, effects, answer }
//!  Engine ───────────────▶ Desk::handle ───────────────▶ Engine
//!     ▲                      │     no clock, no I/O, no randomness, no async
//!     │                      ▼
//!     │                  Desk::apply   the only function that changes state
//!     │
//!     └── poll_timeout() names the next deadline; handle_timeout(now) does what is due
//! ```
//!
//! Call order: [`Desk::restore`] once; then, for ever, [`Desk::handle`] for every input and
//! [`Desk::handle_timeout`] whenever [`Desk::poll_timeout`] has passed, each with a time that does not go
//! back. The outcome's changes must become durable before its effects and answer are seen.
//! [`Desk::take_rows`] gives the rows that changed since it was last called.

mod access;
mod apply;
mod authority;
mod availability;
mod by_hand;
mod categories;
mod chats;
#[cfg(any(test, feature = "testing"))]
mod check;
#[cfg(any(test, feature = "testing"))]
mod check_company;
#[cfg(any(test, feature = "testing"))]
mod check_explain;
#[cfg(any(test, feature = "testing"))]
mod check_team;
mod client_ids;
mod company;
mod customers;
mod deadlines;
mod dispatch;
mod edits;
mod explain;
mod floor;
mod indexes;
mod input;
mod lines;
mod lobby;
mod merge;
mod messages;
mod offers;
mod outcome;
mod pace;
mod people;
mod pool;
mod push;
mod reattach;
mod receipts;
mod restore;
mod rests;
mod rows;
mod settings;
mod signals;
mod silence;
mod state;
mod sticky;
mod supervise;
mod team;
mod team_talk;
#[cfg(test)]
#[expect(clippy::wildcard_enum_match_arm, reason = "a test picks out what it looks at")]
mod tests;
mod timers;
mod todo;
mod transfer;
mod typing;
mod views;
mod work;

use crate::policy::Policies;
use crate::{AgentId, ChatId, Entry, Event, Fact, Refusal, SessionId, Time};

pub use authority::{Action, may, may_in_team};
pub use deadlines::Timer;
pub use input::{Change, Facts, Input, Signal, Words};
pub use outcome::{Accepted, Answer, Effect, EntryNumber, Lookup, Opened, Outcome, Reply, SessionChange, Subscribed};
pub use reattach::{LiveSession, RefusedMessage};
pub use rows::ChangedRows;
pub use settings::DeskSettings;

use rows::Touched;
use state::State;
use todo::Todo;

/// The pure state machine of one desk.
#[derive(Debug)]
pub struct Desk {
    settings: DeskSettings,
    policies: Policies,
    state: State,
    /// What this step has made possible; empty between steps.
    pending: Pending,
    /// Rows that changed since they were last taken.
    touched: Touched,
    /// What became of sessions in this step.
    session_log: Vec<SessionChange>,
    /// Nobody is told anything.
    silent: bool,
    /// The room of an earlier outcome, and of the entries in it.
    spare: Out,
    #[expect(clippy::vec_box, reason = "it is the boxes that are used again")]
    spare_entries: Vec<Box<Entry>>,
    scratch: dispatch::Scratch,
}

/// What a step has made possible or changed, and dispatch has to look at.
#[derive(Clone, Debug, Default, PartialEq)]
struct Pending {
    /// Agents who may have got room.
    freed: Todo<AgentId>,
    /// Chats that can be served now and could not before.
    ready: Todo<ChatId>,
    /// Chats in which who types, or who has them open, may have changed.
    company: Todo<ChatId>,
    /// Agents whose sessions were taken over: the desk does not know what they were told of themselves.
    untold: Todo<AgentId>,
}

impl Pending {
    const fn is_empty(&self) -> bool {
        self.freed.is_empty() && self.ready.is_empty() && self.company.is_empty() && self.untold.is_empty()
    }
}

/// What a step has done so far.
#[derive(Debug, Default)]
struct Out {
    changes: Vec<Change>,
    effects: Vec<Effect>,
    answer_at: Option<usize>,
}

impl Out {
    /// The answer goes out here, before the effects that follow.
    fn answer_here(&mut self) {
        self.answer_at = Some(self.effects.len());
    }

    fn finish(self, answer: Answer, desk: &mut Desk) -> Outcome {
        let Self { changes, mut effects, answer_at } = self;
        if desk.silent {
            effects.clear();
            return Outcome { changes, effects, answer, answer_at: 0, sessions: std::mem::take(&mut desk.session_log) };
        }
        let sessions = std::mem::take(&mut desk.session_log);
        Outcome { changes, effects, answer, answer_at: answer_at.unwrap_or(0), sessions }
    }
}

/// The most entries, and in an engine the most room for changes, that are kept: a step that changed very much is rare.
const SPARE_MAX: usize = 256;

/// Why a command was not carried out: a refusal, or facts that are missing.
#[derive(Debug)]
enum Stop {
    Refused(Refusal),
    Lookup(Lookup),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Desk {
    /// Takes one input. First does everything due at or before `now`, in (deadline, id) order; then
    /// carries out the input whole or not at all; then dispatches, so that no chat waits while an eligible
    /// agent has room. A `now` before an earlier one counts as that one.
    pub fn handle(&mut self, now: Time, input: &Input) -> Outcome {
        let mut out = self.room();
        self.run_due(now, &mut out);
        let now = self.state.now.max(now);
        self.state.now = now;
        // Effects of what was due precede the answer, which may speak of them.
        let due = out.effects.len();
        let answer = match self.decide(now, input, &mut out) {
            Ok(reply) => Answer::Reply(reply),
            Err(Stop::Refused(refusal)) => Answer::Refused(refusal),
            Err(Stop::Lookup(lookup)) => Answer::Lookup(lookup),
        };
        out.answer_at = Some(out.answer_at.unwrap_or(due));
        self.dispatch(now, &mut out);
        out.finish(answer, self)
    }

    /// An empty [`Out`] with room for what most steps do.
    fn room(&mut self) -> Out {
        let mut out = std::mem::take(&mut self.spare);
        out.changes.reserve(8);
        if !self.silent {
            // Most steps tell two people, and an outcome keeps its room until it is durable.
            out.effects.reserve_exact(2);
        }
        out
    }

    /// Does what is due at or before `now`, and what taking sessions over has made possible.
    pub fn handle_timeout(&mut self, now: Time) -> Outcome {
        let mut out = self.room();
        self.run_due(now, &mut out);
        // Taking sessions over after a reload leaves work that no deadline announces.
        self.dispatch(self.state.now, &mut out);
        out.finish(Answer::Reply(Reply::Done), self)
    }

    /// The same desk, but it tells nobody anything: its outcomes have no effects. What it decides, changes and answers
    /// is the same; a frame that nobody reads is not built. For whoever simulates, or replays for the changes alone.
    #[must_use]
    pub const fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    /// The same desk, but silent, and nobody stores what it changes: [`take_rows`](Self::take_rows) gives nothing, and
    /// nothing is kept for it. For whoever simulates.
    #[must_use]
    pub const fn unstored(mut self) -> Self {
        self.touched.ignored = true;
        self.silent()
    }

    /// Takes back an outcome that is done with, so that a later one needs no new memory. It changes nothing else, and
    /// nobody has to. Up to 256 of its entries stay in memory, texts and all, until later ones take their place: it is
    /// for whoever simulates.
    pub fn reuse(&mut self, outcome: Outcome) {
        let Outcome { mut changes, mut effects, mut sessions, .. } = outcome;
        for change in &mut changes {
            if let Change::Event(_, words @ Words::Entry(..)) = change
                && let Words::Entry(entry, _) = std::mem::replace(words, Words::None)
                && self.spare_entries.len() < SPARE_MAX
            {
                self.spare_entries.push(entry);
            }
        }
        changes.clear();
        effects.clear();
        sessions.clear();
        self.spare = Out { changes, effects, answer_at: None };
        if self.session_log.is_empty() {
            self.session_log = sessions;
        }
    }

    /// The same with a list of changes that was emptied, if it has more room than the one that is kept.
    #[cfg(feature = "engine")]
    pub(crate) fn reuse_changes(&mut self, changes: Vec<Change>) {
        if (self.spare.changes.capacity() + 1..=SPARE_MAX).contains(&changes.capacity()) {
            self.spare.changes = changes;
        }
    }

    /// The next deadline, if there is one.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Time> {
        self.state.deadlines.next()
    }

    /// The newest time this desk has seen.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.state.now
    }

    /// How many chats are not closed.
    #[must_use]
    pub fn open_chats(&self) -> usize {
        self.state.chats.len()
    }

    fn decide(&mut self, now: Time, input: &Input, out: &mut Out) -> Result<Reply, Stop> {
        match input {
            Input::SetCategory(record) => self.set_category(now, record, out),
            Input::SetPolicy { name } => self.set_policy(now, name, out),
            Input::SetAgent { agent, name, max_chats, categories } => {
                self.set_agent(now, *agent, name, *max_chats, categories, out)
            }
            Input::RemoveAgent { agent } => self.remove_agent(now, *agent, out),
            Input::OpenSession { session, principal } => self.open_session(now, *session, principal, out),
            Input::CloseSession { session } => {
                self.close_session(now, *session, out);
                Ok(Reply::Done)
            }
            Input::Ask { session, command, facts } => self.ask(now, *session, command, facts.as_deref(), out),
            Input::MessageRefused { session, chat, client_msg_id } => {
                self.hold_later_messages(now, *session, *chat, client_msg_id, out);
                Ok(Reply::Done)
            }
            Input::Roster => Ok(Reply::Roster {
                categories: self.state.categories.values().map(|category| category.record.clone()).collect(),
                agents: self
                    .state
                    .agents
                    .values()
                    .filter(|agent| agent.record.active)
                    .map(|agent| agent.record.clone())
                    .collect(),
            }),
        }
    }

    /// Makes a durable fact and applies it. Inlined with what applies it: the fact is known here, so that the
    /// compiler chooses among all of them.
    #[inline(always)]
    fn emit(&mut self, now: Time, fact: Fact, words: Words, out: &mut Out) {
        let no = self.state.last_event.next();
        let change = Change::Event(Event { no, at: now, fact }, words);
        self.apply_inlined(&change);
        out.changes.push(change);
    }

    #[inline(always)]
    fn signal(&mut self, signal: Signal, out: &mut Out) {
        let change = Change::Signal(signal);
        self.apply_inlined(&change);
        out.changes.push(change);
    }

    fn session(&self, session: SessionId) -> Result<&state::Session, Refusal> {
        // No `ok_or`: a refusal that is made only to be dropped costs more than the rest of this.
        let Some(state) = self.state.sessions.get(&session) else { return Err(Refusal::NotAllowed) };
        Ok(state)
    }
}
