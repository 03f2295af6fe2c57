//! The tables of a report.

use std::fmt::Write as _;

use super::SUNK;
use super::escape::escaped;
use crate::lab::compare::{Comparison, Difference, GroupKind, Row, Verdict};
use crate::lab::metrics::{Better, Unit};
use crate::lab::report::numbers::{interval, unit, with_half};
use crate::lab::report::terminal::is_headline;

/// The headlines, and folded away every metric that somebody has a value for.
pub(super) fn figures(comparison: &Comparison) -> String {
    let headlines: Vec<&Row> = comparison.metrics.iter().filter(|row| is_headline(row)).collect();
    let all: Vec<&Row> = comparison.metrics.iter().collect();
    let (headlines, all) = (table(comparison, &headlines), table(comparison, &all));
    format!("{headlines}<details><summary>Every metric</summary>\n{all}</details>\n")
}

fn table(comparison: &Comparison, rows: &[&Row]) -> String {
    let mut html = String::from("<div class=\"scroll\"><table>\n<thead><tr><th>Metric</th><th></th>");
    for policy in &comparison.policies {
        write!(html, "<th>{}</th>", escaped(policy)).expect(SUNK);
    }
    html += "</tr></thead>\n<tbody>\n";
    for row in rows.iter().filter(|row| row.values.iter().any(Option::is_some)) {
        let (name, definition) = (escaped(&row.name), escaped(&row.definition));
        write!(html, "<tr><th title=\"{definition}\">{name}</th><td class=\"unit\">{}</td>", unit(row.unit))
            .expect(SUNK);
        for (at, value) in row.values.iter().enumerate() {
            let difference = at.checked_sub(1).and_then(|at| row.differences.get(at)?.as_ref());
            let text = value.as_ref().map_or_else(|| "–".to_owned(), |value| interval(row.unit, value));
            let text = match text.split_once(" ± ") {
                Some((figure, half)) => format!("{figure} <span class=\"plus\">± {half}</span>"),
                None => text,
            };
            write!(html, "<td class=\"{}\">{text}</td>", difference.map_or("", |it| judged(row, it))).expect(SUNK);
        }
        html += "</tr>\n";
    }
    html + "</tbody></table></div>\n"
}

/// The class of a cell: whether a policy is better or worse than the first.
const fn judged(row: &Row, difference: &Difference) -> &'static str {
    match (row.better, difference.verdict) {
        (Better::Lower, Verdict::Lower) | (Better::Higher, Verdict::Higher) => "better",
        (Better::Lower, Verdict::Higher) | (Better::Higher, Verdict::Lower) => "worse",
        (Better::Neither, _) | (_, Verdict::NotDistinguishable | Verdict::NotAfterHolm | Verdict::Equal) => "",
    }
}

/// What each policy has more or less than the first: the headlines, and folded away every metric.
pub(super) fn differences(comparison: &Comparison) -> String {
    let first = escaped(&comparison.policies[0]);
    let headlines: Vec<&Row> = comparison.metrics.iter().filter(|row| is_headline(row)).collect();
    let all: Vec<&Row> = comparison.metrics.iter().collect();
    format!(
        "<p class=\"caption\">Each policy less <b>{first}</b>, from paired replications: the same customers, agents and \
         chances met both. p is Holm’s, corrected over the policies compared in one row of figures, not over the rows: \
         of many rows a few look different by chance. The last column but one is how much pairing narrows it: the \
         variance without pairs over the variance with them. What is equal in every run is left out.</p>\n{}<details>\
         <summary>Every metric</summary>\n{}</details>\n",
        difference_table(&headlines),
        difference_table(&all)
    )
}

fn difference_table(rows: &[&Row]) -> String {
    let mut html = String::from(
        "<div class=\"scroll\"><table>\n<thead><tr><th>Metric</th><th class=\"text\">Policy</th><th>Difference</th>\
         <th>p</th><th>Variance ÷</th><th class=\"text\">Verdict</th></tr></thead>\n<tbody>\n",
    );
    for row in rows {
        let differ = |it: &&Difference| it.verdict != Verdict::Equal;
        for (at, it) in row.differences.iter().flatten().filter(differ).enumerate() {
            html += &difference_row(row, it, at == 0);
        }
    }
    html + "</tbody></table></div>\n"
}

fn difference_row(row: &Row, it: &Difference, first: bool) -> String {
    let name = if first { escaped(&row.name) } else { String::new() };
    let p = if it.p_holm < 0.001 { "&lt;0.001".to_owned() } else { format!("{:.3}", it.p_holm) };
    let unit = if row.unit == Unit::Share { "points" } else { unit(row.unit) };
    let class = match (judged(row, it), it.verdict) {
        ("", Verdict::Lower | Verdict::Higher) => "",
        ("", Verdict::NotDistinguishable | Verdict::NotAfterHolm | Verdict::Equal) => "none",
        (class, _) => class,
    };
    format!(
        "<tr><th>{name}</th><td class=\"text\">{}</td><td>{} <span class=\"soft\">{unit}</span></td><td>{p}</td>\
         <td>{}</td><td class=\"text {class}\">{}</td></tr>\n",
        escaped(&it.policy),
        with_half(row.unit, it.difference, it.half_width),
        it.variance_reduction.map_or_else(|| "–".to_owned(), |factor| format!("{factor:.1}")),
        it.verdict.words(),
    )
}

/// A table for each group of customers.
pub(super) fn groups(comparison: &Comparison) -> String {
    let mut html = String::new();
    for group in &comparison.groups {
        let kind = match group.kind {
            GroupKind::Category => "Category",
            GroupKind::Priority => "Priority",
        };
        let rows: Vec<&Row> = group.metrics.iter().filter(|row| row.id != "unfinished").collect();
        let table = table(comparison, &rows);
        writeln!(html, "<details><summary>{kind} {}</summary>\n{table}</details>", escaped(&group.name)).expect(SUNK);
    }
    html
}
