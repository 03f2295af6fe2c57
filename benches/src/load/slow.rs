//! Slow readers: customers who never read what their agents send. They are closed, and nobody else may notice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::LoadError;
use super::chatter::Target;
use super::converse::{Plan, Talked, converse};
use super::message::{Meaning, Messages, read};
use super::people::{self, Pair};
use super::progress::Progress;
use super::wire::{Heard, Wire};

/// The close code of someone who reads too slowly.
const SLOW: u16 = 4000;
/// How many messages an agent has under way to a customer who does not read.
const POURED_AT_ONCE: usize = 32;
/// About the longest text there may be, so that buffers fill soon.
const POURED_BYTES: usize = 900;
/// How long reading what lies in the buffers may take afterwards.
const READ_WITHIN: Duration = Duration::from_secs(10);

/// Others, before and beside slow readers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Slow {
    /// The pairs who read, while nobody was slow.
    pub before: Talked,
    /// The same number of pairs who read, beside those who do not.
    pub beside: Talked,
    /// How many did not read.
    pub slow: usize,
    /// Those of them whom the server closed with `slow`.
    pub closed_as_slow: usize,
    /// Those of them who were still connected when they began to read at last.
    pub still_open: usize,
    /// Messages that were stored for them.
    pub poured: u64,
}

/// Lets pairs talk as planned, twice: alone, then while agents pour messages at customers who never read.
///
/// # Errors
/// When people do not get that far.
pub async fn slow(
    target: &Target,
    pairs: usize,
    slow: usize,
    plan: &Plan,
    progress: &Progress,
) -> Result<Slow, LoadError> {
    progress.stage("people sit down");
    let mut seated = people::pairs(target, 2 * pairs + slow).await?;
    let second = seated.split_off(pairs);
    progress.title("alone");
    let before = converse(seated, plan, target.pid, progress).await;
    let mut second = second;
    let victims = second.split_off(pairs);
    let (mut pouring, mut silent) = (JoinSet::new(), Vec::new());
    let stop = Arc::new(AtomicBool::new(false));
    for Pair { chat, customer, agent } in victims {
        silent.push(customer);
        pouring.spawn(pour(agent, Messages::new(chat, POURED_BYTES), Arc::clone(&stop)));
    }
    progress.title("beside slow readers");
    let beside = converse(second, plan, target.pid, progress).await;
    stop.store(true, Ordering::Relaxed);
    let poured = pouring.join_all().await.into_iter().sum();
    progress.stage("slow readers read at last");
    let (mut closed_as_slow, mut still_open) = (0, 0);
    for wire in silent {
        match end(wire).await {
            Some(Some(SLOW)) => closed_as_slow += 1,
            Some(_) => {}
            None => still_open += 1,
        }
    }
    Ok(Slow { before, beside, slow, closed_as_slow, still_open, poured })
}

/// Sends as fast as messages are stored, and tells how many were.
async fn pour(mut wire: Wire, messages: Messages, stop: Arc<AtomicBool>) -> u64 {
    let (mut sent, mut stored) = (0, 0);
    while !stop.load(Ordering::Relaxed) {
        while sent - stored < POURED_AT_ONCE as u64 {
            sent += 1;
            if !wire.feed(messages.json(sent, 0)).await {
                return stored;
            }
        }
        if !wire.flush().await {
            return stored;
        }
        match wire.next().await {
            Heard::Frame(json) => stored += u64::from(matches!(read(&json), Meaning::Accepted { .. })),
            Heard::End(_) => return stored,
        }
    }
    stored
}

/// How a connection has ended, after everything in it was read; none when it is open.
async fn end(mut wire: Wire) -> Option<Option<u16>> {
    let reading = async {
        loop {
            if let Heard::End(code) = wire.next().await {
                return code;
            }
        }
    };
    timeout(READ_WITHIN, reading).await.ok()
}
