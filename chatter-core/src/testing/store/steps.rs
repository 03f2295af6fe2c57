//! What can happen next in a support desk, for generated histories.

use proptest::prelude::*;

/// Something that happens; the numbers choose a chat or person out of those there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// A customer opens a chat.
    Open,
    /// A chat gets an agent.
    Assign(u8),
    /// The customer or the agent writes.
    Message(u8),
    /// An agent writes a note.
    Note(u8),
    /// A side reads all there is.
    Read(u8),
    /// Somebody sets or changes the subject.
    Subject(u8),
    /// A chat goes back to its queue.
    Requeue(u8),
    /// A chat is ended.
    Resolve(u8),
    /// A resolved chat goes on.
    Reopen(u8),
    /// A resolved chat is closed for good.
    Close(u8),
    /// An agent changes their state.
    Agent(u8),
    /// A category is renamed.
    Category(u8),
}

impl Step {
    /// The step for any number: common ones come up more often.
    #[must_use]
    pub const fn out_of(number: u64, who: u8) -> Self {
        match number % 24 {
            0..=2 => Self::Open,
            3..=5 => Self::Assign(who),
            6..=12 => Self::Message(who),
            13..=14 => Self::Note(who),
            15..=16 => Self::Read(who),
            17 => Self::Subject(who),
            18 => Self::Requeue(who),
            19..=20 => Self::Resolve(who),
            21 => Self::Reopen(who),
            22 if who.is_multiple_of(2) => Self::Agent(who),
            22 => Self::Category(who),
            _ => Self::Close(who),
        }
    }
}

/// Sequences of up to `most` steps.
pub fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = (any::<u64>(), any::<u8>()).prop_map(|(number, who)| Step::out_of(number, who));
    prop::collection::vec(step, 0..=most)
}
