//! The table on the terminal.

use super::Report;
use super::numbers::{interval, unit, with_half};
use super::table::{Align, Table, wrapped};
use crate::lab::compare::{Difference, Estimate, Group, GroupKind, Row, Verdict};
use crate::lab::metrics::Unit;

const WIDTH: usize = 110;

/// What is printed where not everything is asked for.
const HEADLINES: [&str; 27] = [
    "offered",
    "unfinished",
    "wait_mean",
    "wait_p50",
    "wait_p90",
    "wait_p99",
    "wait_max",
    "asa",
    "sl_offered",
    "sl_answered",
    "sl_lenient",
    "abandonment",
    "abandonment_silent",
    "first_response_mean",
    "first_response_p90",
    "aht",
    "effort_aht",
    "occupancy_busy",
    "occupancy_slots",
    "wait_p99_worst_category",
    "jain_agents",
    "jain_categories",
    "skips",
    "backlog_mean",
    "backlog_max",
    "overflow_rate",
    "reject_rate",
];

/// The report as text: the headlines, or every metric.
#[must_use]
pub fn terminal(report: &Report, everything: bool) -> String {
    let comparison = &report.comparison;
    let shown: Vec<&Row> = comparison.metrics.iter().filter(|row| everything || is_headline(row)).collect();
    let mut text = heading(report);
    text += &values(&shown, &comparison.policies);
    if comparison.policies.len() > 1 {
        text += &differences(&shown, &comparison.policies);
    }
    for group in &comparison.groups {
        text += &group_values(group, &comparison.policies, everything);
    }
    text += "\nDefinitions\n";
    for row in &shown {
        let line = format!("{}: {}.", row.name, row.definition);
        text += &wrapped(&line, WIDTH, "    ");
        text.push('\n');
    }
    text += &footer(report);
    text
}

/// Rows that say something: not those that nobody has a value for.
pub(super) fn is_headline(row: &Row) -> bool {
    let something = row.values.iter().flatten().any(|it| it.estimate != 0.0);
    HEADLINES.contains(&row.id) && (something || row.id == "abandonment")
}

fn heading(report: &Report) -> String {
    let mut text = format!("{}\n", report.scenario.name);
    if !report.scenario.about.is_empty() {
        text += &wrapped(report.scenario.about.trim(), WIDTH, "");
        text.push('\n');
    }
    let runs = report.comparison.replications;
    text += &format!(
        "{}; {runs} replication{} a policy, seed {}; ± is half of a 95 % interval over replications\n",
        report.scenario.length,
        if runs == 1 { "" } else { "s" },
        report.run.seed
    );
    for note in &report.scenario.notes {
        text += &wrapped(&format!("! {note}"), WIDTH, "  ");
        text.push('\n');
    }
    text.push('\n');
    text
}

fn cell(row: &Row, value: Option<&Estimate>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| interval(row.unit, value))
}

fn values(rows: &[&Row], policies: &[String]) -> String {
    let columns = [("metric", Align::Left), ("", Align::Left)].into_iter();
    let mut table = Table::new(columns.chain(policies.iter().map(|policy| (policy.as_str(), Align::Right))));
    for row in rows {
        let figures = row.values.iter().map(|value| cell(row, value.as_ref()));
        table.row([row.name.to_string(), unit(row.unit).to_owned()].into_iter().chain(figures));
    }
    table.text()
}

fn differences(rows: &[&Row], policies: &[String]) -> String {
    let mut table = Table::new([
        ("metric", Align::Left),
        ("", Align::Left),
        ("policy", Align::Left),
        ("difference", Align::Right),
        ("p (Holm)", Align::Right),
        ("variance ÷", Align::Right),
        ("", Align::Left),
    ]);
    for row in rows {
        // What is equal is told at the end.
        let differ = row.differences.iter().flatten().filter(|it| it.verdict != Verdict::Equal);
        for (at, difference) in differ.enumerate() {
            let name = if at == 0 { row.name.as_ref() } else { "" };
            table.row(difference_cells(row, name, difference));
        }
    }
    let all = || rows.iter().flat_map(|row| &row.differences).flatten();
    let Some(first) = all().next().map(|it| it.to.as_str()) else {
        return "\nNo differences: they need at least two replications.\n".to_owned();
    };
    let others = if policies.len() > 2 { " (p corrected over the policies of a metric, not over metrics)" } else { "" };
    let mut text = format!("\nDifferences to {first}, by paired replications{others}\n{}", table.text());
    let equal: Vec<String> = policies[1..]
        .iter()
        .filter_map(|policy| {
            let count = all().filter(|it| it.policy == *policy && it.verdict == Verdict::Equal).count();
            (count > 0).then(|| format!("{policy} in {count} of {} metrics", rows.len()))
        })
        .collect();
    if !equal.is_empty() {
        text += &wrapped(&format!("Equal to {first} in every run: {}.", equal.join(", ")), WIDTH, "  ");
        text.push('\n');
    }
    text
}

fn difference_cells(row: &Row, name: &str, it: &Difference) -> [String; 7] {
    let p = if it.p_holm < 0.001 { "<0.001".to_owned() } else { format!("{:.3}", it.p_holm) };
    [
        name.to_owned(),
        if row.unit == Unit::Share { "points" } else { unit(row.unit) }.to_owned(),
        it.policy.clone(),
        with_half(row.unit, it.difference, it.half_width),
        p,
        it.variance_reduction.map_or_else(|| "–".to_owned(), |factor| format!("{factor:.1}")),
        it.verdict.words().to_owned(),
    ]
}

fn group_values(group: &Group, policies: &[String], everything: bool) -> String {
    let of_groups =
        ["offered", "wait_mean", "wait_p90", "wait_p99", "sl_offered", "abandonment", "first_response_mean"];
    let rows: Vec<&Row> = group.metrics.iter().filter(|row| everything || of_groups.contains(&row.id)).collect();
    let kind = match group.kind {
        GroupKind::Category => "Category",
        GroupKind::Priority => "Priority",
    };
    format!("\n{kind} {}\n{}", group.name, values(&rows, policies))
}

fn footer(report: &Report) -> String {
    let mut text = String::new();
    if !report.scenario.sources.is_empty() {
        text += "\nWhere the scenario's figures come from\n";
        for source in &report.scenario.sources {
            text += &wrapped(&format!("{} ({}): {}", source.figure, source.kind, source.note), WIDTH, "    ");
            text.push('\n');
        }
    }
    text += &format!("\nTo repeat it: {}\nHash of all runs: {}\n", report.run.command, report.run.hash);
    text
}
