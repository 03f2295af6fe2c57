//! Who may come in: implemented by whoever embeds the engine, since tokens, passwords and accounts are
//! theirs.

use std::fmt;
use std::net::IpAddr;

use async_trait::async_trait;

use crate::protocol::Role;
use crate::{ChatId, CustomerId, Name, Principal};

/// Tells who someone is, and gives customers tokens to come back with.
#[async_trait]
pub trait Gatekeeper: Send + Sync + fmt::Debug {
    /// Who has this credential?
    ///
    /// # Errors
    /// When nobody has; never which part of it was wrong.
    async fn authenticate(&self, credential: Credential, peer: Option<IpAddr>) -> Result<Identity, Denied>;

    /// May a customer from this address join a queue now? Asked for every join over a connection.
    ///
    /// # Errors
    /// [`Denied::TooMany`] past a limit.
    fn admit_join(&self, peer: Option<IpAddr>) -> Result<(), Denied> {
        let _ = peer;
        Ok(())
    }

    /// A token that names this customer and this waiting chat; `None` where tokens are not used.
    fn queue_token(&self, customer: CustomerId, chat: ChatId, name: &Name) -> Option<String> {
        let _ = (customer, chat, name);
        None
    }

    /// A token that names this customer and this chat, once it was given to an agent.
    fn customer_token(&self, customer: CustomerId, chat: ChatId, name: &Name) -> Option<String> {
        let _ = (customer, chat, name);
        None
    }
}

/// What someone shows at the door.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credential {
    /// Nothing: a new customer.
    Anonymous,
    /// A token that is good for this role.
    Token(Role, String),
    /// An agent's user name and password.
    Password {
        /// The user name.
        username: String,
        /// The password.
        password: String,
    },
    /// A single-use ticket.
    Ticket(String),
}

/// Shows the kind, never the credential.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anonymous => "Anonymous",
            Self::Token(Role::Customer, _) => "Token(Customer, ..)",
            Self::Token(Role::Agent, _) => "Token(Agent, ..)",
            Self::Password { .. } => "Password(..)",
            Self::Ticket(_) => "Ticket(..)",
        })
    }
}

/// Who it is, and what to give them for coming back.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// Who it is.
    pub principal: Principal,
    /// A token for the `ready` frame: a new customer's visitor token, a signed-in agent's token.
    pub token: Option<String>,
}

impl Identity {
    /// Someone known, with nothing to give.
    #[must_use]
    pub const fn known(principal: Principal) -> Self {
        Self { principal, token: None }
    }

    /// The same with a token to come back with.
    #[must_use]
    pub fn with_token(self, token: String) -> Self {
        Self { token: Some(token), ..self }
    }
}

/// Shows whether there is a token, never the token.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("principal", &self.principal).field("token", &self.token.is_some()).finish()
    }
}

/// Why someone does not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// The credential is not good.
    #[error("the credential is not good")]
    Unauthorized,
    /// Too many tries from there.
    #[error("too many tries, retry in {retry_after_ms} ms")]
    TooMany {
        /// When to try again.
        retry_after_ms: u64,
    },
    /// It cannot be told now.
    #[error("authentication is not available now")]
    Unavailable,
}
