//! Where processes run, and what they use: pinning by `taskset`, figures from `/proc`. Both are absent elsewhere than
//! on Linux, and then simply not there.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::process::Command;

/// Ticks of `/proc/PID/stat` in a second: `USER_HZ`, which is 100 for every program on every Linux that matters.
const TICKS_PER_SECOND: f64 = 100.0;

/// Which core a process gets to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "two numbers")]
pub struct Cores {
    /// The server's.
    pub server: usize,
    /// The generator's.
    pub generator: usize,
}

impl Cores {
    /// The first two cores, where there are two and `taskset` can be run.
    #[must_use]
    pub fn two() -> Option<Self> {
        let several = std::thread::available_parallelism().is_ok_and(|cores| cores.get() >= 2);
        let taskset = std::process::Command::new("taskset").arg("--version").stdout(Stdio::null()).status();
        (several && taskset.is_ok_and(|status| status.success())).then_some(Self { server: 0, generator: 1 })
    }

    /// Moves this process, with all its threads, to its core. What cannot be moved stays where it is.
    pub async fn pin_generator(self) {
        let (core, own) = (self.generator.to_string(), std::process::id().to_string());
        let moved = Command::new("taskset").args(["-a", "-c", "-p", &core, &own]).stdout(Stdio::null()).status();
        // A machine that does not let us still measures, less steadily.
        drop(moved.await);
    }
}

/// A command that runs a program on the server's core, if there is one.
pub(crate) fn command(program: &Path, cores: Option<Cores>) -> Command {
    let Some(cores) = cores else { return Command::new(program) };
    let mut command = Command::new("taskset");
    command.args(["-c", &cores.server.to_string()]).arg(program);
    command
}

/// What a process used over a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "a row of figures")]
pub struct Usage {
    /// Processor time, in cores: 1.0 is one core all the time.
    pub cores: f64,
    /// Memory in use at the end, in KiB.
    pub rss_kib: u64,
}

/// Watches one process from here on.
#[derive(Debug)]
pub(crate) struct Meter {
    pid: u32,
    began: Instant,
    cpu: Duration,
}

impl Meter {
    /// None where the process is not found.
    pub(crate) fn start(pid: u32) -> Option<Self> {
        Some(Self { pid, began: Instant::now(), cpu: cpu_time(pid)? })
    }

    pub(crate) fn read(&self) -> Option<Usage> {
        let used = cpu_time(self.pid)?.saturating_sub(self.cpu);
        let cores = used.as_secs_f64() / self.began.elapsed().as_secs_f64().max(f64::EPSILON);
        Some(Usage { cores, rss_kib: rss_kib(self.pid)? })
    }
}

/// Memory of a process that is in use now, in KiB.
pub(crate) fn rss_kib(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

fn cpu_time(pid: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program may hold spaces and brackets; the numbers follow the last one.
    let mut fields = stat.rsplit(')').next()?.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some(Duration::from_secs_f64((ticks()? + ticks()?) / TICKS_PER_SECOND))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_watched() {
        let meter = Meter::start(std::process::id()).expect("this process is there");
        let mut sum = 0_u64;
        while cpu_time(meter.pid).expect("it is still there") < meter.cpu + Duration::from_millis(30) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        let usage = meter.read().expect("it is still there");
        assert!(usage.cores > 0.0 && usage.rss_kib > 0, "{usage:?}");
        assert_eq!(Meter::start(u32::MAX).map(|meter| meter.pid), None);
    }
}
