//! The command line of the load generator.

use std::io::Write as _;
use std::process::ExitCode;

use chatter_benches::load::args::{Machine, Talking, Where, this_program};
use chatter_benches::load::{
    AS_SERVER, FloorKind, LoadError, Program, Progress, Talked, floor, talk, talk_on_floor, tell,
};
use clap::{Args, Parser, Subcommand};

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
    /// The same people on the floors of this machine: relays without a chat engine
    Floors(Floors),
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
    match mode {
        Mode::Pairs(pairs) => run_pairs(pairs).await,
        Mode::Floors(floors) => run_floors(&floors).await,
        Mode::Relay { kind } => floor::serve(kind, std::path::Path::new(".")).await,
    }
}

async fn run_pairs(pairs: Pairs) -> Result<(), LoadError> {
    let plan = pairs.talking.plan()?;
    settle(&pairs.place.machine).await;
    let progress = Progress::new();
    let target = pairs.place.target(pairs.talking.pairs).await?;
    let result = talk(&target, pairs.talking.pairs, &plan, &progress).await?;
    drop(target);
    let mut results = vec![("Chatter", result)];
    if pairs.floors {
        for kind in FloorKind::ALL {
            results.push((kind.title(), on_floor(kind, &pairs.place.machine, &pairs.talking, &progress).await?));
        }
    }
    progress.finish();
    show(&results, pairs.place.machine.json)
}

async fn run_floors(floors: &Floors) -> Result<(), LoadError> {
    floors.talking.plan()?;
    settle(&floors.machine).await;
    let progress = Progress::new();
    let mut results = Vec::new();
    for kind in FloorKind::ALL.into_iter().filter(|kind| floors.kind.is_none_or(|wanted| wanted == *kind)) {
        results.push((kind.title(), on_floor(kind, &floors.machine, &floors.talking, &progress).await?));
    }
    progress.finish();
    show(&results, floors.machine.json)
}

async fn on_floor(
    kind: FloorKind,
    machine: &Machine,
    talking: &Talking,
    progress: &Progress,
) -> Result<Talked, LoadError> {
    let own = Program::at(&this_program()?)?;
    let place = (machine.folder.as_deref(), machine.cores());
    talk_on_floor(&own, kind, place, talking.pairs, &talking.plan()?, progress).await
}

/// Takes the generator to its core.
async fn settle(machine: &Machine) {
    if let Some(cores) = machine.cores() {
        cores.pin_generator().await;
    }
}

fn show(results: &[(&str, Talked)], json: bool) -> Result<(), LoadError> {
    let text = if json {
        let all: serde_json::Map<String, serde_json::Value> = results
            .iter()
            .filter_map(|(title, result)| Some(((*title).to_owned(), serde_json::to_value(result).ok()?)))
            .collect();
        format!("{:#}\n", serde_json::Value::Object(all))
    } else {
        results.iter().map(|(title, result)| tell::talked(title, result)).collect()
    };
    std::io::stdout().write_all(text.as_bytes()).map_err(|source| LoadError::Io { doing: "printing", source })
}
