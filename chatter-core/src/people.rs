//! Who can act, and who has written.

use serde::{Deserialize, Serialize};

use crate::{AgentId, ChatId, CustomerId, Name, Permissions};

/// Someone who has been authenticated by whoever embeds the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Principal {
    /// A customer, who reaches only chats of their own.
    Customer {
        /// Who it is.
        customer: CustomerId,
        /// Set when the credential is good for one chat only (a queue or customer token).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chat: Option<ChatId>,
    },
    /// An agent.
    Agent {
        /// Who it is.
        agent: AgentId,
        /// What they may do beyond their own chats.
        #[serde(default, skip_serializing_if = "Permissions::is_none")]
        permissions: Permissions,
    },
}

impl Principal {
    /// A customer with access to all their own chats.
    #[must_use]
    pub const fn customer(customer: CustomerId) -> Self {
        Self::Customer { customer, chat: None }
    }

    /// An agent without permissions beyond their own chats.
    #[must_use]
    pub const fn agent(agent: AgentId) -> Self {
        Self::Agent { agent, permissions: Permissions::NONE }
    }

    /// An agent with every permission.
    #[must_use]
    pub const fn supervisor(agent: AgentId) -> Self {
        Self::Agent { agent, permissions: Permissions::ALL }
    }

    /// The key under which this person's client ids are unique.
    #[must_use]
    pub const fn author(&self) -> AuthorKey {
        match *self {
            Self::Customer { customer, .. } => AuthorKey::Customer(customer),
            Self::Agent { agent, .. } => AuthorKey::Agent(agent),
        }
    }
}

/// Who wrote an entry, without the name: what client ids are unique under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuthorKey {
    /// A customer.
    Customer(CustomerId),
    /// An agent.
    Agent(AgentId),
}

/// Who wrote an entry, with the name they had then; it stays when the account is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Author {
    /// The chat's customer.
    Customer {
        /// Who it is.
        customer: CustomerId,
        /// The name at the time.
        name: Name,
    },
    /// An agent.
    Agent {
        /// Who it is.
        agent: AgentId,
        /// The name at the time.
        name: Name,
    },
    /// Chatter itself.
    System,
}

impl Author {
    /// The key of this author, absent for the system.
    #[must_use]
    pub const fn key(&self) -> Option<AuthorKey> {
        match self {
            Self::Customer { customer, .. } => Some(AuthorKey::Customer(*customer)),
            Self::Agent { agent, .. } => Some(AuthorKey::Agent(*agent)),
            Self::System => None,
        }
    }

    /// The name, absent for the system.
    #[must_use]
    pub const fn name(&self) -> Option<&Name> {
        match self {
            Self::Customer { name, .. } | Self::Agent { name, .. } => Some(name),
            Self::System => None,
        }
    }
}

/// What an agent says of themselves. Intent, not connectivity: routable is online *and* connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AgentState {
    /// Takes chats.
    Online,
    /// Keeps their chats, takes no new ones.
    Away,
    /// Takes no new chats and becomes offline when the last one ends.
    LastCall,
    /// Holds nothing.
    #[default]
    Offline,
}
