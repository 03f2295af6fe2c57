//! The guide for people who write clients tells every code and word that the server can say.

use std::collections::BTreeSet;

use chatter_core::CloseReason;
use serde_json::Value;

const GUIDE: &str = include_str!("../../../docs/protocol.md");
/// An example of every refusal, held complete by the core's own tests.
const REFUSALS: &str = include_str!("../../../chatter-core/tests/golden/refusals.json");

/// The words in backticks in the first cells of the table under a heading.
fn column(heading: &str, cell: usize) -> BTreeSet<&'static str> {
    let (_, section) = GUIDE.split_once(heading).expect("the heading");
    let rows = section.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let rows = rows.take_while(|line| line.starts_with('|'));
    rows.map(|row| row.split('|').nth(cell).expect("a cell").trim().trim_matches('`')).collect()
}

#[test]
fn every_refusal_is_in_the_guide_and_no_other() {
    let refusals: Vec<Value> = serde_json::from_str(REFUSALS).unwrap();
    let codes: BTreeSet<_> = refusals.iter().map(|refusal| refusal["code"].as_str().unwrap()).collect();
    assert!(codes.len() >= 20, "{codes:?}");
    assert_eq!(column("## Error codes", 1), codes);
}

#[test]
fn every_close_reason_is_in_the_guide_and_no_other() {
    let words: BTreeSet<_> = CloseReason::ALL.iter().map(|reason| reason.word()).collect();
    assert_eq!(column("## Close codes", 2), words);
    for reason in CloseReason::ALL {
        let row = format!("| {} | `{}` |", reason.code(), reason.word());
        assert!(GUIDE.contains(&row), "{row} is missing");
    }
}
