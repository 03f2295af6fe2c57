//! Everything behind [`WsServer`](crate::WsServer), over any [`Doorway`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use chatter_core::protocol::Role;
use chatter_core::{CloseReason, Weigh, outbox};
use http::{Request, Response};
use http_body_util::Full;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use std::net::IpAddr;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::debug;

use crate::WsOptions;
use crate::doorway::{Doorway, Guest, Pass, Turned, Welcome};
use crate::driver::Driver;
use crate::handshake::{Accepted, Declined, judge};
use crate::pulse::Pulse;
use crate::registry::{LiveSession, Registry, Seat};
use crate::wire::{End, Wire, pieces};

pub(crate) struct Hub<D> {
    door: D,
    options: WsOptions,
    pulse: Pulse,
    pub(crate) registry: Arc<Registry>,
    tasks: TaskTracker,
    stopping: AtomicBool,
    /// Cancelled when stopping has taken too long: drops what is left.
    abandon: CancellationToken,
}

impl<D: Doorway> Hub<D> {
    pub(crate) fn new(door: D, options: WsOptions) -> Self {
        let pulse = Pulse::new(options.ping_interval, options.pong_timeout, Instant::now());
        Self {
            door,
            options,
            pulse,
            registry: Arc::default(),
            tasks: TaskTracker::new(),
            stopping: AtomicBool::new(false),
            abandon: CancellationToken::new(),
        }
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn upgrade<B>(self: &Arc<Self>, request: Request<B>, peer: IpAddr) -> Response<Full<Bytes>> {
        match self.accept(request, peer) {
            Ok(response) => response,
            Err(declined) => {
                debug!(?declined, "connection declined");
                declined.response()
            }
        }
    }

    fn accept<B>(self: &Arc<Self>, request: Request<B>, peer: IpAddr) -> Result<Response<Full<Bytes>>, Declined> {
        let Accepted { response, ticket } = judge(&request, &self.options)?;
        if self.stopping.load(Ordering::SeqCst) {
            return Err(Declined::Stopping);
        }
        let options = &self.options;
        let seat = self
            .registry
            .seat(peer, options.connections_max, options.connections_per_address_max)
            .map_err(Declined::NoSeat)?;
        // Once more: a stop that began in between has not seen this seat.
        if self.stopping.load(Ordering::SeqCst) {
            return Err(Declined::Stopping);
        }
        let hub = Arc::clone(self);
        let upgrade = hyper::upgrade::on(request);
        self.tasks.spawn(async move {
            tokio::select! {
                biased;
                () = hub.abandon.cancelled() => {}
                () = hub.connect(upgrade, &seat, ticket) => {}
            }
        });
        Ok(response)
    }

    /// Closes every connection with `restarting`, waits, and drops what is left when the time is over.
    pub(crate) async fn stop(&self, within: Duration) {
        self.stopping.store(true, Ordering::SeqCst);
        self.registry.close(CloseReason::Restarting, |_| true);
        self.tasks.close();
        if timeout(within, self.tasks.wait()).await.is_err() {
            self.abandon.cancel();
            self.tasks.wait().await;
        }
    }

    async fn connect(&self, upgrade: OnUpgrade, seat: &Seat, ticket: Option<String>) {
        // The 101 is written by now or never: a peer that does not take it gets no longer than a silent one.
        let Ok(Ok(upgraded)) = timeout(self.options.auth_timeout, upgrade).await else { return };
        self.serve(TokioIo::new(upgraded), seat.live(), ticket).await;
    }

    /// One connection, from its first frame to its last.
    pub(crate) async fn serve<S>(&self, stream: S, live: &LiveSession, ticket: Option<String>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let connection = live.id();
        debug!(%connection, "connected");
        let wire = Wire::new(stream, &self.options).await;
        // Boxed: what letting someone in needs is freed before the long, idle part begins.
        let knock = Box::pin(async {
            tokio::select! {
                biased;
                reason = live.ended() => Err(End::Tell(reason)),
                knock = self.knock(&wire, live.peer(), ticket) => knock,
            }
        });
        let end = match knock.await {
            Ok(Welcome::Customer(pass)) => self.host(Role::Customer, pass, &wire, live).await,
            Ok(Welcome::Staff(pass)) => self.host(Role::Agent, pass, &wire, live).await,
            Err(end) => end,
        };
        debug!(%connection, ?end, "connection ends");
        wire.finish(end, self.options.close_timeout).await;
    }

    /// Lets a connection in, or says how it ends.
    async fn knock<S>(
        &self,
        wire: &Wire<S>,
        peer: IpAddr,
        ticket: Option<String>,
    ) -> Result<Welcome<D::Customer, D::Staff>, End>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let limit = self.options.auth_timeout;
        let judged = if let Some(ticket) = ticket {
            timeout(limit, self.door.knock_ticket(&ticket, peer)).await
        } else {
            let first = timeout(limit, first_text(wire)).await.unwrap_or(Err(End::Tell(CloseReason::AuthTimeout)))?;
            if first.len() > self.options.hello_bytes_max {
                return Err(End::Tell(CloseReason::TooLarge));
            }
            timeout(limit, self.door.knock_json(first.as_bytes(), peer)).await
        };
        let turned = match judged {
            Ok(Ok(welcome)) => return Ok(welcome),
            Ok(Err(turned)) => turned,
            Err(_elapsed) => Turned::silently(CloseReason::TryLater),
        };
        if let Some(json) = turned.json {
            for piece in pieces(&json) {
                timeout(limit, wire.feed(piece)).await.unwrap_or(Err(End::Gone))?;
            }
        }
        Err(End::Tell(turned.reason))
    }

    /// Opens the session of someone who was let in and drives it.
    async fn host<S, F, P>(&self, role: Role, pass: P, wire: &Wire<S>, live: &LiveSession) -> End
    where
        S: AsyncRead + AsyncWrite + Unpin,
        F: Weigh + Serialize + Send + Sync + 'static,
        P: Pass<F>,
    {
        let (sender, outbox) = outbox::<F>(self.options.outbox);
        let entering = Box::pin(timeout(self.options.auth_timeout, pass.enter(sender.clone())));
        let guest = match entering.await {
            Ok(Ok(guest)) => guest,
            Ok(Err(reason)) => return End::Tell(reason),
            Err(_elapsed) => return End::Tell(CloseReason::TryLater),
        };
        live.enter(role, guest.id(), guest.principal().clone());
        debug!(connection = %live.id(), session = %guest.id(), ?role, "session opened");
        // The guest is dropped before the farewell, so that others learn at once that it has gone.
        Driver::new(&self.options, &self.pulse, live, wire, &guest, &sender).run(outbox).await
    }
}

/// The first text frame; heartbeats of an eager client are passed over.
async fn first_text<S>(wire: &Wire<S>) -> Result<tokio_tungstenite::tungstenite::Utf8Bytes, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match wire.read().await? {
            Message::Text(text) => return Ok(text),
            Message::Binary(_) => return Err(End::Tell(CloseReason::UnsupportedData)),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) | Message::Close(_) => {}
        }
    }
}
