//! Chatter over WebSockets: a hyper upgrade into tokio-tungstenite, one task a connection.
//!
//! ```text
//! request ──▶ WsServer::upgrade ──▶ 101, or a refusal by status   (origin, limits, form)
//!                   │ task
//!                   ▼
//!            first frame or ticket ──▶ Door::knock_* ──▶ Admission::enter ──▶ Session
//!                   │
//!        ┌──────────┴──────────┐  two loops of one task over one socket
//!        ▼                     ▼
//!     reading               writing
//!  rate, size, kind      the outbox, heartbeat, a peer that does not read
//!  Session::receive_json    feed all, flush once
//!        └──────────┬──────────┘
//!                   ▼
//!            close with code and word
//! ```
//!
//! This crate knows frames of RFC 6455 and sockets; what the JSON means is the core's matter. Compression
//! is never negotiated, so a small frame cannot unpack into a large one.

mod doorway;
mod driver;
mod handshake;
mod hub;
mod options;
mod pulse;
mod rate;
mod registry;
mod server;
mod wire;

#[cfg(test)]
mod tests;

pub use options::{Origins, WsOptions};
pub use registry::{ConnectionId, LiveSession};
pub use server::WsServer;
