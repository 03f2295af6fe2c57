//! Tests over real sockets: a hyper server, the real driver, and a made-up engine behind it.

mod admission;
mod beats;
mod conformance;
mod economy;
mod ends;
mod engine;
mod frames;
mod handshake;
mod limits;
mod peers;
mod slow;

use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::WsOptions;
use crate::hub::Hub;
use engine::{FakeDoor, Happening};

/// Far beyond what anything here takes; only a fault takes longer.
async fn soon<T>(work: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(30), work).await.expect("this must not take so long")
}

/// A server on a port of its own, and what its engine sees.
struct Server {
    hub: Arc<Hub<FakeDoor>>,
    address: std::net::SocketAddr,
    happenings: mpsc::UnboundedReceiver<Happening>,
}

impl Server {
    async fn start(options: WsOptions) -> Self {
        let (tell, happenings) = mpsc::unbounded_channel();
        let hub = Arc::new(Hub::new(FakeDoor::new(tell), options));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener has one");
        let serving = Arc::clone(&hub);
        tokio::spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                let hub = Arc::clone(&serving);
                let service = service_fn(move |request| {
                    let response = hub.upgrade(request, peer.ip());
                    async move { Ok::<_, std::convert::Infallible>(response) }
                });
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection.with_upgrades());
            }
        });
        Self { hub, address, happenings }
    }

    /// The next thing that the engine sees.
    async fn happening(&mut self) -> Happening {
        soon(self.happenings.recv()).await.expect("the engine lives as long as the server")
    }

    async fn entered(&mut self) -> engine::Sender {
        let happening = self.happening().await;
        let Happening::Entered(sender) = happening else { panic!("somebody should enter, not {happening:?}") };
        sender
    }

    async fn left(&mut self) {
        let happening = self.happening().await;
        assert!(matches!(happening, Happening::Left), "somebody should leave, not {happening:?}");
    }

    /// Waits until no connection is left.
    async fn empty(&self) {
        soon(async {
            while self.hub.registry().count() > 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
        .await;
    }
}
