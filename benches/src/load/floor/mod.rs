//! Floors: what the same machine does in the same session without a chat engine. A floor is a process of its own,
//! `chatter-load relay KIND`, pinned like the server, and hears the generator's messages as Chatter does; but it knows
//! nothing: no one signs in, nothing is checked, a path names the chat and the side.

mod durable;
mod relay;

use std::path::Path;

use futures_util::{StreamExt as _, stream};

pub use relay::serve;

use super::LoadError;
use super::child::{Program, Running};
use super::people::Pair;
use super::place::Cores;
use super::wire::{Address, Wire};

/// How many connect at the same time.
const AT_ONCE: usize = 64;

/// The floors there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[expect(clippy::exhaustive_enums, reason = "the floors that PERFORMANCE names")]
pub enum FloorKind {
    /// hyper upgrade and tokio-tungstenite, frames handed on as they are, with tungstenite's default buffers.
    Plain,
    /// The same with read and write buffers of 4 KiB.
    Small,
    /// The same, and every message in SQLite (WAL, FULL, group commit) before it is acknowledged and handed on.
    Durable,
}

impl FloorKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Plain, Self::Small, Self::Durable];

    /// As it is written on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Small => "small",
            Self::Durable => "durable",
        }
    }

    /// What it is, in words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Plain => "relay, default buffers",
            Self::Small => "relay, 4 KiB buffers",
            Self::Durable => "durable floor",
        }
    }

    /// Whether senders get acknowledgements.
    #[must_use]
    pub const fn acks(self) -> bool {
        matches!(self, Self::Durable)
    }
}

/// A running floor.
#[derive(Debug)]
pub struct Floor {
    running: Running,
    _folder: tempfile::TempDir,
}

impl Floor {
    /// Starts a floor. `program` is the generator itself.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(
        program: &Program,
        kind: FloorKind,
        folder: Option<&Path>,
        cores: Option<Cores>,
    ) -> Result<Self, LoadError> {
        let made = folder.map_or_else(tempfile::tempdir, tempfile::tempdir_in);
        let folder = made.map_err(LoadError::io("making a folder for the floor"))?;
        let running = Running::start(program, &["relay", kind.name()], folder.path(), cores, "/").await?;
        Ok(Self { running, _folder: folder })
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.running.pid()
    }

    /// Connects both sides of `count` chats.
    pub(crate) async fn pairs(&self, count: usize) -> Result<Vec<Pair>, LoadError> {
        let base: &Address = &self.running.address;
        let both = stream::iter(1..=count as u64).map(|chat| async move {
            let customer = Wire::open(&base.at(&format!("/{chat}/0"))).await?;
            let agent = Wire::open(&base.at(&format!("/{chat}/1"))).await?;
            Ok(Pair { chat, customer, agent })
        });
        let both: Vec<Result<Pair, LoadError>> = both.buffer_unordered(AT_ONCE).collect().await;
        both.into_iter().collect()
    }
}
