//! What one simulated run leaves behind: every customer, every agent, the queue over time. All metrics are computed
//! from this, so that each has one definition whatever made the run.

use chatter_core::Priority;

/// Microseconds since the start of the run; virtual time is whole.
pub type Micros = u64;

/// What became of one customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a row of data")]
pub struct CustomerRow {
    /// When they came.
    pub arrived: Micros,
    /// The category they came to, as the scenario numbers its categories.
    pub category: u16,
    /// Their priority, 0 the lowest.
    pub priority: u8,
    /// What became of them.
    pub fate: Fate,
}

/// The number of a priority, 0 the lowest.
pub(crate) fn priority_level(priority: Priority) -> u8 {
    match priority {
        Priority::Low => 0,
        Priority::High => 2,
        Priority::Urgent => 3,
        // The core may come to know more; they count as the middle.
        Priority::Medium | _ => 1,
    }
}

/// The end of a customer's story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "every reader must look at each end")]
pub enum Fate {
    /// An agent had the chat when it ended.
    Served {
        /// When the chat was first assigned (for an offer: accepted).
        assigned: Micros,
        /// When an agent's first message came.
        first_reply: Micros,
        /// When the chat ended; wrap-up comes after it.
        ended: Micros,
        /// The agent who had it first, as the scenario numbers its agents.
        agent: u32,
        /// How long agents had it: all the time from `assigned` to `ended`, but for what it spent back in its queue.
        handled: Micros,
        /// The work they brought, in microseconds at full speed.
        work: Micros,
    },
    /// They left while nobody had the chat: before anybody was given it, or when it had gone back to its queue.
    Abandoned {
        /// When.
        at: Micros,
    },
    /// They left without a word and the chat was given to somebody all the same, whose time it took.
    AbandonedSilently {
        /// When they left.
        at: Micros,
        /// When the chat was first assigned.
        assigned: Micros,
        /// When an agent noticed and ended it.
        ended: Micros,
        /// The agent who had it first.
        agent: u32,
        /// How long agents had it.
        handled: Micros,
    },
    /// The desk did not let them join: the queue was full or the category closed.
    Rejected,
    /// The run ended first.
    Unfinished,
}

/// What one agent did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a row of data")]
pub struct AgentRow {
    /// Time online.
    pub online: Micros,
    /// Time online with at least one chat.
    pub busy: Micros,
    /// The sum over chats of the time each was held: what divides by `online` × maximum to slot occupancy.
    pub chat_time: Micros,
    /// Work done, in microseconds at full speed.
    pub work: Micros,
    /// Time in wrap-up.
    pub wrap_up: Micros,
    /// The most chats they may hold at once.
    pub max_chats: u32,
    /// Chats they were given.
    pub assigned: u32,
    /// Offers they declined or missed.
    pub refused: u32,
}

/// One run of a scenario under one policy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a record")]
pub struct RunRecord {
    /// The policy's name.
    pub policy: String,
    /// Which replication, from 0.
    pub replication: u32,
    /// When the run began to count; who came before only warms the desk up and is not in `customers`.
    pub from: Micros,
    /// When the last customer came or the day ended.
    pub until: Micros,
    /// The customers in the order in which they came.
    pub customers: Vec<CustomerRow>,
    /// The agents in the scenario's order.
    pub agents: Vec<AgentRow>,
    /// How many waited: the length of the queue in all categories together at equal steps of `queue_step` from `from`.
    pub queue: Vec<u32>,
    /// See `queue`.
    pub queue_step: Micros,
    /// The integral of the number waiting over `from..until`, in customer-microseconds: exact, unlike `queue`.
    pub waiting_time: u128,
    /// The most who waited at once.
    pub most_waiting: u32,
    /// Moves to another category by overflow.
    pub overflowed: u32,
    /// A hash of everything that happened; equal seeds give equal hashes on every machine.
    pub hash: u64,
}
