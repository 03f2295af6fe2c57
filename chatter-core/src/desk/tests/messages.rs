//! Rows C1, C2, C3 and C7: messages and notes, exactly once, in order, at a bearable rate.

use super::super::{Answer, Facts, Input, Lookup, Reply};
use super::support::{Bench, Sent, message, note};
use crate::protocol::{Command, CustomerFrame, StaffFrame};
use crate::{
    Author, AuthorKey, Body, ChatId, ChatStatus, ClientMsgId, CustomerId, Principal, PublicSeq, Refusal, Seq, SessionId,
};

/// An agent who holds a chat of a customer, both following it.
fn talking() -> (Bench, SessionId, SessionId, ChatId) {
    let mut bench = Bench::new();
    let agent = bench.agent(1, 2, &[1]);
    let (customer, chat) = bench.arrive(1, 1);
    bench.subscribe(agent, chat);
    (bench, agent, customer, chat)
}

#[test]
fn a_message_shows_sender_receiver_kind_and_time() {
    let (mut bench, agent, customer, chat) = talking();
    bench.wait_secs(3);
    let from_customer = bench.say(customer, chat, "m1");
    let from_agent = bench.say(agent, chat, "m1");
    let names = |seq| {
        let entry = &bench.store.entries[&(chat, seq)];
        let (author, to) = (entry.author.name().unwrap().to_string(), entry.to.as_ref().unwrap().to_string());
        (author, to, entry.at == bench.now)
    };
    assert_eq!(names(from_customer.seq), ("Carla".to_owned(), "Agent 1".to_owned(), true));
    assert_eq!(names(from_agent.seq), ("Agent 1".to_owned(), "Carla".to_owned(), true));
    // While nobody holds the chat a message is for nobody yet.
    let (waiting, other) = bench.arrive(2, 3);
    let early = bench.say(waiting, other, "m1");
    assert_eq!(bench.store.entries[&(other, early.seq)].to, None);
}

#[test]
fn numbers_are_dense_for_each_side_and_system_lines_count() {
    let (mut bench, agent, customer, chat) = talking();
    let steps: [(SessionId, Command); 4] = [
        (customer, message(chat, "c1", "hello")),
        (agent, note(chat, "n1", "seems nice")),
        (agent, message(chat, "a1", "hello to you")),
        (customer, message(chat, "c2", "thanks")),
    ];
    let mut told = vec![];
    for (session, command) in steps {
        let Reply::Accepted(accepted) = bench.reply(session, command) else { panic!("accepted") };
        told.push((accepted.seq.0, accepted.public_seq.map(|number| number.0)));
    }
    assert_eq!(told, [(2, Some(2)), (3, None), (4, Some(3)), (5, Some(4))], "after `agent joined`");
    bench.done(customer, Command::EndChat { chat });
    let record = bench.record(chat);
    assert_eq!((record.last_seq, record.last_public_seq), (Seq(6), PublicSeq(5)), "and `chat ended`");
}

#[test]
fn a_sender_gets_accepted_and_everybody_else_the_entry() {
    let (mut bench, agent, customer, chat) = talking();
    let second = bench.agent_session(1);
    bench.subscribe(second, chat);
    bench.wait_secs(2);
    for session in [agent, second, customer] {
        bench.sent(session);
    }
    bench.say(agent, chat, "m1");
    let entries = |sent: Vec<Sent>| sent.iter().filter(|it| is_entry(it)).count();
    assert_eq!(entries(bench.sent(agent)), 0);
    assert_eq!((entries(bench.sent(second)), entries(bench.sent(customer))), (1, 1));
}

fn is_entry(sent: &Sent) -> bool {
    matches!(sent, Sent::Customer(CustomerFrame::Entry { .. }) | Sent::Staff(StaffFrame::Entry { .. }))
}

#[test]
fn a_client_id_is_used_once_per_author_and_chat() {
    let (mut bench, agent, customer, chat) = talking();
    let (_, other) = bench.arrive(2, 1);
    let first = bench.say(customer, chat, "id");
    assert!(!first.duplicate && !first.conflict);
    bench.wait_secs(60);
    let tab = bench.customer(1);
    // (session, chat, text, duplicate, conflict)
    let table = [
        (customer, chat, "text of id", true, false),
        (tab, chat, "text of id", true, false),
        (customer, chat, "another text", true, true),
        (agent, chat, "text of id", false, false),
        (agent, other, "text of id", false, false),
    ];
    for (session, chat, text, duplicate, conflict) in table {
        let Reply::Accepted(accepted) = bench.reply(session, message(chat, "id", text)) else { panic!("accepted") };
        assert_eq!((accepted.duplicate, accepted.conflict), (duplicate, conflict), "{text}");
        if duplicate {
            assert_eq!((accepted.seq, accepted.public_seq, accepted.at), (first.seq, first.public_seq, first.at));
        }
    }
    let Reply::Accepted(as_note) = bench.reply(agent, note(chat, "id", "text of id")) else { panic!("accepted") };
    assert!(as_note.duplicate && as_note.conflict, "a note is not the same as a message");
    let texts = bench.store.transcript(chat).filter(|entry| matches!(entry.body, Body::Message { .. })).count();
    assert_eq!(texts, 2, "one by each author");
}

#[test]
fn an_id_older_than_what_is_remembered_is_looked_up() {
    let (mut bench, _, customer, chat) = talking();
    for number in 0..257 {
        bench.wait_ms(400);
        bench.say(customer, chat, &format!("m{number}"));
    }
    let forgotten = message(chat, "m0", "text of m0");
    let Answer::Lookup(lookup) = bench.ask(customer, forgotten.clone()) else { panic!("a lookup") };
    let author = AuthorKey::Customer(CustomerId(1));
    let dedupe = Some((author, ClientMsgId::new("m0").unwrap()));
    assert_eq!(lookup, Lookup::Chat { chat, dedupe });
    let Reply::Accepted(first) = bench.reply(customer, forgotten) else { panic!("accepted") };
    assert!(first.duplicate && !first.conflict && first.seq == Seq(2));
    let remembered = bench.ask(customer, message(chat, "m1", "text of m1"));
    assert!(matches!(remembered, Answer::Reply(Reply::Accepted(accepted)) if accepted.duplicate), "the newest 256");
    // Of a new id the desk knows that it is new, until a restart: then only the store knows those before.
    let new = bench.ask(customer, message(chat, "m257", "new"));
    assert!(matches!(new, Answer::Reply(Reply::Accepted(new)) if !new.duplicate && new.seq == Seq(259)));
    bench.restart();
    let customer = bench.customer(1);
    let fresh = message(chat, "m258", "newer");
    assert!(matches!(bench.ask(customer, fresh.clone()), Answer::Lookup(_)));
    let Reply::Accepted(newer) = bench.reply(customer, fresh) else { panic!("accepted") };
    assert!(!newer.duplicate && newer.seq == Seq(260));
    // Live state wins over facts that were read before.
    let stale = Some(Box::new(Facts::default()));
    let answer = bench.put(Input::Ask { session: customer, command: message(chat, "m257", "new"), facts: stale });
    assert!(matches!(answer, Answer::Reply(Reply::Accepted(accepted)) if accepted.duplicate));
}

#[test]
fn a_closed_chat_answers_what_it_was_and_takes_nothing_new() {
    let (mut bench, agent, customer, chat) = talking();
    let first = bench.say(customer, chat, "m1");
    bench.done(agent, Command::EndChat { chat });
    bench.wait_secs(24 * 3_600 - 1);
    assert_eq!(bench.status(chat), ChatStatus::Resolved);
    bench.wait_secs(1);
    assert_eq!(bench.status(chat), ChatStatus::Closed);
    assert_eq!(bench.desk.open_chats(), 0, "the desk holds what is live");

    assert!(matches!(bench.ask(customer, message(chat, "m1", "text of m1")), Answer::Lookup(_)));
    let Reply::Accepted(again) = bench.reply(customer, message(chat, "m1", "text of m1")) else { panic!("accepted") };
    assert!(again.duplicate && again.seq == first.seq);
    let closed = Refusal::ChatClosed { chat };
    let table = [
        (customer, message(chat, "m2", "anybody?"), closed.clone()),
        (agent, message(chat, "m2", "anybody?"), closed.clone()),
        (agent, note(chat, "m3", "odd"), closed.clone()),
        (customer, Command::Receipt { chat, delivered: Some(1), read: None }, closed.clone()),
        (agent, Command::ReopenChat { chat }, closed.clone()),
        (customer, Command::SetSubject { chat, subject: None }, closed.clone()),
        (customer, Command::QueueStatus { chat }, closed),
    ];
    for (session, command, refusal) in table {
        assert_eq!(bench.refused(session, command.clone()), refusal, "{command:?}");
    }
    for session in [customer, agent] {
        // It has ended already.
        bench.done(session, Command::EndChat { chat });
    }
    let unknown = Refusal::UnknownChat { chat };
    let (stranger, other) = (bench.customer(2), bench.agent(2, 1, &[1]));
    let scoped = bench.open(Principal::Customer { customer: CustomerId(1), chat: Some(ChatId(77)) });
    for session in [stranger, other, scoped] {
        for command in [
            message(chat, "m1", "hello?"),
            Command::EndChat { chat },
            Command::ReadHistory { chat, before: 9, limit: 9 },
        ] {
            assert_eq!(bench.refused(session, command), unknown, "a stranger learns nothing");
        }
    }
    for session in [customer, agent] {
        assert!(matches!(
            bench.reply(session, Command::ReadHistory { chat, before: 9, limit: 9 }),
            Reply::MayRead { .. }
        ));
        bench.subscribe(session, chat);
    }
    let new = bench.join(customer, 1);
    assert_ne!(new, chat, "joining again is the way to a new one");
}

#[test]
fn a_stranger_learns_of_no_chat() {
    let (mut bench, _, customer, chat) = talking();
    bench.say(customer, chat, "m1");
    let stranger = bench.customer(2);
    let scoped = bench.open(Principal::Customer { customer: CustomerId(1), chat: Some(ChatId(77)) });
    let other = bench.agent(2, 1, &[1]);
    for session in [stranger, scoped, other] {
        for of in [chat, ChatId(0), ChatId(2), ChatId(u64::MAX)] {
            let commands = [
                message(of, "m1", "text of m1"),
                note(of, "m1", "text of m1"),
                Command::Subscribe { chat: of, history: None, after: None },
                Command::ReadHistory { chat: of, before: 9, limit: 9 },
                Command::Receipt { chat: of, delivered: Some(1), read: None },
                Command::EndChat { chat: of },
                Command::ReopenChat { chat: of },
                Command::SetSubject { chat: of, subject: None },
                Command::SetPriority { chat: of, priority: crate::Priority::Urgent },
                Command::QueueStatus { chat: of },
                Command::StartChat { chat: of },
            ];
            for command in commands {
                assert_eq!(bench.refused(session, command.clone()), Refusal::UnknownChat { chat: of }, "{command:?}");
            }
        }
    }
}

#[test]
fn three_a_second_after_a_burst_of_ten() {
    let (mut bench, agent, customer, chat) = talking();
    bench.wait_secs(60);
    for number in 0..10 {
        bench.say(customer, chat, &format!("m{number}"));
    }
    let limited = Refusal::RateLimited { retry_after_ms: 334 };
    assert_eq!(bench.refused(customer, message(chat, "m10", "too fast")), limited);
    let first = ClientMsgId::new("m10").unwrap();
    let out_of_order = Refusal::OutOfOrder { first };
    assert_eq!(bench.refused(customer, message(chat, "m11", "next")), out_of_order);
    bench.wait_ms(334);
    assert_eq!(bench.refused(customer, message(chat, "m11", "next")), out_of_order, "also once there is room");
    // What had been accepted before may come again; it does not let later ones overtake.
    let Reply::Accepted(old) = bench.reply(customer, message(chat, "m9", "text of m9")) else { panic!("accepted") };
    assert!(old.duplicate);
    assert_eq!(bench.refused(customer, message(chat, "m11", "next")), out_of_order);
    bench.say(agent, chat, "a1");
    bench.say(customer, chat, "m10");
    assert!(matches!(bench.refused(customer, message(chat, "m11", "next")), Refusal::RateLimited { .. }));
    bench.wait_ms(334);
    bench.say(customer, chat, "m11");
    let mut sent = 0;
    for _ in 0..40 {
        bench.wait_ms(100);
        let answer = bench.ask(customer, message(chat, &format!("n{sent}"), "steady"));
        sent += u64::from(matches!(answer, Answer::Reply(Reply::Accepted(_))));
    }
    assert_eq!(sent, 12, "three a second for four seconds");
}

#[test]
fn a_refused_message_is_waited_for_half_a_minute_and_in_its_chat_alone() {
    let (mut bench, _, customer, chat) = talking();
    let other = bench.join(customer, 2);
    let first = ClientMsgId::new("m1").unwrap();
    let refuse =
        |chat| Input::MessageRefused { session: customer, chat, client_msg_id: ClientMsgId::new("m1").unwrap() };
    bench.put(refuse(chat));
    assert_eq!(bench.refused(customer, message(chat, "m2", "next")), Refusal::OutOfOrder { first: first.clone() });
    bench.say(customer, other, "m2");
    bench.wait_ms(29_999);
    assert_eq!(bench.refused(customer, message(chat, "m2", "next")), Refusal::OutOfOrder { first });
    bench.wait_ms(1);
    bench.say(customer, chat, "m2");
    // Only chats of one's own are remembered, so that nobody fills the memory with others.
    let stranger = bench.customer(2);
    for chat in 0..50 {
        let client_msg_id = ClientMsgId::new("m1").unwrap();
        bench.put(Input::MessageRefused { session: stranger, chat: ChatId(chat), client_msg_id });
    }
    assert!(bench.desk.state.sessions[&stranger].refused.is_empty());
}

#[test]
fn nothing_waits_for_a_message_that_was_refused_for_good() {
    let (mut bench, agent, customer, chat) = talking();
    let client_msg_id = ClientMsgId::new("m1").unwrap();
    bench.put(Input::MessageRefused { session: agent, chat, client_msg_id });
    bench.done(agent, Command::EndChat { chat });
    assert_eq!(bench.refused(agent, message(chat, "m1", "too late")), Refusal::ChatResolved { chat });
    bench.say(customer, chat, "c1");
    assert_eq!(bench.holder(chat), Some(1), "it goes on with the same agent");
    bench.say(agent, chat, "m2");
}

/// A customer whose messages are refused in their turn.
struct Sender(Bench, SessionId, ChatId);

impl Sender {
    fn id(number: u64) -> ClientMsgId {
        ClientMsgId::new(&format!("m{number}")).unwrap()
    }

    /// The first is refused for want of room in the store.
    fn first_refused(&mut self, number: u64) {
        self.0.put(Input::MessageRefused { session: self.1, chat: self.2, client_msg_id: Self::id(number) });
    }

    fn refused(&mut self, number: u64, first: u64) {
        let refusal = self.0.refused(self.1, message(self.2, &format!("m{number}"), "later"));
        assert_eq!(refusal, Refusal::OutOfOrder { first: Self::id(first) }, "m{number}");
    }

    fn taken(&mut self, number: u64) {
        self.0.say(self.1, self.2, &format!("m{number}"));
    }
}

#[test]
fn nothing_new_overtakes_what_was_refused_behind_the_first() {
    let (bench, _, customer, chat) = talking();
    let mut sender = Sender(bench, customer, chat);
    sender.first_refused(1);
    (2..=6).for_each(|number| sender.refused(number, 1));
    sender.taken(1);
    sender.refused(7, 2);
    (2..=7).for_each(|number| {
        sender.0.wait_secs(1);
        sender.taken(number);
    });
    sender.taken(8);
}

#[test]
fn a_refused_message_is_waited_for_half_a_minute_after_its_last_refusal() {
    let (bench, _, customer, chat) = talking();
    let mut sender = Sender(bench, customer, chat);
    sender.first_refused(1);
    sender.0.wait_ms(29_999);
    sender.refused(2, 1);
    sender.0.wait_ms(1);
    // Sent at once with m2, and not taken before it.
    sender.refused(3, 2);
    sender.0.wait_ms(29_998);
    sender.first_refused(2);
    sender.0.wait_ms(29_999);
    sender.refused(4, 2);
    sender.0.wait_ms(1);
    // m3 is given up as well by now; m4 is not.
    sender.refused(5, 4);
    // One that comes late is the earliest still.
    sender.taken(3);
    sender.taken(4);
    sender.taken(5);

    sender.0.wait_secs(10);
    sender.first_refused(11);
    (12..20).for_each(|number| sender.refused(number, 11));
    sender.0.wait_ms(30_000);
    // When nobody comes at all, it ends.
    sender.taken(20);
}

#[test]
fn whoever_loses_a_chat_gives_up_what_they_wanted_to_say_in_it() {
    let (mut bench, agent, _, chat) = talking();
    let client_msg_id = ClientMsgId::new("m1").unwrap();
    bench.put(Input::MessageRefused { session: agent, chat, client_msg_id });
    assert_eq!(bench.refused(agent, message(chat, "m2", "later")).code(), "out_of_order");
    bench.done(agent, Command::UnassignChat { chat });
    bench.wait_secs(20);
    bench.done(agent, Command::AssignChat { chat, agent: None, override_limit: false });
    bench.say(agent, chat, "m3");
}

#[test]
fn notes_are_seen_by_staff_alone() {
    let (mut bench, agent, customer, chat) = talking();
    let second = bench.agent_session(1);
    bench.subscribe(second, chat);
    bench.wait_secs(2);
    for session in [agent, second, customer] {
        bench.sent(session);
    }
    let Reply::Accepted(accepted) = bench.reply(agent, note(chat, "n1", "a secret")) else { panic!("accepted") };
    assert_eq!(accepted.public_seq, None);
    assert_eq!(bench.sent(customer), [], "nothing at all goes to the customer");
    let staff = bench.sent(second);
    assert!(
        staff.iter().any(|it| matches!(it, Sent::Staff(StaffFrame::Entry { entry, .. }) if entry.public_seq.is_none()))
    );
    assert_eq!(bench.refused(customer, note(chat, "n2", "mine")), Refusal::NotAllowed);
    let record = bench.record(chat);
    assert_eq!((record.last_seq, record.last_public_seq), (Seq(2), PublicSeq(1)));
    assert!(record.last_message.is_none() && record.customer_unread.is_empty(), "it is no message");
    bench.done(agent, Command::EndChat { chat });
    bench.reply(agent, note(chat, "n3", "afterthought"));
    assert_eq!(bench.status(chat), ChatStatus::Resolved, "a note reopens nothing");
}

#[test]
fn a_message_reopens_and_the_other_side_may_not() {
    let (mut bench, agent, customer, chat) = talking();
    bench.done(agent, Command::EndChat { chat });
    assert_eq!(bench.refused(agent, message(chat, "a1", "wait")), Refusal::ChatResolved { chat });
    let accepted = bench.say(customer, chat, "c1");
    assert_eq!(accepted.seq, Seq(4), "after `chat ended` and `chat reopened`");
    assert_eq!((bench.holder(chat), bench.record(chat).episode), (Some(1), 2));
    let authors: Vec<_> = bench.store.transcript(chat).map(|entry| matches!(entry.author, Author::System)).collect();
    assert_eq!(authors, [true, true, true, false, true]);
}
