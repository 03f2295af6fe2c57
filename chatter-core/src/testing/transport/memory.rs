//! The reference: the bare outbox, whose peer takes what lies in it.

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Peer, Rig, Seen};
use crate::protocol::{CustomerFrame, Framed};
use crate::{Delivery, Outbox, OutboxLimits, Transport, outbox};

/// Connects the two ends of an [`outbox`](fn@crate::outbox) with nothing in between.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct OutboxRig {
    /// How much the outbox holds.
    pub limits: OutboxLimits,
}

#[async_trait]
impl Rig for OutboxRig {
    async fn connect(&self) -> (Arc<dyn Transport<CustomerFrame>>, Box<dyn Peer>) {
        let (sender, outbox) = outbox(self.limits);
        (sender, Box::new(Reader { outbox, taken: VecDeque::new() }))
    }
}

struct Reader {
    outbox: Outbox<CustomerFrame>,
    taken: VecDeque<Arc<Framed<CustomerFrame>>>,
}

#[async_trait]
impl Peer for Reader {
    async fn next(&mut self) -> Seen {
        loop {
            if let Some(frame) = self.taken.pop_front() {
                return Seen::Frame(frame.json().to_owned());
            }
            match self.outbox.next().await {
                Delivery::Frames(frames) => self.taken.extend(frames),
                Delivery::Close(reason) => return Seen::Closed(Some(reason.code())),
            }
        }
    }

    async fn vanish(self: Box<Self>) {}
}
