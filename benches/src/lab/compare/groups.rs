//! Metrics of customers by category and by priority.

use std::collections::BTreeSet;

use super::rows::Row;
use super::{Names, PolicyRuns};
use crate::lab::metrics::{Metric, Scope};

/// By what customers are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "a customer has these two marks")]
pub enum GroupKind {
    /// What they came about.
    Category,
    /// How urgent it is.
    Priority,
}

/// The metrics of one group of customers.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Group {
    /// By what it is a group.
    pub kind: GroupKind,
    /// Its name.
    pub name: String,
    /// Its metrics.
    pub metrics: Vec<Row>,
}

const PRIORITIES: [&str; 4] = ["low", "medium", "high", "urgent"];

/// The groups, where customers differ at all.
pub(super) fn groups(
    policies: &[PolicyRuns],
    names: &Names,
    metrics: &[Metric],
    row: &mut dyn FnMut(&Metric, Scope) -> Row,
) -> Vec<Group> {
    let runs = policies.iter().flat_map(|it| &it.runs);
    let scopes: BTreeSet<Scope> = runs.flat_map(|run| run.tallies.keys().copied()).collect();
    let mut groups = Vec::new();
    for kind in [GroupKind::Category, GroupKind::Priority] {
        let of_kind: Vec<(Scope, String)> =
            scopes.iter().filter_map(|scope| name(*scope, kind, names).map(|name| (*scope, name))).collect();
        if of_kind.len() < 2 {
            continue;
        }
        for (scope, name) in of_kind {
            let of_customers = metrics.iter().filter(|metric| metric.is_of_customers());
            groups.push(Group { kind, name, metrics: of_customers.map(|metric| row(metric, scope)).collect() });
        }
    }
    groups
}

fn name(scope: Scope, kind: GroupKind, names: &Names) -> Option<String> {
    match (scope, kind) {
        (Scope::Category(number), GroupKind::Category) => {
            let known = names.categories.get(usize::from(number)).cloned();
            Some(known.unwrap_or_else(|| format!("category {number}")))
        }
        (Scope::Priority(number), GroupKind::Priority) => {
            let known = PRIORITIES.get(usize::from(number));
            Some(known.map_or_else(|| format!("priority {number}"), |name| (*name).to_owned()))
        }
        (Scope::All | Scope::Category(_) | Scope::Priority(_), _) => None,
    }
}
