//! Power cuts: what was acknowledged is there when the power is back.

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
