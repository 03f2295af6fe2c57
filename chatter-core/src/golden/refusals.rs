use super::samples::{BOB, at, id};
use super::{all_seen, same};
use crate::{CategoryId, ChatId, ChatStatus, Invalid, Refusal, Unavailable};

pub(super) fn refusals() -> Vec<Refusal> {
    let (chat, category) = (ChatId(12), CategoryId(4));
    let mut all = vec![
        Refusal::BadRequest { field: "chat".to_owned(), detail: "`chat` is missing".to_owned() },
        Refusal::UnknownType,
        Refusal::NotAvailable { what: "send_file" },
        Refusal::Invalid(Invalid::new("limit", "1 to 200")),
        Refusal::NotAllowed,
        Refusal::UnknownChat { chat },
        Refusal::UnknownCategory,
        Refusal::UnknownAgent,
        Refusal::ChatClosed { chat },
        Refusal::ChatResolved { chat },
        Refusal::ChatNotResolved { chat },
        Refusal::StillWaiting { chat, place: Some(3) },
        Refusal::StillWaiting { chat, place: None },
        Refusal::NotWaiting { chat, status: ChatStatus::InProgress },
        Refusal::NotYourChat { chat },
        Refusal::OfferGone { chat },
        Refusal::QueueFull { category, limit: 50 },
        Refusal::CategoryClosed { category, opens_at: Some(at(3_600)) },
        Refusal::CategoryClosed { category, opens_at: None },
        Refusal::CustomerHasChat { chat },
        Refusal::CannotMerge { chat },
        Refusal::OverflowCycle { path: vec![CategoryId(1), category, CategoryId(1)] },
        Refusal::UnknownMessage { chat, target: 4 },
        Refusal::TooLate { chat, target: 4 },
        Refusal::ReceiptTooHigh { chat, last: 9 },
        Refusal::RateLimited { retry_after_ms: 250 },
        Refusal::OutOfOrder { first: id("m-1") },
        Refusal::RetryLater { retry_after_ms: 1_000 },
        Refusal::Unavailable,
        Refusal::Internal,
    ];
    all.extend(unavailable().into_iter().map(|reason| Refusal::AgentUnavailable { agent: BOB, reason }));
    all
}

/// Every reason.
pub(super) fn unavailable() -> Vec<Unavailable> {
    let all = vec![
        Unavailable::Offline,
        Unavailable::Away,
        Unavailable::LastCall,
        Unavailable::Disconnected,
        Unavailable::Full,
        Unavailable::Resting,
        Unavailable::Cooling,
        Unavailable::Holds,
    ];
    all_seen(
        8,
        all.iter().map(|reason| match reason {
            Unavailable::Offline => 0,
            Unavailable::Away => 1,
            Unavailable::LastCall => 2,
            Unavailable::Disconnected => 3,
            Unavailable::Full => 4,
            Unavailable::Resting => 5,
            Unavailable::Cooling => 6,
            Unavailable::Holds => 7,
        }),
    );
    all
}

/// Which variant it is. A new one comes with an example in [`refusals`] and one more in the test.
const fn variant(refusal: &Refusal) -> usize {
    match refusal {
        Refusal::BadRequest { .. } => 0,
        Refusal::UnknownType => 1,
        Refusal::NotAvailable { .. } => 2,
        Refusal::Invalid(_) => 3,
        Refusal::NotAllowed => 4,
        Refusal::UnknownChat { .. } => 5,
        Refusal::UnknownCategory => 6,
        Refusal::UnknownAgent => 7,
        Refusal::ChatClosed { .. } => 8,
        Refusal::ChatResolved { .. } => 9,
        Refusal::ChatNotResolved { .. } => 10,
        Refusal::StillWaiting { .. } => 11,
        Refusal::NotYourChat { .. } => 12,
        Refusal::ReceiptTooHigh { .. } => 13,
        Refusal::RateLimited { .. } => 14,
        Refusal::OutOfOrder { .. } => 15,
        Refusal::RetryLater { .. } => 16,
        Refusal::Unavailable => 17,
        Refusal::Internal => 18,
        Refusal::NotWaiting { .. } => 19,
        Refusal::OfferGone { .. } => 20,
        Refusal::AgentUnavailable { .. } => 21,
        Refusal::QueueFull { .. } => 22,
        Refusal::CategoryClosed { .. } => 23,
        Refusal::CustomerHasChat { .. } => 24,
        Refusal::CannotMerge { .. } => 25,
        Refusal::OverflowCycle { .. } => 26,
        Refusal::UnknownMessage { .. } => 27,
        Refusal::TooLate { .. } => 28,
    }
}

#[test]
fn refusals_keep_their_form_and_their_codes() {
    let refusals = refusals();
    all_seen(29, refusals.iter().map(variant));
    let json: Vec<_> = refusals.iter().map(|refusal| serde_json::to_string(refusal).unwrap()).collect();
    same("refusals.json", &json);
    for (refusal, json) in refusals.iter().zip(&json) {
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(value["code"], refusal.code(), "the code on the wire is the one that is told");
    }
}
