//! Bugs to plant, so that the judge can show that it finds them. Each is put in from outside: into the store
//! under the engine, or between the engine's outbox and the network.

use std::sync::Arc;

use chatter_core::Store;
use chatter_core::testing::Dice;

use crate::judge::Who;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plant {
    /// The store acknowledges writes and forgets some of them.
    LostCommit,
    /// A frame does not arrive.
    DroppedFrame,
}

/// The store with a bug in it, if one is planted there.
pub(crate) fn planted(plant: Option<Plant>, store: Arc<dyn Store>, seed: u64) -> Arc<dyn Store> {
    let _ = (plant, seed);
    store
}

/// What becomes of frames on their way to one client.
#[derive(Clone, Debug)]
pub(crate) struct Lens {
    plant: Option<Plant>,
    dice: Dice,
}

impl Lens {
    pub(crate) const fn new(plant: Option<Plant>, seed: u64) -> Self {
        Self { plant, dice: Dice::new(seed) }
    }

    pub(crate) fn seen(&mut self, _: Who, json: &str) -> Vec<String> {
        match self.plant {
            Some(Plant::DroppedFrame) if json.contains("\"type\":\"entry\"") && self.dice.once_in(20) => Vec::new(),
            _ => vec![json.to_owned()],
        }
    }
}
