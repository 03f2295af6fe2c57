//! Every metric of the lab, in the order in which they are printed.

use std::borrow::Cow;

use super::definition::Estimator::{Max, Mean, PerRun, PerTally, Pooled, Quantile, Ratio, TallyRatio};
use super::definition::{Better, Estimator, Metric, Unit};
use super::fairness::{gini, jain};
use super::summary::{Scope, Summary};
use super::tally::TimesOf;
use super::{Options, seconds};

/// All metrics under these options.
#[must_use]
pub fn catalogue(options: &Options) -> Vec<Metric> {
    let mut all = counts(options).to_vec();
    for of in [TimesOf::Waits, TimesOf::AnsweredWaits, TimesOf::AbandonedWaits, TimesOf::FirstResponses] {
        all.extend(times(of));
    }
    all.extend(service_levels(options));
    all.extend(abandonment());
    all.extend(handling());
    all.extend(fairness());
    all.extend(queue());
    all
}

/// The metric of this name.
#[must_use]
pub fn metric(id: &str, options: &Options) -> Option<Metric> {
    catalogue(options).into_iter().find(|metric| metric.id == id)
}

type Text = Cow<'static, str>;
/// Unit and direction.
type Kind = (Unit, Better);

const COUNT: Kind = (Unit::Customers, Better::Neither);
const TIME: Kind = (Unit::Seconds, Better::Lower);
const HIGH: Kind = (Unit::Share, Better::Higher);
const LOW: Kind = (Unit::Share, Better::Lower);
const LOAD: Kind = (Unit::Share, Better::Neither);

fn new(id: &'static str, name: impl Into<Text>, kind: Kind, estimator: Estimator, text: impl Into<Text>) -> Metric {
    Metric { id, name: name.into(), unit: kind.0, better: kind.1, definition: text.into(), estimator }
}

fn counts(options: &Options) -> [Metric; 6] {
    let mut offered = "customers a run who joined a queue and whose wait ended before the run did; what is a share of \
                       the offered divides by this"
        .to_owned();
    if options.short_abandon > 0 {
        let short = seconds(options.short_abandon.into());
        offered += &format!("; who abandoned within less than {short} s is left out of every figure");
    }
    [
        new("offered", "offered", COUNT, PerTally(|it| Some(it.offered as f64)), offered),
        new(
            "answered",
            "answered",
            COUNT,
            PerTally(|it| Some(it.answered as f64)),
            "offered customers a run who were given to an agent while they were still there",
        ),
        new(
            "abandoned",
            "abandoned",
            COUNT,
            PerTally(|it| Some(it.abandoned as f64)),
            "offered customers a run who left the queue and said so",
        ),
        new(
            "abandoned_silently",
            "abandoned silently",
            COUNT,
            PerTally(|it| Some(it.silent as f64)),
            "offered customers a run who left without a word and were given to an agent all the same; they do not \
             count as answered, and their wait ends when they left",
        ),
        new(
            "rejected",
            "rejected",
            COUNT,
            PerTally(|it| Some(it.rejected as f64)),
            "customers a run who were not let in, because the queue was full or the category closed; not offered",
        ),
        new(
            "unfinished",
            "unfinished",
            COUNT,
            PerTally(|it| Some(it.unfinished as f64)),
            "customers a run whose story the run did not see to its end; they are in no other figure",
        ),
    ]
}

fn times(of: TimesOf) -> Vec<Metric> {
    let (ids, name, text): ([&'static str; 6], _, _) = match of {
        TimesOf::Waits => (
            ["wait_mean", "wait_p50", "wait_p90", "wait_p95", "wait_p99", "wait_max"],
            "wait",
            "from joining the queue to being given to an agent or leaving, over all offered",
        ),
        TimesOf::AnsweredWaits => (
            ["asa", "answered_p50", "answered_p90", "answered_p95", "answered_p99", "answered_max"],
            "wait of the answered",
            "from joining the queue to being given to an agent, over the answered",
        ),
        TimesOf::AbandonedWaits => (
            ["abandoned_mean", "abandoned_p50", "abandoned_p90", "abandoned_p95", "abandoned_p99", "abandoned_max"],
            "wait of the abandoned",
            "from joining the queue to leaving it, over those who abandoned, silently or not",
        ),
        TimesOf::FirstResponses => (
            [
                "first_response_mean",
                "first_response_p50",
                "first_response_p90",
                "first_response_p95",
                "first_response_p99",
                "first_response_max",
            ],
            "first response",
            "from joining the queue to the first message of an agent, not the assignment, over the answered",
        ),
    };
    // How long people waited who gave up says nothing good or bad by itself.
    let kind = if of == TimesOf::AbandonedWaits { (Unit::Seconds, Better::Neither) } else { TIME };
    let [mean, p50, p90, p95, p99, max] = ids;
    let asa = if of == TimesOf::AnsweredWaits { " (ASA, average speed of answer)" } else { "" };
    let mut all = vec![new(
        mean,
        format!("{name}, mean"),
        kind,
        Mean(of),
        format!("{text}: the sum over all runs divided by their number{asa}"),
    )];
    for (id, percent) in [(p50, 50), (p90, 90), (p95, 95), (p99, 99)] {
        let rule =
            format!("{text}: the shortest that at least {percent} % do not exceed, customers of all runs together");
        all.push(new(id, format!("{name}, P{percent}"), kind, Quantile(of, f64::from(percent) / 100.0), rule));
    }
    let rule = format!("{text}: the longest of a run, mean over the runs");
    all.push(new(max, format!("{name}, longest"), kind, Max(of), rule));
    all
}

fn service_levels(options: &Options) -> [Metric; 3] {
    let target = options.target_in_words();
    let answered = format!("answered within {target}");
    let short = if options.targets.is_empty() { format!("{target}, ") } else { String::new() };
    [
        new(
            "sl_offered",
            format!("service level, {short}of the offered"),
            HIGH,
            TallyRatio(|it| (it.answered_within as f64, it.offered as f64)),
            format!("{answered} / offered; who abandons counts against it"),
        ),
        new(
            "sl_answered",
            format!("service level, {short}of the answered"),
            HIGH,
            TallyRatio(|it| (it.answered_within as f64, it.answered as f64)),
            format!("{answered} / answered; who abandons is not seen by it"),
        ),
        new(
            "sl_lenient",
            format!("service level, {short}lenient"),
            HIGH,
            TallyRatio(|it| ((it.answered_within + it.abandoned_within) as f64, it.offered as f64)),
            format!("({answered} + abandoned within {target}) / offered; who abandons soon counts as served"),
        ),
    ]
}

fn abandonment() -> [Metric; 3] {
    [
        new(
            "abandonment",
            "abandonment",
            LOW,
            TallyRatio(|it| ((it.abandoned + it.silent) as f64, it.offered as f64)),
            "(abandoned + abandoned silently) / offered",
        ),
        new(
            "abandonment_explicit",
            "abandonment, explicit",
            LOW,
            TallyRatio(|it| (it.abandoned as f64, it.offered as f64)),
            "abandoned / offered",
        ),
        new(
            "abandonment_silent",
            "abandonment, silent",
            LOW,
            TallyRatio(|it| (it.silent as f64, it.offered as f64)),
            "abandoned silently / offered",
        ),
    ]
}

fn over_agents(run: &Summary, of: impl Fn(usize) -> f64) -> f64 {
    (0..run.agents.len()).map(of).sum()
}

fn handling() -> [Metric; 6] {
    [
        new(
            "chat_time",
            "time with an agent",
            TIME,
            TallyRatio(|it| (seconds(it.chat_time), it.chats as f64)),
            "from assignment to the end of the chat, without wrap-up, mean over the chats that an agent got, those of \
             customers who had left silently included",
        ),
        new(
            "aht",
            "handle time (AHT)",
            TIME,
            Ratio(|run| {
                let wrap_up = over_agents(run, |at| seconds(run.agents[at].wrap_up.into()));
                (seconds(run.all().chat_time) + wrap_up, run.all().chats as f64)
            }),
            "from assignment to the end of the chat, with wrap-up: (time of all chats + wrap-up of all agents) / chats \
             that an agent got; two chats at once both count in full",
        ),
        new(
            "effort_aht",
            "effort a chat (effort-AHT)",
            TIME,
            Ratio(|run| (over_agents(run, |at| seconds(run.agents[at].busy.into())), run.all().chats as f64)),
            "the integral of 1 / (chats the agent holds) over the time of a chat: its share of its agent's time, mean \
             over the chats that an agent got; in all the agents' busy time / chats, without wrap-up",
        ),
        new(
            "occupancy_busy",
            "occupancy, busy time",
            LOAD,
            Ratio(|run| {
                let of = |time: fn(&Summary, usize) -> u64| over_agents(run, |at| time(run, at) as f64);
                (of(|run, at| run.agents[at].busy), of(|run, at| run.agents[at].online))
            }),
            "time with at least one chat / time online, all agents together",
        ),
        new(
            "occupancy_slots",
            "occupancy, slots",
            LOAD,
            Ratio(|run| {
                let slots = |at: usize| run.agents[at].online as f64 * f64::from(run.agents[at].max_chats);
                (over_agents(run, |at| run.agents[at].chat_time as f64), over_agents(run, slots))
            }),
            "time of chats held / (time online × the agent's maximum), all agents together",
        ),
        new(
            "occupancy_effort",
            "occupancy, effort",
            LOAD,
            Ratio(|run| {
                let most = |at: usize| run.agents[at].online as f64 * run.top_speeds[at];
                (over_agents(run, |at| run.agents[at].work as f64), over_agents(run, most))
            }),
            "work done / (time online × the agent's greatest total speed with any number of chats, where one chat \
             alone has speed 1), all agents together",
        ),
    ]
}

fn fairness() -> [Metric; 5] {
    [
        new(
            "wait_p99_worst_category",
            "wait, P99 of the worst category",
            TIME,
            Pooled(worst_category),
            "the P99 of the wait by category, customers of all runs together; the largest of them",
        ),
        new(
            "jain_agents",
            "fairness among agents (Jain)",
            (Unit::Number, Better::Higher),
            Pooled(|runs| jain(&loads(runs))),
            "(Σx)² / (n Σx²) over the agents, x = work done / (time online × maximum of chats) over all runs: 1 when \
             all are loaded alike, 1/n when one does everything",
        ),
        new(
            "gini_agents",
            "inequality among agents (Gini)",
            (Unit::Number, Better::Lower),
            Pooled(|runs| gini(&loads(runs))),
            "Gini's coefficient of the same x: 0 when all are loaded alike",
        ),
        new(
            "jain_categories",
            "fairness among categories (Jain)",
            (Unit::Number, Better::Higher),
            Pooled(|runs| jain(&category_waits(runs))),
            "the same index over the categories' mean waits: 1 when a customer waits alike in each",
        ),
        new(
            "skips",
            "overtaken",
            LOW,
            TallyRatio(|it| (it.skips as f64, it.chats as f64)),
            "chats given to an agent while an earlier customer of the same category and priority still waited / chats \
             that an agent got; agents' other skills and overflow are not looked at",
        ),
    ]
}

/// Categories in which anybody came.
fn categories(runs: &[&Summary]) -> Vec<Scope> {
    let mut found: Vec<Scope> = runs.iter().flat_map(|run| run.tallies.keys().copied()).collect();
    found.sort_unstable();
    found.dedup();
    found.retain(|scope| matches!(scope, Scope::Category(_)));
    found
}

fn worst_category(runs: &[&Summary]) -> Option<f64> {
    let p99 = |scope: Scope| {
        let parts = runs.iter().filter_map(|run| run.tally(scope)).map(|tally| &tally.waits.all);
        super::Distribution::merged(parts).quantile(0.99)
    };
    categories(runs).into_iter().filter_map(p99).max().map(|time| seconds(time.into()))
}

fn category_waits(runs: &[&Summary]) -> Vec<f64> {
    let mean = |scope: Scope| {
        let tallies = runs.iter().filter_map(|run| run.tally(scope));
        let (sum, n) = tallies.fold((0, 0), |at: (u128, u64), it| (at.0 + it.waits.sum, at.1 + it.offered));
        (n > 0).then(|| seconds(sum) / n as f64)
    };
    categories(runs).into_iter().filter_map(mean).collect()
}

/// Work by time online and slot, of the agents who were online at all.
fn loads(runs: &[&Summary]) -> Vec<f64> {
    let agents = runs.iter().map(|run| run.agents.len()).max().unwrap_or(0);
    let load = |at: usize| {
        let rows = runs.iter().filter_map(|run| run.agents.get(at));
        let (work, most) = rows.fold((0.0, 0.0), |sum: (f64, f64), it| {
            (sum.0 + it.work as f64, sum.1 + it.online as f64 * f64::from(it.max_chats))
        });
        (most > 0.0).then(|| work / most)
    };
    (0..agents).filter_map(load).collect()
}

fn queue() -> [Metric; 5] {
    [
        new(
            "backlog_mean",
            "waiting, mean",
            (Unit::Number, Better::Lower),
            Ratio(|run| (seconds(run.waiting_time), seconds(run.length.into()))),
            "the number who wait, averaged over time",
        ),
        new(
            "backlog_max",
            "waiting, most",
            (Unit::Number, Better::Lower),
            PerRun(|run| Some(f64::from(run.most_waiting))),
            "the most who waited at once in a run, mean over the runs",
        ),
        new(
            "overflow_rate",
            "overflow",
            LOAD,
            Ratio(|run| (f64::from(run.overflowed), run.all().offered as f64)),
            "moves to a further stage of an overflow / offered; one customer may move more than once",
        ),
        new(
            "reject_rate",
            "rejects",
            LOW,
            TallyRatio(|it| {
                let came = it.offered + it.short + it.rejected + it.unfinished;
                (it.rejected as f64, came as f64)
            }),
            "rejected / everybody who came",
        ),
        new(
            "refused_offers",
            "offers let pass",
            LOW,
            Ratio(|run| {
                let of = |count: fn(&Summary, usize) -> u32| over_agents(run, |at| f64::from(count(run, at)));
                let refused = of(|run, at| run.agents[at].refused);
                (refused, refused + of(|run, at| run.agents[at].assigned))
            }),
            "offers that agents declined or missed / (those + chats they got)",
        ),
    ]
}
