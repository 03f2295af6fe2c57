//! The heartbeat: finds a peer that has gone without a word.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// What the reading side notes for the heart. Atomic only because futures must be `Send`: both sides are
/// one task.
#[derive(Debug, Default)]
pub(crate) struct Signs {
    heard: AtomicBool,
    answered: AtomicBool,
    busy: AtomicBool,
}

impl Signs {
    /// A frame came, of whatever kind.
    pub(crate) fn heard(&self) {
        self.heard.store(true, Ordering::Relaxed);
    }

    /// A pong came.
    pub(crate) fn answered(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    fn forget(&self) {
        self.heard.store(false, Ordering::Relaxed);
        self.answered.store(false, Ordering::Relaxed);
    }

    /// Nobody reads the socket now: a command waits its turn, and the peer's answer may wait behind it.
    pub(crate) fn busy(&self, busy: bool) {
        self.busy.store(busy, Ordering::Relaxed);
    }
}

/// What the hearts of a server have in common. All beat in step: each waking of a thread then finds several that are due,
/// which costs less than waking it for each.
#[derive(Debug)]
pub(crate) struct Pulse {
    interval: Duration,
    patience: Duration,
    epoch: Instant,
    step: Duration,
}

impl Pulse {
    /// Of so many steps an interval. Fewer would hardly cost less, and let other people's messages wait longer behind the
    /// questions of one step: of 10,000 quiet connections 10 are asked in a step, and 20 if all of them came at once.
    const STEPS: u32 = 512;
    /// Timers are no finer.
    const SHORTEST_STEP: Duration = Duration::from_millis(1);
    /// As good as never, and far from what a clock can tell.
    const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

    pub(crate) fn new(interval: Duration, patience: Duration, epoch: Instant) -> Self {
        let (interval, patience) = (interval.min(Self::LONGEST), patience.min(Self::LONGEST));
        let step = (interval / Self::STEPS).max(Self::SHORTEST_STEP);
        Self { interval: (interval - rest(interval, step)).max(step), patience, epoch, step }
    }

    /// The last step that is not after this.
    fn step_before(&self, wanted: Instant) -> Instant {
        wanted - rest(wanted.saturating_duration_since(self.epoch), self.step)
    }
}

/// What is left of a time after whole parts of it.
fn rest(time: Duration, part: Duration) -> Duration {
    let rest = time.as_nanos() % part.as_nanos();
    Duration::from_nanos(u64::try_from(rest).expect("less than a part, which is a year at most"))
}

/// When to ask one peer, and when to give up.
///
/// A heart beats once an interval. A peer is asked at a beat if something was sent to it since it was asked last, or if it
/// did not answer that with a pong, and else at every second one: another frame may have been under way when it was asked,
/// so it saves the peer's life and earns no pause. It is not asked as soon as something is sent: what is sent to many would then come with as many
/// questions, and have their hearts beat as one.
#[derive(Debug)]
pub(crate) struct Heart<'a> {
    pulse: &'a Pulse,
    /// The beat at which it was asked last.
    last: Instant,
    /// It has not answered yet.
    asked: bool,
    /// Something was sent to it since.
    told: bool,
    next: Instant,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beat {
    Ping,
    Fine,
    Dead,
}

impl<'a> Heart<'a> {
    /// The first beat comes within an interval, by the connection's number, so that a crowd that came at once is not asked
    /// at once.
    pub(crate) fn new(pulse: &'a Pulse, number: u64, now: Instant) -> Self {
        let early = u32::try_from(number % u64::from(Pulse::STEPS)).expect("below the modulus");
        let next = pulse.step_before(now + pulse.interval - pulse.interval / Pulse::STEPS * early);
        Self { pulse, last: now, asked: false, told: true, next }
    }

    /// When [`beat`](Self::beat) is due.
    pub(crate) const fn next(&self) -> Instant {
        self.next
    }

    /// Takes note that something is sent to the peer; true if [`next`](Self::next) changed by it. Looks at the clock once
    /// between two questions.
    pub(crate) fn tells(&mut self, now: impl FnOnce() -> Instant) -> bool {
        let first = !std::mem::replace(&mut self.told, true);
        if !first || self.asked {
            return false;
        }
        let question = self.question(false);
        // Once it is past, the next beat is the next question anyhow.
        let sooner = question > now();
        if sooner {
            self.next = question;
        }
        sooner
    }

    /// Takes note of an answer as soon as one was heard, so that nobody has to be woken to find it there in time; true if
    /// [`next`](Self::next) changed by it.
    pub(crate) fn answered(&mut self, signs: &Signs) -> bool {
        let answered = self.asked && signs.heard.load(Ordering::Relaxed);
        if answered {
            self.lives(signs);
        }
        answered
    }

    pub(crate) fn beat(&mut self, signs: &Signs, now: Instant) -> Beat {
        if !self.asked {
            signs.forget();
            // Beats that were missed are left out.
            self.last = now - rest(now.saturating_duration_since(self.next), self.pulse.interval);
            (self.asked, self.told) = (true, false);
            self.next = now + self.pulse.patience;
            return Beat::Ping;
        }
        if !signs.heard.load(Ordering::Relaxed) && !signs.busy.load(Ordering::Relaxed) {
            return Beat::Dead;
        }
        self.lives(signs);
        Beat::Fine
    }

    fn lives(&mut self, signs: &Signs) {
        self.asked = false;
        self.next = self.question(!self.told && signs.answered.load(Ordering::Relaxed));
    }

    /// The beat at which it is to be asked again.
    fn question(&self, quiet: bool) -> Instant {
        let beats = if quiet { 2 } else { 1 };
        self.last + self.pulse.interval * beats
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(25);
    const PATIENCE: Duration = Duration::from_secs(10);
    const MILLI: Duration = Duration::from_millis(1);

    /// A server that began a while ago.
    fn pulse() -> Pulse {
        Pulse::new(INTERVAL, PATIENCE, Instant::now())
    }

    fn came(pulse: &Pulse) -> Instant {
        pulse.epoch + Duration::from_micros(1_234_567_891)
    }

    /// Asks when it is due and hears the answer at once; tells when it asked.
    fn ask(heart: &mut Heart<'_>, signs: &Signs) -> Instant {
        let due = heart.next();
        ask_at(due, heart, signs)
    }

    fn ask_at(at: Instant, heart: &mut Heart<'_>, signs: &Signs) -> Instant {
        assert_eq!(heart.beat(signs, at), Beat::Ping);
        pong(signs);
        assert!(heart.answered(signs));
        at
    }

    fn pong(signs: &Signs) {
        signs.heard();
        signs.answered();
    }

    /// How long it takes to find that nobody answers any more.
    fn found(heart: &mut Heart<'_>, signs: &Signs, since: Instant) -> Duration {
        assert_eq!(heart.beat(signs, heart.next()), Beat::Ping);
        assert!(!heart.answered(signs), "what was heard before the question is no answer");
        assert_eq!(heart.beat(signs, heart.next()), Beat::Dead);
        heart.next() - since
    }

    #[test]
    fn a_peer_that_never_answers_is_found_within_interval_and_patience() {
        let (pulse, signs) = (pulse(), Signs::default());
        for number in [0, 1, 511, 512, 1_023, u64::MAX] {
            let start = came(&pulse);
            let mut heart = Heart::new(&pulse, number, start);
            assert!(heart.next() >= start);
            assert!(found(&mut heart, &signs, start) <= INTERVAL + PATIENCE);
        }
    }

    #[test]
    fn a_quiet_peer_is_asked_every_second_interval_and_its_silence_found_within_two_and_patience() {
        let (pulse, signs) = (pulse(), Signs::default());
        let mut heart = Heart::new(&pulse, 0, came(&pulse));
        let mut last = ask(&mut heart, &signs);
        for _ in 0..5 {
            assert_eq!(heart.next() - last, INTERVAL * 2);
            last = ask(&mut heart, &signs);
        }
        let found = found(&mut heart, &signs, last);
        assert_eq!(found, INTERVAL * 2 + PATIENCE);
    }

    #[test]
    fn a_peer_with_traffic_is_asked_once_an_interval_and_its_silence_found_within_one_and_patience() {
        let (pulse, signs) = (pulse(), Signs::default());
        let mut heart = Heart::new(&pulse, 0, came(&pulse));
        let mut last = ask(&mut heart, &signs);
        for _ in 0..5 {
            assert!(heart.tells(|| last + PATIENCE), "the question comes sooner");
            assert!(!heart.tells(|| panic!("one look is enough")), "it is noted once");
            assert_eq!(heart.next() - last, INTERVAL);
            last = ask(&mut heart, &signs);
        }
        heart.tells(|| last + INTERVAL - MILLI);
        assert_eq!(found(&mut heart, &signs, last), INTERVAL + PATIENCE);
    }

    #[test]
    fn what_is_sent_while_an_answer_is_awaited_counts() {
        let (pulse, signs) = (pulse(), Signs::default());
        let mut heart = Heart::new(&pulse, 0, came(&pulse));
        let asked = heart.next();
        assert_eq!(heart.beat(&signs, asked), Beat::Ping);
        assert!(!heart.tells(|| asked + MILLI), "its patience ends when it would have");
        assert_eq!(heart.next(), asked + PATIENCE);
        signs.heard();
        assert!(heart.answered(&signs));
        assert_eq!(heart.next(), asked + INTERVAL);
    }

    #[test]
    fn a_peer_that_was_quiet_for_long_is_found_within_interval_and_patience_of_what_is_sent() {
        let (pulse, signs) = (pulse(), Signs::default());
        for quiet in [INTERVAL, INTERVAL + MILLI, INTERVAL * 2 - MILLI] {
            let mut heart = Heart::new(&pulse, 0, came(&pulse));
            let told = ask(&mut heart, &signs) + quiet;
            assert!(!heart.tells(|| told), "the next beat is the next question");
            assert!(heart.next() > told);
            assert!(found(&mut heart, &signs, told) <= INTERVAL + PATIENCE);
        }
    }

    #[test]
    fn what_is_sent_to_many_does_not_make_their_hearts_beat_as_one() {
        let (pulse, signs) = (pulse(), Signs::default());
        let told = came(&pulse) + INTERVAL * 4;
        let mut beats = std::collections::HashSet::new();
        for number in 0..512 {
            let mut heart = Heart::new(&pulse, number, came(&pulse));
            while heart.next() < told {
                ask(&mut heart, &signs);
            }
            heart.tells(|| told);
            assert!(heart.next() <= told + INTERVAL);
            let due = heart.next().max(told);
            beats.insert(ask_at(due, &mut heart, &signs));
            beats.insert(heart.next());
        }
        assert_eq!(beats.len(), 1_024);
    }

    #[test]
    fn an_answer_that_was_noted_spares_a_beat() {
        let (pulse, signs) = (pulse(), Signs::default());
        let mut heart = Heart::new(&pulse, 0, came(&pulse));
        signs.heard();
        assert!(!heart.answered(&signs), "nothing was asked");
        assert_eq!(heart.beat(&signs, heart.next()), Beat::Ping);
        assert!(!heart.answered(&signs), "nothing was heard since");
        signs.heard();
        assert!(heart.answered(&signs));
        assert!(!heart.answered(&signs), "it is noted once");
    }

    #[test]
    fn an_answer_that_waits_behind_a_command_is_not_missed() {
        let (pulse, signs) = (pulse(), Signs::default());
        let mut heart = Heart::new(&pulse, 0, came(&pulse));
        let asked = heart.next();
        assert_eq!(heart.beat(&signs, asked), Beat::Ping);
        signs.busy(true);
        assert_eq!(heart.beat(&signs, heart.next()), Beat::Fine);
        signs.busy(false);
        assert_eq!(heart.next(), asked + INTERVAL, "it has not answered yet");
        found(&mut heart, &signs, asked);
    }

    #[test]
    fn a_frame_that_was_under_way_is_a_sign_of_life_and_no_answer() {
        let (pulse, signs) = (pulse(), Signs::default());
        let mut heart = Heart::new(&pulse, 0, came(&pulse));
        ask(&mut heart, &signs);
        let asked = heart.next();
        assert_eq!(heart.beat(&signs, asked), Beat::Ping);
        signs.heard();
        assert!(heart.answered(&signs));
        assert_eq!(found(&mut heart, &signs, asked), INTERVAL + PATIENCE);
    }

    #[test]
    fn intervals_without_end_are_no_fault() {
        let pulse = Pulse::new(Duration::MAX, Duration::MAX, Instant::now());
        let signs = Signs::default();
        let mut heart = Heart::new(&pulse, u64::MAX, pulse.epoch);
        let first = ask(&mut heart, &signs);
        assert!(heart.next() > first);
    }

    #[test]
    fn late_beats_come_back_into_step_and_nobody_sees_a_longer_silence() {
        let (pulse, signs) = (pulse(), Signs::default());
        for late in [MILLI, INTERVAL - MILLI, INTERVAL, Duration::from_secs(301)] {
            let mut heart = Heart::new(&pulse, 77, came(&pulse));
            let due = heart.next();
            let asked = due + late;
            assert_eq!(heart.beat(&signs, asked), Beat::Ping);
            assert_eq!(heart.next(), asked + PATIENCE);
            pong(&signs);
            assert!(heart.answered(&signs));
            let wait = heart.next() - asked;
            assert!(wait > INTERVAL && wait <= INTERVAL * 2, "{wait:?}");
            assert_eq!(rest(heart.next() - due, INTERVAL), Duration::ZERO, "its own beat");
            // An answer that comes late has no part in it.
            let before = heart.next();
            assert_eq!(heart.beat(&signs, before), Beat::Ping);
            pong(&signs);
            assert_eq!(heart.beat(&signs, before + PATIENCE * 2), Beat::Fine);
            assert_eq!(heart.next(), before + INTERVAL * 2);
        }
    }

    #[test]
    fn all_beat_in_step_and_a_crowd_in_equal_parts() {
        let (pulse, signs) = (pulse(), Signs::default());
        let steps = u64::from(Pulse::STEPS);
        let mut beats = std::collections::HashMap::<Instant, u32>::new();
        for number in 0..steps * 5 {
            // All come within one step.
            let start = came(&pulse) + pulse.step / 1_000 * u32::try_from(number % 100).unwrap();
            let mut heart = Heart::new(&pulse, number, start);
            // A timer is late by up to a millisecond.
            let asked = heart.next() + MILLI;
            assert_eq!(heart.beat(&signs, asked), Beat::Ping);
            signs.heard();
            assert!(heart.answered(&signs));
            *beats.entry(heart.next()).or_default() += 1;
        }
        assert!(beats.len() as u64 >= steps, "{} moments", beats.len());
        assert!(beats.values().all(|&together| together <= 10), "{beats:?}");
    }

    #[test]
    fn short_intervals_beat_too() {
        let signs = Signs::default();
        for interval in [Duration::ZERO, MILLI / 2, MILLI, MILLI * 3, MILLI * 60, MILLI * 1_600] {
            let pulse = Pulse::new(interval, interval / 2, Instant::now());
            let interval = interval.max(MILLI);
            for number in [0, 100, 511] {
                let start = pulse.epoch + Duration::from_secs(7);
                let mut heart = Heart::new(&pulse, number, start);
                assert!(heart.next() + MILLI >= start && heart.next() <= start + interval);
                let last = ask(&mut heart, &signs);
                assert!(heart.next() > last && heart.next() <= last + interval * 2);
            }
        }
    }
}
