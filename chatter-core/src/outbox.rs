//! A bounded outbox: most of a [`Transport`], so that a new adapter is about forty lines.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::protocol::{CustomerFrame, Framed, StaffFrame};
use crate::{CloseReason, Handed, Transport};

/// How much an outbox holds for a peer that does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct OutboxLimits {
    /// The most frames.
    pub frames_max: usize,
    /// The most bytes, by [`Weigh::weight`]. A single send into an empty outbox may exceed it.
    pub bytes_max: usize,
}

impl Default for OutboxLimits {
    /// 4,096 frames and 1 MiB.
    fn default() -> Self {
        Self { frames_max: 4_096, bytes_max: 1 << 20 }
    }
}

/// How much a frame weighs, in bytes, without making its JSON.
pub trait Weigh {
    /// Roughly the size of its JSON.
    fn weight(&self) -> usize;

    /// True when it tells of a moment and may be left out, as `ephemera_give_way` of [`Transport`] says: nothing
    /// that follows depends on it, and what it tells is over in seconds.
    fn is_ephemeral(&self) -> bool {
        false
    }
}

/// Makes both ends of an outbox. Frames that are ephemeral are left out while it is more than half full, so that
/// they never take the room that others need.
#[must_use]
pub fn outbox<F: Weigh>(limits: OutboxLimits) -> (Arc<OutboxSender<F>>, Outbox<F>) {
    let shared = Arc::new(Shared {
        state: Mutex::new(State { frames: VecDeque::new(), bytes: 0, close: None, gone: false }),
        wake: Notify::new(),
        limits,
    });
    (Arc::new(OutboxSender { shared: Arc::clone(&shared) }), Outbox { shared })
}

/// The end the engine hands frames to.
pub struct OutboxSender<F> {
    shared: Arc<Shared<F>>,
}

/// The end the adapter writes from. Dropping it means the peer has gone.
pub struct Outbox<F> {
    shared: Arc<Shared<F>>,
}

/// What an adapter has to do next.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must handle all of it")]
pub enum Delivery<F> {
    /// Write these frames, in order, in as few writes as possible.
    Frames(Vec<Arc<Framed<F>>>),
    /// Tell the peer this reason and end the connection. Nothing follows.
    Close(CloseReason),
}

impl<F> Outbox<F> {
    /// The next thing to do: everything that lies ready, at once. Cancel-safe.
    pub async fn next(&mut self) -> Delivery<F> {
        loop {
            if let Some(delivery) = self.shared.lock().take() {
                return delivery;
            }
            // A permit is stored when `send` or `close` comes between the look above and here.
            self.shared.wake.notified().await;
        }
    }

    /// Waits until the connection was closed with [`CloseReason::Slow`]: for an adapter in the middle of a
    /// write that the peer does not take. Takes nothing; cancel-safe.
    pub async fn overflowed(&mut self) {
        loop {
            if self.shared.lock().close == Some(CloseReason::Slow) {
                return;
            }
            // A permit used up here is not missed: `next` looks before it waits.
            self.shared.wake.notified().await;
        }
    }
}

impl<F> Drop for Outbox<F> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.gone = true;
        state.frames.clear();
        state.bytes = 0;
    }
}

impl<F: Weigh + Send + Sync> Transport<F> for OutboxSender<F> {
    fn send(&self, frames: &[Arc<Framed<F>>]) -> Handed {
        if frames.is_empty() {
            return Handed::Taken;
        }
        let weigh = |keep: fn(&F) -> bool| {
            let kept = frames.iter().map(|frame| frame.frame()).filter(|frame| keep(frame));
            kept.fold((0, 0), |(count, bytes), frame| (count + 1, bytes + frame.weight()))
        };
        let (lasting, ephemeral) = (weigh(|frame| !frame.is_ephemeral()), weigh(F::is_ephemeral));
        let mut state = self.shared.lock();
        if state.gone || state.close.is_some() {
            return Handed::Gone;
        }
        let limits = self.shared.limits;
        let fits = |(count, bytes): (usize, usize), parts: usize| {
            (state.frames.len() + count) * parts <= limits.frames_max
                && (state.bytes + bytes) * parts <= limits.bytes_max
        };
        let all = (lasting.0 + ephemeral.0, lasting.1 + ephemeral.1);
        // Half of the room is for what lasts alone.
        let whole = ephemeral.0 == 0 || fits(all, 2);
        let taken = if whole { all } else { lasting };
        if taken.0 == 0 {
            return Handed::Taken;
        }
        if !fits(taken, 1) && !state.frames.is_empty() {
            return Handed::Full;
        }
        state.bytes += taken.1;
        state.frames.extend(frames.iter().filter(|frame| whole || !frame.frame().is_ephemeral()).map(Arc::clone));
        drop(state);
        self.shared.wake.notify_one();
        Handed::Taken
    }

    fn close(&self, reason: CloseReason) {
        let mut state = self.shared.lock();
        if state.close.is_none() {
            state.close = Some(reason);
            if reason == CloseReason::Slow {
                state.frames.clear();
                state.bytes = 0;
            }
            drop(state);
            self.shared.wake.notify_one();
        }
    }
}

struct Shared<F> {
    state: Mutex<State<F>>,
    wake: Notify,
    limits: OutboxLimits,
}

struct State<F> {
    frames: VecDeque<Arc<Framed<F>>>,
    bytes: usize,
    close: Option<CloseReason>,
    gone: bool,
}

impl<F> Shared<F> {
    // A std mutex: held for a few moves of pointers, never over an await. Nothing inside can panic half
    // way, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, State<F>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F> State<F> {
    fn take(&mut self) -> Option<Delivery<F>> {
        if !self.frames.is_empty() {
            self.bytes = 0;
            return Some(Delivery::Frames(self.frames.drain(..).collect()));
        }
        self.close.map(Delivery::Close)
    }
}

impl<F> fmt::Debug for OutboxSender<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OutboxSender")
    }
}

impl<F> fmt::Debug for Outbox<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbox")
    }
}

/// The fixed part of a frame: names, numbers, punctuation.
const FRAME_BYTES: usize = 160;
/// A chat's state with its texts.
const CHAT_BYTES: usize = 600;

impl Weigh for CustomerFrame {
    fn weight(&self) -> usize {
        use crate::protocol::{CustomerBody, CustomerEntry};
        let text = |body: &CustomerBody| match body {
            CustomerBody::Message { text } => text.as_str().len(),
            CustomerBody::System { .. } => CHAT_BYTES / 6,
            CustomerBody::Edit { .. } | CustomerBody::Deletion { .. } | CustomerBody::Deleted => 0,
        };
        let whole = |entry: &CustomerEntry| FRAME_BYTES + text(&entry.body);
        let extra = match self {
            Self::Entry { entry, target, .. } => text(&entry.body) + target.as_ref().map_or(0, whole),
            Self::Page { entries, targets, .. } => entries.iter().chain(targets).map(whole).sum(),
            Self::Availability { categories } => FRAME_BYTES * categories.len(),
            Self::Ready { chats, categories, .. } => CHAT_BYTES * chats.len() + FRAME_BYTES * categories.len(),
            Self::Queued { .. } | Self::Chat { .. } | Self::CustomerToken { .. } => CHAT_BYTES,
            Self::Place { .. }
            | Self::Accepted { .. }
            | Self::Presence { .. }
            | Self::Typing { .. }
            | Self::Done { .. }
            | Self::Pong { .. }
            | Self::Error { .. } => 0,
        };
        FRAME_BYTES + extra
    }

    fn is_ephemeral(&self) -> bool {
        matches!(self, Self::Typing { .. })
    }
}

impl Weigh for StaffFrame {
    fn weight(&self) -> usize {
        use crate::Body;
        use crate::protocol::StaffEntry;
        let text = |body: &Body| match body {
            Body::Message { text } | Body::Note { text } | Body::Whisper { text } => text.as_str().len(),
            Body::System { .. } => CHAT_BYTES / 6,
            Body::Edit { .. } | Body::Deletion { .. } | Body::Deleted { .. } => 0,
        };
        let whole = |entry: &StaffEntry| FRAME_BYTES + text(&entry.body);
        let extra = match self {
            Self::Entry { entry, target, .. } => text(&entry.body) + target.as_ref().map_or(0, whole),
            Self::Page { entries, targets, .. } => entries.iter().chain(targets).map(whole).sum(),
            Self::Ready { chats, categories, offers, team_chats, .. } => {
                let chats = chats.len() + offers.len() + team_chats.len();
                CHAT_BYTES * chats + 2 * FRAME_BYTES * categories.len()
            }
            Self::Queue { chats, .. } => CHAT_BYTES / 2 * chats.len(),
            Self::Team { agents, .. } => CHAT_BYTES / 2 * agents.len(),
            Self::Viewers { viewers, .. } => FRAME_BYTES * viewers.len(),
            Self::ChatExplained { explanation, .. } => FRAME_BYTES * (2 + explanation.candidates.len()),
            Self::AgentExplained { explanation, .. } => FRAME_BYTES * (2 + explanation.lines.len()),
            Self::Typing { typing, .. } => typing.text.as_ref().map_or(0, |text| text.as_str().len()),
            Self::Offer { .. } | Self::TeamChat { .. } => CHAT_BYTES,
            Self::Agents { agents } => FRAME_BYTES / 2 * agents.categories.len(),
            Self::Chat { .. } => CHAT_BYTES,
            Self::Agent { .. }
            | Self::Accepted { .. }
            | Self::OfferGone { .. }
            | Self::TransferFailed { .. }
            | Self::ChatGone { .. }
            | Self::Presence { .. }
            | Self::Done { .. }
            | Self::Pong { .. }
            | Self::Error { .. } => 0,
        };
        FRAME_BYTES + extra
    }

    /// Who has a chat open is told again when nobody writes in it any more, and that is not left out.
    fn is_ephemeral(&self) -> bool {
        if let Self::Viewers { viewers, .. } = self {
            return viewers.iter().any(|viewer| viewer.writing);
        }
        matches!(self, Self::Typing { .. })
    }
}
