//! Policies by name: those the desk ships, and more that the lab puts together through the same seam.
//!
//! A policy of the lab is a list of parts joined by `+`, at most one of each kind, in any order:
//!
//! - the order of a line: `fifo` (where none is given), `last-come`, `random-order`, `strict`,
//!   `ageing(0s,90s,180s,270s)` (credits of the four priorities), `slopes(1,2,4,8)` (credit that grows with the wait);
//! - between lines: by the same order (where none is given), `longest-queue`, `heaviest` (by the weight's `cost` alone),
//!   `cost-of-wait` (cost × wait / handle time);
//! - the agent for an arriving chat: `least-loaded` (where none is given), `fill-first`, `longest-idle`, `round-robin`,
//!   `specialised`.
//!
//! `strict+fill-first` and `slopes(1,2,4,8)` are policies. Of chats of one rank, the longest wait goes first.

use std::sync::Arc;
use std::time::Duration;

use chatter_core::Time;
use chatter_core::policy::{AgentFacts, AgentRank, AssignmentPolicy, ChatFacts, LineFacts, LineKey};

use super::random::Seconds;
use super::record::priority_level;

/// A policy that is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// There is no such part.
    #[error("\"{0}\" is no policy; policies are {shipped}, and what fifo, last-come, random-order, strict, \
             ageing(..), slopes(..), longest-queue, heaviest, cost-of-wait, fill-first, longest-idle, round-robin and \
             specialised make when joined by +", shipped = chatter_core::policy::NAMES.join(", "))]
    Unknown(String),
    /// A part with four arguments has others.
    #[error("\"{0}\" needs four arguments, one for each priority from low to urgent")]
    Arguments(String),
    /// Two parts of one kind.
    #[error("\"{0}\" has two parts that decide the same")]
    Twice(String),
}

/// The policy of this name; see the module.
///
/// # Errors
/// When a part is not known, is given twice or has other arguments than it needs.
pub fn parse(text: &str) -> Result<Arc<dyn AssignmentPolicy>, PolicyError> {
    let text = text.trim();
    if let Some(shipped) = chatter_core::policy::by_name(text) {
        return Ok(shipped);
    }
    let (mut order, mut between, mut agents) = (None, None, None);
    for part in text.split('+') {
        let fresh = match read_part(part.trim())? {
            Part::Order(it) => order.replace(it).is_none(),
            Part::Between(it) => between.replace(it).is_none(),
            Part::Agents(it) => agents.replace(it).is_none(),
        };
        if !fresh {
            return Err(PolicyError::Twice(text.to_owned()));
        }
    }
    Ok(Arc::new(Composed {
        name: text.replace(' ', ""),
        order: order.unwrap_or(Order::Fifo),
        between: between.unwrap_or(Between::SameOrder),
        agents: agents.unwrap_or(Agents::LeastLoaded),
    }))
}

enum Part {
    Order(Order),
    Between(Between),
    Agents(Agents),
}

fn read_part(part: &str) -> Result<Part, PolicyError> {
    let unknown = || PolicyError::Unknown(part.to_owned());
    let (name, arguments) = match part.split_once('(') {
        Some((name, rest)) => (name.trim(), Some(rest.strip_suffix(')').ok_or_else(unknown)?)),
        None => (part, None),
    };
    let wrong = || PolicyError::Arguments(part.to_owned());
    Ok(match (name, arguments) {
        ("ageing", Some(list)) => {
            let credit = |it: &str| it.trim().parse::<Seconds>().ok().map(|it| Duration::from_micros(it.micros()));
            Part::Order(Order::Ageing(four(list, credit).ok_or_else(wrong)?))
        }
        ("slopes", Some(list)) => {
            let slope = |it: &str| it.trim().parse::<u32>().ok().filter(|it| *it > 0);
            Part::Order(Order::Slopes(four(list, slope).ok_or_else(wrong)?))
        }
        ("fifo", None) => Part::Order(Order::Fifo),
        ("last-come", None) => Part::Order(Order::LastCome),
        ("random-order", None) => Part::Order(Order::Random),
        ("strict", None) => Part::Order(Order::Strict),
        ("longest-queue", None) => Part::Between(Between::LongestQueue),
        ("heaviest", None) => Part::Between(Between::Heaviest),
        ("cost-of-wait", None) => Part::Between(Between::CostOfWait),
        ("least-loaded", None) => Part::Agents(Agents::LeastLoaded),
        ("fill-first", None) => Part::Agents(Agents::FillFirst),
        ("longest-idle", None) => Part::Agents(Agents::LongestIdle),
        ("round-robin", None) => Part::Agents(Agents::RoundRobin),
        ("specialised", None) => Part::Agents(Agents::Specialised),
        _ => return Err(unknown()),
    })
}

fn four<T>(list: &str, read: impl Fn(&str) -> Option<T>) -> Option<[T; 4]> {
    list.split(',').map(read).collect::<Option<Vec<T>>>()?.try_into().ok()
}

/// Whether this policy serves the customers of one line, where they have but one priority or `several`, in the order in
/// which they came. Which agent it chooses, and how it compares lines of several categories, is not looked at.
///
/// # Errors
/// As [`parse`].
pub(crate) fn is_first_come(text: &str, several: bool) -> Result<bool, PolicyError> {
    let text = text.trim();
    if chatter_core::policy::by_name(text).is_some() {
        // Of those that are shipped this one alone looks at priorities.
        return Ok(!several || text != "priority-ageing");
    }
    let mut order = Order::Fifo;
    for part in text.split('+') {
        if let Part::Order(it) = read_part(part.trim())? {
            order = it;
        }
    }
    Ok(match order {
        Order::Fifo => true,
        Order::LastCome | Order::Random => false,
        Order::Strict | Order::Ageing(_) | Order::Slopes(_) => !several,
    })
}

/// The order of a line.
#[derive(Clone, Copy, Debug)]
enum Order {
    Fifo,
    LastCome,
    Random,
    Strict,
    Ageing([Duration; 4]),
    Slopes([u32; 4]),
}

/// How a freed agent compares lines.
#[derive(Clone, Copy, Debug)]
enum Between {
    SameOrder,
    LongestQueue,
    Heaviest,
    CostOfWait,
}

/// Which agent an arriving chat goes to.
#[derive(Clone, Copy, Debug)]
enum Agents {
    LeastLoaded,
    FillFirst,
    LongestIdle,
    RoundRobin,
    Specialised,
}

#[derive(Debug)]
struct Composed {
    name: String,
    order: Order,
    between: Between,
    agents: Agents,
}

impl AssignmentPolicy for Composed {
    fn name(&self) -> &str {
        &self.name
    }

    fn line_key(&self, chat: &ChatFacts) -> LineKey {
        let arrived = i64::try_from(chat.arrived_at.0).unwrap_or(i64::MAX);
        let priority = priority_level(chat.priority);
        let below_urgent = 3 - priority;
        match self.order {
            Order::Fifo => LineKey { level: 0, key: arrived },
            Order::LastCome => LineKey { level: 0, key: -arrived },
            Order::Random => LineKey { level: 0, key: scrambled(chat.arrived_at) },
            Order::Ageing(credits) => {
                let credit = i64::try_from(credits[usize::from(priority)].as_micros()).unwrap_or(i64::MAX);
                LineKey { level: 0, key: arrived.saturating_sub(credit) }
            }
            // Of one level the longest wait goes first; levels are compared by the wait of their heads.
            Order::Strict | Order::Slopes(_) => LineKey { level: below_urgent, key: arrived },
        }
    }

    fn line_rank(&self, line: &LineFacts) -> i128 {
        match (self.between, self.order) {
            (Between::LongestQueue, _) => -i128::from(line.ready),
            (Between::Heaviest, _) => -i128::from(line.weight.cost),
            (Between::CostOfWait, _) => {
                let handle = line.weight.handle_time.as_micros().max(1).cast_signed();
                -(((i128::from(line.weight.cost) * i128::from(line.waited)) << 32) / handle)
            }
            (Between::SameOrder, Order::Slopes(slopes)) => {
                -(i128::from(slopes[usize::from(3 - line.key.level.min(3))]) * i128::from(line.waited))
            }
            (Between::SameOrder, Order::Fifo | Order::LastCome | Order::Random | Order::Strict | Order::Ageing(_)) => {
                (i128::from(line.key.level) << 64) + i128::from(line.key.key)
            }
        }
    }

    fn agent_rank(&self, agent: &AgentFacts) -> AgentRank {
        match self.agents {
            Agents::LeastLoaded => AgentRank::ratio(u64::from(agent.load), u64::from(agent.max_chats)),
            Agents::FillFirst => {
                AgentRank::ratio(u64::from(agent.max_chats.saturating_sub(agent.load)), u64::from(agent.max_chats))
            }
            Agents::LongestIdle if agent.load == 0 => AgentRank::value(agent.last_released_at.0),
            Agents::LongestIdle => AgentRank::value((1 << 62) + agent.last_assigned_at.0),
            // Ties end with whoever was assigned a chat longest ago.
            Agents::RoundRobin => AgentRank::value(0),
            Agents::Specialised => AgentRank::value(u64::from(agent.categories) << 32 | u64::from(agent.load)),
        }
    }

    fn weighs_waits(&self) -> bool {
        matches!(self.between, Between::CostOfWait)
            || matches!((self.between, self.order), (Between::SameOrder, Order::Slopes(_)))
    }

    fn fixes_order(&self) -> bool {
        !matches!(self.order, Order::Slopes(_))
    }
}

/// A fixed shuffle of arrival times: as good as a draw, and the same for ever, as the contract wants.
fn scrambled(at: Time) -> i64 {
    let mut bits = at.0.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ (bits >> 31)).cast_signed() >> 1
}

#[cfg(test)]
mod tests {
    use chatter_core::Priority;

    use super::*;

    fn error(text: &str) -> PolicyError {
        parse(text).unwrap_err()
    }

    #[test]
    fn names_make_policies() {
        for name in chatter_core::policy::NAMES {
            assert_eq!(parse(name).unwrap().name(), name);
        }
        for name in ["fill-first", "strict+fill-first", "ageing(0s,90s,3m,5m)", "slopes(1,2,4,8)+longest-idle"] {
            assert_eq!(parse(name).unwrap().name(), name);
        }
        assert_eq!(parse("strict + fill-first").unwrap().name(), "strict+fill-first");
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        assert_eq!(error("fastest"), PolicyError::Unknown("fastest".to_owned()));
        assert_eq!(error("strict+"), PolicyError::Unknown(String::new()));
        assert_eq!(error("ageing(1s,2s)"), PolicyError::Arguments("ageing(1s,2s)".to_owned()));
        assert_eq!(error("slopes(0,1,1,1)"), PolicyError::Arguments("slopes(0,1,1,1)".to_owned()));
        assert_eq!(error("slopes(1,2,4,8"), PolicyError::Unknown("slopes(1,2,4,8".to_owned()));
        assert_eq!(error("strict+fifo"), PolicyError::Twice("strict+fifo".to_owned()));
        assert!(error("fastest").to_string().contains("least-loaded"));
    }

    #[test]
    fn slopes_compare_credit_that_has_grown() {
        let policy = parse("slopes(1,2,1,1)").unwrap();
        let line = |priority, waited| {
            let mut facts = LineFacts::new(policy.line_key(&ChatFacts::new(Time(0), priority, 1)), 1);
            facts.waited = waited;
            policy.line_rank(&facts)
        };
        assert!(policy.weighs_waits() && !policy.fixes_order());
        assert!(line(Priority::Medium, 60) < line(Priority::Low, 100), "120 of credit are more than 100");
        assert!(line(Priority::Low, 130) < line(Priority::Medium, 60));
    }

    #[test]
    fn fill_first_prefers_whoever_has_least_room() {
        let policy = parse("fill-first").unwrap();
        let rank = |load| policy.agent_rank(&AgentFacts::new(load, 3, Time(0), 1));
        assert!(rank(2) < rank(1) && rank(1) < rank(0));
    }
}
