//! What the crash tests share.

mod seed;
mod size;

pub(crate) use seed::Seed;
pub(crate) use size::{say, size};
