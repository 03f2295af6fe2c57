//! What is counted while people talk.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use hdrhistogram::Histogram;
use serde::Serialize;

/// The longest latency that is told apart, in microseconds; longer ones count as this.
pub(crate) const LONGEST: u64 = 120_000_000;

/// Shared by everybody who talks in one run.
#[derive(Debug)]
pub(crate) struct Tally {
    epoch: Instant,
    sending: AtomicBool,
    messages: u64,
    measure: (AtomicU64, AtomicU64),
    pub(crate) sent: AtomicU64,
    pub(crate) acked: AtomicU64,
    pub(crate) delivered: AtomicU64,
    delivered_in_time: AtomicU64,
    pub(crate) twice: AtomicU64,
    pub(crate) out_of_order: AtomicU64,
    pub(crate) refused: AtomicU64,
    first_refusal: Mutex<Option<String>>,
    pub(crate) ended: AtomicU64,
    delivery: Mutex<Histogram<u64>>,
    ack: Mutex<Histogram<u64>>,
}

/// Latencies in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "a row of figures")]
pub struct Latency {
    /// How many were measured.
    pub count: u64,
    /// The median.
    pub p50: u64,
    /// Nine of ten were no slower.
    pub p90: u64,
    /// 99 of 100 were no slower.
    pub p99: u64,
    /// 999 of 1,000 were no slower.
    pub p999: u64,
    /// The slowest.
    pub max: u64,
}

impl Tally {
    /// Sending ends with this many messages, if there is such a limit.
    pub(crate) fn new(messages: Option<u64>) -> Self {
        let histogram = || Mutex::new(Histogram::new_with_max(LONGEST, 3).expect("bounds and digits are legal"));
        Self {
            epoch: Instant::now(),
            sending: AtomicBool::new(true),
            messages: messages.unwrap_or(u64::MAX),
            measure: (AtomicU64::new(u64::MAX), AtomicU64::new(u64::MAX)),
            sent: AtomicU64::new(0),
            acked: AtomicU64::new(0),
            delivered: AtomicU64::new(0),
            delivered_in_time: AtomicU64::new(0),
            twice: AtomicU64::new(0),
            out_of_order: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            first_refusal: Mutex::default(),
            ended: AtomicU64::new(0),
            delivery: histogram(),
            ack: histogram(),
        }
    }

    /// Microseconds since the run began.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// The point in time that a stamp names.
    pub(crate) fn instant(&self, stamp: u64) -> Instant {
        self.epoch + std::time::Duration::from_micros(stamp)
    }

    /// Messages meant to be sent in this span are measured, and deliveries within it make the throughput.
    pub(crate) fn measure(&self, from: u64, to: u64) {
        self.measure.0.store(from, Ordering::Relaxed);
        self.measure.1.store(to, Ordering::Relaxed);
    }

    fn measured(&self, stamp: u64) -> bool {
        self.measure.0.load(Ordering::Relaxed) <= stamp && stamp < self.measure.1.load(Ordering::Relaxed)
    }

    /// Whether new messages are to be sent.
    pub(crate) fn is_sending(&self) -> bool {
        self.sending.load(Ordering::Relaxed) && self.sent.load(Ordering::Relaxed) < self.messages
    }

    /// From here on only what is under way comes to its end.
    pub(crate) fn stop_sending(&self) {
        self.sending.store(false, Ordering::Relaxed);
    }

    pub(crate) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// A message that was meant to be sent at `stamp` has come.
    pub(crate) fn deliver(&self, stamp: u64) {
        Self::add(&self.delivered);
        let now = self.now();
        if self.measured(now) {
            Self::add(&self.delivered_in_time);
        }
        if self.measured(stamp) {
            record(&self.delivery, now.saturating_sub(stamp));
        }
    }

    /// The message that was meant to be sent at `stamp` is stored.
    pub(crate) fn ack(&self, stamp: u64) {
        Self::add(&self.acked);
        if self.measured(stamp) {
            record(&self.ack, self.now().saturating_sub(stamp));
        }
    }

    /// Something was refused.
    pub(crate) fn refuse(&self, code: &str) {
        Self::add(&self.refused);
        let mut first = self.first_refusal.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert_with(|| code.to_owned());
    }

    pub(crate) fn first_refusal(&self) -> Option<String> {
        self.first_refusal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn delivered_in_time(&self) -> u64 {
        self.delivered_in_time.load(Ordering::Relaxed)
    }

    pub(crate) fn delivery_latency(&self) -> Latency {
        summary(&self.delivery)
    }

    pub(crate) fn ack_latency(&self) -> Latency {
        summary(&self.ack)
    }
}

// Uncontended: the generator has one thread, except for the one that keeps the pace and touches none of it.
fn record(histogram: &Mutex<Histogram<u64>>, micros: u64) {
    histogram.lock().unwrap_or_else(PoisonError::into_inner).saturating_record(micros);
}

fn summary(histogram: &Mutex<Histogram<u64>>) -> Latency {
    Latency::of(&histogram.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Latency {
    /// Of everything recorded.
    pub(crate) fn of(histogram: &Histogram<u64>) -> Self {
        Self {
            count: histogram.len(),
            p50: histogram.value_at_quantile(0.5),
            p90: histogram.value_at_quantile(0.9),
            p99: histogram.value_at_quantile(0.99),
            p999: histogram.value_at_quantile(0.999),
            max: histogram.max(),
        }
    }
}
