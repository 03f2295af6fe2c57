//! The accept loop: every connection has a seat, a time for its first byte, a time for each request, and
//! an end.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::routes::Site;

/// After this a connection that was not upgraded ends whatever it does, so that nobody keeps a seat by
/// reading an answer slowly. Browsers open another.
const CONNECTION_LIFETIME: Duration = Duration::from_secs(600);
/// Headers of a request, together; a token has at most 4 KiB.
const HEAD_BYTES_MAX: usize = 16 << 10;
const HEADERS_MAX: usize = 64;
/// Connections that the kernel keeps until they are accepted; the system's own bound (`net.core.somaxconn`) counts if it is
/// lower. When all customers come back at once after a restart, one that finds no room tries again only a second later.
const BACKLOG: u32 = 4_096;
/// How long to leave the listener alone when the process has no file left for a connection.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(100);

const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-type: application/json\r\n\
    content-length: 74\r\nconnection: close\r\n\r\n\
    {\"code\":\"too_many_connections\",\"message\":\"the server has no room for you\"}";

/// Bounds of the accept loop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// For the first byte, and for the head of each request.
    pub(crate) header_timeout: Duration,
    pub(crate) max_connections: usize,
}

/// A bound address.
#[derive(Debug)]
pub(crate) struct Listener {
    listener: TcpListener,
    limits: Limits,
}

impl Listener {
    /// # Errors
    /// When the address cannot be had.
    pub(crate) fn bind(address: SocketAddr, limits: Limits) -> io::Result<Self> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // A server that starts again finds its old connections still winding down on the port.
        #[cfg(not(windows))]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(Self { listener: socket.listen(BACKLOG)?, limits })
    }

    /// The address itself; its port is the one taken where 0 was asked for.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Takes connections until it is told to stop, then lets requests under way end, for as long as its
    /// caller cares to wait. Upgraded connections are not its own any more.
    pub(crate) async fn serve(self, site: Arc<Site>, stop: CancellationToken) {
        let Self { listener, limits } = self;
        let seats = Arc::new(Semaphore::new(limits.max_connections));
        let graceful = GracefulShutdown::new();
        loop {
            let accepted = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let Ok(seat) = Arc::clone(&seats).try_acquire_owned() else {
                        turn_away(&stream);
                        continue;
                    };
                    let seated = Seated { stream, _seat: seat };
                    let watcher = graceful.watcher();
                    let peer = peer.ip().to_canonical();
                    let (site, stop) = (Arc::clone(&site), stop.clone());
                    tokio::spawn(async move {
                        if speaks(&seated.stream, limits.header_timeout, &stop).await {
                            serve_one(seated, peer, site, limits, watcher).await;
                        }
                    });
                }
                Err(error) if is_of_the_peer(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "a connection cannot be accepted");
                    sleep(EXHAUSTED_PAUSE).await;
                }
            }
        }
        drop(listener);
        graceful.shutdown().await;
    }
}

/// Tries to tell; the socket is closed either way.
fn turn_away(stream: &TcpStream) {
    if let Err(error) = stream.try_write(FULL) {
        tracing::debug!(%error, "a connection beyond the limit was not told so");
    }
}

/// Errors of one connection that was gone before it was taken.
fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    [ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted].contains(&error.kind())
}

/// Whether the peer sends a first byte in time. hyper's own timeout begins with that byte.
async fn speaks(stream: &TcpStream, within: Duration, stop: &CancellationToken) -> bool {
    let mut first = [0];
    tokio::select! {
        biased;
        () = stop.cancelled() => false,
        peeked = timeout(within, stream.peek(&mut first)) => matches!(peeked, Ok(Ok(1..))),
    }
}

async fn serve_one(seated: Seated, peer: IpAddr, site: Arc<Site>, limits: Limits, watcher: Watcher) {
    if let Err(error) = seated.stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection is gone already");
        return;
    }
    let service = service_fn(move |request| {
        let answer = site.answer(request, peer);
        async move { Ok::<_, Infallible>(answer) }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES_MAX);
    let served = builder.serve_connection_with_upgrades(TokioIo::new(seated), service).into_owned();
    match timeout(CONNECTION_LIFETIME, watcher.watch(served)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection ended badly"),
        Err(_) => tracing::debug!("a connection lived too long"),
    }
}

/// A socket and its seat: the seat is free when the socket is closed, whoever holds it by then.
struct Seated {
    stream: TcpStream,
    _seat: OwnedSemaphorePermit,
}

impl AsyncRead for Seated {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Seated {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
