//! The domain's "no": a result with data and a stable code, not an error.

use serde::Serialize;

use crate::{ChatId, ChatStatus, ClientMsgId, Invalid};

/// Why a command was refused. Its wire form is an `error` frame with this `code` and these fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The frame is not JSON of the right form.
    #[error("the frame is not understood: {detail}")]
    BadRequest {
        /// Which field, as a path; empty for the whole frame.
        field: String,
        /// What is wrong with it, without repeating it.
        detail: String,
    },
    /// The `type` of the frame is not known.
    #[error("this type of frame is not known")]
    UnknownType,
    /// A part of Chatter that is not built yet.
    #[error("{what} is not available yet")]
    NotAvailable {
        /// What was asked for, by its name on the wire.
        what: &'static str,
    },
    /// A field breaks a rule.
    #[error("{0}")]
    Invalid(Invalid),
    /// The person may not do this, or the thing does not exist for them.
    #[error("this is not allowed")]
    NotAllowed,
    /// No such chat, or not one this person may know of.
    #[error("there is no such chat")]
    UnknownChat {
        /// What was asked for.
        chat: ChatId,
    },
    /// No such category.
    #[error("there is no such category")]
    UnknownCategory,
    /// No such agent.
    #[error("there is no such agent")]
    UnknownAgent,
    /// The chat is closed for good; joining the queue again opens a new one.
    #[error("the chat is closed; join the queue to open a new one")]
    ChatClosed {
        /// Which chat.
        chat: ChatId,
    },
    /// The chat was ended; the customer's message or the agent reopens it.
    #[error("the chat has ended")]
    ChatResolved {
        /// Which chat.
        chat: ChatId,
    },
    /// The chat has not ended.
    #[error("the chat has not ended")]
    ChatNotResolved {
        /// Which chat.
        chat: ChatId,
    },
    /// The chat does not wait for an agent, so it has no place in line.
    #[error("the chat is not waiting")]
    NotWaiting {
        /// Which chat.
        chat: ChatId,
        /// Its status.
        status: ChatStatus,
    },
    /// The chat still waits for an agent.
    #[error("the chat is still waiting")]
    StillWaiting {
        /// Which chat.
        chat: ChatId,
        /// Its place in line, 1 and up, where the policy fixes an order.
        #[serde(skip_serializing_if = "Option::is_none")]
        place: Option<u64>,
    },
    /// The chat is with another agent, or with none.
    #[error("the chat is not yours")]
    NotYourChat {
        /// Which chat.
        chat: ChatId,
    },
    /// A receipt beyond the newest entry: the client is out of step. The connection is closed.
    #[error("the receipt is beyond the newest entry")]
    ReceiptTooHigh {
        /// Which chat.
        chat: ChatId,
        /// The newest number of this side.
        last: u64,
    },
    /// Too many messages at once.
    #[error("too many messages, retry in {retry_after_ms} ms")]
    RateLimited {
        /// When the first refused message may be sent again.
        retry_after_ms: u64,
    },
    /// An earlier message was refused and must be sent first, so that the order holds.
    #[error("an earlier message was refused and must be sent first")]
    OutOfOrder {
        /// The message to send first.
        first: ClientMsgId,
    },
    /// The server cannot write now. Nothing was changed.
    #[error("the server cannot accept this now, retry in {retry_after_ms} ms")]
    RetryLater {
        /// When to try again.
        retry_after_ms: u64,
    },
    /// The server is stopping.
    #[error("the server is stopping")]
    Unavailable,
    /// Something broke inside; nothing was changed.
    #[error("something broke inside")]
    Internal,
}

impl Refusal {
    /// The stable code, as on the wire.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BadRequest { .. } => "bad_request",
            Self::UnknownType => "unknown_type",
            Self::NotAvailable { .. } => "not_available",
            Self::Invalid(_) => "invalid",
            Self::NotAllowed => "not_allowed",
            Self::UnknownChat { .. } => "unknown_chat",
            Self::UnknownCategory => "unknown_category",
            Self::UnknownAgent => "unknown_agent",
            Self::ChatClosed { .. } => "chat_closed",
            Self::ChatResolved { .. } => "chat_resolved",
            Self::ChatNotResolved { .. } => "chat_not_resolved",
            Self::NotWaiting { .. } => "not_waiting",
            Self::StillWaiting { .. } => "still_waiting",
            Self::NotYourChat { .. } => "not_your_chat",
            Self::ReceiptTooHigh { .. } => "receipt_too_high",
            Self::RateLimited { .. } => "rate_limited",
            Self::OutOfOrder { .. } => "out_of_order",
            Self::RetryLater { .. } => "retry_later",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}
