use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::DEADLINE;

/// One WebSocket to the server.
#[derive(Debug)]
pub(crate) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Frames that came while another was waited for.
    passed: Vec<Value>,
    next_reference: u32,
}

/// How the server closed a connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Closed {
    /// The close code; none when the connection just ended.
    pub(crate) code: Option<u16>,
    /// The word sent with it.
    pub(crate) word: String,
}

impl Client {
    /// Opens a WebSocket.
    pub(crate) async fn connect(url: &str) -> Result<Self, Error> {
        let (socket, _) = timeout(DEADLINE, connect_async(url)).await.expect("an answer in time")?;
        Ok(Self { socket, passed: Vec::new(), next_reference: 1 })
    }

    /// Sends one frame as it stands.
    pub(crate) async fn send(&mut self, frame: &Value) {
        self.socket.send(Message::text(frame.to_string())).await.unwrap();
    }

    /// Sends a message of the socket as it stands, whatever it holds.
    pub(crate) async fn send_raw(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// The frames that came so far while others were waited for, and were not asked for since.
    pub(crate) fn passed(&self) -> &[Value] {
        &self.passed
    }

    /// Sends a frame with a reference of its own and gives the frame that answers it.
    pub(crate) async fn ask(&mut self, mut frame: Value) -> Value {
        let reference = self.next_reference.to_string();
        self.next_reference += 1;
        frame["ref"] = json!(reference);
        self.send(&frame).await;
        self.frame(|answer| answer["ref"] == reference.as_str()).await
    }

    /// Says hello and gives the answer: `ready` or `error`.
    pub(crate) async fn hello(&mut self, role: &str, credential: Value) -> Value {
        let mut hello = json!({ "type": "hello", "protocol": 1, "role": role });
        for (name, value) in credential.as_object().into_iter().flatten() {
            hello[name] = value.clone();
        }
        self.ask(hello).await
    }

    /// The next frame that fits, among those passed over before too.
    pub(crate) async fn frame(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.passed.iter().position(&fits) {
            return self.passed.remove(at);
        }
        loop {
            let frame = self.next().await;
            if fits(&frame) {
                return frame;
            }
            self.passed.push(frame);
        }
    }

    /// Waits until the newest frame of this type, which tells a whole state, fits.
    pub(crate) async fn newest(&mut self, kind: &str, fits: impl Fn(&Value) -> bool) {
        while !self.passed.iter().rfind(|frame| frame["type"] == kind).is_some_and(&fits) {
            let frame = self.next().await;
            self.passed.push(frame);
        }
    }

    async fn next(&mut self) -> Value {
        let found = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    other => panic!("the connection ended before the frame came: {other:?}; seen: {:?}", self.passed),
                }
            }
        };
        timeout(DEADLINE, found).await.unwrap_or_else(|_| panic!("the frame does not come; seen: {:?}", self.passed))
    }

    /// The next frame of this type.
    pub(crate) async fn frame_of(&mut self, kind: &str) -> Value {
        self.frame(|frame| frame["type"] == kind).await
    }

    /// Waits until the server closes; frames before that are passed over.
    pub(crate) async fn closed(self) -> Closed {
        self.read_until_closed().await.1
    }

    /// Waits until the server closes, and gives the frames before that, too.
    pub(crate) async fn read_until_closed(mut self) -> (Vec<Value>, Closed) {
        let end = async {
            let mut closed = Closed { code: None, word: String::new() };
            while let Some(Ok(message)) = self.socket.next().await {
                match message {
                    Message::Text(text) => self.passed.push(serde_json::from_str(&text).unwrap()),
                    Message::Close(Some(frame)) => {
                        closed = Closed { code: Some(frame.code.into()), word: frame.reason.to_string() };
                    }
                    Message::Binary(_)
                    | Message::Ping(_)
                    | Message::Pong(_)
                    | Message::Frame(_)
                    | Message::Close(None) => {}
                }
            }
            (self.passed, closed)
        };
        timeout(DEADLINE, end).await.expect("the connection ends in time")
    }
}
