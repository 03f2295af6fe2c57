//! Time since the beginning of a run. It goes on over crashes: each life of the process has a runtime, and with
//! it a paused clock, of its own.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    shared: Arc<Mutex<Reading>>,
}

#[derive(Debug, Default)]
struct Reading {
    base: Duration,
    /// The beginning of this life, while there is one.
    start: Option<Instant>,
}

impl Reading {
    fn now(&self) -> Duration {
        self.base + self.start.map_or(Duration::ZERO, |start| start.elapsed())
    }
}

impl Clock {
    pub(crate) fn now(&self) -> Duration {
        self.with(|reading| reading.now())
    }

    /// A life begins; to be called on its runtime.
    pub(crate) fn start(&self) {
        self.with(|reading| reading.start = Some(Instant::now()));
    }

    /// A life ends; to be called on its runtime.
    pub(crate) fn stop(&self) {
        self.with(|reading| {
            reading.base = reading.now();
            reading.start = None;
        });
    }

    /// Time passes while there is no process.
    pub(crate) fn pass(&self, time: Duration) {
        self.with(|reading| reading.base += time);
    }

    pub(crate) async fn sleep_until(&self, at: Duration) {
        tokio::time::sleep(at.saturating_sub(self.now())).await;
    }

    fn with<R>(&self, look: impl FnOnce(&mut Reading) -> R) -> R {
        look(&mut self.shared.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
