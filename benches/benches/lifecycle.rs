//! What a simulated customer costs: the desk alone, from connecting to leaving, without what draws random numbers and
//! keeps the account; and a whole run of the lab over an M/M/10 desk at 90 % load, which is goal P10.
//! `CHATTER_BENCH_CUSTOMERS` chooses how many.

use std::time::Instant;

use chatter_benches::Lifecycle;
use chatter_benches::lab::scenario::Scenario;
use chatter_benches::lab::sim::count;

/// As in `chatter-lab`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let usual = if chatter_benches::measuring() { 1_000_000 } else { 1_000 };
    let customers = std::env::var("CHATTER_BENCH_CUSTOMERS")
        .map_or(usual, |number| number.trim().parse().expect("CHATTER_BENCH_CUSTOMERS is a number"));
    let mut lifecycle = Lifecycle::new(10, 9);
    let scenario = Scenario::preset("erlang-c6").expect("a preset").with_customers(customers);
    for round in 1..=3 {
        tell(round, "the desk alone", customers, || lifecycle.run(customers));
        // A tenth more come before it counts.
        tell(round, "a run of the lab", customers + customers / 10, || {
            let counted = count(&scenario, "longest-wait", round, 0).expect("a good scenario");
            assert_eq!(counted.counts.total().offered, customers);
        });
    }
}

#[expect(clippy::print_stdout, reason = "the figure is what the bench is for")]
fn tell(round: u64, what: &str, customers: u64, run: impl FnOnce()) {
    let start = Instant::now();
    run();
    let each = start.elapsed().as_secs_f64() / customers as f64;
    println!("round {round}, {what}: {customers} customers, {:.0} ns each, {:.0} a second", each * 1e9, 1.0 / each);
}
