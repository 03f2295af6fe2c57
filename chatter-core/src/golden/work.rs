//! Frames about who does the work.

use super::all_seen;
use super::refusals::unavailable;
use super::samples::{ADA, BOB, ada, at, name, subject, text};
use crate::protocol::{
    AgentExplanation, Candidate, ChatExplanation, ColleagueView, LineView, LoadView, OfferOutcome, OfferView,
    StaffFrame, TeamChat, TeamMemberView, TypingView, ViewerView, WaitingView, WhyIdle, WhyWaiting,
};
use crate::{
    AgentState, CategoryId, ChatId, ChatStatus, DeclineReason, OfferEnd, PassedOver, Priority, Receipts, Seq,
    TeamMessage, Unavailable,
};

const CHAT: ChatId = ChatId(12);

fn reference() -> Option<String> {
    Some("r-1".to_owned())
}

pub(super) fn offer() -> OfferView {
    OfferView {
        chat: CHAT,
        category: CategoryId(1),
        customer_name: name("Zoe"),
        subject: Some(subject("Late parcel")),
        priority: Priority::High,
        arrived_at: at(0),
        until: at(30),
        from: None,
    }
}

pub(super) fn team_chat() -> TeamChat {
    let member = |agent, called, read| TeamMemberView {
        agent,
        name: name(called),
        receipts: Receipts { delivered: Seq(2), read: Seq(read) },
    };
    TeamChat {
        chat: ChatId(14),
        members: vec![member(ADA, "Ada", 2), member(BOB, "Bob", 1)],
        created_at: at(0),
        updated_at: at(9),
        last_seq: Seq(2),
        unread: 0,
        last_message: Some(TeamMessage { seq: Seq(2), at: at(9), author: ada(), text: Some(text("Lunch?")) }),
    }
}

fn outcomes() -> Vec<StaffFrame> {
    let ends = [
        OfferEnd::Declined { reason: None },
        OfferEnd::Declined { reason: Some(DeclineReason::WrongCategory) },
        OfferEnd::Missed,
        OfferEnd::Withdrawn,
    ];
    let gone = |outcome| StaffFrame::OfferGone { chat: CHAT, outcome };
    let mut frames = vec![gone(OfferOutcome::Accepted)];
    frames.extend(ends.map(|end| gone(OfferOutcome::Ended(end))));
    frames.extend(ends.map(|how| StaffFrame::TransferFailed { chat: CHAT, to: BOB, how }));
    frames
}

fn colleague() -> ColleagueView {
    ColleagueView {
        agent: BOB,
        name: name("Bob"),
        state: AgentState::Away,
        connected: true,
        load: 2,
        max_chats: 3,
        categories: vec![CategoryId(1), CategoryId(4)],
        chats: vec![CHAT],
    }
}

fn waiting() -> WaitingView {
    WaitingView {
        chat: CHAT,
        category: CategoryId(4),
        customer_name: name("Zoe"),
        subject: Some(subject("Late parcel")),
        priority: Priority::Medium,
        arrived_at: at(0),
        ready: true,
        offered_to: Some(BOB),
    }
}

fn chats_explained() -> Vec<StaffFrame> {
    let whys = [
        WhyWaiting::NotWaiting { status: ChatStatus::InProgress },
        WhyWaiting::Offered { agent: BOB, until: at(30) },
        WhyWaiting::CustomerAway { until: Some(at(60)) },
        WhyWaiting::CustomerAway { until: None },
        WhyWaiting::CustomerSilent,
        WhyWaiting::Sticky { agent: BOB, until: at(120) },
        WhyWaiting::NobodyServes,
        WhyWaiting::NobodyThere,
        WhyWaiting::NobodyFree,
        WhyWaiting::AboutToBeServed,
    ];
    all_seen(
        9,
        whys.iter().map(|why| match why {
            WhyWaiting::NotWaiting { .. } => 0,
            WhyWaiting::Offered { .. } => 1,
            WhyWaiting::CustomerAway { .. } => 2,
            WhyWaiting::CustomerSilent => 3,
            WhyWaiting::Sticky { .. } => 4,
            WhyWaiting::NobodyServes => 5,
            WhyWaiting::NobodyThere => 6,
            WhyWaiting::NobodyFree => 7,
            WhyWaiting::AboutToBeServed => 8,
        }),
    );
    let candidate = |reason, until| Candidate { agent: BOB, name: name("Bob"), load: 1, max_chats: 3, reason, until };
    let mut candidates = vec![candidate(None, None), candidate(Some(Unavailable::Resting), Some(at(12)))];
    candidates.extend(unavailable().into_iter().map(|reason| candidate(Some(reason), None)));
    let explained = |why, candidates| StaffFrame::ChatExplained {
        reference: reference(),
        explanation: Box::new(ChatExplanation {
            chat: CHAT,
            at: at(10),
            category: CategoryId(4),
            policy: "longest-wait".to_owned(),
            why,
            also: vec![WhyWaiting::CustomerSilent],
            place: Some(1),
            overflow: 1,
            next_overflow_at: Some(at(60)),
            passed_over: PassedOver { full: 1, ..PassedOver::default() },
            candidates,
        }),
    };
    let mut frames = vec![explained(WhyWaiting::NobodyFree, candidates)];
    frames.extend(whys.into_iter().map(|why| explained(why, Vec::new())));
    frames
}

fn agents_explained() -> Vec<StaffFrame> {
    let line = LineView { category: CategoryId(4), level: 0, stage: 1, waiting: 3, ready: 2, head: Some(CHAT) };
    let empty = LineView { waiting: 0, ready: 0, head: None, ..line };
    let explained = |why, lines| StaffFrame::AgentExplained {
        reference: reference(),
        explanation: Box::new(AgentExplanation {
            agent: BOB,
            at: at(10),
            state: AgentState::Online,
            connected: true,
            load: LoadView { active: 1, parked: 1, offered: 0, reserved: 1, wrapping_up: 1 },
            max_chats: 3,
            why,
            lines,
        }),
    };
    let unavailable = |reason, until| WhyIdle::Unavailable { reason, until };
    let whys = [
        (unavailable(Unavailable::Full, None), vec![line]),
        (unavailable(Unavailable::Resting, Some(at(12))), vec![line]),
        (WhyIdle::NobodyWaits, vec![empty]),
        (WhyIdle::OnlyHeld, Vec::new()),
        (WhyIdle::AboutToGetOne, vec![line]),
    ];
    all_seen(
        4,
        whys.iter().map(|(why, _)| match why {
            WhyIdle::Unavailable { .. } => 0,
            WhyIdle::NobodyWaits => 1,
            WhyIdle::OnlyHeld => 2,
            WhyIdle::AboutToGetOne => 3,
        }),
    );
    whys.into_iter().map(|(why, lines)| explained(why, lines)).collect()
}

pub(super) fn frames() -> Vec<StaffFrame> {
    let viewer = |agent, called, writing| ViewerView { agent, name: name(called), writing };
    let typing = |typing, words: Option<&str>| StaffFrame::Typing {
        chat: CHAT,
        typing: TypingView { typing, text: words.map(text) },
    };
    let silent = TeamChat { last_message: None, last_seq: Seq(0), ..team_chat() };
    let deleted = team_chat().last_message.map(|last| TeamMessage { text: None, ..last });
    let mut frames = vec![
        StaffFrame::Offer { offer: offer() },
        StaffFrame::Offer { offer: OfferView { subject: None, from: Some(BOB), ..offer() } },
        StaffFrame::Viewers { chat: CHAT, viewers: vec![viewer(ADA, "Ada", true), viewer(BOB, "Bob", false)] },
        typing(true, Some("Where is")),
        typing(true, None),
        typing(false, None),
        StaffFrame::TeamChat { reference: reference(), team_chat: silent },
        StaffFrame::TeamChat { reference: None, team_chat: TeamChat { last_message: deleted, ..team_chat() } },
        StaffFrame::Queue {
            reference: reference(),
            category: CategoryId(4),
            waiting: 2,
            chats: vec![waiting(), WaitingView { subject: None, ready: false, offered_to: None, ..waiting() }],
        },
        StaffFrame::Team {
            reference: reference(),
            agents: vec![colleague(), ColleagueView { connected: false, chats: Vec::new(), ..colleague() }],
        },
    ];
    frames.extend(outcomes());
    frames.extend(chats_explained());
    frames.extend(agents_explained());
    frames
}
