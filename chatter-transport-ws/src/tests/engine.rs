//! A made-up engine that does what the tests say.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chatter_core::protocol::{CustomerFrame, Framed, StaffFrame};
use chatter_core::session::Flow;
use chatter_core::{AgentId, CloseReason, CustomerId, Fence, Handed, Principal, SessionId, Transport};
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;

use crate::doorway::{Doorway, Guest, Pass, Turned, Welcome};

/// The frame that asks to be let in.
pub(super) const HELLO: &str = r#"{"type":"hello"}"#;
/// The same as an agent.
pub(super) const HELLO_AGENT: &str = r#"{"type":"hello","role":"agent"}"#;
/// What the engine puts into every frame.
const FENCE: Fence = Fence(7);

/// What the engine sees.
#[derive(Debug)]
pub(super) enum Happening {
    Entered(Sender),
    Received(String),
    Left,
}

/// The transport of someone who entered.
#[derive(Clone, Debug)]
pub(super) enum Sender {
    Customer(Arc<dyn Transport<CustomerFrame>>),
    Staff(Arc<dyn Transport<StaffFrame>>),
}

impl Sender {
    pub(super) fn close(&self, reason: CloseReason) {
        match self {
            Self::Customer(transport) => transport.close(reason),
            Self::Staff(transport) => transport.close(reason),
        }
    }

    pub(super) fn customer(self) -> Arc<dyn Transport<CustomerFrame>> {
        match self {
            Self::Customer(transport) => transport,
            Self::Staff(_) => panic!("a customer should have entered"),
        }
    }
}

/// Lets in whoever says hello, or shows the ticket `good`. The ticket `never` is never judged.
#[derive(Debug)]
pub(super) struct FakeDoor {
    tell: UnboundedSender<Happening>,
}

impl FakeDoor {
    pub(super) const fn new(tell: UnboundedSender<Happening>) -> Self {
        Self { tell }
    }

    fn pass<F>(&self) -> FakePass<F> {
        FakePass { tell: self.tell.clone(), frames: std::marker::PhantomData }
    }

    fn turned(code: &str, reason: CloseReason) -> Turned {
        Turned { json: Some(format!(r#"{{"type":"error","code":"{code}"}}"#)), reason }
    }
}

impl Doorway for FakeDoor {
    type Customer = FakePass<CustomerFrame>;
    type Staff = FakePass<StaffFrame>;

    async fn knock_json(&self, json: &[u8], _peer: IpAddr) -> Result<Welcome<Self::Customer, Self::Staff>, Turned> {
        let hello: Value = serde_json::from_slice(json).unwrap_or_default();
        match (hello["type"].as_str(), hello["role"].as_str()) {
            (Some("hello"), Some("agent")) => Ok(Welcome::Staff(self.pass())),
            (Some("hello"), _) => Ok(Welcome::Customer(self.pass())),
            _ => Err(Self::turned("bad_request", CloseReason::HelloExpected)),
        }
    }

    async fn knock_ticket(&self, ticket: &str, _peer: IpAddr) -> Result<Welcome<Self::Customer, Self::Staff>, Turned> {
        match ticket {
            "good" => Ok(Welcome::Customer(self.pass())),
            "never" => std::future::pending().await,
            _ => Err(Self::turned("not_allowed", CloseReason::Unauthorized)),
        }
    }
}

pub(super) struct FakePass<F> {
    tell: UnboundedSender<Happening>,
    frames: std::marker::PhantomData<fn(F)>,
}

impl<F: Sample> Pass<F> for FakePass<F> {
    type Guest = FakeGuest<F>;

    async fn enter(self, transport: Arc<dyn Transport<F>>) -> Result<FakeGuest<F>, CloseReason> {
        assert_eq!(transport.send(&[sample("ready")]), Handed::Taken);
        let _ = self.tell.send(Happening::Entered(F::sender(Arc::clone(&transport))));
        Ok(FakeGuest { principal: F::principal(), tell: self.tell, transport })
    }
}

/// Does what the frames say: `echo` a text, `flood` with so many frames of a KiB, `wait` so many
/// milliseconds, `stop`; anything is told to the test as well.
pub(super) struct FakeGuest<F> {
    principal: Principal,
    tell: UnboundedSender<Happening>,
    transport: Arc<dyn Transport<F>>,
}

impl<F: Sample> Guest for FakeGuest<F> {
    fn id(&self) -> SessionId {
        SessionId(1)
    }

    fn principal(&self) -> &Principal {
        &self.principal
    }

    async fn receive_json(&self, json: &[u8]) -> Flow {
        let text = String::from_utf8(json.to_vec()).expect("only UTF-8 comes through");
        let command: Value = serde_json::from_str(&text).unwrap_or_default();
        let _ = self.tell.send(Happening::Received(text));
        if let Some(words) = command["echo"].as_str() {
            return self.send(words);
        }
        if let Some(count) = command["flood"].as_u64() {
            let padding = "x".repeat(1_000);
            for number in 0..count {
                if self.send(&format!("{number} {padding}")) == Flow::Stop {
                    return Flow::Stop;
                }
                tokio::task::yield_now().await;
            }
        }
        if let Some(millis) = command["wait"].as_u64() {
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
        if command["stop"].is_null() {
            return Flow::Continue;
        }
        self.transport.close(CloseReason::SignedOut);
        Flow::Stop
    }

    async fn limit_json(&self, _json: &[u8], retry_after_ms: u64) {
        let _flow = self.send(&format!("limited {retry_after_ms}"));
    }
}

impl<F: Sample> FakeGuest<F> {
    /// As the engine does: whoever is full is closed as slow.
    fn send(&self, words: &str) -> Flow {
        match self.transport.send(&[sample(words)]) {
            Handed::Taken => Flow::Continue,
            Handed::Full => {
                self.transport.close(CloseReason::Slow);
                Flow::Stop
            }
            Handed::Gone => Flow::Stop,
        }
    }
}

impl<F> Drop for FakeGuest<F> {
    fn drop(&mut self) {
        let _ = self.tell.send(Happening::Left);
    }
}

/// A frame type of which the tests can make one.
pub(super) trait Sample: Sized + Send + Sync + 'static {
    fn pong(reference: String) -> Self;
    fn sender(transport: Arc<dyn Transport<Self>>) -> Sender;
    fn principal() -> Principal;
}

impl Sample for CustomerFrame {
    fn pong(reference: String) -> Self {
        Self::Pong { reference: Some(reference) }
    }

    fn sender(transport: Arc<dyn Transport<Self>>) -> Sender {
        Sender::Customer(transport)
    }

    fn principal() -> Principal {
        Principal::customer(CustomerId(1))
    }
}

impl Sample for StaffFrame {
    fn pong(reference: String) -> Self {
        Self::Pong { reference: Some(reference) }
    }

    fn sender(transport: Arc<dyn Transport<Self>>) -> Sender {
        Sender::Staff(transport)
    }

    fn principal() -> Principal {
        Principal::agent(AgentId(1))
    }
}

fn sample<F: Sample>(words: &str) -> Arc<Framed<F>> {
    Arc::new(Framed::new(FENCE, F::pong(words.to_owned())))
}
