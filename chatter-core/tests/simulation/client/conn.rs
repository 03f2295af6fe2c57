use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use chatter_core::{CloseReason, OutboxLimits};

use super::Ctx;
use super::view::Older;
use crate::host::Host;
use crate::judge::{Attempt, EditTry, Intent};
use crate::wire::Wire;

/// One connection as the client sees it.
#[derive(Debug)]
pub(crate) struct Conn {
    pub(crate) wire: Arc<Wire>,
    pub(crate) ready: bool,
    /// So many frames may wait for it; while half as many do, what is told of a moment is left out.
    pub(crate) room: usize,
    pub(crate) heard_at: Duration,
    pub(crate) pinged: bool,
    /// What has not been answered yet, in the order of asking.
    pub(crate) asked: VecDeque<Asked>,
    /// What the client has given cause to be closed for.
    pub(crate) provoked: Vec<CloseReason>,
}

/// A question on its way.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) reference: String,
    pub(crate) chat: Option<u64>,
    pub(crate) expects: &'static [&'static str],
    /// Not bound to the order of answers.
    pub(crate) may_overtake: bool,
    /// The position that was given to `subscribe`.
    pub(crate) after: Option<u64>,
    /// What was asked of `read_history`.
    pub(crate) older: Option<Older>,
    /// The message, and this try to send it.
    pub(crate) message: Option<(Intent, Attempt)>,
    /// The edit or deletion that was asked for.
    pub(crate) edit: Option<EditTry>,
    /// It is done with the chat when this is done.
    pub(crate) leaves: bool,
    /// Its values may be wrong for the chat as it is by then.
    pub(crate) may_be_invalid: bool,
    /// It is meant to be refused: anything else is a fault.
    pub(crate) must_fail: bool,
}

impl Asked {
    pub(crate) const fn new(reference: String, chat: Option<u64>, expects: &'static [&'static str]) -> Self {
        Self {
            reference,
            chat,
            expects,
            may_overtake: false,
            after: None,
            older: None,
            message: None,
            edit: None,
            leaves: false,
            may_be_invalid: false,
            must_fail: false,
        }
    }
}

impl Conn {
    pub(crate) fn open(ctx: &mut Ctx<'_>, device: usize, host: &Host) -> Self {
        let plan = ctx.plan;
        let wire = Arc::new(Wire::new(ctx.bench.clock(), ctx.dice.roll(), plan.latency_ms));
        // Room for a `ready` with many chats, and little more.
        let limits = OutboxLimits { frames_max: plan.outbox_frames, bytes_max: 1 << 18 };
        let lens = plan.lens(ctx.dice.roll());
        host.accept(format!("d{device}"), Arc::clone(&wire), limits, lens, plan.hasty);
        let (room, heard_at) = (plan.outbox_frames, ctx.now);
        Self { wire, ready: false, room, heard_at, pinged: false, asked: VecDeque::new(), provoked: Vec::new() }
    }
}
