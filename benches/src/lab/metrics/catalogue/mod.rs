//! Every metric of the lab, in the order in which they are printed.

mod agents;
mod fair;

use std::borrow::Cow;

use super::definition::Estimator::{Max, Mean, PerTally, Quantile, TallyRatio};
use super::definition::{Better, Estimator, Metric, Unit};
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
    all.extend(agents::handling());
    all.extend(fair::fairness());
    all.extend(agents::queue());
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
            "offered customers a run who were given to an agent while they were still there, and whose chat ended with \
             one: also after it had gone back to its queue for want of a first reply",
        ),
        new(
            "abandoned",
            "abandoned",
            COUNT,
            PerTally(|it| Some(it.abandoned as f64)),
            "offered customers a run who left the queue and said so, also one that their chat had gone back to; patience \
             stands still while an agent has the chat, and what is left of it goes on from there",
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
            "from joining the queue to being given to an agent for the first time, or to leaving, over all offered",
        ),
        TimesOf::AnsweredWaits => (
            ["asa", "answered_p50", "answered_p90", "answered_p95", "answered_p99", "answered_max"],
            "wait of the answered",
            "from joining the queue to being given to an agent for the first time, over the answered",
        ),
        TimesOf::AbandonedWaits => (
            ["abandoned_mean", "abandoned_p50", "abandoned_p90", "abandoned_p95", "abandoned_p99", "abandoned_max"],
            "wait of the abandoned",
            "from joining the queue to leaving it, over those who abandoned, silently or not; with the time that an agent \
             had the chat who did not write, where it had gone back to its queue",
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
            "from joining the queue to the first message of any agent, not the assignment, over the answered",
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
