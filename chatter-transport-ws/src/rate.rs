//! How fast a client may send: a token bucket, kept as the one moment up to which the client has paid.

use std::time::Duration;

use tokio::time::Instant;

/// The bucket of one connection. Refused frames cost as much as others, so that a client which goes on
/// sending while it is refused gets further into debt and is told apart from one that waits.
#[derive(Debug)]
pub(crate) struct Rate {
    cost: Duration,
    burst: Duration,
    paid_until: Instant,
}

/// What becomes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pass,
    Limited { retry_after_ms: u64 },
    Flood,
}

impl Rate {
    pub(crate) fn new(frames_per_second: u32, frames_burst: u32, now: Instant) -> Self {
        let cost = Duration::from_secs(1) / frames_per_second.max(1);
        Self { cost, burst: cost * frames_burst.max(1), paid_until: now }
    }

    /// Judges one frame that came now.
    pub(crate) fn take(&mut self, now: Instant) -> Verdict {
        self.paid_until = self.paid_until.max(now) + self.cost;
        let debt = self.paid_until - now;
        if debt <= self.burst {
            return Verdict::Pass;
        }
        if debt <= self.burst * 2 {
            // Until there is room for one more; rounded up, so that waiting exactly this long suffices.
            let wait = debt + self.cost - self.burst;
            return Verdict::Limited { retry_after_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX) + 1 };
        }
        Verdict::Flood
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_burst_passes_then_the_steady_rate() {
        let start = Instant::now();
        let mut rate = Rate::new(10, 5, start);
        for _ in 0..5 {
            assert_eq!(rate.take(start), Verdict::Pass);
        }
        assert_eq!(rate.take(start), Verdict::Limited { retry_after_ms: 201 });
        for step in 2..100 {
            assert_eq!(rate.take(start + SECOND * step / 10), Verdict::Pass, "step {step}");
        }
    }

    #[test]
    fn waiting_as_told_suffices() {
        let start = Instant::now();
        let mut rate = Rate::new(50, 200, start);
        let refused = (0..300).map(|_| rate.take(start)).last();
        let Some(Verdict::Limited { retry_after_ms }) = refused else { panic!("{refused:?}") };
        assert_eq!(rate.take(start + Duration::from_millis(retry_after_ms)), Verdict::Pass);
    }

    #[test]
    fn going_on_while_refused_is_a_flood() {
        let start = Instant::now();
        let mut rate = Rate::new(50, 200, start);
        let verdicts: Vec<Verdict> = (0..401).map(|_| rate.take(start)).collect();
        assert!(verdicts[..200].iter().all(|verdict| *verdict == Verdict::Pass));
        assert!(verdicts[200..400].iter().all(|verdict| matches!(verdict, Verdict::Limited { .. })));
        assert_eq!(verdicts[400], Verdict::Flood);
    }
}
