//! The fewest agents that reach a service level.
//!
//! Numbers of agents are halved until one reaches the level and one less does not. All meet the same customers, and each
//! is simulated until its 95 % interval lies on one side of the level, or says that it does not within the replications
//! allowed. More agents are taken to give no lower a level.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::compare::Estimate;
use super::metrics::{Metric, Scope, Summary, metric};
use super::scenario::{Coming, Horizon, Scenario};
use super::sim::RunError;
use super::study::{Effort, Variant, options, replications};
use crate::lab::random::Law;
use crate::lab::record::Micros;
use crate::oracle::{Impatient, OracleError, fewest_servers, fewest_servers_patient};

/// What is to be reached, and how hard to try.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct Goal {
    /// The share of the offered to be answered in time.
    pub level: f64,
    /// In time is within this; each category's own target when absent.
    pub within: Option<Micros>,
    /// Which group of agents grows and shrinks; the others stay.
    pub group: usize,
    /// The most agents to try in that group.
    pub at_most: u32,
    /// The most replications of one number of agents.
    pub replications_max: u32,
}

/// How a number of agents did.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
#[expect(clippy::exhaustive_structs, reason = "plain data")]
pub struct Tried {
    /// How many agents the group had.
    pub agents: u32,
    /// The service level of the offered.
    pub level: Estimate,
    /// After how many replications.
    pub replications: u32,
    /// What that says.
    pub verdict: Reach,
}

/// Whether a level is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "there are three")]
pub enum Reach {
    /// The interval lies at the level or above.
    Reached,
    /// The interval lies below the level.
    Missed,
    /// The interval holds the level after all the replications allowed.
    NotClear,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Staffing {
    /// The fewest agents whose estimate reaches the level; absent when even the most do not.
    pub fewest: Option<u32>,
    /// True when the intervals of that number and of one less are both clear.
    pub clear: bool,
    /// All numbers that were tried, rising.
    pub tried: Vec<Tried>,
    /// What a formula says, where the scenario is one that has a formula.
    pub formula: Option<Formula>,
}

/// What queueing theory says.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Formula {
    /// Which formula.
    pub name: &'static str,
    /// The fewest agents by it.
    pub agents: Result<u32, OracleError>,
}

/// Searches the fewest agents. `tell` hears each number as soon as it has been judged.
///
/// # Errors
/// The error of the first run that had one.
pub fn fewest_agents(
    scenario: &Scenario,
    policy: &str,
    goal: &Goal,
    effort: Effort,
    tell: &mut dyn FnMut(&Tried),
) -> Result<Staffing, RunError> {
    let mut search = Search { scenario, policy, goal, effort, tried: BTreeMap::new(), tell };
    let start = scenario.groups[goal.group].count.clamp(1, goal.at_most);
    // 0 agents of the group are never enough: that is what the search is about.
    let (mut too_few, mut some) = (0, start);
    while !search.reaches(some)? {
        too_few = some;
        if some == goal.at_most {
            return Ok(search.answer(None));
        }
        some = some.saturating_mul(2).min(goal.at_most);
    }
    while some - too_few > 1 {
        // Close to what is enough at first: the present number is usually not far off.
        let middle = if too_few == 0 && some > 3 { some - some / 4 } else { u32::midpoint(too_few, some) };
        if search.reaches(middle)? { some = middle } else { too_few = middle }
    }
    Ok(search.answer(Some(some)))
}

struct Search<'a> {
    scenario: &'a Scenario,
    policy: &'a str,
    goal: &'a Goal,
    effort: Effort,
    tried: BTreeMap<u32, Tried>,
    tell: &'a mut dyn FnMut(&Tried),
}

impl Search<'_> {
    fn reaches(&mut self, agents: u32) -> Result<bool, RunError> {
        if let Some(tried) = self.tried.get(&agents) {
            return Ok(tried.level.estimate >= self.goal.level);
        }
        let tried = self.judge(agents)?;
        (self.tell)(&tried);
        self.tried.insert(agents, tried);
        Ok(tried.level.estimate >= self.goal.level)
    }

    /// Simulates until the interval is clear.
    fn judge(&self, agents: u32) -> Result<Tried, RunError> {
        let mut scenario = self.scenario.clone();
        scenario.groups[self.goal.group].count = agents;
        let options = options(&scenario, self.goal.within, 0);
        let level = metric("sl_offered", &options).expect("the catalogue has it");
        let same = |_| Cow::Borrowed(&scenario);
        let variants = [Variant { label: String::new(), policy: self.policy.to_owned(), scenario: &same }];
        let mut runs: Vec<Summary> = Vec::new();
        let mut next = self.effort.replications.clamp(2, self.goal.replications_max.max(2));
        loop {
            let from = u32::try_from(runs.len()).expect("replications are counted by u32");
            let more = replications(&variants, &options, from..next, self.effort, &|_, _| ())?;
            runs.extend(more.into_iter().flatten().map(|(summary, _)| summary));
            let tried = self.verdict(agents, &runs, &level);
            if tried.verdict != Reach::NotClear || next >= self.goal.replications_max {
                return Ok(tried);
            }
            next = next.saturating_mul(2).min(self.goal.replications_max);
        }
    }

    fn verdict(&self, agents: u32, runs: &[Summary], level: &Metric) -> Tried {
        let found = Estimate::of(runs, level, Scope::All).unwrap_or(Estimate::NOTHING);
        let verdict = match found.interval() {
            Some((low, _)) if low >= self.goal.level => Reach::Reached,
            Some((_, high)) if high < self.goal.level => Reach::Missed,
            Some(_) | None => Reach::NotClear,
        };
        let replications = u32::try_from(runs.len()).unwrap_or(u32::MAX);
        Tried { agents, level: found, replications, verdict }
    }

    fn answer(self, fewest: Option<u32>) -> Staffing {
        let sure = |agents: u32, verdict| self.tried.get(&agents).is_some_and(|it| it.verdict == verdict);
        let clear = match fewest {
            Some(1) => sure(1, Reach::Reached),
            Some(agents) => sure(agents, Reach::Reached) && sure(agents - 1, Reach::Missed),
            None => sure(self.goal.at_most, Reach::Missed),
        };
        let formula = formula(self.scenario, self.goal);
        Staffing { fewest, clear, tried: self.tried.into_values().collect(), formula }
    }
}

/// The answer of M/M/n, or of M/M/n+G with patience, for a scenario that is one: one category with a Poisson stream in
/// the steady state, exponential work, one group whose chats do not slow each other down, and nothing besides.
fn formula(scenario: &Scenario, goal: &Goal) -> Option<Formula> {
    let ([category], [group]) = (scenario.categories.as_slice(), scenario.groups.as_slice()) else { return None };
    let (Coming::Poisson(arrival), Law::Exponential { mean }) = (&category.coming, category.work) else { return None };
    let slots = group.max_chats;
    let speed = *group.speeds.first()?;
    let independent =
        group.speeds.iter().zip(1_u32..).all(|(rate, chats)| (rate - speed * f64::from(chats)).abs() < 1e-12);
    let plain = independent
        && group.shifts.is_empty()
        && matches!(scenario.horizon, Horizon::Customers { .. })
        && scenario.trace.is_none()
        && category.silent == 0.0
        && category.settings.routing == chatter_core::Routing::Assign
        && category.settings.queue_limit.is_none()
        && category.settings.max_wait.is_none()
        && category.settings.wrap_up.is_zero()
        && scenario.desk.breathing_gap.is_zero();
    if !plain {
        return None;
    }
    let (arrival, service) = (*arrival, speed / mean);
    let within = super::metrics::seconds(goal.within.unwrap_or(category.target).into());
    let limit = goal.at_most.saturating_mul(slots);
    let (name, servers) = if category.patience == Law::Never {
        ("Erlang C", fewest_servers_patient(arrival, service, within, goal.level, limit))
    } else {
        let level = |servers| {
            let queue = Impatient::new(servers, arrival, service, &category.patience)?;
            Ok(queue.service_level_offered(within))
        };
        ("M/M/n+G", fewest_servers(limit, goal.level, level))
    };
    Some(Formula { name, agents: servers.map(|servers| servers.div_ceil(slots)) })
}

#[cfg(test)]
mod tests {
    use super::{Goal, Reach, fewest_agents};
    use crate::lab::scenario::Scenario;
    use crate::lab::study::Effort;

    const PLANNER: &str = r#"
name = "planner"
[horizon]
customers = 3000
warm_up = 300
[[category]]
name = "all"
arrivals = { per_hour = 200 }
work = { exponential = "3m" }
target = "20s"
[[agents]]
name = "agents"
count = 11
"#;

    const EFFORT: Effort = Effort { seed: 1, replications: 4, threads: 2 };

    fn goal(level: f64) -> Goal {
        Goal { level, within: None, group: 0, at_most: 40, replications_max: 32 }
    }

    /// 200 contacts an hour of three minutes each, 85 % within 20 s: Erlang C says 14.
    #[test]
    fn the_planner_example_is_found_and_agrees_with_erlang() {
        let scenario = Scenario::from_toml(PLANNER, "planner.toml").unwrap();
        let mut told = Vec::new();
        let found =
            fewest_agents(&scenario, "longest-wait", &goal(0.85), EFFORT, &mut |it| told.push(it.agents)).unwrap();
        let formula = found.formula.as_ref().unwrap();
        assert_eq!((formula.name, formula.agents.clone()), ("Erlang C", Ok(14)));
        assert_eq!(found.fewest, Some(14), "{:?}", found.tried);
        assert!(found.clear, "{:?}", found.tried);
        assert!(told.len() == found.tried.len() && found.tried.is_sorted_by_key(|it| it.agents), "{told:?}");
        let missed = found.tried.iter().find(|it| it.agents == 13).unwrap();
        assert!(missed.verdict == Reach::Missed && missed.level.estimate < 0.85, "{missed:?}");
    }

    #[test]
    fn what_is_out_of_reach_and_what_has_no_formula_is_said() {
        let scenario = Scenario::from_toml(PLANNER, "planner.toml").unwrap().with_customers(500);
        let few = Goal { at_most: 12, ..goal(0.99) };
        let found = fewest_agents(&scenario, "longest-wait", &few, EFFORT, &mut |_| ()).unwrap();
        assert_eq!((found.fewest, found.clear), (None, true));
        assert!(found.formula.unwrap().agents.is_err());

        let slow = PLANNER.replace("count = 11", "count = 5\nmax_chats = 3\neffort = [1.0, 1.6, 1.8]");
        let scenario = Scenario::from_toml(&slow, "slow.toml").unwrap().with_customers(500);
        let found = fewest_agents(&scenario, "longest-wait", &goal(0.8), EFFORT, &mut |_| ()).unwrap();
        assert!(found.formula.is_none() && found.fewest.is_some(), "{found:?}");
    }

    #[test]
    fn a_level_on_the_edge_is_not_called_clear() {
        let scenario = Scenario::from_toml(PLANNER, "planner.toml").unwrap().with_customers(300);
        // What 14 agents reach in the long run: few short runs cannot tell it from the goal.
        let edge = Goal { level: 0.888_35, replications_max: 4, ..goal(0.0) };
        let found = fewest_agents(&scenario, "longest-wait", &edge, EFFORT, &mut |_| ()).unwrap();
        assert!(!found.clear, "{:?}", found.tried);
        assert!(found.tried.iter().any(|it| it.verdict == Reach::NotClear), "{:?}", found.tried);
    }
}
