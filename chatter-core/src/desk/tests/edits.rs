//! C8: editing and deleting one's own messages.

use std::time::Duration;

use super::support::{Bench, Sent, note, whisper};
use crate::desk::{Answer, DeskSettings, Input, Reply};
use crate::policy::LongestWait;
use crate::protocol::{Command, CustomerBody, CustomerFrame, StaffFrame};
use crate::{Body, ChatId, EntryKind, PublicSeq, Refusal, Seq, SessionId, Text};

/// A held chat that both sides follow; entry 1 is the line that the agent joined, 2 a message of the customer's.
fn held() -> (Bench, SessionId, SessionId, ChatId) {
    let mut bench = Bench::with(LongestWait, DeskSettings { messages_per_second: 0, ..DeskSettings::default() });
    let agent = bench.agent(1, 2, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    bench.subscribe(agent, chat);
    bench.say(customer, chat, "first");
    bench.sent(agent);
    bench.sent(customer);
    (bench, agent, customer, chat)
}

fn words(words: &str) -> Text {
    Text::new(words).unwrap()
}

fn edit(chat: ChatId, target: u64, text: &str) -> Command {
    Command::EditMessage { chat, target, text: words(text) }
}

fn delete(chat: ChatId, target: u64) -> Command {
    Command::DeleteMessage { chat, target }
}

fn entry(bench: &Bench, chat: ChatId, seq: u64) -> &crate::Entry {
    &bench.store.entries[&(chat, Seq(seq))]
}

#[test]
fn an_edit_is_an_entry_that_names_its_target_which_says_something_else_now() {
    let (mut bench, agent, customer, chat) = held();
    bench.wait_secs(5);
    bench.sent(agent);
    bench.done(customer, edit(chat, 2, "better"));
    let marker = entry(&bench, chat, 3);
    assert_eq!(marker.body, Body::Edit { target: Seq(2), public_target: Some(PublicSeq(2)) });
    assert_eq!(marker.public_seq, Some(PublicSeq(3)));
    let target = entry(&bench, chat, 2);
    assert_eq!((&target.body, target.edited_at), (&Body::Message { text: words("better") }, Some(bench.now)));
    let last = bench.record(chat).last_message.clone().unwrap();
    assert_eq!((last.seq, last.text), (Seq(2), Some(words("better"))));
    // Both sides get the marker with the present form: whoever asked too.
    let told = bench.sent(agent);
    let [Sent::Staff(StaffFrame::Entry { entry, target: Some(target), .. })] = &told[..] else { panic!("{told:?}") };
    assert_eq!((entry.seq, &target.body), (Seq(3), &Body::Message { text: words("better") }));
    let told = bench.sent(customer);
    let [Sent::Customer(CustomerFrame::Entry { entry, target: Some(target), .. })] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(entry.body, CustomerBody::Edit { target: PublicSeq(2) });
    assert_eq!(target.body, CustomerBody::Message { text: words("better") });
}

#[test]
fn a_deletion_leaves_no_text_anywhere() {
    let (mut bench, agent, customer, chat) = held();
    assert_eq!(bench.record(chat).staff_unread.len(), 1);
    bench.done(customer, delete(chat, 2));
    assert_eq!(entry(&bench, chat, 2).body, Body::Deleted { was: EntryKind::Message });
    assert_eq!(entry(&bench, chat, 3).body, Body::Deletion { target: Seq(2), public_target: Some(PublicSeq(2)) });
    let record = bench.record(chat);
    assert_eq!(record.last_message.as_ref().unwrap().text, None);
    assert!(record.staff_unread.is_empty(), "there is nothing to read");
    let told = bench.sent(agent);
    let [Sent::Staff(StaffFrame::Entry { target: Some(target), .. })] = &told[..] else { panic!("{told:?}") };
    assert_eq!((&target.body, target.edited_at), (&Body::Deleted { was: EntryKind::Message }, None));
    let told = bench.sent(customer);
    let [Sent::Customer(CustomerFrame::Entry { target: Some(target), .. })] = &told[..] else { panic!("{told:?}") };
    assert_eq!(target.body, CustomerBody::Deleted);
}

#[test]
fn doing_it_again_is_done_without_an_entry() {
    let (mut bench, _, customer, chat) = held();
    bench.done(customer, edit(chat, 2, "better"));
    let events = bench.store.events.len();
    bench.done(customer, edit(chat, 2, "better"));
    assert_eq!(bench.store.events.len(), events);
    bench.done(customer, delete(chat, 2));
    let events = bench.store.events.len();
    bench.done(customer, delete(chat, 2));
    assert_eq!(bench.refused(customer, edit(chat, 2, "again")), Refusal::UnknownMessage { chat, target: 2 });
    assert_eq!(bench.store.events.len(), events);
    // Late, too.
    bench.wait_secs(3_600);
    bench.done(customer, delete(chat, 2));
}

#[test]
fn only_ones_own_messages_and_in_ones_own_numbers() {
    let (mut bench, agent, customer, chat) = held();
    let stranger = bench.customer(2);
    bench.reply(agent, note(chat, "n", "a note"));
    bench.say(agent, chat, "a");
    let unknown = |target| Refusal::UnknownMessage { chat, target };
    // For staff: 1 line, 2 the customer's, 3 the note, 4 the agent's.
    for target in [0, 1, 2, 5, u64::MAX] {
        assert_eq!(bench.refused(agent, edit(chat, target, "x")), unknown(target), "{target}");
        assert_eq!(bench.refused(agent, delete(chat, target)), unknown(target), "{target}");
    }
    // For the customer: 1 line, 2 their own, 3 the agent's.
    for target in [0, 1, 3, 4] {
        assert_eq!(bench.refused(customer, edit(chat, target, "x")), unknown(target), "{target}");
    }
    assert_eq!(bench.refused(stranger, edit(chat, 2, "x")), Refusal::UnknownChat { chat });
    bench.done(agent, edit(chat, 4, "x"));
    // The marker is nobody's to change.
    assert_eq!(bench.refused(agent, delete(chat, 5)), unknown(5));
}

#[test]
fn notes_and_whispers_stay_with_staff() {
    let (mut bench, agent, customer, chat) = held();
    let supervisor = bench.overseer(9);
    bench.reply(agent, note(chat, "n", "a note"));
    bench.reply(supervisor, whisper(chat, "w", "psst"));
    bench.sent(customer);
    let before = bench.record(chat).clone();
    bench.done(agent, edit(chat, 3, "another note"));
    bench.done(supervisor, delete(chat, 4));
    assert_eq!(bench.sent(customer), [], "the customer learns nothing");
    let after = bench.record(chat);
    assert_eq!((after.last_public_seq, after.updated_at), (before.last_public_seq, before.updated_at));
    assert_eq!(entry(&bench, chat, 3).body, Body::Note { text: words("another note") });
    assert_eq!(entry(&bench, chat, 4).body, Body::Deleted { was: EntryKind::Whisper });
    assert_eq!((entry(&bench, chat, 5).public_seq, entry(&bench, chat, 6).public_seq), (None, None));
}

#[test]
fn there_is_so_much_time_and_a_closed_chat_stays() {
    let (mut bench, agent, customer, chat) = held();
    bench.done(customer, Command::EndChat { chat });
    bench.wait(Duration::from_secs(15 * 60));
    bench.done(customer, edit(chat, 2, "just in time"));
    assert_eq!(bench.status(chat), crate::ChatStatus::Resolved, "an edit reopens nothing");
    bench.wait_ms(1);
    assert_eq!(bench.refused(customer, edit(chat, 2, "late")), Refusal::TooLate { chat, target: 2 });
    assert_eq!(bench.refused(customer, delete(chat, 2)), Refusal::TooLate { chat, target: 2 });
    bench.wait_secs(24 * 3_600);
    assert_eq!(bench.refused(customer, delete(chat, 2)), Refusal::ChatClosed { chat });
    assert_eq!(bench.refused(agent, delete(chat, 2)), Refusal::ChatClosed { chat });
}

/// Who gave the chat away does not speak in it any more.
#[test]
fn who_has_no_part_any_more_changes_nothing() {
    let (mut bench, agent, _, chat) = held();
    bench.say(agent, chat, "a");
    bench.declare(agent, crate::AgentState::Offline);
    assert_eq!(bench.refused(agent, edit(chat, 3, "x")), Refusal::NotYourChat { chat });
}

/// Two tabs: the fact that one asked for is older than what the other has done meanwhile.
#[test]
fn what_the_desk_knows_wins_over_older_facts() {
    let (mut bench, _, customer, chat) = held();
    let other = bench.customer(1);
    let command = edit(chat, 2, "from the other tab");
    let Answer::Lookup(lookup) = bench.ask(other, command.clone()) else { panic!("the desk holds no texts") };
    let facts = Some(Box::new(bench.store.facts(&lookup)));
    bench.done(customer, delete(chat, 2));
    let again = Input::Ask { session: other, command, facts };
    assert_eq!(bench.put(again), Answer::Refused(Refusal::UnknownMessage { chat, target: 2 }));
    assert_eq!(entry(&bench, chat, 2).body, Body::Deleted { was: EntryKind::Message });
}

#[test]
fn edits_cost_what_messages_cost_and_hold_nothing_back() {
    let mut bench = Bench::new();
    let (customer, chat) = bench.arrive(1, 1);
    bench.say(customer, chat, "m");
    for number in 0..9 {
        bench.done(customer, edit(chat, 1, &number.to_string()));
    }
    let refusal = bench.refused(customer, edit(chat, 1, "too much"));
    assert!(matches!(refusal, Refusal::RateLimited { .. }), "{refusal:?}");
    bench.wait_secs(1);
    bench.say(customer, chat, "next");
}

/// What is kept of changes is bounded by what was written within the time for editing.
#[test]
fn changes_are_forgotten_when_they_can_be_changed_no_more() {
    let (mut bench, _, customer, chat) = held();
    for round in 0..40_u64 {
        let Reply::Accepted(accepted) = bench.reply(customer, super::support::message(chat, &round.to_string(), "m"))
        else {
            panic!()
        };
        bench.done(customer, edit(chat, accepted.public_seq.unwrap().0, "n"));
        bench.wait_secs(60);
    }
    let changed = bench.desk.state.chats[&chat].changed.as_ref().unwrap();
    assert!((15..=16).contains(&changed.len()), "{}", changed.len());
    bench.restart();
    assert!(bench.desk.state.chats[&chat].changed.is_none());
}

/// Words that were edited do not stay in memory for as long as the chat is open.
#[test]
fn changes_are_forgotten_with_the_next_entry_too() {
    let (mut bench, _, customer, chat) = held();
    bench.done(customer, edit(chat, 2, "better"));
    bench.wait(Duration::from_secs(15 * 60));
    bench.say(customer, chat, "a");
    assert_eq!(bench.desk.state.chats[&chat].changed.as_ref().unwrap().len(), 1, "it can be changed still");
    bench.wait_ms(1);
    bench.say(customer, chat, "b");
    assert!(bench.desk.state.chats[&chat].changed.is_none());
}

/// A full list of unread messages stands for more than it holds, so that deleting takes nothing out of it: a mark
/// would be translated to more than was read.
#[test]
fn deleting_out_of_a_full_list_of_unread_claims_nothing() {
    let (mut bench, agent, customer, chat) = held();
    for id in 0..150 {
        bench.say(customer, chat, &id.to_string());
    }
    bench.done(customer, delete(chat, 140));
    bench.done(agent, Command::Receipt { chat, delivered: None, read: Some(3) });
    assert!(bench.record(chat).staff_receipts_for_customer.read.0 <= 3, "{:?}", bench.record(chat));
}
