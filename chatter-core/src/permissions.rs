//! What staff may do beyond their own chats.

use serde::{Deserialize, Serialize};

/// Something that not every agent may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Permission {
    /// See any chat, queue and agent; whisper; join a chat.
    Watch,
    /// Give any chat to anybody, take one over, put one back, set its priority, merge.
    Assign,
    /// Give an agent a chat past their limit.
    Override,
}

impl Permission {
    /// Every permission, for tables and tests.
    pub const ALL: [Self; 3] = [Self::Watch, Self::Assign, Self::Override];
}

/// A set of permissions; written as the list of their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(from = "Vec<Permission>", into = "Vec<Permission>")]
pub struct Permissions(u8);

impl Permissions {
    /// Nothing beyond one's own chats.
    pub const NONE: Self = Self(0);
    /// Everything.
    pub const ALL: Self = Self((1 << Permission::ALL.len()) - 1);

    /// The same and this one.
    #[must_use]
    pub const fn with(self, permission: Permission) -> Self {
        Self(self.0 | 1 << permission as u8)
    }

    /// Is it among them?
    #[must_use]
    pub const fn has(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u8) != 0
    }

    /// True when there is none.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.0 == 0
    }
}

impl From<Vec<Permission>> for Permissions {
    fn from(list: Vec<Permission>) -> Self {
        list.into_iter().fold(Self::NONE, Self::with)
    }
}

impl From<Permissions> for Vec<Permission> {
    fn from(permissions: Permissions) -> Self {
        Permission::ALL.into_iter().filter(|it| permissions.has(*it)).collect()
    }
}
