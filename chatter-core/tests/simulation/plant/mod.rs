//! Bugs to plant, so that the judge can show that it finds them. Each is put in from outside: into the store
//! under the engine, or between the engine's outbox and the network.

mod controls;
mod lens;
mod store;

use std::sync::Arc;

use chatter_core::testing::{Call, Dice, Fault, Faults};
use chatter_core::{Store, StoreErrorKind};

pub(crate) use lens::Lens;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plant {
    /// The store acknowledges writes and forgets some of them.
    LostCommit,
    /// The store acknowledges a write before it has carried it out, so everything the engine lets out is early.
    EarlyAck,
    /// The store says that nothing was written, and something was.
    FailedAndStands,
    /// A restart forgets how far people have read.
    ForgottenReceipts,
    /// A restart forgets a chat.
    ForgottenChat,
    /// A restart forgets which client ids were used.
    ForgottenIds,
    /// A page misses a line in its middle.
    HoleInPage,
    /// The store never answers again.
    Silence,
    /// A line does not arrive.
    LostEntry,
    /// An answer does not arrive.
    LostAnswer,
    /// A frame arrives twice.
    Doubled,
    /// A frame arrives after the one that follows it.
    Swapped,
    /// What came while a page was read is not held back.
    HeldLeaks,
    /// Customers are sent staff's numbers.
    StaffNumbers,
    /// Customers are sent a note.
    LeakedNote,
    /// A message that was accepted is told as refused.
    FalseRefusal,
    /// A customer's line carries other words.
    OtherWords,
    /// The state of a chat tells less than it told before.
    FallingMarks,
    /// A chat is told before it is given, to an agent who does not have it.
    LateGoodbye,
    /// The store does not put new words in the place of old ones.
    LostOverwrite,
    /// The store puts other words than those in the place of old ones.
    OtherEdit,
    /// The store gives lines with the words that they had at first.
    OldWords,
    /// The row of a chat keeps the words of a line that was deleted.
    KeptWords,
    /// What is typed is stored.
    StoredTyping,
    /// An edit is told with other words.
    OtherTarget,
    /// A page comes without the lines that it changed.
    NoTargets,
    /// Nobody is told that somebody has stopped typing.
    EndlessTyping,
    /// Customers are told what somebody types.
    LeakedTyping,
    /// An edit that was done is told as refused.
    FalseRefusalOfEdit,
    /// Agents are told of a conversation of others.
    StrangeTeam,
    /// Every agent may do everything.
    OpenDoor,
    /// Lines of the record are lost.
    TornRecord,
}

impl Plant {
    /// The store with the bug in it, if it is one of the store.
    pub(crate) fn into_store(plant: Option<Self>, store: Arc<dyn Store>, seed: u64) -> Arc<dyn Store> {
        match plant {
            Some(plant) => Arc::new(store::Planted::new(plant, store, seed)),
            None => store,
        }
    }

    /// The bug as a fault of the store, if it is one.
    pub(crate) fn into_faults(self, faults: &Faults, dice: &mut Dice) {
        let fault = match self {
            Self::LostCommit => Fault::Lose,
            Self::FailedAndStands => Fault::FailAfter(StoreErrorKind::Conflict),
            _ => return,
        };
        faults.sometimes(Call::Commit, dice.roll(), 20, &[fault]);
    }
}
