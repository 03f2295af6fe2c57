//! A session: one connection of one person, from the first frame to the last.
//!
//! ```text
//! adapter                       core
//! first frame or ticket ──▶ Door::knock_*     ──▶ Admitted (or Rejected: write its JSON, close with its reason)
//! outbox made           ──▶ Admission::enter  ──▶ Session  (the `ready` frame is on its way)
//! every frame           ──▶ Session::receive_json ──▶ Flow
//! peer gone             ──▶ Session dropped
//! ```

mod door;
mod gatekeeper;
mod local;
mod pages;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::Semaphore;

use crate::desk::{Input, Reply};
use crate::engine::Engine;
use crate::engine::answer::{customer_error, staff_error};
use crate::engine::envelope::{Answered, Envelope, ReplyTo};
use crate::engine::link::Link;
use crate::protocol::{ClientFrame, Command, CustomerFrame, JoinQueue, Parsed, StaffFrame, parse};
use crate::{ChatId, ClientMsgId, CloseReason, CustomerId, Principal, Refusal, SessionId};

pub use door::{Admission, Admitted, Audience, Door, Rejected};
pub use gatekeeper::{Credential, Denied, Gatekeeper, Identity};
pub use local::{Inbox, NoGatekeeper};

/// How many commands of one session can be under way; past it the session waits, and with it the socket.
const UNDER_WAY_MAX: usize = 128;
/// How many frames that are not understood a connection may send in all.
const BAD_FRAMES_MAX: u32 = 50;

/// One connection of one person. Dropping it tells the engine that the peer has gone.
#[derive(Debug)]
pub struct Session {
    id: SessionId,
    engine: Engine,
    principal: Principal,
    link: Link,
    peer: Option<IpAddr>,
    under_way: Arc<Semaphore>,
    bad_frames: AtomicU32,
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

    /// Who it is.
    #[must_use]
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Takes one frame as JSON, one at a time. An adapter that gives up waiting must end the connection: a
    /// page may be on its way, and what follows it would stay held back. Every fault is answered with an `error` frame through the transport. Waits
    /// while the session has too many commands under way, and while a page is read for it, so that a flood
    /// stays in the socket.
    pub async fn receive_json(&self, json: &[u8]) -> Flow {
        let Parsed { reference, client_msg_id, command } = parse(json);
        match command {
            Ok(command) => self.carry_out(command, reference, client_msg_id).await,
            Err(refusal) => {
                self.refuse(refusal, reference, client_msg_id);
                if self.bad_frames.fetch_add(1, Ordering::Relaxed) < BAD_FRAMES_MAX {
                    return Flow::Continue;
                }
                self.stop(CloseReason::TooManyErrors)
            }
        }
    }

    /// Takes one frame that was read from another encoding.
    pub async fn receive(&self, frame: impl Into<ClientFrame>) -> Flow {
        let frame = frame.into();
        let client_msg_id = frame.command.client_msg_id().cloned();
        self.carry_out(frame.command, frame.reference, client_msg_id).await
    }

    /// Refuses one frame as JSON instead of taking it, because the client sends faster than the adapter
    /// allows. A message that is refused like this holds back later ones of its chat until it comes again,
    /// so that nothing overtakes it. The refusal keeps its place among the answers; so this waits like
    /// [`Session::receive_json`], and a flood stays in the socket.
    pub async fn limit_json(&self, json: &[u8], retry_after_ms: u64) {
        let Parsed { reference, client_msg_id, command } = parse(json);
        let refusal = Refusal::RateLimited { retry_after_ms };
        match command {
            Ok(command) => self.refuse_in_turn(refusal, command, reference, client_msg_id).await,
            // It was not understood either: what comes of it hangs on nothing.
            Err(_) => self.refuse(refusal, reference, client_msg_id),
        }
    }

    async fn carry_out(&self, command: Command, reference: Option<String>, client_msg_id: Option<ClientMsgId>) -> Flow {
        match command {
            Command::Hello(_) => return self.stop(CloseReason::HelloExpected),
            Command::Ping => self.pong(reference),
            Command::JoinQueue(join) => self.join(join, reference).await,
            Command::StartChat { chat } => self.start_chat(chat, reference).await,
            Command::Subscribe { chat, history, after } => self.subscribe(chat, history, after, reference).await,
            Command::ReadHistory { chat, before, limit } => self.read_history(chat, before, limit, reference).await,
            // Nobody waits for the answer to every keystroke.
            command @ Command::Typing { .. } if reference.is_none() => self.tell(command).await,
            command @ (Command::QueueStatus { .. }
            | Command::Whisper { .. }
            | Command::EditMessage { .. }
            | Command::DeleteMessage { .. }
            | Command::Typing { .. }
            | Command::Unsubscribe { .. }
            | Command::AcceptOffer { .. }
            | Command::DeclineOffer { .. }
            | Command::TransferChat { .. }
            | Command::AssignChat { .. }
            | Command::UnassignChat { .. }
            | Command::TakeOver { .. }
            | Command::JoinChat { .. }
            | Command::LeaveChat { .. }
            | Command::MergeChats { .. }
            | Command::EndWrapUp
            | Command::OpenTeamChat { .. }
            | Command::ReadQueue { .. }
            | Command::ReadTeam
            | Command::ExplainChat { .. }
            | Command::ExplainAgent { .. }
            | Command::SendMessage(_)
            | Command::SendNote { .. }
            | Command::Receipt { .. }
            | Command::EndChat { .. }
            | Command::ReopenChat { .. }
            | Command::SetSubject { .. }
            | Command::SetPriority { .. }
            | Command::SetAgentState { .. }
            | Command::SignOut { .. }) => self.forward(command, reference, client_msg_id).await,
        }
        Flow::Continue
    }

    /// Hands a command to the engine; the answer comes back as a frame.
    async fn forward(&self, command: Command, reference: Option<String>, client_msg_id: Option<ClientMsgId>) {
        self.submit(command, reference, client_msg_id, None).await;
    }

    /// Refuses a command without asking the desk. The engine gives the refusal its place among the answers.
    async fn refuse_in_turn(
        &self,
        refusal: Refusal,
        command: Command,
        reference: Option<String>,
        client_msg_id: Option<ClientMsgId>,
    ) {
        self.submit(command, reference, client_msg_id, Some(refusal)).await;
    }

    async fn submit(
        &self,
        command: Command,
        reference: Option<String>,
        client_msg_id: Option<ClientMsgId>,
        refusal: Option<Refusal>,
    ) {
        // The semaphore is never closed.
        let permit = Arc::clone(&self.under_way).acquire_owned().await.ok();
        let reply = ReplyTo::Frame {
            session: self.id,
            chat: command.chat(),
            reference: reference.clone(),
            client_msg_id: client_msg_id.clone(),
        };
        let input = Input::Ask { session: self.id, command, facts: None };
        if let Err(refusal) = self.engine.submit(Envelope { input, reply, permit, refusal }).await {
            self.refuse(refusal, reference, client_msg_id);
        }
    }

    /// Hands a command to the engine that nobody wants an answer to.
    async fn tell(&self, command: Command) {
        let input = Input::Ask { session: self.id, command, facts: None };
        let permit = Arc::clone(&self.under_way).acquire_owned().await.ok();
        // An engine that has ended needs no telling.
        let _ = self.engine.submit(Envelope { permit, ..Envelope::new(input, ReplyTo::Nobody) }).await;
    }

    /// Asks the engine and waits for the answer here.
    async fn ask(&self, command: Command) -> Answered {
        self.engine.call(Input::Ask { session: self.id, command, facts: None }).await
    }

    /// Asks the engine; from the answer on, frames about the chat wait until [`Link`] is told to go on.
    async fn ask_holding(&self, command: Command) -> Answered {
        let (sender, answer) = tokio::sync::oneshot::channel();
        let input = Input::Ask { session: self.id, command, facts: None };
        self.engine.submit(Envelope::new(input, ReplyTo::Holding(self.id, sender))).await?;
        answer.await.unwrap_or(Err(Refusal::Unavailable))
    }

    async fn join(&self, join: JoinQueue, reference: Option<String>) {
        let command = Command::JoinQueue(join);
        let Link::Customer(pipe, gatekeeper) = &self.link else {
            return self.refuse_in_turn(Refusal::NotAllowed, command, reference, None).await;
        };
        if let Err(denied) = gatekeeper.admit_join(self.peer) {
            return self.refuse_in_turn(denied.into(), command, reference, None).await;
        }
        match self.ask_holding(command).await {
            Ok(Reply::Queued { chat: view, existing, place }) => {
                let chat = view.chat;
                let queue_token =
                    self.customer().and_then(|who| gatekeeper.queue_token(who, chat, &view.customer_name));
                let frame = CustomerFrame::Queued { reference, chat: *view, existing, place, queue_token };
                self.settle(pipe.unhold(chat, vec![frame]));
            }
            Ok(_) => self.refuse(Refusal::Internal, reference, None),
            Err(refusal) => self.refuse(refusal, reference, None),
        }
    }

    async fn start_chat(&self, chat: ChatId, reference: Option<String>) {
        let command = Command::StartChat { chat };
        let Link::Customer(pipe, gatekeeper) = &self.link else {
            return self.refuse_in_turn(Refusal::NotAllowed, command, reference, None).await;
        };
        match self.ask(command).await {
            Ok(Reply::Started { chat, name }) => {
                let token = self.customer().and_then(|who| gatekeeper.customer_token(who, chat, &name));
                let frame = match token {
                    Some(customer_token) => CustomerFrame::CustomerToken { reference, chat, customer_token },
                    // Where tokens are not used, the connection itself is the credential.
                    None => CustomerFrame::Done { reference },
                };
                self.settle(pipe.deliver_one(frame));
            }
            Ok(_) => self.refuse(Refusal::Internal, reference, None),
            Err(refusal) => self.refuse(refusal, reference, None),
        }
    }

    fn pong(&self, reference: Option<String>) {
        let handed = match &self.link {
            Link::Customer(pipe, _) => pipe.deliver_one(CustomerFrame::Pong { reference }),
            Link::Staff(pipe) => pipe.deliver_one(StaffFrame::Pong { reference }),
        };
        self.settle(handed);
    }

    fn refuse(&self, refusal: Refusal, reference: Option<String>, client_msg_id: Option<ClientMsgId>) {
        let handed = match &self.link {
            Link::Customer(pipe, _) => pipe.deliver_one(customer_error(refusal, reference, client_msg_id)),
            Link::Staff(pipe) => pipe.deliver_one(staff_error(refusal, reference, client_msg_id)),
        };
        self.settle(handed);
    }

    /// A connection that takes no more is closed; it can resume.
    fn settle(&self, handed: crate::Handed) {
        if handed == crate::Handed::Full {
            self.link.close(CloseReason::Slow);
        }
    }

    fn stop(&self, reason: CloseReason) -> Flow {
        self.link.close(reason);
        Flow::Stop
    }

    const fn customer(&self) -> Option<CustomerId> {
        match self.principal {
            Principal::Customer { customer, .. } => Some(customer),
            Principal::Agent { .. } => None,
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.engine.submit_close(self.id);
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unauthorized => Self::NotAllowed,
            Denied::TooMany { retry_after_ms } => Self::RateLimited { retry_after_ms },
            Denied::Unavailable => Self::RetryLater { retry_after_ms: 1_000 },
        }
    }
}
