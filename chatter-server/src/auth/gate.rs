//! The gatekeeper of the server.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Instant;

use async_trait::async_trait;
use chatter_core::protocol::Role;
use chatter_core::session::{Credential, Denied, Gatekeeper, Identity};
use chatter_core::{ChatId, CustomerId, Name, Principal};
use governor::Quota;
use governor::clock::DefaultClock;

use super::accounts::{Account, Accounts};
use super::throttle::{Failures, Throttle, address_key};
use super::tickets::{Exchange, Tickets};
use super::token::{Bearer, Tokens};
use crate::secret::random;

/// Failed sign-ins taken at once; one more comes back every six seconds.
const FAILURES_PER_MINUTE: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");
/// Longer user names belong to nobody, and are not remembered.
const USERNAME_BYTES_MAX: usize = 80;

/// Knows everybody who may come in.
#[derive(Debug)]
pub(crate) struct Gate {
    tokens: Tokens,
    accounts: Accounts,
    tickets: Tickets,
    joins: Option<Throttle<IpAddr>>,
    failures_by_address: Failures<IpAddr>,
    failures_by_username: Failures<String>,
}

impl Gate {
    /// `joins_per_minute` is per address; zero means no limit.
    pub(crate) fn new(tokens: Tokens, accounts: Accounts, joins_per_minute: u32) -> Self {
        let joins = NonZeroU32::new(joins_per_minute).map(Quota::per_minute);
        let failures = Quota::per_minute(FAILURES_PER_MINUTE);
        Self {
            tokens,
            accounts,
            tickets: Tickets::default(),
            joins: joins.map(|quota| Throttle::new(quota, DefaultClock::default())),
            failures_by_address: Failures::new(failures, DefaultClock::default()),
            failures_by_username: Failures::new(failures, DefaultClock::default()),
        }
    }

    /// Forgets what is over; to be called about once a minute.
    pub(crate) fn sweep(&self) {
        self.tickets.sweep(Instant::now());
        if let Some(joins) = &self.joins {
            joins.sweep();
        }
        self.failures_by_address.sweep();
        self.failures_by_username.sweep();
    }

    /// A ticket for whoever this token names, whatever kind it is.
    pub(crate) fn exchange(&self, token: &str) -> Exchange {
        self.bearer(token).map_or(Exchange::Unauthorized, |principal| self.tickets.give(principal, Instant::now()))
    }

    fn bearer(&self, token: &str) -> Option<Principal> {
        match self.tokens.read(token).ok()? {
            Bearer::Customer { customer, chat } => Some(Principal::Customer { customer, chat }),
            Bearer::Agent { agent, password } => self.accounts.still_good(agent, &password).map(Account::principal),
        }
    }

    fn with_token(&self, role: Role, token: &str) -> Result<Identity, Denied> {
        let principal = self.bearer(token).ok_or(Denied::Unauthorized)?;
        match (role, &principal) {
            (Role::Customer, Principal::Customer { .. }) | (Role::Agent, Principal::Agent { .. }) => {
                Ok(Identity::known(principal))
            }
            _ => Err(Denied::Unauthorized),
        }
    }

    /// The answer tells neither whether the user exists nor what was wrong, and takes the same work.
    fn with_password(&self, username: &str, password: &str, peer: Option<IpAddr>) -> Result<Identity, Denied> {
        let address = peer.map(address_key);
        let username = username.to_lowercase();
        if let Some(address) = &address {
            self.failures_by_address.admit(address)?;
        }
        if username.len() > USERNAME_BYTES_MAX {
            return Err(Denied::Unauthorized);
        }
        self.failures_by_username.admit(&username)?;
        let Some(account) = self.accounts.sign_in(&username, password) else {
            if let Some(address) = &address {
                self.failures_by_address.count(address);
            }
            self.failures_by_username.count(&username);
            return Err(Denied::Unauthorized);
        };
        let token = self.tokens.agent(account.agent, &account.name, self.accounts.fingerprint(account));
        Ok(Identity::known(account.principal()).with_token(token))
    }

    fn newcomer(&self) -> Identity {
        let customer = CustomerId(u128::from_be_bytes(random()));
        Identity::known(Principal::customer(customer)).with_token(self.tokens.visitor(customer))
    }
}

#[async_trait]
impl Gatekeeper for Gate {
    async fn authenticate(&self, credential: Credential, peer: Option<IpAddr>) -> Result<Identity, Denied> {
        match credential {
            Credential::Anonymous => Ok(self.newcomer()),
            Credential::Token(role, token) => self.with_token(role, &token),
            Credential::Password { username, password } => self.with_password(&username, &password, peer),
            Credential::Ticket(ticket) => {
                self.tickets.take(&ticket, Instant::now()).map(Identity::known).ok_or(Denied::Unauthorized)
            }
            _ => Err(Denied::Unavailable),
        }
    }

    fn admit_join(&self, peer: Option<IpAddr>) -> Result<(), Denied> {
        match (&self.joins, peer) {
            (Some(joins), Some(peer)) => joins.count(&address_key(peer)),
            _ => Ok(()),
        }
    }

    fn queue_token(&self, customer: CustomerId, chat: ChatId, name: &Name) -> Option<String> {
        Some(self.tokens.queue(customer, chat, name))
    }

    fn customer_token(&self, customer: CustomerId, chat: ChatId, name: &Name) -> Option<String> {
        Some(self.tokens.customer(customer, chat, name))
    }
}
