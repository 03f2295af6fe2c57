//! From scenarios and policies to a comparison: every run is counted as soon as it ends, so that no more records are in
//! memory than threads run.

use std::borrow::Cow;
use std::fmt;

use super::compare::{Comparison, Names, PolicyRuns};
use super::metrics::{Options, Summary};
use super::record::Micros;
use super::report::{About, Origin};
use super::scenario::{Horizon, Scenario, SourceKind};
use super::sim::{self, Progress, RunError, in_parallel};

/// One of the things that are compared: a policy, and the scenario that it meets in each replication.
#[derive(Clone)]
#[expect(clippy::exhaustive_structs, reason = "plain data")]
pub struct Variant<'a> {
    /// What it is called.
    pub label: String,
    /// The policy's name, as [`policy::parse`](super::policy::parse) reads it.
    pub policy: String,
    /// The scenario of a replication. It must bring the same customers as that of the other variants.
    pub scenario: &'a (dyn Fn(u32) -> Cow<'a, Scenario> + Sync),
}

impl fmt::Debug for Variant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variant").field("label", &self.label).field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// How runs are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct Effort {
    /// The seed of all random streams.
    pub seed: u64,
    /// How many replications of each variant.
    pub replications: u32,
    /// On how many threads.
    pub threads: usize,
}

/// What came of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Study {
    /// The figures.
    pub comparison: Comparison,
    /// A hash of everything that happened in all runs.
    pub hash: u64,
}

/// Runs every replication of every variant and compares them; differences are to the first variant.
///
/// # Errors
/// The error of the first run that had one.
pub fn study(
    variants: &[Variant<'_>],
    options: &Options,
    names: &Names,
    effort: Effort,
    progress: Progress<'_>,
) -> Result<Study, RunError> {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let runs = replications(variants, options, 0..effort.replications, effort, progress)?;
    let mut policies = Vec::new();
    for (variant, runs) in variants.iter().zip(runs) {
        for (_, of_run) in &runs {
            hash = (hash ^ of_run).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
        }
        policies.push(PolicyRuns {
            policy: variant.label.clone(),
            runs: runs.into_iter().map(|(summary, _)| summary).collect(),
        });
    }
    Ok(Study { comparison: Comparison::new(&policies, options, names), hash })
}

/// The runs of these replications, by variant, each with its hash.
pub(super) fn replications(
    variants: &[Variant<'_>],
    options: &Options,
    replications: std::ops::Range<u32>,
    effort: Effort,
    progress: Progress<'_>,
) -> Result<Vec<Vec<(Summary, u64)>>, RunError> {
    let jobs: Vec<(usize, u32)> =
        (0..variants.len()).flat_map(|at| replications.clone().map(move |replication| (at, replication))).collect();
    let results: Vec<Result<(Summary, u64), RunError>> = in_parallel(jobs.len(), effort.threads, progress, |job| {
        let (at, replication) = jobs[job];
        let variant = &variants[at];
        let scenario = (variant.scenario)(replication);
        let run = sim::run(&scenario, &variant.policy, effort.seed, replication)?;
        // Variants may differ in their agents.
        let options = Options { top_speeds: top_speeds(&scenario), ..options.clone() };
        Ok((Summary::of(&run, &options), run.hash))
    });
    let mut by_variant: Vec<Vec<(Summary, u64)>> = variants.iter().map(|_| Vec::new()).collect();
    for ((at, _), result) in jobs.into_iter().zip(results) {
        by_variant[at].push(result?);
    }
    Ok(by_variant)
}

/// What the metrics of a scenario leave to choose: its own targets, unless one is given.
#[must_use]
pub fn options(scenario: &Scenario, within: Option<Micros>, short_abandon: Micros) -> Options {
    let targets = match within {
        Some(_) => Vec::new(),
        None => scenario.categories.iter().map(|it| it.target).collect(),
    };
    let threshold = within.unwrap_or_else(|| Options::default().threshold);
    Options { threshold, targets, short_abandon, top_speeds: top_speeds(scenario) }
}

fn top_speeds(scenario: &Scenario) -> Vec<f64> {
    let top = |group: usize| scenario.groups[group].speeds.iter().copied().fold(0.0, f64::max);
    scenario.group_of_agents().into_iter().map(top).collect()
}

/// The names of a scenario's categories and agents.
#[must_use]
pub fn names(scenario: &Scenario) -> Names {
    let mut agents = Vec::new();
    for group in &scenario.groups {
        match group.count {
            1 => agents.push(group.name.clone()),
            count => agents.extend((1..=count).map(|number| format!("{} {number}", group.name))),
        }
    }
    Names { categories: scenario.categories.iter().map(|it| it.name.clone()).collect(), agents }
}

/// What a report says about a scenario.
#[must_use]
pub fn about(scenario: &Scenario) -> About {
    let (of_day, length) = match scenario.horizon {
        Horizon::Days { days: 1 } => (true, "1 day from an empty desk, everybody counts".to_owned()),
        Horizon::Days { days } => (true, format!("{days} days from an empty desk, everybody counts")),
        Horizon::Customers { counted, warm_up } => {
            (false, format!("{counted} customers that count, after {warm_up} to warm the desk up"))
        }
    };
    let origin = |it: &super::scenario::Source| Origin {
        figure: it.figure.clone(),
        kind: match it.kind {
            SourceKind::Measured => "measured",
            SourceKind::Derived => "derived",
            SourceKind::Assumed => "assumed",
        },
        note: it.note.clone(),
    };
    About {
        name: scenario.name.clone(),
        about: scenario.about.clone(),
        of_day,
        length,
        sources: scenario.sources.iter().map(origin).collect(),
        notes: notes(scenario),
    }
}

fn notes(scenario: &Scenario) -> Vec<String> {
    let mut notes = Vec::new();
    for category in &scenario.categories {
        if let Some(policy) = &category.settings.policy {
            notes.push(format!(
                "The category {} keeps its own policy, {}, under every policy compared here.",
                category.name,
                policy.as_str()
            ));
        }
    }
    if let Some(trace) = &scenario.trace {
        let missing = trace.missing();
        notes.push(format!(
            "The customers come out of a trace of {} rows. It does not say the priority of {}, the work of {} and the \
             patience of {}: these were drawn from the scenario's laws. What is shown is a computation about what might \
             have been, not an observation, and the intervals cover what was drawn, not other days.",
            missing.rows, missing.priority, missing.work, missing.patience
        ));
    }
    notes
}
