//! Values that the examples are made of.

use crate::{
    AgentId, Author, CategoryId, ChatId, ClientMsgId, CustomerId, EndReason, HistoryId, Name, Side, Subject,
    SystemLine, Text, Time,
};

pub(super) const ADA: AgentId = AgentId(7);
pub(super) const BOB: AgentId = AgentId(8);
pub(super) const ZOE: CustomerId = CustomerId(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
pub(super) const HISTORY: HistoryId = HistoryId(0xfeed);

/// So many seconds after the first of January 2026.
pub(super) const fn at(second: u64) -> Time {
    Time(1_767_225_600_000_000 + second * 1_000_000)
}

pub(super) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(super) fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

pub(super) fn subject(text: &str) -> Subject {
    Subject::new(text).unwrap()
}

pub(super) fn id(text: &str) -> ClientMsgId {
    ClientMsgId::new(text).unwrap()
}

pub(super) fn zoe() -> Author {
    Author::Customer { customer: ZOE, name: name("Zoe") }
}

pub(super) fn ada() -> Author {
    Author::Agent { agent: ADA, name: name("Ada") }
}

pub(super) fn bob() -> Author {
    Author::Agent { agent: BOB, name: name("Bob") }
}

/// Every system line.
pub(super) fn lines() -> Vec<SystemLine> {
    let ada = || (ADA, name("Ada"));
    let all = vec![
        SystemLine::AgentJoined { agent: ada().0, name: ada().1 },
        SystemLine::AgentLeft { agent: ada().0, name: ada().1 },
        SystemLine::AgentLost { agent: ada().0, name: ada().1 },
        SystemLine::BackInQueue,
        SystemLine::ChatEnded { by: Side::Customer, reason: EndReason::CustomerEnded },
        SystemLine::ChatReopened { by: Side::Staff },
        SystemLine::TransferredToAgent { from: ADA, to: BOB, name: name("Bob") },
        SystemLine::TransferredToCategory { from: ADA, category: CategoryId(4), name: name("Billing") },
        SystemLine::SilenceWarning,
        SystemLine::MergedInto { into: ChatId(13) },
        SystemLine::MergedFrom { from: ChatId(11) },
    ];
    super::all_seen(
        11,
        all.iter().map(|line| match line {
            SystemLine::AgentJoined { .. } => 0,
            SystemLine::AgentLeft { .. } => 1,
            SystemLine::AgentLost { .. } => 2,
            SystemLine::BackInQueue => 3,
            SystemLine::ChatEnded { .. } => 4,
            SystemLine::ChatReopened { .. } => 5,
            SystemLine::TransferredToAgent { .. } => 6,
            SystemLine::TransferredToCategory { .. } => 7,
            SystemLine::SilenceWarning => 8,
            SystemLine::MergedInto { .. } => 9,
            SystemLine::MergedFrom { .. } => 10,
        }),
    );
    all
}
