//! Where a chat is, followed by what happened alone: it is somewhere exactly once, has one holder, and every offer
//! ends exactly once, whatever crashes come in between.

use chatter_core::{AgentId, ChatRecord, ChatState, Event, Fact};

use super::{Judge, Promise};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Waiting,
    Offered(AgentId),
    Held(AgentId),
    Resolved,
    Closed,
}

impl Place {
    pub(super) const fn of(record: &ChatRecord) -> Self {
        match record.state {
            ChatState::Offered { agent } => Self::Offered(agent),
            ChatState::Active { agent } => Self::Held(agent),
            ChatState::Resolved { .. } => Self::Resolved,
            ChatState::Closed { .. } => Self::Closed,
            _ => Self::Waiting,
        }
    }
}

impl Judge {
    /// A fact is durable.
    pub(super) fn happened(&mut self, event: &Event) {
        use Place::{Closed, Held, Offered, Resolved, Waiting};
        let word = format!("{:?}", event.fact);
        self.seen.insert(word.split([' ', '{']).next().unwrap_or_default().to_owned());
        let (chat, from, to) = match event.fact {
            Fact::ChatOpened { chat, .. } => (chat, None, Waiting),
            Fact::ChatOffered { chat, agent, .. } => (chat, Some(vec![Waiting]), Offered(agent)),
            Fact::OfferEnded { chat, agent, .. } => (chat, Some(vec![Offered(agent)]), Waiting),
            Fact::ChatAssigned { chat, agent, .. } => (chat, Some(vec![Waiting, Offered(agent)]), Held(agent)),
            Fact::ChatRequeued { chat, agent, .. } => (chat, Some(vec![Held(agent)]), Waiting),
            Fact::ChatTransferred { chat, from, to, .. } => (chat, Some(vec![Held(from)]), Held(to)),
            Fact::ChatMoved { chat, from, .. } => (chat, Some(vec![Held(from)]), Waiting),
            Fact::ChatAssignedByHand { chat, from, agent, .. } => {
                (chat, Some(vec![from.map_or(Waiting, Held)]), Held(agent))
            }
            Fact::ChatReopened { chat, .. } => (chat, Some(vec![Resolved]), Waiting),
            Fact::ChatClosed { chat } => (chat, Some(vec![Resolved]), Closed),
            Fact::ChatResolved { chat, .. } => {
                let at = self.places.get(&chat.0).copied().unwrap_or(Resolved);
                let free = matches!(at, Waiting | Held(_));
                (chat, Some(if free { vec![at] } else { vec![] }), Resolved)
            }
            Fact::ChatMerged { chat, .. } => {
                let at = self.places.get(&chat.0).copied().unwrap_or(Closed);
                (chat, Some(vec![at]), Closed)
            }
            _ => return,
        };
        let before = self.places.insert(chat.0, to);
        let fits = match (&from, before) {
            (None, None) => true,
            (Some(from), Some(before)) => from.contains(&before),
            (None, Some(_)) | (Some(_), None) => false,
        };
        if !fits {
            self.breaks(Promise::Rules, format_args!("chat {chat} was at {before:?} when this happened: {event:?}"));
        }
    }
}
