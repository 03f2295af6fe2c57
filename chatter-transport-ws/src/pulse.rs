//! The heartbeat: finds a peer that has gone without a word.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// What the reading side notes for the heart. Atomic only because futures must be `Send`: both sides are
/// one task.
#[derive(Debug, Default)]
pub(crate) struct Signs {
    heard: AtomicBool,
    busy: AtomicBool,
}

impl Signs {
    /// A frame came, of whatever kind.
    pub(crate) fn heard(&self) {
        self.heard.store(true, Ordering::Relaxed);
    }

    /// Nobody reads the socket now: a command waits its turn, and the peer's answer may wait behind it.
    pub(crate) fn busy(&self, busy: bool) {
        self.busy.store(busy, Ordering::Relaxed);
    }
}

/// When to ask, and when to give up.
#[derive(Debug)]
pub(crate) struct Heart {
    interval: Duration,
    patience: Duration,
    asked: bool,
    next: Instant,
}

/// What is due at a beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beat {
    Ping,
    Fine,
    Dead,
}

impl Heart {
    /// The first question comes between half an interval and a whole one, by the connection's number, so
    /// that a crowd that came at once is not asked at once; but in steps far enough apart that each finds some to ask,
    /// since waking up for one costs more than asking it.
    pub(crate) fn new(interval: Duration, patience: Duration, number: u64, now: Instant) -> Self {
        const STEPS: u32 = 128;
        let step = u32::try_from(number % u64::from(STEPS)).expect("below the modulus");
        let half = interval / 2;
        Self { interval, patience, asked: false, next: now + half + half / STEPS * step }
    }

    /// When [`beat`](Self::beat) is due.
    pub(crate) const fn next(&self) -> Instant {
        self.next
    }

    /// Takes note of an answer as soon as one was heard, so that nobody has to be woken to find it there in time; true if
    /// [`next`](Self::next) changed by it.
    pub(crate) fn answered(&mut self, signs: &Signs) -> bool {
        let answered = self.asked && signs.heard.load(Ordering::Relaxed);
        if answered {
            self.asked = false;
            // It was the end of its patience; the next question comes an interval after the last.
            self.next += self.interval.saturating_sub(self.patience);
        }
        answered
    }

    pub(crate) fn beat(&mut self, signs: &Signs, now: Instant) -> Beat {
        if !self.asked {
            signs.heard.store(false, Ordering::Relaxed);
            self.asked = true;
            self.next = now + self.patience;
            return Beat::Ping;
        }
        if !signs.heard.load(Ordering::Relaxed) && !signs.busy.load(Ordering::Relaxed) {
            return Beat::Dead;
        }
        self.asked = false;
        self.next = now + self.interval.saturating_sub(self.patience);
        Beat::Fine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(25);
    const PATIENCE: Duration = Duration::from_secs(10);

    #[test]
    fn a_silent_peer_is_found_within_interval_and_patience() {
        let start = Instant::now();
        let signs = Signs::default();
        for number in [0, 1, 1_023, 1_024, u64::MAX] {
            let mut heart = Heart::new(INTERVAL, PATIENCE, number, start);
            assert_eq!(heart.beat(&signs, heart.next()), Beat::Ping);
            assert_eq!(heart.beat(&signs, heart.next()), Beat::Dead);
            assert!(heart.next() <= start + INTERVAL + PATIENCE);
        }
    }

    #[test]
    fn a_peer_that_answers_is_asked_once_an_interval() {
        let signs = Signs::default();
        let mut heart = Heart::new(INTERVAL, PATIENCE, 0, Instant::now());
        let first = heart.next();
        for round in 0..5 {
            assert_eq!(heart.next(), first + INTERVAL * round);
            assert_eq!(heart.beat(&signs, heart.next()), Beat::Ping);
            signs.heard();
            assert_eq!(heart.beat(&signs, heart.next()), Beat::Fine);
        }
    }

    #[test]
    fn an_answer_that_was_noted_spares_a_beat() {
        let signs = Signs::default();
        let mut heart = Heart::new(INTERVAL, PATIENCE, 0, Instant::now());
        let first = heart.next();
        signs.heard();
        assert!(!heart.answered(&signs), "nothing was asked");
        for round in 0..5 {
            assert_eq!(heart.next(), first + INTERVAL * round);
            assert_eq!(heart.beat(&signs, heart.next()), Beat::Ping);
            assert!(!heart.answered(&signs), "nothing was heard since");
            signs.heard();
            assert!(heart.answered(&signs));
            assert!(!heart.answered(&signs), "it is noted once");
        }
        // Silence from here on is found as ever.
        assert_eq!(heart.next(), first + INTERVAL * 5);
        assert_eq!(heart.beat(&signs, heart.next()), Beat::Ping);
        assert!(!heart.answered(&signs), "what was heard before the question is no answer");
        assert_eq!(heart.next(), first + INTERVAL * 5 + PATIENCE);
        assert_eq!(heart.beat(&signs, heart.next()), Beat::Dead);
    }

    #[test]
    fn an_answer_that_waits_behind_a_command_is_not_missed() {
        let signs = Signs::default();
        let mut heart = Heart::new(INTERVAL, PATIENCE, 0, Instant::now());
        assert_eq!(heart.beat(&signs, heart.next()), Beat::Ping);
        signs.busy(true);
        assert_eq!(heart.beat(&signs, heart.next()), Beat::Fine);
        signs.busy(false);
        assert_eq!(heart.beat(&signs, heart.next()), Beat::Ping);
        assert_eq!(heart.beat(&signs, heart.next()), Beat::Dead);
    }
}
