use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use serde::Serialize;
use tokio::sync::{Semaphore, oneshot};

use super::gatekeeper::{Credential, Denied, Gatekeeper, Identity};
use super::{Session, UNDER_WAY_MAX};
use crate::desk::Input;
use crate::engine::Engine;
use crate::engine::envelope::{Envelope, ReplyTo};
use crate::engine::link::{Link, Pipe};
use crate::protocol::{Command, CustomerFrame, Framed, Hello, PROTOCOL, Parsed, Role, StaffFrame, parse};
use crate::{CloseReason, Fence, Principal, Refusal, Transport};

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
        let Parsed { reference, command, .. } = parse(json);
        match command {
            Ok(Command::Hello(hello)) => self.knock(hello, reference, peer).await,
            Ok(_) => Err(Rejected { reference, refusal: Refusal::NotAllowed, reason: CloseReason::HelloExpected }),
            Err(refusal) => Err(Rejected { reference, refusal, reason: CloseReason::HelloExpected }),
        }
    }

    /// Judges a `hello` that was read from another encoding.
    ///
    /// # Errors
    /// As [`Door::knock_json`].
    pub async fn knock(
        &self,
        hello: Hello,
        reference: Option<String>,
        peer: Option<IpAddr>,
    ) -> Result<Admitted, Rejected> {
        if hello.protocol != PROTOCOL {
            let rule = "1, the version spoken here";
            let refusal = Refusal::Invalid(crate::Invalid::new("protocol", rule));
            return Err(Rejected { reference, refusal, reason: CloseReason::UnsupportedProtocol });
        }
        let role = hello.role;
        let credential = match (hello.token, hello.username, hello.password) {
            (Some(token), None, None) => Credential::Token(role, token),
            (None, Some(username), Some(password)) if role == Role::Agent => {
                Credential::Password { username, password }
            }
            (None, None, None) if role == Role::Customer => Credential::Anonymous,
            _ => return Err(unauthorized(reference)),
        };
        let admitted = self.admit(credential, reference.clone(), peer).await?;
        // A credential of the other role is no credential.
        match (&admitted, role) {
            (Admitted::Customer(_), Role::Customer) | (Admitted::Agent(_), Role::Agent) => Ok(admitted),
            (Admitted::Customer(_), Role::Agent) | (Admitted::Agent(_), Role::Customer) => Err(unauthorized(reference)),
        }
    }

    /// Judges a single-use ticket that came with the connection itself.
    ///
    /// # Errors
    /// When the ticket is not good.
    pub async fn knock_ticket(&self, ticket: &str, peer: Option<IpAddr>) -> Result<Admitted, Rejected> {
        self.admit(Credential::Ticket(ticket.to_owned()), None, peer).await
    }

    async fn admit(
        &self,
        credential: Credential,
        reference: Option<String>,
        peer: Option<IpAddr>,
    ) -> Result<Admitted, Rejected> {
        let Identity { principal, token } = match self.gatekeeper.authenticate(credential, peer).await {
            Ok(identity) => identity,
            Err(Denied::Unauthorized) => return Err(unauthorized(reference)),
            Err(denied) => {
                return Err(Rejected { reference, refusal: denied.into(), reason: CloseReason::TryLater });
            }
        };
        let (engine, gatekeeper) = (self.engine.clone(), Arc::clone(&self.gatekeeper));
        Ok(match principal {
            Principal::Customer { .. } => {
                Admitted::Customer(Admission::new(engine, gatekeeper, principal, reference, token, peer))
            }
            Principal::Agent { .. } => {
                Admitted::Agent(Admission::new(engine, gatekeeper, principal, reference, token, peer))
            }
        })
    }
}

const fn unauthorized(reference: Option<String>) -> Rejected {
    Rejected { reference, refusal: Refusal::NotAllowed, reason: CloseReason::Unauthorized }
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
    engine: Engine,
    gatekeeper: Arc<dyn Gatekeeper>,
    principal: Principal,
    reference: Option<String>,
    token: Option<String>,
    peer: Option<IpAddr>,
    frames: std::marker::PhantomData<fn(F)>,
}

impl<F: Audience> Admission<F> {
    pub(super) fn new(
        engine: Engine,
        gatekeeper: Arc<dyn Gatekeeper>,
        principal: Principal,
        reference: Option<String>,
        token: Option<String>,
        peer: Option<IpAddr>,
    ) -> Self {
        Self { engine, gatekeeper, principal, reference, token, peer, frames: std::marker::PhantomData }
    }

    /// Who it is.
    #[must_use]
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Opens the session; its `ready` frame goes to the transport.
    ///
    /// # Errors
    /// The reason to close the connection with, when the engine cannot take it now.
    pub async fn enter(self, transport: Arc<dyn Transport<F>>) -> Result<Session, CloseReason> {
        let Self { engine, gatekeeper, principal, reference, token, peer, .. } = self;
        let id = engine.next_session();
        let pipe = Arc::new(Pipe::new(transport, engine.shared().fence));
        let link = F::link(pipe, gatekeeper);
        let (done, opened) = oneshot::channel();
        let input = Input::OpenSession { session: id, principal: principal.clone() };
        let reply = ReplyTo::Ready { session: id, link: link.clone(), reference, token, done };
        // From here on the session exists for the engine, so its end must be told whatever happens: a
        // caller that gives up waiting drops it.
        let session = Session {
            id,
            engine,
            principal,
            link,
            peer,
            under_way: Arc::new(Semaphore::new(UNDER_WAY_MAX)),
            bad_frames: AtomicU32::new(0),
        };
        session.engine.submit(Envelope::new(input, reply)).await.map_err(|_| CloseReason::Restarting)?;
        match opened.await {
            Ok(Ok(_)) => Ok(session),
            Ok(Err(Refusal::RetryLater { .. })) => Err(CloseReason::TryLater),
            Ok(Err(Refusal::UnknownAgent)) => Err(CloseReason::Revoked),
            Ok(Err(_)) => Err(CloseReason::Internal),
            Err(_) => Err(CloseReason::Restarting),
        }
    }
}

/// The type of a connection's outgoing frames: [`CustomerFrame`] or [`StaffFrame`], and nothing else.
pub trait Audience: sealed::Sealed + Send + Sync + Sized + 'static {}

impl Audience for CustomerFrame {}
impl Audience for StaffFrame {}

mod sealed {
    use std::sync::Arc;

    use super::{CustomerFrame, Gatekeeper, Link, Pipe, StaffFrame};

    #[expect(unnameable_types, reason = "seals the trait")]
    pub trait Sealed: Sized {
        #[expect(private_interfaces, reason = "called by this crate alone")]
        fn link(pipe: Arc<Pipe<Self>>, gatekeeper: Arc<dyn Gatekeeper>) -> Link;
    }

    impl Sealed for CustomerFrame {
        #[expect(private_interfaces, reason = "called by this crate alone")]
        fn link(pipe: Arc<Pipe<Self>>, gatekeeper: Arc<dyn Gatekeeper>) -> Link {
            Link::Customer(pipe, gatekeeper)
        }
    }

    impl Sealed for StaffFrame {
        #[expect(private_interfaces, reason = "called by this crate alone")]
        fn link(pipe: Arc<Pipe<Self>>, _: Arc<dyn Gatekeeper>) -> Link {
            Link::Staff(pipe)
        }
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
        #[derive(Serialize)]
        struct Error<'a> {
            r#type: &'static str,
            #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
            reference: Option<&'a str>,
            #[serde(flatten)]
            refusal: &'a Refusal,
            message: String,
        }
        let reference = self.reference.as_deref();
        let error = Error { r#type: "error", reference, refusal: &self.refusal, message: self.refusal.to_string() };
        // Nothing was decided for this connection, so no owner's fence belongs to it.
        Framed::new(Fence(0), error).json().to_owned()
    }
}
