//! When messages of an open loop are meant to be sent: fixed beforehand, whatever becomes of the earlier ones. A
//! latency counts from there, so a server that stalls is charged for all that should have been sent meanwhile
//! (no coordinated omission).

use tokio::sync::mpsc::UnboundedSender;

/// The least the pace-maker sleeps, in microseconds: a wake-up costs more than a message.
const NAP_MICROS: u64 = 250;

/// Evenly spaced sends, one sender after the other.
#[derive(Debug)]
pub(crate) struct Pace {
    /// The first send, in microseconds of the run.
    pub(crate) start: u64,
    /// Messages a second, of all together.
    pub(crate) rate: u64,
    /// How many in all.
    pub(crate) count: u64,
    pub(crate) orders: Vec<UnboundedSender<u64>>,
}

/// A clock in microseconds that can be waited for.
pub(crate) trait Clock {
    fn now(&self) -> u64;
    fn sleep_until(&self, micros: u64);
}

impl Pace {
    /// When the message of that number, from 0, is meant to be sent.
    fn due(&self, number: u64) -> u64 {
        let micros = u128::from(number) * 1_000_000 / u128::from(self.rate.max(1));
        self.start.saturating_add(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// Gives every order at its time. Late ones are given at once, under the time they were meant for.
    pub(crate) fn keep(&self, clock: &impl Clock) {
        let mut number = 0;
        while number < self.count {
            let now = clock.now();
            while number < self.count && self.due(number) <= now {
                let sender = usize::try_from(number % self.orders.len().max(1) as u64).expect("below a length");
                // One whose connection has ended takes no orders; that is counted there.
                let _ = self.orders[sender].send(self.due(number));
                number += 1;
            }
            if number < self.count {
                clock.sleep_until(self.due(number).max(now + NAP_MICROS));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::sync::mpsc;

    use super::*;

    /// Time that passes by sleeping alone; one sleep takes far longer than asked.
    struct Stalled {
        now: Cell<u64>,
        stall: Cell<Option<(u64, u64)>>,
    }

    impl Clock for Stalled {
        fn now(&self) -> u64 {
            self.now.get()
        }

        fn sleep_until(&self, micros: u64) {
            let late = self.stall.get().filter(|(at, _)| micros >= *at).map(|(_, length)| length);
            if late.is_some() {
                self.stall.set(None);
            }
            self.now.set(micros + late.unwrap_or(0));
        }
    }

    #[test]
    fn every_order_carries_the_time_it_was_meant_for_even_after_a_stall() {
        let (sender, mut orders) = mpsc::unbounded_channel();
        let pace = Pace { start: 1_000, rate: 1_000, count: 500, orders: vec![sender] };
        let clock = Stalled { now: Cell::new(0), stall: Cell::new(Some((100_000, 200_000))) };
        pace.keep(&clock);
        let given: Vec<u64> = std::iter::from_fn(|| orders.try_recv().ok()).collect();
        let meant: Vec<u64> = (0..500).map(|number| 1_000 + number * 1_000).collect();
        assert_eq!(given, meant, "none is left out or moved");
        assert_eq!(clock.stall.get(), None, "the stall happened");
    }

    #[test]
    fn senders_take_turns() {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..3).map(|_| mpsc::unbounded_channel()).unzip();
        let pace = Pace { start: 0, rate: 3_000_000, count: 7, orders: senders };
        pace.keep(&Stalled { now: Cell::new(0), stall: Cell::new(None) });
        let counts: Vec<usize> = receivers.into_iter().map(|receiver| receiver.len()).collect();
        assert_eq!(counts, [3, 2, 2]);
    }
}
