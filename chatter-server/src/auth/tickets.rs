//! Tickets: good for one connection within 30 seconds, so that what opens a WebSocket from a page may
//! stand in an address without being worth stealing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chatter_core::Principal;

use crate::secret::{hex, random};

/// How long a ticket is good.
pub(crate) const TICKET_LIFETIME: Duration = Duration::from_secs(30);
const TICKETS_MAX: usize = 100_000;

/// Tickets that were given out and not used.
#[derive(Default)]
pub(super) struct Tickets {
    open: Mutex<HashMap<String, (Principal, Instant)>>,
}

/// Shows how many there are, never which.
impl std::fmt::Debug for Tickets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tickets").finish_non_exhaustive()
    }
}

/// What asking for a ticket comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// A ticket for whoever the token names.
    Ticket(String),
    /// The token is not good.
    Unauthorized,
    /// Too many tickets wait for their use.
    Full,
}

impl Tickets {
    /// A ticket for someone.
    pub(super) fn give(&self, principal: Principal, now: Instant) -> Exchange {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= TICKETS_MAX {
            open.retain(|_, (_, until)| *until > now);
            if open.len() >= TICKETS_MAX {
                return Exchange::Full;
            }
        }
        let ticket = hex(&random::<24>());
        open.insert(ticket.clone(), (principal, now + TICKET_LIFETIME));
        Exchange::Ticket(ticket)
    }

    /// Whose ticket it is; it is used up by asking.
    pub(super) fn take(&self, ticket: &str, now: Instant) -> Option<Principal> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(ticket).filter(|(_, until)| *until > now).map(|(principal, _)| principal)
    }

    /// Forgets tickets that nobody used; to be called now and then.
    pub(super) fn sweep(&self, now: Instant) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, (_, until)| *until > now);
        open.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use chatter_core::AgentId;

    use super::*;

    fn given(tickets: &Tickets, now: Instant) -> String {
        let Exchange::Ticket(ticket) = tickets.give(Principal::agent(AgentId(1)), now) else { panic!("no ticket") };
        ticket
    }

    #[test]
    fn a_ticket_is_good_once_and_for_half_a_minute() {
        let (tickets, now) = (Tickets::default(), Instant::now());
        let ticket = given(&tickets, now);
        assert_eq!(tickets.take(&ticket, now), Some(Principal::agent(AgentId(1))));
        assert_eq!(tickets.take(&ticket, now), None, "used");
        let ticket = given(&tickets, now);
        assert_eq!(tickets.take(&ticket, now + TICKET_LIFETIME), None, "too late");
        assert_eq!(tickets.take("", now), None);
    }

    #[test]
    fn tickets_are_bounded_and_forgotten() {
        let (tickets, now) = (Tickets::default(), Instant::now());
        for _ in 0..TICKETS_MAX {
            given(&tickets, now);
        }
        assert_eq!(tickets.give(Principal::agent(AgentId(1)), now), Exchange::Full);
        given(&tickets, now + TICKET_LIFETIME);
        tickets.sweep(now + TICKET_LIFETIME * 2);
        assert!(tickets.open.lock().unwrap().is_empty());
    }
}
