//! Peers that do not read.

use std::time::Duration;

use chatter_core::OutboxLimits;

use super::Server;
use super::engine::Happening;
use super::peers::{Client, Raw, masked};
use crate::WsOptions;

/// Far more than what the kernel holds for a socket on both sides.
const FLOOD: &[u8] = br#"{"flood":100000}"#;

#[tokio::test]
async fn a_full_outbox_closes_with_slow_and_delays_nobody() {
    let options = WsOptions { outbox: OutboxLimits { frames_max: 256, bytes_max: 1 << 20 }, ..WsOptions::default() };
    let mut server = Server::start(options).await;
    let mut other = Client::enter(&server).await;
    server.entered().await;
    let mut slow = Raw::enter(&server).await;
    server.entered().await;
    slow.write(&masked(0x81, FLOOD)).await;
    assert!(matches!(server.happening().await, Happening::Received(_)));
    for _ in 0..50 {
        other.echo("meanwhile").await;
    }
    // The session ends while the peer has not read a byte more; then it reads, and learns why.
    while !matches!(server.happening().await, Happening::Left) {}
    assert_eq!(slow.closed().await, (4000, "slow".to_owned()));
    other.echo("and after").await;
}

#[tokio::test]
async fn a_peer_that_takes_nothing_is_closed_before_its_outbox_is_full() {
    let options = WsOptions {
        outbox: OutboxLimits { frames_max: usize::MAX, bytes_max: usize::MAX },
        write_timeout: Duration::from_millis(200),
        close_timeout: Duration::from_millis(200),
        ..WsOptions::default()
    };
    let mut server = Server::start(options).await;
    let mut stuck = Raw::enter(&server).await;
    server.entered().await;
    stuck.write(&masked(0x81, FLOOD)).await;
    assert!(matches!(server.happening().await, Happening::Received(_)));
    server.left().await;
    server.empty().await;
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_still_heard() {
    let options = WsOptions {
        outbox: OutboxLimits { frames_max: usize::MAX, bytes_max: usize::MAX },
        write_timeout: Duration::from_secs(3_600),
        ..WsOptions::default()
    };
    let mut server = Server::start(options).await;
    let mut raw = Raw::enter(&server).await;
    server.entered().await;
    raw.write(&masked(0x81, FLOOD)).await;
    raw.write(&masked(0x81, b"heard")).await;
    assert!(matches!(server.happening().await, Happening::Received(_)));
    let second = server.happening().await;
    assert!(matches!(&second, Happening::Received(json) if json == "heard"), "{second:?}");
}
