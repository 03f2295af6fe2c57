//! Counting what happens: the rows of a record, the integrals over time, and the hash of it all.

use super::counts::Counts;
use super::work::whole;
use crate::lab::record::{AgentRow, CustomerRow, Fate, Micros, RunRecord};

/// Marks customers who only warm the desk up.
pub(super) const UNCOUNTED: u32 = u32::MAX;

/// What an agent is at, with the integrals up to a time.
#[derive(Clone, Copy, Debug, Default)]
struct Watched {
    row: AgentRow,
    since: Micros,
    online: bool,
    held: u32,
    rate: u64,
    work: u128,
}

/// What is kept of each customer.
#[derive(Debug)]
pub(super) enum Kept {
    /// A row.
    Rows(Vec<CustomerRow>),
    /// What adds up.
    Counts(Box<Counts>),
}

/// The sum of weights, and that of weights times what they weigh, which is in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain sums")]
pub struct Weighed {
    /// The weights alone.
    pub weight: u128,
    /// Each times what it weighs.
    pub product: u128,
}

impl Weighed {
    const fn add(&mut self, weight: u128, what: Micros) {
        self.weight += weight;
        self.product += weight * what as u128;
    }

    /// What was weighed in units of its mean, less the weights: zero on average if a weight tells nothing of what it
    /// weighs.
    #[must_use]
    pub fn excess(self, mean: f64) -> f64 {
        self.product as f64 / mean - self.weight as f64
    }
}

/// Chance weighed by congestion. How long the queue was when a customer came tells nothing of the time until the next one
/// comes, nor how long they waited of the work they bring: so both excesses are zero on average, whichever policy chooses,
/// for a fixed number of customers of Poisson processes if no chat goes back to its queue; and yet most of the difference
/// between long runs of a busy desk is their doing. They are martingale controls (Henderson and Glynn, "Approximating
/// martingales for variance reduction in Markov process simulation", Mathematics of Operations Research 27, 2002).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain sums")]
pub struct Controls {
    /// Times until the next customer, by the number who waited when a customer came.
    pub gaps: Weighed,
    /// Work of those who were served, by how long they waited, in microseconds.
    pub works: Weighed,
}

/// What has been counted so far.
#[derive(Debug)]
pub(super) struct Tally {
    /// From when on times count; until the warm-up is over, the end of time.
    from: Micros,
    /// Until when times count.
    until: Micros,
    kept: Kept,
    agents: Vec<Watched>,
    waiting: u32,
    waiting_since: Micros,
    waiting_time: u128,
    most_waiting: u32,
    queue: Vec<u32>,
    queue_step: Micros,
    queue_next: Micros,
    pub(super) overflowed: u32,
    /// Of runs that keep what adds up; rows say it by themselves.
    pub(super) controls: Controls,
    /// When the last customer came, and how many waited then; for the controls.
    last: Option<(Micros, u32)>,
    hash: u64,
}

/// Something that goes into the hash.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub(super) enum Mark {
    Assigned = 1,
    Ended = 2,
    Left = 3,
    Rejected = 4,
    Offered = 5,
    OfferEnded = 6,
    Overflowed = 7,
    Requeued = 8,
}

impl Tally {
    /// Nothing has happened; agents may hold so many chats each.
    pub(super) fn new(max_chats: impl Iterator<Item = u32>, queue_step: Micros, kept: Kept) -> Self {
        let watch = |max_chats| Watched { row: AgentRow { max_chats, ..AgentRow::default() }, ..Watched::default() };
        Self {
            from: Micros::MAX,
            until: Micros::MAX,
            kept,
            agents: max_chats.map(watch).collect(),
            waiting: 0,
            waiting_since: 0,
            waiting_time: 0,
            most_waiting: 0,
            queue: Vec::new(),
            queue_step: queue_step.max(1),
            queue_next: Micros::MAX,
            overflowed: 0,
            controls: Controls::default(),
            last: None,
            hash: 0,
        }
    }

    /// From here on everything counts.
    pub(super) fn start(&mut self, now: Micros) {
        (self.from, self.queue_next, self.most_waiting) = (now, now, self.waiting);
    }

    /// Has counting begun?
    pub(super) fn counts(&self) -> bool {
        self.from < Micros::MAX
    }

    /// After this time nothing counts but what becomes of customers who came before.
    pub(super) fn end(&mut self, until: Micros) {
        self.until = until;
    }

    /// A customer comes, as their row says; gives its number.
    pub(super) fn comes(&mut self, row: CustomerRow) -> u32 {
        if !self.counts() {
            return UNCOUNTED;
        }
        match &mut self.kept {
            Kept::Rows(rows) => {
                let number = u32::try_from(rows.len()).unwrap_or(UNCOUNTED);
                rows.push(row);
                number
            }
            Kept::Counts(counts) => {
                if let Some((at, waiting)) = self.last.replace((row.arrived, self.waiting)) {
                    self.controls.gaps.add(waiting.into(), row.arrived - at);
                }
                counts.comes(&row);
                0
            }
        }
    }

    /// What became of a customer, as their row says.
    pub(super) fn settle(&mut self, number: u32, row: CustomerRow) {
        match &mut self.kept {
            Kept::Rows(rows) => {
                if let Some(kept) = rows.get_mut(number as usize) {
                    *kept = row;
                }
            }
            Kept::Counts(counts) if number != UNCOUNTED => {
                if let Fate::Served { assigned, work, .. } = row.fate {
                    self.controls.works.add((assigned - row.arrived).into(), work);
                }
                counts.settle(&row);
            }
            Kept::Counts(_) => {}
        }
    }

    /// The number waiting changes by this much.
    pub(super) fn waiting_changes(&mut self, now: Micros, by: i32) {
        self.count_waiting(now);
        self.waiting = self.waiting.saturating_add_signed(by);
        if self.counts() && now <= self.until {
            self.most_waiting = self.most_waiting.max(self.waiting);
        }
    }

    fn count_waiting(&mut self, now: Micros) {
        self.waiting_time += u128::from(self.overlap(self.waiting_since, now)) * u128::from(self.waiting);
        while self.queue_next < now.min(self.until) {
            self.queue.push(self.waiting);
            self.queue_next += self.queue_step;
        }
        self.waiting_since = now;
    }

    /// An agent comes online or takes no more chats, holds more or fewer, works faster or slower.
    pub(super) fn agent(&mut self, now: Micros, agent: u32, online: bool, held: u32, rate: u64) {
        self.count_agent(now, agent);
        let watched = &mut self.agents[agent as usize];
        (watched.online, watched.held, watched.rate) = (online, held, rate);
    }

    fn count_agent(&mut self, now: Micros, agent: u32) {
        let since = self.agents[agent as usize].since;
        let time = self.overlap(since, now);
        let watched = &mut self.agents[agent as usize];
        // Who has chats to finish is at their desk, whatever they say.
        if watched.online || watched.held > 0 {
            watched.row.online += time;
        }
        if watched.held > 0 {
            watched.row.busy += time;
        }
        watched.row.chat_time += time * u64::from(watched.held);
        watched.work += u128::from(time) * u128::from(watched.rate);
        watched.since = now;
    }

    /// A wrap-up of this length begins.
    pub(super) fn wrap_up(&mut self, now: Micros, agent: u32, length: Micros) {
        let time = self.overlap(now, now.saturating_add(length));
        self.agents[agent as usize].row.wrap_up += time;
    }

    /// An agent was given a chat.
    pub(super) fn assigned(&mut self, now: Micros, agent: u32) {
        if self.overlap(now, now + 1) > 0 {
            self.agents[agent as usize].row.assigned += 1;
        }
    }

    /// An agent declined or missed an offer.
    pub(super) fn refused(&mut self, now: Micros, agent: u32) {
        if self.overlap(now, now + 1) > 0 {
            self.agents[agent as usize].row.refused += 1;
        }
    }

    /// How much of a time counts.
    fn overlap(&self, from: Micros, to: Micros) -> Micros {
        to.min(self.until).saturating_sub(from.max(self.from))
    }

    /// Adds something that happened to the hash.
    pub(super) const fn mark(&mut self, mark: Mark, now: Micros, chat: u64, agent: u64) {
        let mut bits = self.hash ^ now.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 32)).wrapping_add(chat.wrapping_mul(0xd6e8_feb8_6659_fd93));
        bits = (bits ^ (bits >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = bits.wrapping_add(agent.wrapping_mul(8).wrapping_add(mark as u64));
        self.hash = (bits ^ (bits >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
    }

    /// The record, at the end of a run.
    pub(super) fn finish(mut self, now: Micros, policy: &str, replication: u32) -> (RunRecord, Option<Box<Counts>>) {
        let until = self.until.min(now);
        self.until = until;
        self.count_waiting(now);
        for agent in 0..u32::try_from(self.agents.len()).expect("a scenario has few agents") {
            self.count_agent(now, agent);
        }
        let row = |watched: Watched| AgentRow { work: whole(watched.work), ..watched.row };
        let (customers, counts) = match self.kept {
            Kept::Rows(rows) => (rows, None),
            Kept::Counts(counts) => (Vec::new(), Some(counts)),
        };
        let record = RunRecord {
            policy: policy.to_owned(),
            replication,
            from: self.from.min(until),
            until,
            customers,
            agents: self.agents.into_iter().map(row).collect(),
            queue: self.queue,
            queue_step: self.queue_step,
            waiting_time: self.waiting_time,
            most_waiting: self.most_waiting,
            overflowed: self.overflowed,
            hash: self.hash,
        };
        (record, counts)
    }
}
