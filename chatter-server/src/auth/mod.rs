//! Who may come in: tokens, passwords, tickets and their limits, behind the core's gatekeeper.

mod accounts;
mod gate;
#[cfg(test)]
mod gate_tests;
mod throttle;
mod tickets;
mod token;
#[cfg(test)]
mod token_tests;

pub(crate) use accounts::Accounts;
pub(crate) use gate::Gate;
pub(crate) use tickets::{Exchange, TICKET_LIFETIME};
pub(crate) use token::Tokens;
