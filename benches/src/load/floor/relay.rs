//! The process of a floor: two connections a chat, each frame of one handed to the other.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::FloorKind;
use super::durable::Ledger;
use crate::load::LoadError;

/// Frames taken from a connection's queue for one flush.
const TURN: usize = 64;

/// The two sides of one chat, as those who send to them know them.
#[derive(Debug)]
pub(super) struct Chat {
    pub(super) number: u64,
    sides: [UnboundedSender<Utf8Bytes>; 2],
    waiting: Mutex<[Option<UnboundedReceiver<Utf8Bytes>>; 2]>,
}

impl Chat {
    fn new(number: u64) -> Self {
        let (first, second) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        Self { number, sides: [first.0, second.0], waiting: Mutex::new([Some(first.1), Some(second.1)]) }
    }

    pub(super) fn send(&self, side: usize, json: Utf8Bytes) {
        // A side that has gone hears nothing; a floor has no one who comes back.
        let _ = self.sides[side].send(json);
    }
}

/// What all connections of a floor share.
struct House {
    kind: FloorKind,
    chats: Mutex<HashMap<u64, Arc<Chat>>>,
    ledger: Option<Ledger>,
}

/// Runs a floor until its process is killed. Its database, if it has one, lies in `folder`.
///
/// # Errors
/// When it cannot listen, or cannot make its database.
pub async fn serve(kind: FloorKind, folder: &Path) -> Result<(), LoadError> {
    let ledger = if kind.acks() { Some(Ledger::open(&folder.join("floor.db"))?) } else { None };
    let house = Arc::new(House { kind, chats: Mutex::default(), ledger });
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(LoadError::io("listening"))?;
    let address = listener.local_addr().map_err(LoadError::io("listening"))?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on http://{address}").and_then(|()| out.flush()).map_err(LoadError::io("printing"))?;
    drop(out);
    loop {
        let (stream, _) = listener.accept().await.map_err(LoadError::io("accepting"))?;
        stream.set_nodelay(true).map_err(LoadError::io("accepting"))?;
        tokio::spawn(greet(stream, Arc::clone(&house)));
    }
}

async fn greet(stream: TcpStream, house: Arc<House>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let house = Arc::clone(&house);
        async move { Ok::<_, Infallible>(upgrade(request, house)) }
    });
    // A floor is measured by the generator alone; what a broken connection says is counted there.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await);
}

fn upgrade(request: Request<Incoming>, house: Arc<House>) -> Response<Full<Bytes>> {
    let refused = || {
        let mut response = Response::new(Full::default());
        *response.status_mut() = hyper::StatusCode::BAD_REQUEST;
        response
    };
    let Some((chat, side)) = place(request.uri().path()) else { return refused() };
    let Ok(response) = create_response_with_body(&request, Full::default) else { return refused() };
    let mut chats = house.chats.lock().unwrap_or_else(PoisonError::into_inner);
    let chat = Arc::clone(chats.entry(chat).or_insert_with(|| Arc::new(Chat::new(chat))));
    drop(chats);
    let taken = chat.waiting.lock().unwrap_or_else(PoisonError::into_inner)[side].take();
    let Some(inbox) = taken else { return refused() };
    tokio::spawn(async move {
        let Ok(upgraded) = hyper::upgrade::on(request).await else { return };
        let config = (house.kind != FloorKind::Plain)
            .then(|| WebSocketConfig::default().read_buffer_size(4 << 10).write_buffer_size(4 << 10));
        let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, config).await;
        hand_on(socket, &chat, side, inbox, house.ledger.as_ref()).await;
    });
    response
}

/// `/CHAT/SIDE`.
fn place(path: &str) -> Option<(u64, usize)> {
    let (chat, side) = path.strip_prefix('/')?.split_once('/')?;
    Some((chat.parse().ok()?, side.parse().ok().filter(|side| *side < 2)?))
}

async fn hand_on<S>(
    mut socket: WebSocketStream<S>,
    chat: &Arc<Chat>,
    side: usize,
    mut inbox: UnboundedReceiver<Utf8Bytes>,
    ledger: Option<&Ledger>,
) where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let mut turn = Vec::with_capacity(TURN);
    loop {
        tokio::select! {
            message = socket.next() => match message {
                Some(Ok(Message::Text(json))) => match ledger {
                    Some(ledger) => ledger.store(Arc::clone(chat), side, json),
                    None => chat.send(1 - side, json),
                },
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            },
            _ = inbox.recv_many(&mut turn, TURN) => {
                for json in turn.drain(..) {
                    if socket.feed(Message::Text(json)).await.is_err() {
                        return;
                    }
                }
                if socket.flush().await.is_err() {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn paths_name_chat_and_side() {
        assert_eq!(place("/17/0"), Some((17, 0)));
        assert_eq!(place("/17/1"), Some((17, 1)));
        for wrong in ["/", "/17", "/17/2", "/x/0", "17/0", "/17/0/1"] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
