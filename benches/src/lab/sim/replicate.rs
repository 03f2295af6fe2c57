//! Replications under several policies, on several threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use super::{RunError, run};
use crate::lab::record::RunRecord;
use crate::lab::scenario::Scenario;

/// Told after each run, from whichever thread ended it: how many are done, of how many.
pub type Progress<'a> = &'a (dyn Fn(u32, u32) + Sync);

/// Runs replications 0 to `replications - 1` under each policy, each run on one of `threads` threads. The records come by
/// policy, in the order of `policies`, and within that by replication; they do not depend on the number of threads. The
/// same replication meets the same customers under every policy.
///
/// # Errors
/// The error of the first run, in that order, that had one.
pub fn replicate(
    scenario: &Scenario,
    policies: &[&str],
    seed: u64,
    replications: u32,
    threads: usize,
    progress: Progress<'_>,
) -> Result<Vec<Vec<RunRecord>>, RunError> {
    let jobs: Vec<(usize, u32)> = (0..policies.len())
        .flat_map(|policy| (0..replications).map(move |replication| (policy, replication)))
        .collect();
    let results = in_parallel(jobs.len(), threads, progress, |job| {
        let (policy, replication) = jobs[job];
        run(scenario, policies[policy], seed, replication)
    });
    let mut records: Vec<Vec<RunRecord>> = policies.iter().map(|_| Vec::new()).collect();
    for ((policy, _), result) in jobs.into_iter().zip(results) {
        records[policy].push(result?);
    }
    Ok(records)
}

/// Does the jobs 0 to `jobs - 1` on threads; the results come in the order of the jobs.
///
/// # Panics
/// When a job panics.
pub fn in_parallel<T: Send>(
    jobs: usize,
    threads: usize,
    progress: Progress<'_>,
    work: impl Fn(usize) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = AtomicU32::new(0);
    let all = u32::try_from(jobs).unwrap_or(u32::MAX);
    let results: Vec<Mutex<Option<T>>> = (0..jobs).map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, jobs.max(1)) {
            scope.spawn(|| {
                loop {
                    let job = next.fetch_add(1, Ordering::Relaxed);
                    let Some(slot) = results.get(job) else { return };
                    *slot.lock().expect("nobody panics while holding it") = Some(work(job));
                    progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);
                }
            });
        }
    });
    let taken = results.into_iter().map(|slot| slot.into_inner().expect("nobody panics while holding it"));
    taken.map(|result| result.expect("every job was done")).collect()
}
