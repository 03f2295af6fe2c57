//! Between the core's values and the columns of the schema.

pub(crate) mod cells;
pub(crate) mod chat;
pub(crate) mod client_id;
pub(crate) mod entry;
pub(crate) mod event;
pub(crate) mod people;
pub(crate) mod runs;
pub(crate) mod team_chat;
