//! What a case is, and the list of them.

use chatter_benches::lab::scenario::Scenario;

use crate::metric::Metric;
use crate::{orders, queues, several};

/// A desk that theory can solve.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// Its name: that of its table and row.
    pub(crate) name: String,
    /// Categories and agents, as a scenario file has them.
    pub(crate) file: String,
    /// The policy.
    pub(crate) policy: &'static str,
    /// Customers of each seed in the quick selection; 0 for none.
    pub(crate) quick: u64,
    /// Customers of each seed in the full run: so many, in round numbers, that the widest interval is about three quarters
    /// as wide as it may be.
    pub(crate) full: u64,
    /// What is known.
    pub(crate) cells: Vec<Cell>,
}

/// A figure that is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    /// Which.
    pub(crate) metric: Metric,
    /// Its value.
    pub(crate) exact: f64,
    /// The standard error of that value, where it was simulated by somebody else.
    pub(crate) error: f64,
    /// Whether the full run must tell it to a hundredth, or to three thousandths for a share.
    pub(crate) narrow: bool,
}

impl Cell {
    /// An exact figure.
    pub(crate) fn new(metric: Metric, exact: f64) -> Self {
        Self { metric, exact, error: 0.0, narrow: true }
    }

    pub(crate) fn level(&self) -> Option<f64> {
        match self.metric {
            Metric::Within(units) => Some(units),
            Metric::Waited
            | Metric::Wait
            | Metric::WaitServed
            | Metric::WaitLeft
            | Metric::Queue
            | Metric::Left
            | Metric::LeftBeyond(_)
            | Metric::InTime
            | Metric::InTimeOfServed
            | Metric::Occupancy
            | Metric::Busy
            | Metric::Chats
            | Metric::Service
            | Metric::WaitIn(_)
            | Metric::WaitedIn(_)
            | Metric::LeftIn(_)
            | Metric::BusyAgent(_)
            | Metric::WaitAt(_)
            | Metric::WaitBetween(..) => None,
        }
    }
}

impl Case {
    pub(crate) fn scenario(&self) -> Scenario {
        let text = format!("name = \"{}\"\n[horizon]\ncustomers = 1000\n{}", self.name, self.file);
        Scenario::from_toml(&text, "case.toml").unwrap_or_else(|error| panic!("{error}\n{text}"))
    }
}

/// A category with arrivals per unit and further lines; the unit is a minute.
pub(crate) fn category(name: &str, rate: f64, lines: &str) -> String {
    format!("[[category]]\nname = \"{name}\"\narrivals = {{ per_hour = {} }}\n{lines}\n", rate * 60.0)
}

/// A group of agents.
pub(crate) fn agents(name: &str, count: u32, lines: &str) -> String {
    format!("[[agents]]\nname = \"{name}\"\ncount = {count}\n{lines}\n")
}

/// Cells out of a row of a table.
pub(crate) fn cells(known: &[(Metric, f64)]) -> Vec<Cell> {
    known.iter().map(|(metric, exact)| Cell::new(*metric, *exact)).collect()
}

/// Every case.
pub(crate) fn all() -> Vec<Case> {
    [queues::erlang_c(), queues::erlang_a(), queues::patience(), queues::single()]
        .into_iter()
        .chain([orders::strict(), orders::slopes(), orders::head_starts(), orders::conserving()])
        .chain([several::reduction(), several::shared_effort(), several::concave(), several::n_model()])
        .flatten()
        .collect()
}
