//! Power cuts: what was acknowledged is there when the power is back. First the shim itself, then a plain
//! program, the store, and the server. What the shim models, and what not, is told in `power/shim/disk.c`.
//!
//! `CHATTER_FULL=1` makes all the cuts, `CHATTER_CUTS` so many, `CHATTER_SEED` repeats the choices of a run.
//! Each test has a control at synchronous NORMAL that must lose something.

#[path = "power/acks.rs"]
mod acks;
mod crash;
#[path = "power/disk.rs"]
mod disk;
mod history;
#[path = "power/names.rs"]
mod names;
#[path = "power/plain.rs"]
mod plain;
#[path = "power/server.rs"]
mod server;
#[path = "power/store.rs"]
mod store;
