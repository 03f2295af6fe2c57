//! The engine's side of a connection: frames in order, held back while a page is being read.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::protocol::{CustomerFrame, Framed, StaffFrame};
use crate::session::Gatekeeper;
use crate::{ChatId, CloseReason, Fence, Handed, Transport, Weigh};

/// Frames of one chat that wait for its page. More than this and the connection is too slow; past half of it what
/// is ephemeral is left out.
const HELD_MAX: usize = 4_096;

/// A connection of either audience.
#[derive(Clone, Debug)]
pub(crate) enum Link {
    Customer(Arc<Pipe<CustomerFrame>>, Arc<dyn Gatekeeper>),
    Staff(Arc<Pipe<StaffFrame>>),
}

impl Link {
    pub(crate) fn close(&self, reason: CloseReason) {
        match self {
            Self::Customer(pipe, _) => pipe.close(reason),
            Self::Staff(pipe) => pipe.close(reason),
        }
    }

    /// Holds back what follows about a chat until its page is there.
    pub(crate) fn hold(&self, chat: ChatId) {
        match self {
            Self::Customer(pipe, _) => pipe.hold(chat),
            Self::Staff(pipe) => pipe.hold(chat),
        }
    }
}

/// A frame and the chat it is about, if it is about one.
pub(crate) struct Parcel<F> {
    pub(crate) chat: Option<ChatId>,
    pub(crate) frame: Arc<Framed<F>>,
}

impl<F> Clone for Parcel<F> {
    fn clone(&self) -> Self {
        Self { chat: self.chat, frame: Arc::clone(&self.frame) }
    }
}

/// One connection: its transport, and the chats whose frames are held.
pub(crate) struct Pipe<F> {
    transport: Arc<dyn Transport<F>>,
    held: Mutex<BTreeMap<ChatId, Vec<Arc<Framed<F>>>>>,
    /// The fence that this engine's frames carry, see [`Shared`](super::Shared).
    fence: Fence,
}

impl<F: Weigh> Pipe<F> {
    /// Hands over what one commit released for this connection, in one go.
    pub(crate) fn deliver(&self, parcels: impl ExactSizeIterator<Item = Parcel<F>>) -> Handed {
        let mut held = self.lock();
        let mut frames = Vec::with_capacity(parcels.len());
        for parcel in parcels {
            match parcel.chat.and_then(|chat| held.get_mut(&chat)) {
                Some(waiting) if parcel.frame.frame().is_ephemeral() && 2 * waiting.len() >= HELD_MAX => {}
                Some(waiting) if waiting.len() == HELD_MAX => return Handed::Full,
                Some(waiting) => waiting.push(parcel.frame),
                None => frames.push(parcel.frame),
            }
        }
        // Sent under the lock, so that a page that ends its hold meanwhile cannot come in between. Sending
        // never waits.
        self.transport.send(&frames)
    }
}

impl<F> Pipe<F> {
    pub(crate) fn new(transport: Arc<dyn Transport<F>>, fence: Fence) -> Self {
        Self { transport, held: Mutex::default(), fence }
    }

    /// Hands over one frame that is about no chat in particular.
    pub(crate) fn deliver_one(&self, frame: F) -> Handed {
        self.transport.send(&[self.framed(frame)])
    }

    /// Holds back what follows about a chat. Its session takes one frame at a time, so a chat is never held twice; were it, what
    /// waits already would go on waiting.
    pub(crate) fn hold(&self, chat: ChatId) {
        self.lock().entry(chat).or_default();
    }

    /// Ends a hold: first these frames, then what was held.
    pub(crate) fn unhold(&self, chat: ChatId, first: Vec<F>) -> Handed {
        let mut held = self.lock();
        let mut frames: Vec<_> = first.into_iter().map(|frame| self.framed(frame)).collect();
        frames.extend(held.remove(&chat).unwrap_or_default());
        self.transport.send(&frames)
    }

    pub(crate) fn close(&self, reason: CloseReason) {
        self.transport.close(reason);
    }

    fn framed(&self, frame: F) -> Arc<Framed<F>> {
        Arc::new(Framed::new(self.fence, frame))
    }

    // A std mutex: held for a few moves of pointers and a send that never waits. Nothing inside panics half
    // way, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<ChatId, Vec<Arc<Framed<F>>>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F> fmt::Debug for Pipe<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipe").field("transport", &self.transport).finish_non_exhaustive()
    }
}
