use super::samples::{ADA, HISTORY, ZOE, ada, at, id, lines, name, seqs, subject, text, zoe};
use super::{all_seen, same};
use crate::protocol::{
    AgentView, AgentsOnline, CategoryAgents, CategoryView, CustomerChat, CustomerEntry, CustomerFrame, EndView, Framed,
    LimitsView, NotRecovered, PROTOCOL, PartyState, PlaceView, Recovery, StaffChat, StaffEntry, StaffFrame,
};
use crate::{
    AgentState, Body, CategoryId, ChatId, ChatStatus, DeskId, EndReason, Entry, Fence, LastMessage, Priority,
    PublicSeq, Receipts, Refusal, Seq, Side,
};

const CHAT: ChatId = ChatId(12);
const LIMITS: LimitsView =
    LimitsView { text_chars_max: 1_000, frame_bytes_max: 16_384, messages_per_second: 5, messages_burst: 20 };
const RECOVERED: Recovery = Recovery { recovered: true, reason: None };
const NOT_RECOVERED: Recovery = Recovery { recovered: false, reason: Some(NotRecovered::TooMany) };

fn reference() -> Option<String> {
    Some("r-1".to_owned())
}

fn categories() -> Vec<CategoryView> {
    vec![CategoryView { category: CategoryId(1), name: name("General"), agents_online: 2 }]
}

/// A transcript with every kind of entry and line.
pub(super) fn transcript() -> Vec<Entry> {
    let said = [
        (zoe(), Some(name("Ada")), Body::Message { text: text("Where is it? \"Soon\" <b>") }),
        (ada(), None, Body::Note { text: text("Asked twice before.") }),
        (ada(), Some(name("Zoe")), Body::Message { text: text("I look.") }),
    ];
    let told = lines().into_iter().map(|line| (crate::Author::System, None, Body::System { line }));
    let mut public = 0;
    let mut number = |body: &Body| {
        let seen = !matches!(body, Body::Note { .. });
        public += u64::from(seen);
        seen.then_some(PublicSeq(public))
    };
    let entries = said.into_iter().chain(told).zip(seqs());
    entries
        .map(|((author, to, body), seq)| Entry {
            chat: CHAT,
            seq,
            public_seq: number(&body),
            at: at(seq.0),
            author,
            to,
            body,
        })
        .collect()
}

fn customer_entries() -> Vec<CustomerEntry> {
    transcript().iter().filter_map(CustomerEntry::of).collect()
}

fn staff_entries() -> Vec<StaffEntry> {
    transcript().iter().map(Into::into).collect()
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
        last_public_seq: PublicSeq(8),
        unread: 1,
        own_receipts: Receipts { delivered: PublicSeq(8), read: PublicSeq(1) },
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
        episode: 1,
        arrived_at: at(0),
        created_at: at(0),
        updated_at: at(9),
        end: None,
        last_seq: Seq(9),
        unread: 0,
        own_receipts: Receipts { delivered: Seq(9), read: Seq(9) },
        other_receipts: Receipts { delivered: Seq(3), read: Seq(1) },
        last_message: Some(LastMessage {
            seq: last.seq,
            public_seq: PublicSeq(2),
            at: last.at,
            author: last.author.clone(),
            text: text("I look."),
        }),
    }
}

fn agent() -> AgentView {
    AgentView {
        agent: ADA,
        name: name("Ada"),
        state: AgentState::Online,
        max_chats: 6,
        load: 1,
        categories: vec![CategoryId(1)],
    }
}

fn agents() -> AgentsOnline {
    let category = CategoryAgents { category: CategoryId(1), signed_in: 2, online: 1, waiting: 3 };
    AgentsOnline { signed_in: 2, online: 1, categories: vec![category] }
}

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
    let page = |recovery, entries, up_to| CustomerFrame::Page {
        reference: reference(),
        chat: CHAT,
        history: HISTORY,
        recovery,
        entries,
        up_to,
    };
    let queued = |chat, existing, place, token: Option<&str>| CustomerFrame::Queued {
        reference: reference(),
        chat,
        existing,
        place,
        queue_token: token.map(str::to_owned),
    };
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
        CustomerFrame::CustomerToken { reference: None, chat: CHAT, customer_token: "c.u.s".to_owned() },
        accepted(false, false),
        accepted(true, true),
        page(Some(RECOVERED), customer_entries(), Some(PublicSeq(8))),
        page(Some(NOT_RECOVERED), customer_entries().split_off(7), Some(PublicSeq(8))),
        page(None, Vec::new(), None),
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
    frames.extend(customer_entries().into_iter().map(|entry| CustomerFrame::Entry { chat: CHAT, entry }));
    frames
}

fn staff_frames() -> Vec<StaffFrame> {
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
    let page = |recovery, entries, up_to| StaffFrame::Page {
        reference: reference(),
        chat: CHAT,
        history: HISTORY,
        recovery,
        entries,
        up_to,
    };
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
        },
        StaffFrame::Chat { chat: staff_chat() },
        accepted(2, None, false),
        accepted(3, Some(PublicSeq(2)), true),
        page(Some(RECOVERED), staff_entries(), Some(Seq(9))),
        page(Some(NOT_RECOVERED), staff_entries().split_off(8), Some(Seq(9))),
        page(None, Vec::new(), None),
        StaffFrame::ChatGone { chat: CHAT },
        StaffFrame::Presence { chat: CHAT, customer: PartyState::Joined },
        StaffFrame::Agent { agent: agent() },
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
    frames.extend(staff_entries().into_iter().map(|entry| StaffFrame::Entry { chat: CHAT, entry }));
    frames
}

/// Which variant it is. A new one comes with an example and one more in the test.
const fn customer_variant(frame: &CustomerFrame) -> usize {
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
    }
}

const fn staff_variant(frame: &StaffFrame) -> usize {
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
    }
}

fn json<F: serde::Serialize>(frames: Vec<F>) -> Vec<String> {
    frames.into_iter().map(|frame| Framed::new(Fence(3), frame).json().to_owned()).collect()
}

#[test]
fn customer_frames_keep_their_form() {
    all_seen(12, customer_frames().iter().map(customer_variant));
    same("frames-customer.json", &json(customer_frames()));
}

#[test]
fn staff_frames_keep_their_form() {
    all_seen(12, staff_frames().iter().map(staff_variant));
    same("frames-staff.json", &json(staff_frames()));
}
