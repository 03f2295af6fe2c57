//! The process: an engine and its door, with an adapter as thin as one over sockets.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chatter_core::engine::Engine;
use chatter_core::protocol::Framed;
use chatter_core::session::{Admission, Admitted, Audience, Door, Flow};
use chatter_core::{
    CloseReason, Delivery, Handed, Outbox, OutboxLimits, OutboxSender, Principal, Transport, Weigh, outbox,
};
use serde::Serialize;

use crate::gate::Gate;
use crate::judge::{Bench, Who};
use crate::plant::Lens;
use crate::wire::Wire;

/// How long a step of writing may take.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may take to say hello.
const HELLO_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) engine: Engine,
    door: Door,
    bench: Bench,
}

/// A connection as the process sees it.
#[derive(Debug)]
struct Socket {
    wire: Arc<Wire>,
    bench: Bench,
    limits: OutboxLimits,
    lens: Lens,
    /// One in so many frames comes faster than this adapter allows.
    hasty: u64,
    name: String,
}

impl Host {
    pub(crate) fn new(engine: Engine, gate: Arc<Gate>, bench: Bench) -> Self {
        let door = Door::new(engine.clone(), gate);
        Self { engine, door, bench }
    }

    /// Takes a connection.
    pub(crate) fn accept(&self, name: String, wire: Arc<Wire>, limits: OutboxLimits, lens: Lens, hasty: u64) {
        let socket = Socket { wire, bench: self.bench.clone(), limits, lens, hasty, name };
        let door = self.door.clone();
        tokio::spawn(async move {
            let reason = socket.serve(door).await;
            socket.wire.close(reason);
        });
    }
}

impl Socket {
    /// Runs until the connection ends; gives the reason to tell, unless the peer has gone.
    async fn serve(&self, door: Door) -> Option<CloseReason> {
        let hello = tokio::select! {
            biased;
            hello = self.wire.read() => hello?,
            () = tokio::time::sleep(HELLO_TIMEOUT) => return Some(CloseReason::AuthTimeout),
        };
        match door.knock_json(hello.as_bytes(), None).await {
            Ok(Admitted::Customer(admission)) => self.drive(admission).await,
            Ok(Admitted::Agent(admission)) => self.drive(admission).await,
            Err(rejected) => {
                self.wire.write(&rejected.json()).await;
                Some(rejected.reason)
            }
        }
    }

    async fn drive<F: Audience + Weigh + Serialize>(&self, admission: Admission<F>) -> Option<CloseReason> {
        let (sender, mut outbox) = outbox::<F>(self.limits);
        let who = match *admission.principal() {
            Principal::Customer { customer, .. } => Who::Customer(customer),
            Principal::Agent { agent, .. } => Who::Agent(agent),
            _ => panic!("there are two kinds of people"),
        };
        let tap = Tap { inner: sender, bench: self.bench.clone(), who, name: self.name.clone() };
        let session = tokio::select! {
            biased;
            entered = admission.enter(Arc::new(tap)) => match entered {
                Ok(session) => session,
                Err(reason) => return Some(reason),
            },
            () = self.wire.given_up() => return None,
        };
        let reading = async {
            let mut frames = 0_u64;
            while let Some(json) = self.wire.read().await {
                frames += 1;
                if frames.is_multiple_of(self.hasty) {
                    session.limit_json(json.as_bytes(), 200).await;
                } else if session.receive_json(json.as_bytes()).await == Flow::Stop {
                    return true;
                }
            }
            false
        };
        let writing = self.write(&mut outbox, who);
        tokio::pin!(reading, writing);
        tokio::select! {
            biased;
            told = &mut reading => {
                if !told {
                    return None;
                }
            }
            end = &mut writing => return end,
            () = self.wire.given_up() => {
                self.bench.saw("closed heartbeat_timeout");
                return Some(CloseReason::HeartbeatTimeout);
            }
        }
        tokio::time::timeout(WRITE_TIMEOUT, writing).await.unwrap_or(Some(CloseReason::Slow))
    }

    async fn write<F: Weigh + Serialize>(&self, outbox: &mut Outbox<F>, who: Who) -> Option<CloseReason> {
        let mut lens = self.lens.clone();
        loop {
            let frames = match outbox.next().await {
                Delivery::Frames(frames) => frames,
                Delivery::Close(reason) => return Some(reason),
            };
            for json in frames.iter().flat_map(|frame| lens.seen(who, frame.json())) {
                let written = tokio::select! {
                    biased;
                    written = self.wire.write(&json) => written,
                    () = outbox.overflowed() => return Some(CloseReason::Slow),
                    () = tokio::time::sleep(WRITE_TIMEOUT) => return Some(CloseReason::Slow),
                };
                if !written {
                    return None;
                }
            }
        }
    }
}

/// A transport that shows the judge everything that is handed over.
struct Tap<F> {
    inner: Arc<OutboxSender<F>>,
    bench: Bench,
    who: Who,
    name: String,
}

impl<F> fmt::Debug for Tap<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tap").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<F: Weigh + Serialize + Send + Sync> Transport<F> for Tap<F> {
    fn send(&self, frames: &[Arc<Framed<F>>]) -> Handed {
        let handed = self.inner.send(frames);
        let mut judge = self.bench.judge();
        for frame in frames {
            let json = frame.json();
            let value = serde_json::from_str(json).expect("frames are JSON");
            judge.handed_over(self.who, json, &value);
        }
        if handed != Handed::Taken {
            judge.note(format_args!("  {} takes no more: {handed:?}", self.name));
        }
        handed
    }

    fn close(&self, reason: CloseReason) {
        self.bench.note(format_args!("  {} is closed: {}", self.name, reason.word()));
        self.inner.close(reason);
    }
}
