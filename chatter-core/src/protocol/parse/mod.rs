//! Reading a client's frame: every fault gets a typed refusal that names the field and the rule.
//!
//! A frame is read in one go into the few values a command can have, borrowed from the input; then its
//! command is built from them. So what came before a fault (above all the reference) is known, faults are
//! told by us and not by a JSON library, and nothing of the input can slip into an answer.
//!
//! What has the wrong form (not JSON, a wrong type, a word that is none of a list, a field too many or too
//! few) is [`Refusal::BadRequest`]; what has the right form and breaks a rule is [`Refusal::Invalid`].
//! Nothing is coerced: `"1"` and `1.0` are not `1`, and `null` is allowed only where a field says so.

mod command;
mod fields;
#[cfg(test)]
mod tests;

use super::client::{ClientFrame, Command};
use crate::{ClientMsgId, Invalid, Refusal};
use fields::{Field, Fields};

/// A frame, or why it is none; the reference and client id are kept for the answer where they could be
/// read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "read by adapters of other encodings")]
pub struct Parsed {
    /// The reference under which the client wants its answer.
    pub reference: Option<String>,
    /// The client's id, when it sent a message.
    pub client_msg_id: Option<ClientMsgId>,
    /// The command, or the refusal to answer with.
    pub command: Result<Command, Refusal>,
}

impl From<ClientFrame> for Parsed {
    fn from(frame: ClientFrame) -> Self {
        let client_msg_id = frame.command.client_msg_id().cloned();
        Self { reference: frame.reference, client_msg_id, command: Ok(frame.command) }
    }
}

/// The most bytes of a reference.
const REFERENCE_BYTES_MAX: usize = 64;

/// Reads one frame. Never panics, never allocates more than a small multiple of the input.
#[must_use]
pub fn parse(json: &[u8]) -> Parsed {
    let mut fields = Fields::default();
    let read = fields.read(json);
    // A reference that is too long cannot be given back; it is told unless there is a worse fault.
    let (reference, fault) = match reference(&mut fields) {
        Ok(reference) => (reference, None),
        Err(refusal) => (None, Some(refusal)),
    };
    let client_msg_id = fields.peek_text(Field::ClientMsgId).and_then(|id| ClientMsgId::new(id).ok());
    let command = match read.err().or(fault) {
        Some(refusal) => Err(refusal),
        None => command::build(&mut fields, client_msg_id.as_ref()),
    };
    Parsed { reference, client_msg_id, command }
}

fn reference(fields: &mut Fields<'_>) -> Result<Option<String>, Refusal> {
    match fields.optional_text(Field::Ref)? {
        Some(reference) if reference.len() > REFERENCE_BYTES_MAX => {
            Err(Invalid::new(Field::Ref.name(), "at most 64 bytes").into())
        }
        Some(reference) => Ok(Some(reference.into_owned())),
        None => Ok(None),
    }
}
