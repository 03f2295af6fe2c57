//! Who may come in: tokens that say whom they are for, and an agent's password.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use chatter_core::protocol::Role;
use chatter_core::session::{Credential, Denied, Gatekeeper, Identity};
use chatter_core::{AgentId, ChatId, CustomerId, Name, Permissions, Principal};

/// The password of every agent; the user name is their number.
pub(crate) const PASSWORD: &str = "open sesame";

#[derive(Debug)]
pub(crate) struct Gate {
    customers: AtomicU64,
    /// Of each agent, from the first.
    permissions: Vec<Permissions>,
}

impl Gate {
    pub(crate) const fn new(permissions: Vec<Permissions>) -> Self {
        Self { customers: AtomicU64::new(0), permissions }
    }

    fn agent(&self, number: &str) -> Option<Principal> {
        let agent = AgentId(number.parse().ok()?);
        let index = usize::try_from(agent.0).ok()?.checked_sub(1)?;
        let principal = Principal::agent(agent);
        Some(match principal {
            Principal::Agent { agent, .. } => Principal::Agent { agent, permissions: *self.permissions.get(index)? },
            other => other,
        })
    }
}

#[async_trait]
impl Gatekeeper for Gate {
    async fn authenticate(&self, credential: Credential, _: Option<IpAddr>) -> Result<Identity, Denied> {
        if credential == Credential::Anonymous {
            let number = u128::from(self.customers.fetch_add(1, Ordering::Relaxed) + 1);
            let customer = CustomerId(number << 64 | 0xc0ffee);
            return Ok(Identity::known(Principal::customer(customer)).with_token(format!("visitor {customer}")));
        }
        let principal = match credential {
            Credential::Token(Role::Customer, token) => customer(&token),
            Credential::Token(Role::Agent, token) => token.strip_prefix("agent ").and_then(|number| self.agent(number)),
            Credential::Password { username, password } if password == PASSWORD => self.agent(&username),
            _ => None,
        };
        let principal = principal.ok_or(Denied::Unauthorized)?;
        let token = if let Principal::Agent { agent, .. } = principal { Some(format!("agent {agent}")) } else { None };
        let identity = Identity::known(principal);
        Ok(match token {
            Some(token) => identity.with_token(token),
            None => identity,
        })
    }

    fn queue_token(&self, customer: CustomerId, chat: ChatId, _: &Name) -> Option<String> {
        Some(format!("chat {customer} {chat}"))
    }

    fn customer_token(&self, customer: CustomerId, chat: ChatId, _: &Name) -> Option<String> {
        Some(format!("chat {customer} {chat}"))
    }
}

/// Who has a customer's token: for all of theirs, or for one chat.
pub(crate) fn customer(token: &str) -> Option<Principal> {
    let mut words = token.split(' ');
    let kind = words.next()?;
    let customer = words.next()?.parse().ok()?;
    match (kind, words.next().and_then(|chat| chat.parse().ok())) {
        ("visitor", None) => Some(Principal::customer(customer)),
        ("chat", Some(chat)) => Some(Principal::Customer { customer, chat: Some(ChatId(chat)) }),
        _ => None,
    }
}
