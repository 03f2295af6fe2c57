//! What can happen next in a support desk, for generated histories.

use proptest::prelude::*;

/// Something that happens; the numbers choose a chat or person out of those there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// A new customer opens a chat.
    Open,
    /// A customer who has had a chat opens another one.
    OpenAgain,
    /// A chat gets an agent.
    Assign(u8),
    /// An agent is asked to take a chat.
    Offer(u8),
    /// The agent who was asked lets it pass.
    Decline(u8),
    /// A chat is to go to another agent, or goes, or stays.
    Transfer(u8),
    /// An agent joins beside the holder, or leaves.
    Join(u8),
    /// The customer falls silent, or is back.
    Park(u8),
    /// A chat reaches the next stage of its overflow.
    Overflow(u8),
    /// A chat goes on in another one of its customer.
    Merge(u8),
    /// The customer or the agent writes.
    Message(u8),
    /// An agent writes a note.
    Note(u8),
    /// Somebody advises the agent.
    Whisper(u8),
    /// Somebody edits what was written.
    Edit(u8),
    /// Somebody deletes what was written.
    Delete(u8),
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
    /// A category is changed.
    Category(u8),
    /// Agents begin a conversation.
    OpenTeamChat,
    /// A member writes.
    TeamMessage(u8),
    /// A member reads all there is.
    TeamRead(u8),
    /// A member edits or deletes what was written.
    TeamEdit(u8),
}

impl Step {
    /// The step for any number: common ones come up more often.
    #[must_use]
    pub const fn out_of(number: u64, who: u8) -> Self {
        match number % 48 {
            0..=3 => Self::Open,
            4..=5 => Self::OpenAgain,
            6..=9 => Self::Assign(who),
            10..=18 => Self::Message(who),
            19..=20 => Self::Note(who),
            21..=22 => Self::Read(who),
            23 => Self::Subject(who),
            24 => Self::Requeue(who),
            25..=26 => Self::Resolve(who),
            27 => Self::Reopen(who),
            28 if who.is_multiple_of(2) => Self::Agent(who),
            28 => Self::Category(who),
            29 => Self::Close(who),
            30..=31 => Self::Offer(who),
            32 => Self::Decline(who),
            33..=34 => Self::Transfer(who),
            35 => Self::Join(who),
            36 => Self::Park(who),
            37 => Self::Overflow(who),
            38 => Self::Merge(who),
            39 => Self::Whisper(who),
            40..=41 => Self::Edit(who),
            42 => Self::Delete(who),
            43 => Self::OpenTeamChat,
            44..=45 => Self::TeamMessage(who),
            46 => Self::TeamRead(who),
            _ => Self::TeamEdit(who),
        }
    }
}

/// Sequences of up to `most` steps.
pub fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = (any::<u64>(), any::<u8>()).prop_map(|(number, who)| Step::out_of(number, who));
    prop::collection::vec(step, 0..=most)
}
