//! What can be wrong with a run.

use std::fmt;

use super::journal::{Line, MessageId};

/// A broken promise, with what is needed to find it in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// P-D1: acknowledged, and not in the transcript under the acknowledged number.
    LostAck { message: MessageId, number: u64, found: Option<u64> },
    /// P-D2: one message stands in the transcript more than once.
    Doubled { chat: u64, line: Line, numbers: Vec<u64> },
    /// P-D2: two acks of one message disagree.
    TwoNumbers { message: MessageId, first: u64, second: u64 },
    /// P-D2: a first try was called a duplicate, or a resend with the same body a conflict.
    FalseDuplicate { message: MessageId },
    /// P-D3: `later` began after `earlier` had been acknowledged or seen, and has a lower number.
    Reordered { chat: u64, earlier: u64, later: u64 },
    /// P-D3: the messages of one author stand in another order than they were sent in.
    ProgramOrder { chat: u64, first: MessageId, second: MessageId },
    /// P-D3: the numbers of a transcript are not 1, 2, 3, …
    Hole { chat: u64, source: &'static str, expected: u64, found: u64 },
    /// P-D4: refused every time, and there all the same.
    RefusedPresent { message: MessageId, number: u64 },
    /// P-D4: nobody ever sent this.
    Phantom { chat: u64, line: Line, number: u64 },
    /// P-D5, P-D6: a subscription jumped, repeated, or did not go on from its position.
    StreamBroken { chat: u64, reader: String, expected: u64, found: u64 },
    /// P-D6: a position that was given by this server was not gone on from.
    NotRecovered { chat: u64, reader: String, reason: String },
    /// P-D7: someone saw a line that is not in the transcript under that number.
    ObservedLost { chat: u64, reader: String, number: u64, line: Line },
    /// Two readers of the same transcript read different things.
    ReadDiffers { chat: u64, source: &'static str, number: u64 },
    /// A chat in which people wrote has no transcript in the file at all.
    NoTranscript { chat: u64 },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
