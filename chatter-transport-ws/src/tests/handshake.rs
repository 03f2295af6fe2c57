//! What is refused by status, before anything is spent.

use http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Error;

use super::peers::Client;
use super::{Server, soon};
use crate::{Origins, WsOptions};

async fn status(server: &Server, path: &str, headers: &[(&'static str, &str)]) -> StatusCode {
    match Client::request(server, path, headers).await {
        Ok(_) => StatusCode::SWITCHING_PROTOCOLS,
        Err(Error::Http(response)) => response.status(),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let options =
        WsOptions { allowed_origins: Origins::List(vec!["https://shop.example".into()]), ..Default::default() };
    let server = Server::start(options).await;
    assert_eq!(status(&server, "/", &[("origin", "https://shop.example")]).await, StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(status(&server, "/", &[]).await, StatusCode::SWITCHING_PROTOCOLS, "not a browser");
    for origin in ["https://evil.example", "https://shop.example.evil.example", "http://shop.example", "null", ""] {
        assert_eq!(status(&server, "/", &[("origin", origin)]).await, StatusCode::FORBIDDEN, "{origin}");
    }
    let twice = [("origin", "https://shop.example"), ("origin", "https://evil.example")];
    assert_eq!(status(&server, "/", &twice).await, StatusCode::FORBIDDEN);
    server.empty().await;
}

#[tokio::test]
async fn the_servers_own_pages_may_connect() {
    let server = Server::start(WsOptions::default()).await;
    let own = format!("http://{}", server.address);
    assert_eq!(status(&server, "/", &[("origin", &own)]).await, StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(status(&server, "/", &[("origin", "http://127.0.0.1:1")]).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_origin_can_be_required() {
    let options = WsOptions { allowed_origins: Origins::Any, require_origin: true, ..Default::default() };
    let server = Server::start(options).await;
    assert_eq!(status(&server, "/", &[]).await, StatusCode::FORBIDDEN);
    assert_eq!(status(&server, "/", &[("origin", "null")]).await, StatusCode::SWITCHING_PROTOCOLS);
}

#[tokio::test]
async fn a_ticket_of_odd_characters_is_refused() {
    let server = Server::start(WsOptions::default()).await;
    for ticket in ["", "a%20b", "a+b", "a/b"] {
        assert_eq!(status(&server, &format!("/?ticket={ticket}"), &[]).await, StatusCode::BAD_REQUEST, "{ticket}");
    }
    assert_eq!(status(&server, &format!("/?ticket={}", "x".repeat(5_000)), &[]).await, StatusCode::BAD_REQUEST);
}

/// Sends a request of these lines and reads the whole answer.
async fn answer(server: &Server, lines: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.expect("the server listens");
    let request = format!("{lines}\r\nConnection: Upgrade, close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("the server reads");
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.expect("text");
    answer
}

#[tokio::test]
async fn requests_of_the_wrong_form_are_refused_by_status() {
    const KEY: &str = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==";
    let server = Server::start(WsOptions::default()).await;
    let plain = "GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Version: 13".to_owned();
    let post = format!("POST / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n{KEY}");
    let old = format!("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n{KEY}");
    let ancient = format!("GET / HTTP/1.0\r\nHost: a\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n{KEY}");
    let keyless = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13".to_owned();
    let table = [
        (plain, "426", "upgrade: websocket", "upgrade_required"),
        (post, "405", "allow: GET", "method_not_allowed"),
        (old, "426", "sec-websocket-version: 13", "upgrade_required"),
        (ancient, "505", "", "http_version"),
        (keyless, "400", "", "bad_request"),
    ];
    for (lines, status, header, code) in table {
        let answer = answer(&server, &lines).await;
        assert!(answer.split(' ').nth(1) == Some(status), "{lines}: {answer}");
        assert!(answer.contains(header), "{lines}: {answer}");
        assert!(answer.contains(&format!(r#""code":"{code}""#)), "{lines}: {answer}");
    }
}
