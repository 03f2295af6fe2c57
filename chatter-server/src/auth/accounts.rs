//! The agents who may sign in, from configuration, until accounts come.

use std::collections::BTreeMap;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use chatter_core::{AgentId, Name, Permissions, Principal};

use crate::config::Agent;
use crate::secret::{Secret, hex, keyed_digest};

/// Passwords are kept as keyed digests: the text itself is gone once the server runs.
pub(crate) struct Accounts {
    key: [u8; 32],
    by_username: BTreeMap<String, Account>,
    usernames: BTreeMap<AgentId, String>,
    /// What an unknown user's password is compared with: nobody's.
    nobody: Account,
}

/// An agent as far as signing in goes.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) agent: AgentId,
    pub(super) name: Name,
    pub(super) permissions: Permissions,
    digest: [u8; 32],
}

impl Account {
    pub(super) const fn principal(&self) -> Principal {
        Principal::Agent { agent: self.agent, permissions: self.permissions }
    }

    /// Changes with the password and tells nothing of it; goes into the agent's tokens.
    pub(super) fn fingerprint(&self, key: &[u8]) -> String {
        hex(&keyed_digest(key, &[b"fingerprint", &self.digest])[..8])
    }
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accounts").field("usernames", &self.by_username.keys()).finish_non_exhaustive()
    }
}

impl Accounts {
    pub(crate) fn new(agents: &[Agent], secret: &Secret) -> Self {
        let key = secret.derive("passwords");
        let account = |agent: &Agent| Account {
            agent: agent.id,
            name: agent.name.clone(),
            permissions: agent.permissions,
            digest: keyed_digest(&key, &[agent.password.expose().as_bytes()]),
        };
        let nobody = Name::new("nobody").expect("a plain name is legal");
        Self {
            by_username: agents.iter().map(|agent| (agent.username.clone(), account(agent))).collect(),
            usernames: agents.iter().map(|agent| (agent.id, agent.username.clone())).collect(),
            nobody: Account {
                agent: AgentId(0),
                name: nobody,
                permissions: Permissions::NONE,
                digest: crate::secret::random(),
            },
            key,
        }
    }

    /// Who signs in with this user name and password? Does the same work for an unknown user.
    pub(super) fn sign_in(&self, username: &str, password: &str) -> Option<&Account> {
        let given = keyed_digest(&self.key, &[password.as_bytes()]);
        let found = self.by_username.get(username);
        let equal = verify_slices_are_equal(&given, &found.unwrap_or(&self.nobody).digest).is_ok();
        found.filter(|_| equal)
    }

    /// The agent of that number, if the password they signed in with is still theirs.
    pub(super) fn still_good(&self, agent: AgentId, fingerprint: &str) -> Option<&Account> {
        let account = self.by_username.get(self.usernames.get(&agent)?)?;
        let now = self.fingerprint(account);
        verify_slices_are_equal(now.as_bytes(), fingerprint.as_bytes()).ok().map(|()| account)
    }

    pub(super) fn fingerprint(&self, account: &Account) -> String {
        account.fingerprint(&self.key)
    }
}
