//! Row C21: two chats of one customer become one; both numbers stay valid.

use std::time::Duration;

use super::super::{Answer, Input, Reply, Subscribed};
use super::support::{Bench, Sent, message, note};
use super::transfer::offers_in;
use crate::protocol::{Command, StaffFrame};
use crate::{
    AgentId, AgentState, Body, CategoryId, CategoryRecord, ChatId, ChatStatus, CustomerId, EndReason, Name, OfferEnd,
    Permissions, Principal, Priority, Refusal, SessionId, Side, Subject, SystemLine,
};

fn merge(chat: ChatId, into: ChatId) -> Command {
    Command::MergeChats { chat, into }
}

/// Agent 1 holds two chats of customer 1: of category 1, and of category 2 with a message of each side.
fn two() -> (Bench, SessionId, SessionId, [ChatId; 2]) {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1, 2]);
    let customer = bench.customer(1);
    let chats = [bench.join(customer, 1), bench.join(customer, 2)];
    bench.say(customer, chats[1], "m1");
    bench.say(agent, chats[1], "m1");
    (bench, agent, customer, chats)
}

fn lines(bench: &Bench, chat: ChatId) -> Vec<SystemLine> {
    let line = |body: &Body| match body {
        Body::System { line } => Some(line.clone()),
        _ => None,
    };
    bench.store.transcript(chat).filter_map(|entry| line(&entry.body)).collect()
}

fn texts(bench: &Bench, chat: ChatId) -> Vec<String> {
    let text = |entry: &crate::Entry| entry.body.text().map(|text| text.as_str().to_owned());
    bench.store.transcript(chat).filter_map(text).collect()
}

#[test]
fn the_source_is_closed_and_linked_and_its_slot_is_free() {
    let (mut bench, agent, customer, [target, source]) = two();
    let mut record = CategoryRecord::new(CategoryId(2), Name::new("Sales").unwrap());
    record.settings.wrap_up = Duration::from_secs(60);
    bench.put(Input::SetCategory(record));
    bench.subscribe(agent, source);
    bench.sent(agent);
    bench.done(agent, merge(source, target));
    let closed = bench.record(source);
    assert_eq!((closed.status(), closed.merged_into), (ChatStatus::Closed, Some(target)));
    assert_eq!(closed.end(), Some((bench.now, Side::Staff, EndReason::Merged)));
    assert!(bench.record(target).merged_from.contains(&source));
    assert_eq!(lines(&bench, source).last(), Some(&SystemLine::MergedInto { into: target }));
    assert_eq!(lines(&bench, target).last(), Some(&SystemLine::MergedFrom { from: source }));
    assert_eq!(bench.desk.state.agents[&AgentId(1)].load(), 1, "no wrap-up: the work goes on");
    let sent = bench.sent(agent);
    let shown = sent.iter().position(
        |it| matches!(it, Sent::Staff(StaffFrame::Chat { chat }) if chat.chat == source && chat.merged_into == Some(target)),
    );
    let gone = sent.iter().position(|it| *it == Sent::Staff(StaffFrame::ChatGone { chat: source }));
    assert!(shown.is_some() && shown < gone, "staff learns where it goes on");
    // What was written stays where it was, and is read there.
    assert_eq!(texts(&bench, source).len(), 2);
    let subscribe = Command::Subscribe { chat: source, history: None, after: None };
    let Reply::Subscribed(subscribed) = bench.reply(customer, subscribe) else { panic!("subscribed") };
    let Subscribed::Customer { up_to, chat } = *subscribed else { panic!("a customer's view") };
    assert_eq!((chat.merged_into, up_to), (Some(target), bench.record(source).last_public_seq));
    let read = Command::ReadHistory { chat: source, before: 9, limit: 9 };
    assert_eq!(bench.reply(agent, read), Reply::MayRead { chat: source });
    bench.done(agent, merge(source, target));
    bench.done(agent, merge(target, source));
    assert_eq!(bench.record(target).status(), ChatStatus::InProgress, "merged is merged");
    bench.restart();
    assert_eq!(bench.record(source).merged_into, Some(target));
}

#[test]
fn what_is_sent_to_the_old_number_is_carried_out_where_it_goes_on() {
    let (mut bench, agent, customer, [target, source]) = two();
    bench.done(agent, merge(source, target));
    bench.subscribe(customer, target);
    let before = texts(&bench, source);
    let accepted = bench.say(customer, source, "m2");
    assert_eq!((accepted.chat, accepted.duplicate), (target, false));
    assert_eq!(accepted.seq, bench.record(target).last_seq);
    let Reply::Accepted(noted) = bench.reply(agent, note(source, "n", "a note")) else { panic!("accepted") };
    assert_eq!(noted.chat, target);
    let subject = Some(Subject::new("Both").unwrap());
    bench.done(customer, Command::SetSubject { chat: source, subject: subject.clone() });
    bench.done(agent, Command::SetPriority { chat: source, priority: Priority::Urgent });
    let record = bench.record(target);
    assert_eq!((&record.subject, record.priority), (&subject, Priority::Urgent));
    let Reply::Started { chat, .. } = bench.reply(customer, Command::StartChat { chat: source }) else {
        panic!("started")
    };
    assert_eq!(chat, target);
    // Its own numbers mean nothing in the other chat.
    let receipt = Command::Receipt { chat: source, delivered: Some(1), read: Some(1) };
    assert_eq!(bench.refused(customer, receipt), Refusal::ChatClosed { chat: source });
    bench.done(customer, Command::EndChat { chat: source });
    assert_eq!(bench.status(target), ChatStatus::Resolved);
    assert_eq!(bench.say(customer, source, "m3").chat, target, "and reopens it");
    assert_eq!(bench.status(target), ChatStatus::InProgress);
    assert_eq!(texts(&bench, source), before, "nothing is added to the old transcript");
}

#[test]
fn a_resend_is_a_duplicate_before_and_after_a_restart_and_when_all_is_closed() {
    let (mut bench, agent, mut customer, [target, source]) = two();
    let first = bench.say(customer, source, "m0");
    bench.done(agent, merge(source, target));
    let second = bench.say(customer, source, "m2");
    assert_eq!(second.chat, target);
    for step in 0..3 {
        match step {
            0 => {}
            1 => {
                bench.restart();
                customer = bench.customer(1);
            }
            _ => {
                bench.done(customer, Command::EndChat { chat: target });
                bench.wait_secs(25 * 3_600);
                assert_eq!(bench.status(target), ChatStatus::Closed);
            }
        }
        for (id, was) in [("m0", &first), ("m2", &second)] {
            let again = bench.say(customer, source, id);
            assert_eq!((again.chat, again.seq, again.duplicate), (was.chat, was.seq, true), "{id} in step {step}");
            let other = bench.reply(customer, message(source, id, "other words"));
            assert!(matches!(other, Reply::Accepted(it) if it.conflict), "{id} in step {step}");
        }
        assert_eq!(texts(&bench, target), ["text of m2"], "once, in step {step}");
    }
    assert_eq!(bench.refused(customer, message(source, "m9", "new")), Refusal::ChatClosed { chat: source });
}

#[test]
fn ids_of_the_two_chats_are_not_mixed_up() {
    let (mut bench, agent, customer, [target, source]) = two();
    // The same id was used in both before: each number answers for itself.
    let in_target = bench.say(customer, target, "m1");
    bench.done(agent, merge(source, target));
    assert_eq!(bench.say(customer, target, "m1").seq, in_target.seq);
    let in_source = bench.say(customer, source, "m1");
    assert_eq!((in_source.chat, in_source.duplicate), (source, true));
    // An id of the source is free under the target's own number.
    let own = bench.say(agent, target, "m1");
    assert_eq!((own.chat, own.duplicate), (target, false));
}

#[test]
fn facts_of_before_the_merging_do_not_suffice() {
    let (mut bench, agent, customer, [target, source]) = two();
    let ask = |facts| Input::Ask { session: customer, command: message(source, "m1", "text of m1"), facts };
    bench.done(agent, merge(source, target));
    let Answer::Lookup(lookup) = bench.put(ask(None)) else { panic!("a lookup") };
    let mut facts = bench.store.facts(&lookup);
    assert_eq!(facts.goes_on_in, Some(target));
    let fresh = facts.clone();
    (facts.goes_on_in, facts.dedupe) = (None, None);
    assert_eq!(bench.put(ask(Some(Box::new(facts)))), Answer::Lookup(lookup));
    let Answer::Reply(Reply::Accepted(accepted)) = bench.put(ask(Some(Box::new(fresh)))) else { panic!("accepted") };
    assert!(accepted.duplicate);
}

#[test]
fn chains_lead_to_the_end() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 3, &[1, 2, 3]);
    let customer = bench.customer(1);
    let [a, b, c] = [1, 2, 3].map(|category| bench.join(customer, category));
    bench.say(customer, a, "in-a");
    bench.done(agent, merge(a, b));
    let in_b = bench.say(customer, a, "in-b");
    assert_eq!(in_b.chat, b);
    bench.done(agent, merge(a, c));
    assert_eq!(bench.record(b).merged_into, Some(c), "the open one of them is merged");
    assert_eq!(bench.record(c).merged_from.iter().copied().collect::<Vec<_>>(), [a, b]);
    for restarted in [false, true] {
        let customer = bench.customer(1);
        for (id, chat) in [("in-a", a), ("in-b", b)] {
            let again = bench.say(customer, a, id);
            assert_eq!((again.chat, again.duplicate), (chat, true), "{id}, {restarted}");
        }
        let fresh = bench.say(customer, a, if restarted { "r" } else { "s" });
        assert_eq!((fresh.chat, fresh.duplicate), (c, false));
        bench.restart();
    }
    let back = bench.customer(1);
    let again = bench.join(back, 1);
    assert!(again > c, "the category is free for a new chat");
}

#[test]
fn what_cannot_be_merged_is_refused() {
    let (mut bench, agent, customer, [target, source]) = two();
    let lead = {
        bench.set_agent(9, 1, &[3]);
        bench.open(Principal::Agent { agent: AgentId(9), permissions: Permissions::ALL })
    };
    let stranger = bench.agent(2, 1, &[3]);
    let (_, other) = bench.arrive(2, 1);
    let table = [
        (agent, merge(source, source), Refusal::CannotMerge { chat: source }),
        (lead, merge(source, other), Refusal::CannotMerge { chat: source }),
        (agent, merge(source, other), Refusal::UnknownChat { chat: other }),
        (agent, merge(ChatId(99), target), Refusal::UnknownChat { chat: ChatId(99) }),
        (agent, merge(source, ChatId(99)), Refusal::UnknownChat { chat: ChatId(99) }),
        (stranger, merge(source, target), Refusal::UnknownChat { chat: source }),
        (customer, merge(source, target), Refusal::NotAllowed),
    ];
    for (session, command, refusal) in table {
        assert_eq!(bench.refused(session, command.clone()), refusal, "{command:?}");
    }
    bench.done(agent, Command::EndChat { chat: target });
    assert_eq!(bench.refused(agent, merge(source, target)), Refusal::ChatResolved { chat: target });
    // The other way round somebody answers: what had ended goes on.
    bench.done(agent, merge(target, source));
    assert_eq!(bench.record(target).end().map(|(_, _, reason)| reason), Some(EndReason::AgentEnded), "that stays true");
    bench.done(agent, Command::EndChat { chat: source });
    let (customer, third) = (customer, bench.join(customer, 3));
    bench.wait_secs(25 * 3_600);
    assert_eq!(bench.refused(lead, merge(third, source)), Refusal::ChatClosed { chat: source });
    assert_eq!(bench.refused(lead, merge(source, third)), Refusal::ChatClosed { chat: source });
    bench.close(customer);
}

#[test]
fn who_took_part_in_the_source_may_read_where_it_goes_on() {
    let mut bench = Bench::new();
    let one = bench.agent(1, 1, &[1]);
    let two = bench.agent(2, 1, &[2]);
    let customer = bench.customer(1);
    let [target, source] = [1, 2].map(|category| bench.join(customer, category));
    let lead = {
        bench.set_agent(9, 1, &[3]);
        bench.open(Principal::Agent { agent: AgentId(9), permissions: Permissions::ALL })
    };
    bench.declare(two, AgentState::LastCall);
    bench.done(lead, merge(source, target));
    assert_eq!(bench.state_of(2), AgentState::Offline, "the last chat of the last call went on elsewhere");
    let read = Command::ReadHistory { chat: target, before: 9, limit: 9 };
    assert_eq!(bench.reply(two, read), Reply::MayRead { chat: target });
    assert_eq!(bench.refused(two, message(source, "m", "mine?")), Refusal::NotYourChat { chat: target });
    assert_eq!(bench.say(one, source, "m").chat, target);
}

#[test]
fn a_credential_for_the_source_is_good_for_where_it_goes_on() {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1, 2]);
    let customer = bench.customer(1);
    let [target, source] = [1, 2].map(|category| bench.join(customer, category));
    let credential = |chat| Principal::Customer { customer: CustomerId(1), chat: Some(chat) };
    let before = bench.open(credential(source));
    bench.close(customer);
    bench.wait_secs(61);
    bench.done(agent, Command::UnassignChat { chat: target });
    bench.declare(agent, AgentState::Away);
    bench.set_agent(9, 1, &[3]);
    let lead = bench.open(Principal::Agent { agent: AgentId(9), permissions: Permissions::ALL });
    bench.done(lead, merge(source, target));
    // The customer is there again, in the chat that waits.
    let after = bench.open(credential(source));
    for session in [before, after] {
        assert!(bench.place(session, source).place.is_some());
        bench.subscribe(session, target);
    }
    assert_eq!(bench.say(before, source, "m").chat, target);
    assert_eq!(bench.join(after, 1), target, "joining the category finds it");
    let narrow = bench.open(credential(target));
    let read = Command::ReadHistory { chat: source, before: 9, limit: 9 };
    assert_eq!(bench.refused(narrow, read), Refusal::UnknownChat { chat: source }, "but not the other way round");
    bench.wait_secs(61);
    bench.reload();
    bench.agent(2, 1, &[1]);
    assert_eq!(bench.holder(target), Some(2));
}

#[test]
fn offers_and_transfers_of_the_source_are_withdrawn() {
    let mut bench = Bench::new();
    offers_in(&mut bench, 1);
    let lead = {
        bench.set_agent(9, 1, &[3]);
        bench.open(Principal::Agent { agent: AgentId(9), permissions: Permissions::ALL })
    };
    let one = bench.agent(1, 2, &[1, 2]);
    let customer = bench.customer(1);
    let [offered, other] = [1, 2].map(|category| bench.join(customer, category));
    assert_eq!(bench.record(offered).offered_to(), Some(AgentId(1)));
    bench.done(lead, merge(offered, other));
    assert_eq!(bench.refused(one, Command::AcceptOffer { chat: offered }), Refusal::OfferGone { chat: offered });
    let moved = bench.join(customer, 1);
    bench.done(one, Command::AcceptOffer { chat: moved });
    bench.agent(2, 1, &[3]);
    let to = crate::protocol::TransferTo::Agent(AgentId(2));
    bench.done(one, Command::TransferChat { chat: moved, to, note: None });
    bench.sent(one);
    bench.done(one, merge(moved, other));
    let (to, how) = (AgentId(2), OfferEnd::Withdrawn);
    assert!(bench.sent(one).contains(&Sent::Staff(StaffFrame::TransferFailed { chat: moved, to, how })));
    assert_eq!(bench.desk.state.agents[&AgentId(2)].load(), 0);
    assert_eq!(bench.holder(other), Some(1));
}
