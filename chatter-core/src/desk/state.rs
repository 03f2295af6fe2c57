//! What the desk holds in memory: people who are there, lines, open chats. No transcripts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::hours::HoursState;
use crate::id_map::IdMap;
use crate::policy::{AgentFacts, PolicyIx};
use crate::protocol::{AgentsOnline, PlaceView};
use crate::{
    AgentId, AgentRecord, AgentState, CategoryId, CategoryRecord, ChatId, ChatRecord, EventNo, LoadedChat, Principal,
    SessionId, Time,
};

use super::client_ids::ClientIds;
use super::company::Company;
use super::customers::{CustomerRow, Customers};
use super::deadlines::Deadlines;
use super::edits::Changed;
use super::lines::{Lines, Spot};
use super::lobby::Lobby;
use super::pace::Hold;
use super::pool::{Availability, Pool, PoolKeys};
use super::silence::Silence;
use super::team::Team;
use crate::Few;

/// Everything that decisions read. Two states are equal when every later decision is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    /// The newest time that was seen; nothing happens before it.
    pub(super) now: Time,
    pub(super) last_event: EventNo,
    pub(super) last_chat: ChatId,
    pub(super) categories: IdMap<CategoryId, Category>,
    pub(super) agents: IdMap<AgentId, Agent>,
    pub(super) chats: IdMap<ChatId, Chat>,
    /// Of the chats that were merged: the open chat in which each goes on.
    pub(super) merged: BTreeMap<ChatId, ChatId>,
    pub(super) customers: Customers,
    pub(super) team_chats: BTreeMap<ChatId, Team>,
    pub(super) sessions: IdMap<SessionId, Session>,
    /// The sessions of agents, for what all staff is told.
    pub(super) staff: BTreeSet<SessionId>,
    pub(super) lines: Lines,
    /// The policies that some category, or the desk, uses.
    pub(super) policies: Few<PolicyIx>,
    pub(super) pool: Pool,
    pub(super) deadlines: Deadlines,
    pub(super) lobby: Lobby,
    /// When staff was last told, and what, unless a session was told something newer on opening.
    pub(super) agents_pushed: Option<(Time, Option<AgentsOnline>)>,
    /// When staff is told next, if a change waits to be told.
    pub(super) agents_push_at: Option<Time>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Category {
    pub(super) record: CategoryRecord,
    /// The policy that orders its chats and chooses agents for them.
    pub(super) policy: PolicyIx,
    /// The categories whose chats its agents may take too, with the stage from which they may.
    pub(super) helps: Vec<(CategoryId, u8)>,
    /// Its hours as of now, if it has any; kept by the timer.
    pub(super) hours: Option<HoursState>,
    /// When the customers of this category were last told their places.
    pub(super) pushed_at: Option<Time>,
    /// When they are told next, if a change waits to be told.
    pub(super) push_at: Option<Time>,
    /// Where an unfinished round of pushes goes on.
    pub(super) push_next: Option<(u8, i64, ChatId)>,
    /// True when something changed after an unfinished round began: another one follows it.
    pub(super) push_again: bool,
    /// Times of the newest assignments, for the estimate: volatile, since a rate says nothing after a gap.
    pub(super) assigned: VecDeque<Time>,
}

impl Category {
    pub(super) const fn new(record: CategoryRecord, policy: PolicyIx) -> Self {
        Self {
            record,
            policy,
            helps: Vec::new(),
            hours: None,
            pushed_at: None,
            push_at: None,
            push_next: None,
            push_again: false,
            assigned: VecDeque::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Agent {
    pub(super) record: AgentRecord,
    pub(super) sessions: Few<SessionId>,
    /// The chats they hold now.
    pub(super) chats: Few<ChatId>,
    /// How many of those are parked.
    pub(super) parked: u32,
    /// The chats they are asked to take.
    pub(super) offers: Few<ChatId>,
    /// The chats of others that are being transferred to them.
    pub(super) reserved: Few<ChatId>,
    /// The chats after which they wrap up.
    pub(super) wrap_ups: Few<ChatId>,
    /// The chats that wait for them, since their customers had them last.
    pub(super) sticky: Few<ChatId>,
    /// The chats of others that they have joined.
    pub(super) joined: Few<ChatId>,
    /// The waiting chats that they let pass a moment ago.
    pub(super) cooling: Few<ChatId>,
    /// Offers missed in a row.
    pub(super) misses: u32,
    /// Their conversations with other agents, by whom they are with.
    pub(super) team_chats: BTreeMap<AgentId, ChatId>,
    /// True while they rest after an assignment.
    pub(super) resting: bool,
    /// Runs while they hold chats, or have joined some, without a connection.
    pub(super) grace_until: Option<Time>,
    pub(super) bucket: Bucket,
    /// Where the pool has them; kept by [`Pool`].
    pub(super) availability: Availability,
    pub(super) pool_keys: PoolKeys,
    /// The categories of the record, as the pool sorts by them.
    pub(super) set: Arc<[CategoryId]>,
    /// The lines they serve: categories, with the stage of the overflow from which they do. In order.
    pub(super) serves: Vec<(CategoryId, u8)>,
}

impl Agent {
    pub(super) fn new(record: AgentRecord) -> Self {
        Self {
            set: record.categories.iter().copied().collect(),
            serves: Vec::new(),
            record,
            sessions: Few::new(),
            chats: Few::new(),
            parked: 0,
            offers: Few::new(),
            reserved: Few::new(),
            wrap_ups: Few::new(),
            sticky: Few::new(),
            joined: Few::new(),
            cooling: Few::new(),
            team_chats: BTreeMap::new(),
            misses: 0,
            resting: false,
            grace_until: None,
            bucket: Bucket::default(),
            availability: Availability::Out,
            pool_keys: Few::new(),
        }
    }

    /// Slots taken: chats held that are not parked, offers, transfers to them, wrap-ups (rule 2).
    pub(super) fn load(&self) -> u32 {
        let taken = self.chats.len() + self.offers.len() + self.reserved.len() + self.wrap_ups.len();
        u32::try_from(taken).unwrap_or(u32::MAX) - self.parked
    }

    /// True while somebody counts on them: they hold a chat or have joined one.
    pub(super) fn takes_part(&self) -> bool {
        !self.chats.is_empty() || !self.joined.is_empty()
    }

    /// True while they say that they take chats and can be reached (rule 8).
    pub(super) fn is_routable(&self) -> bool {
        self.record.active && self.record.state == AgentState::Online && !self.sessions.is_empty()
    }

    pub(super) fn has_room(&self) -> bool {
        !self.pool_keys.is_empty()
    }

    /// What they count as by all that is known of them; [`availability`](Self::availability) is what they were counted as.
    pub(super) fn availability_now(&self) -> Availability {
        let connected = !self.sessions.is_empty();
        match (self.record.active, self.record.state, connected) {
            (false, ..) | (true, AgentState::Offline | AgentState::Away | AgentState::LastCall, false) => {
                Availability::Out
            }
            (true, AgentState::Online, false) => Availability::Disconnected,
            (true, AgentState::Online, true) if self.load() >= self.record.max_chats => Availability::Full,
            (true, AgentState::Online, true) if self.resting => Availability::Resting,
            (true, AgentState::Online, true) => Availability::Room,
            (true, AgentState::Away, true) => Availability::Away,
            (true, AgentState::LastCall, true) => Availability::LastCall,
            (true, AgentState::Offline, true) => Availability::SignedIn,
        }
    }

    /// What a policy ranks them by.
    pub(super) fn facts(&self) -> AgentFacts {
        let record = &self.record;
        let categories = u32::try_from(record.categories.len()).unwrap_or(u32::MAX);
        AgentFacts::new(self.load(), record.max_chats, record.last_assigned_at, categories)
            .released_at(record.last_released_at)
    }
}

/// In memory in this order: a place in line is told mostly by what comes before the record, and among a million chats each
/// cache line is waited for.
#[derive(Clone, Debug, PartialEq)]
#[repr(C)]
pub(super) struct Chat {
    /// Its place in the lines while it waits.
    pub(super) spot: Option<Spot>,
    /// What the customer was last told of it.
    pub(super) pushed: Option<PlaceView>,
    /// True when a session came since then, which has not been told.
    pub(super) untold: bool,
    /// The customer's sessions that may see it, in order: kept here, because most of what is done with a chat
    /// needs them and looking them up by customer costs more than all the rest when many wait.
    pub(super) customer_sessions: Few<SessionId>,
    pub(super) record: ChatRecord,
    /// Where its customer is found; absent before the desk has taken it up, and in one that is put together to be shown.
    pub(super) owner: Option<CustomerRow>,
    /// The newest client ids.
    pub(super) dedupe: ClientIds,
    /// Sessions of the customer and of staff that follow the entries.
    pub(super) customer_subscribers: Few<SessionId>,
    pub(super) staff_subscribers: Few<SessionId>,
    /// Who types in it and who has it open; absent while nobody does.
    pub(super) company: Option<Box<Company>>,
    /// What was edited or deleted in it lately; absent while nothing was.
    pub(super) changed: Option<Box<Changed>>,
    /// Since when its customer has waited without an answer, for the longest wait: offers, and agents who had it
    /// and did not reply, do not interrupt it.
    pub(super) waits_since: Time,
    /// How far the customer's silence has gone, while it is their turn.
    pub(super) silence: Option<Silence>,
    /// The agent it waits for, whom its customer had last.
    pub(super) sticky: Option<AgentId>,
    /// The agents who let it pass in this wait, the longest ago first.
    pub(super) passed: Vec<AgentId>,
    /// Runs while the chat is not over and no session that may see it is there.
    pub(super) grace_until: Option<Time>,
}

impl Chat {
    #[inline(always)]
    pub(super) fn new(record: ChatRecord) -> Self {
        Self {
            dedupe: ClientIds::default(),
            customer_sessions: Few::new(),
            customer_subscribers: Few::new(),
            staff_subscribers: Few::new(),
            company: None,
            changed: None,
            spot: None,
            waits_since: record.arrived_at,
            record,
            owner: None,
            silence: None,
            sticky: None,
            passed: Vec::new(),
            pushed: None,
            untold: false,
            grace_until: None,
        }
    }

    pub(super) fn loaded(loaded: LoadedChat) -> Self {
        Self { dedupe: ClientIds::loaded(loaded.dedupe, loaded.record.client_ids), ..Self::new(loaded.record) }
    }

    /// True while the customer has a session that may see the chat: a session that is good for another chat
    /// alone cannot answer in this one.
    pub(super) fn customer_is_there(&self) -> bool {
        !self.customer_sessions.is_empty()
    }

    /// True when the chat, if it waits, can be given to somebody: its customer is there and not silent.
    pub(super) fn can_be_served(&self) -> bool {
        self.customer_is_there() && !self.record.parked
    }

    /// True when there is something to undo as it changes hands or ends: staff follows it or has joined it, agents have
    /// let it pass, somebody types in it.
    pub(super) fn concerns_others(&self) -> bool {
        !self.staff_subscribers.is_empty()
            || self.company.is_some()
            || !self.passed.is_empty()
            || !self.record.joined.is_empty()
    }

    /// True while it waits for anybody who serves it: what its line keeps as ready.
    pub(super) fn is_ready(&self) -> bool {
        self.spot.is_some() && self.can_be_served() && self.sticky.is_none()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Session {
    pub(super) principal: Principal,
    /// Where its customer is found; absent in a session of an agent.
    pub(super) owner: Option<CustomerRow>,
    pub(super) subscriptions: Few<ChatId>,
    /// Per chat the messages that were refused for now and that later ones wait for.
    pub(super) refused: BTreeMap<ChatId, Hold>,
    /// The chats in which it types.
    pub(super) typing: Few<ChatId>,
    /// How fast it tells that it types.
    pub(super) typing_bucket: Bucket,
}

impl Session {
    pub(super) fn new(principal: Principal) -> Self {
        Self {
            principal,
            owner: None,
            subscriptions: Few::new(),
            refused: BTreeMap::new(),
            typing: Few::new(),
            typing_bucket: Bucket::default(),
        }
    }
}

/// A token bucket in time units: the theoretical time of arrival (GCRA, ITU-T I.371), which needs no
/// refilling.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Bucket {
    full_again_at: Time,
}

impl Bucket {
    /// How long to wait before one more is taken, zero when it is taken now.
    pub(super) fn wait(self, now: Time, interval: Duration, burst: u32) -> Duration {
        let tolerance = interval.saturating_mul(burst.saturating_sub(1));
        (self.full_again_at.max(now) - now).saturating_sub(tolerance)
    }

    pub(super) fn take(&mut self, now: Time, interval: Duration) {
        self.full_again_at = self.full_again_at.max(now) + interval;
    }
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo): stable over versions, unlike std's hasher.
pub(super) struct Fnv(u64);

impl Fnv {
    pub(super) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(super) fn write(mut self, bytes: &[u8]) -> Self {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self
    }

    pub(super) const fn finish(self) -> u64 {
        self.0
    }
}
