//! The other side: a real client, and a raw one that can say anything.

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::engine::HELLO;
use super::{Server, soon};

/// A well-behaved client.
pub(super) struct Client {
    pub(super) socket: WebSocketStream<TcpStream>,
}

impl Client {
    pub(super) async fn connect(server: &Server) -> Self {
        Self::request(server, "/", &[]).await.expect("the server takes it")
    }

    /// Connects and says hello; the `ready` frame has been read.
    pub(super) async fn enter(server: &Server) -> Self {
        let mut client = Self::connect(server).await;
        client.send(HELLO).await;
        assert_eq!(client.words().await, "ready");
        client
    }

    /// With a path and headers of one's own.
    pub(super) async fn request(server: &Server, path: &str, headers: &[(&'static str, &str)]) -> Result<Self, Error> {
        let mut request = format!("ws://{}{path}", server.address).into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().expect("a header value"));
        }
        let stream = TcpStream::connect(server.address).await.expect("the server listens");
        let (socket, _response) = soon(tokio_tungstenite::client_async(request, stream)).await?;
        Ok(Self { socket })
    }

    pub(super) async fn send(&mut self, text: &str) {
        soon(self.socket.send(Message::text(text))).await.expect("the server reads");
    }

    /// The next frame's JSON.
    pub(super) async fn json(&mut self) -> Value {
        let message = self.next().await;
        let Message::Text(text) = message else { panic!("a text frame should come, not {message:?}") };
        serde_json::from_str(&text).expect("frames are JSON")
    }

    /// The words that the fake engine put into the next frame.
    pub(super) async fn words(&mut self) -> String {
        self.json().await["ref"].as_str().expect("a sample frame").to_owned()
    }

    pub(super) async fn echo(&mut self, words: &str) {
        self.send(&format!(r#"{{"echo":"{words}"}}"#)).await;
        assert_eq!(self.words().await, words);
    }

    /// Reads until the server closes.
    pub(super) async fn closed(&mut self) -> (u16, String) {
        loop {
            if let Message::Close(frame) = self.next().await {
                let frame = frame.expect("the server names its reason");
                return (frame.code.into(), frame.reason.as_str().to_owned());
            }
        }
    }

    async fn next(&mut self) -> Message {
        loop {
            let message = soon(self.socket.next()).await.expect("the server closes first").expect("a good frame");
            if !message.is_ping() {
                return message;
            }
        }
    }
}

/// A peer that writes bytes.
pub(super) struct Raw {
    pub(super) stream: TcpStream,
}

/// What a raw peer reads: the opcode with its flags, and the payload.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RawFrame {
    pub(super) head: u8,
    pub(super) payload: Vec<u8>,
}

impl Raw {
    /// Connects; `first` follows the handshake's request in the same write.
    pub(super) async fn connect(server: &Server, first: &[u8]) -> Self {
        let mut stream = TcpStream::connect(server.address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a TCP socket");
        let mut request = format!(
            "GET / HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
            server.address
        )
        .into_bytes();
        request.extend_from_slice(first);
        stream.write_all(&request).await.expect("the server reads");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(soon(stream.read_u8()).await.expect("the server answers"));
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        Self { stream }
    }

    /// Connects and says hello; the `ready` frame has been read.
    pub(super) async fn enter(server: &Server) -> Self {
        let mut raw = Self::connect(server, &masked(0x81, HELLO.as_bytes())).await;
        assert_eq!(raw.words().await, "ready");
        raw
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) {
        soon(self.stream.write_all(bytes)).await.expect("the server reads");
    }

    pub(super) async fn read(&mut self) -> RawFrame {
        soon(async {
            let head = self.stream.read_u8().await.expect("a frame");
            let length = match self.stream.read_u8().await.expect("a length") {
                126 => usize::from(self.stream.read_u16().await.expect("a length")),
                127 => usize::try_from(self.stream.read_u64().await.expect("a length")).expect("it fits"),
                short => usize::from(short),
            };
            let mut payload = vec![0; length];
            self.stream.read_exact(&mut payload).await.expect("a payload");
            RawFrame { head, payload }
        })
        .await
    }

    pub(super) async fn words(&mut self) -> String {
        let frame = self.read().await;
        assert_eq!(frame.head, 0x81, "a whole text frame");
        let json: Value = serde_json::from_slice(&frame.payload).expect("frames are JSON");
        json["ref"].as_str().expect("a sample frame").to_owned()
    }

    /// Reads until the server closes, and on until the connection has ended.
    pub(super) async fn closed(&mut self) -> (u16, String) {
        let frame = loop {
            let frame = self.read().await;
            if frame.head == 0x88 {
                break frame;
            }
        };
        let (code, word) = frame.payload.split_at(2);
        let code = u16::from_be_bytes(code.try_into().expect("two bytes"));
        let rest = soon(self.stream.read(&mut [0])).await.expect("an orderly end");
        assert_eq!(rest, 0, "nothing follows a close frame");
        (code, String::from_utf8(word.to_vec()).expect("a word"))
    }
}

const MASK: [u8; 4] = [1, 2, 3, 4];

/// A client's frame with this first byte, masked as it must be.
pub(super) fn masked(head: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = declared(head, payload.len() as u64);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// The beginning of a masked frame that declares this length, up to where the payload starts.
pub(super) fn declared(head: u8, length: u64) -> Vec<u8> {
    let mut frame = vec![head];
    match length {
        0..=125 => frame.push(0x80 | u8::try_from(length).expect("short")),
        126..=0xffff => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&u16::try_from(length).expect("two bytes").to_be_bytes());
        }
        _ => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&length.to_be_bytes());
        }
    }
    frame.extend_from_slice(&MASK);
    frame
}
