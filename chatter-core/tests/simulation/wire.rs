//! A connection between a client and the process: frames in order, late, and now and then nothing any more.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chatter_core::CloseReason;
use chatter_core::testing::Dice;
use tokio::sync::Notify;

use crate::clock::Clock;

/// How much lies in the network for a client that does not read, in frames.
const WINDOW: usize = 12;
/// How long the process believes in a peer that has gone without a word.
const BELIEF_MS: u64 = 35_000;

#[derive(Debug)]
pub(crate) struct Wire {
    clock: Clock,
    state: Mutex<State>,
    process: Notify,
    /// Nothing passes any more.
    froze: Notify,
}

#[derive(Debug)]
struct State {
    dice: Dice,
    latency_ms: u64,
    up: VecDeque<(Duration, String)>,
    down: VecDeque<(Duration, Down)>,
    /// The client has ended it, or has gone.
    client_gone: bool,
    /// The process has ended it, or has gone.
    process_gone: bool,
    /// Nothing passes, though nobody was told.
    frozen: bool,
}

#[derive(Debug)]
enum Down {
    Frame(String),
    Closed(CloseReason),
}

/// What a client finds when it reads.
#[derive(Debug)]
pub(crate) enum Read {
    Frame(String),
    Closed(CloseReason),
    /// The connection is gone without a word.
    Lost,
    /// Nothing has arrived yet.
    Nothing,
}

impl Wire {
    pub(crate) fn new(clock: Clock, seed: u64, latency_ms: u64) -> Self {
        let state = State {
            dice: Dice::new(seed),
            latency_ms,
            up: VecDeque::new(),
            down: VecDeque::new(),
            client_gone: false,
            process_gone: false,
            frozen: false,
        };
        Self { clock, state: Mutex::new(state), process: Notify::new(), froze: Notify::new() }
    }

    /// The client sends.
    pub(crate) fn send(&self, json: String) {
        let mut state = self.lock();
        let last = state.up.back().map(|(at, _)| *at);
        let at = state.arrival(self.clock.now(), last);
        state.up.push_back((at, json));
        drop(state);
        self.process.notify_one();
    }

    /// The client reads what has arrived.
    pub(crate) fn take(&self) -> Read {
        let mut state = self.lock();
        let now = self.clock.now();
        if !state.frozen && state.down.front().is_some_and(|(at, _)| *at <= now) {
            let (_, down) = state.down.pop_front().expect("it was just seen");
            drop(state);
            self.process.notify_one();
            return match down {
                Down::Frame(json) => Read::Frame(json),
                Down::Closed(reason) => Read::Closed(reason),
            };
        }
        if state.process_gone && state.down.is_empty() && !state.frozen { Read::Lost } else { Read::Nothing }
    }

    /// The client goes. What it sent last may still arrive, or a part of it.
    pub(crate) fn leave(&self) {
        let mut state = self.lock();
        let sent = state.up.len();
        if state.dice.once_in(2) {
            let kept = state.dice.below(sent as u64 + 1);
            state.up.truncate(usize::try_from(kept).unwrap_or(sent));
        }
        state.client_gone = true;
        state.down.clear();
        drop(state);
        self.process.notify_one();
    }

    /// From now on nothing passes, and neither end is told.
    pub(crate) fn freeze(&self) {
        let mut state = self.lock();
        state.frozen = true;
        state.up.clear();
        state.down.clear();
        drop(state);
        self.process.notify_one();
        self.froze.notify_one();
    }

    /// The process dies. What it sent last may still arrive.
    pub(crate) fn process_died(&self) {
        let mut state = self.lock();
        state.process_gone = true;
        if state.dice.once_in(2) {
            state.down.clear();
        }
    }

    /// The process reads; `None` when the client has gone.
    pub(crate) async fn read(&self) -> Option<String> {
        loop {
            let arrives = {
                let mut state = self.lock();
                let front = state.up.front().map(|(at, _)| *at).filter(|_| !state.frozen);
                match front {
                    Some(at) if at <= self.clock.now() => return state.up.pop_front().map(|(_, json)| json),
                    None if state.client_gone && !state.frozen => return None,
                    front => front,
                }
            };
            let notified = self.process.notified();
            match arrives {
                Some(at) => tokio::select! {
                    biased;
                    () = self.clock.sleep_until(at) => {}
                    () = notified => {}
                },
                None => notified.await,
            }
        }
    }

    /// The process writes; waits while the client does not read. False when it has gone.
    pub(crate) async fn write(&self, json: &str) -> bool {
        loop {
            {
                let mut state = self.lock();
                if state.client_gone && !state.frozen {
                    return false;
                }
                // What is sent into nowhere is taken by the kernel for a while; this one takes it all.
                if state.frozen {
                    return true;
                }
                if state.down.len() < WINDOW {
                    let last = state.down.back().map(|(at, _)| *at);
                    let at = state.arrival(self.clock.now(), last);
                    state.down.push_back((at, Down::Frame(json.to_owned())));
                    return true;
                }
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The process ends it and says why.
    pub(crate) fn close(&self, reason: Option<CloseReason>) {
        let mut state = self.lock();
        if let Some(reason) = reason
            && !state.frozen
        {
            let last = state.down.back().map(|(at, _)| *at);
            let at = state.arrival(self.clock.now(), last);
            state.down.push_back((at, Down::Closed(reason)));
        }
        state.process_gone = true;
    }

    /// Waits until the process no longer believes in its peer.
    pub(crate) async fn given_up(&self) {
        if !self.lock().frozen {
            self.froze.notified().await;
        }
        let belief = Duration::from_millis(BELIEF_MS - self.lock().dice.below(10_000));
        self.clock.sleep_until(self.clock.now() + belief).await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// When something that is sent now arrives: not before what was sent earlier.
    fn arrival(&mut self, now: Duration, last: Option<Duration>) -> Duration {
        let latency = Duration::from_micros(self.dice.below(self.latency_ms * 1_000 + 1));
        (now + latency).max(last.unwrap_or_default())
    }
}
