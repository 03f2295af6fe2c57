//! How connections end.

use std::time::Duration;

use chatter_core::CloseReason;
use futures_util::{SinkExt, StreamExt};
use http::StatusCode;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::engine::Happening;
use super::peers::{Client, Raw, masked};
use super::{Server, soon};
use crate::WsOptions;

fn quick_heart() -> WsOptions {
    WsOptions {
        ping_interval: Duration::from_millis(60),
        pong_timeout: Duration::from_millis(30),
        close_timeout: Duration::from_millis(50),
        ..WsOptions::default()
    }
}

/// Slow enough for a test to answer in time on a busy machine.
fn calm_heart() -> WsOptions {
    WsOptions {
        ping_interval: Duration::from_millis(1_600),
        pong_timeout: Duration::from_millis(1_500),
        ..quick_heart()
    }
}

#[tokio::test]
async fn a_half_open_peer_is_found() {
    let mut server = Server::start(quick_heart()).await;
    let mut raw = Raw::enter(&server).await;
    server.entered().await;
    assert_eq!(raw.read().await.head, 0x89, "a ping");
    // It is never answered.
    server.left().await;
    assert_eq!(raw.closed().await, (4001, "heartbeat_timeout".to_owned()));
    server.empty().await;
}

#[tokio::test]
async fn a_peer_that_answers_stays() {
    let mut server = Server::start(calm_heart()).await;
    let mut raw = Raw::enter(&server).await;
    server.entered().await;
    for _ in 0..2 {
        assert_eq!(raw.read().await.head, 0x89, "a ping");
        raw.write(&masked(0x8a, b"")).await;
    }
    raw.write(&masked(0x81, b"here")).await;
    assert!(matches!(server.happening().await, Happening::Received(_)));
}

#[tokio::test]
async fn a_slow_command_is_not_taken_for_a_dead_peer() {
    let mut server = Server::start(calm_heart()).await;
    let mut client = Client::enter(&server).await;
    server.entered().await;
    // The heart asks and gives its verdict while the socket is not read.
    client.send(r#"{"wait":5000}"#).await;
    client.echo("alive").await;
}

#[tokio::test]
async fn a_client_may_end_it() {
    let mut server = Server::start(WsOptions::default()).await;
    let mut client = Client::enter(&server).await;
    server.entered().await;
    let bye = CloseFrame { code: 1000.into(), reason: "bye".into() };
    soon(client.socket.send(Message::Close(Some(bye.clone())))).await.expect("the server reads");
    let echoed = soon(client.socket.next()).await.expect("an echo").expect("a good frame");
    assert_eq!(echoed, Message::Close(Some(bye)));
    assert!(soon(client.socket.next()).await.is_none(), "an orderly end");
    server.left().await;
    server.empty().await;
}

#[tokio::test]
async fn a_client_that_vanishes_is_let_go() {
    let mut server = Server::start(WsOptions::default()).await;
    let client = Client::enter(&server).await;
    server.entered().await;
    drop(client);
    server.left().await;
    server.empty().await;
}

#[tokio::test]
async fn the_session_may_end_it() {
    let mut server = Server::start(WsOptions::default()).await;
    let mut client = Client::enter(&server).await;
    server.entered().await;
    client.send(r#"{"echo":"last words"}"#).await;
    client.send(r#"{"stop":1}"#).await;
    client.send(r#"{"echo":"unheard"}"#).await;
    assert_eq!(client.words().await, "last words");
    assert_eq!(client.closed().await, (4102, "signed_out".to_owned()));

    // Also from outside, while nothing is read.
    let mut client = Client::enter(&server).await;
    let sender = loop {
        if let Happening::Entered(sender) = server.happening().await {
            break sender;
        }
    };
    sender.close(CloseReason::Internal);
    assert_eq!(client.closed().await, (1011, "internal".to_owned()));
}

#[tokio::test]
async fn the_chosen_are_revoked_and_nobody_else() {
    let server = Server::start(WsOptions::default()).await;
    let mut first = Client::enter(&server).await;
    let mut second = Client::enter(&server).await;
    assert_eq!(server.hub.registry().close(CloseReason::Revoked, |live| live.id().0 == 1), 1);
    assert_eq!(first.closed().await, (4103, "revoked".to_owned()));
    second.echo("still here").await;
}

#[tokio::test]
async fn stopping_tells_everybody_to_come_back() {
    let server = Server::start(WsOptions::default()).await;
    let mut entered = Client::enter(&server).await;
    let mut silent = Client::connect(&server).await;
    let mut writing = Raw::connect(&server, &masked(0x01, b"{")).await;
    let restarting = (1012, "restarting".to_owned());
    let closed = async {
        assert_eq!(entered.closed().await, restarting);
        assert_eq!(silent.closed().await, restarting);
        assert_eq!(writing.closed().await, restarting);
        drop((entered, silent, writing));
    };
    soon(async { tokio::join!(server.hub.stop(Duration::from_secs(60)), closed) }).await;
    assert_eq!(server.hub.registry().count(), 0);

    let refused = Client::request(&server, "/", &[]).await.map(|_| "a connection").expect_err("it has stopped");
    assert!(matches!(refused, Error::Http(response) if response.status() == StatusCode::SERVICE_UNAVAILABLE));
}

#[tokio::test]
async fn stopping_does_not_wait_for_those_who_do_not_listen() {
    let options = WsOptions { close_timeout: Duration::from_secs(3_600), ..WsOptions::default() };
    let server = Server::start(options).await;
    let _deaf = Raw::enter(&server).await;
    soon(server.hub.stop(Duration::from_millis(50))).await;
    assert_eq!(server.hub.registry().count(), 0);
}
