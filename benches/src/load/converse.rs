//! Pairs who talk, in a closed or an open loop, over Chatter or one of its floors alike.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::message::Messages;
use super::pace::{Clock, Pace};
use super::people::Pair;
use super::place::{Meter, Usage};
use super::progress::Progress;
use super::talker::{Talker, Turn};
use super::tally::{Latency, Tally};

/// How long what is under way may take to arrive after the last was sent.
const DRAIN_WITHIN: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(20);

/// How people talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the two loops there are")]
pub enum Style {
    /// Each pair keeps this many messages under way: whoever gets one sends the next.
    Closed {
        /// How many.
        in_flight: u32,
    },
    /// Messages are sent at fixed times, whatever has come meanwhile.
    Open {
        /// Messages a second, of all pairs together.
        rate: u64,
    },
}

/// What to do and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct Plan {
    /// The loop.
    pub style: Style,
    /// Before anything is measured.
    pub warm_up: Duration,
    /// What is measured.
    pub measure: Duration,
    /// Ends a closed loop after so many messages, if they are sent before the time is over.
    pub messages: Option<u64>,
    /// The length of a message as JSON, about.
    pub message_bytes: usize,
    /// Whether senders are told that their messages are stored.
    pub acked: bool,
}

impl Plan {
    /// Two seconds of warm-up, then so long, with messages of 200 bytes.
    #[must_use]
    pub const fn new(style: Style, measure: Duration) -> Self {
        Self { style, warm_up: Duration::from_secs(2), measure, messages: None, message_bytes: 200, acked: true }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Talked {
    /// How many pairs.
    pub pairs: usize,
    /// Messages delivered a second, in the measured span.
    pub per_second: f64,
    /// How long was measured, in seconds.
    pub seconds: f64,
    /// Messages that an open loop was to send; 0 of a closed one, which sends as many as it can.
    pub meant: u64,
    /// Messages that a closed loop keeps under way, all pairs together; 0 of an open one.
    pub under_way: u64,
    /// Messages sent, from the first to the last.
    pub sent: u64,
    /// Of those, acknowledged to their senders.
    pub acked: u64,
    /// Of those sent, delivered to the other one.
    pub delivered: u64,
    /// Acknowledged and not delivered when all was waited for.
    pub lost: u64,
    /// Delivered or acknowledged more than once.
    pub twice: u64,
    /// Came after a gap.
    pub out_of_order: u64,
    /// Frames that were refused.
    pub refused: u64,
    /// The error code of the first of them.
    pub first_refusal: Option<String>,
    /// Connections that ended meanwhile.
    pub ended: u64,
    /// From the (intended) send to the arrival at the other one, in microseconds.
    pub delivery: Latency,
    /// From the (intended) send to the acknowledgement, in microseconds.
    pub ack: Latency,
    /// What the server used.
    pub server: Option<Usage>,
    /// What the generator itself used: near one core, it is the limit.
    pub generator: Option<Usage>,
}

/// Lets pairs talk as planned and tells what came of it.
pub(crate) async fn converse(pairs: Vec<Pair>, plan: &Plan, server: Option<u32>, progress: &Progress) -> Talked {
    let count = pairs.len();
    let tally = Arc::new(Tally::new(plan.messages));
    let span = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let start = tally.now();
    let from = start + span(plan.warm_up);
    let to = from + span(plan.measure);
    tally.measure(from, to);
    // Of an open loop it is known beforehand how many there will be, and all of them are waited for.
    let (meant, under_way) = match plan.style {
        Style::Open { rate } => {
            (u64::try_from(u128::from(to - start) * u128::from(rate) / 1_000_000).unwrap_or(u64::MAX), 0)
        }
        Style::Closed { in_flight } => (0, count as u64 * u64::from(in_flight)),
    };
    let mut talking = begin(pairs, plan, &tally, (start, meant));

    progress.stage("warming up");
    sleep(plan.warm_up).await;
    let meters = (server.and_then(Meter::start), Meter::start(std::process::id()));
    let began = Instant::now();
    progress.stage("measuring");
    while tally.now() < to && tally.is_sending() {
        sleep(LOOK.min(plan.measure)).await;
        progress.talked(&tally, began.elapsed(), plan.measure);
    }
    let seconds = began.elapsed().as_secs_f64();
    let delivered_in_time = tally.delivered_in_time();
    tally.stop_sending();
    let (server, generator) = meters;
    let (server, generator) = (server.and_then(|it| it.read()), generator.and_then(|it| it.read()));

    progress.stage("waiting for what is under way");
    drain(&tally, meant, plan.acked).await;
    talking.shutdown().await;
    let load = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    let (acked, delivered) = (load(&tally.acked), load(&tally.delivered));
    #[expect(clippy::cast_precision_loss, reason = "counts of messages are far below 2^52")]
    let per_second = delivered_in_time as f64 / seconds.max(f64::EPSILON);
    Talked {
        pairs: count,
        per_second,
        seconds,
        meant,
        under_way,
        sent: load(&tally.sent),
        acked,
        delivered,
        lost: acked.saturating_sub(delivered),
        twice: load(&tally.twice),
        out_of_order: load(&tally.out_of_order),
        refused: load(&tally.refused),
        first_refusal: tally.first_refusal(),
        ended: load(&tally.ended),
        delivery: tally.delivery_latency(),
        ack: tally.ack_latency(),
        server,
        generator,
    }
}

/// Lets everybody begin; `pace` is when an open loop does, and how many it sends.
fn begin(pairs: Vec<Pair>, plan: &Plan, tally: &Arc<Tally>, pace: (u64, u64)) -> JoinSet<()> {
    let mut talking = JoinSet::new();
    let mut orders = Vec::new();
    for pair in pairs {
        for (first, wire) in [(true, pair.customer), (false, pair.agent)] {
            let talker = Talker::new(wire, Messages::new(pair.chat, plan.message_bytes), Arc::clone(tally));
            let turn = match plan.style {
                Style::Closed { in_flight } => Turn::Answer { first: if first { in_flight } else { 0 } },
                Style::Open { .. } => {
                    let (sender, receiver) = mpsc::unbounded_channel();
                    orders.push(sender);
                    Turn::Ordered(receiver)
                }
            };
            talking.spawn(talker.talk(turn));
        }
    }
    if let Style::Open { rate } = plan.style {
        let pace = Pace { start: pace.0, rate, count: pace.1, orders };
        let clock = RunClock(Arc::clone(tally));
        // A thread of its own: timers of the runtime have milliseconds, and wait while it is busy.
        std::thread::spawn(move || pace.keep(&clock));
    }
    talking
}

/// The clock of the run.
struct RunClock(Arc<Tally>);

impl Clock for RunClock {
    fn now(&self) -> u64 {
        self.0.now()
    }

    fn sleep_until(&self, micros: u64) {
        std::thread::sleep(self.0.instant(micros).saturating_duration_since(Instant::now()));
    }
}

/// Waits until everything sent, and everything meant to be sent, has arrived, or for long enough.
async fn drain(tally: &Tally, meant: u64, acked: bool) {
    let deadline = Instant::now() + DRAIN_WITHIN;
    let load = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    loop {
        let sent = load(&tally.sent).max(meant);
        if load(&tally.delivered) >= sent && (!acked || load(&tally.acked) >= sent) {
            return;
        }
        if Instant::now() >= deadline {
            return;
        }
        sleep(LOOK).await;
    }
}
