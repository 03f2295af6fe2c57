//! The fewest agents that reach a service level.
//!
//! Numbers of agents are halved until one reaches the level and one less does not. All meet the same customers, and each
//! is simulated until its interval lies on one side of the level, or says that it does not within the replications
//! allowed. More agents are taken to give no lower a level.
//!
//! An interval is looked at again after every doubling of the replications, and whoever looks often enough sees it on a
//! wrong side at last. So each look has a higher confidence than 95 %, by Bonferroni over all the looks that there may be
//! at one number of agents: all of them together hold with 95 %. What is called clear rests on two such numbers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::compare::{Estimate, LEVEL};
use super::metrics::{Metric, Scope, Summary, metric};
use super::policy::is_first_come;
use super::scenario::{Coming, Horizon, Scenario};
use super::sim::RunError;
use super::stats::bonferroni;
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
    /// The service level of the offered, with an interval of the confidence that [`Staffing::confidence`] says.
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
    /// How sure one interval is, so that all those looked at for one number of agents hold together with 95 %.
    pub confidence: f64,
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

    /// How many replications there are at each look at one number of agents, if it does not become clear before.
    fn looks(&self) -> Vec<u32> {
        let most = self.goal.replications_max.max(2);
        let mut looks = vec![self.effort.replications.clamp(2, most)];
        while let Some(last) = looks.last().copied().filter(|last| *last < most) {
            looks.push(last.saturating_mul(2).min(most));
        }
        looks
    }

    /// The confidence of an interval, so that those of all looks hold together.
    fn confidence(&self) -> f64 {
        bonferroni(LEVEL, self.looks().len())
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
        let mut tried = Tried { agents, level: Estimate::NOTHING, replications: 0, verdict: Reach::NotClear };
        for next in self.looks() {
            let from = u32::try_from(runs.len()).expect("replications are counted by u32");
            let more = replications(&variants, &options, from..next, self.effort, &|_, _| ())?;
            runs.extend(more.into_iter().flatten().map(|(summary, _)| summary));
            tried = self.verdict(agents, &runs, &level);
            if tried.verdict != Reach::NotClear {
                break;
            }
        }
        Ok(tried)
    }

    fn verdict(&self, agents: u32, runs: &[Summary], level: &Metric) -> Tried {
        let found = Estimate::at_level(runs, level, Scope::All, self.confidence()).unwrap_or(Estimate::NOTHING);
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
        let (formula, confidence) = (formula(self.scenario, self.policy, self.goal), self.confidence());
        Staffing { fewest, clear, confidence, tried: self.tried.into_values().collect(), formula }
    }
}

/// The answer of M/M/n, or of M/M/n+G with patience, for a scenario that is one: one category with a Poisson stream in
/// the steady state, exponential work, one group whose chats do not slow each other down, served in the order in which
/// they come (how many wait longer than a target hangs on it), and nothing besides.
fn formula(scenario: &Scenario, policy: &str, goal: &Goal) -> Option<Formula> {
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
        && scenario.desk.breathing_gap.is_zero()
        // Timers by which chats go back to the queue, give up their room or end are not in the formula.
        && scenario.desk.first_reply_within.is_none()
        && scenario.desk.park_after.is_none()
        && scenario.desk.resolve_after.is_none();
    let several = category.priorities.iter().filter(|weight| **weight > 0.0).count() > 1;
    let policy = category.settings.policy.as_ref().map_or(policy, |own| own.as_str());
    if !plain || is_first_come(policy, several) != Ok(true) {
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
    use super::{Estimate, Goal, Reach, Scope, Summary, fewest_agents, metric, options};
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

    /// P(W <= T) hangs on the order in which customers are served, and on timers that theory does not have.
    #[test]
    fn a_formula_is_given_only_for_what_it_is_exact_for() {
        let goal = Goal { at_most: 20, replications_max: 2, ..goal(0.5) };
        let effort = Effort { replications: 2, ..EFFORT };
        let formula = |text: &str, policy: &str| {
            let scenario = Scenario::from_toml(text, "planner.toml").unwrap().with_customers(200);
            fewest_agents(&scenario, policy, &goal, effort, &mut |_| ()).unwrap().formula.map(|it| it.name)
        };
        for exact in ["longest-wait", "least-loaded+fifo", "strict", "priority-ageing", "slopes(1,2,3,4)", "gc-mu"] {
            assert_eq!(formula(PLANNER, exact), Some("Erlang C"), "{exact}: all have one priority");
        }
        for other in ["last-come", "random-order", "fill-first+last-come"] {
            assert_eq!(formula(PLANNER, other), None, "{other}");
        }
        let two = PLANNER.replace("target", "priorities = { low = 1, high = 1 }\ntarget");
        assert_eq!(formula(&two, "longest-wait"), Some("Erlang C"), "nobody looks at the priorities");
        for order in ["strict", "priority-ageing", "ageing(0s,0s,1s,1s)", "slopes(1,2,3,4)"] {
            assert_eq!(formula(&two, order), None, "{order}: some are let past");
        }
        let own = PLANNER.replace("target", "policy = \"last-come\"\ntarget");
        assert_eq!(formula(&own, "longest-wait"), None, "the category keeps its own");
        for timers in ["like = \"production\"", "first_reply_within = \"1m\"", "park_after = \"1m\""] {
            let desk = PLANNER.replace("[[category]]", &format!("[desk]\n{timers}\n[[category]]"));
            assert_eq!(formula(&desk, "longest-wait"), None, "{timers}");
        }
    }

    /// 4, 8, 16 and 32 replications: four looks, each of 98.75 %.
    #[test]
    fn each_look_is_surer_than_all_of_them_together() {
        let scenario = Scenario::from_toml(PLANNER, "planner.toml").unwrap().with_customers(300);
        let confidence = |first, most| {
            let goal = Goal { level: 0.0, replications_max: most, at_most: 1, ..goal(0.0) };
            let effort = Effort { replications: first, ..EFFORT };
            fewest_agents(&scenario, "longest-wait", &goal, effort, &mut |_| ()).unwrap().confidence
        };
        assert!((confidence(4, 32) - 0.9875).abs() < 1e-12);
        assert!((confidence(4, 5) - 0.975).abs() < 1e-12);
        assert!((confidence(4, 4) - 0.95).abs() < 1e-12, "one look");
        let edge = Goal { level: 0.888_35, replications_max: 16, ..goal(0.0) };
        let found = fewest_agents(&scenario, "longest-wait", &edge, EFFORT, &mut |_| ()).unwrap();
        for tried in found.tried {
            let mut runs = Vec::new();
            let mut some = scenario.clone();
            some.groups[0].count = tried.agents;
            for replication in 0..tried.replications {
                let run = crate::lab::sim::run(&some, "longest-wait", EFFORT.seed, replication).unwrap();
                runs.push(Summary::of(&run, &options(&some, None, 0)));
            }
            let level = metric("sl_offered", &options(&some, None, 0)).unwrap();
            let usual = Estimate::of(&runs, &level, Scope::All).unwrap();
            assert!(usual.half_width < tried.level.half_width || usual.half_width == Some(0.0), "{tried:?} {usual:?}");
        }
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
