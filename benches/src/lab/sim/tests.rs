//! What holds on every path, customer by customer: no statistics here.

use std::sync::Arc;

use chatter_core::engine::replay;
use chatter_core::policy::Policies;
use chatter_core::{Event, Fact};

use super::{Counts, RunError, count, replicate, run, run_recorded};
use crate::lab::record::{CustomerRow, Fate, Micros, RunRecord};
use crate::lab::scenario::{DAY, Horizon, PRESETS, Scenario};

const MINUTE: Micros = 60_000_000;

fn scenario(text: &str) -> Scenario {
    let text = format!("name = \"test\"\n{text}");
    Scenario::from_toml(&text, "test.toml").unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// One category and one group, without a warm-up.
fn simple(category: &str, agents: &str) -> Scenario {
    scenario(&format!(
        "[horizon]\ncustomers = 3000\nwarm_up = 0\n[[category]]\nname = \"a\"\n{category}\n[[agents]]\nname = \"g\"\n{agents}"
    ))
}

fn small(name: &str) -> Scenario {
    Scenario::preset(name).unwrap().with_customers(2_000)
}

/// Until when a customer waited, as far as they did.
fn wait_until(row: &CustomerRow) -> Option<Micros> {
    match row.fate {
        Fate::Served { assigned, .. } => Some(assigned),
        Fate::Abandoned { at } | Fate::AbandonedSilently { at, .. } => Some(at),
        Fate::Rejected | Fate::Unfinished => None,
    }
}

fn waits(record: &RunRecord) -> Vec<Option<Micros>> {
    record.customers.iter().map(|row| Some(wait_until(row)? - row.arrived)).collect()
}

/// When each chat was held, and by whom.
fn holdings(record: &RunRecord) -> Vec<(u32, Micros, Micros)> {
    let holding = |row: &CustomerRow| match row.fate {
        Fate::Served { assigned, ended, agent, .. } | Fate::AbandonedSilently { assigned, ended, agent, .. } => {
            Some((agent, assigned, ended))
        }
        Fate::Abandoned { .. } | Fate::Rejected | Fate::Unfinished => None,
    };
    record.customers.iter().filter_map(holding).collect()
}

/// Little's law, exactly: the integral of the number waiting is the sum of the waits.
#[test]
fn the_queue_over_time_is_the_sum_of_the_waits() {
    let of_days = ["burst", "bank1999", "shop"];
    let patient = simple("arrivals = { per_hour = 500 }\nwork = { exponential = \"1m\" }", "count = 9");
    let scenarios = of_days.iter().map(|name| Scenario::preset(name).unwrap()).chain([patient]);
    for mut scenario in scenarios {
        // Who goes back to the queue waits twice, and a row knows one wait.
        scenario.desk.first_reply_within = None;
        let record = run(&scenario, "longest-wait", 3, 0).unwrap();
        let within = |row: &CustomerRow| {
            let until = wait_until(row).unwrap_or(if row.fate == Fate::Rejected { row.arrived } else { Micros::MAX });
            u128::from(until.min(record.until) - row.arrived.min(record.until))
        };
        let sum: u128 = record.customers.iter().map(within).sum();
        assert_eq!(record.waiting_time, sum, "{}", scenario.name);
        assert!(sum > 0 && record.most_waiting > 0, "{}: somebody waits", scenario.name);
    }
}

#[test]
fn equal_seeds_give_equal_records_on_any_number_of_threads() {
    for name in ["erlang-a7", "chat-lps", "shop"] {
        let scenario = small(name);
        let policies = ["longest-wait", "last-come"];
        let one = replicate(&scenario, &policies, 7, 3, 1, &|_, _| {}).unwrap();
        let two = replicate(&scenario, &policies, 7, 3, 2, &|_, _| {}).unwrap();
        assert_eq!(one, two, "{name}");
        let mut hashes: Vec<_> = one.iter().flatten().map(|record| record.hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 6, "{name}: other replications and policies are other runs");
    }
}

/// Recorded once: debug or release, here or elsewhere, these runs are these.
#[test]
fn the_hashes_stay() {
    let hashes = ["erlang-c6", "erlang-a7", "chat-lps", "silent", "skills-chain", "shop"]
        .map(|name| (name, run(&small(name), "longest-wait", 1, 0).unwrap().hash));
    assert_eq!(hashes, GOLDEN);
}

const GOLDEN: [(&str, u64); 6] = [
    ("erlang-c6", 0x39da_d8e1_8d76_8124),
    ("erlang-a7", 0xacfa_9920_b120_b02e),
    ("chat-lps", 0xf868_d618_7154_0839),
    ("silent", 0xe42c_2f9a_96be_fafa),
    ("skills-chain", 0x5177_3dd9_9bfa_7b10),
    ("shop", 0xbe29_5968_9ea1_ee1e),
];

/// The same customers meet every policy: they come when they come and bring what they bring.
#[test]
fn customers_do_not_depend_on_the_policy() {
    for name in ["n-model", "bank1999"] {
        let scenario = small(name);
        let policies = ["longest-wait", "random-order", "last-come"];
        let records = policies.map(|policy| run(&scenario, policy, 2, 0).unwrap());
        let came = |record: &RunRecord| -> Vec<_> {
            record.customers.iter().map(|row| (row.arrived, row.category, row.priority)).collect()
        };
        let [first, others @ ..] = &records;
        for other in others {
            assert_eq!(came(first), came(other));
            assert_ne!(first.hash, other.hash);
            let pairs = first.customers.iter().zip(&other.customers);
            for (one, another) in pairs {
                if let (Fate::Served { work, .. }, Fate::Served { work: same, .. }) = (one.fate, another.fate) {
                    assert_eq!(work, same);
                }
            }
        }
    }
}

#[test]
fn sums_are_those_of_the_rows() {
    for preset in PRESETS {
        let scenario = small(preset.name);
        let rows = run(&scenario, "longest-wait", 5, 1).unwrap();
        let sums = count(&scenario, "longest-wait", 5, 1).unwrap();
        assert_eq!(sums.counts, Counts::of(&scenario, &rows), "{}", preset.name);
        assert_eq!(sums.record, RunRecord { customers: Vec::new(), ..rows }, "{}", preset.name);
    }
}

/// What is weighed by congestion is what the rows say of it.
#[test]
fn controls_are_those_of_the_rows() {
    let busy = simple("arrivals = { per_hour = 540 }\nwork = { exponential = \"1m\" }", "count = 10");
    let rows = run(&busy, "longest-wait", 3, 0).unwrap().customers;
    let until = |row: &CustomerRow| {
        let Fate::Served { assigned, work, .. } = row.fate else { panic!("{row:?}") };
        (assigned, work)
    };
    let (mut works, mut gaps) = ((0, 0), (0, 0));
    for (number, row) in rows.iter().enumerate() {
        let (assigned, work) = until(row);
        let waited = u128::from(assigned - row.arrived);
        works = (works.0 + waited, works.1 + waited * u128::from(work));
        if let Some(next) = rows.get(number + 1) {
            let waiting = rows[..number].iter().filter(|earlier| until(earlier).0 > row.arrived).count() as u128;
            gaps = (gaps.0 + waiting, gaps.1 + waiting * u128::from(next.arrived - row.arrived));
        }
    }
    assert!(gaps.0 > 1_000, "people waited");
    let controls = count(&busy, "longest-wait", 3, 0).unwrap().controls;
    assert_eq!((controls.works.weight, controls.works.product), works);
    assert_eq!((controls.gaps.weight, controls.gaps.product), gaps);
}

/// What an agent's row says is what the customers' rows say.
#[test]
fn agents_hold_what_they_may_and_their_rows_add_up() {
    for name in ["chat-lps", "silent", "skills-chain", "erlang-a7"] {
        let mut scenario = small(name);
        if let Horizon::Customers { warm_up, .. } = &mut scenario.horizon {
            *warm_up = 0;
        }
        let record = run(&scenario, "longest-wait", 4, 0).unwrap();
        for (number, agent) in (0_u32..).zip(&record.agents) {
            let held: Vec<_> = holdings(&record).into_iter().filter(|(holder, ..)| *holder == number).collect();
            let mut steps: Vec<_> = held.iter().flat_map(|(_, from, to)| [(*from, 1_i64), (*to, -1)]).collect();
            steps.sort_unstable();
            let (mut now, mut load, mut busy, mut chat_time) = (0, 0_i64, 0, 0);
            for (at, step) in steps {
                let at = at.min(record.until);
                chat_time += (at - now) * load as u64;
                busy += if load > 0 { at - now } else { 0 };
                (now, load) = (at, load + step);
                assert!(load <= i64::from(agent.max_chats), "{name}");
            }
            assert_eq!((agent.busy, agent.chat_time), (busy, chat_time), "{name}");
            assert_eq!(agent.online, record.until - record.from, "{name}: always there");
            let assigned = held.iter().filter(|(_, from, _)| *from <= record.until).count();
            assert!(agent.assigned.abs_diff(u32::try_from(assigned).unwrap()) <= 1, "{name}");
        }
    }
}

/// Reduction R1: where chats do not slow each other, agents with several chats are as many agents with one, customer by
/// customer, whichever agent is chosen; only how busy agents are differs.
#[test]
fn independent_chats_are_as_good_as_more_agents() {
    let category =
        "arrivals = { per_hour = 300 }\nwork = { exponential = \"1m\" }\npatience = { exponential = \"2m\" }";
    let several = simple(category, "count = 3\nmax_chats = 2");
    let single = simple(category, "count = 6");
    let runs = [
        run(&several, "least-loaded", 6, 0).unwrap(),
        run(&several, "fill-first", 6, 0).unwrap(),
        run(&single, "longest-wait", 6, 0).unwrap(),
    ];
    assert_eq!(waits(&runs[0]), waits(&runs[1]));
    assert_eq!(waits(&runs[0]), waits(&runs[2]));
    let busy = |record: &RunRecord| record.agents.iter().map(|agent| agent.busy).sum::<u64>();
    assert!(busy(&runs[0]) > busy(&runs[1]), "spreading keeps more agents busy than filling up");
}

/// Conservation: with equal work for all, the order changes who waits and not how long all wait together.
#[test]
fn the_order_changes_who_waits_and_not_how_long_together() {
    let scenario = simple(
        "arrivals = { per_hour = 170 }\nwork = { deterministic = \"1m\" }\npriorities = { low = 0.6, high = 0.4 }",
        "count = 3",
    );
    let orders = ["fifo", "strict", "last-come", "random-order", "ageing(0s,0s,3m,3m)", "slopes(1,1,4,4)"];
    let runs = orders.map(|order| run(&scenario, order, 8, 0).unwrap());
    let together = |record: &RunRecord| waits(record).into_iter().flatten().sum::<u64>();
    for (order, record) in orders.iter().zip(&runs).skip(1) {
        assert_eq!(together(record), together(&runs[0]), "{order}");
        assert_ne!(waits(record), waits(&runs[0]), "{order}");
    }
}

#[test]
fn a_head_start_of_nothing_is_fifo_and_a_boundless_one_is_strict() {
    let scenario = simple(
        "arrivals = { per_hour = 560 }\nwork = { exponential = \"1m\" }\npriorities = { low = 0.6, high = 0.4 }",
        "count = 10",
    );
    let waits_under = |policy| waits(&run(&scenario, policy, 9, 0).unwrap());
    assert_eq!(waits_under("ageing(0s,0s,0s,0s)"), waits_under("fifo"));
    assert_eq!(waits_under("ageing(0s,0s,9d,9d)"), waits_under("strict"));
    assert_ne!(waits_under("strict"), waits_under("fifo"));
}

/// Customers of `a` may go to the agents of `b` after a time; for ever, or from the start, where none is given.
fn overflowing(after: Option<&str>, both: &str) -> Scenario {
    let overflow = after.map(|after| format!("overflow = [{{ after = \"{after}\", category = \"b\" }}]"));
    let overflow = overflow.unwrap_or_default();
    scenario(&format!(
        "[horizon]\ncustomers = 3000\nwarm_up = 0\n[[category]]\nname = \"a\"\narrivals = {{ per_hour = 110 }}\n\
         work = {{ exponential = \"1m\" }}\n{overflow}\n[[category]]\nname = \"b\"\narrivals = {{ per_hour = 60 }}\n\
         work = {{ exponential = \"1m\" }}\n[[agents]]\nname = \"one\"\ncount = 2\nskills = [\"a\"]\n[[agents]]\n\
         name = \"two\"\ncount = 2\nskills = [{both}]\n",
    ))
}

/// An overflow after a long time is none; the sooner it is, the less its customers wait; at once it is one pool, in
/// which the agents who know less are asked first.
#[test]
fn overflow_lies_between_dedicated_and_pooled() {
    let waits_of_a = |scenario: &Scenario| {
        let record = run(scenario, "specialised", 10, 0).unwrap();
        let of_a = record.customers.iter().zip(waits(&record)).filter(|(row, _)| row.category == 0);
        of_a.filter_map(|(_, wait)| wait).sum::<u64>()
    };
    let dedicated = waits_of_a(&overflowing(None, "\"b\""));
    let pooled = waits_of_a(&overflowing(None, "\"a\", \"b\""));
    let after = |time| waits_of_a(&overflowing(Some(time), "\"b\""));
    assert_eq!(after("7d"), dedicated);
    // Each waits at most a microsecond longer for it.
    assert!(after("1us").abs_diff(pooled) < pooled / 1_000, "{} {pooled}", after("1us"));
    let sequence: Vec<_> = ["1us", "1m", "3m", "7d"].map(after).to_vec();
    assert!(sequence.is_sorted() && sequence[0] < sequence[3] / 2, "{sequence:?}");
}

#[test]
fn limits_of_queue_and_wait_hold() {
    let category = "arrivals = { per_hour = 90 }\nwork = { exponential = \"1m\" }\nqueue_limit = 4\nmax_wait = \"2m\"";
    let record = run(&simple(category, "count = 1"), "longest-wait", 11, 0).unwrap();
    assert_eq!(record.most_waiting, 4);
    let longest = waits(&record).into_iter().flatten().max();
    assert_eq!(longest, Some(2 * MINUTE), "somebody waits as long as one may");
    let rejected = record.customers.iter().filter(|row| row.fate == Fate::Rejected).count();
    let left = record.customers.iter().filter(|row| matches!(row.fate, Fate::Abandoned { .. })).count();
    assert!(rejected > 100 && left > 100, "{rejected} {left}");
}

#[test]
fn wrap_up_keeps_the_slot() {
    let category = "arrivals = { per_hour = 40 }\nwork = { exponential = \"1m\" }\nwrap_up = \"20s\"";
    let record = run(&simple(category, "count = 1"), "longest-wait", 12, 0).unwrap();
    let mut held = holdings(&record);
    held.sort_unstable_by_key(|(_, from, _)| *from);
    let gaps: Vec<_> = held.windows(2).map(|pair| pair[1].1 - pair[0].2).collect();
    assert_eq!(gaps.iter().min(), Some(&(20 * 1_000_000)));
    let ended = held.iter().filter(|(.., to)| *to + MINUTE / 3 <= record.until).count() as u64;
    assert!(record.agents[0].wrap_up >= ended * 20_000_000);
}

/// Who leaves without a word is given to an agent all the same, who is rid of them after the time of detection.
#[test]
fn silent_customers_take_room_until_they_are_noticed() {
    let category = "arrivals = { per_hour = 90 }\nwork = { exponential = \"1m\" }\npatience = { exponential = \"1m\" }\n\
                    silent = 0.7\ndetection = { deterministic = \"30s\" }";
    let record = run(&simple(category, "count = 1"), "longest-wait", 13, 0).unwrap();
    let (mut silent, mut open) = (0_u32, 0_u32);
    for row in &record.customers {
        match row.fate {
            Fate::AbandonedSilently { at, assigned, ended, .. } => {
                assert!(row.arrived < at && at <= assigned && ended == assigned + MINUTE / 2);
                silent += 1;
            }
            Fate::Abandoned { .. } => open += 1,
            Fate::Served { .. } | Fate::Rejected | Fate::Unfinished => {}
        }
    }
    let share = f64::from(silent) / f64::from(silent + open);
    assert!((share - 0.7).abs() < 0.06, "{share}");
}

#[test]
fn offers_are_declined_missed_and_taken() {
    let category = "arrivals = { per_hour = 60 }\nwork = { exponential = \"1m\" }\nrouting = \"offer\"";
    let agents = "count = 4\ndecline = 0.3\nanswer = { exponential = \"10s\" }\nback_after = \"1m\"";
    let mut scenario = simple(category, agents);
    scenario.desk.misses_until_away = 2;
    scenario.desk.offer_timeout = std::time::Duration::from_secs(30);
    let record = run(&scenario, "longest-wait", 14, 0).unwrap();
    assert!(record.customers.iter().all(|row| matches!(row.fate, Fate::Served { .. })), "nobody is lost");
    let refused: u32 = record.agents.iter().map(|agent| agent.refused).sum();
    // Of offers, 5 % are missed (e^-3) and 30 % of the others declined: refusals per taking 0.335 / 0.665.
    let expected = 3_000.0 * 0.335 / 0.665;
    assert!((f64::from(refused) - expected).abs() < 150.0, "{refused} of {expected}");
    assert!(waits(&record).into_iter().flatten().min() > Some(0), "an answer takes time");
    let online: u64 = record.agents.iter().map(|agent| agent.online).sum();
    assert!(online < 4 * record.until, "who misses two in a row is away for a while");
}

#[test]
fn offers_are_missed_as_often_as_the_file_says() {
    let category = "arrivals = { per_hour = 60 }\nwork = { exponential = \"1m\" }\nrouting = \"offer\"";
    let refused = |rest: &str| {
        let agents = format!("count = 4\nanswer = {{ deterministic = \"5s\" }}\n{rest}");
        let record = run(&simple(category, &agents), "longest-wait", 14, 0).unwrap();
        assert!(record.customers.iter().all(|row| matches!(row.fate, Fate::Served { .. })), "nobody is lost");
        record.agents.iter().map(|agent| agent.refused).sum::<u32>()
    };
    assert_eq!(refused("misses = 0"), 0);
    // Of offers, 20 % are missed and 30 % of the others declined: refusals per taking 0.44 / 0.56.
    for (rest, expected) in [("misses = 0.2", 0.2 / 0.8), ("misses = 0.2\ndecline = 0.3", 0.44 / 0.56)] {
        let (found, expected) = (f64::from(refused(rest)), 3_000.0 * expected);
        assert!((found - expected).abs() < 150.0, "{rest}: {found} of {expected}");
    }
}

#[test]
fn agents_keep_their_shifts_and_breaks() {
    let scenario = scenario(
        "[horizon]\ndays = 3\n[[category]]\nname = \"a\"\narrivals = { per_hour = 60 }\nwork = { exponential = \"3m\" }\n\
         patience = { exponential = \"30m\" }\n[[agents]]\nname = \"g\"\ncount = 3\n\
         shift = [{ from = \"08:00\", to = \"16:00\", breaks = [{ from = \"12:00\", to = \"12:30\" }] }]",
    );
    let record = run(&scenario, "longest-wait", 15, 0).unwrap();
    let held = holdings(&record);
    assert!(held.len() > 1_000);
    let hour = DAY / 24;
    for (_, from, _) in &held {
        let time = from % DAY;
        assert!((8 * hour..16 * hour).contains(&time), "{time}");
        assert!(!(12 * hour + 1..12 * hour + hour / 2).contains(&time), "{time}");
    }
    assert!(
        held.iter().any(|(_, from, to)| from % DAY < 16 * hour && to % DAY > 16 * hour),
        "they finish what they have"
    );
    assert_eq!(record.until, 3 * DAY);
    assert_eq!(record.queue.len(), 3 * 24 * 60);
    let online: Vec<_> = record.agents.iter().map(|agent| agent.online).collect();
    assert!(online.iter().all(|online| (3 * 15 * hour / 2..3 * 9 * hour).contains(online)), "{online:?}");
}

#[test]
fn a_trace_is_played_as_it_was_recorded() {
    let scenario = scenario(
        "[horizon]\ndays = 1\n[[category]]\nname = \"a\"\nwork = { exponential = \"3m\" }\n[[agents]]\nname = \"g\"\ncount = 1",
    );
    assert_eq!(run(&scenario, "longest-wait", 1, 0).unwrap_err(), RunError::NoTrace);
    let trace = "t,category,priority,work,patience\n10,a,high,60,\n20,a,low,60,5\n30,a,low,60,\n40,a,urgent,30,600\n";
    let scenario = scenario.with_trace(trace, "trace.csv").unwrap();
    let record = run(&scenario, "strict", 1, 0).unwrap();
    let second = 1_000_000;
    let fates: Vec<_> = record.customers.iter().map(|row| (row.priority, wait_until(row).unwrap() / second)).collect();
    assert_eq!(fates, [(2, 10), (0, 25), (0, 100), (3, 70)]);
    let ended: Vec<_> = holdings(&record).iter().map(|(.., to)| to / second).collect();
    assert_eq!(ended, [70, 160, 100]);
}

/// A first reply that comes too late loses the chat: it goes back to its queue and to somebody else.
#[test]
fn a_late_first_reply_gives_the_chat_to_somebody_else() {
    let category =
        "arrivals = { per_hour = 30 }\nwork = { exponential = \"5m\" }\nfirst_reply = { exponential = \"1m\" }";
    let mut scenario = simple(category, "count = 8");
    scenario.desk.first_reply_within = Some(std::time::Duration::from_secs(60));
    scenario.desk.cool_down = std::time::Duration::from_secs(60);
    let record = run(&scenario, "longest-wait", 16, 0).unwrap();
    assert!(record.customers.iter().all(|row| matches!(row.fate, Fate::Served { .. })));
    let given: u32 = record.agents.iter().map(|agent| agent.assigned).sum();
    assert!(given > 3_300, "{given}: many were given twice");
}

/// What the desk was asked, replayed by the production's own replay, makes the same assignments at the same times to the
/// same agents, byte for byte each time: the lab decides nothing.
#[test]
fn the_production_replay_of_a_run_makes_the_same_assignments() {
    for name in ["erlang-a7", "skills-chain", "silent", "shop"] {
        let mut scenario = small(name);
        scenario.desk.first_reply_within = None;
        if let Horizon::Customers { warm_up, .. } = &mut scenario.horizon {
            *warm_up = 0;
        }
        let policy = crate::lab::policy::parse("strict+longest-idle").unwrap();
        let (record, asked) = run_recorded(&scenario, &policy, 17, 0).unwrap();
        let policies = Policies::new(Arc::clone(&policy));
        let [once, again] = [0, 1].map(|_| replay(asked.as_slice(), &policies).unwrap());
        assert_eq!(serde_json::to_vec(&once).unwrap(), serde_json::to_vec(&again).unwrap());
        let start = once[0].at.0;
        let assigned = |event: &Event| {
            let Fact::ChatAssigned { agent, .. } = &event.fact else { return None };
            Some((event.at.0 - start, u32::try_from(agent.0).unwrap() - 1))
        };
        let mut replayed: Vec<_> = once.iter().filter_map(assigned).collect();
        let mut lived: Vec<_> = holdings(&record).into_iter().map(|(agent, from, _)| (from, agent)).collect();
        replayed.sort_unstable();
        lived.sort_unstable();
        assert!(lived.len() > 500, "{name}");
        assert_eq!(replayed, lived, "{name}");
    }
}

/// Days end, whatever comes and whoever is still waited for.
#[test]
fn a_run_of_days_ends() {
    let days = |category: &str, agents: &str| {
        let people = format!("[[category]]\nname = \"a\"\n{category}\n[[agents]]\nname = \"g\"\ncount = 1\n{agents}");
        scenario(&format!("[horizon]\ndays = 2\n{people}"))
    };
    let gaps = days("arrivals = { gaps = { deterministic = \"1h\" } }\nwork = { exponential = \"1m\" }", "");
    let came: Vec<_> = run(&gaps, "longest-wait", 1, 0).unwrap().customers.iter().map(|row| row.arrived).collect();
    assert_eq!((came.len(), came.last()), (47, Some(&(47 * 60 * MINUTE))), "one an hour, until the second day ends");

    let nobody_answers = days(
        "arrivals = { gaps = { deterministic = \"20h\" } }\nwork = { exponential = \"1m\" }\nrouting = \"offer\"",
        "answer = { deterministic = \"5s\" }\nmisses = 1",
    );
    let ended = run(&nobody_answers, "longest-wait", 1, 0).unwrap();
    assert!(ended.customers.iter().all(|row| row.fate == Fate::Unfinished), "nobody is served, and nobody leaves");
}
