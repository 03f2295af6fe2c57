//! How often somebody may do something, per key, in bounded memory.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chatter_core::session::Denied;
use governor::clock::{Clock, DefaultClock, Reference as _};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{NotUntil, Quota, RateLimiter};

/// Keys remembered at once. When as many are within their window, new ones are refused.
const KEYS_MAX: usize = 100_000;

/// Counts tries per key and refuses those past the quota.
pub(super) struct Throttle<K: Hash + Eq + Clone, C: Clock = DefaultClock> {
    limiter: RateLimiter<K, DashMapStateStore<K>, C, NoOpMiddleware<C::Instant>>,
    clock: C,
}

impl<K: Hash + Eq + Clone, C: Clock> fmt::Debug for Throttle<K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle").field("keys", &self.limiter.len()).finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Clone, C: Clock> Throttle<K, C> {
    pub(super) fn new(quota: Quota, clock: C) -> Self
    where
        C: Clone,
    {
        Self { limiter: RateLimiter::dashmap_with_clock(quota, clock.clone()), clock }
    }

    /// Counts one try.
    pub(super) fn count(&self, key: &K) -> Result<(), Denied> {
        if self.limiter.len() >= KEYS_MAX {
            self.limiter.retain_recent();
            if self.limiter.len() >= KEYS_MAX {
                return Err(Denied::TooMany { retry_after_ms: 60_000 });
            }
        }
        self.limiter.check_key(key).map_err(|until| too_many(&until, &self.clock))
    }

    /// Forgets keys whose window is over; to be called now and then.
    pub(super) fn sweep(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

fn too_many<C: Clock>(until: &NotUntil<C::Instant>, clock: &C) -> Denied {
    let wait = until.wait_time_from(clock.now());
    // Rounded up, so that who waits as told is let in.
    Denied::TooMany { retry_after_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).saturating_add(1) }
}

/// Counts failures only: tries are free until there were too many failures, then all are refused for a
/// while, right ones too.
pub(super) struct Failures<K: Hash + Eq + Clone, C: Clock = DefaultClock> {
    failures: Throttle<K, C>,
    blocked_until: Mutex<HashMap<K, C::Instant>>,
}

impl<K: Hash + Eq + Clone, C: Clock> fmt::Debug for Failures<K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failures").field("blocked", &self.blocked().len()).finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Clone, C: Clock> Failures<K, C> {
    pub(super) fn new(quota: Quota, clock: C) -> Self
    where
        C: Clone,
    {
        Self { failures: Throttle::new(quota, clock), blocked_until: Mutex::default() }
    }

    /// May there be another try?
    pub(super) fn admit(&self, key: &K) -> Result<(), Denied> {
        let mut blocked = self.blocked();
        let Some(until) = blocked.get(key) else { return Ok(()) };
        let wait_ns = until.duration_since(self.failures.clock.now()).as_u64();
        if wait_ns == 0 {
            blocked.remove(key);
            return Ok(());
        }
        Err(Denied::TooMany { retry_after_ms: wait_ns / 1_000_000 + 1 })
    }

    /// A try failed.
    pub(super) fn count(&self, key: &K) {
        let Err(until) = self.failures.limiter.check_key(key) else { return };
        let mut blocked = self.blocked();
        if blocked.len() < KEYS_MAX {
            blocked.insert(key.clone(), until.earliest_possible());
        }
    }

    /// Forgets what is over; to be called now and then.
    pub(super) fn sweep(&self) {
        self.failures.sweep();
        let now = self.failures.clock.now();
        let mut blocked = self.blocked();
        blocked.retain(|_, until| *until > now);
        blocked.shrink_to_fit();
    }

    /// The map is whole at every unlock, so a panic elsewhere does not spoil it.
    fn blocked(&self) -> MutexGuard<'_, HashMap<K, C::Instant>> {
        self.blocked_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whom an address counts as: an IPv6 address as its /64, which one person commonly has whole.
pub(super) fn address_key(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    const THREE: NonZeroU32 = NonZeroU32::new(3).unwrap();

    fn wait(denied: Result<(), Denied>) -> Duration {
        match denied {
            Err(Denied::TooMany { retry_after_ms }) => Duration::from_millis(retry_after_ms),
            other => panic!("expected TooMany, got {other:?}"),
        }
    }

    #[test]
    fn three_a_minute_per_key_and_who_waits_as_told_is_let_in() {
        let clock = FakeRelativeClock::default();
        let throttle = Throttle::new(Quota::per_minute(THREE), clock.clone());
        for _ in 0..3 {
            assert_eq!(throttle.count(&"a"), Ok(()));
        }
        let told = wait(throttle.count(&"a"));
        assert!(told > Duration::from_secs(19) && told <= Duration::from_millis(20_001), "{told:?}");
        assert_eq!(throttle.count(&"b"), Ok(()));
        clock.advance(told);
        assert_eq!(throttle.count(&"a"), Ok(()));
        wait(throttle.count(&"a"));
        clock.advance(Duration::from_secs(120));
        throttle.sweep();
        assert!(throttle.limiter.is_empty(), "nobody is remembered for ever");
    }

    #[test]
    fn only_failures_count_and_then_everything_waits() {
        let clock = FakeRelativeClock::default();
        let failures = Failures::new(Quota::per_minute(THREE), clock.clone());
        for _ in 0..3 {
            failures.count(&"a");
            assert_eq!(failures.admit(&"a"), Ok(()));
        }
        failures.count(&"a");
        let told = wait(failures.admit(&"a"));
        assert_eq!(failures.admit(&"b"), Ok(()));
        clock.advance(told);
        assert_eq!(failures.admit(&"a"), Ok(()));
        failures.count(&"a");
        failures.count(&"a");
        wait(failures.admit(&"a"));
        clock.advance(Duration::from_secs(600));
        failures.sweep();
        assert!(failures.blocked().is_empty());
    }

    #[test]
    fn addresses_of_one_person_are_one_key() {
        let key = |text: &str| address_key(text.parse().unwrap());
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }
}
