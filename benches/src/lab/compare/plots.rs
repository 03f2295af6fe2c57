//! The numbers behind the plots.

use super::{Names, PolicyRuns};
use crate::lab::metrics::{Distribution, Pool, Scope, Series, Slice, TimesOf, seconds};
use crate::lab::scenario::DAY;

/// More points than this are not seen on a curve.
const POINTS: usize = 240;

/// The numbers behind the plots, all by policy in the order of the comparison.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Plots {
    /// The share of the offered that waits longer than so many seconds.
    pub waits: Vec<Curve>,
    /// Service level of the offered by when they came.
    pub day: Vec<DayLevel>,
    /// How many wait over time.
    pub queue: Vec<QueueBand>,
    /// Slot occupancy by agent.
    pub agents: Vec<AgentLoad>,
}

/// A curve: points of seconds and share.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Curve {
    /// Whose.
    pub policy: String,
    /// (seconds, share), seconds rising.
    pub points: Vec<(f64, f64)>,
}

/// A service level over the day.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct DayLevel {
    /// Whose.
    pub policy: String,
    /// When the first slice begins, in seconds on the run's clock.
    pub from: f64,
    /// How long a slice is, in seconds.
    pub slice: f64,
    /// True when days are laid over each other.
    pub folded: bool,
    /// The level by slice; absent where nobody was offered.
    pub levels: Vec<Option<f64>>,
    /// Offered a run by slice.
    pub offered: Vec<f64>,
}

/// The number waiting over time, over the replications.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct QueueBand {
    /// Whose.
    pub policy: String,
    /// When the first point is, in seconds on the run's clock.
    pub from: f64,
    /// Seconds between points.
    pub step: f64,
    /// The mean.
    pub mean: Vec<f64>,
    /// A tenth of the replications, or of their days, had this or fewer.
    pub low: Vec<f64>,
    /// A tenth had this or more.
    pub high: Vec<f64>,
    /// True when days are laid over each other.
    pub folded: bool,
}

/// How loaded each agent is.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct AgentLoad {
    /// Under which policy.
    pub policy: String,
    /// The agents' names.
    pub agents: Vec<String>,
    /// Time of chats held / (time online × maximum); absent for who was never online.
    pub occupancy: Vec<Option<f64>>,
}

impl Plots {
    pub(super) fn new(policies: &[PolicyRuns], pools: &mut [Pool<'_>], names: &Names) -> Self {
        let waits = policies.iter().zip(pools).map(|(it, pool)| Curve {
            policy: it.policy.clone(),
            points: longer_than(pool.times(Scope::All, TimesOf::Waits)),
        });
        Self {
            waits: waits.collect(),
            day: policies.iter().filter_map(day).collect(),
            queue: policies.iter().filter_map(queue).collect(),
            agents: policies.iter().map(|it| agents(it, names)).collect(),
        }
    }
}

/// The share that waits longer, at evenly spread times and at 0.
fn longer_than(waits: &Distribution) -> Vec<(f64, f64)> {
    let (Some(longest), all) = (waits.max(), waits.len() as f64) else { return Vec::new() };
    let share = |at: u64| (seconds(at.into()), (waits.len() - waits.at_most(at)) as f64 / all);
    let step = (longest / POINTS as u64).max(1);
    let mut points: Vec<(f64, f64)> = (0..=longest).step_by(step as usize).map(share).collect();
    // The last step to nothing has no place on a logarithmic scale.
    points.retain(|point| point.1 > 0.0);
    points
}

fn day(policy: &PolicyRuns) -> Option<DayLevel> {
    let Series { from, slice, folded, slices, .. } = &policy.runs.first()?.series;
    // Runs of a number of customers end at different times: what the shortest has is in all.
    let count = policy.runs.iter().map(|run| run.series.slices.len()).min()?.min(slices.len());
    let comparable = |series: &Series| series.slice == *slice && series.folded == *folded;
    let of = |at: usize| {
        let of_slice = policy.runs.iter().filter(|run| comparable(&run.series)).map(|run| run.series.slices[at]);
        of_slice.fold(Slice::default(), |sum, it| sum.plus(it))
    };
    let sums: Vec<Slice> = (0..count).map(of).collect();
    let level = |it: &Slice| (it.offered > 0).then(|| it.answered_within as f64 / it.offered as f64);
    Some(DayLevel {
        policy: policy.policy.clone(),
        from: seconds((*from).into()),
        slice: seconds((*slice).into()),
        folded: *folded,
        levels: sums.iter().map(level).collect(),
        offered: sums.iter().map(|it| it.offered as f64 / policy.runs.len() as f64).collect(),
    })
}

fn queue(policy: &PolicyRuns) -> Option<QueueBand> {
    let first = &policy.runs.first()?.series;
    let runs = || policy.runs.iter().map(|run| &run.series).filter(|it| it.queue_step == first.queue_step);
    let length = runs().map(|it| it.queue.len()).min().filter(|length| *length > 1)?;
    let folded = first.folded && first.starts == 0 && first.queue_step > 0 && DAY.is_multiple_of(first.queue_step);
    let count = if folded { length.min((DAY / first.queue_step) as usize) } else { length };
    let (mut mean, mut low, mut high) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..count {
        let mut found: Vec<u32> =
            runs().flat_map(|it| it.queue[..length].iter().skip(at).step_by(count)).copied().collect();
        found.sort_unstable();
        let tenth = (found.len() - 1) / 10;
        mean.push(found.iter().copied().map(f64::from).sum::<f64>() / found.len() as f64);
        low.push(f64::from(found[tenth]));
        high.push(f64::from(found[found.len() - 1 - tenth]));
    }
    let (from, step) = (seconds(first.starts.into()), seconds(first.queue_step.into()));
    Some(QueueBand { policy: policy.policy.clone(), from, step, mean, low, high, folded })
}

fn agents(policy: &PolicyRuns, names: &Names) -> AgentLoad {
    let count = policy.runs.iter().map(|run| run.agents.len()).max().unwrap_or(0);
    let of = |at: usize| {
        let rows = policy.runs.iter().filter_map(|run| run.agents.get(at));
        let (held, most) = rows.fold((0.0, 0.0), |sum: (f64, f64), it| {
            (sum.0 + it.chat_time as f64, sum.1 + it.online as f64 * f64::from(it.max_chats))
        });
        (most > 0.0).then(|| held / most)
    };
    let name = |at: usize| names.agents.get(at).cloned().unwrap_or_else(|| format!("agent {}", at + 1));
    AgentLoad {
        policy: policy.policy.clone(),
        agents: (0..count).map(name).collect(),
        occupancy: (0..count).map(of).collect(),
    }
}
