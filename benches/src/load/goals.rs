//! The goals that are ratios, measured in one session: Chatter and its floors take turns, so that a neighbour on the
//! machine slows both.

use std::time::Duration;

use serde::Serialize;

use super::args::{Machine, this_program};
use super::chatter::Target;
use super::child::Program;
use super::converse::{Plan, Style, Talked};
use super::crowd;
use super::floor::FloorKind;
use super::progress::Progress;
use super::{LoadError, talk, talk_on_floor};

/// How large to measure; the goals are stated for the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Args)]
#[non_exhaustive]
pub struct Scale {
    /// How often Chatter and the floors take turns; the median counts
    #[arg(long, default_value_t = 3, value_name = "N")]
    pub rounds: usize,
    /// How long each turn is measured
    #[arg(long, default_value_t = 8, value_name = "S")]
    pub seconds: u64,
    /// Pairs of the closed loop with one message each
    #[arg(long, default_value_t = 500, value_name = "N")]
    pub pairs: usize,
    /// Pairs of the backlog, with sixteen messages each
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub backlog_pairs: usize,
    /// How many idle, connecting and reconnecting customers
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    pub crowd: usize,
    /// How long the crowd is idle
    #[arg(long, default_value_t = 30, value_name = "S")]
    pub idle_seconds: u64,
}

impl Scale {
    /// # Errors
    /// When a flag breaks its rule.
    pub fn check(&self) -> Result<(), LoadError> {
        let within = |flag, ok: bool, rule| if ok { Ok(()) } else { Err(LoadError::Flag { flag, rule }) };
        within("--rounds", (1..=100).contains(&self.rounds), "must be from 1 to 100")?;
        within("--seconds", (1..=3_600).contains(&self.seconds), "must be from 1 to 3600")?;
        within("--pairs", (1..=5_000).contains(&self.pairs), "must be from 1 to 5000")?;
        within("--backlog-pairs", (1..=5_000).contains(&self.backlog_pairs), "must be from 1 to 5000")?;
        within("--crowd", (1..=30_000).contains(&self.crowd), "must be from 1 to 30000")?;
        within("--idle-seconds", (1..=3_600).contains(&self.idle_seconds), "must be from 1 to 3600")
    }
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GoalRow {
    /// As PERFORMANCE numbers them.
    pub goal: &'static str,
    /// What was measured.
    pub what: String,
    /// What came out.
    pub value: f64,
    /// What it must reach, or may not pass.
    pub bound: f64,
    /// Whether `bound` is the least; otherwise it is the most.
    pub at_least: bool,
    /// The unit of both.
    pub unit: &'static str,
    /// Whether it was reached.
    pub met: bool,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Goals {
    /// The table.
    pub rows: Vec<GoalRow>,
    /// Each turn of each side, in order.
    pub turns: Vec<(String, Talked)>,
}

impl Goals {
    fn least(&mut self, goal: &'static str, what: String, value: f64, bound: f64, unit: &'static str) {
        self.rows.push(GoalRow { goal, what, value, bound, at_least: true, unit, met: value >= bound });
    }

    fn most(&mut self, goal: &'static str, what: String, value: f64, bound: f64, unit: &'static str) {
        self.rows.push(GoalRow { goal, what, value, bound, at_least: false, unit, met: value <= bound });
    }

    /// The table in words.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = String::from("goal  met     measured         goal  what\n");
        for row in &self.rows {
            let met = if row.met { "met" } else { "MISSED" };
            let (sign, unit) = (if row.at_least { ">=" } else { "<=" }, row.unit);
            let (value, bound) = (format!("{:.2} {unit}", row.value), format!("{sign} {:.2}", row.bound));
            text.push_str(&format!("{:<4}  {met:<6} {value:>13}  {bound:>11}  {}\n", row.goal, row.what));
        }
        text
    }
}

/// Where everything of a session runs.
struct Session<'a> {
    server: Program,
    floors: Program,
    machine: &'a Machine,
    scale: Scale,
    progress: &'a Progress,
}

/// Measures goals P1, P2, P4, P5 and P6. `server` is the server to start; the one built in if left out.
///
/// # Errors
/// When something does not start or people are not let in.
pub async fn goals(
    server: Option<Program>,
    machine: &Machine,
    scale: Scale,
    progress: &Progress,
) -> Result<Goals, LoadError> {
    scale.check()?;
    let own = this_program()?;
    let server = server.map_or_else(|| Program::built_in(&own), Ok)?;
    let session = Session { server, floors: Program::at(&own)?, machine, scale, progress };
    let mut goals = Goals::default();
    session.throughput(&mut goals).await?;
    session.latency(&mut goals).await?;
    session.idle(&mut goals).await?;
    session.crowds(&mut goals).await?;
    Ok(goals)
}

impl Session<'_> {
    async fn start(&self, agents: usize) -> Result<Target, LoadError> {
        Target::start(&self.server, agents, self.machine.folder.as_deref(), self.machine.cores()).await
    }

    async fn on_chatter(&self, goals: &mut Goals, title: &str, pairs: usize, style: Style) -> Result<f64, LoadError> {
        let title = format!("Chatter, {title}");
        self.progress.title(title.clone());
        let target = self.start(pairs).await?;
        let plan = Plan::new(style, Duration::from_secs(self.scale.seconds));
        let talked = talk(&target, pairs, &plan, self.progress).await?;
        Ok(note(goals, title, talked))
    }

    async fn on_floor(
        &self,
        goals: &mut Goals,
        title: &str,
        kind: FloorKind,
        pairs: usize,
        style: Style,
    ) -> Result<f64, LoadError> {
        let title = format!("{}, {title}", kind.title());
        self.progress.title(title.clone());
        let place = (self.machine.folder.as_deref(), self.machine.cores());
        let plan = Plan::new(style, Duration::from_secs(self.scale.seconds));
        let talked = talk_on_floor(&self.floors, kind, place, pairs, &plan, self.progress).await?;
        Ok(note(goals, title, talked))
    }

    /// P1 and P2.
    async fn throughput(&self, goals: &mut Goals) -> Result<(), LoadError> {
        let (mut of_durable, mut of_small, mut of_backlog) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.scale.rounds {
            let (title, pairs, style) = ("closed loop", self.scale.pairs, Style::Closed { in_flight: 1 });
            let chatter = self.on_chatter(goals, title, pairs, style).await?;
            of_durable.push(chatter / self.on_floor(goals, title, FloorKind::Durable, pairs, style).await?);
            of_small.push(chatter / self.on_floor(goals, title, FloorKind::Small, pairs, style).await?);
            let (title, pairs, style) = ("backlog", self.scale.backlog_pairs, Style::Closed { in_flight: 16 });
            let chatter = self.on_chatter(goals, title, pairs, style).await?;
            of_backlog.push(chatter / self.on_floor(goals, title, FloorKind::Durable, pairs, style).await?);
        }
        let pairs = self.scale.pairs;
        let what = |floor: &str| format!("throughput of {pairs} pairs in a closed loop, of the {floor}");
        goals.least("P1", what("durable floor"), median(&mut of_durable), 0.75, "x");
        goals.least("P1", what("4 KiB relay"), median(&mut of_small), 0.25, "x");
        let what = format!("throughput of {} pairs x 16, of the durable floor", self.scale.backlog_pairs);
        goals.least("P2", what, median(&mut of_backlog), 0.6, "x");
        Ok(())
    }

    /// P5.
    async fn latency(&self, goals: &mut Goals) -> Result<(), LoadError> {
        for (rate, bound) in [(1_000, 10.0), (3_000, 10.0), (10_000, 20.0)] {
            let title = format!("open loop, {rate}/s");
            self.on_chatter(goals, &title, self.scale.pairs, Style::Open { rate }).await?;
            let p99 = goals.turns.last().map_or(0, |(_, talked)| talked.delivery.p99);
            let what = format!("p99 of delivery at {rate} messages/s, from the intended send");
            goals.most("P5", what, millis(p99), bound, "ms");
        }
        Ok(())
    }

    /// P4.
    async fn idle(&self, goals: &mut Goals) -> Result<(), LoadError> {
        self.progress.title("Chatter, idle crowd");
        let target = self.start(1).await?;
        let span = Duration::from_secs(self.scale.idle_seconds);
        let idle = crowd::idle(&target, self.scale.crowd, AT_ONCE, span, self.progress).await?;
        let what = format!("memory of an idle, signed-in connection at {}", idle.connections);
        goals.most("P4", what, idle.rss_each_kib, 9.0, "KiB");
        goals.most("P4", "processor time with all of them idle".to_owned(), idle.server.cores * 100.0, 1.0, "%");
        Ok(())
    }

    /// P6.
    async fn crowds(&self, goals: &mut Goals) -> Result<(), LoadError> {
        self.progress.title("Chatter, connecting");
        let target = self.start(1).await?;
        let came = crowd::connect(&target, self.scale.crowd, AT_ONCE, self.progress).await?;
        drop(target);
        goals.least("P6", "signed-in connections a second".to_owned(), came.per_second, 10_000.0, "/s");
        self.progress.title("Chatter, reconnecting");
        let mut target = self.start(1).await?;
        let back = crowd::reconnect(&mut target, self.scale.crowd, AT_ONCE, self.progress).await?;
        let what = format!("{} clients resume after a crash, from when it listens again", back.came.connections);
        goals.most("P6", what, back.came.seconds, 5.0, "s");
        goals.most("P6", "acknowledged messages missing then".to_owned(), as_f64(back.lost as u64), 0.0, "");
        Ok(())
    }
}

/// How many connect at the same time.
const AT_ONCE: usize = 256;

/// Keeps a turn and gives its throughput.
fn note(goals: &mut Goals, title: String, talked: Talked) -> f64 {
    let per_second = talked.per_second;
    goals.turns.push((title, talked));
    per_second
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

fn millis(micros: u64) -> f64 {
    as_f64(micros) / 1_000.0
}

#[expect(clippy::cast_precision_loss, reason = "figures here are far below 2^52")]
const fn as_f64(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_was_met() {
        let mut goals = Goals::default();
        goals.least("P1", "throughput".to_owned(), 0.74, 0.75, "x");
        goals.most("P4", "memory".to_owned(), 8.5, 9.0, "KiB");
        let table = goals.table();
        let lines: Vec<&str> = table.lines().collect();
        assert!(lines[1].starts_with("P1    MISSED") && lines[1].contains(">= 0.75"), "{table}");
        assert!(lines[2].starts_with("P4    met") && lines[2].contains("8.50 KiB"), "{table}");
    }

    #[test]
    fn the_median_is_the_middle() {
        assert!((median(&mut [3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median(&mut []).abs() < f64::EPSILON);
    }
}
