//! Power cuts: what was acknowledged is there when the power is back.

mod crash;
#[path = "power/disk.rs"]
mod disk;
#[path = "power/plain.rs"]
mod plain;
