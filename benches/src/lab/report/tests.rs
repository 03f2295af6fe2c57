//! Reports of a hand-made comparison, with names that try to break out.

use std::collections::BTreeSet;

use super::{About, Origin, Repeat, Report, csv, html, json, terminal};
use crate::lab::compare::tests::three;

pub(super) fn report() -> Report {
    Report {
        scenario: About {
            name: "Sales <script>alert(1)</script> & support".to_owned(),
            about: "Two categories & \"three\" policies.".to_owned(),
            of_day: true,
            length: "1 day".to_owned(),
            sources: vec![Origin {
                figure: "arrivals".to_owned(),
                kind: "measured",
                note: "http://example.org/<b>paper</b>".to_owned(),
            }],
            notes: vec!["Patience is <assumed>.".to_owned()],
        },
        run: Repeat {
            command: "chatter-lab compare x.toml --policy 'fifo,slower' --seed 7".to_owned(),
            version: "0.1.0".to_owned(),
            seed: 7,
            hash: "00ff".to_owned(),
        },
        comparison: three(),
    }
}

#[test]
fn the_terminal_says_what_differs_and_what_it_means() {
    let text = terminal(&report(), false);
    let line = |start: &str, with: &str| {
        let found = text.lines().find(|line| line.starts_with(start) && line.contains(with));
        found.unwrap_or_else(|| panic!("no line {start} {with} in\n{text}")).to_owned()
    };
    line("wait, mean", "32 ± 21");
    assert!(line("wait, mean", "slower").ends_with("higher"));
    assert!(line("wait, mean", "slower").contains("1.10 ± 0.28"));
    assert!(text.lines().any(|line| line.contains("noisy") && line.ends_with("not distinguishable")), "{text}");
    line("Equal to fifo in every run: slower in ", "noisy in ");
    assert!(!text.lines().any(|line| line.starts_with("offered") && line.contains("equal")), "{text}");
    line("wait, mean: ", "from joining the queue");
    line("! Patience is <assumed>.", "");
    line("To repeat it: chatter-lab compare x.toml", "--seed 7");
    line("1 day; 5 replications a policy, seed 7", "95 %");
    assert!(text.lines().all(|line| line.chars().count() <= 120 || line.starts_with("To repeat")), "{text}");
    assert!(!text.contains("wait of the abandoned") && terminal(&report(), true).contains("wait of the abandoned"));
}

#[test]
fn csv_has_a_line_for_each_metric_scope_and_policy() {
    let report = report();
    let text = csv(&report);
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    assert_eq!(&header[0], "scope");
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let rows_of = |it: &[crate::lab::compare::Row]| it.len() * 3;
    let groups: usize = report.comparison.groups.iter().map(|group| rows_of(&group.metrics)).sum();
    assert_eq!(rows.len(), rows_of(&report.comparison.metrics) + groups);
    let column = |name: &str| header.iter().position(|it| it == name).unwrap();
    let found = rows.iter().find(|row| &row[0] == "all" && &row[2] == "wait_mean" && &row[4] == "slower").unwrap();
    let number = |name: &str| found[column(name)].parse::<f64>().unwrap();
    assert!((number("estimate") - 33.1).abs() < 1e-9 && (number("difference") - 1.1).abs() < 1e-9, "{found:?}");
    assert_eq!([&found[column("verdict")], &found[column("unit")]], ["higher", "seconds"]);
    assert!(rows.iter().any(|row| &row[0] == "category" && &row[1] == "sales & more"));
}

#[test]
fn json_has_stable_names() {
    let value: serde_json::Value = serde_json::from_str(&json(&report())).unwrap();
    assert_eq!(value["run"]["seed"], 7);
    assert_eq!(value["scenario"]["sources"][0]["kind"], "measured");
    let metrics = value["comparison"]["metrics"].as_array().unwrap();
    let waits = metrics.iter().find(|row| row["id"] == "wait_mean").unwrap();
    assert_eq!(waits["values"][0]["estimate"], 32.0);
    assert_eq!(waits["unit"], "seconds");
    assert_eq!(waits["better"], "lower");
    assert_eq!(waits["differences"][1]["verdict"], "not_distinguishable");
    assert_eq!(waits["differences"][0]["policy"], "slower");
    assert!(waits["values"][0]["half_width"].is_f64() && waits["differences"][0]["p_holm"].is_f64());
    for plot in ["waits", "day", "queue", "agents"] {
        assert!(value["comparison"]["plots"][plot].is_array(), "{plot}");
    }
}

/// Every tag that is opened is closed, in order: nobody's text became markup.
fn balanced(page: &str) -> BTreeSet<String> {
    const EMPTY: [&str; 8] = ["meta", "rect", "polyline", "polygon", "circle", "line", "path", "!doctype"];
    let (mut open, mut seen) = (Vec::new(), BTreeSet::new());
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        let end = rest[start..].find('>').expect("a tag ends") + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        let name: String =
            tag.trim_start_matches('/').chars().take_while(|it| !it.is_whitespace() && *it != '/').collect();
        if tag.starts_with('/') {
            assert_eq!(open.pop().as_deref(), Some(name.as_str()), "{tag}");
        } else if !tag.ends_with('/') && !EMPTY.contains(&name.as_str()) {
            open.push(name.clone());
        }
        seen.insert(name);
    }
    assert!(open.is_empty(), "{open:?}");
    seen
}

#[test]
fn the_page_is_whole_and_fetches_nothing() {
    let page = html(&report());
    let tags = balanced(&page);
    for bad in ["script", "link", "img", "iframe", "object", "embed", "image", "use", "b>paper"] {
        assert!(!tags.contains(bad), "{bad} in {tags:?}");
    }
    for bad in ["url(", "@import", "src=", "href=", "xmlns", "onload"] {
        assert!(!page.contains(bad), "{bad}");
    }
    assert!(page.contains("Sales &lt;script&gt;alert(1)&lt;/script&gt; &amp; support"));
    assert!(page.contains("Patience is &lt;assumed&gt;.") && page.contains("&lt;b&gt;paper&lt;/b&gt;"));
    assert!(page.contains("&#39;fifo,slower&#39; --seed 7"), "the command to repeat it");
    assert!(page.contains("<span class=\"kind measured\">measured</span>"));
    assert!(page.matches("<svg ").count() >= 6, "{}", page.matches("<svg ").count());
    assert!(page.contains("not distinguishable") && page.contains("answered within 20 s / offered"));
    let svg_words: Vec<&str> = page.split("<svg ").skip(1).collect();
    assert!(svg_words.iter().all(|svg| svg.contains("aria-label=\"")), "each plot says what it shows");
    // Set to look at it: a page to open in a browser.
    if let Ok(path) = std::env::var("CHATTER_LAB_PAGE") {
        std::fs::write(path, &page).unwrap();
    }
}

#[test]
fn one_policy_once_makes_a_report_too() {
    let mut report = report();
    let runs = crate::lab::compare::tests::runs("alone", &[&[0, 0, 0]]);
    report.comparison = crate::lab::compare::Comparison::new(
        &[runs],
        &crate::lab::metrics::Options::default(),
        &crate::lab::compare::Names::default(),
    );
    assert!(!html(&report).contains("<h2>Differences") && !html(&report).contains("Trade-offs"));
    balanced(&html(&report));
    assert!(!terminal(&report, true).contains("Differences"));
    assert!(csv(&report).contains("all,,wait_mean,seconds,alone,0,,"));
}
