//! Whether what was simulated is what theory says.

use chatter_benches::lab::scenario::Scenario;
use chatter_benches::lab::sim::{Counted, Counts, count_into, in_parallel};

use crate::cases::{Case, Cell};
use crate::controls::Controls;
use crate::metric::micros;

/// Replications of a case.
const SEEDS: u64 = 20;
/// How many standard errors a mean may lie from the exact value. Seeds are fixed, so this fails always or never.
const ERRORS: f64 = 3.5;
/// How long a case runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// Some seconds for all: the right place, with wide intervals.
    Quick,
    /// Until the intervals are as narrow as they should be.
    Full,
}

/// Runs a case and compares each cell; says which are wrong.
pub(crate) fn judge(case: &Case, first_seed: u64, length: Length) -> Vec<String> {
    let customers = if length == Length::Quick { case.quick } else { case.full };
    let scenario = case.scenario().with_customers(customers);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let runs = runs(&scenario, case, first_seed, threads);
    let controls = Controls::of(&runs, &scenario);
    let biased = controls.biased().into_iter();
    let mut wrong: Vec<_> =
        biased.map(|(control, off)| format!("{control} is {off:.1} errors from its expectation")).collect();
    // Short runs see the longest queues too rarely to know how often they come.
    let rare = |cell: &&Cell| length == Length::Quick && cell.level().is_some() && cell.exact > 0.9;
    for cell in case.cells.iter().filter(|cell| !rare(cell)) {
        let estimate = controls.estimate(&runs.iter().map(|run| cell.metric.of(run)).collect::<Vec<_>>());
        let mean = estimate.mean;
        // A table that was simulated itself has an error of its own.
        // What does not vary is right to the last digits.
        let off = (mean - cell.exact).abs() / estimate.error.hypot(cell.error).max(1e-12 * cell.exact.abs());
        let width = estimate.half_width() / if cell.metric.is_share() { 1.0 } else { cell.exact.abs() };
        let widest = if cell.metric.is_share() { 0.003 } else { 0.01 };
        if length == Length::Full {
            println!(
                "{:24} {:20} exact {:.6} simulated {mean:.6} ± {:.6} ({off:.2} errors)",
                case.name,
                format!("{:?}", cell.metric),
                cell.exact,
                estimate.half_width(),
            );
        }
        if off.is_nan() || off > ERRORS {
            wrong.push(format!("{:?}: {mean} is {off:.1} errors from {}", cell.metric, cell.exact));
        }
        if length == Length::Full && cell.narrow && width > widest {
            wrong.push(format!("{:?}: half a width of {width:.5} is more than {widest}", cell.metric));
        }
    }
    wrong.into_iter().map(|it| format!("{} with seeds from {first_seed}: {it}", case.name)).collect()
}

fn runs(scenario: &Scenario, case: &Case, first_seed: u64, threads: usize) -> Vec<Counted> {
    let levels: Vec<_> = case.cells.iter().filter_map(Cell::level).map(micros).collect();
    let jobs = usize::try_from(SEEDS).expect("a small number");
    let runs = in_parallel(jobs, threads, &|_, _| {}, |job| {
        let counts = Counts::new(scenario).with_levels(&levels);
        count_into(scenario, case.policy, first_seed + job as u64, 0, counts)
    });
    runs.into_iter().map(|run| run.unwrap_or_else(|error| panic!("{}: {error}", case.name))).collect()
}
