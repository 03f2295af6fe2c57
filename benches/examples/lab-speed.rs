//! How many customers a second of processor time the lab simulates through the production desk, on one thread:
//! `cargo run --profile lab -p chatter-benches --example lab-speed -- [customers] [preset] [policy]`. Without arguments that
//! is goal P10: an M/M/10 desk at 90 % load.

#![expect(clippy::print_stdout, reason = "a program's output")]

use chatter_benches::lab::scenario::{Horizon, Scenario};
use chatter_benches::lab::sim;

/// As in `chatter-lab`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize, default: &str| arguments.get(index).cloned().unwrap_or_else(|| default.to_owned());
    let customers: u64 = argument(0, "1000000").parse()?;
    let scenario = Scenario::preset(&argument(1, "erlang-c6"))?.with_customers(customers);
    let start = processor_time()?;
    let run = sim::count(&scenario, &argument(2, "longest-wait"), 1, 0)?;
    let took = processor_time()? - start;
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

/// What this thread has used of a processor, in seconds: other work on the machine does not count.
fn processor_time() -> Result<f64, Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = text.split_whitespace().next().ok_or("the kernel tells no times")?.parse()?;
    Ok(nanoseconds / 1e9)
}
