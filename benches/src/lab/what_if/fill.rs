//! From a record to a scenario: what is missing drawn, and what is changed changed.

use std::collections::BTreeSet;

use chatter_core::{CategoryId, CategorySettings, OverflowStage};

use super::fit::Patience;
use super::recorded::{Outcome, Recorded, RecordedAgent};
use crate::lab::metrics::seconds;
use crate::lab::random::{Law, Purpose, Stream};
use crate::lab::record::Micros;
use crate::lab::scenario::{AgentGroup, Category, Coming, Horizon, Scenario, Shift, category_id, theory};
use crate::lab::trace::{Trace, Traced};

/// Fewer who left than this say nothing of their category; all together are asked.
const ENOUGH: usize = 20;

/// What is other than recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct Change {
    /// All follow one policy: categories give up their own.
    pub one_policy: bool,
    /// Every agent's most chats at once.
    pub max_chats: Option<u32>,
    /// One agent more, who is there when this one is and serves what this one serves.
    pub like: Option<usize>,
}

impl Recorded {
    /// How long customers of a category are ready to wait, as far as the record tells it.
    #[must_use]
    pub fn patience(&self, category: usize) -> Patience {
        let of = |only: Option<usize>| {
            let some = self.episodes.iter().filter(move |it| only.is_none_or(|only| it.category == only));
            Patience::fit(some.map(super::Episode::patience))
        };
        let own = of(Some(category));
        if own.left >= ENOUGH { own } else { of(None) }
    }

    /// The times that agents had chats of a category, of those seen to their end.
    fn works(&self, category: usize) -> Vec<Micros> {
        let of = |all: bool| {
            let some = self.episodes.iter().filter(|it| all || it.category == category);
            some.filter_map(super::Episode::work).collect::<Vec<Micros>>()
        };
        let own = of(false);
        if own.is_empty() { of(true) } else { own }
    }

    /// The agent who was online longest.
    #[must_use]
    pub fn longest_online(&self) -> usize {
        let online = |agent: &RecordedAgent| agent.online.iter().map(|it| it.1 - it.0).sum::<Micros>();
        let longest = self.agents.iter().enumerate().max_by_key(|it| online(it.1));
        longest.map_or(0, |it| it.0)
    }

    /// The record as a scenario, with what it does not say drawn for this replication. Equal arguments give equal
    /// scenarios; the changes touch nothing that is drawn.
    #[must_use]
    pub fn scenario(&self, change: &Change, seed: u64, replication: u32) -> Scenario {
        let fits: Vec<Patience> = (0..self.categories.len()).map(|category| self.patience(category)).collect();
        let works: Vec<Vec<Micros>> = (0..self.categories.len()).map(|category| self.works(category)).collect();
        let mut groups: Vec<AgentGroup> = self.agents.iter().map(|agent| group(agent, change)).collect();
        if let Some(like) = change.like.and_then(|like| self.agents.get(like)) {
            groups.push(AgentGroup { name: format!("one more like {}", like.name), ..group(like, change) });
        }
        let desk = theory();
        let customers = self.episodes.iter().zip(0..).map(|(episode, key): (_, u64)| {
            let stream = |purpose| Stream::new(seed, replication, purpose, key);
            let more = |wait: Micros| {
                let more = fits[episode.category].law.draw(&mut stream(Purpose::Patience));
                wait.saturating_add(more)
            };
            let (wait, left) = episode.patience();
            // Whoever was there until the wait ended would have waited longer: how much longer is drawn.
            let patience = if left { wait } else { more(wait) };
            let work = episode.work().unwrap_or_else(|| drawn(&works[episode.category], &mut stream(Purpose::Work)));
            Traced {
                at: episode.arrived,
                category: episode.category,
                priority: Some(episode.priority),
                work: Some(work),
                patience: Some(patience),
            }
        });
        Scenario {
            name: format!("What if: {}", self.name),
            about: self.about(),
            sources: self.sources(),
            horizon: Horizon::Days { days: self.days() },
            desk,
            categories: (0..self.categories.len()).map(|at| self.category(at, &fits[at], change)).collect(),
            groups,
            trace: Some(Trace { customers: customers.collect() }),
        }
    }

    fn category(&self, at: usize, fit: &Patience, change: &Change) -> Category {
        let recorded = &self.categories[at];
        let place = |number: CategoryId| self.categories.iter().position(|it| it.number == number.0);
        let overflow = recorded.settings.overflow.iter().filter_map(|stage| {
            Some(OverflowStage { after: stage.after, category: category_id(place(stage.category)?) })
        });
        let policy = if change.one_policy { None } else { recorded.settings.policy.clone() };
        // Whom closed hours turned away the record does not know; those who came, came.
        let settings = CategorySettings {
            overflow: overflow.collect(),
            policy,
            hours: None,
            sticky_wait: None,
            ..recorded.settings.clone()
        };
        Category {
            name: recorded.name.clone(),
            coming: Coming::Traced,
            day_factor: None,
            priorities: [0.0, 1.0, 0.0, 0.0],
            work: Law::Deterministic { value: 0.0 },
            first_reply: self.first_reply(at),
            patience: fit.law,
            silent: 0.0,
            detection: Law::Never,
            target: 20_000_000,
            settings,
        }
    }

    /// How long after the assignment the first message came: lognormal by its mean and median where they allow it.
    pub(super) fn first_reply(&self, category: usize) -> Law {
        let mut delays: Vec<Micros> = self
            .episodes
            .iter()
            .filter(|it| it.category == category)
            .filter_map(|it| match it.outcome {
                Outcome::Served { assigned, first_reply: Some(at), .. } => Some(at.saturating_sub(assigned)),
                Outcome::Served { first_reply: None, .. }
                | Outcome::Left { .. }
                | Outcome::TooLong { .. }
                | Outcome::Cut { .. } => None,
            })
            .collect();
        if delays.is_empty() {
            return Law::Deterministic { value: 0.0 };
        }
        delays.sort_unstable();
        let median = seconds(delays[delays.len() / 2].into());
        let mean = seconds(delays.iter().copied().map(u128::from).sum()) / delays.len() as f64;
        let law = Law::Lognormal { mean, median };
        if law.check().is_ok() { law } else { Law::Deterministic { value: mean } }
    }
}

fn group(agent: &RecordedAgent, change: &Change) -> AgentGroup {
    let max_chats = change.max_chats.unwrap_or(agent.max_chats);
    let answer = match agent.answers.len() {
        0 => Law::Deterministic { value: 1.0 },
        count => {
            let mean = seconds(agent.answers.iter().copied().map(u128::from).sum()) / count as f64;
            Law::Exponential { mean: mean.max(1e-6) }
        }
    };
    // Long answers of the law come too late as well.
    let late = answer.survival(theory().offer_timeout.as_secs_f64());
    let missed = f64::from(agent.missed) / f64::from(agent.offers.max(1));
    let misses = if late < 1.0 { ((missed - late) / (1.0 - late)).clamp(0.0, 1.0) } else { 0.0 };
    let skills: BTreeSet<usize> = agent.skills.clone();
    AgentGroup {
        name: if agent.name.is_empty() { format!("agent {}", agent.number) } else { agent.name.clone() },
        count: 1,
        skills: skills.into_iter().collect(),
        max_chats,
        shifts: agent.online.iter().map(|(from, to)| Shift { from: *from, to: *to, breaks: Vec::new() }).collect(),
        once: true,
        speeds: (1..=max_chats).map(f64::from).collect(),
        // The answers are those that said no and those that said yes.
        decline: (f64::from(agent.declined) / agent.answers.len().max(1) as f64).min(1.0),
        misses,
        answer,
        back_after: 300_000_000,
    }
}

/// One of these, each as likely.
fn drawn(times: &[Micros], stream: &mut Stream) -> Micros {
    let at = (stream.uniform() * times.len() as f64) as usize;
    times.get(at).copied().unwrap_or(0)
}
