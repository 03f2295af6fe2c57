//! The domain's "no": a result with data and a stable code, not an error.

use serde::{Deserialize, Serialize};

use crate::{AgentId, CategoryId, ChatId, ChatStatus, ClientMsgId, Invalid, Time};

/// Why a command was refused. Its wire form is an `error` frame with this `code` and these fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// There is no such offer to this agent, or not any more.
    #[error("the offer is gone")]
    OfferGone {
        /// Of which chat.
        chat: ChatId,
    },
    /// The agent cannot take a chat now.
    #[error("the agent cannot take the chat: {reason}")]
    AgentUnavailable {
        /// Who.
        agent: AgentId,
        /// Why not.
        reason: Unavailable,
    },
    /// As many customers wait as the category takes.
    #[error("the queue is full")]
    QueueFull {
        /// Which category.
        category: CategoryId,
        /// The most that may wait.
        limit: u32,
    },
    /// The category is closed now.
    #[error("the category is closed")]
    CategoryClosed {
        /// Which category.
        category: CategoryId,
        /// When it opens; absent when that is not known.
        #[serde(skip_serializing_if = "Option::is_none")]
        opens_at: Option<Time>,
    },
    /// The customer has another chat in that category, and may have one.
    #[error("the customer has a chat in that category")]
    CustomerHasChat {
        /// That chat.
        chat: ChatId,
    },
    /// The chats are of different customers, or the same chat.
    #[error("only two chats of one customer can be merged")]
    CannotMerge {
        /// The chat that was to go on in the other.
        chat: ChatId,
    },
    /// The overflow of categories would lead in a circle.
    #[error("the overflow leads in a circle")]
    OverflowCycle {
        /// The categories of the circle, in order.
        path: Vec<CategoryId>,
    },
    /// There is no such message of this person in the chat.
    #[error("there is no such message of yours")]
    UnknownMessage {
        /// Which chat.
        chat: ChatId,
        /// What was asked for, in the asker's numbers.
        target: u64,
    },
    /// A message can be edited and deleted for some time only.
    #[error("it is too late to change this message")]
    TooLate {
        /// Which chat.
        chat: ChatId,
        /// Which message, in the asker's numbers.
        target: u64,
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
            Self::OfferGone { .. } => "offer_gone",
            Self::AgentUnavailable { .. } => "agent_unavailable",
            Self::QueueFull { .. } => "queue_full",
            Self::CategoryClosed { .. } => "category_closed",
            Self::CustomerHasChat { .. } => "customer_has_chat",
            Self::CannotMerge { .. } => "cannot_merge",
            Self::OverflowCycle { .. } => "overflow_cycle",
            Self::UnknownMessage { .. } => "unknown_message",
            Self::TooLate { .. } => "too_late",
            Self::ReceiptTooHigh { .. } => "receipt_too_high",
            Self::RateLimited { .. } => "rate_limited",
            Self::OutOfOrder { .. } => "out_of_order",
            Self::RetryLater { .. } => "retry_later",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }
}

impl Refusal {
    /// True when the same may be asked again, and be done then.
    #[must_use]
    pub const fn is_for_now(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::OutOfOrder { .. } | Self::RetryLater { .. } | Self::Unavailable)
    }

    /// The same as a customer is told it: who can take a chat is staff's to know.
    #[must_use]
    pub fn for_customer(self) -> Self {
        if matches!(self, Self::AgentUnavailable { .. }) { Self::NotAllowed } else { self }
    }
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

/// Why an agent cannot take a chat now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unavailable {
    /// Offline by their own word, or removed.
    #[error("offline")]
    Offline,
    /// Away.
    #[error("away")]
    Away,
    /// On their last call.
    #[error("on the last call")]
    LastCall,
    /// Online by their own word, without a connection.
    #[error("not connected")]
    Disconnected,
    /// At their limit.
    #[error("at the limit")]
    Full,
    /// Just got another chat.
    #[error("just got another chat")]
    Resting,
    /// They let this chat pass a moment ago.
    #[error("let this chat pass a moment ago")]
    Cooling,
    /// They hold it already.
    #[error("holds it already")]
    Holds,
}
