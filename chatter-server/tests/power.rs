//! Power cuts: what was acknowledged is there when the power is back. First the shim itself, then a plain
//! program, the store, and the server.

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
