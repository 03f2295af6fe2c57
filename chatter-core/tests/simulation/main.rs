//! The whole engine in a seeded world, in virtual time, on one thread: real sessions over a store, a network and
//! a process that fail, and clients that do as the guide of the protocol says.
//!
//! A run has two phases. While things fail, no promise is ever broken: a judge looks at everything that is stored,
//! handed over and read. Then nothing fails any more, and everything settles. The same seed is the same run.
//!
//! A failure prints the one command that repeats it. `CHATTER_SIM_SEEDS` sets how many seeds are run, and
//! `CHATTER_SIM_FROM` the first one; `CHATTER_SIM_LINES` how many of the last steps are shown;
//! `CHATTER_FULL=1` runs more of them. Seeds that once failed are kept in `seeds.txt` and run first.

#![cfg(test)]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test picks out what it looks at")]

mod actions;
mod client;
mod clock;
mod gate;
mod host;
mod judge;
mod nemesis;
mod plan;
mod plant;
mod settle;
mod store;
mod tape;
mod trace;
mod wire;
mod world;

mod runs;

/// What a panic said.
fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}
