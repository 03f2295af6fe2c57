//! Frames to customers.

use super::refusals::refusals;
use super::samples::{HISTORY, ZOE, at, id, name};
use super::transcript::{LAST_PUBLIC, customer_entries, customer_targets, public_target_of};
use super::views::{
    CHAT, LIMITS, RECOVERED, categories, customer_chat, ended_chat, merged_chat, not_recovered, reference, waiting_chat,
};
use super::{all_seen, framed, newest, same};
use crate::protocol::{CustomerFrame, NotRecovered, PROTOCOL, PartyState, PlaceView};
use crate::{DeskId, PublicSeq, Refusal};

pub(super) fn customer_frames() -> Vec<CustomerFrame> {
    let place =
        PlaceView { place: Some(3), ahead: Some(2), agents_online: 2, estimated_wait_ms: None, moved_back: false };
    let no_place = PlaceView { place: None, ahead: None, agents_online: 0, ..place };
    let moved = PlaceView { estimated_wait_ms: Some(90_000), moved_back: true, ..place };
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
        CustomerFrame::Chat { chat: merged_chat() },
        CustomerFrame::CustomerToken { reference: None, chat: CHAT, customer_token: "c.u.s".to_owned() },
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
    frames.extend(what_was_written());
    let mut told: Vec<_> = refusals().into_iter().map(Refusal::for_customer).collect();
    told.dedup();
    let refused = told.into_iter().map(|refusal| {
        let message = refusal.to_string();
        CustomerFrame::Error { reference: None, client_msg_id: None, refusal, message }
    });
    frames.extend(refused);
    frames
}

/// Entries, alone and in pages, and the answers to one's own.
fn what_was_written() -> Vec<CustomerFrame> {
    let accepted = |duplicate, conflict| CustomerFrame::Accepted {
        reference: reference(),
        chat: CHAT,
        client_msg_id: id("m-1"),
        public_seq: PublicSeq(1),
        at: at(1),
        duplicate,
        conflict,
    };
    let page = page!(CustomerFrame);
    let newest = newest(customer_entries());
    let lost = |reason| page(Some(not_recovered(reason)), newest.clone(), customer_targets(), Some(LAST_PUBLIC));
    let mut frames = vec![
        accepted(false, false),
        accepted(true, true),
        page(Some(RECOVERED), customer_entries(), Vec::new(), Some(LAST_PUBLIC)),
        lost(NotRecovered::TooMany),
        lost(NotRecovered::NoPosition),
        lost(NotRecovered::HistoryChanged),
        lost(NotRecovered::AheadOfServer),
        page(None, Vec::new(), Vec::new(), None),
    ];
    frames.extend(customer_entries().into_iter().map(|entry| {
        let target =
            customer_targets().into_iter().find(|target| public_target_of(&entry.body) == Some(target.public_seq));
        CustomerFrame::Entry { chat: CHAT, entry, target }
    }));
    frames
}

/// Which variant it is. A new one comes with an example and one more in the test.
const fn variant(frame: &CustomerFrame) -> usize {
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

#[test]
fn customer_frames_keep_their_form() {
    all_seen(14, customer_frames().iter().map(variant));
    same("frames-customer.json", &framed(customer_frames()));
}
