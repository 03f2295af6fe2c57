//! `chatter-lab staff`.

use std::io::Write;

use clap::Args;

use super::compare::Measured;
use super::progress::Told;
use super::{CliError, input};
use crate::lab::metrics::Unit;
use crate::lab::report::{Align, Table, interval};
use crate::lab::scenario::Scenario;
use crate::lab::staffing::{Goal, Reach, Staffing, Tried, fewest_agents};

/// Find the fewest agents that reach a service level. A number of agents is simulated until its interval lies on one side
/// of the level; all the intervals looked at on the way hold together with 95 %.
#[derive(Debug, Args)]
pub(super) struct Staff {
    /// A scenario file, or the name of a preset.
    scenario: String,
    /// The share of the offered to be answered in time, such as 80%.
    #[arg(long, value_parser = input::share, default_value = "80%", value_name = "SHARE")]
    level: f64,
    /// The policy.
    #[arg(long, default_value = "longest-wait")]
    policy: String,
    /// The group of agents that grows and shrinks; needed when there are several.
    #[arg(long)]
    group: Option<String>,
    /// The most agents of that group to try.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000), value_name = "N")]
    at_most: u32,
    /// The most replications of one number of agents; `--reps` are the first.
    #[arg(long, default_value_t = 160, value_parser = clap::value_parser!(u32).range(2..=100_000), value_name = "N")]
    max_reps: u32,
    #[command(flatten)]
    measured: Measured,
}

impl Staff {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<(), CliError> {
        let [policy] = input::policies(std::slice::from_ref(&self.policy))?
            .try_into()
            .map_err(|_| CliError::Flag { flag: "--policy", rule: "staffing looks at one policy".to_owned() })?;
        let scenario = self.measured.sized(input::scenario(&self.scenario)?);
        let group = self.group_of(&scenario)?;
        let goal = Goal {
            level: self.level,
            within: self.measured.judged.within,
            group,
            at_most: self.at_most,
            replications_max: self.max_reps,
        };
        let told = Told::new("staff");
        let mut tell = |tried: &Tried| {
            told.line(&format!("{} agents: {} %", tried.agents, interval(Unit::Share, &tried.level)));
        };
        let found = fewest_agents(&scenario, &policy, &goal, self.measured.runs.effort(), &mut tell)?;
        drop(told);
        out.write_all(answer(&scenario, &policy, &goal, &found).as_bytes()).map_err(CliError::Output)
    }

    fn group_of(&self, scenario: &Scenario) -> Result<usize, CliError> {
        let names: Vec<&str> = scenario.groups.iter().map(|group| group.name.as_str()).collect();
        let rule = match &self.group {
            None if names.len() == 1 => return Ok(0),
            None => format!("the scenario has several groups of agents, name one of {}", names.join(", ")),
            Some(name) => match names.iter().position(|known| known == name) {
                Some(at) => return Ok(at),
                None => format!("there is no group \"{name}\"; there are {}", names.join(", ")),
            },
        };
        Err(CliError::Flag { flag: "--group", rule })
    }
}

fn answer(scenario: &Scenario, policy: &str, goal: &Goal, found: &Staffing) -> String {
    let mut table = Table::new([
        ("agents", Align::Right),
        ("service level, %", Align::Right),
        ("replications", Align::Right),
        ("", Align::Left),
    ]);
    for tried in &found.tried {
        let verdict = match tried.verdict {
            Reach::Reached => "reached",
            Reach::Missed => "missed",
            Reach::NotClear => "not clear",
        };
        let level = interval(Unit::Share, &tried.level);
        table.row([tried.agents.to_string(), level, tried.replications.to_string(), verdict.to_owned()]);
    }
    let (level, group) = (crate::lab::report::figure(Unit::Share, goal.level), &scenario.groups[goal.group].name);
    let within = match goal.within {
        Some(within) => format!("{} s", crate::lab::metrics::seconds(within.into())),
        None => "the target of their category".to_owned(),
    };
    let mut text = format!(
        "{}: {level} % of the offered answered within {within}, under {policy}\n\n{}\nIntervals of {:.2} % each: all that \
         were looked at for a number of agents, one after each doubling of the replications, hold together with 95 %.\n\n",
        scenario.name,
        table.text(),
        found.confidence * 100.0
    );
    text += &match found.fewest {
        Some(agents) if found.clear => format!("The fewest of the group {group}: {agents}.\n"),
        Some(agents) => format!(
            "The fewest of the group {group} by the estimates: {agents}. This is not clear: an interval of it or of one \
             less holds the level; more replications (--max-reps) may tell.\n"
        ),
        None => format!("Even {} agents of the group {group} do not reach it.\n", goal.at_most),
    };
    if let Some(formula) = &found.formula {
        text += &match &formula.agents {
            Ok(agents) => format!("{} says {agents}: it is exact for this scenario and policy.\n", formula.name),
            Err(error) => format!("{}: {error}.\n", formula.name),
        };
    } else {
        text += "No formula is exact for this scenario and policy.\n";
    }
    text
}
