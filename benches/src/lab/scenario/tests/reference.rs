//! docs/lab.md names every key of a scenario file, and its example is one.

use serde::de::DeserializeOwned;

use super::super::file::{
    AgentsTable, ArrivalsTable, BreakTable, CategoryTable, DayFactorTable, DeskTable, File, HorizonTable,
    OverflowTable, PrioritiesTable, ProfileTable, ShiftTable, WeightTable,
};
use super::super::{Scenario, Source};

const REFERENCE: &str = include_str!("../../../../../docs/lab.md");

/// The keys that a table takes, out of what it says to another one.
fn keys<T: DeserializeOwned>() -> Vec<String> {
    let Err(error) = toml::from_str::<T>("no_such_key = 1") else { panic!("a table takes its own keys alone") };
    let expected = error.message().split_once("expected").expect("it says what it expected").1.to_owned();
    expected.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

#[test]
fn every_key_of_a_scenario_is_in_the_reference() {
    let tables = [
        keys::<File>(),
        keys::<Source>(),
        keys::<HorizonTable>(),
        keys::<DeskTable>(),
        keys::<CategoryTable>(),
        keys::<ArrivalsTable>(),
        keys::<ProfileTable>(),
        keys::<DayFactorTable>(),
        keys::<PrioritiesTable>(),
        keys::<OverflowTable>(),
        keys::<WeightTable>(),
        keys::<AgentsTable>(),
        keys::<ShiftTable>(),
        keys::<BreakTable>(),
    ];
    for key in tables.iter().inspect(|table| assert!(table.len() > 1, "{table:?}")).flatten() {
        assert!(REFERENCE.contains(&format!("`{key}`")), "docs/lab.md says nothing of `{key}`");
    }
}

#[test]
fn the_example_of_the_reference_is_a_scenario() {
    let (_, example) = REFERENCE.split_once("```toml\n").expect("an example");
    let (example, _) = example.split_once("```").expect("its end");
    if let Err(error) = Scenario::from_toml(example, "docs/lab.md") {
        panic!("{error}");
    }
}
