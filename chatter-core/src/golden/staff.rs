//! Frames to staff.

use super::samples::{HISTORY, at, id};
use super::transcript::{LAST_SEQ, staff_entries, staff_targets, target_of};
use super::views::{
    CHAT, LIMITS, RECOVERED, agent, agents, busy_chat, categories, gone_chat, not_recovered, reference, staff_chat,
};
use super::{all_seen, framed, newest, same, work};
use crate::protocol::{AgentView, NotRecovered, PROTOCOL, PartyState, StaffFrame};
use crate::{DeskId, Permission, Permissions, PublicSeq, Refusal, Seq};

fn staff_frames() -> Vec<StaffFrame> {
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
    frames.extend(what_was_written());
    frames.extend(work::frames());
    frames
}

/// Entries, alone and in pages, and the answers to one's own.
fn what_was_written() -> Vec<StaffFrame> {
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
    let page = page!(StaffFrame);
    let newest = newest(staff_entries());
    let mut frames = vec![
        accepted(2, None, false),
        accepted(3, Some(PublicSeq(2)), true),
        page(Some(RECOVERED), staff_entries(), Vec::new(), Some(LAST_SEQ)),
        page(Some(not_recovered(NotRecovered::TooMany)), newest, staff_targets(), Some(LAST_SEQ)),
        page(None, Vec::new(), Vec::new(), None),
    ];
    frames.extend(staff_entries().into_iter().map(|entry| {
        let target = staff_targets().into_iter().find(|target| target_of(&entry.body) == Some(target.seq));
        StaffFrame::Entry { chat: CHAT, entry, target }
    }));
    frames
}

/// Which variant it is. A new one comes with an example and one more in the test.
const fn variant(frame: &StaffFrame) -> usize {
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

#[test]
fn staff_frames_keep_their_form() {
    all_seen(22, staff_frames().iter().map(variant));
    same("frames-staff.json", &framed(staff_frames()));
}
