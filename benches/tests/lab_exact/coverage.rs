//! Whether an interval of 95 %, made as the judge makes it, holds the exact value 95 times of a hundred.

use chatter_benches::lab::scenario::Scenario;
use chatter_benches::lab::sim::{count, in_parallel};

use crate::cases::{agents, category};
use crate::controls::Controls;
use crate::metric::Metric;

const EXPERIMENTS: usize = 1_000;
const REPLICATIONS: u32 = 20;

/// Row A3 of the table of Erlang A, and one agent who is busy half the time.
#[test]
fn intervals_cover_what_they_promise() {
    if std::env::var_os("CHATTER_LAB_FULL").is_none() {
        return;
    }
    let leave = "patience = { exponential = \"2m\" }";
    covers(5.0, 5, leave, &[(Metric::Wait, 0.292_263), (Metric::Left, 0.146_132), (Metric::Waited, 0.633_151)]);
    covers(0.5, 1, "", &[(Metric::Wait, 1.0), (Metric::Waited, 0.5)]);
}

fn covers(rate: f64, servers: u32, lines: &str, known: &[(Metric, f64)]) {
    let text = format!(
        "name = \"coverage\"\n[horizon]\ncustomers = 1500\nwarm_up = 150\n{}{}",
        category("all", rate, &format!("work = {{ exponential = \"1m\" }}\n{lines}")),
        agents("all", servers, "")
    );
    let scenario = Scenario::from_toml(&text, "coverage.toml").unwrap_or_else(|error| panic!("{error}"));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let covered = in_parallel(EXPERIMENTS, threads, &|_, _| {}, |experiment| {
        let runs =
            (0..REPLICATIONS).map(|replication| count(&scenario, "longest-wait", experiment as u64, replication));
        let runs: Vec<_> = runs.map(|run| run.unwrap_or_else(|error| panic!("{error}"))).collect();
        let controls = Controls::of(&runs, &scenario);
        let holds = |(metric, exact): &(Metric, f64)| {
            let estimate = controls.estimate(&runs.iter().map(|run| metric.of(run)).collect::<Vec<_>>());
            (estimate.mean - exact).abs() <= estimate.half_width()
        };
        known.iter().map(holds).collect::<Vec<_>>()
    });
    for (index, (metric, _)) in known.iter().enumerate() {
        let share = covered.iter().filter(|experiment| experiment[index]).count() as f64 / EXPERIMENTS as f64;
        println!("{metric:?}: {:.1} % of {EXPERIMENTS} intervals of 95 % hold the exact value", share * 100.0);
        assert!((0.93..=0.97).contains(&share), "{metric:?}: {share}");
    }
}
