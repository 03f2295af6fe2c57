//! What is compared, in units of a mean service time, which is one minute everywhere here.

use chatter_benches::lab::record::Micros;
use chatter_benches::lab::sim::{ClassCounts, Counted};

/// One minute, the unit of time.
pub(crate) const UNIT: f64 = 60e6;

/// Something that theory knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Metric {
    /// The share of customers who wait.
    Waited,
    /// The mean wait of all.
    Wait,
    /// The mean wait of those who were served.
    WaitServed,
    /// The mean wait of those who left.
    WaitLeft,
    /// The mean number waiting.
    Queue,
    /// The share of those who leave.
    Left,
    /// What the share of those who leave has more than the mean wait times this rate: nothing, where patience is
    /// memoryless.
    LeftBeyond(f64),
    /// The share served within the target, of all.
    InTime,
    /// The same of those served.
    InTimeOfServed,
    /// The share that waits at most so many units.
    Within(f64),
    /// Chats held, of chats that could be held.
    Occupancy,
    /// The share of time in which an agent has a chat.
    Busy,
    /// The mean number of chats held.
    Chats,
    /// The mean time in service.
    Service,
    /// The mean wait in one category.
    WaitIn(usize),
    /// The share of one category who wait.
    WaitedIn(usize),
    /// The share of one category who leave.
    LeftIn(usize),
    /// How busy one agent is.
    BusyAgent(usize),
    /// The mean wait at one priority.
    WaitAt(usize),
    /// How much longer the first priority waits than the second.
    WaitBetween(usize, usize),
}

impl Metric {
    /// True for a probability, whose error is in points; others have a relative one.
    pub(crate) fn is_share(self) -> bool {
        match self {
            Self::Waited
            | Self::Left
            | Self::LeftBeyond(_)
            | Self::InTime
            | Self::InTimeOfServed
            | Self::Within(_)
            | Self::Occupancy
            | Self::Busy
            | Self::WaitedIn(_)
            | Self::LeftIn(_)
            | Self::BusyAgent(_) => true,
            Self::Wait
            | Self::WaitServed
            | Self::WaitLeft
            | Self::Queue
            | Self::Chats
            | Self::Service
            | Self::WaitIn(_)
            | Self::WaitAt(_)
            | Self::WaitBetween(..) => false,
        }
    }

    /// Its value in a run.
    pub(crate) fn of(self, run: &Counted) -> f64 {
        let all = run.counts.total();
        let record = &run.record;
        let time = (record.until - record.from) as f64;
        let agents = |sum: fn(&chatter_benches::lab::record::AgentRow) -> u64| -> f64 {
            record.agents.iter().map(|agent| sum(agent) as f64).sum::<f64>() / time
        };
        let slots: f64 = record.agents.iter().map(|agent| f64::from(agent.max_chats)).sum();
        let wait = |class: &ClassCounts| class.mean_wait() * 1e6 / UNIT;
        match self {
            Self::Waited => all.share(all.waited),
            Self::Wait => wait(&all),
            Self::WaitServed => all.mean_wait_served() * 1e6 / UNIT,
            Self::WaitLeft => (all.wait - all.wait_served) as f64 / all.abandoned as f64 / UNIT,
            Self::Queue => record.waiting_time as f64 / time,
            Self::Left => all.share(all.abandoned),
            Self::LeftBeyond(rate) => all.share(all.abandoned) - rate * wait(&all),
            Self::InTime => all.share(all.in_time),
            Self::InTimeOfServed => all.in_time as f64 / all.served as f64,
            Self::Within(units) => {
                let level = run.counts.levels.iter().find(|(level, _)| *level == micros(units));
                all.share(level.expect("it was counted").1)
            }
            Self::Occupancy => agents(|agent| agent.chat_time) / slots,
            Self::Busy => agents(|agent| agent.busy) / record.agents.len() as f64,
            Self::Chats => agents(|agent| agent.chat_time),
            Self::Service => all.mean_service() * 1e6 / UNIT,
            Self::WaitIn(category) => wait(&in_category(run, category)),
            Self::WaitedIn(category) => {
                let class = in_category(run, category);
                class.share(class.waited)
            }
            Self::LeftIn(category) => {
                let class = in_category(run, category);
                class.share(class.abandoned)
            }
            Self::BusyAgent(agent) => record.agents[agent].busy as f64 / time,
            Self::WaitAt(priority) => wait(&at_priority(run, priority)),
            Self::WaitBetween(one, other) => wait(&at_priority(run, one)) - wait(&at_priority(run, other)),
        }
    }
}

/// Units in microseconds.
pub(crate) fn micros(units: f64) -> Micros {
    (units * UNIT).round() as Micros
}

/// The sums of one category, whose customers are all of medium priority.
fn in_category(run: &Counted, category: usize) -> ClassCounts {
    run.counts.classes[category][1]
}

/// The sums of one priority of the first category.
fn at_priority(run: &Counted, priority: usize) -> ClassCounts {
    run.counts.classes[0][priority]
}
