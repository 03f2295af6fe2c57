//! How many, and how fast.

use http::StatusCode;
use tokio_tungstenite::tungstenite::Error;

use super::Server;
use super::engine::Happening;
use super::peers::{Client, Raw, masked};
use crate::WsOptions;

/// The status and the `retry-after` of a connection that is refused.
async fn refused(server: &Server) -> (StatusCode, String) {
    let refused = Client::request(server, "/", &[]).await.map(|_| "a connection").expect_err("there is no room");
    let Error::Http(response) = refused else { panic!("{refused}") };
    let retry_after = response.headers()["retry-after"].to_str().expect("a number").to_owned();
    (response.status(), retry_after)
}

#[tokio::test]
async fn connections_are_limited_in_all_and_by_address() {
    let in_all = Server::start(WsOptions { connections_max: 2, ..WsOptions::default() }).await;
    // One that has not said hello counts as well.
    let silent = Client::connect(&in_all).await;
    let _other = Client::enter(&in_all).await;
    assert_eq!(refused(&in_all).await, (StatusCode::SERVICE_UNAVAILABLE, "5".to_owned()));
    drop(silent);
    while Client::request(&in_all, "/", &[]).await.is_err() {
        tokio::task::yield_now().await;
    }

    let by_address = Server::start(WsOptions { connections_per_address_max: 1, ..WsOptions::default() }).await;
    let _only = Client::enter(&by_address).await;
    assert_eq!(refused(&by_address).await, (StatusCode::TOO_MANY_REQUESTS, "5".to_owned()));
}

#[tokio::test]
async fn a_client_in_a_hurry_is_told_when_to_come_back() {
    let options = WsOptions { frames_per_second: 1, frames_burst: 20, ..WsOptions::default() };
    let mut server = Server::start(options).await;
    let mut client = Client::enter(&server).await;
    server.entered().await;
    for number in 0..30 {
        client.send(&format!(r#"{{"echo":"{number}"}}"#)).await;
    }
    for number in 0..20 {
        assert_eq!(client.words().await, number.to_string());
    }
    for _ in 20..30 {
        let words = client.words().await;
        let wait: u64 = words.strip_prefix("limited ").expect("a refusal").parse().expect("a number");
        assert!((1..=12_000).contains(&wait), "{wait}");
    }
    for number in 0..20 {
        let received = server.happening().await;
        assert!(matches!(received, Happening::Received(json) if json.contains(&format!("\"{number}\""))));
    }
    drop(client);
    server.left().await;
}

#[tokio::test]
async fn a_client_that_does_not_listen_is_closed() {
    let options = WsOptions { frames_per_second: 1, frames_burst: 20, ..WsOptions::default() };
    let server = Server::start(options).await;
    let mut raw = Raw::enter(&server).await;
    raw.write(&masked(0x81, b"{}").repeat(100)).await;
    assert_eq!(raw.closed().await, (4203, "too_many_errors".to_owned()));

    let mut raw = Raw::enter(&server).await;
    raw.write(&masked(0x89, b"").repeat(100)).await;
    assert_eq!(raw.closed().await, (4203, "too_many_errors".to_owned()), "pings count too");
}
