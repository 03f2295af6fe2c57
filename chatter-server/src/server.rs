//! The server as a whole: started from settings, run until something ends it, stopped in order.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chatter_core::engine::{Engine, Stopped};
use chatter_core::session::Door;
use chatter_core::{DeskId, Store, policy};
use chatter_store_sqlite::{SqliteOptions, SqliteStore};
use chatter_transport_ws::{self as ws, WsOptions, WsServer};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::auth::{Accounts, Gate, Tokens};
use crate::config::{self, Agent, Settings};
use crate::end::{End, StartError, whole};
use crate::http::{Limits, Listener, Origins, Site};
use crate::signals::Signals;
use crate::{roster, secret_file, welcome};

const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// Runs until the end.
pub(crate) async fn run(settings: Settings) -> Result<End, StartError> {
    // Before anything else, so that a signal during the start is not lost.
    let mut signals = Signals::catch().map_err(StartError::Signals)?;
    let shutdown_within = settings.shutdown_within;
    let server = tokio::select! {
        biased;
        // Nothing was promised to anybody yet.
        _ = signals.next() => return Ok(End::Asked),
        started = Server::start(settings) => started?,
    };
    let end = tokio::select! {
        biased;
        signal = signals.next() => {
            tracing::info!(signal, "asked to stop");
            End::Asked
        }
        why = server.engine.stopped() => ended_by_itself(&why),
    };
    let stopped = tokio::select! {
        biased;
        signal = signals.next() => End::Forced(signal),
        in_time = server.stop(shutdown_within) => if in_time { end } else { End::Late },
    };
    Ok(stopped)
}

fn ended_by_itself(why: &Stopped) -> End {
    match why {
        Stopped::StoreFailed(error) => {
            tracing::error!(error = whole(error.as_ref()), "the store failed for good");
            End::StoreFailed
        }
        Stopped::Superseded => {
            tracing::error!("another server owns the desk now");
            End::Superseded
        }
        // Nobody asked: its task broke.
        Stopped::Asked | Stopped::Broken | _ => {
            tracing::error!(%why, "the engine ended without being asked");
            End::Broken
        }
    }
}

/// Everything that runs.
#[derive(Debug)]
struct Server {
    store: SqliteStore,
    engine: Engine,
    web_sockets: WsServer,
    healthy: Arc<AtomicBool>,
    stop: CancellationToken,
    front: JoinHandle<()>,
}

impl Server {
    async fn start(settings: Settings) -> Result<Self, StartError> {
        let (address, limits) = (settings.listen, limits(&settings));
        let listener = Listener::bind(address, limits).map_err(|source| StartError::Listen { address, source })?;
        let address = listener.address().map_err(|source| StartError::Listen { address, source })?;
        let store = open(&settings).await?;
        let secret = match &settings.secret {
            Some(secret) => secret.clone(),
            None => secret_file::read_or_make(&secret_file::path_for(&settings.store))?,
        };
        let default_agent = settings.agents.is_empty().then(|| welcome::default_agent(&secret));
        let agents: Vec<Agent> = settings.agents.iter().chain(&default_agent).cloned().collect();

        let engine = start_engine(&settings, store.clone()).await?;
        roster::reconcile(&engine, &settings.categories, &agents).await.map_err(StartError::Roster)?;

        let tokens = Tokens::new(DeskId::default(), &secret, settings.previous_secret.as_ref());
        let gate = Arc::new(Gate::new(tokens, Accounts::new(&agents, &secret), settings.joins_per_minute));
        let web_sockets = WsServer::new(Door::new(engine.clone(), Arc::<Gate>::clone(&gate)), ws_options(&settings));
        let healthy = Arc::new(AtomicBool::new(true));
        let upgrades = web_sockets.clone();
        let site = Site {
            gate: Arc::clone(&gate),
            origins: Origins::new(&settings.origins, settings.base_url.as_deref()),
            upgrade: Box::new(move |request, peer| upgrades.upgrade(request, peer)),
            healthy: Arc::clone(&healthy),
            https: settings.base_url.as_ref().is_some_and(|url| url.starts_with("https://")),
        };
        let stop = CancellationToken::new();
        let front = tokio::spawn(listener.serve(Arc::new(site), stop.clone()));
        tokio::spawn(sweep(gate, stop.clone()));
        welcome::print(address, settings.base_url.as_deref(), default_agent.as_ref());
        tracing::info!(%address, store = %settings.store.display(), policy = settings.policy, "started");
        Ok(Self { store, engine, web_sockets, healthy, stop, front })
    }

    /// Stops in the order that loses nothing: no new connections, then everything accepted becomes durable
    /// and is answered, then connections are told to come back, then the file is closed. False when it took
    /// too long.
    async fn stop(self, within: Duration) -> bool {
        let deadline = Instant::now() + within;
        let Self { store, engine, web_sockets, healthy, stop, front } = self;
        healthy.store(false, Ordering::Relaxed);
        stop.cancel();
        let stopping = async {
            engine.stop().await;
            web_sockets.stop(deadline.saturating_duration_since(Instant::now())).await;
            let fronts = front.await;
            let closed = tokio::task::spawn_blocking(move || store.close()).await;
            for error in [fronts.err(), closed.err()].into_iter().flatten() {
                tracing::error!(%error, "something broke while stopping");
            }
        };
        let in_time = timeout_at(deadline, stopping).await.is_ok();
        tracing::info!(in_time, "stopped");
        in_time
    }
}

const fn limits(settings: &Settings) -> Limits {
    Limits { header_timeout: settings.header_timeout, max_connections: settings.max_connections }
}

/// Origins are judged before a request gets that far, together with those of the other routes.
fn ws_options(settings: &Settings) -> WsOptions {
    WsOptions {
        allowed_origins: ws::Origins::Any,
        auth_timeout: settings.auth_timeout,
        connections_max: settings.max_connections,
        connections_per_address_max: settings.max_connections_per_address,
        frames_per_second: settings.frames_per_second,
        frames_burst: settings.frames_burst,
        ..WsOptions::default()
    }
}

async fn open(settings: &Settings) -> Result<SqliteStore, StartError> {
    let durability = match settings.durability {
        config::Durability::Full => chatter_store_sqlite::Durability::Full,
        config::Durability::Normal => chatter_store_sqlite::Durability::Normal,
    };
    let path = settings.store.clone();
    let options = SqliteOptions { durability, ..SqliteOptions::default() };
    let opened = tokio::task::spawn_blocking(move || SqliteStore::open(path, options)).await;
    Ok(opened.expect("opening does not panic, and its thread is not cancelled")?)
}

async fn start_engine(settings: &Settings, store: SqliteStore) -> Result<Engine, StartError> {
    let store: Arc<dyn Store> = Arc::new(store);
    let policy = policy::by_name(settings.policy).expect("the name was chosen out of the known ones");
    let frame_bytes_max = u32::try_from(WsOptions::default().frame_bytes_max).expect("a frame is far below 4 GiB");
    let mut builder =
        Engine::builder(store).settings(settings.desk.clone()).policy(policy).frame_bytes_max(frame_bytes_max);
    if let Some(path) = &settings.record {
        let record = record(path).map_err(|source| StartError::Record { path: path.clone(), source })?;
        builder = builder.record(record);
    }
    builder.start().await.map_err(StartError::Engine)
}

/// It holds what people write, so it is its owner's alone.
fn record(path: &Path) -> io::Result<Box<dyn Write + Send>> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    Ok(Box::new(BufWriter::new(file)))
}

async fn sweep(gate: Arc<Gate>, stop: CancellationToken) {
    let mut interval = tokio::time::interval_at(Instant::now() + SWEEP_INTERVAL, SWEEP_INTERVAL);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            _ = interval.tick() => gate.sweep(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chatter_core::{StoreError, StoreErrorKind};

    use super::*;

    #[test]
    fn every_end_has_its_exit_code() {
        let failed = Stopped::StoreFailed(Arc::new(StoreError::from(StoreErrorKind::Fatal)));
        for (why, code) in [(failed, 3), (Stopped::Superseded, 4), (Stopped::Asked, 1), (Stopped::Broken, 1)] {
            assert_eq!(ended_by_itself(&why).code(), code, "{why}");
        }
    }
}
