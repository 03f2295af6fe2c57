//! What people did, what they were told and what is left: the record of a run, and the checker that
//! judges it against the promises of delivery. Pure: neither half knows sockets or files.

pub(crate) mod check;
pub(crate) mod fault;
pub(crate) mod journal;
