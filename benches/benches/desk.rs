//! What joining, asking for the place, ending and assigning cost the desk, and how little of it depends
//! on how many wait.

use std::cell::RefCell;
use std::time::Duration;

use chatter_benches::{BATCH, Crowd, Growth, Operation, sizes};
use criterion::{BenchmarkId, Criterion, SamplingMode};

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn desk(criterion: &mut Criterion, growth: &RefCell<Growth>) {
    for size in sizes() {
        let mut crowd = Crowd::new(size);
        for operation in Operation::ALL {
            let mut group = criterion.benchmark_group(format!("desk/{}", operation.name()));
            group.sampling_mode(SamplingMode::Flat).sample_size(20);
            group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
            group.bench_with_input(BenchmarkId::from_parameter(size), &size, |bencher, _| {
                bencher.iter_custom(|iterations| {
                    let cycles = iterations.div_ceil(BATCH as u64);
                    let took: Duration = (0..cycles).map(|_| crowd.cycle(operation).took).sum();
                    growth.borrow_mut().add(operation.name(), size, cycles * BATCH as u64, took);
                    took.mul_f64(iterations as f64 / (cycles * BATCH as u64) as f64)
                });
            });
            group.finish();
        }
    }
}

#[expect(clippy::print_stdout, reason = "the table is what the bench is for")]
fn main() {
    let growth = RefCell::default();
    let mut criterion = Criterion::default().configure_from_args();
    desk(&mut criterion, &growth);
    criterion.final_summary();
    println!("\n{}", growth.borrow());
}
