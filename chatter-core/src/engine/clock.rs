//! The only place where a clock is read.

use tokio::time::{Instant, sleep};

use crate::Time;

/// Wall time, read once at the start and advanced by the monotonic clock, so that it never goes back.
/// It runs on tokio's clock and stands still with it when a test pauses that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    base: Time,
    start: Instant,
}

impl Clock {
    /// A clock that begins at `wall`, or at `floor` if that is later.
    pub(super) fn starting_at(wall: Time, floor: Time) -> Self {
        Self { base: wall.max(floor), start: Instant::now() }
    }

    /// The wall time of this machine.
    #[expect(clippy::disallowed_methods, reason = "the one legal place: time enters the core here")]
    pub(super) fn wall() -> Time {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        // A clock before 1970 counts as 1970: only differences matter to the desk.
        Time::default() + since_epoch.unwrap_or_default()
    }

    pub(super) fn now(&self) -> Time {
        self.base + self.start.elapsed()
    }

    /// Sleeps until a deadline; for ever when there is none.
    pub(super) async fn sleep_until(&self, deadline: Option<Time>) {
        match deadline {
            Some(deadline) => sleep(deadline - self.now()).await,
            None => std::future::pending().await,
        }
    }
}
