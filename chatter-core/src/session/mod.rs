//! A session: one connection of one person, from the first frame to the last.
//!
//! ```text
//! adapter                       core
//! first frame or ticket ──▶ Door::knock_* ──▶ Admitted (or Rejected: write its JSON, close with its reason)
//! outbox made           ──▶ Admission::enter ──▶ Session  (the `ready` frame is on its way)
//! every frame           ──▶ Session::receive_json ──▶ Flow
//! peer gone             ──▶ Session dropped
//! ```

mod gatekeeper;

use std::net::IpAddr;
use std::sync::Arc;

use crate::engine::Engine;
use crate::protocol::{ClientFrame, CustomerFrame, StaffFrame};
use crate::{CloseReason, Refusal, SessionId, Transport};

pub use gatekeeper::{Credential, Denied, Gatekeeper, Identity};

/// Where connections come in.
#[derive(Clone, Debug)]
pub struct Door {
    engine: Engine,
    gatekeeper: Arc<dyn Gatekeeper>,
}

impl Door {
    /// A door to an engine.
    #[must_use]
    pub fn new(engine: Engine, gatekeeper: Arc<dyn Gatekeeper>) -> Self {
        Self { engine, gatekeeper }
    }

    /// Judges the first frame of a connection.
    ///
    /// # Errors
    /// When it is no good `hello`: write the rejection's JSON, then close with its reason.
    pub async fn knock_json(&self, json: &[u8], peer: Option<IpAddr>) -> Result<Admitted, Rejected> {
        let _ = (json, peer, &self.gatekeeper, &self.engine);
        unimplemented!()
    }

    /// Judges a single-use ticket that came with the connection itself.
    ///
    /// # Errors
    /// When the ticket is not good.
    pub async fn knock_ticket(&self, ticket: &str, peer: Option<IpAddr>) -> Result<Admitted, Rejected> {
        let _ = (ticket, peer);
        unimplemented!()
    }
}

/// Someone who may come in, by audience: it decides the type of the connection's outgoing frames.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must handle both audiences")]
pub enum Admitted {
    /// A customer.
    Customer(Admission<CustomerFrame>),
    /// An agent.
    Agent(Admission<StaffFrame>),
}

/// The right to open one session.
#[derive(Debug)]
pub struct Admission<F> {
    frames: std::marker::PhantomData<fn(F)>,
}

impl<F> Admission<F> {
    /// Opens the session; its `ready` frame goes to the transport.
    ///
    /// # Errors
    /// The reason to close the connection with, when the engine cannot take it now.
    pub async fn enter(self, transport: Arc<dyn Transport<F>>) -> Result<Session, CloseReason> {
        let _ = transport;
        unimplemented!()
    }
}

/// Why a connection is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejected {
    /// The reference of the `hello`, where it could be read.
    pub reference: Option<String>,
    /// Why, for the `error` frame.
    pub refusal: Refusal,
    /// The reason to close with.
    pub reason: CloseReason,
}

impl Rejected {
    /// The `error` frame to write before closing.
    #[must_use]
    pub fn json(&self) -> String {
        unimplemented!()
    }
}

/// One connection of one person. Dropping it tells the engine that the peer has gone.
#[derive(Debug)]
pub struct Session {
    id: SessionId,
}

/// Whether a connection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "an adapter must handle both")]
pub enum Flow {
    /// Read the next frame.
    Continue,
    /// Stop reading. The transport has been told the reason and closes.
    Stop,
}

impl Session {
    /// Its number.
    #[must_use]
    pub const fn id(&self) -> SessionId {
        self.id
    }

    /// Takes one frame as JSON. Every fault is answered with an `error` frame through the transport. Waits
    /// only while the session has too many commands under way, so that a flood stays in the socket.
    pub async fn receive_json(&self, json: &[u8]) -> Flow {
        let _ = json;
        unimplemented!()
    }

    /// Takes one frame that was read from another encoding.
    pub async fn receive(&self, frame: ClientFrame) -> Flow {
        let _ = frame;
        unimplemented!()
    }
}
