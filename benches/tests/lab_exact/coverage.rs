//! Whether an interval of 95 % holds the exact value 95 times of a hundred.

use chatter_benches::lab::scenario::Scenario;
use chatter_benches::lab::sim::{count, in_parallel};

use crate::cases::{agents, category};
use crate::metric::Metric;

const EXPERIMENTS: usize = 1_000;
const REPLICATIONS: u32 = 10;
/// The 97.5 % point of Student's t with 9 degrees of freedom.
const STUDENT: f64 = 2.262_157;

/// Row A3 of the table of Erlang A: waits 0.292263, leave 0.146132, wait at all 0.633151.
#[test]
fn intervals_cover_what_they_promise() {
    if std::env::var_os("CHATTER_LAB_FULL").is_none() {
        return;
    }
    let lines = "work = { exponential = \"1m\" }\npatience = { exponential = \"2m\" }";
    let text = format!(
        "name = \"coverage\"\n[horizon]\ncustomers = 1500\nwarm_up = 150\n{}{}",
        category("all", 5.0, lines),
        agents("all", 5, "")
    );
    let scenario = Scenario::from_toml(&text, "coverage.toml").unwrap_or_else(|error| panic!("{error}"));
    let known = [(Metric::Wait, 0.292_263), (Metric::Left, 0.146_132), (Metric::Waited, 0.633_151)];
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let covered = in_parallel(EXPERIMENTS, threads, &|_, _| {}, |experiment| {
        let runs =
            (0..REPLICATIONS).map(|replication| count(&scenario, "longest-wait", experiment as u64, replication));
        let runs: Vec<_> = runs.map(|run| run.unwrap_or_else(|error| panic!("{error}"))).collect();
        known.map(|(metric, exact)| {
            let values: Vec<f64> = runs.iter().map(|run| metric.of(run)).collect();
            let mean = values.iter().sum::<f64>() / f64::from(REPLICATIONS);
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            let error = (squares / f64::from(REPLICATIONS - 1) / f64::from(REPLICATIONS)).sqrt();
            (mean - exact).abs() <= STUDENT * error
        })
    });
    for (index, (metric, _)) in known.iter().enumerate() {
        let share = covered.iter().filter(|experiment| experiment[index]).count() as f64 / EXPERIMENTS as f64;
        println!("{metric:?}: {:.1} % of {EXPERIMENTS} intervals of 95 % hold the exact value", share * 100.0);
        assert!((0.93..=0.97).contains(&share), "{metric:?}: {share}");
    }
}
