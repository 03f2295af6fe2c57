//! How many customers a second the lab simulates through the production desk, on one core:
//! `cargo run --release -p chatter-benches --example lab-speed -- [customers] [preset] [policy]`.

#![expect(clippy::print_stdout, reason = "a program's output")]

use std::time::Instant;

use chatter_benches::lab::scenario::{Horizon, Scenario};
use chatter_benches::lab::sim;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize, default: &str| arguments.get(index).cloned().unwrap_or_else(|| default.to_owned());
    let customers: u64 = argument(0, "1000000").parse()?;
    let scenario = Scenario::preset(&argument(1, "erlang-c6"))?.with_customers(customers);
    let start = Instant::now();
    let run = sim::count(&scenario, &argument(2, "longest-wait"), 1, 0)?;
    let took = start.elapsed().as_secs_f64();
    let all = run.counts.total();
    let simulated = match scenario.horizon {
        Horizon::Customers { counted, warm_up } => counted + warm_up,
        Horizon::Days { .. } => all.offered,
    };
    println!(
        "{}: {:.0} customers/s, {:.0} ns each",
        scenario.name,
        simulated as f64 / took,
        took * 1e9 / simulated as f64
    );
    println!(
        "mean wait {:.3} s, waited {:.4}, abandoned {:.4}, hash {:016x}",
        all.mean_wait(),
        all.share(all.waited),
        all.share(all.abandoned),
        run.record.hash
    );
    Ok(())
}
