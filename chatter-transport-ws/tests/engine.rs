//! The real engine behind real sockets, by the public API alone.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chatter_core::engine::{AgentSettings, Engine};
use chatter_core::protocol::Role;
use chatter_core::session::{Credential, Denied, Door, Gatekeeper, Identity};
use chatter_core::{AgentId, CategoryId, CategoryRecord, CustomerId, MemoryStore, Name, Principal};
use chatter_transport_ws::{WsOptions, WsServer};
use futures_util::{SinkExt, StreamExt};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// Everybody without a token is one customer; the token is the agent's number.
#[derive(Debug)]
struct Trusting;

#[async_trait]
impl Gatekeeper for Trusting {
    async fn authenticate(&self, credential: Credential, _peer: Option<IpAddr>) -> Result<Identity, Denied> {
        match credential {
            Credential::Anonymous => Ok(Identity::known(Principal::customer(CustomerId(7)))),
            Credential::Token(Role::Agent, token) => {
                let agent = token.parse().map_err(|_| Denied::Unauthorized)?;
                Ok(Identity::known(Principal::agent(AgentId(agent))))
            }
            Credential::Ticket(ticket) if ticket == "once" => Ok(Identity::known(Principal::agent(AgentId(1)))),
            Credential::Token(..) | Credential::Ticket(_) | Credential::Password { .. } | _ => {
                Err(Denied::Unauthorized)
            }
        }
    }
}

async fn serve(options: WsOptions) -> (Engine, WsServer, SocketAddr) {
    let engine = Engine::builder(Arc::new(MemoryStore::default())).start().await.expect("an empty store");
    let name = |name| Name::new(name).expect("a good name");
    engine.set_category(CategoryRecord::new(CategoryId(1), name("Help"))).await.expect("a category");
    let agent = AgentSettings { agent: AgentId(1), name: name("Ada"), max_chats: 3, categories: vec![CategoryId(1)] };
    engine.set_agent(agent).await.expect("an agent");
    let sockets = WsServer::new(Door::new(engine.clone(), Arc::new(Trusting)), options);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener has one");
    let serving = sockets.clone();
    tokio::spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            let sockets = serving.clone();
            let service = service_fn(move |request| {
                let response = sockets.upgrade(request, peer.ip());
                async move { Ok::<_, Infallible>(response) }
            });
            let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection.with_upgrades());
        }
    });
    (engine, sockets, address)
}

struct Client(WebSocketStream<TcpStream>);

impl Client {
    async fn connect(address: SocketAddr, query: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        let (socket, _) =
            tokio_tungstenite::client_async(format!("ws://{address}/{query}"), stream).await.expect("an upgrade");
        Self(socket)
    }

    async fn customer(address: SocketAddr) -> Self {
        let mut client = Self::connect(address, "").await;
        client.send(json!({ "type": "hello", "role": "customer", "protocol": 1 })).await;
        client.until("ready").await;
        client
    }

    async fn send(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.expect("the server reads");
    }

    /// Reads up to the next frame of this type.
    async fn until(&mut self, kind: &str) -> Value {
        loop {
            let message = self.next().await;
            let Message::Text(text) = message else { panic!("{kind} should come, not {message:?}") };
            let frame: Value = serde_json::from_str(&text).expect("frames are JSON");
            if frame["type"] == kind {
                return frame;
            }
            assert_ne!(frame["type"], "error", "{kind} should come, not {frame}");
        }
    }

    /// Reads up to the close frame.
    async fn closed(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.next().await {
                return frame.expect("the server names its reason").code.into();
            }
        }
    }

    async fn next(&mut self) -> Message {
        let next = timeout(Duration::from_secs(30), self.0.next()).await;
        next.expect("this must not take so long").expect("the server closes first").expect("a good frame")
    }
}

fn message(chat: &Value, id: &str) -> Value {
    json!({ "type": "send_message", "chat": chat, "client_msg_id": id, "text": id })
}

#[tokio::test]
async fn two_people_chat_over_sockets() {
    let (engine, sockets, address) = serve(WsOptions::default()).await;
    let mut agent = Client::connect(address, "?ticket=once").await;
    agent.until("ready").await;
    agent.send(json!({ "type": "set_agent_state", "state": "online" })).await;
    let mut customer = Client::customer(address).await;
    customer.send(json!({ "type": "join_queue", "category": 1, "name": "Kim" })).await;
    let chat = customer.until("queued").await["chat"]["chat"].clone();
    agent.until("chat").await;
    agent.send(json!({ "type": "subscribe", "chat": chat })).await;
    agent.until("page").await;

    customer.send(message(&chat, "hello-from-the-customer")).await;
    let accepted = customer.until("accepted").await;
    assert_eq!(accepted["client_msg_id"], "hello-from-the-customer");
    loop {
        let entry = agent.until("entry").await;
        if entry.to_string().contains("hello-from-the-customer") {
            break;
        }
    }
    assert_eq!(sockets.live(), 2);

    let chosen = |live: &chatter_transport_ws::LiveSession| live.principal() == Some(&Principal::agent(AgentId(1)));
    assert_eq!(sockets.revoke(chosen), 1);
    assert_eq!(agent.closed().await, 4103);
    drop(agent);

    engine.stop().await;
    assert_eq!(customer.closed().await, 1012);
    drop(customer);
    sockets.stop(Duration::from_secs(30)).await;
    assert_eq!(sockets.live(), 0);
}

/// A message that was refused because of too many frames holds back those after it.
#[tokio::test]
async fn nothing_overtakes_a_message_that_came_too_fast() {
    let options = WsOptions { frames_per_second: 2, frames_burst: 6, ..WsOptions::default() };
    let (_engine, _sockets, address) = serve(options).await;
    let mut customer = Client::customer(address).await;
    customer.send(json!({ "type": "join_queue", "category": 1, "name": "Kim" })).await;
    let chat = customer.until("queued").await["chat"]["chat"].clone();
    for _ in 0..4 {
        customer.send(json!({ "type": "ping" })).await;
    }
    // One of these is the first that finds no room.
    let mut sent = 0;
    let refused = loop {
        let id = format!("m-{sent}");
        sent += 1;
        customer.send(message(&chat, &id)).await;
        let answer = loop {
            let Message::Text(text) = customer.next().await else { panic!("a frame should come") };
            let frame: Value = serde_json::from_str(&text).expect("frames are JSON");
            if frame["client_msg_id"] == id.as_str() {
                break frame;
            }
        };
        if answer["type"] == "error" {
            assert_eq!(answer["code"], "rate_limited", "{answer}");
            tokio::time::sleep(Duration::from_millis(answer["retry_after_ms"].as_u64().expect("a time"))).await;
            break id;
        }
    };
    customer.send(message(&chat, "later")).await;
    let answer = customer.until("error").await;
    assert_eq!((&answer["code"], &answer["first"]), (&json!("out_of_order"), &json!(refused)), "{answer}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    for id in [refused.as_str(), "later"] {
        customer.send(message(&chat, id)).await;
        assert_eq!(customer.until("accepted").await["client_msg_id"], id);
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
}
