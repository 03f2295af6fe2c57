//! While the store cannot write: reads go on, everything else is refused, and the engine tries again.

use std::sync::Arc;

use super::Stopped;
use super::envelope::Envelope;
use super::task::{Mode, Task};
use crate::desk::{Answer, Input, Outcome, Reply};
use crate::{Revision, StoreError, StoreErrorKind};

impl Task {
    /// Answers what needs no write, refuses everything else.
    pub(super) fn take_degraded(&mut self, envelope: Envelope) {
        let Some(envelope) = self.wait_behind(envelope) else { return };
        if envelope.refusal.is_some() {
            return self.refuse_later(envelope);
        }
        match &envelope.input {
            Input::CloseSession { session } => {
                self.links.remove(session);
                self.lost.push(*session);
            }
            Input::Ask { session, command, facts } => {
                let now = self.clock.now();
                match self.desk.read(now, *session, command, facts.as_deref()) {
                    Some(outcome) => self.decided_read(outcome, envelope),
                    None => self.refuse_later(envelope),
                }
            }
            Input::SetCategory(_)
            | Input::SetPolicy { .. }
            | Input::SetAgent { .. }
            | Input::RemoveAgent { .. }
            | Input::OpenSession { .. }
            | Input::MessageRefused { .. }
            | Input::Roster => self.refuse_later(envelope),
        }
    }

    fn decided_read(&mut self, mut outcome: Outcome, envelope: Envelope) {
        let answer = match std::mem::replace(&mut outcome.answer, Answer::Reply(Reply::Done)) {
            Answer::Reply(reply) => Ok(reply),
            Answer::Refused(refusal) => Err(refusal),
            Answer::Lookup(lookup) => {
                let Some(lane) = envelope.lane() else { return };
                self.park(envelope);
                return self.look_up(lane, lookup);
            }
        };
        self.absorb(outcome, answer, envelope.reply, envelope.permit);
    }

    /// Tries whether the store takes writes again. That may take long; reads and refusals go on meanwhile.
    pub(super) fn probe(&mut self) {
        let shared = Arc::clone(&self.shared);
        let (fence, revision) = (self.fence, self.revision);
        self.probing =
            Some(Box::pin(async move { shared.store.commit(&shared.desk, fence, revision, Arc::default()).await }));
    }

    /// Goes on as the store has answered.
    pub(super) async fn probed(&mut self, result: Result<Revision, StoreError>) -> Result<(), Stopped> {
        self.probing = None;
        // However it failed, the next try is not made at once.
        self.mode = Mode::degraded();
        match result {
            Ok(revision) => {
                tracing::info!("the store takes writes again");
                self.revision = revision;
                // Nobody could come back meanwhile: every grace starts anew, as after any downtime.
                self.start_over(Vec::new()).await?;
                self.mode = Mode::Serving;
                Ok(())
            }
            Err(error) if error.kind() == StoreErrorKind::Retryable => Ok(()),
            Err(error) => self.commit_failed(Vec::new(), error).await,
        }
    }
}
