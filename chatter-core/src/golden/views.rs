//! What frames show: chats, agents, categories.

use super::all_seen;
use super::samples::{ADA, BOB, ZOE, at, name, subject, text};
use super::transcript::{LAST_PUBLIC, LAST_SEQ, customer_entries, transcript};
use crate::protocol::{
    AgentView, AgentsOnline, Availability, CategoryAgents, CategoryView, CustomerChat, EndView, LimitsView,
    NotRecovered, PartyState, Recovery, StaffChat,
};
use crate::{
    AgentState, CategoryId, ChatId, ChatStatus, EndReason, LastMessage, Priority, PublicSeq, Receipts, Seq, Side,
};

pub(super) const CHAT: ChatId = ChatId(12);
pub(super) const LIMITS: LimitsView = LimitsView {
    text_chars_max: 1_000,
    frame_bytes_max: 16_384,
    messages_per_second: 5,
    messages_burst: 20,
    edit_within_s: 900,
    typing_preview: true,
};
pub(super) const RECOVERED: Recovery = Recovery { recovered: true, reason: None };

pub(super) const fn not_recovered(reason: NotRecovered) -> Recovery {
    Recovery { recovered: false, reason: Some(reason) }
}

pub(super) fn reference() -> Option<String> {
    Some("r-1".to_owned())
}

/// One for each kind of availability.
pub(super) fn categories() -> Vec<CategoryView> {
    let all = [
        ("General", Availability::Open),
        ("Sales", Availability::Queue),
        ("Billing", Availability::Full),
        ("Technical", Availability::Away),
        ("Returns", Availability::Closed { until: Some(at(3_600)) }),
        ("Museum", Availability::Closed { until: None }),
    ];
    all_seen(
        5,
        all.iter().map(|(_, availability)| match availability {
            Availability::Open => 0,
            Availability::Queue => 1,
            Availability::Full => 2,
            Availability::Away => 3,
            Availability::Closed { .. } => 4,
        }),
    );
    let numbered = all.into_iter().zip(1..);
    let view = |((text, availability), category)| CategoryView {
        category: CategoryId(category),
        name: name(text),
        agents_online: 2,
        availability,
    };
    numbered.map(view).collect()
}

pub(super) fn customer_chat() -> CustomerChat {
    CustomerChat {
        chat: CHAT,
        category: CategoryId(1),
        status: ChatStatus::InProgress,
        customer_name: name("Zoe"),
        subject: Some(subject("Late parcel")),
        agent: Some(name("Ada")),
        agent_presence: Some(PartyState::Joined),
        episode: 1,
        created_at: at(0),
        updated_at: at(9),
        end: None,
        merged_into: None,
        last_public_seq: LAST_PUBLIC,
        unread: 1,
        own_receipts: Receipts { delivered: LAST_PUBLIC, read: PublicSeq(1) },
        other_receipts: Receipts { delivered: PublicSeq(1), read: PublicSeq(1) },
        last_message: customer_entries().into_iter().nth(1),
    }
}

pub(super) fn waiting_chat() -> CustomerChat {
    CustomerChat {
        status: ChatStatus::Open,
        subject: None,
        agent: None,
        agent_presence: None,
        last_message: None,
        ..customer_chat()
    }
}

pub(super) fn ended_chat() -> CustomerChat {
    let end = Some(EndView { at: at(60), by: Side::System, reason: EndReason::Abandoned });
    CustomerChat { status: ChatStatus::Resolved, end, ..waiting_chat() }
}

pub(super) fn merged_chat() -> CustomerChat {
    let end = Some(EndView { at: at(60), by: Side::Staff, reason: EndReason::Merged });
    CustomerChat { status: ChatStatus::Closed, end, merged_into: Some(ChatId(13)), ..waiting_chat() }
}

pub(super) fn staff_chat() -> StaffChat {
    let last = &transcript()[2];
    StaffChat {
        chat: CHAT,
        category: CategoryId(1),
        status: ChatStatus::InProgress,
        customer: ZOE,
        customer_name: name("Zoe"),
        customer_presence: PartyState::ConnectionLost,
        subject: Some(subject("Late parcel")),
        priority: Priority::High,
        agent: Some(ADA),
        joined: Vec::new(),
        transfer_to: None,
        parked: false,
        merged_into: None,
        merged_from: Vec::new(),
        episode: 1,
        arrived_at: at(0),
        created_at: at(0),
        updated_at: at(9),
        end: None,
        last_seq: LAST_SEQ,
        unread: 0,
        own_receipts: Receipts { delivered: LAST_SEQ, read: LAST_SEQ },
        other_receipts: Receipts { delivered: Seq(3), read: Seq(1) },
        last_message: Some(LastMessage {
            seq: last.seq,
            public_seq: PublicSeq(2),
            at: last.at,
            author: last.author.clone(),
            text: Some(text("I look.")),
        }),
    }
}

/// All that the other one leaves out; its newest message was deleted.
pub(super) fn busy_chat() -> StaffChat {
    let last_message = staff_chat().last_message.map(|last| LastMessage { text: None, ..last });
    StaffChat {
        joined: vec![BOB],
        transfer_to: Some(BOB),
        parked: true,
        merged_from: vec![ChatId(11)],
        last_message,
        ..staff_chat()
    }
}

pub(super) fn gone_chat() -> StaffChat {
    let end = Some(EndView { at: at(60), by: Side::Staff, reason: EndReason::Merged });
    StaffChat { status: ChatStatus::Closed, end, merged_into: Some(ChatId(13)), agent: None, ..staff_chat() }
}

pub(super) fn agent() -> AgentView {
    AgentView {
        agent: ADA,
        name: name("Ada"),
        state: AgentState::Online,
        max_chats: 6,
        load: 1,
        wrapping_up: 0,
        categories: vec![CategoryId(1)],
    }
}

pub(super) fn agents() -> AgentsOnline {
    let category = CategoryAgents { category: CategoryId(1), signed_in: 2, online: 1, waiting: 3 };
    AgentsOnline { signed_in: 2, online: 1, categories: vec![category] }
}
