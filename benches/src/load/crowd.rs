//! Crowds: many who only sign in, at once, stay, or come back after the server was killed.

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use hdrhistogram::Histogram;
use serde::Serialize;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::LoadError;
use super::chatter::Target;
use super::people::{self, Customer};
use super::place::{Meter, Usage, rss_kib};
use super::progress::Progress;
use super::tally::{LONGEST, Latency};
use super::wire::{Heard, Wire};

/// After the last has signed in, before memory is looked at.
const SETTLE: Duration = Duration::from_secs(2);
/// How often the progress is told while people come.
const TELL_EVERY: usize = 100;

/// A crowd that does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Idle {
    /// How many were signed in.
    pub connections: usize,
    /// Memory of the server before they came, in KiB.
    pub rss_before_kib: u64,
    /// Memory of the server with all of them, in KiB.
    pub rss_kib: u64,
    /// The difference for each, in KiB.
    pub rss_each_kib: f64,
    /// What the server used while they did nothing but answer its heartbeat.
    pub server: Usage,
    /// Connections that ended meanwhile.
    pub ended: usize,
}

/// How people came.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Came {
    /// How many.
    pub connections: usize,
    /// From the first to the last, in seconds.
    pub seconds: f64,
    /// How many a second.
    pub per_second: f64,
    /// From opening the socket to the last answer of one of them, in microseconds.
    pub latency: Latency,
    /// What the server used meanwhile.
    pub server: Option<Usage>,
    /// What the generator used: near one core, it is the limit.
    pub generator: Option<Usage>,
}

/// How people came back after the server was killed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CameBack {
    /// From the kill until the server listened again, in seconds.
    pub restart_seconds: f64,
    /// From there until the last had the page it had missed.
    pub came: Came,
    /// Messages that had been acknowledged and were not in those pages.
    pub lost: usize,
}

/// Signs customers in and lets them be idle for so long.
///
/// # Errors
/// When somebody is not let in, or the server's process is not known.
pub async fn idle(
    target: &Target,
    connections: usize,
    at_once: usize,
    span: Duration,
    progress: &Progress,
) -> Result<Idle, LoadError> {
    let rule = "must be given with --url: memory is read from the server's process";
    let pid = target.pid.ok_or(LoadError::Flag { flag: "--pid", rule })?;
    let gone = |doing| LoadError::Io { doing, source: std::io::ErrorKind::NotFound.into() };
    let rss_before_kib = rss_kib(pid).ok_or_else(|| gone("reading the memory of the server"))?;
    let mut crowd = JoinSet::new();
    let arriving = stream::iter(0..connections).map(|_| people::customer(&target.address, None));
    let mut arriving = arriving.buffer_unordered(at_once);
    while let Some(customer) = arriving.next().await {
        crowd.spawn(stay(customer?.wire));
        tell(progress, "signed in", crowd.len(), connections);
    }
    drop(arriving);
    progress.stage("idle");
    sleep(SETTLE).await;
    let meter = Meter::start(pid).ok_or_else(|| gone("watching the server"))?;
    sleep(span).await;
    let server = meter.read().ok_or_else(|| gone("watching the server"))?;
    let mut ended = 0;
    while crowd.try_join_next().is_some() {
        ended += 1;
    }
    let rss_each_kib = fraction(server.rss_kib.saturating_sub(rss_before_kib), connections);
    Ok(Idle { connections, rss_before_kib, rss_kib: server.rss_kib, rss_each_kib, server, ended })
}

/// Signs new customers in, so many at once, as fast as the server takes them.
///
/// # Errors
/// When somebody is not let in.
pub async fn connect(
    target: &Target,
    connections: usize,
    at_once: usize,
    progress: &Progress,
) -> Result<Came, LoadError> {
    let arrivals = (0..connections).map(|_| async {
        let customer = people::customer(&target.address, None).await?;
        Ok((customer.wire, 0))
    });
    let (came, _) = come(arrivals, at_once, target.pid, ("signed in", progress)).await?;
    Ok(came)
}

/// Signs customers in who each open a chat and send one message, kills the server, starts it again, and lets all of
/// them come back, so many at once: sign in with the token, resume the chat from before the message.
///
/// # Errors
/// When somebody is not let in, or the generator did not start the server itself.
pub async fn reconnect(
    target: &mut Target,
    connections: usize,
    at_once: usize,
    progress: &Progress,
) -> Result<CameBack, LoadError> {
    let seated = seat(target, connections, at_once, progress).await?;
    progress.stage("the server is killed and started again");
    let killed = Instant::now();
    target.crash_and_restart().await?;
    let restart_seconds = killed.elapsed().as_secs_f64();
    // The crash found all of them connected.
    let known: Vec<Known> = seated.into_iter().map(|(known, _wire)| known).collect();
    let target = &*target;
    let arrivals = known.iter().map(|known| resume(target, known));
    let (came, lost) = come(arrivals, at_once, target.pid, ("are back", progress)).await?;
    Ok(CameBack { restart_seconds, came, lost })
}

/// Somebody who will come back.
struct Known {
    token: String,
    history: String,
    chat: u64,
    message: String,
}

async fn seat(
    target: &Target,
    connections: usize,
    at_once: usize,
    progress: &Progress,
) -> Result<Vec<(Known, Wire)>, LoadError> {
    let seats = stream::iter(0..connections).map(|number| sit_down(target, number)).buffer_unordered(at_once);
    let mut seats = std::pin::pin!(seats);
    let mut seated = Vec::with_capacity(connections);
    while let Some(seat) = seats.next().await {
        seated.push(seat?);
        tell(progress, "wait in the queue", seated.len(), connections);
    }
    Ok(seated)
}

async fn sit_down(target: &Target, number: usize) -> Result<(Known, Wire), LoadError> {
    let Customer { mut wire, token, history } = people::customer(&target.address, None).await?;
    let chat = people::join(&mut wire).await?;
    let message = format!("message {number} of the crowd");
    let frame = json!({ "type": "send_message", "chat": chat, "client_msg_id": "first", "text": message });
    wire.ask("sending a message", frame).await?;
    Ok((Known { token, history, chat, message }, wire))
}

/// Comes back; the second part is how many acknowledged messages are missing.
async fn resume(target: &Target, known: &Known) -> Result<(Wire, usize), LoadError> {
    let mut wire = people::customer(&target.address, Some(&known.token)).await?.wire;
    let frame = json!({ "type": "subscribe", "chat": known.chat, "history": known.history, "after": 0 });
    let page = wire.ask("resuming", frame).await?;
    let entries = page["entries"].as_array().map_or(&[][..], Vec::as_slice);
    let there = entries.iter().filter(|entry| entry["body"]["text"] == known.message.as_str()).count();
    let whole = page["recovery"]["recovered"] == true && there == 1;
    Ok((wire, usize::from(!whole)))
}

/// Lets people arrive and times them; they stay until the last one is there.
async fn come<A>(
    arrivals: impl Iterator<Item = A>,
    at_once: usize,
    server: Option<u32>,
    told: (&str, &Progress),
) -> Result<(Came, usize), LoadError>
where
    A: Future<Output = Result<(Wire, usize), LoadError>>,
{
    let (meter, own) = (server.and_then(Meter::start), Meter::start(std::process::id()));
    let mut histogram = Histogram::<u64>::new_with_max(LONGEST, 3).expect("bounds and digits are legal");
    let all = arrivals.size_hint().0;
    let began = Instant::now();
    let timed = stream::iter(arrivals).map(|arrival| async {
        let began = Instant::now();
        arrival.await.map(|arrived| (arrived, began.elapsed()))
    });
    let mut timed = std::pin::pin!(timed.buffer_unordered(at_once));
    let (mut there, mut missing) = (Vec::new(), 0);
    while let Some(arrived) = timed.next().await {
        let ((wire, missed), took) = arrived?;
        missing += missed;
        there.push(wire);
        histogram.saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        tell(told.1, told.0, there.len(), all);
    }
    let seconds = began.elapsed().as_secs_f64();
    let came = Came {
        connections: there.len(),
        seconds,
        per_second: fraction(there.len() as u64, 1) / seconds.max(f64::EPSILON),
        latency: Latency::of(&histogram),
        server: meter.and_then(|meter| meter.read()),
        generator: own.and_then(|own| own.read()),
    };
    Ok((came, missing))
}

/// Reads until the connection ends, and so answers the heartbeat.
async fn stay(mut wire: Wire) {
    while let Heard::Frame(_) = wire.next().await {}
}

fn tell(progress: &Progress, what: &str, done: usize, all: usize) {
    if done.is_multiple_of(TELL_EVERY) {
        progress.counted(what, done, all);
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]
fn fraction(whole: u64, parts: usize) -> f64 {
    whole as f64 / parts.max(1) as f64
}
