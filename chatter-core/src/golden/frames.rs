use super::refusals::refusals;
use super::samples::{ADA, BOB, HISTORY, ZOE, at, id, name, subject, text};
use super::transcript::{
    LAST_PUBLIC, LAST_SEQ, customer_entries, customer_targets, public_target_of, staff_entries, staff_targets,
    target_of, transcript,
};
use super::{all_seen, same, work};
use crate::protocol::{
    AgentView, AgentsOnline, Availability, CategoryAgents, CategoryView, CustomerChat, CustomerFrame, EndView, Framed,
    LimitsView, NotRecovered, PROTOCOL, PartyState, PlaceView, Recovery, StaffChat, StaffFrame,
};
use crate::{
    AgentState, CategoryId, ChatId, ChatStatus, DeskId, EndReason, Fence, LastMessage, Permission, Permissions,
    Priority, PublicSeq, Receipts, Refusal, Seq, Side,
};

const CHAT: ChatId = ChatId(12);
const LIMITS: LimitsView = LimitsView {
    text_chars_max: 1_000,
    frame_bytes_max: 16_384,
    messages_per_second: 5,
    messages_burst: 20,
    edit_within_s: 900,
    typing_preview: true,
};
const RECOVERED: Recovery = Recovery { recovered: true, reason: None };

const fn not_recovered(reason: NotRecovered) -> Recovery {
    Recovery { recovered: false, reason: Some(reason) }
}

fn reference() -> Option<String> {
    Some("r-1".to_owned())
}

/// One for each kind of availability.
fn categories() -> Vec<CategoryView> {
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

fn customer_chat() -> CustomerChat {
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

fn waiting_chat() -> CustomerChat {
    CustomerChat {
        status: ChatStatus::Open,
        subject: None,
        agent: None,
        agent_presence: None,
        last_message: None,
        ..customer_chat()
    }
}

fn ended_chat() -> CustomerChat {
    let end = Some(EndView { at: at(60), by: Side::System, reason: EndReason::Abandoned });
    CustomerChat { status: ChatStatus::Resolved, end, ..waiting_chat() }
}

fn merged_chat() -> CustomerChat {
    let end = Some(EndView { at: at(60), by: Side::Staff, reason: EndReason::Merged });
    CustomerChat { status: ChatStatus::Closed, end, merged_into: Some(ChatId(13)), ..waiting_chat() }
}

fn staff_chat() -> StaffChat {
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
fn busy_chat() -> StaffChat {
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

fn gone_chat() -> StaffChat {
    let end = Some(EndView { at: at(60), by: Side::Staff, reason: EndReason::Merged });
    StaffChat { status: ChatStatus::Closed, end, merged_into: Some(ChatId(13)), agent: None, ..staff_chat() }
}

fn agent() -> AgentView {
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

fn agents() -> AgentsOnline {
    let category = CategoryAgents { category: CategoryId(1), signed_in: 2, online: 1, waiting: 3 };
    AgentsOnline { signed_in: 2, online: 1, categories: vec![category] }
}

#[expect(clippy::too_many_lines, reason = "one arm a kind")]
pub(super) fn customer_frames() -> Vec<CustomerFrame> {
    let place =
        PlaceView { place: Some(3), ahead: Some(2), agents_online: 2, estimated_wait_ms: None, moved_back: false };
    let no_place = PlaceView { place: None, ahead: None, agents_online: 0, ..place };
    let moved = PlaceView { estimated_wait_ms: Some(90_000), moved_back: true, ..place };
    let accepted = |duplicate, conflict| CustomerFrame::Accepted {
        reference: reference(),
        chat: CHAT,
        client_msg_id: id("m-1"),
        public_seq: PublicSeq(1),
        at: at(1),
        duplicate,
        conflict,
    };
    let page = |recovery, entries, targets, up_to| CustomerFrame::Page {
        reference: reference(),
        chat: CHAT,
        history: HISTORY,
        recovery,
        entries,
        targets,
        up_to,
    };
    let queued = |chat, existing, place, token: Option<&str>| CustomerFrame::Queued {
        reference: reference(),
        chat,
        existing,
        place,
        queue_token: token.map(str::to_owned),
    };
    let newest = customer_entries().split_off(customer_entries().len() - 2);
    let mut frames = vec![
        CustomerFrame::Ready {
            reference: reference(),
            protocol: PROTOCOL,
            desk: DeskId::default(),
            history: HISTORY,
            customer: ZOE,
            now: at(0),
            visitor_token: Some("v.i.s".to_owned()),
            limits: LIMITS,
            categories: categories(),
            chats: vec![customer_chat()],
        },
        queued(waiting_chat(), false, Some(place), Some("q.u.e")),
        queued(customer_chat(), true, None, None),
        CustomerFrame::Place { reference: reference(), chat: CHAT, place },
        CustomerFrame::Place { reference: None, chat: CHAT, place: moved },
        CustomerFrame::Place { reference: None, chat: CHAT, place: no_place },
        CustomerFrame::Chat { chat: ended_chat() },
        CustomerFrame::Chat { chat: merged_chat() },
        CustomerFrame::CustomerToken { reference: None, chat: CHAT, customer_token: "c.u.s".to_owned() },
        accepted(false, false),
        accepted(true, true),
        page(Some(RECOVERED), customer_entries(), Vec::new(), Some(LAST_PUBLIC)),
        page(Some(not_recovered(NotRecovered::TooMany)), newest.clone(), customer_targets(), Some(LAST_PUBLIC)),
        page(Some(not_recovered(NotRecovered::NoPosition)), newest.clone(), customer_targets(), Some(LAST_PUBLIC)),
        page(Some(not_recovered(NotRecovered::HistoryChanged)), newest.clone(), customer_targets(), Some(LAST_PUBLIC)),
        page(Some(not_recovered(NotRecovered::AheadOfServer)), newest, customer_targets(), Some(LAST_PUBLIC)),
        page(None, Vec::new(), Vec::new(), None),
        CustomerFrame::Typing { chat: CHAT, agent: name("Ada"), typing: true },
        CustomerFrame::Availability { categories: categories() },
        CustomerFrame::Presence { chat: CHAT, agent: PartyState::Left },
        CustomerFrame::Done { reference: reference() },
        CustomerFrame::Done { reference: None },
        CustomerFrame::Pong { reference: reference() },
        CustomerFrame::Error {
            reference: reference(),
            client_msg_id: Some(id("m-1")),
            refusal: Refusal::RateLimited { retry_after_ms: 250 },
            message: Refusal::RateLimited { retry_after_ms: 250 }.to_string(),
        },
    ];
    frames.extend(customer_entries().into_iter().map(|entry| {
        let target =
            customer_targets().into_iter().find(|target| public_target_of(&entry.body) == Some(target.public_seq));
        CustomerFrame::Entry { chat: CHAT, entry, target }
    }));
    // Who cannot take a chat is staff's to know; no command of a customer is answered so.
    let told = refusals().into_iter().filter(|refusal| !matches!(refusal, Refusal::AgentUnavailable { .. }));
    let refused = told.map(|refusal| {
        let message = refusal.to_string();
        CustomerFrame::Error { reference: None, client_msg_id: None, refusal, message }
    });
    frames.extend(refused);
    frames
}

pub(super) fn staff_frames() -> Vec<StaffFrame> {
    let accepted = |seq, public_seq, duplicate| StaffFrame::Accepted {
        reference: reference(),
        chat: CHAT,
        client_msg_id: id("m-1"),
        seq: Seq(seq),
        public_seq,
        at: at(seq),
        duplicate,
        conflict: duplicate,
    };
    let page = |recovery, entries, targets, up_to| StaffFrame::Page {
        reference: reference(),
        chat: CHAT,
        history: HISTORY,
        recovery,
        entries,
        targets,
        up_to,
    };
    let newest = staff_entries().split_off(staff_entries().len() - 2);
    let mut frames = vec![
        StaffFrame::Ready {
            reference: reference(),
            protocol: PROTOCOL,
            desk: DeskId::default(),
            history: HISTORY,
            agent: agent(),
            now: at(0),
            agent_token: Some("a.g.e".to_owned()),
            limits: LIMITS,
            categories: categories(),
            chats: vec![staff_chat()],
            agents: agents(),
            permissions: Permissions::NONE.with(Permission::Watch),
            offers: vec![work::offer()],
            team_chats: vec![work::team_chat()],
        },
        StaffFrame::Chat { chat: staff_chat() },
        StaffFrame::Chat { chat: busy_chat() },
        StaffFrame::Chat { chat: gone_chat() },
        accepted(2, None, false),
        accepted(3, Some(PublicSeq(2)), true),
        page(Some(RECOVERED), staff_entries(), Vec::new(), Some(LAST_SEQ)),
        page(Some(not_recovered(NotRecovered::TooMany)), newest, staff_targets(), Some(LAST_SEQ)),
        page(None, Vec::new(), Vec::new(), None),
        StaffFrame::ChatGone { chat: CHAT },
        StaffFrame::Presence { chat: CHAT, customer: PartyState::Joined },
        StaffFrame::Agent { agent: agent() },
        StaffFrame::Agent { agent: AgentView { wrapping_up: 1, ..agent() } },
        StaffFrame::Agents { agents: agents() },
        StaffFrame::Done { reference: reference() },
        StaffFrame::Pong { reference: None },
        StaffFrame::Error {
            reference: None,
            client_msg_id: None,
            refusal: Refusal::NotYourChat { chat: CHAT },
            message: Refusal::NotYourChat { chat: CHAT }.to_string(),
        },
    ];
    frames.extend(staff_entries().into_iter().map(|entry| {
        let target = staff_targets().into_iter().find(|target| target_of(&entry.body) == Some(target.seq));
        StaffFrame::Entry { chat: CHAT, entry, target }
    }));
    frames.extend(work::frames());
    frames
}

/// Which variant it is. A new one comes with an example and one more in the test.
pub(super) const fn customer_variant(frame: &CustomerFrame) -> usize {
    match frame {
        CustomerFrame::Ready { .. } => 0,
        CustomerFrame::Queued { .. } => 1,
        CustomerFrame::Place { .. } => 2,
        CustomerFrame::Chat { .. } => 3,
        CustomerFrame::CustomerToken { .. } => 4,
        CustomerFrame::Entry { .. } => 5,
        CustomerFrame::Accepted { .. } => 6,
        CustomerFrame::Page { .. } => 7,
        CustomerFrame::Presence { .. } => 8,
        CustomerFrame::Done { .. } => 9,
        CustomerFrame::Pong { .. } => 10,
        CustomerFrame::Error { .. } => 11,
        CustomerFrame::Typing { .. } => 12,
        CustomerFrame::Availability { .. } => 13,
    }
}

pub(super) const fn staff_variant(frame: &StaffFrame) -> usize {
    match frame {
        StaffFrame::Ready { .. } => 0,
        StaffFrame::Chat { .. } => 1,
        StaffFrame::Entry { .. } => 2,
        StaffFrame::Accepted { .. } => 3,
        StaffFrame::Page { .. } => 4,
        StaffFrame::ChatGone { .. } => 5,
        StaffFrame::Presence { .. } => 6,
        StaffFrame::Agent { .. } => 7,
        StaffFrame::Agents { .. } => 8,
        StaffFrame::Done { .. } => 9,
        StaffFrame::Pong { .. } => 10,
        StaffFrame::Error { .. } => 11,
        StaffFrame::Offer { .. } => 12,
        StaffFrame::OfferGone { .. } => 13,
        StaffFrame::TransferFailed { .. } => 14,
        StaffFrame::Viewers { .. } => 15,
        StaffFrame::Typing { .. } => 16,
        StaffFrame::TeamChat { .. } => 17,
        StaffFrame::Queue { .. } => 18,
        StaffFrame::Team { .. } => 19,
        StaffFrame::ChatExplained { .. } => 20,
        StaffFrame::AgentExplained { .. } => 21,
    }
}

fn json<F: serde::Serialize>(frames: Vec<F>) -> Vec<String> {
    frames.into_iter().map(|frame| Framed::new(Fence(3), frame).json().to_owned()).collect()
}

#[test]
fn customer_frames_keep_their_form() {
    all_seen(14, customer_frames().iter().map(customer_variant));
    same("frames-customer.json", &json(customer_frames()));
}

#[test]
fn staff_frames_keep_their_form() {
    all_seen(22, staff_frames().iter().map(staff_variant));
    same("frames-staff.json", &json(staff_frames()));
}
