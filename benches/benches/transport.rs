//! What the way to a peer costs: the outbox alone, and frames over a WebSocket on loopback that the session answers by
//! itself, one at a time and many at once.

use std::convert::Infallible;
use std::hint::black_box;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use chatter_core::engine::Engine;
use chatter_core::protocol::{CustomerFrame, Framed};
use chatter_core::session::{Credential, Denied, Door, Gatekeeper, Identity};
use chatter_core::{CustomerId, Delivery, Fence, Handed, MemoryStore, OutboxLimits, Principal, Transport, outbox};
use chatter_transport_ws::{WsOptions, WsServer};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

const AT_ONCE: [usize; 3] = [1, 16, 128];

/// Everybody is one customer.
#[derive(Debug)]
struct Trusting;

#[async_trait]
impl Gatekeeper for Trusting {
    async fn authenticate(&self, _: Credential, _: Option<IpAddr>) -> Result<Identity, Denied> {
        Ok(Identity::known(Principal::customer(CustomerId(7))))
    }
}

/// Listens, with the limit on frames out of the way.
async fn serve() -> SocketAddr {
    let engine = Engine::builder(Arc::new(MemoryStore::new())).start().await.expect("an empty store");
    let options = WsOptions { frames_per_second: 1_000_000, frames_burst: 1_000_000, ..WsOptions::default() };
    let sockets = WsServer::new(Door::new(engine, Arc::new(Trusting)), options);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener has one");
    tokio::spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            stream.set_nodelay(true).expect("it is open");
            let sockets = sockets.clone();
            let service = service_fn(move |request| {
                let response = sockets.upgrade(request, peer.ip());
                async move { Ok::<_, Infallible>(response) }
            });
            let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection.with_upgrades());
        }
    });
    address
}

async fn connect(address: SocketAddr) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(address).await.expect("it listens");
    stream.set_nodelay(true).expect("it is open");
    let (mut socket, _) = client_async(format!("ws://{address}/ws"), stream).await.expect("an upgrade");
    let hello = r#"{"type":"hello","role":"customer","protocol":1}"#;
    socket.send(Message::text(hello)).await.expect("it is open");
    let ready = socket.next().await.expect("an answer").expect("a frame");
    assert!(ready.to_text().expect("text").starts_with(r#"{"type":"ready""#), "{ready}");
    socket
}

async fn pings(socket: &mut WebSocketStream<TcpStream>, at_once: usize) {
    for _ in 0..at_once {
        socket.feed(Message::text(r#"{"type":"ping"}"#)).await.expect("it is open");
    }
    socket.flush().await.expect("it is open");
    for _ in 0..at_once {
        black_box(socket.next().await.expect("an answer").expect("a frame"));
    }
}

fn web_socket(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut socket = runtime.block_on(async { connect(serve().await).await });
    let mut group = criterion.benchmark_group("transport/web_socket");
    for at_once in AT_ONCE {
        group.throughput(Throughput::Elements(at_once as u64));
        group.bench_function(BenchmarkId::from_parameter(at_once), |bencher| {
            bencher.iter(|| runtime.block_on(pings(&mut socket, at_once)));
        });
    }
    group.finish();
}

fn alone(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (sender, mut receiver) = outbox::<CustomerFrame>(OutboxLimits::default());
    let mut group = criterion.benchmark_group("transport/outbox");
    for at_once in AT_ONCE {
        let frame = || Arc::new(Framed::new(Fence(1), CustomerFrame::Pong { reference: None }));
        let frames: Vec<_> = (0..at_once).map(|_| frame()).collect();
        group.throughput(Throughput::Elements(at_once as u64));
        group.bench_function(BenchmarkId::from_parameter(at_once), |bencher| {
            bencher.iter(|| {
                assert_eq!(sender.send(&frames), Handed::Taken);
                let Delivery::Frames(taken) = runtime.block_on(receiver.next()) else { panic!("it is open") };
                assert_eq!(taken.len(), at_once);
            });
        });
    }
    group.finish();
}

criterion_group!(transport, alone, web_socket);
criterion_main!(transport);
