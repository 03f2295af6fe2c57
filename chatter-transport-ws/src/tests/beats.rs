//! When peers are asked whether they are there, and how soon they are found gone: whole connections in virtual time.

use std::sync::Arc;
use std::time::Duration;

use chatter_core::protocol::{CustomerFrame, Framed};
use chatter_core::{Fence, Handed, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, sleep};

use super::Server;
use super::engine::HELLO;
use super::peers::masked;
use crate::WsOptions;

const INTERVAL: Duration = Duration::from_millis(25_600);
const PATIENCE: Duration = Duration::from_secs(10);
/// A 512th of the interval.
const STEP: Duration = Duration::from_millis(50);
/// A timer rounds up to whole milliseconds; nothing else takes time here.
const LATE: Duration = Duration::from_millis(2);

const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

async fn start() -> Server {
    Server::start(WsOptions { ping_interval: INTERVAL, pong_timeout: PATIENCE, ..WsOptions::default() }).await
}

/// A peer that answers only when it is told to.
struct Peer {
    stream: DuplexStream,
    transport: Arc<dyn Transport<CustomerFrame>>,
}

impl Peer {
    async fn enter(server: &mut Server) -> Self {
        let (here, mut stream) = tokio::io::duplex(1 << 10);
        let hub = Arc::clone(&server.hub);
        let address = server.address.ip();
        tokio::spawn(async move {
            let seat = hub.registry.seat(address, 9, 9).expect("room");
            hub.serve(here, seat.live(), None).await;
        });
        stream.write_all(&masked(TEXT, HELLO.as_bytes())).await.expect("the server reads");
        let transport = server.entered().await.customer();
        let mut peer = Self { stream, transport };
        peer.reads(TEXT).await;
        peer
    }

    /// Waits for the next frame, which must be of this kind; tells when it came.
    async fn reads(&mut self, head: u8) -> Instant {
        assert_eq!(self.stream.read_u8().await.expect("a frame"), head);
        let length = self.stream.read_u8().await.expect("a short frame's length");
        assert!(length < 126, "no long frames here");
        self.stream.read_exact(&mut vec![0; length.into()]).await.expect("its payload");
        Instant::now()
    }

    async fn says(&mut self, head: u8, payload: &[u8]) {
        self.stream.write_all(&masked(head, payload)).await.expect("the server reads");
    }

    async fn is_told(&mut self) -> Instant {
        let frame = Framed::new(Fence(1), CustomerFrame::Pong { reference: None });
        assert_eq!(self.transport.send(&[Arc::new(frame)]), Handed::Taken);
        self.reads(TEXT).await
    }
}

#[track_caller]
fn within(waited: Duration, promised: Duration) {
    assert!(waited <= promised + LATE, "{waited:?} is more than {promised:?}");
    assert!(waited + STEP >= promised, "{waited:?} is much less than {promised:?}");
}

#[tokio::test(start_paused = true)]
async fn a_quiet_peer_is_asked_every_second_interval() {
    let mut server = start().await;
    let came = Instant::now();
    let mut peer = Peer::enter(&mut server).await;
    let mut last = peer.reads(PING).await;
    assert!(last - came <= INTERVAL + LATE);
    for _ in 0..3 {
        peer.says(PONG, b"").await;
        let asked = peer.reads(PING).await;
        within(asked - last, INTERVAL * 2);
        last = asked;
    }
    peer.says(PONG, b"").await;
    peer.reads(PING).await;
    let found = peer.reads(CLOSE).await;
    within(found - last, INTERVAL * 2 + PATIENCE);
    server.left().await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_with_traffic_is_asked_every_interval() {
    let mut server = start().await;
    let mut peer = Peer::enter(&mut server).await;
    let mut last = peer.reads(PING).await;
    for before_the_answer in [true, false, true, false] {
        if before_the_answer {
            peer.is_told().await;
        }
        peer.says(PONG, b"").await;
        sleep(INTERVAL / 4).await;
        if !before_the_answer {
            peer.is_told().await;
        }
        let asked = peer.reads(PING).await;
        within(asked - last, INTERVAL);
        last = asked;
    }
    peer.says(PONG, b"").await;
    peer.is_told().await;
    peer.reads(PING).await;
    let found = peer.reads(CLOSE).await;
    within(found - last, INTERVAL + PATIENCE);
    server.left().await;
}

#[tokio::test(start_paused = true)]
async fn a_frame_in_the_place_of_an_answer_earns_no_pause() {
    let mut server = start().await;
    let mut peer = Peer::enter(&mut server).await;
    let asked = peer.reads(PING).await;
    peer.says(PONG, b"").await;
    let again = peer.reads(PING).await;
    within(again - asked, INTERVAL * 2);
    peer.says(PING, b"").await;
    peer.reads(PONG).await;
    let last = peer.reads(PING).await;
    within(last - again, INTERVAL);
    let found = peer.reads(CLOSE).await;
    within(found - again, INTERVAL + PATIENCE);
    server.left().await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_was_quiet_for_long_is_found_within_interval_and_patience_of_what_is_sent() {
    let mut server = start().await;
    let mut peer = Peer::enter(&mut server).await;
    let last = peer.reads(PING).await;
    peer.says(PONG, b"").await;
    sleep(INTERVAL + INTERVAL / 16).await;
    let told = peer.is_told().await;
    let asked = peer.reads(PING).await;
    within(asked - last, INTERVAL * 2);
    let found = peer.reads(CLOSE).await;
    assert!(found - told <= INTERVAL + PATIENCE + LATE, "{:?}", found - told);
    server.left().await;
}

#[tokio::test(start_paused = true)]
async fn connections_that_come_at_any_time_are_asked_in_step() {
    let mut server = start().await;
    let mut asked = Vec::new();
    for _ in 0..4 {
        let mut peer = Peer::enter(&mut server).await;
        asked.push(peer.reads(PING).await);
        drop(peer);
        server.left().await;
        sleep(Duration::from_millis(1_017)).await;
    }
    for at in &asked {
        let beside = (*at + LATE - asked[0]).as_millis() % STEP.as_millis();
        assert!(beside <= 2 * LATE.as_millis(), "{asked:?}");
    }
}
