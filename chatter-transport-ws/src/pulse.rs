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

/// What the hearts of a server have in common. They beat in step: each waking of a thread then finds several that are
/// due, which costs less than waking it for each.
#[derive(Debug)]
pub(crate) struct Pulse {
    interval: Duration,
    patience: Duration,
    epoch: Instant,
    step: Duration,
}

impl Pulse {
    /// Of so many steps an interval. Fewer would cost less, and let other people's messages wait longer behind the
    /// questions of one step: at 10,000 connections these are 10, and 40 after all of them came at once.
    const STEPS: u32 = 512;
    /// Timers are no finer.
    const SHORTEST_STEP: Duration = Duration::from_millis(1);

    pub(crate) fn new(interval: Duration, patience: Duration, epoch: Instant) -> Self {
        Self { interval, patience, epoch, step: (interval / Self::STEPS).max(Self::SHORTEST_STEP) }
    }

    /// The last step that is not after this.
    fn step_before(&self, wanted: Instant) -> Instant {
        let beyond = wanted.saturating_duration_since(self.epoch).as_nanos() % self.step.as_nanos();
        wanted - Duration::from_nanos(u64::try_from(beyond).expect("a step is shorter than 500 years"))
    }
}

/// When to ask one peer, and when to give up.
///
/// A peer to which something was sent since the last question is asked an interval after that question, or with what is
/// sent if that comes later. One on which nothing happens is asked after two intervals.
#[derive(Debug)]
pub(crate) struct Heart<'a> {
    pulse: &'a Pulse,
    /// When it was asked last, or came.
    since: Instant,
    /// No answer was heard yet.
    asked: bool,
    /// Something was sent since.
    told: bool,
    next: Instant,
}

/// What is due at a beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beat {
    Ping,
    Fine,
    Dead,
}

impl<'a> Heart<'a> {
    /// The first question comes between half an interval and a whole one, by the connection's number, so
    /// that a crowd that came at once is not asked at once.
    pub(crate) fn new(pulse: &'a Pulse, number: u64, now: Instant) -> Self {
        let spread = u64::from(Pulse::STEPS / 2);
        let early = u32::try_from(number % spread).expect("below the modulus");
        let next = pulse.step_before(now + pulse.interval - pulse.interval / Pulse::STEPS * early);
        Self { pulse, since: now, asked: false, told: true, next }
    }

    /// When [`beat`](Self::beat) is due.
    pub(crate) const fn next(&self) -> Instant {
        self.next
    }

    /// Takes note that something is sent to the peer; true if [`next`](Self::next) changed by it.
    pub(crate) fn tells(&mut self) -> bool {
        let sooner = !self.told && !self.asked;
        self.told = true;
        if sooner {
            self.next = self.question();
        }
        sooner
    }

    /// Takes note of an answer as soon as one was heard, so that nobody has to be woken to find it there in time; true if
    /// [`next`](Self::next) changed by it.
    pub(crate) fn answered(&mut self, signs: &Signs) -> bool {
        let answered = self.asked && signs.heard.load(Ordering::Relaxed);
        if answered {
            self.asked = false;
            self.next = self.question();
        }
        answered
    }

    pub(crate) fn beat(&mut self, signs: &Signs, now: Instant) -> Beat {
        if !self.asked {
            signs.heard.store(false, Ordering::Relaxed);
            (self.since, self.asked, self.told) = (now, true, false);
            self.next = now + self.pulse.patience;
            return Beat::Ping;
        }
        if !signs.heard.load(Ordering::Relaxed) && !signs.busy.load(Ordering::Relaxed) {
            return Beat::Dead;
        }
        self.asked = false;
        self.next = self.question();
        Beat::Fine
    }

    /// When it is to be asked again.
    fn question(&self) -> Instant {
        let intervals = if self.told { 1 } else { 2 };
        self.pulse.step_before(self.since + self.pulse.interval * intervals)
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
