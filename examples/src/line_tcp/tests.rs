//! The transport passes the suite, over TCP, in the encoding that keeps frames as they are.

use std::sync::Arc;

use async_trait::async_trait;
use chatter_core::protocol::CustomerFrame;
use chatter_core::testing::transport::{Peer, Rig, Seen};
use chatter_core::{Transport, outbox};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

use super::lines::Lines;
use super::words::Opening;
use super::{Json, LIMITS, run, write_frames};

chatter_core::transport_conformance!(|| Sockets);

struct Sockets;

#[async_trait]
impl Rig for Sockets {
    async fn connect(&self) -> (Arc<dyn Transport<CustomerFrame>>, Box<dyn Peer>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let (sender, outbox) = outbox(LIMITS);
        let transport: Arc<dyn Transport<CustomerFrame>> = sender;
        let engine_side = Arc::clone(&transport);
        // Ends with its connection.
        tokio::spawn(async move {
            let (read, write) = server.into_split();
            let mut lines = Lines::new(read);
            let reading = async { while let Ok(Some(_)) = lines.next().await {} };
            run(&*engine_side, write_frames(outbox, write, Json, None), reading).await
        });
        (transport, Box::new(LinePeer { client, read: Vec::new() }))
    }
}

/// Reads only when asked, and lines of any length.
struct LinePeer {
    client: TcpStream,
    read: Vec<u8>,
}

#[async_trait]
impl Peer for LinePeer {
    async fn next(&mut self) -> Seen {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                let line = String::from_utf8(line).unwrap().trim_end().to_owned();
                return match line.strip_prefix("bye ").and_then(|bye| bye.split_once(' ')) {
                    Some((code, _)) => Seen::Closed(code.parse().ok()),
                    None => Seen::Frame(line),
                };
            }
            match self.client.read_buf(&mut self.read).await {
                Ok(0) | Err(_) => return Seen::Closed(None),
                Ok(_) => {}
            }
        }
    }

    async fn vanish(self: Box<Self>) {}
}

#[test]
fn the_first_line_says_who_comes() {
    let opens = |line: &str| match Opening::of(line.as_bytes()) {
        Opening::Json => "json".to_owned(),
        Opening::Words(hello, _) => format!("{:?} {:?} {:?}", hello.role, hello.username, hello.password),
        Opening::Unclear => "unclear".to_owned(),
    };
    assert_eq!(opens("{\"type\":\"hello\"}"), "json");
    assert_eq!(opens("customer Zoe of Oz"), "Customer None None");
    assert_eq!(opens("agent ada correct horse"), "Agent Some(\"ada\") Some(\"correct horse\")");
    for unclear in ["", "customer", "customer ", "agent ada", "GET / HTTP/1.1", "Customer Zoe"] {
        assert_eq!(opens(unclear), "unclear", "{unclear}");
    }
    assert!(matches!(Opening::of(b"customer \xff"), Opening::Unclear));
}

#[tokio::test]
async fn lines_are_cut_and_bounded() {
    use tokio::io::AsyncWriteExt;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (read, _write) = listener.accept().await.unwrap().0.into_split();
    let mut lines = Lines::new(read);
    client.write_all(b"one\r\n\ntwo").await.unwrap();
    assert_eq!(lines.next().await.unwrap().as_deref(), Some(&b"one"[..]));
    assert_eq!(lines.next().await.unwrap().as_deref(), Some(&b""[..]));
    client.write_all(b" halves\n").await.unwrap();
    assert_eq!(lines.next().await.unwrap().as_deref(), Some(&b"two halves"[..]));
    client.write_all(&[b'x'; 20_000]).await.unwrap();
    assert!(lines.next().await.is_err(), "a line without an end is given up");
}
