//! The one task that owns the desk.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::answer::Greeting;
use super::clock::Clock;
use super::envelope::{Envelope, Lane, ReplyTo};
use super::link::Link;
use super::lookup::LookedUp;
use super::record::Recorder;
use super::release::Held;
use super::{Shared, Stopped};
use crate::desk::{Answer, Change, Desk, Facts, Input, LiveSession, Outcome, Reply, Signal, Words};
use crate::policy::Policies;
use crate::{Batch, CloseReason, Fence, Refusal, Revision, Rows, SessionId, StoreError};

/// The most commands that are decided ahead of the write in flight.
const AHEAD_MAX: usize = 4_096;
/// The most commands that are taken from the inbox at once.
const INBOX_TURN: usize = 256;

/// What reaches the engine from outside.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "all but the last are envelopes")]
pub(crate) enum Message {
    /// An input to decide.
    Decide(Envelope),
    /// Stop, and say when done.
    Stop(oneshot::Sender<()>),
}

/// Everything that can wake the engine.
enum Wake {
    Committed(Result<Revision, StoreError>),
    LookedUp(Box<LookedUp>),
    Messages(usize),
    Deadline,
    Probe,
    Probed(Result<Revision, StoreError>),
}

/// Whether the store takes writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Serving,
    /// The store cannot write for now: commands are refused, reads go on, the engine probes.
    Degraded {
        /// When it tries again. A point in time, so that traffic does not put it off.
        probe_at: Instant,
    },
}

impl Mode {
    pub(super) fn degraded() -> Self {
        Self::Degraded { probe_at: Instant::now() + super::PROBE_INTERVAL }
    }
}

pub(super) type Commit = Pin<Box<dyn Future<Output = Result<Revision, StoreError>> + Send>>;

/// A write to the store, and what may leave once it is durable.
pub(super) struct InFlight {
    commit: Commit,
    pub(super) held: Vec<Held>,
}

impl InFlight {
    /// Waits for the write to end.
    pub(super) async fn finish(self) -> (Result<Revision, StoreError>, Vec<Held>) {
        (self.commit.await, self.held)
    }
}

/// Decided, not yet on its way to the store.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) batch: Batch,
    pub(super) held: Vec<Held>,
}

impl Pending {
    /// Nothing, with room for as much as this: under load one commit is about as large as the one before it, and lists
    /// that grow step by step are moved each time. The room follows the load at once, and has the bound of what waits
    /// for a commit.
    fn as_large_as(before: &Self) -> Self {
        let mut batch = Batch::default();
        batch.events.reserve(before.batch.events.len());
        batch.entries.reserve(before.batch.entries.len());
        batch.dedupe.reserve(before.batch.dedupe.len());
        Self { batch, held: Vec::with_capacity(before.held.len()) }
    }
}

pub(super) struct Task {
    pub(super) desk: Desk,
    pub(super) policies: Policies,
    pub(super) clock: Clock,
    pub(super) shared: Arc<Shared>,
    pub(super) fence: Fence,
    pub(super) revision: Revision,
    pub(super) greeting: Greeting,
    pub(super) links: BTreeMap<SessionId, Link>,
    /// The sessions and what they follow, as their clients have been told.
    pub(super) told: BTreeMap<SessionId, LiveSession>,
    pub(super) pending: Pending,
    pub(super) in_flight: Option<InFlight>,
    pub(super) mode: Mode,
    /// The try to write that is under way while the store cannot. Nothing waits for it.
    pub(super) probing: Option<Commit>,
    /// Sessions whose connection has ended while frames were handed over.
    pub(super) lost: Vec<SessionId>,
    /// Commands that wait for cold facts, with those of the same session and chat behind them.
    pub(super) parked: BTreeMap<Lane, VecDeque<Envelope>>,
    pub(super) looked_up: (mpsc::UnboundedSender<LookedUp>, mpsc::UnboundedReceiver<LookedUp>),
    pub(super) recorder: Option<Recorder>,
    #[cfg(feature = "testing")]
    pub(super) watch: super::lookout::Watch,
    pub(super) inbox: mpsc::Receiver<Message>,
    pub(super) stopping: Vec<oneshot::Sender<()>>,
}

impl Task {
    /// Runs until it is stopped or the store gives up. Returns why, after every connection was told.
    pub(super) async fn run(mut self) -> Stopped {
        let stopped = match self.serve().await {
            Ok(()) => Stopped::Asked,
            Err(stopped) => stopped,
        };
        for link in std::mem::take(&mut self.links).into_values() {
            link.close(CloseReason::Restarting);
        }
        if let Some(recorder) = self.recorder.take() {
            recorder.finish();
        }
        for done in self.stopping.drain(..) {
            // Whoever asked may have stopped waiting.
            let _ = done.send(());
        }
        stopped
    }

    async fn serve(&mut self) -> Result<(), Stopped> {
        let mut turn = Vec::with_capacity(INBOX_TURN);
        loop {
            if !self.settle() {
                self.broken().await?;
                continue;
            }
            if !self.stopping.is_empty() && self.in_flight.is_none() {
                return Ok(());
            }
            match self.next_wake(&mut turn).await {
                Wake::Committed(result) => self.committed(result).await?,
                Wake::LookedUp(answer) => self.take_up(*answer).await?,
                // Every handle and session is gone: end like one that was asked to.
                Wake::Messages(0) => self.stopping.push(oneshot::channel().0),
                Wake::Messages(_) => {
                    for message in turn.drain(..) {
                        match message {
                            Message::Decide(envelope) => self.take(envelope).await?,
                            Message::Stop(done) => self.stopping.push(done),
                        }
                    }
                }
                Wake::Deadline => self.handle_deadline().await?,
                Wake::Probe => self.probe(),
                Wake::Probed(result) => self.probed(result).await?,
            }
        }
    }

    /// Closes what was lost and starts the next write, or lets out what needs none. False when the desk
    /// panicked.
    fn settle(&mut self) -> bool {
        loop {
            while self.mode == Mode::Serving
                && let Some(session) = self.lost.pop()
            {
                if !self.decide(Envelope::new(Input::CloseSession { session }, ReplyTo::Nobody)) {
                    return false;
                }
            }
            if self.in_flight.is_some() {
                return true;
            }
            if self.pending.batch.is_empty() {
                let held = std::mem::take(&mut self.pending.held);
                if held.is_empty() {
                    return true;
                }
                self.release(held);
            } else {
                self.start_commit();
            }
        }
    }

    fn start_commit(&mut self) {
        let next = Pending::as_large_as(&self.pending);
        let Pending { mut batch, held } = std::mem::replace(&mut self.pending, next);
        let rows = self.desk.take_rows();
        batch.rows =
            Rows { chats: rows.chats, agents: rows.agents, categories: rows.categories, team_chats: rows.team_chats };
        let (shared, batch) = (Arc::clone(&self.shared), Arc::new(batch));
        let (fence, revision) = (self.fence, self.revision);
        let commit = Box::pin(async move { shared.store.commit(&shared.desk, fence, revision, batch).await });
        self.in_flight = Some(InFlight { commit, held });
    }

    async fn next_wake(&mut self, turn: &mut Vec<Message>) -> Wake {
        // What needs no write of its own hangs on the one in flight: that has a bound too.
        let hanging = self.in_flight.as_ref().map_or(0, |in_flight| in_flight.held.len());
        let room = self.pending.held.len() < AHEAD_MAX && hanging < 2 * AHEAD_MAX && self.stopping.is_empty();
        let serving = self.mode == Mode::Serving;
        let deadline = self.desk.poll_timeout().filter(|_| room && serving);
        // Biased: what is durable goes out before more is taken in.
        tokio::select! {
            biased;
            result = poll(self.in_flight.as_mut().map(|in_flight| &mut in_flight.commit)) => Wake::Committed(result),
            result = poll(self.probing.as_mut()) => Wake::Probed(result),
            () = until_probe(self.mode), if self.probing.is_none() => Wake::Probe,
            Some(answer) = self.looked_up.1.recv() => Wake::LookedUp(Box::new(answer)),
            count = self.inbox.recv_many(turn, INBOX_TURN), if room => Wake::Messages(count),
            () = self.clock.sleep_until(deadline) => Wake::Deadline,
        }
    }

    async fn committed(&mut self, result: Result<Revision, StoreError>) -> Result<(), Stopped> {
        let Some(in_flight) = self.in_flight.take() else { return Ok(()) };
        match result {
            Ok(revision) => {
                self.revision = revision;
                self.release(in_flight.held);
                Ok(())
            }
            Err(error) => self.commit_failed(in_flight.held, error).await,
        }
    }

    async fn handle_deadline(&mut self) -> Result<(), Stopped> {
        let now = self.clock.now();
        if let Some(recorder) = &mut self.recorder {
            recorder.due(now);
        }
        match catch_unwind(AssertUnwindSafe(|| self.desk.handle_timeout(now))) {
            Ok(outcome) => {
                self.stepped();
                self.absorb(outcome, Ok(Reply::Done), ReplyTo::Nobody, None);
                Ok(())
            }
            Err(_) => self.broken().await,
        }
    }

    /// Takes one input from outside.
    pub(super) async fn take(&mut self, envelope: Envelope) -> Result<(), Stopped> {
        if self.mode != Mode::Serving {
            self.take_degraded(envelope);
            return Ok(());
        }
        let Some(envelope) = self.wait_behind(envelope) else { return Ok(()) };
        let whole = if envelope.refusal.is_some() { self.refuse_in_turn(envelope) } else { self.decide(envelope) };
        if whole { Ok(()) } else { self.broken().await }
    }

    /// Lets the desk decide; false when it panicked, and its state must not be used any more.
    pub(super) fn decide(&mut self, envelope: Envelope) -> bool {
        let Envelope { input, reply, permit, refusal } = envelope;
        if let ReplyTo::Ready { session, link, .. } = &reply {
            self.links.insert(*session, link.clone());
        }
        if let Input::CloseSession { session } = &input {
            self.links.remove(session);
        }
        let now = self.clock.now().max(self.desk.now());
        if let Some(recorder) = &mut self.recorder {
            recorder.input(now, &input);
        }
        let Ok(mut outcome) = catch_unwind(AssertUnwindSafe(|| self.desk.handle(now, &input))) else {
            self.refuse(Held::answer_only(Err(Refusal::Internal), reply, permit));
            return false;
        };
        self.stepped();
        match std::mem::replace(&mut outcome.answer, Answer::Reply(Reply::Done)) {
            Answer::Reply(answer) => self.absorb(outcome, Ok(answer), reply, permit),
            Answer::Refused(refusal) => self.absorb(outcome, Err(refusal), reply, permit),
            Answer::Lookup(lookup) => {
                let envelope = Envelope { input, reply, permit, refusal };
                if let Some(lane) = envelope.lane() {
                    self.park(envelope);
                    self.absorb(outcome, Ok(Reply::Done), ReplyTo::LookUp(lane, lookup), None);
                }
            }
        }
        true
    }

    /// The desk has taken a step.
    #[cfg(feature = "testing")]
    pub(super) fn stepped(&mut self) {
        self.watch.look(&self.desk);
    }

    /// The desk has taken a step.
    #[cfg(not(feature = "testing"))]
    #[expect(clippy::unused_self, clippy::needless_pass_by_ref_mut, reason = "tests look here")]
    pub(super) const fn stepped(&mut self) {}

    /// Puts an outcome where it waits for durability: behind the events it made, or, if it made none,
    /// behind whatever it may have read.
    pub(super) fn absorb(
        &mut self,
        mut outcome: Outcome,
        answer: Result<Reply, Refusal>,
        reply: ReplyTo,
        permit: Option<tokio::sync::OwnedSemaphorePermit>,
    ) {
        let batch = &mut self.pending.batch;
        let clean = batch.is_empty();
        let mut policy = None;
        let mut changes = std::mem::take(&mut outcome.changes);
        for change in changes.drain(..) {
            let (event, words) = match change {
                Change::Event(event, words) => (event, words),
                Change::Signal(Signal::PolicySet { name, .. }) => {
                    policy = Some(name);
                    continue;
                }
                Change::Signal(_) => continue,
            };
            batch.events.push(event);
            match words {
                Words::Entry(entry, dedupe) => {
                    batch.entries.push(*entry);
                    batch.dedupe.extend(dedupe);
                }
                Words::Changed(changed) => {
                    let (entry, overwrite, _) = *changed;
                    batch.entries.push(entry);
                    batch.overwrites.push(overwrite);
                }
                Words::None | Words::Named(_) | Words::Joined { .. } | Words::Subject(_) => {}
            }
        }
        let changed = !batch.is_empty();
        self.desk.reuse_changes(changes);
        let held = Held { policy, ..Held::new(outcome, answer, reply, permit) };
        if !changed && held.is_nothing() {
            return;
        }
        if clean && !changed {
            self.hold_unchanged(held);
        } else {
            self.pending.held.push(held);
        }
    }

    /// Puts what changes nothing behind whatever was decided before it, and no further: what comes next and changes
    /// nothing either would overtake it.
    pub(super) fn hold_unchanged(&mut self, held: Held) {
        match &mut self.in_flight {
            Some(in_flight) if self.pending.batch.is_empty() => in_flight.held.push(held),
            _ => self.pending.held.push(held),
        }
    }

    /// Submits a command again with the facts it asked for, and those that waited behind it.
    async fn take_up(&mut self, answer: LookedUp) -> Result<(), Stopped> {
        let LookedUp { lane, facts } = answer;
        let Some(mut queue) = self.parked.remove(&lane) else { return Ok(()) };
        let Some(mut first) = queue.pop_front() else { return Ok(()) };
        match facts {
            Ok(facts) => {
                give_facts(&mut first.input, facts);
                self.take(first).await?;
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "cold facts could not be read");
                if !self.refuse_in_turn(first) {
                    self.broken().await?;
                }
            }
        }
        // A command behind it may need facts itself: then it and the rest wait again, in order.
        for envelope in queue {
            self.take(envelope).await?;
        }
        Ok(())
    }
}

fn give_facts(input: &mut Input, found: Facts) {
    if let Input::Ask { facts, .. } = input {
        *facts = Some(Box::new(found));
    }
}

/// Waits until a store that could not write is tried again; for ever when there is none.
async fn until_probe(mode: Mode) {
    match mode {
        Mode::Serving => std::future::pending().await,
        Mode::Degraded { probe_at } => tokio::time::sleep_until(probe_at).await,
    }
}

/// Waits for a write to end; for ever when there is none.
async fn poll(write: Option<&mut Commit>) -> Result<Revision, StoreError> {
    match write {
        Some(write) => write.await,
        None => std::future::pending().await,
    }
}
