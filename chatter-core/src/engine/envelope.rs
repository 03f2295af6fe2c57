//! What goes from sessions to the engine.

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::link::Link;
use crate::desk::{Input, Lookup, Reply};
use crate::{ChatId, ClientMsgId, Refusal, SessionId};

/// An answer as those who wait for it get it.
pub(crate) type Answered = Result<Reply, Refusal>;

/// A session, and the chat that a command is about; none for commands about no chat.
pub(crate) type Lane = (SessionId, Option<ChatId>);

/// One input with where its answer goes.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) input: Input,
    pub(crate) reply: ReplyTo,
    /// A session's right to have one more command under way; given back when the answer is released.
    pub(crate) permit: Option<OwnedSemaphorePermit>,
    /// The answer, if it was refused before it came here: nothing is decided, and the answer keeps its place among
    /// the others.
    pub(crate) refusal: Option<Refusal>,
}

impl Envelope {
    pub(crate) const fn new(input: Input, reply: ReplyTo) -> Self {
        Self { input, reply, permit: None, refusal: None }
    }

    /// The session that asks.
    pub(crate) const fn session(&self) -> Option<SessionId> {
        match &self.input {
            Input::Ask { session, .. }
            | Input::MessageRefused { session, .. }
            | Input::OpenSession { session, .. }
            | Input::CloseSession { session } => Some(*session),
            Input::SetCategory(_)
            | Input::SetPolicy { .. }
            | Input::SetAgent { .. }
            | Input::RemoveAgent { .. }
            | Input::Roster => None,
        }
    }

    /// Session and chat of a command: later commands of the same pair must not overtake it.
    pub(crate) fn lane(&self) -> Option<Lane> {
        match &self.input {
            Input::Ask { session, command, .. } => Some((*session, command.chat())),
            Input::MessageRefused { session, chat, .. } => Some((*session, Some(*chat))),
            Input::SetCategory(_)
            | Input::SetPolicy { .. }
            | Input::SetAgent { .. }
            | Input::RemoveAgent { .. }
            | Input::OpenSession { .. }
            | Input::CloseSession { .. }
            | Input::Roster => None,
        }
    }
}

/// Where an answer goes.
#[derive(Debug)]
pub(crate) enum ReplyTo {
    /// Nowhere.
    Nobody,
    /// Nowhere: the facts that a parked command waits for can be read now, since everything that the desk
    /// knew when it asked for them is durable.
    LookUp(Lane, Lookup),
    /// To someone who waits.
    Channel(oneshot::Sender<Answered>),
    /// To someone who waits; from this point on the session's frames about the chat are held for them.
    Holding(SessionId, oneshot::Sender<Answered>),
    /// As a frame to the session that asked.
    Frame { session: SessionId, chat: Option<ChatId>, reference: Option<String>, client_msg_id: Option<ClientMsgId> },
    /// As the `ready` frame of a session that begins.
    Ready {
        session: SessionId,
        link: Link,
        reference: Option<String>,
        token: Option<String>,
        done: oneshot::Sender<Answered>,
    },
}

impl ReplyTo {
    /// The session that reads the answer among its frames, in order.
    pub(crate) const fn session(&self) -> Option<SessionId> {
        match self {
            Self::LookUp((session, _), _)
            | Self::Holding(session, _)
            | Self::Frame { session, .. }
            | Self::Ready { session, .. } => Some(*session),
            Self::Nobody | Self::Channel(_) => None,
        }
    }
}
