//! How an agent's chats share their effort: processor sharing with a table of speeds.
//!
//! All chats of one agent go at one speed, so that one number tells how far each has got: the work that a chat would
//! have got which had been there from the start. A chat is done when that number has grown by its work. The number is
//! fixed point with 32 bits below a microsecond, and a speed is rounded once: everything after that is exact.

use crate::lab::record::Micros;

/// Bits below one microsecond of work.
const POINT: u32 = 32;

/// What one agent works on.
#[derive(Debug)]
pub(super) struct Bench {
    /// At index `k` the speed of each of `k` chats.
    speeds: Vec<u64>,
    /// At index `k` the speed of `k` chats together.
    together: Vec<u64>,
    /// Work that each chat has got which has been there from the start.
    got: u128,
    since: Micros,
    /// The chats, with the mark at which each is done.
    chats: Vec<(u128, u64)>,
    /// How often the number of chats has changed.
    pub(super) turn: u32,
}

impl Bench {
    /// An agent with nothing to do. `speeds`: at index `k` that of `k + 1` chats together.
    pub(super) fn new(speeds: &[f64]) -> Self {
        let fixed = |speed: f64| libm::round(speed * (1_u64 << POINT) as f64) as u64;
        let each = speeds.iter().enumerate().map(|(index, speed)| fixed(speed / (index + 1) as f64).max(1));
        Self {
            speeds: std::iter::once(0).chain(each).collect(),
            together: std::iter::once(0).chain(speeds.iter().map(|speed| fixed(*speed))).collect(),
            got: 0,
            since: 0,
            chats: Vec::new(),
            turn: 0,
        }
    }

    /// Takes a chat up.
    pub(super) fn begin(&mut self, now: Micros, chat: u64, work: Micros) {
        self.go_on(now);
        self.chats.push((self.got + (u128::from(work) << POINT), chat));
        self.turn = self.turn.wrapping_add(1);
    }

    /// Lays a chat down, done or not; the work that is left, in microseconds rounded up. None if it is not there.
    pub(super) fn stop(&mut self, now: Micros, chat: u64) -> Option<Micros> {
        self.go_on(now);
        let index = self.chats.iter().position(|(_, it)| *it == chat)?;
        let (mark, _) = self.chats.swap_remove(index);
        self.turn = self.turn.wrapping_add(1);
        let left = mark.saturating_sub(self.got).div_ceil(1 << POINT);
        Some(Micros::try_from(left).unwrap_or(Micros::MAX))
    }

    /// The chat that is done at this time.
    pub(super) fn done(&mut self, now: Micros) -> Option<u64> {
        self.go_on(now);
        let (mark, chat) = self.chats.iter().min()?;
        (*mark <= self.got).then_some(*chat)
    }

    /// When the first chat is done, if their number stays.
    pub(super) fn next(&self) -> Option<Micros> {
        let (mark, _) = self.chats.iter().min()?;
        let left = mark.saturating_sub(self.got);
        let speed = self.speed();
        // 64 bits hold 71 minutes of work, and divide many times faster than 128.
        let wait = match u64::try_from(left) {
            Ok(left) => left.div_ceil(speed),
            Err(_) => Micros::try_from(left.div_ceil(u128::from(speed))).unwrap_or(Micros::MAX),
        };
        Some(self.since.saturating_add(wait))
    }

    /// How fast all chats go together, in work per microsecond with [`POINT`] bits below the point.
    pub(super) fn rate(&self) -> u64 {
        let last = self.together.len() - 1;
        self.together[self.chats.len().min(last)]
    }

    fn speed(&self) -> u64 {
        // Past the limit of their chats (a parked customer comes back) all share the speed of the limit.
        match self.speeds.get(self.chats.len()) {
            Some(speed) => *speed,
            None => (self.rate() / self.chats.len() as u64).max(1),
        }
    }

    fn go_on(&mut self, now: Micros) {
        if self.chats.is_empty() {
            self.got = 0;
        } else {
            self.got += u128::from(now - self.since) * u128::from(self.speed());
        }
        self.since = now;
    }
}

/// Whole microseconds of work out of a sum of time × [`Bench::rate`].
pub(super) fn whole(work: u128) -> Micros {
    Micros::try_from(work >> POINT).unwrap_or(Micros::MAX)
}

#[cfg(test)]
mod tests {
    use super::Bench;

    #[test]
    fn alone_a_chat_takes_its_work() {
        let mut bench = Bench::new(&[1.0]);
        bench.begin(10, 1, 500);
        assert_eq!(bench.next(), Some(510));
        assert_eq!(bench.done(509), None);
        assert_eq!(bench.done(510), Some(1));
        assert_eq!(bench.stop(510, 1), Some(0));
        assert_eq!(bench.next(), None);
    }

    /// Two chats at 1.6 together: each goes at 0.8 while both are there.
    #[test]
    fn chats_share_the_speed_of_their_number() {
        let mut bench = Bench::new(&[1.0, 1.6]);
        bench.begin(0, 1, 1_000);
        bench.begin(500, 2, 1_000);
        // 500 are left of the first, at 0.8: 625 more.
        assert_eq!(bench.next(), Some(1_125));
        assert_eq!(bench.done(1_125), Some(1));
        bench.stop(1_125, 1);
        // The second got 500 and goes on alone.
        assert_eq!(bench.next(), Some(1_625));
        // Laid down half way, it knows what is left (rounding is always up).
        assert_eq!(bench.stop(1_325, 2), Some(300));
    }

    #[test]
    fn independent_chats_do_not_slow_each_other() {
        let mut bench = Bench::new(&[1.0, 2.0, 3.0]);
        for chat in 0..3 {
            bench.begin(chat * 10, chat, 1_000);
        }
        for chat in 0..3 {
            let at = bench.next().expect("chats are left");
            assert_eq!(at, 1_000 + chat * 10);
            assert_eq!(bench.done(at), Some(chat));
            bench.stop(at, chat);
        }
    }

    #[test]
    fn past_the_table_the_last_speed_is_shared() {
        let mut bench = Bench::new(&[1.0, 1.0]);
        for chat in 0..4 {
            bench.begin(0, chat, 100);
        }
        assert_eq!(bench.next(), Some(400));
    }
}
