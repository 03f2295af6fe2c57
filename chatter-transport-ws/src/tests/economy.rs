//! What a connection costs, and what it leaves in the logs.

use std::fmt::{self, Write as _};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use chatter_core::protocol::{CustomerFrame, Framed};
use chatter_core::{Fence, Handed};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tracing::field::{Field, Visit};
use tracing::span;

use super::engine::HELLO;
use super::peers::Client;
use super::{Server, soon};
use crate::WsOptions;

/// What is held for an idle connection is mostly its task: a large one is held many thousand times.
#[tokio::test]
async fn the_task_of_a_connection_is_small() {
    let server = Server::start(WsOptions::default()).await;
    let seat = server.hub.registry.seat(server.address.ip(), 1, 1).expect("room");
    let (stream, _other) = tokio::io::duplex(64);
    let task = server.hub.serve(stream, seat.live(), None);
    assert!(size_of_val(&task) <= 2_304, "{} bytes", size_of_val(&task));
}

/// A stream that counts the writes to it.
struct Counted {
    stream: DuplexStream,
    writes: Arc<AtomicUsize>,
}

impl AsyncRead for Counted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[tokio::test]
async fn what_is_handed_over_at_once_is_written_at_once() {
    let mut server = Server::start(WsOptions::default()).await;
    let (stream, other) = tokio::io::duplex(1 << 20);
    let writes = Arc::<AtomicUsize>::default();
    let counted = Counted { stream, writes: Arc::clone(&writes) };
    let hub = Arc::clone(&server.hub);
    let here = server.address.ip();
    tokio::spawn(async move {
        let seat = hub.registry.seat(here, 1, 1).expect("room");
        hub.serve(counted, seat.live(), None).await;
    });
    let mut client = WebSocketStream::from_raw_socket(other, Role::Client, None).await;
    client.send(Message::text(HELLO)).await.expect("the server reads");
    client.next().await.expect("ready").expect("a good frame");
    let transport = server.entered().await.customer();

    let before = writes.load(Ordering::Relaxed);
    let frames: Vec<_> = (0..100)
        .map(|number| Framed::new(Fence(1), CustomerFrame::Pong { reference: Some(format!("{number:050}")) }))
        .map(Arc::new)
        .collect();
    assert_eq!(transport.send(&frames), Handed::Taken);
    for _ in 0..100 {
        soon(client.next()).await.expect("a frame").expect("a good frame");
    }
    // About 9,500 bytes in pieces of the write buffer of 4 KiB.
    let after = writes.load(Ordering::Relaxed);
    assert!(after - before <= 4, "{} writes", after - before);
}

/// Writes down all that is logged by this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = self.0.lock().expect("nobody panics inside");
        writeln!(text, "{field}={value:?}").expect("text grows");
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, _metadata: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        span.record(&mut self.clone());
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, values: &span::Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}
}

#[tokio::test]
async fn logs_hold_no_secret() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let server = Server::start(WsOptions::default()).await;
    let mut client = Client::request(&server, "/?ticket=good", &[]).await.expect("a good ticket");
    assert_eq!(client.words().await, "ready");
    client.echo("between us").await;
    let mut refused = Client::request(&server, "/?ticket=stolen", &[]).await.expect("judged after the upgrade");
    refused.closed().await;
    let odd = Client::request(&server, "/?ticket=st%20len", &[]).await;
    assert!(odd.is_err());
    drop((client, refused));
    server.empty().await;

    let text = log.0.lock().expect("nobody panics inside").clone();
    assert!(text.contains("connection="), "{text}");
    for secret in ["good", "stolen", "st%20len", "between us"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
