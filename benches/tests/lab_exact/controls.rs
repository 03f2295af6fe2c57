//! Means of runs with the chance taken out that theory knows.

use chatter_benches::lab::scenario::{Coming, Scenario};
use chatter_benches::lab::sim::Counted;
use chatter_benches::lab::stats::student_quantile;

/// What a run's result is explained by: a mean and four controls.
const TERMS: usize = 5;
const NAMES: [&str; TERMS] = ["one", "the mean work", "the mean gap", "the weighed work", "the weighed gaps"];
/// A pivot below this belongs to a control that does not vary: where all bring the same work there is nothing to control.
const NO_VARIANCE: f64 = 1e-12;
/// How many standard errors the mean of a control may lie from 0. There are some hundred of them, and t with 19 degrees of
/// freedom is beyond 5 once in 12,000.
const ERRORS: f64 = 5.0;

/// Control variates of each run, each of which is 0 on average: the mean work and the mean gap between customers, and both
/// weighed by congestion (see [`Controls`](chatter_benches::lab::sim::Controls)). A run whose customers happened to bring
/// much work, or to come fast, and above all while the queue was long, also waited long; the regression takes that part
/// of the difference between runs away (Lavenberg and Welch, "A perspective on the use of control variables", Management
/// Science 27, 1981).
#[derive(Clone, Debug)]
pub(crate) struct Controls(Vec<[f64; TERMS]>);

/// A mean.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    pub(crate) mean: f64,
    /// Its standard error.
    pub(crate) error: f64,
    /// The degrees of freedom of that: runs less terms that vary.
    freedom: u32,
}

impl Estimate {
    /// Half the width of its interval of 95 %.
    pub(crate) fn half_width(&self) -> f64 {
        student_quantile(0.975, self.freedom) * self.error
    }
}

impl Controls {
    /// Those of some runs of a scenario. It must count customers, who come by Poisson processes and bring work of one
    /// mean: the expectations are known for such.
    pub(crate) fn of(runs: &[Counted], scenario: &Scenario) -> Self {
        let rate: f64 = scenario
            .categories
            .iter()
            .map(|it| if let Coming::Poisson(rate) = it.coming { rate } else { panic!("{} is not Poisson", it.name) })
            .sum();
        let work = scenario.categories[0].work.mean();
        assert!(scenario.categories.iter().all(|it| it.work.mean() == work), "all bring as much work");
        let row = |run: &Counted| {
            let all = run.counts.total();
            let (served, gaps) = (all.served as f64, all.offered as f64 - 1.0);
            let time = (run.record.until - run.record.from) as f64 / 1e6;
            [
                1.0,
                all.work as f64 / served / 1e6 / work - 1.0,
                time * rate / gaps - 1.0,
                run.controls.works.excess(work * 1e6) / served / 1e6,
                run.controls.gaps.excess(1e6 / rate) / gaps,
            ]
        };
        Self(runs.iter().map(row).collect())
    }

    /// The controls that are not 0 on average, by name, each with how many errors it is off: something in the simulator
    /// depends on what it must not depend on, and the regression would hide it.
    pub(crate) fn biased(&self) -> Vec<(&'static str, f64)> {
        let runs = self.0.len() as f64;
        let errors = |control: usize| {
            let mean = self.0.iter().map(|row| row[control]).sum::<f64>() / runs;
            let squares: f64 = self.0.iter().map(|row| (row[control] - mean).powi(2)).sum();
            if squares < NO_VARIANCE { 0.0 } else { mean.abs() / (squares / (runs - 1.0) / runs).sqrt() }
        };
        let of = |control: usize| (NAMES[control], errors(control));
        (1..TERMS).map(of).filter(|(_, errors)| errors.is_nan() || *errors > ERRORS).collect()
    }

    /// The mean of what the runs gave, one value each.
    pub(crate) fn estimate(&self, values: &[f64]) -> Estimate {
        // The normal equations, with the unit matrix beside them: what is left of that is the inverse.
        let mut system = [[0.0; 2 * TERMS + 1]; TERMS];
        for (row, line) in system.iter_mut().enumerate() {
            for column in 0..TERMS {
                line[column] = self.0.iter().map(|x| x[row] * x[column]).sum();
            }
            line[TERMS] = self.0.iter().zip(values).map(|(x, y)| x[row] * y).sum();
            line[TERMS + 1 + row] = 1.0;
        }
        let mut terms = 0;
        for pivot in 0..TERMS {
            let scale = system[pivot][pivot];
            if scale < NO_VARIANCE {
                continue;
            }
            terms += 1;
            system[pivot].iter_mut().for_each(|value| *value /= scale);
            let line = system[pivot];
            for other in (0..TERMS).filter(|other| *other != pivot) {
                let factor = system[other][pivot];
                system[other].iter_mut().zip(line).for_each(|(value, part)| *value -= factor * part);
            }
        }
        let fitted = |x: &[f64; TERMS]| x.iter().zip(&system).map(|(x, line)| x * line[TERMS]).sum::<f64>();
        let squares: f64 = self.0.iter().zip(values).map(|(x, y)| (y - fitted(x)).powi(2)).sum();
        let freedom = self.0.len() - terms;
        let variance = squares / freedom as f64;
        let freedom = u32::try_from(freedom).expect("there are few runs");
        Estimate { mean: system[0][TERMS], error: (variance * system[0][TERMS + 1]).sqrt(), freedom }
    }
}

#[test]
fn a_control_that_is_not_0_on_average_is_found() {
    let rows = |by: f64| {
        let row = |run: u32| {
            let chance = f64::from(run % 7) - 3.0;
            [1.0, chance, chance + by, 0.0, -chance]
        };
        Controls((0..21).map(row).collect()).biased()
    };
    assert_eq!(rows(0.0), [], "one that does not vary is 0");
    let found = rows(3.0);
    assert_eq!(found.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["the mean gap"]);
    // 3 with a standard deviation of 2.05 in 21 runs.
    assert!((found[0].1 - 6.708).abs() < 0.001, "{found:?}");
    assert_eq!(rows(f64::NAN).len(), 1, "what cannot be computed is not right");
}
