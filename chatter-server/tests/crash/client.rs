//! One connection of a test client: frames of JSON over a WebSocket, nothing more.

use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// Where the server takes connections.
const PATH: &str = "/ws";

/// Why a connection is no more, for people who look for the reason of a failure.
#[derive(Debug)]
pub(crate) struct Lost(pub(crate) String);

impl<E: std::error::Error> From<E> for Lost {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Client {
    socket: WebSocketStream<TcpStream>,
}

impl Client {
    /// Connects once.
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self, Lost> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let url = format!("ws://{address}{PATH}");
        let (socket, _) = tokio_tungstenite::client_async(url, stream).await?;
        Ok(Self { socket })
    }

    /// Writes frames with a single flush, so that they are on their way together.
    pub(crate) async fn send(&mut self, frames: impl IntoIterator<Item = Value>) -> Result<(), Lost> {
        for frame in frames {
            self.socket.feed(Message::text(frame.to_string())).await?;
        }
        Ok(self.socket.flush().await?)
    }

    /// The next frame. May be dropped while it waits, without losing one.
    pub(crate) async fn next(&mut self) -> Result<Value, Lost> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text)?),
                Some(Ok(Message::Close(frame))) => {
                    return Err(Lost(frame.map_or_else(|| "closed".to_owned(), |f| format!("closed: {f}"))));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(other)) => return Err(Lost(format!("an unexpected frame: {other:?}"))),
                Some(Err(error)) => return Err(error.into()),
                None => return Err(Lost("the end of the stream".to_owned())),
            }
        }
    }
}
