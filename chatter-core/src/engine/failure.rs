//! When the store fails: by kind, and never with a guess.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::time::Instant;

use super::envelope::{Answered, Envelope, ReplyTo};
use super::release::Held;
use super::task::{Message, Mode, Task};
use super::{PROBE_INTERVAL, Shared, Stopped};
use crate::desk::{Desk, Input, RefusedMessage, Reply};
use crate::{Acquired, ChatId, ClientMsgId, Loaded, Refusal, SessionId, StoreError, StoreErrorKind};

/// When clients are told to try again.
const RETRY_AFTER_MS: u64 = 1_000;
/// How long the engine rests after a panic of the desk.
const AFTER_A_PANIC: std::time::Duration = std::time::Duration::from_millis(100);

impl Task {
    /// A write failed: what waited for it is refused, or released if it stands after all.
    pub(super) async fn commit_failed(&mut self, held: Vec<Held>, error: StoreError) -> Result<(), Stopped> {
        tracing::error!(error = &error as &dyn std::error::Error, cause = ?std::error::Error::source(&error), "a write to the store failed");
        match error.kind() {
            StoreErrorKind::Retryable => {
                self.start_over(held).await?;
                self.mode = Mode::degraded();
                Ok(())
            }
            StoreErrorKind::Conflict => self.start_over(held).await,
            StoreErrorKind::UnknownOutcome => self.resolve(held).await,
            StoreErrorKind::Stale | StoreErrorKind::Held => Err(Stopped::Superseded),
            StoreErrorKind::Fatal | StoreErrorKind::Unsupported => Err(Stopped::StoreFailed(Arc::new(error))),
        }
    }

    /// The desk panicked: a bug. Its state is dropped, what is durable is loaded again.
    pub(super) async fn broken(&mut self) -> Result<(), Stopped> {
        tracing::error!("the desk panicked; its state is loaded again");
        let mut held = Vec::new();
        if let Some(in_flight) = self.in_flight.take() {
            match in_flight.finish().await {
                (Ok(revision), durable) => {
                    self.revision = revision;
                    self.release(durable);
                }
                (Err(error), lost) => {
                    self.commit_failed(lost, error).await?;
                    held = std::mem::take(&mut self.pending.held);
                }
            }
        }
        // A bug that comes back at once must not keep the store busy.
        tokio::time::sleep(AFTER_A_PANIC).await;
        self.start_over(held).await
    }

    /// Settles a write of unknown outcome: as the owner again, the revision tells whether it stands.
    async fn resolve(&mut self, held: Vec<Held>) -> Result<(), Stopped> {
        let (acquired, loaded) = loop {
            match acquire_and_load(&self.shared).await {
                Ok(both) => break both,
                Err(error) => match error.kind() {
                    StoreErrorKind::Retryable | StoreErrorKind::UnknownOutcome => self.rest(&held).await?,
                    StoreErrorKind::Held | StoreErrorKind::Stale => return Err(Stopped::Superseded),
                    StoreErrorKind::Fatal | StoreErrorKind::Conflict | StoreErrorKind::Unsupported => {
                        return Err(Stopped::StoreFailed(Arc::new(error)));
                    }
                },
            }
        };
        if acquired.history != self.greeting.history {
            return Err(Stopped::Superseded);
        }
        self.fence = acquired.fence;
        if loaded.revision == self.revision.next() {
            // It stands, and the desk in memory is what it made.
            self.revision = loaded.revision;
            self.release(held);
            return Ok(());
        }
        if loaded.revision != self.revision {
            return Err(Stopped::Superseded);
        }
        let taken_back = self.refuse_all(held);
        self.reload(loaded, taken_back);
        Ok(())
    }

    /// Refuses what was decided but not stored, and goes on from what is stored.
    pub(super) async fn start_over(&mut self, held: Vec<Held>) -> Result<(), Stopped> {
        let loaded = loop {
            match self.shared.store.load(&self.shared.desk).await {
                Ok(loaded) => break loaded,
                Err(error) if error.kind() == StoreErrorKind::Retryable => self.rest(&held).await?,
                Err(error) => return Err(Stopped::StoreFailed(Arc::new(error))),
            }
        };
        if loaded.revision != self.revision {
            return Err(Stopped::Superseded);
        }
        let taken_back = self.refuse_all(held);
        self.reload(loaded, taken_back);
        Ok(())
    }

    /// Waits before the store is asked again. What comes in meanwhile is refused: the desk in memory may be
    /// ahead of what is stored, so that nothing of it can be told. Whoever still waits for an answer gets the
    /// refusal after it.
    async fn rest(&mut self, held: &[Held]) -> Result<(), Stopped> {
        let waiting: BTreeSet<_> =
            held.iter().chain(&self.pending.held).filter_map(|held| held.reply.session()).collect();
        let until = Instant::now() + PROBE_INTERVAL;
        loop {
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(until) => break,
                message = self.inbox.recv() => match message {
                    Some(Message::Decide(Envelope { input: Input::CloseSession { session }, .. })) => {
                        self.links.remove(&session);
                        self.lost.push(session);
                    }
                    Some(Message::Decide(envelope)) => {
                        let Some(envelope) = self.wait_behind(envelope) else { continue };
                        let now = envelope.session().is_none_or(|session| !waiting.contains(&session));
                        self.note_refused_message(&envelope.input);
                        if now {
                            self.refuse(refused(envelope));
                        } else {
                            self.pending.held.push(refused(envelope));
                        }
                    }
                    // Whoever waits for an answer gets none: whether it stands is not known.
                    Some(Message::Stop(done)) => {
                        self.stopping.push(done);
                        return Err(Stopped::Asked);
                    }
                    None => return Err(Stopped::Asked),
                },
            }
        }
        let now = self.clock.now();
        if let Some(recorder) = &self.recorder {
            recorder.told_late(now);
        }
        self.desk.note_told_late(now);
        Ok(())
    }

    /// A desk from what is stored, with the sessions that are still there.
    fn reload(&mut self, loaded: Loaded, taken_back: Vec<RefusedMessage>) {
        let now = self.clock.now().max(self.desk.now());
        // As their clients were told: what the lost decisions did to sessions did not happen.
        self.told.retain(|session, _| self.links.contains_key(session));
        let sessions: Vec<_> = self.told.values().cloned().collect();
        let refused = RefusedMessage::taken_back(taken_back, self.desk.refused_messages());
        let settings = self.desk.settings().clone();
        let recorded = self.recorder.is_some().then(|| (loaded.snapshot.clone(), sessions.clone(), refused.clone()));
        self.desk = Desk::restore(loaded.snapshot, now, settings, self.policies.clone());
        if let (Some(recorder), Some((snapshot, sessions, refused))) = (&mut self.recorder, recorded) {
            recorder.restored(now, &self.desk, self.policies.desk().name(), snapshot, sessions, refused);
        }
        self.desk.reattach(now, sessions, refused);
        self.revision = loaded.revision;
    }

    /// Refuses everything that waited. A message that had been accepted, or was refused because of what is lost,
    /// comes before everything that its session sent later, so that the order holds: gives the first ones.
    fn refuse_all(&mut self, held: Vec<Held>) -> Vec<RefusedMessage> {
        let pending = std::mem::take(&mut self.pending);
        let now = self.clock.now();
        let mut taken_back = BTreeMap::<_, RefusedMessage>::new();
        for held in held.into_iter().chain(pending.held) {
            if let ReplyTo::Ready { session, .. } = &held.reply {
                self.links.remove(session);
            }
            if let ReplyTo::Frame { session, chat: Some(chat), client_msg_id: Some(id), .. } = &held.reply
                && is_taken_back(&held.answer)
            {
                let first = || RefusedMessage::new(now, *session, *chat, id.clone());
                taken_back.entry((*session, *chat)).and_modify(|it| it.before(id)).or_insert_with(first);
            }
            let answer = Err(Refusal::RetryLater { retry_after_ms: RETRY_AFTER_MS });
            self.refuse(Held { answer, ..held });
        }
        taken_back.into_values().collect()
    }

    /// Sends a refusal now: it depends on nothing that is not durable.
    pub(super) fn refuse(&mut self, held: Held) {
        self.release(vec![Held::answer_only(held.answer, held.reply, held.permit)]);
    }

    /// Refuses a command without deciding anything, behind what was decided before it. False when the desk panicked.
    pub(super) fn refuse_in_turn(&mut self, envelope: Envelope) -> bool {
        if self.mode != Mode::Serving {
            self.refuse_later(envelope);
            return true;
        }
        if let Some((session, chat, client_msg_id)) = message(&envelope.input) {
            let noted = Input::MessageRefused { session, chat, client_msg_id: client_msg_id.clone() };
            if !self.decide(Envelope::new(noted, ReplyTo::Nobody)) {
                self.refuse(refused(envelope));
                return false;
            }
        }
        self.hold_unchanged(refused(envelope));
        true
    }

    /// The same while nothing is decided.
    pub(super) fn refuse_later(&mut self, envelope: Envelope) {
        self.note_refused_message(&envelope.input);
        self.hold_unchanged(refused(envelope));
    }

    /// Later messages of the session wait for the one that was refused, so that the order holds.
    fn note_refused_message(&mut self, input: &Input) {
        if let Some((session, chat, client_msg_id)) = message(input) {
            let now = self.clock.now();
            if let Some(recorder) = &self.recorder {
                recorder.refused(now, session, chat, client_msg_id);
            }
            self.desk.note_refused(now, session, chat, client_msg_id);
        }
    }
}

async fn acquire_and_load(shared: &Shared) -> Result<(Acquired, Loaded), StoreError> {
    let acquired = shared.store.acquire(&shared.desk).await?;
    Ok((acquired, shared.store.load(&shared.desk).await?))
}

/// The message of an input, if it is one. [`Input::MessageRefused`] is about one, but no session sends it: the engine has
/// the desk decide it at once where a message is refused, so that it is never refused itself.
fn message(input: &Input) -> Option<(SessionId, ChatId, &ClientMsgId)> {
    let Input::Ask { session, command, .. } = input else { return None };
    command.client_msg_id().zip(command.chat()).map(|(id, chat)| (*session, chat, id))
}

/// The refusal of a command: the one it came with, or one for now.
fn refused(envelope: Envelope) -> Held {
    let Envelope { reply, permit, refusal, .. } = envelope;
    let refusal = refusal.unwrap_or(Refusal::RetryLater { retry_after_ms: RETRY_AFTER_MS });
    Held::answer_only(Err(refusal), reply, permit)
}

/// Whether the answer to a message may be another one once what was lost is gone. What waits for an earlier message
/// goes on waiting.
const fn is_taken_back(answer: &Answered) -> bool {
    match answer {
        Ok(Reply::Accepted(accepted)) => !accepted.duplicate,
        Ok(_) | Err(Refusal::OutOfOrder { .. } | Refusal::RateLimited { .. } | Refusal::RetryLater { .. }) => false,
        Err(_) => true,
    }
}
