use std::sync::Arc;

use async_trait::async_trait;
use chatter_core::Transport;
use chatter_core::protocol::CustomerFrame;
use chatter_core::testing::transport::{Peer, Rig, Seen};
use futures_util::StreamExt;
use tokio_tungstenite::tungstenite::Message;

use super::Server;
use super::peers::Client;
use crate::WsOptions;

chatter_core::transport_conformance!(Sockets::default);

/// Connections over TCP, each to a server of its own.
#[derive(Default)]
struct Sockets {
    options: WsOptions,
}

#[async_trait]
impl Rig for Sockets {
    async fn connect(&self) -> (Arc<dyn Transport<CustomerFrame>>, Box<dyn Peer>) {
        let mut server = Server::start(self.options.clone()).await;
        let client = Client::enter(&server).await;
        let transport = server.entered().await.customer();
        (transport, Box::new(SocketPeer { client, _server: server }))
    }
}

struct SocketPeer {
    client: Client,
    _server: Server,
}

#[async_trait]
impl Peer for SocketPeer {
    async fn next(&mut self) -> Seen {
        loop {
            match self.client.socket.next().await {
                Some(Ok(Message::Text(json))) => return Seen::Frame(json.as_str().to_owned()),
                Some(Ok(Message::Close(frame))) => return Seen::Closed(frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Seen::Closed(None),
            }
        }
    }

    async fn vanish(self: Box<Self>) {}
}
