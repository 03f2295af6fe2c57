use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use async_trait::async_trait;
use chatter_core::session::{Credential, Denied, Gatekeeper, Identity};
use chatter_core::{AgentId, CustomerId, Principal};

/// Agents by user name and password; customers come in freely, each as somebody new.
///
/// It keeps passwords as they are and does not count tries, as befits an example on one's own machine. One for
/// others keeps slow hashes, answers in equal time whoever asks, and limits tries.
#[derive(Clone, Default)]
pub struct Passwords {
    agents: BTreeMap<String, (String, AgentId)>,
}

impl Passwords {
    /// Adds an agent.
    pub fn add(&mut self, agent: AgentId, username: &str, password: &str) {
        self.agents.insert(username.to_owned(), (password.to_owned(), agent));
    }
}

#[async_trait]
impl Gatekeeper for Passwords {
    async fn authenticate(&self, credential: Credential, _: Option<IpAddr>) -> Result<Identity, Denied> {
        match credential {
            Credential::Anonymous => Ok(Identity::known(Principal::customer(stranger()))),
            Credential::Password { username, password } => {
                let agent = self.agents.get(&username).filter(|(known, _)| *known == password);
                agent.map(|(_, agent)| Identity::known(Principal::agent(*agent))).ok_or(Denied::Unauthorized)
            }
            Credential::Token(..) | Credential::Ticket(_) | _ => Err(Denied::Unauthorized),
        }
    }
}

/// Shows the user names, never the passwords.
impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.agents.keys()).finish()
    }
}

/// Somebody new. Nothing here lets a customer come back, so the number need be unique, not secret.
fn stranger() -> CustomerId {
    CustomerId(u128::from(random()) << 64 | u128::from(random()))
}

/// A number that no other call gives, in this process or another: the keys of the hasher are random.
pub(super) fn random() -> u64 {
    RandomState::new().hash_one(())
}
