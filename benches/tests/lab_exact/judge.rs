//! Whether what was simulated is what theory says.

use chatter_benches::lab::scenario::{Coming, Scenario};
use chatter_benches::lab::sim::{Counted, Counts, count_into, in_parallel};

use crate::cases::{Case, Cell};
use crate::metric::{Metric, micros};

/// Replications of a case.
const SEEDS: u64 = 20;
/// How many standard errors a mean may lie from the exact value. Seeds are fixed, so this fails always or never.
const ERRORS: f64 = 3.5;
/// What a run's result is explained by: a mean and four controls.
const TERMS: usize = 5;
/// The 97.5 % point of Student's t with 15 degrees of freedom: 20 runs less those terms.
const STUDENT: f64 = 2.131_450;

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
    let mut wrong = Vec::new();
    // Short runs see the longest queues too rarely to know how often they come.
    let rare = |cell: &&Cell| length == Length::Quick && cell.level().is_some() && cell.exact > 0.9;
    for cell in case.cells.iter().filter(|cell| !rare(cell)) {
        let (mean, error) = controlled(&runs, cell.metric, &scenario);
        // A table that was simulated itself has an error of its own. What does not vary has none, but its last digit.
        let off = (mean - cell.exact).abs() / error.hypot(cell.error).max(1e-12 * cell.exact.abs());
        let width = STUDENT * error / if cell.metric.is_share() { 1.0 } else { cell.exact.abs() };
        let widest = if cell.metric.is_share() { 0.003 } else { 0.01 };
        if length == Length::Full {
            println!(
                "{:24} {:20} exact {:.6} simulated {mean:.6} ± {:.6} ({off:.2} errors)",
                case.name,
                format!("{:?}", cell.metric),
                cell.exact,
                STUDENT * error,
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

/// The mean and its standard error with four control variates, whose expectations are known: the mean work and the mean gap
/// between customers of each run, and both weighed by congestion (see [`Controls`](chatter_benches::lab::sim::Controls)). A
/// run whose customers happened to bring much work, or to come fast, and above all while the queue was long, also waited
/// long; the regression takes that part of the difference between runs away (Lavenberg and Welch, "A perspective on the
/// use of control variables", Management Science 27, 1981).
fn controlled(runs: &[Counted], metric: Metric, scenario: &Scenario) -> (f64, f64) {
    let rate: f64 =
        scenario.categories.iter().map(|it| if let Coming::Poisson(rate) = it.coming { rate } else { 0.0 }).sum();
    let work = scenario.categories[0].work.mean();
    let rows: Vec<([f64; TERMS], f64)> = runs
        .iter()
        .map(|run| {
            let all = run.counts.total();
            let (served, offered) = (all.served as f64, all.offered as f64);
            let gap = (run.record.until - run.record.from) as f64 / offered / 1e6;
            let controls = [
                1.0,
                all.work as f64 / served / 1e6 / work - 1.0,
                gap * rate - 1.0,
                run.controls.works.excess(work * 1e6) / served / 1e6,
                run.controls.gaps.excess(1e6 / rate) / offered,
            ];
            (controls, metric.of(run))
        })
        .collect();
    // The normal equations, with the unit matrix beside them: what is left of that is the inverse.
    let mut system = [[0.0; 2 * TERMS + 1]; TERMS];
    for (row, line) in system.iter_mut().enumerate() {
        for column in 0..TERMS {
            line[column] = rows.iter().map(|(x, _)| x[row] * x[column]).sum();
        }
        line[TERMS] = rows.iter().map(|(x, y)| x[row] * y).sum();
        line[TERMS + 1 + row] = 1.0;
    }
    for pivot in 0..TERMS {
        let scale = system[pivot][pivot];
        // Where all bring the same work there is nothing to control.
        if scale < 1e-12 {
            continue;
        }
        system[pivot].iter_mut().for_each(|value| *value /= scale);
        let line = system[pivot];
        for other in (0..TERMS).filter(|other| *other != pivot) {
            let factor = system[other][pivot];
            system[other].iter_mut().zip(line).for_each(|(value, part)| *value -= factor * part);
        }
    }
    let fitted = |x: &[f64; TERMS]| x.iter().zip(&system).map(|(x, line)| x * line[TERMS]).sum::<f64>();
    let squares: f64 = rows.iter().map(|(x, y)| (y - fitted(x)).powi(2)).sum();
    let variance = squares / (rows.len() - TERMS) as f64;
    (system[0][TERMS], (variance * system[0][TERMS + 1]).sqrt())
}
