//! `chatter-lab compare`.

use std::borrow::Cow;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::progress::Told;
use super::{CliError, input};
use crate::lab::record::Micros;
use crate::lab::report::{Repeat, Report, csv, html, json, terminal};
use crate::lab::scenario::Scenario;
use crate::lab::study::{Effort, Study, Variant, about, names, options, study};

/// Put policies side by side over the same customers.
#[derive(Debug, Args)]
pub(super) struct Compare {
    /// A scenario file, or the name of a preset.
    scenario: String,
    /// The policies, joined by commas; differences are to the first.
    #[arg(long, default_value = "longest-wait")]
    policy: Vec<String>,
    /// Customers out of a CSV file in the place of the scenario's arrival laws.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    #[command(flatten)]
    measured: Measured,
    #[command(flatten)]
    files: Files,
}

/// How a scenario is run and judged.
#[derive(Debug, Args)]
pub(super) struct Measured {
    /// How many customers count in a run, in the place of the scenario's number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    customers: Option<u64>,
    #[command(flatten)]
    pub(super) runs: Runs,
    #[command(flatten)]
    pub(super) judged: Judged,
}

impl Measured {
    /// The scenario with as many customers as are asked for.
    pub(super) fn sized(&self, scenario: Scenario) -> Scenario {
        match self.customers {
            Some(customers) => scenario.with_customers(customers),
            None => scenario,
        }
    }
}

/// How runs are made.
#[derive(Debug, Args)]
pub(super) struct Runs {
    /// How many replications of each policy.
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    reps: u32,
    /// The seed of all random streams: the same seed gives the same result.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// On how many threads; all when absent. It changes nothing but the time.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl Runs {
    pub(super) fn effort(&self) -> Effort {
        Effort { seed: self.seed, replications: self.reps, threads: input::threads(self.threads) }
    }
}

/// How runs are judged.
#[derive(Debug, Args)]
pub(super) struct Judged {
    /// The service level's threshold, such as 20s; each category's own target when absent.
    #[arg(long, value_parser = input::span, value_name = "TIME")]
    pub(super) within: Option<Micros>,
    /// Leave out of every figure who abandons within less than this.
    #[arg(long, value_parser = input::span, default_value = "0s", value_name = "TIME")]
    pub(super) short_abandon: Micros,
}

/// Where reports go.
#[derive(Debug, Args)]
pub(super) struct Files {
    /// Every metric on the terminal, not only the headlines.
    #[arg(long)]
    all: bool,
    /// Write every figure as CSV.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write everything as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a page with tables and plots.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Compare {
    pub(super) fn run(self, line: &str, out: &mut dyn Write) -> Result<(), CliError> {
        let policies = input::policies(&self.policy)?;
        let mut scenario = input::scenario(&self.scenario)?;
        if let Some(path) = &self.trace {
            scenario = scenario.with_trace(&input::text(path)?, &path.to_string_lossy())?;
        }
        let scenario = self.measured.sized(scenario);
        let Measured { runs, judged, .. } = &self.measured;
        let same = |_| Cow::Borrowed(&scenario);
        let variants: Vec<Variant<'_>> = policies
            .iter()
            .map(|policy| Variant { label: policy.clone(), policy: policy.clone(), scenario: &same })
            .collect();
        let options = options(&scenario, judged.within, judged.short_abandon);
        let told = Told::new("compare");
        let progress = |done, all| told.tell(done, all);
        let study = study(&variants, &options, &names(&scenario), runs.effort(), &progress)?;
        drop(told);
        self.files.write(&report(&scenario, study, runs, line), out)
    }
}

pub(super) fn report(scenario: &Scenario, study: Study, runs: &Runs, line: &str) -> Report {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Report {
        scenario: about(scenario),
        run: Repeat { command: line.to_owned(), version, seed: runs.seed, hash: format!("{:016x}", study.hash) },
        comparison: study.comparison,
    }
}

impl Files {
    pub(super) fn write(&self, report: &Report, out: &mut dyn Write) -> Result<(), CliError> {
        input::write(self.csv.as_deref(), || csv(report))?;
        input::write(self.json.as_deref(), || json(report))?;
        input::write(self.html.as_deref(), || html(report))?;
        out.write_all(terminal(report, self.all).as_bytes()).map_err(CliError::Output)
    }
}
