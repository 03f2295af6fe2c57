//! The plots of a report.

use super::plot::{Axis, Mark, Plot};
use super::ticks::{clock, of_time, round, short};
use crate::lab::compare::{Comparison, Row};
use crate::lab::metrics::Unit;

const WIDE: (u32, u32) = (920, 340);
const HALF: (u32, u32) = (450, 340);

/// A plot under its heading, with what it shows in words.
#[derive(Debug)]
pub(super) struct Figure {
    pub(super) heading: &'static str,
    pub(super) caption: String,
    pub(super) plots: Vec<Plot>,
}

pub(super) fn figures(comparison: &Comparison, of_day: bool) -> Vec<Figure> {
    let all = [
        waits(comparison),
        day(comparison, of_day),
        queue(comparison, of_day),
        agents(comparison),
        trade_offs(comparison),
    ];
    all.into_iter().flatten().collect()
}

fn percent(share: f64) -> String {
    format!("{} %", short(share * 100.0))
}

/// A share given by its logarithm.
fn percent_of_log(power: f64) -> String {
    percent(libm::pow(10.0, power))
}

fn waits(comparison: &Comparison) -> Option<Figure> {
    let curves = &comparison.plots.waits;
    let all = || curves.iter().flat_map(|curve| &curve.points);
    let longest = all().map(|point| point.0).fold(0.0, f64::max);
    if longest <= 0.0 {
        return None;
    }
    let least = all().map(|point| point.1).fold(1.0, f64::min);
    let decades = libm::ceil(-libm::log10(least)).clamp(1.0, 5.0);
    let log = |share: f64| libm::log10(share).max(-decades);
    let lines = curves.iter().enumerate().map(|(policy, curve)| Mark::Line {
        policy,
        points: curve.points.iter().map(|point| (point.0, log(point.1))).collect(),
    });
    Some(Figure {
        heading: "Who waits longer",
        caption: "The share of offered customers who wait longer than the time below, of all replications together. \
                  The scale on the left is logarithmic: the long waits of the few can be seen."
            .to_owned(),
        plots: vec![Plot {
            alt: "Curves that fall from left to right: the share of customers by how long they wait".to_owned(),
            size: WIDE,
            x: Axis {
                label: "wait longer than, s".to_owned(),
                low: 0.0,
                high: longest,
                ticks: round(0.0, longest, 8),
                format: short,
            },
            y: Axis {
                label: "share of the offered".to_owned(),
                low: -decades,
                high: 0.0,
                ticks: round(-decades, 0.0, decades as u32),
                format: percent_of_log,
            },
            marks: lines.collect(),
        }],
    })
}

/// The time axis from the first to the last second.
fn time(of_day: bool, low: f64, high: f64, folded: bool) -> Axis {
    let label = match (of_day, folded) {
        (_, true) => "time of day; days are laid over each other",
        (true, false) => "time of day",
        (false, false) => "time since the run began, hours:minutes",
    };
    Axis { label: label.to_owned(), low, high, ticks: of_time(low, high, 10), format: clock }
}

fn day(comparison: &Comparison, of_day: bool) -> Option<Figure> {
    let days = &comparison.plots.day;
    let first = days.first()?;
    let used = |at: &usize| days.iter().any(|day| day.levels.get(*at).is_some_and(Option::is_some));
    let from = (0..first.levels.len()).find(used)?;
    let to = (0..first.levels.len()).rev().find(used)?;
    let start = |at: usize| first.slice.mul_add(at as f64, first.from);
    let mut marks = Vec::new();
    let mut lowest = 1.0_f64;
    for (policy, day) in days.iter().enumerate() {
        // A gap where nobody came ends a line.
        for run in (from..=to).collect::<Vec<_>>().chunk_by(|a, b| day.levels[*a].is_some() == day.levels[*b].is_some())
        {
            let points: Vec<(f64, f64)> = run
                .iter()
                .filter_map(|at| day.levels[*at].map(|level| (*at, level)))
                .flat_map(|(at, level)| [(start(at), level), (start(at + 1), level)])
                .collect();
            lowest = points.iter().fold(lowest, |lowest, point| lowest.min(point.1));
            if !points.is_empty() {
                marks.push(Mark::Line { policy, points });
            }
        }
    }
    let low = if lowest > 0.55 { 0.5 } else { 0.0 };
    let most = days.iter().flat_map(|day| &day.offered).copied().fold(0.0, f64::max);
    let bars: Vec<(f64, f64)> =
        (from..=to).flat_map(|at| [(start(at), first.offered[at]), (start(at + 1), first.offered[at])]).collect();
    let ground = vec![(start(from), 0.0), (start(to + 1), 0.0)];
    let slice = first.slice / 60.0;
    Some(Figure {
        heading: "Service level over the day",
        caption: format!(
            "The service level of the offered by when they came, in slices of {} min, of all replications together; \
             below it how many were offered in each slice under {}.",
            short(slice),
            first.policy
        ),
        plots: vec![
            Plot {
                alt: "Steps over the day: the share of customers answered within the target".to_owned(),
                size: WIDE,
                x: time(of_day, start(from), start(to + 1), first.folded),
                y: Axis {
                    label: "service level of the offered".to_owned(),
                    low,
                    high: 1.0,
                    ticks: round(low, 1.0, 5),
                    format: percent,
                },
                marks,
            },
            Plot {
                alt: "Steps over the day: how many customers were offered".to_owned(),
                size: (WIDE.0, 180),
                x: time(of_day, start(from), start(to + 1), first.folded),
                y: Axis {
                    label: "offered in a slice, a run".to_owned(),
                    low: 0.0,
                    high: most.max(1.0) * 1.05,
                    ticks: round(0.0, most.max(1.0), 3),
                    format: short,
                },
                marks: vec![
                    Mark::Band { policy: 0, low: ground, high: bars.clone() },
                    Mark::Line { policy: 0, points: bars },
                ],
            },
        ],
    })
}

fn queue(comparison: &Comparison, of_day: bool) -> Option<Figure> {
    let bands = &comparison.plots.queue;
    let first = bands.first()?;
    let points = |values: &[f64]| {
        values.iter().enumerate().map(|(at, value)| (first.step.mul_add(at as f64, first.from), *value)).collect()
    };
    let (mut marks, mut lines) = (Vec::new(), Vec::new());
    for (policy, band) in bands.iter().enumerate() {
        marks.push(Mark::Band { policy, low: points(&band.low), high: points(&band.high) });
        lines.push(Mark::Line { policy, points: points(&band.mean) });
    }
    marks.extend(lines);
    let most = bands.iter().flat_map(|band| band.high.iter().chain(&band.mean)).copied().fold(1.0, f64::max);
    let end = bands.iter().map(|band| band.mean.len()).max()?.saturating_sub(1) as f64;
    Some(Figure {
        heading: "Queue over time",
        caption: "How many wait, in all categories together: the mean over the replications (and days, where \
                  they are laid over each other), and shaded the range without the lowest and the highest tenth of them."
            .to_owned(),
        plots: vec![Plot {
            alt: "Lines over time: how many customers wait".to_owned(),
            size: WIDE,
            x: time(of_day, first.from, first.step.mul_add(end, first.from), first.folded),
            y: Axis {
                label: "waiting".to_owned(),
                low: 0.0,
                high: most * 1.05,
                ticks: round(0.0, most, 5),
                format: short,
            },
            marks,
        }],
    })
}

fn agents(comparison: &Comparison) -> Option<Figure> {
    let loads = &comparison.plots.agents;
    let count = loads.iter().map(|load| load.occupancy.len()).max().filter(|count| *count > 0)?;
    let most = loads.iter().flat_map(|load| load.occupancy.iter().flatten()).copied().fold(0.0, f64::max);
    let width = 0.5 / loads.len() as f64;
    let mut marks = Vec::new();
    for (policy, load) in loads.iter().enumerate() {
        let aside = width.mul_add(policy as f64 + 0.5, -0.25);
        let at = |agent: usize| agent as f64 + 1.0 + aside;
        let known = load.occupancy.iter().enumerate().filter_map(|(agent, it)| it.map(|it| (at(agent), it)));
        if count > 40 {
            marks.push(Mark::Line { policy, points: known.collect() });
        } else {
            marks.extend(known.map(|at| Mark::Point { policy, at }));
        }
    }
    let high = if most > 1.0 { most * 1.05 } else { 1.0 };
    Some(Figure {
        heading: "Occupancy by agent",
        caption: "Time of chats held / (time online × maximum), of all replications together; agents are numbered in \
                  the scenario's order."
            .to_owned(),
        plots: vec![Plot {
            alt: "One point an agent and policy: the share of the agent's slots that were taken".to_owned(),
            size: WIDE,
            x: Axis {
                label: "agent".to_owned(),
                low: 0.5,
                high: count as f64 + 0.5,
                ticks: round(1.0, count as f64, 15).into_iter().filter(|it| *it >= 1.0 && it.fract() == 0.0).collect(),
                format: short,
            },
            y: Axis { label: "slots taken".to_owned(), low: 0.0, high, ticks: round(0.0, high, 5), format: percent },
            marks,
        }],
    })
}

fn trade_offs(comparison: &Comparison) -> Option<Figure> {
    let pairs = [
        ("wait_mean", "abandonment"),
        ("wait_mean", "jain_agents"),
        ("wait_mean", "wait_p99_worst_category"),
        ("sl_offered", "jain_categories"),
    ];
    let plots: Vec<Plot> = pairs.into_iter().filter_map(|pair| scatter(comparison, pair)).collect();
    if comparison.policies.len() < 2 || plots.is_empty() {
        return None;
    }
    Some(Figure {
        heading: "Trade-offs",
        caption: format!(
            "One point a policy. The lines through the points are the 95 % intervals of the paired differences to {}, \
             which has none: a line that reaches it tells no difference. How sure each figure is by itself is in the \
             table.",
            comparison.policies[0]
        ),
        plots,
    })
}

/// A policy's place in a plot of two figures, with half the interval of each one's difference to the first policy.
#[derive(Clone, Copy)]
struct Place {
    policy: usize,
    at: (f64, f64),
    half: (f64, f64),
}

fn places(across: &Row, up: &Row) -> Vec<Place> {
    let half = |row: &Row, policy: usize| {
        let difference = policy.checked_sub(1).and_then(|at| row.differences.get(at)?.as_ref());
        difference.map_or(0.0, |it| it.half_width)
    };
    let both = across.values.iter().zip(&up.values).enumerate();
    both.filter_map(|(policy, (x, y))| {
        let at = (x.as_ref()?.estimate, y.as_ref()?.estimate);
        Some(Place { policy, at, half: (half(across, policy), half(up, policy)) })
    })
    .collect()
}

fn scatter(comparison: &Comparison, (x, y): (&str, &str)) -> Option<Plot> {
    let (across, up) = (comparison.metric(x)?, comparison.metric(y)?);
    let places = places(across, up);
    // Nothing to trade where all are alike: abandonment that nobody does.
    if places.iter().all(|it| it.at.1 == places[0].at.1) {
        return None;
    }
    let x = figure_axis(across, places.iter().map(|it| (it.at.0, it.half.0)));
    let y = figure_axis(up, places.iter().map(|it| (it.at.1, it.half.1)));
    let mut marks = Vec::new();
    for Place { policy, at, half } in places {
        marks.push(Mark::Whisker { policy, from: (at.0 - half.0, at.1), to: (at.0 + half.0, at.1) });
        marks.push(Mark::Whisker { policy, from: (at.0, at.1 - half.1), to: (at.0, at.1 + half.1) });
        marks.push(Mark::Point { policy, at });
    }
    let alt = format!("One point a policy: {} against {}", up.name, across.name);
    Some(Plot { alt, size: HALF, x, y, marks })
}

/// An axis with room for these figures and their intervals.
fn figure_axis(row: &Row, figures: impl Iterator<Item = (f64, f64)>) -> Axis {
    let ends = figures.flat_map(|(at, half)| [at - half, at + half]);
    let (low, high) = ends.fold((f64::MAX, f64::MIN), |it, end| (it.0.min(end), it.1.max(end)));
    let room = ((high - low) * 0.15).max(high.abs() * 0.002).max(1e-9);
    let (low, high) = (if low >= 0.0 { (low - room).max(0.0) } else { low - room }, high + room);
    let (unit, format): (&str, fn(f64) -> String) = match row.unit {
        Unit::Seconds => (", s", short),
        Unit::Share => ("", percent),
        Unit::Customers => (", a run", short),
        Unit::Number => ("", short),
    };
    Axis { label: format!("{}{unit}", row.name), low, high, ticks: round(low, high, 4), format }
}
