//! The routes and the accept loop over real sockets, without an engine behind them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chatter_core::DeskId;
use chatter_core::session::{Credential, Gatekeeper as _};
use http::{Request, StatusCode};
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::answer::Answer;
use super::{Limits, Listener, Origins, Site};
use crate::auth::{Accounts, Gate, Tokens};
use crate::secret::Secret;

/// Far beyond what anything here takes; only a hang reaches it.
const DEADLINE: Duration = Duration::from_secs(20);

struct Running {
    address: SocketAddr,
    gate: Arc<Gate>,
    healthy: Arc<AtomicBool>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

async fn running(header_timeout: Duration, max_connections: usize) -> Running {
    let secret = Secret::new("0123456789abcdef0123456789abcdef");
    let tokens = Tokens::new(DeskId::default(), &secret, None);
    let gate = Arc::new(Gate::new(tokens, Accounts::new(&[], &secret), 3));
    let healthy = Arc::new(AtomicBool::new(true));
    let site = Site {
        gate: Arc::clone(&gate),
        origins: Origins::new(&["https://shop.example".to_owned()], None),
        upgrade: Box::new(|request, _| upgraded(request)),
        healthy: Arc::clone(&healthy),
        https: false,
    };
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), Limits { header_timeout, max_connections });
    let listener = listener.unwrap();
    let address = listener.address().unwrap();
    let stop = CancellationToken::new();
    let task = tokio::spawn(listener.serve(Arc::new(site), stop.clone()));
    Running { address, gate, healthy, stop, task }
}

/// Customers who all come back at once wait with the kernel until they are accepted; one without room there would be told
/// nothing and try again a second later.
#[tokio::test]
async fn a_crowd_that_comes_at_once_finds_room() {
    let limits = Limits { header_timeout: DEADLINE, max_connections: 1_000 };
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), limits).unwrap();
    let address = listener.address().unwrap();
    // Some systems give less than was asked for.
    let given = std::fs::read_to_string("/proc/sys/net/core/somaxconn");
    let room: usize = given.ok().and_then(|given| given.trim().parse().ok()).unwrap_or(128);
    let mut crowd = Vec::new();
    for _ in 0..room.min(500) {
        crowd.push(timeout(DEADLINE, TcpStream::connect(address)).await.unwrap().unwrap());
    }
}

/// Stands for the WebSocket: an echo until the peer goes.
fn upgraded(mut request: Request<Incoming>) -> Answer {
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut io = hyper_util::rt::TokioIo::new(upgrade.await.unwrap());
        let mut byte = [0];
        while let Ok(1) = io.read(&mut byte).await {
            io.write_all(&byte).await.unwrap();
            io.flush().await.unwrap();
        }
    });
    let mut answer = Answer::default();
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    answer.headers_mut().insert("connection", "upgrade".parse().unwrap());
    answer.headers_mut().insert("upgrade", "websocket".parse().unwrap());
    answer
}

const UPGRADE: &str = "GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";

impl Running {
    async fn usual() -> Self {
        running(Duration::from_secs(10), 100).await
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends a request that ends the connection and gives the whole answer.
    async fn ask(&self, head: &str) -> String {
        let mut stream = self.connect().await;
        let (line, headers) = head.split_once('\n').unwrap_or((head, ""));
        let headers: String = headers.lines().map(|line| format!("{}\r\n", line.trim())).collect();
        let request = format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
        // The server may answer and close before it has read a request that is too large.
        let _ = stream.write_all(request.as_bytes()).await;
        until_closed(&mut stream).await
    }

    async fn token(&self) -> String {
        self.gate.authenticate(Credential::Anonymous, None).await.unwrap().token.unwrap()
    }
}

/// Everything until the peer closes; a reset counts as closing.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let mut part = [0; 4_096];
    loop {
        match timeout(DEADLINE, stream.read(&mut part)).await.expect("the connection is closed in time") {
            Ok(0) | Err(_) => return String::from_utf8(all).unwrap(),
            Ok(n) => all.extend_from_slice(&part[..n]),
        }
    }
}

fn status(answer: &str) -> u16 {
    answer.get(9..12).unwrap_or_else(|| panic!("no status in {answer:?}")).parse().unwrap()
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next().unwrap();
    head.lines().skip(1).find_map(|line| line.split_once(": ").filter(|(found, _)| *found == name).map(|(_, v)| v))
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

#[tokio::test]
async fn every_path_answers_as_it_should() {
    let server = Running::usual().await;
    for (request, code, content_type) in [
        ("GET /", 200, "text/html; charset=utf-8"),
        ("GET /?from=here", 200, "text/html; charset=utf-8"),
        ("GET /agent", 200, "text/html; charset=utf-8"),
        ("GET /assets/style.css", 200, "text/css; charset=utf-8"),
        ("GET /assets/customer.js", 200, "text/javascript; charset=utf-8"),
        ("GET /healthz", 200, "application/json"),
        ("HEAD /", 200, "text/html; charset=utf-8"),
        ("POST /", 405, "application/json"),
        ("DELETE /healthz", 405, "application/json"),
        ("GET /api/v1/tickets", 405, "application/json"),
        ("POST /api/v1/tickets", 401, "application/json"),
        ("GET /assets/customer.html", 404, "application/json"),
        ("GET /assets/", 404, "application/json"),
        ("GET /assets/../Cargo.toml", 404, "application/json"),
        ("GET /assets/%2e%2e/Cargo.toml", 404, "application/json"),
        ("GET /.env", 404, "application/json"),
        ("POST /nothing", 404, "application/json"),
    ] {
        let answer = server.ask(request).await;
        assert_eq!((status(&answer), header(&answer, "content-type")), (code, Some(content_type)), "{request}");
        assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"), "{request}");
        if code >= 400 {
            let refusal: serde_json::Value = serde_json::from_str(body(&answer)).unwrap();
            assert!(refusal["code"].is_string() && refusal["message"].is_string(), "{request}");
        }
        assert_eq!(body(&answer).is_empty(), request.starts_with("HEAD"), "{request}");
    }
}

#[tokio::test]
async fn pages_carry_every_header_of_protection() {
    let server = Running::usual().await;
    for path in ["GET /", "GET /agent", "GET /nothing"] {
        let answer = server.ask(path).await;
        let policy = header(&answer, "content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
            "trusted-types 'none'",
        ] {
            assert!(policy.split("; ").any(|found| found == part), "{path}: {part}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        for (name, value) in [
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(header(&answer, name), Some(value), "{path}");
        }
    }
}

#[tokio::test]
async fn a_copy_is_kept_as_long_as_it_is_the_same() {
    let server = Running::usual().await;
    let first = server.ask("GET /assets/style.css").await;
    assert_eq!(header(&first, "cache-control"), Some("no-cache"));
    let tag = header(&first, "etag").unwrap();
    let again = server.ask(&format!("GET /assets/style.css\nif-none-match: {tag}")).await;
    assert_eq!((status(&again), body(&again)), (304, ""));
    let other = server.ask("GET /assets/style.css\nif-none-match: \"old\"").await;
    assert_eq!(status(&other), 200);
}

#[tokio::test]
async fn health_is_told_truly() {
    let server = Running::usual().await;
    server.healthy.store(false, Ordering::Relaxed);
    assert_eq!(status(&server.ask("GET /healthz").await), 503);
}

#[tokio::test]
async fn a_ticket_is_given_for_a_good_token_only() {
    let server = Running::usual().await;
    let token = server.token().await;
    let answer = server.ask(&format!("POST /api/v1/tickets\nauthorization: Bearer {token}")).await;
    assert_eq!((status(&answer), header(&answer, "cache-control")), (200, Some("no-store")));
    let ticket: serde_json::Value = serde_json::from_str(body(&answer)).unwrap();
    assert_eq!(ticket["expires_in"], 30);
    let ticket = Credential::Ticket(ticket["ticket"].as_str().unwrap().to_owned());
    assert!(server.gate.authenticate(ticket, None).await.is_ok());
    for authorization in [
        String::new(),
        "authorization: Bearer x.y.z".to_owned(),
        format!("authorization: Basic {token}"),
        format!("authorization: {token}"),
        format!("authorization: Bearer {token}\nauthorization: Bearer {token}"),
    ] {
        let answer = server.ask(&format!("POST /api/v1/tickets\n{authorization}")).await;
        assert_eq!((status(&answer), header(&answer, "www-authenticate")), (401, Some("Bearer")), "{authorization}");
    }
    let answer = server.ask(&format!("POST /api/v1/tickets\nauthorization: Bearer {}", token.repeat(5_000))).await;
    assert!(answer.is_empty() || status(&answer) == 431, "a megabyte is not even read: {answer}");
}

#[tokio::test]
async fn only_listed_sites_and_own_pages_may_ask() {
    let server = Running::usual().await;
    let token = server.token().await;
    let ask = |origin: &str| format!("POST /api/v1/tickets\norigin: {origin}\nauthorization: Bearer {token}");
    let listed = server.ask(&ask("https://shop.example")).await;
    assert_eq!((status(&listed), header(&listed, "access-control-allow-origin")), (200, Some("https://shop.example")));
    let own = server.ask(&ask("http://x")).await;
    assert_eq!((status(&own), header(&own, "access-control-allow-origin")), (200, None));
    for origin in ["https://evil.example", "null"] {
        let answer = server.ask(&ask(origin)).await;
        assert_eq!((status(&answer), header(&answer, "access-control-allow-origin")), (403, None));
        let answer = server.ask(&format!("GET /ws\norigin: {origin}\nupgrade: websocket")).await;
        assert_eq!(status(&answer), 403, "WebSockets too");
    }
    let preflight = "OPTIONS /api/v1/tickets\norigin: https://shop.example\naccess-control-request-method: POST";
    let answer = server.ask(preflight).await;
    assert_eq!((status(&answer), header(&answer, "access-control-allow-methods")), (204, Some("POST")));
    assert_eq!(header(&answer, "vary"), Some("origin"));
}

#[tokio::test]
async fn slow_clients_are_cut_off_and_disturb_nobody() {
    let server = running(Duration::from_millis(300), 100).await;
    let mut silent = server.connect().await;
    let mut halting = server.connect().await;
    let mut idle = server.connect().await;
    halting.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let (mut reading, mut writing) = halting.split();
    let drip = async {
        while writing.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let cut = async {
        let mut all = Vec::new();
        // A reset is a cut as well.
        let _ = timeout(DEADLINE, reading.read_to_end(&mut all)).await.expect("cut in time");
    };
    let other = async {
        for _ in 0..20 {
            assert_eq!(status(&server.ask("GET /healthz").await), 200);
        }
    };
    tokio::join!(
        async {
            tokio::select! { () = drip => {}, () = cut => {} }
        },
        other
    );
    assert_eq!(until_closed(&mut silent).await, "", "not a byte came, so nothing is answered");
    assert_eq!(status(&until_closed(&mut idle).await), 200, "answered, and closed when nothing more came");
}

#[tokio::test]
async fn a_body_that_never_ends_is_not_waited_for() {
    let server = Running::usual().await;
    let mut stream = server.connect().await;
    stream.write_all(b"POST /api/v1/tickets HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\na").await.unwrap();
    assert_eq!(status(&until_closed(&mut stream).await), 401);
}

#[tokio::test]
async fn seats_are_bounded_and_freed_with_the_socket_even_an_upgraded_one() {
    let server = running(Duration::from_secs(10), 1).await;
    let mut first = server.connect().await;
    first.write_all(UPGRADE.as_bytes()).await.unwrap();
    let mut head = [0; 12];
    first.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 101");
    let mut second = server.connect().await;
    let answer = until_closed(&mut second).await;
    assert_eq!((status(&answer), header(&answer, "retry-after")), (503, Some("5")));
    assert_eq!(header(&answer, "content-length").unwrap(), body(&answer).len().to_string());
    drop(first);
    let freed = async {
        loop {
            let mut next = server.connect().await;
            let _ = next.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
            let answer = until_closed(&mut next).await;
            if answer.starts_with("HTTP/1.1 200") {
                break;
            }
        }
    };
    timeout(DEADLINE, freed).await.expect("the seat is free again");
}

#[tokio::test]
async fn stopping_waits_for_nobody_who_is_silent() {
    let server = running(Duration::from_secs(600), 100).await;
    let mut silent = server.connect().await;
    let mut idle = server.connect().await;
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).await.unwrap();
    server.stop.cancel();
    timeout(DEADLINE, server.task).await.expect("it stops").unwrap();
    until_closed(&mut silent).await;
    until_closed(&mut idle).await;
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
}
