//! A transport of one's own: lines over TCP, for people with netcat and for programs.
//!
//! Whoever begins with `customer Zoe` or `agent ada secret` writes and reads words: a line is a message,
//! `/help` tells the rest. Whoever begins with a JSON `hello` writes and reads the frames of the protocol,
//! one a line. The last line is `bye`, the close code and its word.
//!
//! The adapter is this file: who comes in, two loops, and how they end. Beside it, `words` and `voice` are
//! the encoding, `gate` knows the agents, `lines` cuts the stream.

mod gate;
mod lines;
#[cfg(test)]
mod tests;
mod voice;
mod words;

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chatter_core::protocol::Framed;
use chatter_core::session::{Admission, Admitted, Audience, Door, Flow, Session};
use chatter_core::{CloseReason, Delivery, Outbox, OutboxLimits, OutboxSender, Transport, Weigh, outbox};
use serde::Serialize;
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

pub use gate::Passwords;
use lines::Lines;
use voice::{CustomerWords, StaffWords};
use words::{Ears, Heard, Opening};

/// How long a new connection may take to say who it is.
const HELLO_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a peer may take over one write.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// What a connection holds for a peer that does not read.
const LIMITS: OutboxLimits = OutboxLimits { frames_max: 1_024, bytes_max: 256 << 10 };

/// Takes connections and serves each in a task of its own.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(listener: TcpListener, door: Door) -> io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        let door = door.clone();
        // Ends with its connection, which the engine closes when it stops.
        tokio::spawn(async move { converse(stream, peer.ip(), &door).await });
    }
}

/// One connection from its first line to its last. One that breaks needs no more than to be dropped: the
/// engine learns it from the session.
async fn converse(stream: TcpStream, peer: IpAddr, door: &Door) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = Lines::new(read);
    let Ok(first) = timeout(HELLO_TIMEOUT, lines.next()).await else {
        return say_bye(&mut write, CloseReason::AuthTimeout).await;
    };
    let first = first?.unwrap_or_default();
    let opening = Opening::of(&first);
    let admitted = match &opening {
        Opening::Json => door.knock_json(&first, Some(peer)).await,
        Opening::Words(hello, _) => door.knock(hello.clone(), None, Some(peer)).await,
        Opening::Unclear => {
            write.write_all(words::USAGE.as_bytes()).await?;
            return say_bye(&mut write, CloseReason::HelloExpected).await;
        }
    };
    match admitted {
        Ok(Admitted::Customer(admission)) => enter(admission, lines, write, opening, CustomerWords::new).await,
        Ok(Admitted::Agent(admission)) => enter(admission, lines, write, opening, StaffWords::new).await,
        Err(rejected) => {
            let told = match opening {
                Opening::Json => rejected.json() + "\n",
                Opening::Words(..) | Opening::Unclear => format!("! {}\n", rejected.refusal),
            };
            write.write_all(told.as_bytes()).await?;
            say_bye(&mut write, rejected.reason).await
        }
    }
}

/// Opens the session and runs the connection in the encoding it was opened in.
async fn enter<F: Audience + Weigh + Serialize, V: Voice<F>>(
    admission: Admission<F>,
    lines: Lines,
    mut write: OwnedWriteHalf,
    opening: Opening,
    words: impl FnOnce() -> (V, Ears),
) -> io::Result<()> {
    let (transport, outbox) = outbox(LIMITS);
    let session = match admission.enter(Arc::<OutboxSender<F>>::clone(&transport)).await {
        Ok(session) => session,
        Err(reason) => return say_bye(&mut write, reason).await,
    };
    let Opening::Words(_, first) = opening else {
        let writing = write_frames(outbox, write, Json, None);
        return run(&*transport, writing, read_json(lines, &session)).await;
    };
    let (voice, ears) = words();
    let (aside, asides) = mpsc::channel(1);
    let reading = async {
        if session.receive(first).await == Flow::Continue {
            read_words(lines, &session, ears, aside).await;
        }
    };
    run(&*transport, write_frames(outbox, write, voice, Some(asides)), reading).await
}

/// Runs both loops until the connection ends: by the engine, by the peer or by a fault.
async fn run<F>(
    transport: &dyn Transport<F>,
    writing: impl Future<Output = io::Result<()>>,
    reading: impl Future<Output = ()>,
) -> io::Result<()> {
    tokio::pin!(writing, reading);
    tokio::select! {
        biased;
        ended = &mut writing => return ended,
        () = &mut reading => {}
    }
    // By way of the outbox, so that what was taken before still arrives; only the first reason counts.
    transport.close(CloseReason::Done);
    timeout(WRITE_TIMEOUT, writing).await.unwrap_or(Ok(()))
}

async fn read_json(mut lines: Lines, session: &Session) {
    while let Ok(Some(line)) = lines.next().await {
        if session.receive_json(&line).await == Flow::Stop {
            return;
        }
    }
}

async fn read_words(mut lines: Lines, session: &Session, mut ears: Ears, aside: mpsc::Sender<String>) {
    loop {
        let heard = tokio::select! {
            biased;
            command = ears.wish() => Heard::Command(command),
            line = lines.next() => match line {
                Ok(Some(line)) => ears.hear(&line).await,
                Ok(None) | Err(_) => return,
            },
        };
        let flow = match heard {
            Heard::Command(command) => session.receive(command).await,
            // The writer is there as long as this is.
            Heard::Aside(why) => aside.send(why).await.map_or(Flow::Stop, |()| Flow::Continue),
        };
        if flow == Flow::Stop {
            return;
        }
    }
}

/// How frames become text.
trait Voice<F> {
    fn say(&mut self, frame: &Framed<F>, text: &mut String);
}

/// The frames themselves, one a line.
struct Json;

impl<F: Serialize> Voice<F> for Json {
    fn say(&mut self, frame: &Framed<F>, text: &mut String) {
        text.push_str(frame.json());
        text.push('\n');
    }
}

/// Writes what the engine hands over, and what the reader has to say aside, until the connection ends.
async fn write_frames<F: Weigh>(
    mut outbox: Outbox<F>,
    mut write: OwnedWriteHalf,
    mut voice: impl Voice<F>,
    mut asides: Option<mpsc::Receiver<String>>,
) -> io::Result<()> {
    loop {
        let mut text = String::new();
        tokio::select! {
            biased;
            delivery = outbox.next() => match delivery {
                Delivery::Frames(frames) => frames.iter().for_each(|frame| voice.say(frame, &mut text)),
                Delivery::Close(reason) => return say_bye(&mut write, reason).await,
            },
            Some(aside) = next_aside(&mut asides) => text = aside,
        }
        tokio::select! {
            biased;
            written = write.write_all(text.as_bytes()) => written?,
            () = outbox.overflowed() => return Err(io::ErrorKind::TimedOut.into()),
            () = sleep(WRITE_TIMEOUT) => return Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

async fn next_aside(asides: &mut Option<mpsc::Receiver<String>>) -> Option<String> {
    match asides {
        Some(asides) => asides.recv().await,
        None => None,
    }
}

async fn say_bye(write: &mut OwnedWriteHalf, reason: CloseReason) -> io::Result<()> {
    let bye = format!("bye {} {}\n", reason.code(), reason.word());
    timeout(WRITE_TIMEOUT, write.write_all(bye.as_bytes())).await??;
    write.shutdown().await
}
