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
    /// How long the crowd is idle; each is asked once in 50 s whether it is there
    #[arg(long, default_value_t = 50, value_name = "S")]
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
    /// Whether it was reached, in turns in which all work was done.
    pub met: bool,
    /// What went wrong in its turns, if anything did: then it is not met, whatever was measured.
    pub fault: Option<String>,
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
    fn least(&mut self, goal: &'static str, what: String, measured: Measured, bound: f64, unit: &'static str) {
        let Measured { value, fault } = measured;
        let met = value >= bound && value.is_finite() && fault.is_none();
        self.rows.push(GoalRow { goal, what, value, bound, at_least: true, unit, met, fault });
    }

    fn most(&mut self, goal: &'static str, what: String, measured: Measured, bound: f64, unit: &'static str) {
        let Measured { value, fault } = measured;
        let met = value <= bound && fault.is_none();
        self.rows.push(GoalRow { goal, what, value, bound, at_least: false, unit, met, fault });
    }

    /// How many rows do not count because something went wrong in their turns.
    #[must_use]
    pub fn faults(&self) -> usize {
        self.rows.iter().filter(|row| row.fault.is_some()).count()
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
            if let Some(fault) = &row.fault {
                text.push_str(&format!("      does not count: {fault}\n"));
            }
        }
        text
    }
}

/// A figure, and what went wrong in the turns that it comes from.
#[derive(Clone, Debug, PartialEq)]
struct Measured {
    value: f64,
    fault: Option<String>,
}

impl Measured {
    /// A figure that nothing can have gone wrong with that is not in it.
    const fn plain(value: f64) -> Self {
        Self { value, fault: None }
    }

    /// A turn's throughput.
    fn throughput(title: &str, talked: &Talked) -> Self {
        let fault = talked.fault().map(|fault| format!("{title}: {fault}"));
        Self { value: talked.per_second, fault }
    }

    /// A turn's p99 of delivery in milliseconds. Messages that did not come have no latency, so that it says nothing
    /// unless all came.
    fn p99(title: &str, talked: &Talked) -> Self {
        Self { value: millis(talked.delivery.p99), ..Self::throughput(title, talked) }
    }

    /// How much more than another one.
    fn over(&self, other: &Self) -> Self {
        Self { value: self.value / other.value, fault: faults([&self.fault, &other.fault]) }
    }
}

/// The median of rounds; a fault in any of them is one of all.
fn median_of(rounds: &[Measured]) -> Measured {
    let mut values: Vec<f64> = rounds.iter().map(|it| it.value).collect();
    Measured { value: median(&mut values), fault: faults(rounds.iter().map(|it| &it.fault)) }
}

fn faults<'a>(all: impl IntoIterator<Item = &'a Option<String>>) -> Option<String> {
    let mut found: Vec<&str> = all.into_iter().filter_map(Option::as_deref).collect();
    found.dedup();
    (!found.is_empty()).then(|| found.join("; "))
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

    async fn on_chatter(
        &self,
        goals: &mut Goals,
        title: &str,
        pairs: usize,
        style: Style,
    ) -> Result<Talked, LoadError> {
        let title = format!("Chatter, {title}");
        self.progress.title(title.clone());
        let target = self.start(pairs).await?;
        let plan = Plan::new(style, Duration::from_secs(self.scale.seconds));
        let talked = talk(&target, pairs, &plan, self.progress).await?;
        goals.turns.push((title, talked.clone()));
        Ok(talked)
    }

    async fn on_floor(
        &self,
        goals: &mut Goals,
        title: &str,
        kind: FloorKind,
        pairs: usize,
        style: Style,
    ) -> Result<Measured, LoadError> {
        let title = format!("{}, {title}", kind.title());
        self.progress.title(title.clone());
        let place = (self.machine.folder.as_deref(), self.machine.cores());
        let plan = Plan::new(style, Duration::from_secs(self.scale.seconds));
        let talked = talk_on_floor(&self.floors, kind, place, pairs, &plan, self.progress).await?;
        let measured = Measured::throughput(&title, &talked);
        goals.turns.push((title, talked));
        Ok(measured)
    }

    /// P1 and P2.
    async fn throughput(&self, goals: &mut Goals) -> Result<(), LoadError> {
        let (mut of_durable, mut of_small, mut of_backlog) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.scale.rounds {
            let (title, pairs, style) = ("closed loop", self.scale.pairs, Style::Closed { in_flight: 1 });
            let chatter = Measured::throughput("Chatter", &self.on_chatter(goals, title, pairs, style).await?);
            of_durable.push(chatter.over(&self.on_floor(goals, title, FloorKind::Durable, pairs, style).await?));
            of_small.push(chatter.over(&self.on_floor(goals, title, FloorKind::Small, pairs, style).await?));
            let (title, pairs, style) = ("backlog", self.scale.backlog_pairs, Style::Closed { in_flight: 16 });
            let chatter = Measured::throughput("Chatter", &self.on_chatter(goals, title, pairs, style).await?);
            of_backlog.push(chatter.over(&self.on_floor(goals, title, FloorKind::Durable, pairs, style).await?));
        }
        let pairs = self.scale.pairs;
        let what = |floor: &str| format!("throughput of {pairs} pairs in a closed loop, of the {floor}");
        goals.least("P1", what("durable floor"), median_of(&of_durable), 0.75, "x");
        goals.least("P1", what("4 KiB relay"), median_of(&of_small), 0.25, "x");
        let what = format!("throughput of {} pairs x 16, of the durable floor", self.scale.backlog_pairs);
        goals.least("P2", what, median_of(&of_backlog), 0.6, "x");
        Ok(())
    }

    /// P5.
    async fn latency(&self, goals: &mut Goals) -> Result<(), LoadError> {
        for (rate, bound) in [(1_000, 10.0), (3_000, 10.0), (10_000, 20.0)] {
            let title = format!("open loop, {rate}/s");
            let talked = self.on_chatter(goals, &title, self.scale.pairs, Style::Open { rate }).await?;
            let what = format!("p99 of delivery at {rate} messages/s, from the intended send");
            goals.most("P5", what, Measured::p99("Chatter", &talked), bound, "ms");
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
        let fault = (idle.ended > 0).then(|| format!("{} connections ended meanwhile", idle.ended));
        let memory = Measured { value: idle.rss_each_kib, fault: fault.clone() };
        goals.most("P4", what, memory, 9.0, "KiB");
        let time = Measured { value: idle.server.cores * 100.0, fault };
        goals.most("P4", "processor time with all of them idle".to_owned(), time, 1.0, "%");
        Ok(())
    }

    /// P6.
    async fn crowds(&self, goals: &mut Goals) -> Result<(), LoadError> {
        self.progress.title("Chatter, connecting");
        let target = self.start(1).await?;
        let came = crowd::connect(&target, self.scale.crowd, AT_ONCE, self.progress).await?;
        drop(target);
        let rate = Measured::plain(came.per_second);
        goals.least("P6", "signed-in connections a second".to_owned(), rate, 10_000.0, "/s");
        self.progress.title("Chatter, reconnecting");
        let mut target = self.start(1).await?;
        let back = crowd::reconnect(&mut target, self.scale.crowd, AT_ONCE, self.progress).await?;
        let what = format!("{} clients resume after a crash, from when it listens again", back.came.connections);
        goals.most("P6", what, Measured::plain(back.came.seconds), 5.0, "s");
        let lost = Measured::plain(as_f64(back.lost as u64));
        goals.most("P6", "acknowledged messages missing then".to_owned(), lost, 0.0, "");
        Ok(())
    }
}

/// How many connect at the same time.
const AT_ONCE: usize = 256;

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
        goals.least("P1", "throughput".to_owned(), Measured::plain(0.74), 0.75, "x");
        goals.most("P4", "memory".to_owned(), Measured::plain(8.5), 9.0, "KiB");
        let table = goals.table();
        let lines: Vec<&str> = table.lines().collect();
        assert!(lines[1].starts_with("P1    MISSED") && lines[1].contains(">= 0.75"), "{table}");
        assert!(lines[2].starts_with("P4    met") && lines[2].contains("8.50 KiB"), "{table}");
    }

    fn whole(per_second: f64) -> Talked {
        let mut talked = Talked::default();
        (talked.sent, talked.delivered, talked.per_second, talked.delivery.p99) = (100, 100, per_second, 2_000);
        talked
    }

    /// The p99 of what came is small where most was refused, and a floor that did nothing is beaten by anybody: neither
    /// meets a goal.
    #[test]
    fn a_turn_in_which_work_went_wrong_meets_no_goal() {
        let mut goals = Goals::default();
        goals.most("P5", "whole".to_owned(), Measured::p99("Chatter", &whole(50.0)), 10.0, "ms");
        let mut refusing = whole(50.0);
        (refusing.meant, refusing.sent, refusing.delivered, refusing.refused) = (1_000, 1_000, 100, 900);
        goals.most("P5", "refused".to_owned(), Measured::p99("Chatter", &refusing), 10.0, "ms");
        let ratio = |chatter: &Talked, floor: &Talked| {
            Measured::throughput("Chatter", chatter).over(&Measured::throughput("floor", floor))
        };
        let mut still = whole(0.0);
        (still.sent, still.delivered) = (0, 0);
        let good = ratio(&whole(50.0), &whole(60.0));
        goals.least("P1", "whole".to_owned(), median_of(&[good.clone(), good.clone(), good.clone()]), 0.75, "x");
        goals.least("P1", "still".to_owned(), median_of(&[good.clone(), ratio(&whole(50.0), &still)]), 0.75, "x");
        let mut once = whole(70.0);
        once.twice = 1;
        goals.least("P1", "in one".to_owned(), median_of(&[good.clone(), ratio(&once, &whole(60.0)), good]), 0.75, "x");
        let met: Vec<bool> = goals.rows.iter().map(|row| row.met).collect();
        assert_eq!(met, [true, false, true, false, false], "{}", goals.table());
        assert_eq!(goals.faults(), 3);
        let table = goals.table();
        assert!(
            table.contains("does not count: Chatter: 900 refused, none first, 100 delivered of 1000 sent"),
            "{table}"
        );
        assert!(table.contains("does not count: floor: nothing delivered\n"), "{table}");
        assert!(table.contains("does not count: Chatter: 1 came twice\n"), "{table}");
        // Even without a known fault nothing divided by nothing is no ratio.
        goals.least("P1", "infinite".to_owned(), Measured::plain(f64::INFINITY), 0.75, "x");
        assert!(goals.rows.last().is_some_and(|row| !row.met));
    }

    #[test]
    fn the_median_is_the_middle() {
        assert!((median(&mut [3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median(&mut []).abs() < f64::EPSILON);
    }
}
