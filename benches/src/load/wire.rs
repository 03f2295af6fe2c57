//! One WebSocket of the generator, with buffers as small as the server's: tungstenite clears the read buffer before
//! every read, so that large ones would make the generator the bottleneck.

use std::fmt;
use std::net::SocketAddr;
use std::task::Poll;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::LoadError;

const BUFFER_BYTES: usize = 4 << 10;
/// How long any single answer may take while people sign in and sit down. Only a hang reaches it.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// Where a server takes WebSockets: a resolved address, and what stands in the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    socket: SocketAddr,
    url: String,
}

impl Address {
    /// Reads `ws://host:port/path` and looks the host up.
    ///
    /// # Errors
    /// When it is no such address, or the host is not found.
    pub async fn resolve(url: &str) -> Result<Self, LoadError> {
        let rule = "must be an address such as ws://127.0.0.1:8080/ws";
        let wrong = || LoadError::Flag { flag: "--url", rule };
        let rest = url.strip_prefix("ws://").ok_or_else(wrong)?;
        let authority = rest.split('/').next().filter(|authority| !authority.is_empty()).ok_or_else(wrong)?;
        let with_port = if authority.rsplit(']').next().is_some_and(|end| end.contains(':')) {
            authority.to_owned()
        } else {
            format!("{authority}:80")
        };
        let mut found =
            tokio::net::lookup_host(with_port).await.map_err(LoadError::io("looking up the host of --url"))?;
        Ok(Self { socket: found.next().ok_or_else(wrong)?, url: url.to_owned() })
    }

    /// The same server on another path.
    #[must_use]
    pub(crate) fn at(&self, path: &str) -> Self {
        Self { socket: self.socket, url: format!("ws://{}{path}", self.socket) }
    }
}

/// An open WebSocket.
pub(crate) struct Wire {
    socket: WebSocketStream<TcpStream>,
}

/// What came in.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A frame of the protocol.
    Frame(Utf8Bytes),
    /// The end, with the close code if one was sent.
    End(Option<u16>),
}

impl Wire {
    /// Opens a WebSocket.
    pub(crate) async fn open(address: &Address) -> Result<Self, LoadError> {
        let stream = TcpStream::connect(address.socket).await.map_err(LoadError::io("connecting"))?;
        stream.set_nodelay(true).map_err(LoadError::io("connecting"))?;
        let config = WebSocketConfig::default().read_buffer_size(BUFFER_BYTES).write_buffer_size(BUFFER_BYTES);
        let opened = client_async_with_config(address.url.as_str(), stream, Some(config)).await;
        let (socket, _) = opened.map_err(|error| LoadError::Handshake(Box::new(error)))?;
        Ok(Self { socket })
    }

    /// The next frame or the end. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Heard {
        loop {
            if let Some(heard) = meaning(self.socket.next().await) {
                return heard;
            }
        }
    }

    /// The next frame, if it is there already.
    pub(crate) async fn ready(&mut self) -> Option<Heard> {
        loop {
            let polled = std::future::poll_fn(|cx| match self.socket.poll_next_unpin(cx) {
                Poll::Ready(item) => Poll::Ready(Some(item)),
                Poll::Pending => Poll::Ready(None),
            });
            if let Some(heard) = meaning(polled.await?) {
                return Some(heard);
            }
        }
    }

    /// Hands over a frame without flushing; false when the connection has ended.
    pub(crate) async fn feed(&mut self, json: String) -> bool {
        self.socket.feed(Message::text(json)).await.is_ok()
    }

    /// Brings everything handed over on its way; false when the connection has ended.
    pub(crate) async fn flush(&mut self) -> bool {
        self.socket.flush().await.is_ok()
    }

    /// Sends one frame and waits for the one that answers it.
    pub(crate) async fn ask(&mut self, doing: &'static str, mut frame: Value) -> Result<Value, LoadError> {
        const REFERENCE: &str = "ask";
        frame["ref"] = REFERENCE.into();
        self.say(doing, &frame).await?;
        let answer = self.frame(doing, |frame| frame["ref"] == REFERENCE).await?;
        if answer["type"] == "error" {
            let code = answer["code"].as_str().unwrap_or_default().to_owned();
            return Err(LoadError::Refused { doing, code });
        }
        Ok(answer)
    }

    /// Sends one frame.
    pub(crate) async fn say(&mut self, doing: &'static str, frame: &Value) -> Result<(), LoadError> {
        let sent = self.feed(frame.to_string()).await && self.flush().await;
        if sent { Ok(()) } else { Err(LoadError::Ended { doing, code: None }) }
    }

    /// Waits for a frame that fits; passes over others.
    pub(crate) async fn frame(
        &mut self,
        doing: &'static str,
        fits: impl Fn(&Value) -> bool,
    ) -> Result<Value, LoadError> {
        let found = async {
            loop {
                let text = match self.next().await {
                    Heard::Frame(text) => text,
                    Heard::End(code) => return Err(LoadError::Ended { doing, code }),
                };
                let frame: Value =
                    serde_json::from_str(&text).map_err(|_| LoadError::Frame { doing, lacks: "JSON" })?;
                if fits(&frame) {
                    return Ok(frame);
                }
            }
        };
        timeout(ANSWER_WITHIN, found).await.unwrap_or(Err(LoadError::TimedOut { doing, limit: ANSWER_WITHIN }))
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

/// None for what tungstenite deals with by itself.
fn meaning(item: Option<Result<Message, tungstenite::Error>>) -> Option<Heard> {
    match item {
        Some(Ok(Message::Text(text))) => Some(Heard::Frame(text)),
        Some(Ok(Message::Close(frame))) => Some(Heard::End(frame.map(|frame| frame.code.into()))),
        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_))) => None,
        Some(Err(_)) | None => Some(Heard::End(None)),
    }
}
