//! Reports for other programs.

use super::Report;
use crate::lab::compare::{Comparison, GroupKind, Row};

/// One line a metric, scope and policy. The columns keep their names and order; more may be added at the end.
#[must_use]
pub fn csv(report: &Report) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = [
        "scope",
        "group",
        "metric",
        "unit",
        "policy",
        "estimate",
        "half_width",
        "difference_to",
        "difference",
        "difference_half_width",
        "p",
        "p_holm",
        "variance_reduction",
        "verdict",
    ];
    let kept = "memory takes every line";
    writer.write_record(header).expect(kept);
    let comparison = &report.comparison;
    for row in &comparison.metrics {
        lines(&mut writer, comparison, ["all", ""], row);
    }
    for group in &comparison.groups {
        let scope = match group.kind {
            GroupKind::Category => "category",
            GroupKind::Priority => "priority",
        };
        for row in &group.metrics {
            lines(&mut writer, comparison, [scope, &group.name], row);
        }
    }
    String::from_utf8(writer.into_inner().expect(kept)).expect("it was made of strings")
}

fn lines(writer: &mut csv::Writer<Vec<u8>>, comparison: &Comparison, scope: [&str; 2], row: &Row) {
    let number = |value: Option<f64>| value.map(|it| it.to_string()).unwrap_or_default();
    for (at, (policy, value)) in comparison.policies.iter().zip(&row.values).enumerate() {
        let difference = at.checked_sub(1).and_then(|at| row.differences.get(at)?.as_ref());
        let cells = [
            scope[0].to_owned(),
            scope[1].to_owned(),
            row.id.to_owned(),
            word(row.unit),
            policy.clone(),
            number(value.map(|it| it.estimate)),
            number(value.and_then(|it| it.half_width)),
            difference.map(|it| it.to.clone()).unwrap_or_default(),
            number(difference.map(|it| it.difference)),
            number(difference.map(|it| it.half_width)),
            number(difference.map(|it| it.p)),
            number(difference.map(|it| it.p_holm)),
            number(difference.and_then(|it| it.variance_reduction)),
            difference.map(|it| word(it.verdict)).unwrap_or_default(),
        ];
        writer.write_record(cells).expect("memory takes every line");
    }
}

/// The whole report. Names are stable: what is there stays, more may be added.
#[must_use]
pub fn json(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(report).expect("plain data has a JSON form");
    text.push('\n');
    text
}

/// The word that serde writes for a plain enum.
fn word(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    }
}
