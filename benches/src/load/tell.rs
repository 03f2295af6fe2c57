//! Results in words, for a terminal.

use std::fmt::Write as _;

use super::converse::Talked;
use super::crowd::{Came, CameBack, Idle};
use super::place::Usage;
use super::slow::Slow;
use super::tally::Latency;

/// Several lines about people who talked.
#[must_use]
pub fn talked(title: &str, result: &Talked) -> String {
    let mut text =
        format!("{title}: {:.0} messages/s ({} pairs, {:.1} s)\n", result.per_second, result.pairs, result.seconds);
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "  sent {}, acked {}, delivered {}, acked and lost {}, twice {}, out of order {}",
        result.sent, result.acked, result.delivered, result.lost, result.twice, result.out_of_order
    );
    if result.refused + result.ended > 0 {
        let code = result.first_refusal.as_deref().unwrap_or("none");
        let _ = writeln!(text, "  refused {} (first: {code}), connections ended {}", result.refused, result.ended);
    }
    let _ = writeln!(text, "  delivery  {}", latency(&result.delivery));
    if result.ack.count > 0 {
        let _ = writeln!(text, "  ack       {}", latency(&result.ack));
    }
    let _ = writeln!(text, "  server    {}", usage(result.server));
    let _ = writeln!(text, "  generator {}", usage(result.generator));
    text
}

/// Percentiles in milliseconds.
#[must_use]
pub fn latency(latency: &Latency) -> String {
    #[expect(clippy::cast_precision_loss, reason = "latencies are far below 2^52 microseconds")]
    let ms = |micros: u64| micros as f64 / 1_000.0;
    format!(
        "p50 {:.2} ms, p90 {:.2}, p99 {:.2}, p99.9 {:.2}, max {:.2}",
        ms(latency.p50),
        ms(latency.p90),
        ms(latency.p99),
        ms(latency.p999),
        ms(latency.max)
    )
}

/// What a process used.
#[must_use]
pub fn usage(usage: Option<Usage>) -> String {
    match usage {
        #[expect(clippy::cast_precision_loss, reason = "memory is far below 2^52 KiB")]
        Some(usage) => format!("{:.2} cores, {:.1} MiB", usage.cores, usage.rss_kib as f64 / 1_024.0),
        None => "not known".to_owned(),
    }
}

/// Several lines about a crowd that came.
#[must_use]
pub fn came(title: &str, came: &Came) -> String {
    let Came { connections, seconds, per_second, .. } = came;
    format!(
        "{title}: {connections} in {seconds:.2} s, {per_second:.0}/s\n  each      {}\n  server    {}\n  generator {}\n",
        latency(&came.latency),
        usage(came.server),
        usage(came.generator)
    )
}

/// Several lines about a crowd that came back.
#[must_use]
pub fn came_back(back: &CameBack) -> String {
    let restart = back.restart_seconds;
    format!(
        "restarted in {restart:.2} s\n{}  acknowledged messages missing: {}\n",
        came("came back and resumed", &back.came),
        back.lost
    )
}

/// Several lines about a crowd that does nothing.
#[must_use]
pub fn idle(idle: &Idle) -> String {
    let Idle { connections, rss_each_kib, rss_before_kib, ended, .. } = idle;
    format!(
        "idle: {connections} connections, {rss_each_kib:.2} KiB each ({rss_before_kib} KiB without them)\n  server    {}\n  \
         connections ended {ended}\n",
        usage(Some(idle.server))
    )
}

/// Several lines about slow readers.
#[must_use]
pub fn slow(result: &Slow) -> String {
    let Slow { slow, closed_as_slow, still_open, poured, .. } = result;
    format!(
        "{}{}{slow} slow readers: {closed_as_slow} closed as slow, {still_open} still open, {poured} messages stored for them\n",
        talked("alone", &result.before),
        talked("beside slow readers", &result.beside)
    )
}
