//! The load generator: people by the thousand for a running server, over real WebSockets and the real protocol.
//!
//! A run is one of the modes ([`Plan`] for people who talk, [`idle`], [`connect`], [`reconnect`], [`slow()`]) on a
//! [`Target`]; the same people can be put on a [`Floor`] in the same session, so that what is told is a ratio, which
//! another machine can repeat, and not a number, which it cannot.

pub mod args;
mod chatter;
mod child;
mod converse;
mod crowd;
mod error;
mod fault;
pub mod floor;
pub mod goals;
mod message;
#[cfg(test)]
mod omission;
mod pace;
mod people;
mod place;
mod progress;
mod slow;
mod talker;
mod tally;
pub mod tell;
mod wire;

use std::path::Path;

pub use chatter::{AGENT_PREFIX, Agents, Target};
pub use child::{AS_SERVER, Program};
pub use converse::{Plan, Style, Talked};
pub use crowd::{Came, CameBack, Idle, connect, idle, reconnect};
pub use error::LoadError;
pub use floor::{Floor, FloorKind};
pub use place::{Cores, Usage};
pub use progress::Progress;
pub use slow::{Slow, slow};
pub use tally::Latency;
pub use wire::Address;

/// Brings pairs together on a server and lets them talk.
///
/// # Errors
/// When they do not get that far; what goes wrong while they talk is counted instead.
pub async fn talk(target: &Target, pairs: usize, plan: &Plan, progress: &Progress) -> Result<Talked, LoadError> {
    progress.stage("pairs sit down");
    let seated = people::pairs(target, pairs).await?;
    Ok(converse::converse(seated, plan, target.pid, progress).await)
}

/// The same on a floor.
///
/// # Errors
/// When the floor does not start or is not reached.
pub async fn talk_on_floor(
    program: &Program,
    kind: FloorKind,
    place: (Option<&Path>, Option<Cores>),
    pairs: usize,
    plan: &Plan,
    progress: &Progress,
) -> Result<Talked, LoadError> {
    let floor = Floor::start(program, kind, place.0, place.1).await?;
    let seated = floor.pairs(pairs).await?;
    let plan = Plan { acked: kind.acks(), ..*plan };
    Ok(converse::converse(seated, &plan, floor.pid(), progress).await)
}
