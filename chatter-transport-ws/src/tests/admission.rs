//! From the upgrade to the session.

use std::time::Duration;

use chatter_core::protocol::Role;

use super::Server;
use super::engine::{HELLO, HELLO_AGENT, Sender};
use super::peers::{Client, Raw, masked};
use crate::WsOptions;

#[tokio::test]
async fn the_first_frame_lets_in() {
    let mut server = Server::start(WsOptions::default()).await;
    let mut customer = Client::connect(&server).await;
    customer.send(HELLO).await;
    assert_eq!(customer.words().await, "ready");
    assert!(matches!(server.entered().await, Sender::Customer(_)));
    customer.echo("a customer").await;

    let mut agent = Client::connect(&server).await;
    agent.send(HELLO_AGENT).await;
    assert_eq!(agent.words().await, "ready");
    let mut roles = Vec::new();
    server.hub.registry().close(chatter_core::CloseReason::Done, |live| {
        roles.push((live.id().0, live.role(), live.session().is_some(), live.peer()));
        false
    });
    roles.sort_unstable_by_key(|(id, ..)| *id);
    let here = server.address.ip();
    assert_eq!(roles, [(1, Some(Role::Customer), true, here), (2, Some(Role::Agent), true, here)]);
}

#[tokio::test]
async fn silence_before_the_hello_is_closed() {
    let server = Server::start(WsOptions { auth_timeout: Duration::from_millis(100), ..WsOptions::default() }).await;
    let mut silent = Client::connect(&server).await;
    assert_eq!(silent.closed().await, (4100, "auth_timeout".to_owned()));

    // Pings are no hello, nor is the half of one.
    let mut busy = Raw::connect(&server, &masked(0x89, b"")).await;
    busy.write(&masked(0x01, br#"{"type":"#)).await;
    assert_eq!(busy.closed().await, (4100, "auth_timeout".to_owned()));
    server.empty().await;
}

#[tokio::test]
async fn a_first_frame_that_is_no_hello_is_answered_and_closed() {
    let server = Server::start(WsOptions::default()).await;
    let mut client = Client::connect(&server).await;
    client.send(r#"{"type":"ping"}"#).await;
    assert_eq!(client.json().await["code"], "bad_request");
    assert_eq!(client.closed().await, (4200, "hello_expected".to_owned()));

    let mut binary = Raw::connect(&server, &masked(0x82, HELLO.as_bytes())).await;
    assert_eq!(binary.closed().await, (1003, "unsupported_data".to_owned()));
}

#[tokio::test]
async fn a_large_first_frame_is_refused_though_later_ones_may_be_larger() {
    let server = Server::start(WsOptions::default()).await;
    let mut client = Client::connect(&server).await;
    client.send(&format!("{HELLO}{}", " ".repeat(4 << 10))).await;
    assert_eq!(client.closed().await, (1009, "too_large".to_owned()));

    let mut client = Client::enter(&server).await;
    client.echo(&"x".repeat(8 << 10)).await;
}

#[tokio::test]
async fn a_ticket_takes_the_place_of_the_hello() {
    let server = Server::start(WsOptions::default()).await;
    let mut client = Client::request(&server, "/live?v=1&ticket=good", &[]).await.expect("a good ticket");
    assert_eq!(client.words().await, "ready");
    client.echo("at once").await;

    let mut client = Client::request(&server, "/live?ticket=used", &[]).await.expect("judged after the upgrade");
    assert_eq!(client.json().await["code"], "not_allowed");
    assert_eq!(client.closed().await, (4101, "unauthorized".to_owned()));
}

#[tokio::test]
async fn a_door_that_does_not_answer_is_no_prison() {
    let server = Server::start(WsOptions { auth_timeout: Duration::from_millis(100), ..WsOptions::default() }).await;
    let mut client = Client::request(&server, "/?ticket=never", &[]).await.expect("judged after the upgrade");
    assert_eq!(client.closed().await, (1013, "try_later".to_owned()));
}
