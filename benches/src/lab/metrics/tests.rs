//! Figures against numbers computed by hand.

use super::{Options, Pool, Scope, Summary, catalogue, metric, seconds};
use crate::lab::record::{AgentRow, CustomerRow, Fate, Micros, RunRecord};

const S: Micros = 1_000_000;

pub(crate) fn customer(arrived: Micros, category: u16, priority: u8, fate: Fate) -> CustomerRow {
    CustomerRow { arrived: arrived * S, category, priority, fate }
}

pub(crate) const fn served(assigned: Micros, first_reply: Micros, ended: Micros, agent: u32) -> Fate {
    let work = (ended - assigned) * S;
    let (assigned, first_reply, ended) = (assigned * S, first_reply * S, ended * S);
    Fate::Served { assigned, first_reply, ended, agent, handled: work, work }
}

/// Two agents, ten customers in two categories, each fate once at least; times in seconds.
pub(crate) fn small_run(policy: &str, replication: u32) -> RunRecord {
    let silent = Fate::AbandonedSilently { at: 150 * S, assigned: 160 * S, ended: 190 * S, agent: 1, handled: 30 * S };
    let customers = vec![
        customer(100, 0, 0, served(100, 105, 200, 0)),
        customer(110, 0, 0, served(140, 150, 160, 1)),        // waits 30
        customer(120, 0, 1, served(130, 131, 140, 1)),        // waits 10
        customer(125, 1, 0, silent),                          // leaves after 25
        customer(130, 1, 0, Fate::Abandoned { at: 135 * S }), // after 5
        customer(150, 0, 0, served(200, 220, 260, 0)),        // waits 50
        customer(155, 0, 0, served(190, 200, 230, 1)),        // waits 35, overtakes the one before
        customer(160, 1, 0, Fate::Rejected),
        customer(170, 1, 1, served(230, 231, 300, 1)), // waits 60
        customer(290, 1, 0, Fate::Unfinished),
    ];
    let agent = |online: u64, busy: u64, chats: u64, work: u64, wrap_up: u64, max_chats, assigned, refused| AgentRow {
        online: online * S,
        busy: busy * S,
        chat_time: chats * S,
        work: work * S,
        wrap_up: wrap_up * S,
        max_chats,
        assigned,
        refused,
    };
    RunRecord {
        policy: policy.to_owned(),
        replication,
        from: 100 * S,
        until: 300 * S,
        customers,
        agents: vec![agent(200, 160, 160, 160, 14, 2, 2, 1), agent(100, 90, 170, 120, 0, 2, 5, 0)],
        queue: vec![0, 1, 3, 2, 1],
        queue_step: 40 * S,
        waiting_time: 240 * u128::from(S),
        most_waiting: 4,
        overflowed: 3,
        hash: 0,
    }
}

fn value(runs: &[Summary], id: &str, scope: Scope, options: &Options) -> Option<f64> {
    let metric = metric(id, options).unwrap_or_else(|| panic!("no metric {id}"));
    Pool::new(runs).metric(&metric, scope).map(|it| it.estimate)
}

#[test]
fn each_metric_is_what_a_hand_computes() {
    let options = Options { top_speeds: vec![1.6, 2.0], ..Options::default() };
    let runs = [Summary::of(&small_run("a", 0), &options)];
    let by_hand = [
        ("offered", 8.0),
        ("answered", 6.0),
        ("abandoned", 1.0),
        ("abandoned_silently", 1.0),
        ("rejected", 1.0),
        ("unfinished", 1.0),
        ("wait_mean", 215.0 / 8.0), // 0 30 10 25 5 50 35 60
        ("wait_p50", 25.0),         // 0 5 10 25 30 35 50 60
        ("wait_p90", 60.0),
        ("wait_p95", 60.0),
        ("wait_p99", 60.0),
        ("wait_max", 60.0),
        ("asa", 185.0 / 6.0), // 0 10 30 35 50 60
        ("answered_p50", 30.0),
        ("answered_p90", 60.0),
        ("answered_p95", 60.0),
        ("answered_p99", 60.0),
        ("answered_max", 60.0),
        ("abandoned_mean", 15.0),
        ("abandoned_p50", 5.0),
        ("abandoned_p90", 25.0),
        ("abandoned_p95", 25.0),
        ("abandoned_p99", 25.0),
        ("abandoned_max", 25.0),
        ("first_response_mean", 232.0 / 6.0), // 5 40 11 70 45 61
        ("first_response_p50", 40.0),
        ("first_response_p90", 70.0),
        ("first_response_p95", 70.0),
        ("first_response_p99", 70.0),
        ("first_response_max", 70.0),
        ("sl_offered", 2.0 / 8.0),
        ("sl_answered", 2.0 / 6.0),
        ("sl_lenient", 3.0 / 8.0),
        ("abandonment", 2.0 / 8.0),
        ("abandonment_explicit", 1.0 / 8.0),
        ("abandonment_silent", 1.0 / 8.0),
        ("chat_time", 330.0 / 7.0), // 100 20 10 30 60 40 70
        ("aht", 344.0 / 7.0),
        ("effort_aht", 250.0 / 7.0),
        ("occupancy_busy", 250.0 / 300.0),
        ("occupancy_slots", 330.0 / 600.0),
        ("occupancy_effort", 280.0 / (200.0 * 1.6 + 100.0 * 2.0)),
        ("wait_p99_worst_category", 60.0),
        ("jain_agents", 1.0 / 1.04), // 0.4 and 0.6: 1.0² / (2 × 0.52)
        ("gini_agents", 0.1),
        ("jain_categories", (25.0 + 30.0_f64).powi(2) / (2.0 * (25.0 * 25.0 + 30.0 * 30.0))), // 125/5 and 90/3
        ("skips", 1.0 / 7.0),
        ("backlog_mean", 1.2),
        ("backlog_max", 4.0),
        ("overflow_rate", 3.0 / 8.0),
        ("reject_rate", 1.0 / 10.0),
        ("refused_offers", 1.0 / 8.0),
    ];
    for (id, wanted) in by_hand {
        let found = value(&runs, id, Scope::All, &options).unwrap();
        assert!((found - wanted).abs() < 1e-9, "{id}: {found} instead of {wanted}");
    }
    let named: Vec<&str> = by_hand.iter().map(|it| it.0).collect();
    let all: Vec<&str> = catalogue(&options).iter().map(|metric| metric.id).collect();
    assert_eq!(named, all, "each metric is computed by hand, and in this order");
}

#[test]
fn groups_are_counted_apart() {
    let options = Options::default();
    let runs = [Summary::of(&small_run("a", 0), &options)];
    let of = |id, scope| value(&runs, id, scope, &options);
    assert_eq!(of("wait_mean", Scope::Category(0)), Some(25.0));
    assert_eq!(of("wait_mean", Scope::Category(1)), Some(30.0));
    assert_eq!(of("wait_mean", Scope::Priority(1)), Some(35.0));
    assert_eq!(of("abandonment", Scope::Category(0)), Some(0.0));
    assert_eq!(of("abandonment", Scope::Category(1)), Some(2.0 / 3.0));
    assert_eq!(of("asa", Scope::Category(1)), Some(60.0));
    assert_eq!(of("asa", Scope::Category(9)), None, "nobody came");
    assert_eq!(of("wait_p90", Scope::Category(9)), None);
}

#[test]
fn who_abandons_at_once_can_be_left_out() {
    let options = Options { short_abandon: 6 * S, ..Options::default() };
    let runs = [Summary::of(&small_run("a", 0), &options)];
    let of = |id| value(&runs, id, Scope::All, &options).unwrap();
    assert_eq!((of("offered"), of("abandonment_explicit"), of("wait_mean")), (7.0, 0.0, 30.0));
    assert_eq!(of("reject_rate"), 1.0 / 10.0, "they came all the same");
    let offered = metric("offered", &options).unwrap();
    assert!(offered.definition.contains("less than 6 s"), "{}", offered.definition);
}

/// Shares are ratios of sums and percentiles are of all together; what an interval is made of averages to the
/// figure where it is a mean, and to the jackknife's where it is not.
#[test]
fn replications_are_pooled_not_averaged() {
    let options = Options::default();
    let mut short = small_run("a", 1);
    short.customers.truncate(2);
    let runs = [Summary::of(&small_run("a", 0), &options), Summary::of(&short, &options)];
    let get = |id| Pool::new(&runs).metric(&metric(id, &options).unwrap(), Scope::All).unwrap();

    let level = get("sl_offered");
    assert_eq!(level.estimate, 3.0 / 10.0, "not the mean of 2/8 and 1/2");
    // Without the first 1/2, without the second 2/8.
    let pseudo = [2.0 * 0.3 - 0.5, 2.0 * 0.3 - 0.25];
    assert!(level.values.iter().zip(pseudo).all(|(found, wanted)| (found - wanted).abs() < 1e-12), "{level:?}");

    assert_eq!(get("wait_p50").estimate, 25.0, "of 0 0 5 10 25 30 30 35 50 60");
    assert_eq!(get("wait_p50").values, [2.0 * 25.0 - 0.0, 2.0 * 25.0 - 25.0]);
    assert_eq!(get("wait_max"), super::Replicated { estimate: 45.0, values: vec![60.0, 30.0] });
    let abandoned = get("abandoned_max");
    assert_eq!((abandoned.estimate, abandoned.values.len()), (25.0, 0), "nobody abandoned in the second: no interval");
}

/// A run in which nobody of a group came counts nobody of it; it is a run all the same.
#[test]
fn a_run_in_which_nobody_came_counts_as_none() {
    let options = Options::default();
    let mut without = small_run("a", 1);
    without.customers.retain(|customer| customer.priority == 0);
    let runs = [Summary::of(&small_run("a", 0), &options), Summary::of(&without, &options)];
    let get = |id, scope| Pool::new(&runs).metric(&metric(id, &options).unwrap(), scope);
    let wanted = super::Replicated { estimate: 1.0, values: vec![2.0, 0.0] };
    assert_eq!(get("offered", Scope::Priority(1)), Some(wanted), "two in one of two runs");
    without.customers.retain(|customer| customer.category == 0);
    let runs = [Summary::of(&small_run("a", 0), &options), Summary::of(&without, &options)];
    let rejected = Pool::new(&runs).metric(&metric("rejected", &options).unwrap(), Scope::Category(1)).unwrap();
    assert_eq!((rejected.estimate, rejected.values), (0.5, vec![1.0, 0.0]));
    let asa = Pool::new(&runs).metric(&metric("asa", &options).unwrap(), Scope::Priority(1)).unwrap();
    assert_eq!((asa.estimate, asa.values.len()), (35.0, 0), "a mean over nobody is not 0");
}

#[test]
fn the_definitions_are_printed_with_their_threshold() {
    let options = Options { threshold: 90 * S, ..Options::default() };
    let level = metric("sl_offered", &options).unwrap();
    assert!(level.name.contains("90 s") && level.definition.contains("within 90 s"), "{level:?}");
    let runs = [Summary::of(&small_run("a", 0), &options)];
    assert_eq!(value(&runs, "sl_offered", Scope::All, &options), Some(6.0 / 8.0));
    assert_eq!(seconds(1_500_000), 1.5);
}

#[test]
fn ids_are_unique_and_each_definition_says_something() {
    let all = catalogue(&Options::default());
    let mut ids: Vec<&str> = all.iter().map(|metric| metric.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all.len());
    assert!(all.iter().all(|metric| metric.definition.len() > 15 && !metric.definition.contains("  ")), "{all:?}");
}

#[test]
fn the_series_follows_the_day() {
    let options = Options::default();
    let half_hour = 1_800;
    let mut run = small_run("a", 0);
    run.from = 0;
    run.until = 10 * half_hour * S;
    run.customers = vec![
        customer(10, 0, 0, served(10, 11, 20, 0)),
        customer(half_hour, 0, 0, served(half_hour + 21, half_hour + 30, half_hour + 50, 0)),
        customer(half_hour + 1, 0, 0, Fate::Abandoned { at: (half_hour + 9) * S }),
        customer(10 * half_hour - 1, 0, 0, Fate::Unfinished),
    ];
    let series = Summary::of(&run, &options).series;
    assert_eq!((series.slices.len(), series.slice, series.folded), (10, half_hour * S, false));
    let counts = |at: usize| {
        let slice = series.slices[at];
        (slice.offered, slice.answered_within, slice.abandoned)
    };
    assert_eq!([counts(0), counts(1), counts(9)], [(1, 1, 0), (2, 0, 1), (0, 0, 0)]);

    run.until = 3 * 86_400 * S;
    run.customers.push(customer(2 * 86_400 + 5, 0, 0, served(2 * 86_400 + 5, 0, 2 * 86_400 + 9, 0)));
    let folded = Summary::of(&run, &options).series;
    assert_eq!((folded.slices.len(), folded.folded), (48, true));
    assert_eq!(folded.slices[0].offered, 2, "the third day's first half hour is the first's");
}
