//! `chatter-lab what-if`.

use std::borrow::Cow;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::compare::{Files, Judged, Runs, report};
use super::progress::Told;
use super::{CliError, input};
use crate::lab::compare::Estimate;
use crate::lab::metrics::{Options, Scope, metric};
use crate::lab::policy;
use crate::lab::record::Micros;
use crate::lab::report::{Align, Table, figure};
use crate::lab::study::{Variant, names, options, study};
use crate::lab::what_if::{Change, Recorded, read, usual_grace};

/// Replay the traffic of a Chatter store under other policies, limits or with one agent more.
#[derive(Debug, Args)]
pub(super) struct WhatIf {
    /// The store, an SQLite file. It is only read; a server may be at work on it.
    store: PathBuf,
    /// Policies to put beside the store's own, joined by commas. Categories give up their own for them.
    #[arg(long)]
    policy: Vec<String>,
    /// Let every agent hold so many chats at once.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    max_chats: Option<u32>,
    /// One agent more, like this one, or like the one who was online longest.
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    add_agent: Option<String>,
    /// How long the server kept the place of a customer whose connection was gone; 60s, as by default, when absent. Who is
    /// gone is taken to have left so long before the desk ended the chat.
    #[arg(long, value_parser = input::span, value_name = "TIME")]
    customer_grace: Option<Micros>,
    #[command(flatten)]
    runs: Runs,
    #[command(flatten)]
    judged: Judged,
    #[command(flatten)]
    files: Files,
}

/// A variant before its scenarios are made.
struct Plan {
    label: String,
    policy: String,
    change: Change,
}

impl WhatIf {
    pub(super) fn run(self, line: &str, out: &mut dyn Write) -> Result<(), CliError> {
        let recorded = read(&self.store, self.customer_grace.unwrap_or_else(usual_grace))?;
        let plans = self.plans(&recorded)?;
        let seed = self.runs.effort().seed;
        let scenarios: Vec<_> = plans
            .iter()
            .map(|plan| {
                let (recorded, change) = (&recorded, &plan.change);
                move |replication| Cow::Owned(recorded.scenario(change, seed, replication))
            })
            .collect();
        let variants: Vec<Variant<'_>> = plans
            .iter()
            .zip(&scenarios)
            .map(|(plan, scenario)| Variant { label: plan.label.clone(), policy: plan.policy.clone(), scenario })
            .collect();
        // The widest of the variants names all agents and their speeds.
        let widest = plans.last().map_or_else(Change::default, |plan| plan.change.clone());
        let scenario = recorded.scenario(&widest, seed, 0);
        let options = options(&scenario, self.judged.within, self.judged.short_abandon);
        let told = Told::new("what-if");
        let study =
            study(&variants, &options, &names(&scenario), self.runs.effort(), &|done, all| told.tell(done, all))?;
        drop(told);
        let mut report = report(&scenario, study, &self.runs, line);
        report.scenario.notes = recorded.notes();
        out.write_all(observed(&recorded, &options).as_bytes()).map_err(CliError::Output)?;
        self.files.write(&report, out)
    }

    /// The store's own policy first, then one change each.
    fn plans(&self, recorded: &Recorded) -> Result<Vec<Plan>, CliError> {
        let others = input::policies(&self.policy)?;
        let own = match recorded.policy() {
            Some(own) if policy::parse(own).is_ok() => own.to_owned(),
            Some(own) => {
                let rule = format!("the store's own policy \"{own}\" is not known here and cannot be replayed");
                return Err(CliError::Flag { flag: "--policy", rule });
            }
            None => "longest-wait".to_owned(),
        };
        let plan = |label: String, policy: &str, change| Plan { label, policy: policy.to_owned(), change };
        let mut plans = vec![plan(format!("own: {own}"), &own, Change::default())];
        for policy in others {
            plans.push(plan(policy.clone(), &policy, Change { one_policy: true, ..Change::default() }));
        }
        if let Some(max_chats) = self.max_chats {
            let change = Change { max_chats: Some(max_chats), ..Change::default() };
            plans.push(plan(format!("{max_chats} chats at once"), &own, change));
        }
        if let Some(name) = &self.add_agent {
            let like = match recorded.agents.iter().position(|it| it.name == *name) {
                Some(like) => like,
                None if name.is_empty() => recorded.longest_online(),
                None => {
                    let rule = format!("no agent of the store who was ever online is called \"{name}\"");
                    return Err(CliError::Flag { flag: "--add-agent", rule });
                }
            };
            let change = Change { like: Some(like), ..Change::default() };
            plans.push(plan(format!("one more like {}", recorded.agents[like].name), &own, change));
        }
        Ok(plans)
    }
}

/// What the record itself says, before anything is replayed.
fn observed(recorded: &Recorded, options: &Options) -> String {
    let runs = [recorded.observed(options)];
    let mut table = Table::new([("as recorded", Align::Left), ("", Align::Right), ("", Align::Left)]);
    for id in
        ["offered", "wait_mean", "wait_p90", "wait_max", "sl_offered", "abandonment", "chat_time", "occupancy_slots"]
    {
        let Some(metric) = metric(id, options) else { continue };
        let Some(found) = Estimate::of(&runs, &metric, Scope::All) else { continue };
        let unit = crate::lab::report::unit(metric.unit);
        table.row([metric.name.into_owned(), figure(metric.unit, found.estimate), unit.to_owned()]);
    }
    format!("{}\n", table.text())
}
