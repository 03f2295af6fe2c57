//! How evenly work and waiting are shared.

use super::super::definition::Estimator::{Pooled, TallyRatio};
use super::super::definition::{Better, Metric, Unit};
use super::super::fairness::{gini, jain};
use super::super::summary::{Scope, Summary};
use super::super::{Distribution, seconds};
use super::{LOW, TIME, new};

pub(super) fn fairness() -> [Metric; 5] {
    [
        new(
            "wait_p99_worst_category",
            "wait, P99 of the worst category",
            TIME,
            Pooled(worst_category),
            "the P99 of the wait by category, customers of all runs together; the largest of them",
        ),
        new(
            "jain_agents",
            "fairness among agents (Jain)",
            (Unit::Number, Better::Higher),
            Pooled(|runs| jain(&loads(runs))),
            "(Σx)² / (n Σx²) over the agents, x = work done / (time online × maximum of chats) over all runs: 1 when \
             all are loaded alike, 1/n when one does everything",
        ),
        new(
            "gini_agents",
            "inequality among agents (Gini)",
            (Unit::Number, Better::Lower),
            Pooled(|runs| gini(&loads(runs))),
            "Gini's coefficient of the same x: 0 when all are loaded alike",
        ),
        new(
            "jain_categories",
            "fairness among categories (Jain)",
            (Unit::Number, Better::Higher),
            Pooled(|runs| jain(&category_waits(runs))),
            "the same index over the categories' mean waits: 1 when a customer waits alike in each",
        ),
        new(
            "skips",
            "overtaken",
            LOW,
            TallyRatio(|it| (it.skips as f64, it.chats as f64)),
            "chats given to an agent while an earlier customer of the same category and priority still waited / chats \
             that ended with an agent; skills, overflow and offers that are being answered are not looked at; a chat that \
             went back to its queue counts as waiting up to when it was first given, or up to when its customer left",
        ),
    ]
}

/// Categories in which anybody came.
fn categories(runs: &[&Summary]) -> Vec<Scope> {
    let mut found: Vec<Scope> = runs.iter().flat_map(|run| run.tallies.keys().copied()).collect();
    found.sort_unstable();
    found.dedup();
    found.retain(|scope| matches!(scope, Scope::Category(_)));
    found
}

fn worst_category(runs: &[&Summary]) -> Option<f64> {
    let p99 = |scope: Scope| {
        let parts = runs.iter().filter_map(|run| run.tally(scope)).map(|tally| &tally.waits.all);
        Distribution::merged(parts).quantile(0.99)
    };
    categories(runs).into_iter().filter_map(p99).max().map(|time| seconds(time.into()))
}

fn category_waits(runs: &[&Summary]) -> Vec<f64> {
    let mean = |scope: Scope| {
        let tallies = runs.iter().filter_map(|run| run.tally(scope));
        let (sum, n) = tallies.fold((0, 0), |at: (u128, u64), it| (at.0 + it.waits.sum, at.1 + it.offered));
        (n > 0).then(|| seconds(sum) / n as f64)
    };
    categories(runs).into_iter().filter_map(mean).collect()
}

/// Work by time online and slot, of the agents who were online at all.
fn loads(runs: &[&Summary]) -> Vec<f64> {
    let agents = runs.iter().map(|run| run.agents.len()).max().unwrap_or(0);
    let load = |at: usize| {
        let rows = runs.iter().filter_map(|run| run.agents.get(at));
        let (work, most) = rows.fold((0.0, 0.0), |sum: (f64, f64), it| {
            (sum.0 + it.work as f64, sum.1 + it.online as f64 * f64::from(it.max_chats))
        });
        (most > 0.0).then(|| work / most)
    };
    (0..agents).filter_map(load).collect()
}
