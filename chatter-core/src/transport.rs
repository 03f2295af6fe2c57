//! The seam to connections: the outgoing side of one of them. The adapter drives its own reading.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::protocol::Framed;

/// The outgoing side of one connection, for frames of one audience
/// ([`CustomerFrame`](crate::protocol::CustomerFrame) or [`StaffFrame`](crate::protocol::StaffFrame)).
///
/// # Contract
/// To be correct, an implementation must keep every clause; each has a test in `testing::transport`,
/// named as here.
///
/// - `frames_arrive_in_order`: frames that were taken reach the peer whole, once and in order, as long
///   as the connection lives.
/// - `send_never_waits`: [`send`](Transport::send) returns at once, whatever the peer does.
/// - `full_is_bounded`: a peer that does not read makes `send` answer [`Handed::Full`] after a bounded
///   number of frames; a full `send` takes none of its frames.
/// - `ephemera_give_way`: frames that are [ephemeral](crate::Weigh::is_ephemeral) may be left out of a `send`, and
///   must be before they make one answer [`Handed::Full`]: however many were sent to a peer that does not read,
///   there is room for one that lasts, which arrives, in order with those that were not left out.
/// - `gone_is_told`: after [`close`](Transport::close), or once the peer has gone and that was noticed,
///   `send` answers [`Handed::Gone`].
/// - `close_is_seen`: the peer is told the close code, and frames taken before the close still arrive,
///   unless the reason is [`CloseReason::Slow`], when nothing more need be written.
/// - `close_is_idempotent`: only the first close counts.
///
/// It may drop frames once it has answered `Gone`. Callers must not rely on a frame having arrived: the
/// numbers of entries and resuming tell that.
pub trait Transport<F>: Send + Sync + fmt::Debug {
    /// Hands over frames, all or none, without waiting.
    fn send(&self, frames: &[Arc<Framed<F>>]) -> Handed;

    /// Ends the connection for a reason that the peer is told.
    fn close(&self, reason: CloseReason);
}

/// What became of frames that were handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "the three outcomes are the contract")]
pub enum Handed {
    /// They are on their way.
    Taken,
    /// The peer is too slow; none was taken.
    Full,
    /// The connection has ended; none was taken.
    Gone,
}

/// Why a connection is ended. The code tells a client whether and how to come back: 1001 to 1013 as in
/// RFC 6455; 4000–4099 reconnect and resume; 4100–4199 reconnect only with new credentials; 4200–4299 a
/// fault of the client, do not reconnect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CloseReason {
    /// The client ended it. 1000, do not reconnect.
    Done,
    /// The server stops or restarts. 1012, reconnect after a random moment.
    Restarting,
    /// The server cannot take this connection now. 1013, reconnect later.
    TryLater,
    /// Something broke inside. 1011, reconnect with back-off.
    Internal,
    /// The client read too slowly. 4000, reconnect and resume.
    Slow,
    /// The peer did not answer the heartbeat. 4001, reconnect and resume.
    HeartbeatTimeout,
    /// No `hello` in time. 4100.
    AuthTimeout,
    /// The credential is not good. 4101.
    Unauthorized,
    /// This session was signed out. 4102.
    SignedOut,
    /// What the credential stood for was taken away. 4103.
    Revoked,
    /// The first frame was not a `hello`, or a second one came. 4200.
    HelloExpected,
    /// A protocol version that is not spoken here. 4201.
    UnsupportedProtocol,
    /// A receipt beyond the newest entry. 4202.
    ReceiptTooHigh,
    /// Too many bad frames. 4203.
    TooManyErrors,
    /// A frame that breaks RFC 6455. 1002, do not reconnect.
    ProtocolError,
    /// A frame of a kind that is not spoken here (binary). 1003, do not reconnect.
    UnsupportedData,
    /// A frame that is not UTF-8. 1007, do not reconnect.
    NotUtf8,
    /// A frame over the size limit. 1009, do not reconnect.
    TooLarge,
}

impl CloseReason {
    /// Every reason, for tables and tests.
    pub const ALL: [Self; 18] = [
        Self::Done,
        Self::Restarting,
        Self::TryLater,
        Self::Internal,
        Self::Slow,
        Self::HeartbeatTimeout,
        Self::AuthTimeout,
        Self::Unauthorized,
        Self::SignedOut,
        Self::Revoked,
        Self::HelloExpected,
        Self::UnsupportedProtocol,
        Self::ReceiptTooHigh,
        Self::TooManyErrors,
        Self::ProtocolError,
        Self::UnsupportedData,
        Self::NotUtf8,
        Self::TooLarge,
    ];

    /// The WebSocket close code.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::Done => 1000,
            Self::ProtocolError => 1002,
            Self::UnsupportedData => 1003,
            Self::NotUtf8 => 1007,
            Self::TooLarge => 1009,
            Self::Internal => 1011,
            Self::Restarting => 1012,
            Self::TryLater => 1013,
            Self::Slow => 4000,
            Self::HeartbeatTimeout => 4001,
            Self::AuthTimeout => 4100,
            Self::Unauthorized => 4101,
            Self::SignedOut => 4102,
            Self::Revoked => 4103,
            Self::HelloExpected => 4200,
            Self::UnsupportedProtocol => 4201,
            Self::ReceiptTooHigh => 4202,
            Self::TooManyErrors => 4203,
        }
    }

    /// The word sent with the code.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Restarting => "restarting",
            Self::TryLater => "try_later",
            Self::Internal => "internal",
            Self::Slow => "slow",
            Self::HeartbeatTimeout => "heartbeat_timeout",
            Self::AuthTimeout => "auth_timeout",
            Self::Unauthorized => "unauthorized",
            Self::SignedOut => "signed_out",
            Self::Revoked => "revoked",
            Self::HelloExpected => "hello_expected",
            Self::UnsupportedProtocol => "unsupported_protocol",
            Self::ReceiptTooHigh => "receipt_too_high",
            Self::TooManyErrors => "too_many_errors",
            Self::ProtocolError => "protocol_error",
            Self::UnsupportedData => "unsupported_data",
            Self::NotUtf8 => "not_utf8",
            Self::TooLarge => "too_large",
        }
    }

    /// What a client does next.
    #[must_use]
    pub const fn reconnect(self) -> Reconnect {
        match self.code() {
            1011..=1013 | 4000..=4099 => Reconnect::Resume,
            4100..=4199 => Reconnect::NewCredentials,
            _ => Reconnect::Never,
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the connection was closed: {} ({})", self.word(), self.code())
    }
}

impl std::error::Error for CloseReason {}

/// What a client does after a close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the rule for clients, for ever")]
pub enum Reconnect {
    /// Connect again after an exponential back-off with full jitter, and resume.
    Resume,
    /// Connect again only with a new credential.
    NewCredentials,
    /// Do not connect again.
    Never,
}
