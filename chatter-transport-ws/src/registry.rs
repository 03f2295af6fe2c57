//! Who is connected now. Guards of the maps live for single statements: none is held over an await, and
//! nothing calls back into a map from inside an iteration.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use chatter_core::protocol::Role;
use chatter_core::{CloseReason, Principal, SessionId};
use dashmap::DashMap;
use tokio::sync::Notify;

/// One connection to this server, numbered from 1 in the order of coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a number with a name, for ever")]
pub struct ConnectionId(pub u64);

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A connection that is open now.
#[derive(Debug)]
pub struct LiveSession {
    id: ConnectionId,
    peer: IpAddr,
    since: Instant,
    entered: OnceLock<(Role, SessionId, Principal)>,
    ending: OnceLock<CloseReason>,
    told: Notify,
}

impl LiveSession {
    /// Its number.
    #[must_use]
    pub const fn id(&self) -> ConnectionId {
        self.id
    }

    /// Where it comes from.
    #[must_use]
    pub const fn peer(&self) -> IpAddr {
        self.peer
    }

    /// Since when.
    #[must_use]
    pub const fn since(&self) -> Instant {
        self.since
    }

    /// Whether it is a customer's or an agent's; `None` before its `hello` was accepted.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.entered.get().map(|(role, ..)| *role)
    }

    /// The session that the engine knows it by; `None` before its `hello` was accepted.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        self.entered.get().map(|(_, session, _)| *session)
    }

    /// Who it is; `None` before its `hello` was accepted.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        self.entered.get().map(|(.., principal)| principal)
    }

    /// Ends it for this reason: what was on its way still arrives. Only the first call counts.
    pub fn close(&self, reason: CloseReason) {
        if self.ending.set(reason).is_ok() {
            self.told.notify_one();
        }
    }

    pub(crate) fn enter(&self, role: Role, session: SessionId, principal: Principal) {
        self.entered.set((role, session, principal)).expect("a connection enters once");
    }

    /// Waits until it is to end. Cancel-safe; for the one task of the connection.
    pub(crate) async fn ended(&self) -> CloseReason {
        loop {
            if let Some(reason) = self.ending.get() {
                return *reason;
            }
            // A permit is stored when `close` comes between the look above and here.
            self.told.notified().await;
        }
    }
}

/// Why a connection has no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoSeat {
    Server,
    Address,
}

#[derive(Debug, Default)]
pub(crate) struct Registry {
    live: DashMap<ConnectionId, Arc<LiveSession>>,
    addresses: DashMap<IpAddr, usize>,
    seats: AtomicUsize,
    last: AtomicU64,
}

impl Registry {
    /// Takes a place for a connection from this peer, while there is one.
    pub(crate) fn seat(self: &Arc<Self>, peer: IpAddr, max: usize, per_address: usize) -> Result<Seat, NoSeat> {
        let taken = self.seats.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| (n < max).then_some(n + 1));
        if taken.is_err() {
            return Err(NoSeat::Server);
        }
        if !self.take_address(site(peer), per_address) {
            self.seats.fetch_sub(1, Ordering::Relaxed);
            return Err(NoSeat::Address);
        }
        let id = ConnectionId(self.last.fetch_add(1, Ordering::Relaxed) + 1);
        let live = Arc::new(LiveSession {
            id,
            peer,
            since: Instant::now(),
            entered: OnceLock::new(),
            ending: OnceLock::new(),
            told: Notify::new(),
        });
        self.live.insert(id, Arc::clone(&live));
        Ok(Seat { registry: Arc::clone(self), live })
    }

    pub(crate) fn count(&self) -> usize {
        self.seats.load(Ordering::Relaxed)
    }

    /// Ends every connection that is chosen and tells how many.
    pub(crate) fn close(&self, reason: CloseReason, mut chosen: impl FnMut(&LiveSession) -> bool) -> usize {
        // Collected first, so that what the caller does inside `chosen` cannot meet a guard of ours.
        let all: Vec<Arc<LiveSession>> = self.live.iter().map(|entry| Arc::clone(entry.value())).collect();
        all.iter().filter(|live| chosen(live)).map(|live| live.close(reason)).count()
    }

    fn take_address(&self, address: IpAddr, max: usize) -> bool {
        let mut count = self.addresses.entry(address).or_insert(0);
        if *count < max {
            *count += 1;
            return true;
        }
        let unused = *count == 0;
        drop(count);
        if unused {
            self.addresses.remove_if(&address, |_, count| *count == 0);
        }
        false
    }
}

/// The place of one connection; dropping it frees the place.
#[derive(Debug)]
pub(crate) struct Seat {
    registry: Arc<Registry>,
    live: Arc<LiveSession>,
}

impl Seat {
    pub(crate) fn live(&self) -> &LiveSession {
        &self.live
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.registry.live.remove(&self.live.id);
        self.registry.addresses.remove_if_mut(&site(self.live.peer), |_, count| {
            *count -= 1;
            *count == 0
        });
        self.registry.seats.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What counts as one address: whoever has an IPv6 address has its whole /64.
fn site(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn places_are_bounded_and_come_back() {
        let registry = Arc::new(Registry::default());
        let first = registry.seat(address("10.0.0.1"), 2, 1).expect("room");
        assert_eq!(registry.seat(address("10.0.0.1"), 2, 1).expect_err("address"), NoSeat::Address);
        assert_eq!(registry.seat(address("::ffff:10.0.0.1"), 2, 1).expect_err("the same"), NoSeat::Address);
        let second = registry.seat(address("10.0.0.2"), 2, 1).expect("room");
        assert_eq!(registry.seat(address("10.0.0.3"), 2, 1).expect_err("server"), NoSeat::Server);
        assert_eq!(registry.count(), 2);
        drop(first);
        let third = registry.seat(address("10.0.0.1"), 2, 1).expect("room again");
        drop((second, third));
        assert_eq!(registry.count(), 0);
        assert!(registry.live.is_empty() && registry.addresses.is_empty());
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let registry = Arc::new(Registry::default());
        let _first = registry.seat(address("2001:db8::1"), 9, 1).expect("room");
        assert_eq!(registry.seat(address("2001:db8::2"), 9, 1).expect_err("same /64"), NoSeat::Address);
        let _other = registry.seat(address("2001:db8:0:1::1"), 9, 1).expect("another /64");
    }

    #[test]
    fn a_limit_of_none_leaves_nothing_behind() {
        let registry = Arc::new(Registry::default());
        assert_eq!(registry.seat(address("10.0.0.1"), 9, 0).expect_err("none"), NoSeat::Address);
        assert!(registry.addresses.is_empty());
        assert_eq!(registry.count(), 0);
    }

    #[test]
    fn closing_chooses() {
        let registry = Arc::new(Registry::default());
        let first = registry.seat(address("10.0.0.1"), 9, 9).expect("room");
        let second = registry.seat(address("10.0.0.2"), 9, 9).expect("room");
        let told = registry.close(CloseReason::Revoked, |live| live.peer() == address("10.0.0.2"));
        assert_eq!(told, 1);
        second.live().close(CloseReason::Restarting);
        assert_eq!(first.live().ending.get(), None);
        assert_eq!(second.live().ending.get(), Some(&CloseReason::Revoked), "only the first counts");
    }
}
