use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Durations and rates of a desk. Every one is a default that an operator can change; a desk is replayed
/// with the settings it was recorded with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct DeskSettings {
    /// How long a waiting customer without a connection keeps the place. 60 s.
    pub customer_grace: Duration,
    /// How long the chats of an agent without a connection wait for their return. 30 s.
    pub agent_grace: Duration,
    /// When a resolved chat is closed for good. 24 h.
    pub close_after: Duration,
    /// The least time between two pushes of a place in line to one customer. 1 s.
    pub push_interval: Duration,
    /// Messages and notes a second that one person can keep up; 0 for no limit. 3.
    pub messages_per_second: u32,
    /// Messages and notes at once that one person can send after a pause, at least 1. 10.
    pub messages_burst: u32,
}

impl Default for DeskSettings {
    fn default() -> Self {
        Self {
            customer_grace: Duration::from_secs(60),
            agent_grace: Duration::from_secs(30),
            close_after: Duration::from_secs(24 * 60 * 60),
            push_interval: Duration::from_secs(1),
            messages_per_second: 3,
            messages_burst: 10,
        }
    }
}
