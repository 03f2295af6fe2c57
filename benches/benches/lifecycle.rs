//! What a simulated customer costs the desk, from connecting to leaving: the core of goal P10, without what draws
//! random numbers and keeps the account. `CHATTER_BENCH_CUSTOMERS` chooses how many.

use std::time::Instant;

use chatter_benches::Lifecycle;

#[expect(clippy::print_stdout, reason = "the figure is what the bench is for")]
fn main() {
    // Cargo gives `--bench` when it is to measure; as a test, one pass must do.
    let usual = if std::env::args().any(|argument| argument == "--bench") { 1_000_000 } else { 1_000 };
    let customers = std::env::var("CHATTER_BENCH_CUSTOMERS")
        .map_or(usual, |number| number.trim().parse().expect("CHATTER_BENCH_CUSTOMERS is a number"));
    let mut lifecycle = Lifecycle::new(10, 9);
    for round in 1..=3 {
        let start = Instant::now();
        lifecycle.run(customers);
        let each = start.elapsed().as_secs_f64() / customers as f64;
        println!("round {round}: {customers} customers, {:.0} ns each, {:.0} a second", each * 1e9, 1.0 / each);
    }
}
