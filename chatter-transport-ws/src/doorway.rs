//! What the driver needs of the engine, so that it can be driven by tests as well.

use std::net::IpAddr;
use std::sync::Arc;

use chatter_core::protocol::{CustomerFrame, StaffFrame};
use chatter_core::session::{Admission, Admitted, Audience, Door, Flow, Rejected, Session};
use chatter_core::{CloseReason, Principal, SessionId, Transport};

/// Judges who comes: [`Door`] in earnest.
pub(crate) trait Doorway: Send + Sync + 'static {
    type Customer: Pass<CustomerFrame>;
    type Staff: Pass<StaffFrame>;

    fn knock_json(
        &self,
        json: &[u8],
        peer: IpAddr,
    ) -> impl Future<Output = Result<Welcome<Self::Customer, Self::Staff>, Turned>> + Send;

    fn knock_ticket(
        &self,
        ticket: &str,
        peer: IpAddr,
    ) -> impl Future<Output = Result<Welcome<Self::Customer, Self::Staff>, Turned>> + Send;
}

/// Someone who may come in, by audience.
#[derive(Debug)]
pub(crate) enum Welcome<C, S> {
    Customer(C),
    Staff(S),
}

/// Why a connection is not let in, and what to write before closing.
#[derive(Debug)]
pub(crate) struct Turned {
    pub(crate) json: Option<String>,
    pub(crate) reason: CloseReason,
}

impl Turned {
    pub(crate) const fn silently(reason: CloseReason) -> Self {
        Self { json: None, reason }
    }
}

/// The right to open one session: [`Admission`] in earnest.
pub(crate) trait Pass<F>: Send {
    type Guest: Guest;

    fn enter(self, transport: Arc<dyn Transport<F>>) -> impl Future<Output = Result<Self::Guest, CloseReason>> + Send;
}

/// Someone who has come in; dropped when the peer has gone: [`Session`] in earnest.
pub(crate) trait Guest: Send + Sync {
    fn id(&self) -> SessionId;

    fn principal(&self) -> &Principal;

    fn receive_json(&self, json: &[u8]) -> impl Future<Output = Flow> + Send;

    fn limit_json(&self, json: &[u8], retry_after_ms: u64) -> impl Future<Output = ()> + Send;
}

impl Doorway for Door {
    type Customer = Admission<CustomerFrame>;
    type Staff = Admission<StaffFrame>;

    async fn knock_json(&self, json: &[u8], peer: IpAddr) -> Result<Welcome<Self::Customer, Self::Staff>, Turned> {
        Ok(self.knock_json(json, Some(peer)).await?.into())
    }

    async fn knock_ticket(&self, ticket: &str, peer: IpAddr) -> Result<Welcome<Self::Customer, Self::Staff>, Turned> {
        Ok(self.knock_ticket(ticket, Some(peer)).await?.into())
    }
}

impl From<Admitted> for Welcome<Admission<CustomerFrame>, Admission<StaffFrame>> {
    fn from(admitted: Admitted) -> Self {
        match admitted {
            Admitted::Customer(admission) => Self::Customer(admission),
            Admitted::Agent(admission) => Self::Staff(admission),
        }
    }
}

impl From<Rejected> for Turned {
    fn from(rejected: Rejected) -> Self {
        Self { json: Some(rejected.json()), reason: rejected.reason }
    }
}

impl<F: Audience> Pass<F> for Admission<F> {
    type Guest = Session;

    async fn enter(self, transport: Arc<dyn Transport<F>>) -> Result<Session, CloseReason> {
        self.enter(transport).await
    }
}

impl Guest for Session {
    fn id(&self) -> SessionId {
        self.id()
    }

    fn principal(&self) -> &Principal {
        self.principal()
    }

    async fn receive_json(&self, json: &[u8]) -> Flow {
        self.receive_json(json).await
    }

    async fn limit_json(&self, json: &[u8], retry_after_ms: u64) {
        self.limit_json(json, retry_after_ms).await;
    }
}
