use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chatter_core::CloseReason;
use chatter_core::session::Door;
use http::{Request, Response};
use http_body_util::Full;

use crate::hub::Hub;
use crate::{LiveSession, WsOptions};

/// Turns HTTP requests into live connections; clones share it.
#[derive(Clone)]
pub struct WsServer {
    hub: Arc<Hub<Door>>,
}

impl WsServer {
    /// Connections that come in through this door.
    #[must_use]
    pub fn new(door: Door, options: WsOptions) -> Self {
        Self { hub: Arc::new(Hub::new(door, options)) }
    }

    /// Answers a request to open a WebSocket: with 101, and the connection goes on in a task of its own, or
    /// with the status of a refusal and a JSON body `{"code", "message"}`.
    ///
    /// Must be called within a tokio runtime, by a server that serves with upgrades and has set `TCP_NODELAY`
    /// on the socket: small frames would wait for each other otherwise. `peer` is who the
    /// limits count; behind a proxy, the address that the proxy vouches for. A single-use ticket may come in
    /// the query, as `?ticket=`, made of characters that need no escape; otherwise the first frame must be a
    /// `hello`. No subprotocol and no extension is chosen.
    pub fn upgrade<B>(&self, request: Request<B>, peer: IpAddr) -> Response<Full<Bytes>> {
        self.hub.upgrade(request, peer)
    }

    /// Closes every connection with 1012 `restarting` and waits for them to end; drops those that have not
    /// in this time. Requests from now on are answered with 503. To lose nothing, stop the engine first: it
    /// answers what it has accepted.
    pub async fn stop(&self, within: Duration) {
        self.hub.stop(within).await;
    }

    /// How many connections are open, those included that have not said `hello` yet.
    #[must_use]
    pub fn live(&self) -> usize {
        self.hub.registry().count()
    }

    /// Closes with 4103 `revoked` every connection that is chosen, and says how many were. Those that come
    /// meanwhile may be missed: take the credential away first.
    pub fn revoke(&self, chosen: impl FnMut(&LiveSession) -> bool) -> usize {
        self.hub.registry().close(CloseReason::Revoked, chosen)
    }
}

impl fmt::Debug for WsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WsServer").field("live", &self.live()).finish_non_exhaustive()
    }
}
