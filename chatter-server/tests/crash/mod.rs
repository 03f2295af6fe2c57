//! What the crash tests share: a server that can be killed, and people who chat with each other over it
//! and write down what happens.

mod client;
mod file;
mod pairs;
mod person;
mod run;
mod seed;
pub(crate) mod server;
mod size;
mod talk;
mod verdict;

pub(crate) use file::{halves, integrity, transcripts};
pub(crate) use pairs::{CHATS_PER_AGENT, Pairs};
pub(crate) use seed::Seed;
pub(crate) use server::Server;
pub(crate) use size::{say, size};
pub(crate) use verdict::verdict;
