//! `chatter-lab oracle`: exact results, in seconds.

use std::io::Write;

use clap::{Args, Subcommand};

use super::{CliError, input};
use crate::lab::metrics::seconds;
use crate::lab::random::Law;
use crate::lab::record::Micros;
use crate::lab::report::{Align, Table};
use crate::oracle::{
    Accumulating, ErlangA, ErlangC, Impatient, Md1, accumulating_priority, cobham, erlang_b, fewest_servers_patient,
    pollaczek_khinchine,
};

/// Compute an exact result of queueing theory.
#[derive(Debug, Args)]
pub(super) struct Oracle {
    #[command(subcommand)]
    formula: Formula,
}

#[derive(Debug, Subcommand)]
enum Formula {
    /// Nobody waits: who finds all servers busy is lost.
    ErlangB(Queue),
    /// Everybody waits as long as it takes.
    ErlangC(WithLevel),
    /// Customers leave after an exponential patience.
    ErlangA(WithPatience),
    /// One server, service of any law with this squared coefficient of variation.
    PollaczekKhinchine(General),
    /// One server, every service equally long.
    #[command(name = "md1")]
    Md1(WithLevel),
    /// Strict priorities without interrupting: the first class goes before the others.
    Cobham(Classes),
    /// Priorities that grow with the wait, each class by its slope.
    Accumulating(Sloped),
    /// The fewest servers that answer a share within a time, by Erlang C.
    Servers(Plan),
}

/// How much comes, and how long each takes.
#[derive(Clone, Copy, Debug, Args)]
struct Load {
    /// Arrivals an hour.
    #[arg(long, value_name = "PER_HOUR")]
    arrivals: f64,
    /// The mean time of a service, such as 3m.
    #[arg(long, value_parser = input::span, value_name = "TIME")]
    service: Micros,
}

impl Load {
    fn arrival(self) -> f64 {
        self.arrivals / 3_600.0
    }

    fn mean(self) -> f64 {
        seconds(self.service.into())
    }
}

#[derive(Clone, Copy, Debug, Args)]
struct Queue {
    /// How many servers: agents times the chats each may hold.
    #[arg(long, default_value_t = 1)]
    servers: u32,
    #[command(flatten)]
    load: Load,
}

#[derive(Clone, Copy, Debug, Args)]
struct WithLevel {
    #[command(flatten)]
    queue: Queue,
    /// The service level's threshold.
    #[arg(long, value_parser = input::span, default_value = "20s", value_name = "TIME")]
    within: Micros,
}

#[derive(Clone, Copy, Debug, Args)]
struct WithPatience {
    #[command(flatten)]
    queue: WithLevel,
    /// The mean patience.
    #[arg(long, value_parser = input::span, value_name = "TIME")]
    patience: Micros,
}

#[derive(Clone, Copy, Debug, Args)]
struct General {
    #[command(flatten)]
    load: Load,
    /// The squared coefficient of variation of a service: 0 fixed, 1 exponential.
    #[arg(long)]
    cv2: f64,
}

#[derive(Clone, Debug, Args)]
struct Classes {
    /// How many servers.
    #[arg(long, default_value_t = 1)]
    servers: u32,
    /// Arrivals an hour of each class, joined by commas; for strict priorities the most important first.
    #[arg(long, value_delimiter = ',', value_name = "PER_HOUR,..")]
    arrivals: Vec<f64>,
    /// The mean time of a service, the same for all classes.
    #[arg(long, value_parser = input::span, value_name = "TIME")]
    service: Micros,
}

#[derive(Clone, Debug, Args)]
struct Sloped {
    #[command(flatten)]
    classes: Classes,
    /// The slope of each class, in the same order, rising.
    #[arg(long, value_delimiter = ',', value_name = "SLOPE,..")]
    slopes: Vec<f64>,
}

#[derive(Clone, Copy, Debug, Args)]
struct Plan {
    #[command(flatten)]
    load: Load,
    /// The service level's threshold.
    #[arg(long, value_parser = input::span, default_value = "20s", value_name = "TIME")]
    within: Micros,
    /// The share to be answered within it.
    #[arg(long, value_parser = input::share, default_value = "80%", value_name = "SHARE")]
    level: f64,
}

impl Oracle {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<(), CliError> {
        let rows = self.formula.rows()?;
        let mut table = Table::new([("exact", Align::Left), ("", Align::Right), ("", Align::Left)]);
        for (name, value, unit) in rows {
            table.row([name, format!("{value:.6}"), unit.to_owned()]);
        }
        out.write_all(table.text().as_bytes()).map_err(CliError::Output)
    }
}

/// What a number is, the number, its unit.
type Row = (String, f64, &'static str);

fn row(name: &str, value: f64, unit: &'static str) -> Row {
    (name.to_owned(), value, unit)
}

impl Formula {
    fn rows(&self) -> Result<Vec<Row>, CliError> {
        match self {
            Self::ErlangB(queue) => {
                let load = queue.load.arrival() * queue.load.mean();
                Ok(vec![row("lost: all servers are busy", erlang_b(queue.servers, load)?, "")])
            }
            Self::ErlangC(it) => erlang_c(*it),
            Self::ErlangA(it) => erlang_a(*it),
            Self::PollaczekKhinchine(it) => {
                let wait = pollaczek_khinchine(it.load.arrival(), it.load.mean(), it.cv2)?;
                Ok(vec![row("mean wait", wait, "s")])
            }
            Self::Md1(it) => md1(*it),
            Self::Cobham(it) => {
                let waits = cobham(it.servers, &it.rates(), 1.0 / seconds(it.service.into()))?;
                Ok(class_rows(&waits))
            }
            Self::Accumulating(it) => it.rows(),
            Self::Servers(it) => {
                let service = 1.0 / it.load.mean();
                let within = seconds(it.within.into());
                let fewest = fewest_servers_patient(it.load.arrival(), service, within, it.level, 1_000_000)?;
                Ok(vec![row("fewest servers", f64::from(fewest), "")])
            }
        }
    }
}

fn erlang_c(it: WithLevel) -> Result<Vec<Row>, CliError> {
    let queue = ErlangC::new(it.queue.servers, it.queue.load.arrival(), 1.0 / it.queue.load.mean())?;
    let mut rows = vec![
        row("must wait", queue.wait_probability(), ""),
        row("mean wait", queue.mean_wait(), "s"),
        row("mean number waiting", queue.queue_length(), ""),
        row("service level", queue.service_level(seconds(it.within.into())), ""),
        row("occupancy", queue.occupancy(), ""),
    ];
    for (name, p) in [("wait, P50", 0.5), ("wait, P90", 0.9), ("wait, P95", 0.95), ("wait, P99", 0.99)] {
        rows.push(row(name, queue.wait_quantile(p)?, "s"));
    }
    Ok(rows)
}

fn erlang_a(it: WithPatience) -> Result<Vec<Row>, CliError> {
    let (queue, patience) = (it.queue.queue, seconds(it.patience.into()));
    let (arrival, service) = (queue.load.arrival(), 1.0 / queue.load.mean());
    let chain = ErlangA::new(queue.servers, arrival, service, 1.0 / patience)?;
    let law = Law::Exponential { mean: patience };
    let waits = Impatient::new(queue.servers, arrival, service, &law)?;
    let within = seconds(it.queue.within.into());
    Ok(vec![
        row("must wait", chain.wait_probability, ""),
        row("abandonment", chain.abandoned, ""),
        row("mean wait of all", chain.mean_wait, "s"),
        row("mean wait of the answered", waits.mean_wait_served(), "s"),
        row("mean wait of the abandoned", waits.mean_wait_abandoned(), "s"),
        row("mean number waiting", chain.queue_length, ""),
        row("service level of the offered", waits.service_level_offered(within), ""),
        row("service level of the answered", waits.service_level_answered(within), ""),
        row("occupancy", chain.occupancy, ""),
    ])
}

fn md1(it: WithLevel) -> Result<Vec<Row>, CliError> {
    if it.queue.servers != 1 {
        return Err(CliError::Flag { flag: "--servers", rule: "M/D/1 has one".to_owned() });
    }
    let queue = Md1::new(it.queue.load.arrival(), it.queue.load.mean())?;
    let level = queue.wait_distribution(seconds(it.within.into()));
    Ok(vec![row("mean wait", queue.mean_wait(), "s"), row("service level", level, "")])
}

fn class_rows(waits: &[f64]) -> Vec<Row> {
    waits.iter().zip(1..).map(|(wait, class): (_, u32)| (format!("mean wait of class {class}"), *wait, "s")).collect()
}

impl Classes {
    fn rates(&self) -> Vec<f64> {
        self.arrivals.iter().map(|rate| rate / 3_600.0).collect()
    }
}

impl Sloped {
    fn rows(&self) -> Result<Vec<Row>, CliError> {
        if self.slopes.len() != self.classes.arrivals.len() {
            let rule = format!("one slope for each of the {} classes", self.classes.arrivals.len());
            return Err(CliError::Flag { flag: "--slopes", rule });
        }
        let rates = self.classes.rates();
        let classes: Vec<Accumulating> = rates
            .iter()
            .zip(&self.slopes)
            .map(|(arrival, slope)| Accumulating { arrival: *arrival, slope: *slope })
            .collect();
        let service = 1.0 / seconds(self.classes.service.into());
        Ok(class_rows(&accumulating_priority(self.classes.servers, &classes, service)?))
    }
}
