//! One WebSocket, shared by the two loops of its task.

use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chatter_core::CloseReason;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, error::ProtocolError};

use crate::WsOptions;

/// The largest piece written as one WebSocket frame. A larger message goes out in several, so that the
/// write buffer, which tungstenite never shrinks, stays small whatever a connection once was sent.
pub(crate) const PIECE_BYTES: usize = 16 << 10;

/// The socket behind a mutex that is never contended: only its own task locks it, for single polls.
pub(crate) struct Wire<S> {
    socket: Mutex<WebSocketStream<S>>,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The peer is to be told this.
    Tell(CloseReason),
    /// The peer said that it ends; it is owed the echo.
    Answered,
    /// There is nobody to tell.
    Gone,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(crate) async fn new(stream: S, options: &WsOptions) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(options.read_buffer_bytes)
            .write_buffer_size(options.write_buffer_bytes)
            .max_write_buffer_size(options.write_buffer_bytes + 2 * PIECE_BYTES)
            .max_message_size(Some(options.frame_bytes_max))
            .max_frame_size(Some(options.frame_bytes_max));
        Self { socket: Mutex::new(WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await) }
    }

    /// The next message, or how the connection ends. Cancel-safe.
    pub(crate) async fn read(&self) -> Result<Message, End> {
        match poll_fn(|cx| self.lock().poll_next_unpin(cx)).await {
            Some(Ok(Message::Close(_))) => Err(End::Answered),
            Some(Ok(message)) => Ok(message),
            Some(Err(error)) => Err(fault(&error)),
            None => Err(End::Gone),
        }
    }

    /// Hands one piece to the socket without flushing; waits while the socket is full.
    pub(crate) async fn feed(&self, message: Message) -> Result<(), End> {
        poll_fn(|cx| self.lock().poll_ready_unpin(cx)).await.map_err(|error| fault(&error))?;
        self.lock().start_send_unpin(message).map_err(|error| fault(&error))
    }

    /// Waits until everything handed over is with the kernel.
    pub(crate) async fn flush(&self) -> Result<(), End> {
        poll_fn(|cx| self.lock().poll_flush_unpin(cx)).await.map_err(|error| fault(&error))
    }

    /// Says farewell as the end demands and waits for the peer's side to close, within the limit.
    pub(crate) async fn finish(self, end: End, limit: Duration) {
        let mut socket = self.socket.into_inner().unwrap_or_else(PoisonError::into_inner);
        let farewell = async {
            match end {
                End::Gone => return,
                // The echo lies ready inside; flushing writes it.
                End::Answered => drop(socket.flush().await),
                End::Tell(reason) => {
                    let frame = CloseFrame { code: reason.code().into(), reason: reason.word().into() };
                    // Flushed first: tungstenite would write a pong that it still owes after the close frame.
                    if socket.flush().await.is_err() || socket.send(Message::Close(Some(frame))).await.is_err() {
                        return;
                    }
                }
            }
            let stream = socket.get_mut();
            if stream.shutdown().await.is_ok() {
                drain(stream).await;
            }
        };
        // A peer that takes longer learns it from the socket.
        let _ = timeout(limit, farewell).await;
    }

    fn lock(&self) -> MutexGuard<'_, WebSocketStream<S>> {
        self.socket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A text message in pieces of at most [`PIECE_BYTES`], in order. The text is copied once for each
/// connection here; its JSON was made once for all of them.
pub(crate) fn pieces(json: &str) -> impl Iterator<Item = Message> {
    let count = json.len().div_ceil(PIECE_BYTES).max(1);
    json.as_bytes().chunks(PIECE_BYTES).enumerate().map(move |(index, chunk)| {
        let data = if index == 0 { Data::Text } else { Data::Continue };
        Message::Frame(Frame::message(Bytes::copy_from_slice(chunk), OpCode::Data(data), index + 1 == count))
    })
}

/// Reads and forgets until the peer closes its side. Closing a socket with unread bytes in it would reset
/// the connection, and the reset may overtake the close frame.
async fn drain<S: AsyncRead + Unpin>(stream: &mut S) {
    let mut forgotten = vec![0; 4 << 10];
    while stream.read(&mut forgotten).await.is_ok_and(|read| read > 0) {}
}

/// What a fault of the socket or the peer means for the connection.
fn fault(error: &Error) -> End {
    match error {
        Error::Capacity(_) => End::Tell(CloseReason::TooLarge),
        Error::Utf8(_) => End::Tell(CloseReason::NotUtf8),
        Error::Protocol(
            ProtocolError::ResetWithoutClosingHandshake
            | ProtocolError::SendAfterClosing
            | ProtocolError::ReceivedAfterClosing,
        ) => End::Gone,
        Error::Protocol(_) | Error::AttackAttempt => End::Tell(CloseReason::ProtocolError),
        // Only a peer that asks for pongs and never reads them fills the buffer up to here.
        Error::WriteBufferFull(_) => End::Tell(CloseReason::Slow),
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Io(_)
        | Error::Tls(_)
        | Error::Url(_)
        | Error::Http(_)
        | Error::HttpFormat(_) => End::Gone,
    }
}
