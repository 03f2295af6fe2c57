use std::cmp::Ordering;
use std::time::Duration;

use proptest::prelude::*;

use super::{
    AgentFacts, AgentRank, AssignmentPolicy, ChatFacts, LeastLoaded, LineFacts, LineKey, LongestWait, NAMES,
    PriorityAgeing, by_name,
};
use crate::{Priority, Time};

const MINUTE: u64 = 60_000_000;

/// A chat that arrived so many minutes after ten o'clock.
const fn chat(minute: u64, priority: Priority) -> ChatFacts {
    ChatFacts::new(Time(36_000_000_000 + minute * MINUTE), priority, 1)
}

const fn agent(load: u32, max_chats: u32) -> AgentFacts {
    AgentFacts::new(load, max_chats, Time(0), 1)
}

/// Which of the chats is served first.
fn served(policy: &dyn AssignmentPolicy, chats: &[ChatFacts]) -> usize {
    (0..chats.len()).min_by_key(|at| policy.line_key(&chats[*at])).expect("there are chats")
}

/// Which of the agents gets the next chat.
fn serving(policy: &dyn AssignmentPolicy, agents: &[AgentFacts]) -> usize {
    (0..agents.len()).min_by_key(|at| policy.agent_rank(&agents[*at])).expect("there are agents")
}

/// One situation, three answers: who is served (the first is the older, the second the urgent one) and by
/// whom (the first has fewer chats, the second more of their limit free).
#[test]
fn each_policy_chooses_otherwise() {
    let chats = [chat(0, Priority::Low), chat(6, Priority::Urgent)];
    let agents = [agent(1, 2), agent(2, 6)];
    let choice = |policy: &dyn AssignmentPolicy| (served(policy, &chats), serving(policy, &agents));
    assert_eq!(choice(&LongestWait), (0, 0));
    assert_eq!(choice(&PriorityAgeing::default()), (1, 0));
    assert_eq!(choice(&LeastLoaded), (0, 1));
}

#[test]
fn longest_wait_and_least_loaded_ignore_priority_and_episode() {
    for policy in [&LongestWait as &dyn AssignmentPolicy, &LeastLoaded] {
        let plain = policy.line_key(&chat(3, Priority::Low));
        assert_eq!(plain, LineKey { level: 0, key: 36_180_000_000 });
        for priority in [Priority::Medium, Priority::High, Priority::Urgent] {
            assert_eq!(policy.line_key(&chat(3, priority)), plain);
        }
        assert_eq!(policy.line_key(&ChatFacts::new(Time(36_180_000_000), Priority::Low, 9)), plain);
        assert_eq!(served(policy, &[chat(2, Priority::Urgent), chat(1, Priority::Low)]), 1);
    }
}

#[test]
fn agents_with_fewest_chats_or_smallest_share_go_first() {
    let table = [
        ([agent(0, 1), agent(1, 9)], 0, 0),
        ([agent(3, 4), agent(2, 2)], 1, 0),
        ([agent(1, 2), agent(2, 6)], 0, 1),
        ([agent(5, 10), agent(4, 5)], 1, 0),
        ([agent(999, 1_000), agent(1, 2)], 1, 1),
    ];
    for (agents, by_count, by_share) in table {
        assert_eq!(serving(&LongestWait, &agents), by_count, "{agents:?}");
        assert_eq!(serving(&PriorityAgeing::default(), &agents), by_count, "{agents:?}");
        assert_eq!(serving(&LeastLoaded, &agents), by_share, "{agents:?}");
    }
    let equal_shares = [agent(1, 2), agent(3, 6)].map(|facts| LeastLoaded.agent_rank(&facts));
    assert_eq!(equal_shares[0], equal_shares[1]);
}

#[test]
fn ageing_lets_an_urgent_chat_pass_for_its_credit_and_no_longer() {
    let policy = PriorityAgeing::default();
    let table = [
        // (minutes before a low chat that still go first, priority)
        (Priority::Medium, 5),
        (Priority::High, 10),
        (Priority::Urgent, 15),
    ];
    let low = chat(0, Priority::Low);
    for (priority, minutes) in table {
        assert_eq!(served(&policy, &[low, chat(minutes - 1, priority)]), 1, "{priority:?} within its credit");
        assert_eq!(served(&policy, &[low, chat(minutes + 1, priority)]), 0, "{priority:?} beyond its credit");
        let equal = [low, chat(minutes, priority)].map(|facts| policy.line_key(&facts));
        assert_eq!(equal[0], equal[1], "a tie goes to the lower chat number, which the line adds");
    }
    let own = PriorityAgeing::new([Duration::ZERO, Duration::ZERO, Duration::ZERO, Duration::from_secs(1)]);
    assert_eq!(served(&own, &[low, chat(1, Priority::Urgent)]), 0);
    assert_eq!(own.credit(Priority::Urgent), Duration::from_secs(1));
}

#[test]
fn keys_saturate_at_the_ends_of_time() {
    let policy = PriorityAgeing::new([Duration::MAX; 4]);
    assert!(policy.line_key(&ChatFacts::new(Time(0), Priority::Low, 1)).key < 0);
    assert_eq!(LongestWait.line_key(&ChatFacts::new(Time::MAX, Priority::Low, 1)).key, i64::MAX);
}

#[test]
fn a_freed_agent_takes_the_lowest_level_then_the_lowest_key() {
    let rank = |level, key| LongestWait.line_rank(&LineFacts::new(LineKey { level, key }, 1));
    assert!(rank(0, i64::MAX) < rank(1, i64::MIN));
    assert!(rank(1, -1) < rank(1, 0));
    assert!(rank(255, i64::MIN) > rank(254, i64::MAX));
}

#[test]
fn policies_are_found_by_the_names_they_write() {
    for name in NAMES {
        assert_eq!(by_name(name).map(|policy| policy.name().to_owned()).as_deref(), Some(name));
    }
    assert!(by_name("newest-first").is_none() && by_name("").is_none());
}

/// Compares two fractions by Euclid's algorithm: whole parts first, then the reciprocals of the rests.
/// Slow and without any large product.
fn by_euclid(left: (u64, u64), right: (u64, u64)) -> Ordering {
    let whole = (left.0 / left.1).cmp(&(right.0 / right.1));
    let rests = (left.0 % left.1, right.0 % right.1);
    whole.then_with(|| match rests {
        (0, 0) => Ordering::Equal,
        (0, _) => Ordering::Less,
        (_, 0) => Ordering::Greater,
        (l, r) => by_euclid((right.1, r), (left.1, l)),
    })
}

fn fraction() -> impl Strategy<Value = (u64, u64)> {
    let part = prop_oneof![0..6_u64, any::<u64>(), Just(u64::MAX), Just(u64::MAX - 1)];
    let whole = prop_oneof![1..6_u64, 1..=u64::MAX, Just(u64::MAX), Just(u64::MAX - 1)];
    (part, whole)
}

fn rank((part, whole): (u64, u64)) -> AgentRank {
    AgentRank::ratio(part, whole)
}

proptest! {
    #[test]
    fn ranks_are_totally_ordered_as_their_fractions(a in fraction(), b in fraction(), c in fraction()) {
        prop_assert_eq!(rank(a).cmp(&rank(b)), by_euclid(a, b));
        prop_assert_eq!(rank(a).cmp(&rank(b)), rank(b).cmp(&rank(a)).reverse());
        prop_assert_eq!(rank(a) == rank(b), rank(a).cmp(&rank(b)).is_eq());
        if rank(a) <= rank(b) && rank(b) <= rank(c) {
            prop_assert!(rank(a) <= rank(c));
        }
        prop_assert_eq!(rank(a).cmp(&rank(a)), Ordering::Equal);
    }

    #[test]
    fn a_fraction_equals_its_multiples(part in 0..1_000_u64, whole in 1..1_000_u64, factor in 1..1_000_u64) {
        prop_assert_eq!(AgentRank::ratio(part, whole), AgentRank::ratio(part * factor, whole * factor));
        prop_assert_eq!(AgentRank::value(part), AgentRank::ratio(part * factor, factor));
        prop_assert_eq!(AgentRank::ratio(part, 0), AgentRank::value(part));
    }

    /// A low chat is never overtaken by one that arrived later than the largest credit, whatever its
    /// priority; and of one priority the order is that of arrival.
    #[test]
    fn ageing_bounds_overtaking(first in 0..1_000_u64, gap in 1..1_000_u64, p in 0..4_usize, q in 0..4_usize) {
        let priorities = [Priority::Low, Priority::Medium, Priority::High, Priority::Urgent];
        let policy = PriorityAgeing::default();
        let (early, late) = (chat(first, priorities[p]), chat(first + gap, priorities[q]));
        let overtaken = policy.line_key(&late) < policy.line_key(&early);
        let lead = policy.credit(late.priority).saturating_sub(policy.credit(early.priority));
        prop_assert_eq!(overtaken, lead > Duration::from_secs(60 * gap));
        prop_assert!(!overtaken || gap < 15);
    }
}
