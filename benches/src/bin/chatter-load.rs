//! The command line of the load generator.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use chatter_benches::load::args::{Machine, Talking, Where, this_program};
use chatter_benches::load::goals::{Scale, goals};
use chatter_benches::load::{self as load, AS_SERVER, FloorKind, LoadError, Program, Progress, Talked, floor, tell};
use clap::{Args, Parser, Subcommand};
use serde::Serialize;

/// The server that is built in is measured with the allocator that the server has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Puts a Chatter server under load: people by the thousand over real WebSockets.
#[derive(Debug, Parser)]
#[command(name = "chatter-load", version)]
struct Line {
    #[command(subcommand)]
    mode: Mode,
}

#[derive(Debug, Subcommand)]
enum Mode {
    /// Pairs of a customer and an agent talk, in a closed or an open loop
    Pairs(Pairs),
    /// Customers sign in and do nothing: what each costs in memory, and all in processor time
    Idle {
        #[command(flatten)]
        place: Where,
        #[command(flatten)]
        crowd: Crowd,
        /// How long they are idle; each is asked once in 50 s whether it is there
        #[arg(long, default_value_t = 50, value_name = "S")]
        seconds: u64,
    },
    /// Customers sign in as fast as the server takes them
    Connect {
        #[command(flatten)]
        place: Where,
        #[command(flatten)]
        crowd: Crowd,
    },
    /// Customers come back and resume their chats after the server was killed and started again
    Reconnect {
        #[command(flatten)]
        place: Where,
        #[command(flatten)]
        crowd: Crowd,
    },
    /// Pairs talk beside customers who never read
    Slow {
        #[command(flatten)]
        place: Where,
        #[command(flatten)]
        talking: Talking,
        /// How many never read
        #[arg(long, default_value_t = 10, value_name = "N")]
        slow: usize,
    },
    /// The same people on the floors of this machine: relays without a chat engine
    Floors(Floors),
    /// Chatter and the floors in turns, and the goals that are ratios, as a table
    ///
    /// A goal is met only by turns in which all work was done: nothing refused, ended, lost, twice or out of order, and all
    /// that was meant sent and delivered. The exit code is 1 if something went wrong in a turn, and 0 when goals are
    /// only missed.
    Goals {
        /// The chatter-server to start; left out: the one built into this program
        #[arg(long, value_name = "PATH")]
        server: Option<std::path::PathBuf>,
        #[command(flatten)]
        machine: Machine,
        #[command(flatten)]
        scale: Scale,
    },
    /// The process of a floor
    #[command(hide = true)]
    Relay {
        /// Which.
        kind: FloorKind,
    },
}

#[derive(Debug, Args)]
struct Pairs {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    talking: Talking,
    /// Run the floors in the same session too
    #[arg(long)]
    floors: bool,
}

#[derive(Debug, Args)]
struct Floors {
    /// Which; all if left out
    #[arg(long)]
    kind: Option<FloorKind>,
    #[command(flatten)]
    machine: Machine,
    #[command(flatten)]
    talking: Talking,
}

#[derive(Clone, Copy, Debug, Args)]
struct Crowd {
    /// How many customers
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    connections: usize,
    /// How many of them connect at the same time
    #[arg(long, default_value_t = 256, value_name = "N")]
    at_once: usize,
}

impl Crowd {
    fn check(self) -> Result<Self, LoadError> {
        let wrong = |flag, rule| Err(LoadError::Flag { flag, rule });
        if !(1..=1_000_000).contains(&self.connections) {
            return wrong("--connections", "must be from 1 to 1000000");
        }
        if !(1..=10_000).contains(&self.at_once) {
            return wrong("--at-once", "must be from 1 to 10000");
        }
        Ok(self)
    }
}

fn main() -> ExitCode {
    if std::env::var_os(AS_SERVER).is_some() {
        return chatter_server::main();
    }
    let line = Line::parse();
    // The generator has one thread, so that it can be pinned and its own cost be told; a floor is a server.
    let relay = matches!(line.mode, Mode::Relay { .. });
    let mut builder =
        if relay { tokio::runtime::Builder::new_multi_thread() } else { tokio::runtime::Builder::new_current_thread() };
    let done = match builder.enable_all().build() {
        Ok(runtime) => {
            let done = runtime.block_on(run(line.mode));
            runtime.shutdown_background();
            done
        }
        Err(source) => Err(LoadError::Io { doing: "starting the runtime", source }),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A closed terminal is told by the exit code alone.
            drop(writeln!(std::io::stderr(), "chatter-load: {}", error.whole()));
            if matches!(error, LoadError::Flag { .. }) { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

async fn run(mode: Mode) -> Result<(), LoadError> {
    let progress = Progress::new();
    match mode {
        Mode::Pairs(pairs) => run_pairs(pairs, &progress).await,
        Mode::Floors(floors) => run_floors(&floors, &progress).await,
        Mode::Idle { place, crowd, seconds } => {
            let Crowd { connections, at_once } = crowd.check()?;
            settle(&place.machine).await;
            let (target, span) = (place.target(0).await?, Duration::from_secs(seconds));
            let result = load::idle(&target, connections, at_once, span, &progress).await?;
            show(&progress, place.machine.json, &result, tell::idle(&result))
        }
        Mode::Connect { place, crowd } => {
            let Crowd { connections, at_once } = crowd.check()?;
            settle(&place.machine).await;
            let target = place.target(0).await?;
            let result = load::connect(&target, connections, at_once, &progress).await?;
            show(&progress, place.machine.json, &result, tell::came("signed in", &result))
        }
        Mode::Reconnect { place, crowd } => {
            let Crowd { connections, at_once } = crowd.check()?;
            settle(&place.machine).await;
            let mut target = place.target(0).await?;
            let result = load::reconnect(&mut target, connections, at_once, &progress).await?;
            show(&progress, place.machine.json, &result, tell::came_back(&result))
        }
        Mode::Slow { place, talking, slow } => {
            let plan = talking.plan()?;
            settle(&place.machine).await;
            let target = place.target(2 * talking.pairs + slow).await?;
            let result = load::slow(&target, talking.pairs, slow, &plan, &progress).await?;
            show(&progress, place.machine.json, &result, tell::slow(&result))
        }
        Mode::Goals { server, machine, scale } => {
            scale.check()?;
            settle(&machine).await;
            let server = server.map(|path| Program::at(&path)).transpose()?;
            let result = goals(server, &machine, scale, &progress).await?;
            let turns: String = result.turns.iter().map(|(title, talked)| tell::talked(title, talked)).collect();
            show(&progress, machine.json, &result, format!("{turns}\n{}", result.table()))?;
            match result.faults() {
                0 => Ok(()),
                faults => Err(LoadError::Rows(faults)),
            }
        }
        Mode::Relay { kind } => floor::serve(kind, std::path::Path::new(".")).await,
    }
}

async fn run_pairs(pairs: Pairs, progress: &Progress) -> Result<(), LoadError> {
    let plan = pairs.talking.plan()?;
    settle(&pairs.place.machine).await;
    let target = pairs.place.target(pairs.talking.pairs).await?;
    let result = load::talk(&target, pairs.talking.pairs, &plan, progress).await?;
    drop(target);
    let mut results = vec![("Chatter", result)];
    if pairs.floors {
        for kind in FloorKind::ALL {
            results.push((kind.title(), on_floor(kind, &pairs.place.machine, &pairs.talking, progress).await?));
        }
    }
    show_talked(progress, pairs.place.machine.json, &results)
}

async fn run_floors(floors: &Floors, progress: &Progress) -> Result<(), LoadError> {
    floors.talking.plan()?;
    settle(&floors.machine).await;
    let mut results = Vec::new();
    for kind in FloorKind::ALL.into_iter().filter(|kind| floors.kind.is_none_or(|wanted| wanted == *kind)) {
        results.push((kind.title(), on_floor(kind, &floors.machine, &floors.talking, progress).await?));
    }
    show_talked(progress, floors.machine.json, &results)
}

async fn on_floor(
    kind: FloorKind,
    machine: &Machine,
    talking: &Talking,
    progress: &Progress,
) -> Result<Talked, LoadError> {
    let own = Program::at(&this_program()?)?;
    let place = (machine.folder.as_deref(), machine.cores());
    load::talk_on_floor(&own, kind, place, talking.pairs, &talking.plan()?, progress).await
}

/// Takes the generator to its core.
async fn settle(machine: &Machine) {
    if let Some(cores) = machine.cores() {
        cores.pin_generator().await;
    }
}

fn show_talked(progress: &Progress, json: bool, results: &[(&str, Talked)]) -> Result<(), LoadError> {
    let words = results.iter().map(|(title, result)| tell::talked(title, result)).collect();
    show(progress, json, results, words)
}

fn show(progress: &Progress, json: bool, result: &(impl Serialize + ?Sized), words: String) -> Result<(), LoadError> {
    progress.finish();
    let printing = |source| LoadError::Io { doing: "printing", source };
    let text = if json {
        let text = serde_json::to_string_pretty(result).map_err(|error| printing(error.into()))?;
        text + "\n"
    } else {
        words
    };
    std::io::stdout().write_all(text.as_bytes()).map_err(printing)
}
