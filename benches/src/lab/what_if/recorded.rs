//! A record as the lab needs it.

use std::collections::{BTreeMap, BTreeSet};

use chatter_core::CategorySettings;

use crate::lab::metrics::{Options, Summary};
use crate::lab::record::{AgentRow, CustomerRow, Fate, Micros, RunRecord};
use crate::lab::scenario::DAY;

/// The traffic of a store, from the first to the last event. Times count from midnight UTC of the first day.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recorded {
    /// The file's name.
    pub name: String,
    /// Midnight UTC of the first day, in microseconds since 1970.
    pub midnight: u64,
    /// When the first and the last event happened.
    pub span: (Micros, Micros),
    /// How long before the desk said so a customer whose connection was gone is taken to have left.
    pub customer_grace: Micros,
    /// The categories.
    pub categories: Vec<RecordedCategory>,
    /// The agents who were ever online.
    pub agents: Vec<RecordedAgent>,
    /// Every wait, in the order of arrival: a reopened chat waits once more.
    pub episodes: Vec<Episode>,
    /// From when to when somebody waited in one of these, in no order: more than once in those that went back to a queue.
    pub waits: Vec<(Micros, Micros)>,
    /// How often each policy chose.
    pub policies: BTreeMap<String, u64>,
    /// What happened that a replay leaves out.
    pub oddities: Oddities,
}

/// A category.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordedCategory {
    /// Its number in the store.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// How its chats were served at the end of the record.
    pub settings: CategorySettings,
}

/// An agent.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RecordedAgent {
    /// Their number in the store.
    pub number: u64,
    /// Their name.
    pub name: String,
    /// The most chats at once, at the end of the record.
    pub max_chats: u32,
    /// The categories they served, by index.
    pub skills: BTreeSet<usize>,
    /// When they said they were online and so took new chats.
    pub online: Vec<(Micros, Micros)>,
    /// When they had each of their chats, in no order: up to its end, to its going elsewhere or to the end of the record.
    pub held: Vec<(Micros, Micros)>,
    /// Offers they were made.
    pub offers: u32,
    /// Offers they declined.
    pub declined: u32,
    /// Offers they missed.
    pub missed: u32,
    /// How long they took to answer an offer, of those they answered.
    pub answers: Vec<Micros>,
}

/// One customer's wait and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Episode {
    /// When the wait began.
    pub arrived: Micros,
    /// Which category, by index; the first one, where the chat was moved.
    pub category: usize,
    /// The priority when the wait ended, 0 the lowest.
    pub priority: u8,
    /// How long the chat waited, also after it had gone back to a queue: not while an agent had it.
    pub waited: Micros,
    /// What became of it.
    pub outcome: Outcome,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "every reader must look at each")]
pub enum Outcome {
    /// An agent had the chat at its end.
    Served {
        /// When one got it first.
        assigned: Micros,
        /// When the agent's first message came, if one did.
        first_reply: Option<Micros>,
        /// When the chat was ended; absent when it was still open at the end of the record.
        ended: Option<Micros>,
        /// Who got it first, by index; absent for somebody who was never online.
        agent: Option<usize>,
    },
    /// The customer left while nobody had the chat.
    Left {
        /// When.
        at: Micros,
    },
    /// The desk ended the chat, which had waited for longer than its category allows: in a run that is abandoned too,
    /// but how patient the customer was it does not say.
    TooLong {
        /// When.
        at: Micros,
    },
    /// The wait ended otherwise: with the record, or by somebody of the staff.
    Cut {
        /// When.
        at: Micros,
    },
}

impl Episode {
    /// How long it took from joining to getting an agent, to leaving or to being cut off, and whether the customer ended
    /// it.
    #[must_use]
    pub const fn wait(&self) -> (Micros, bool) {
        match self.outcome {
            Outcome::Served { assigned, .. } => (assigned.saturating_sub(self.arrived), false),
            Outcome::Left { at } => (at.saturating_sub(self.arrived), true),
            Outcome::TooLong { at } | Outcome::Cut { at } => (at.saturating_sub(self.arrived), false),
        }
    }

    /// How long the customer was seen to be patient, and whether the end of that was seen: patience is for waiting, and
    /// stands still while an agent has the chat.
    #[must_use]
    pub const fn patience(&self) -> (Micros, bool) {
        (self.waited, self.wait().1)
    }

    /// How long agents had the chat, all who had it together, if that was seen to its end.
    #[must_use]
    pub const fn work(&self) -> Option<Micros> {
        match self.outcome {
            Outcome::Served { ended: Some(ended), .. } => {
                Some(ended.saturating_sub(self.arrived).saturating_sub(self.waited))
            }
            Outcome::Served { ended: None, .. }
            | Outcome::Left { .. }
            | Outcome::TooLong { .. }
            | Outcome::Cut { .. } => None,
        }
    }
}

/// What happened that a replay leaves out, each counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Oddities {
    /// Chats that went back to the queue.
    pub requeued: u32,
    /// Chats that went from one agent to another.
    pub transferred: u32,
    /// Chats that went to another category.
    pub moved: u32,
    /// Chats given to an agent by hand.
    pub by_hand: u32,
    /// Chats whose customer was silent for so long that they took no room.
    pub parked: u32,
    /// Chats that went on in another one; left out.
    pub merged: u32,
    /// Resolved chats that went on: counted as new arrivals.
    pub reopened: u32,
    /// Chats that overflowed; a replay overflows by its own waits.
    pub overflowed: u32,
    /// Changes of an agent's maximum or skills while online.
    pub limits_changed: u32,
    /// Times an agent was set away for missed offers; a replay misses by chance.
    pub set_away: u32,
    /// Chats that the desk ended a grace after their customer's connection was gone.
    pub gone: u32,
}

impl Recorded {
    /// Whole days from midnight to the end of the record.
    #[must_use]
    pub fn days(&self) -> u32 {
        u32::try_from(self.span.1 / DAY + 1).unwrap_or(u32::MAX)
    }

    /// The policy that chose most often, if any did.
    #[must_use]
    pub fn policy(&self) -> Option<&str> {
        self.policies.iter().max_by_key(|it| it.1).map(|it| it.0.as_str())
    }

    /// The record as a run, for the metrics: what was observed. Chats that were open at the end are unfinished.
    #[must_use]
    pub fn observed(&self, options: &Options) -> Summary {
        let agents: Vec<AgentRow> = self.agents.iter().map(row).collect();
        let mut customers = Vec::with_capacity(self.episodes.len());
        for episode in &self.episodes {
            let category = u16::try_from(episode.category).unwrap_or(u16::MAX);
            let (arrived, priority, fate) = (episode.arrived, episode.priority, fate(episode));
            customers.push(CustomerRow { arrived, category, priority, fate });
        }
        let run = RunRecord {
            policy: "as recorded".to_owned(),
            replication: 0,
            from: 0,
            until: u64::from(self.days()) * DAY,
            customers,
            agents,
            queue: Vec::new(),
            queue_step: 0,
            waiting_time: self.episodes.iter().map(|it| u128::from(it.waited)).sum(),
            most_waiting: most(&self.waits),
            overflowed: self.oddities.overflowed,
            hash: 0,
        };
        Summary::of(&run, options)
    }
}

fn row(agent: &RecordedAgent) -> AgentRow {
    let chat_time = agent.held.iter().map(|it| it.1 - it.0).sum();
    AgentRow {
        // As in a run: who has chats to finish is at their desk, whatever they say.
        online: union(agent.online.iter().chain(&agent.held).copied().collect()),
        busy: union(agent.held.clone()),
        chat_time,
        work: chat_time,
        wrap_up: 0,
        max_chats: agent.max_chats,
        assigned: u32::try_from(agent.held.len()).unwrap_or(u32::MAX),
        refused: agent.declined + agent.missed,
    }
}

fn fate(episode: &Episode) -> Fate {
    let handled = episode.work().unwrap_or(0);
    match episode.outcome {
        Outcome::Served { assigned, first_reply, ended: Some(ended), agent } => Fate::Served {
            assigned,
            first_reply: match first_reply {
                Some(at) => at,
                None => ended,
            },
            ended,
            agent: match agent {
                Some(agent) => agent as u32,
                None => u32::MAX,
            },
            handled,
            work: handled,
        },
        Outcome::Left { at } | Outcome::TooLong { at } => Fate::Abandoned { at },
        Outcome::Served { ended: None, .. } | Outcome::Cut { .. } => Fate::Unfinished,
    }
}

/// How long at least one of these lasts.
fn union(mut spans: Vec<(Micros, Micros)>) -> Micros {
    spans.sort_unstable();
    let (mut sum, mut until) = (0, 0);
    for (from, to) in spans {
        sum += to.max(until) - from.max(until).min(to.max(until));
        until = until.max(to);
    }
    sum
}

/// How many of these there are at one time, at the most.
fn most(spans: &[(Micros, Micros)]) -> u32 {
    let mut changes: Vec<_> = spans.iter().flat_map(|(from, to)| [(*from, 1_i32), (*to, -1)]).collect();
    // At one moment those who go make room before those who come.
    changes.sort_unstable();
    let (mut now, mut most) = (0, 0);
    for (_, change) in changes {
        now += change;
        most = most.max(now);
    }
    u32::try_from(most).unwrap_or(0)
}
