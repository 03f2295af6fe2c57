use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Durations and rates of a desk. Every one is a default that an operator can change; a desk is replayed
/// with the settings it was recorded with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct DeskSettings {
    /// How long a waiting customer without a connection keeps the place. 60 s.
    pub customer_grace: Duration,
    /// How long the chats of an agent without a connection wait for their return. 30 s.
    pub agent_grace: Duration,
    /// When a resolved chat is closed for good; zero to close it in the step in which it ends, so that nobody comes
    /// back to it. 24 h.
    pub close_after: Duration,
    /// The least time between two pushes of a place in line to one customer. 1 s.
    pub push_interval: Duration,
    /// Messages and notes a second that one person can keep up; 0 for no limit. 3.
    pub messages_per_second: u32,
    /// Messages and notes at once that one person can send after a pause, at least 1. 10.
    pub messages_burst: u32,
    /// How long an agent has to answer an offer. 30 s.
    pub offer_timeout: Duration,
    /// How many offers in a row an agent misses before they are set away; 0 for never. 2.
    pub misses_until_away: u32,
    /// How long a chat is not given again to an agent who let it pass, put it back or did not reply; at least
    /// 1 s, or both would spin. 60 s.
    pub cool_down: Duration,
    /// The least time between two assignments to one agent. 0 s.
    pub breathing_gap: Duration,
    /// How long an agent has to send a first reply before the chat goes back to its queue; none for ever.
    /// 180 s.
    pub first_reply_within: Option<Duration>,
    /// How long after an agent spoke a silent customer's chat is parked, which frees the agent's slot; none
    /// for never. 10 min.
    pub park_after: Option<Duration>,
    /// How long after an agent spoke a silent customer is warned; none for never, which is the default.
    pub warn_after: Option<Duration>,
    /// How long after an agent spoke a silent customer's chat is resolved; none for never, which is the
    /// default.
    pub resolve_after: Option<Duration>,
    /// For how long one's own message can be edited and deleted. 15 min.
    pub edit_within: Duration,
    /// Whether agents see what customers type before it is sent. Yes.
    pub typing_preview: bool,
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
            offer_timeout: Duration::from_secs(30),
            misses_until_away: 2,
            cool_down: Duration::from_secs(60),
            breathing_gap: Duration::ZERO,
            first_reply_within: Some(Duration::from_secs(180)),
            park_after: Some(Duration::from_secs(600)),
            warn_after: None,
            resolve_after: None,
            edit_within: Duration::from_secs(15 * 60),
            typing_preview: true,
        }
    }
}
