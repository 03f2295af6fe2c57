//! What people did, what they were told and what is left: the record of a run, and the checker that
//! judges it against the promises of delivery. Pure: neither half knows sockets or files.

mod check;
mod fault;
mod journal;

pub(crate) use check::check;
pub(crate) use fault::Fault;
pub(crate) use journal::{
    Answer, Attempt, Audience, Entry, History, Journal, Line, MessageId, Seen, Stream, Summary, Transcript, Who,
};
