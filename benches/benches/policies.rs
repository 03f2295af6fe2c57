//! What a policy's choice costs: joining a line, and giving a chat to an agent who has room again, under each policy
//! with the same crowd.

use std::time::Duration;

use chatter_benches::{BATCH, Crowd, Operation, measuring};
use chatter_core::policy;
use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};

fn choices(criterion: &mut Criterion) {
    let size = if measuring() { 10_000 } else { 200 };
    for name in policy::NAMES {
        let mut crowd = Crowd::served_by(size, policy::by_name(name).expect("a shipped policy"));
        for operation in [Operation::Join, Operation::Assign] {
            let mut group = criterion.benchmark_group(format!("policy/{}", operation.name()));
            group.sampling_mode(SamplingMode::Flat).sample_size(20);
            group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
            group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
                bencher.iter_custom(|iterations| {
                    let cycles = iterations.div_ceil(BATCH as u64);
                    let took: Duration = (0..cycles).map(|_| crowd.cycle(operation).took).sum();
                    took.mul_f64(iterations as f64 / (cycles * BATCH as u64) as f64)
                });
            });
            group.finish();
        }
    }
}

criterion_group!(policies, choices);
criterion_main!(policies);
