//! Sessions inside one process: for embedding without sockets, for examples and tests.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Admission, Credential, Denied, Gatekeeper, Identity, Session};
use crate::engine::Engine;
use crate::protocol::{CustomerFrame, StaffFrame};
use crate::{AgentId, CloseReason, CustomerId, Delivery, Outbox, OutboxLimits, Principal, Weigh, outbox};

impl Engine {
    /// Connects a customer within this process. The caller vouches for who it is.
    ///
    /// # Errors
    /// The reason why the engine does not take the connection.
    pub async fn connect_customer(&self, customer: CustomerId) -> Result<(Session, Inbox<CustomerFrame>), CloseReason> {
        let (sender, receiver) = outbox(OutboxLimits::default());
        let session = Admission::local(self.clone(), Principal::customer(customer)).enter(sender).await?;
        Ok((session, Inbox::new(receiver)))
    }

    /// Connects an agent within this process. The caller vouches for who it is.
    ///
    /// # Errors
    /// The reason why the engine does not take the connection.
    pub async fn connect_agent(&self, agent: AgentId) -> Result<(Session, Inbox<StaffFrame>), CloseReason> {
        let (sender, receiver) = outbox(OutboxLimits::default());
        let session = Admission::local(self.clone(), Principal::agent(agent)).enter(sender).await?;
        Ok((session, Inbox::new(receiver)))
    }
}

impl<F: super::Audience> Admission<F> {
    fn local(engine: Engine, principal: Principal) -> Self {
        Self::new(engine, Arc::new(NoGatekeeper), principal, None, None, None)
    }
}

/// The frames of a session within this process, one by one.
#[derive(Debug)]
pub struct Inbox<F> {
    outbox: Outbox<F>,
    waiting: std::collections::VecDeque<Arc<crate::protocol::Framed<F>>>,
    closed: Option<CloseReason>,
}

impl<F: Weigh> Inbox<F> {
    fn new(outbox: Outbox<F>) -> Self {
        Self { outbox, waiting: std::collections::VecDeque::new(), closed: None }
    }

    /// The next frame.
    ///
    /// # Errors
    /// The reason, once the session was closed and everything before that was given.
    pub async fn next(&mut self) -> Result<Arc<crate::protocol::Framed<F>>, CloseReason> {
        loop {
            if let Some(frame) = self.waiting.pop_front() {
                return Ok(frame);
            }
            if let Some(reason) = self.closed {
                return Err(reason);
            }
            match self.outbox.next().await {
                Delivery::Frames(frames) => self.waiting.extend(frames),
                Delivery::Close(reason) => self.closed = Some(reason),
            }
        }
    }
}

/// For connections whose maker vouches for who it is: nobody else gets in, and there are no tokens.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has no settings")]
pub struct NoGatekeeper;

#[async_trait]
impl Gatekeeper for NoGatekeeper {
    async fn authenticate(&self, _: Credential, _: Option<IpAddr>) -> Result<Identity, Denied> {
        Err(Denied::Unauthorized)
    }
}
