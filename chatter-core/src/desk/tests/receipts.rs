//! Row C4 and P-D8: delivered, read and unread, for both sides, in their own numbers.

use super::support::{Bench, Sent, note};
use crate::protocol::{Command, CustomerFrame, StaffFrame};
use crate::{ChatId, CloseReason, PublicSeq, Receipts, Refusal, Seq, SessionId};

/// Customer and agent, and this transcript: 1 `agent joined`, 2 customer, 3 note, 4 agent, 5 note, 6 agent,
/// 7 customer; for the customer 1, 2, 3, 4, 5.
fn talk() -> (Bench, SessionId, SessionId, ChatId) {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    bench.subscribe(agent, chat);
    bench.say(customer, chat, "c1");
    bench.reply(agent, note(chat, "n1", "a note"));
    bench.say(agent, chat, "a1");
    bench.reply(agent, note(chat, "n2", "another"));
    bench.say(agent, chat, "a2");
    bench.say(customer, chat, "c2");
    bench.wait_secs(2);
    (bench, agent, customer, chat)
}

fn receipt(chat: ChatId, delivered: impl Into<Option<u64>>, read: impl Into<Option<u64>>) -> Command {
    Command::Receipt { chat, delivered: delivered.into(), read: read.into() }
}

#[test]
fn marks_rise_and_what_is_read_was_delivered() {
    let table: [(Option<u64>, Option<u64>, u64, u64); 7] = [
        (None, None, 0, 0),
        (Some(2), None, 2, 0),
        (None, Some(1), 2, 1),
        (Some(1), Some(0), 2, 1),
        (None, Some(3), 3, 3),
        (Some(5), Some(2), 5, 3),
        (Some(5), Some(5), 5, 5),
    ];
    let (mut bench, _, customer, chat) = talk();
    for (delivered, read, delivered_mark, read_mark) in table {
        bench.done(customer, receipt(chat, delivered, read));
        let marks = Receipts { delivered: PublicSeq(delivered_mark), read: PublicSeq(read_mark) };
        assert_eq!(bench.record(chat).customer_receipts, marks, "{delivered:?} {read:?}");
    }
}

#[test]
fn a_mark_beyond_the_newest_entry_ends_the_connection() {
    let (mut bench, agent, customer, chat) = talk();
    for (session, too_high, last) in [(customer, 6, 5), (agent, 8, 7)] {
        for command in [receipt(chat, too_high, None), receipt(chat, None, too_high), receipt(chat, 1, too_high)] {
            bench.sent(session);
            let before = bench.record(chat).clone();
            assert_eq!(bench.refused(session, command), Refusal::ReceiptTooHigh { chat, last });
            assert_eq!(bench.sent(session), [Sent::Closed(CloseReason::ReceiptTooHigh)]);
            assert_eq!(*bench.record(chat), before);
        }
        bench.done(session, receipt(chat, last, last));
    }
}

#[test]
fn unread_counts_messages_of_the_other_side() {
    let (mut bench, agent, customer, chat) = talk();
    let unread = |bench: &Bench| (bench.record(chat).customer_unread.len(), bench.record(chat).staff_unread.len());
    assert_eq!(unread(&bench), (2, 2), "neither notes, nor system lines, nor one's own");
    bench.done(customer, receipt(chat, 5, None));
    assert_eq!(unread(&bench), (2, 2), "delivered is not read");
    bench.done(customer, receipt(chat, None, 3));
    assert_eq!(unread(&bench), (1, 2));
    bench.done(agent, receipt(chat, None, 7));
    assert_eq!(unread(&bench), (1, 0));
    bench.done(customer, receipt(chat, None, 4));
    assert_eq!(unread(&bench), (0, 0));
}

#[test]
fn each_side_sees_the_others_marks_in_its_own_numbers() {
    // What the customer has read (public) as staff sees it: up to just before the first unread one of staff's
    // messages, which are 4 and 6 here.
    for (read, as_staff_sees) in [(0, 0), (1, 3), (2, 3), (3, 5), (4, 7), (5, 7)] {
        let (mut bench, agent, customer, chat) = talk();
        bench.sent(agent);
        bench.done(customer, receipt(chat, None, read));
        assert_eq!(bench.record(chat).customer_receipts_for_staff.read, Seq(as_staff_sees), "read {read}");
        let told = bench.sent(agent).into_iter().find_map(|sent| match sent {
            Sent::Staff(StaffFrame::Chat { chat }) => Some(chat.other_receipts.read),
            _ => None,
        });
        assert_eq!(told, (read > 0).then_some(Seq(as_staff_sees)), "live");
    }
    // And the other way: the customer's messages are 2 and 7 for staff, 2 and 5 in public.
    for (read, as_customer_sees) in [(0, 0), (1, 1), (2, 4), (3, 4), (6, 4), (7, 5)] {
        let (mut bench, agent, customer, chat) = talk();
        bench.sent(customer);
        bench.done(agent, receipt(chat, None, read));
        assert_eq!(bench.record(chat).staff_receipts_for_customer.read, PublicSeq(as_customer_sees), "read {read}");
        let told = bench.sent(customer).into_iter().find_map(|sent| match sent {
            Sent::Customer(CustomerFrame::Chat { chat }) => Some(chat.other_receipts.read),
            _ => None,
        });
        assert_eq!(told, (read > 0).then_some(PublicSeq(as_customer_sees)), "live");
    }
}

#[test]
fn a_translated_mark_may_lag_but_never_claims_too_much() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    for number in 0..130 {
        bench.wait_secs(1);
        bench.say(agent, chat, &format!("a{number}"));
    }
    assert_eq!(bench.record(chat).customer_unread.len(), 100, "counted one by one up to a hundred");
    bench.done(customer, receipt(chat, 20, 10));
    let seen = bench.record(chat).customer_receipts_for_staff;
    assert_eq!((seen.delivered, seen.read), (Seq(0), Seq(0)), "where nothing is counted it stays where it was");
    bench.done(customer, receipt(chat, 131, 60));
    let seen = bench.record(chat).customer_receipts_for_staff;
    assert_eq!((seen.delivered, seen.read), (Seq(131), Seq(60)));
    assert_eq!(bench.record(chat).customer_unread.len(), 71);
}

#[test]
fn receipts_are_for_those_who_follow_the_chat() {
    let (mut bench, agent, customer, chat) = talk();
    let (stranger, other) = (bench.customer(2), bench.agent(2, 1, &[1]));
    for session in [stranger, other] {
        assert_eq!(bench.refused(session, receipt(chat, 1, None)), Refusal::UnknownChat { chat });
    }
    bench.done(customer, Command::EndChat { chat });
    bench.done(agent, receipt(chat, None, 8));
    bench.done(customer, receipt(chat, None, 6));
}
