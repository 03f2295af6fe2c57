//! Row C15: agents among themselves.

use super::super::{Action, Answer, Input, Reply, Subscribed, may_in_team};
use super::support::{Bench, Sent, message, note};
use crate::protocol::{Command, StaffFrame, TeamChat};
use crate::{
    AgentId, AgentState, ChatId, CloseReason, CustomerId, Name, Permissions, Principal, Receipts, Refusal, Seq,
    SessionId, TeamChatRecord, TeamMember, Time, Unavailable,
};

/// Agents 1, 2 and 3 with a session each, and the conversation of the first two.
fn colleagues() -> (Bench, [SessionId; 3], ChatId) {
    let mut bench = Bench::new();
    let sessions = [1, 2, 3].map(|agent| bench.agent(agent, 1, &[1]));
    let chat = bench.open_team(sessions[0], 2).chat;
    for session in sessions {
        bench.sent(session);
    }
    (bench, sessions, chat)
}

impl Bench {
    fn open_team(&mut self, session: SessionId, with: u64) -> TeamChat {
        match self.reply(session, Command::OpenTeamChat { agent: AgentId(with) }) {
            Reply::TeamChat(team_chat) => *team_chat,
            other => panic!("a conversation, not {other:?}"),
        }
    }

    fn follow_team(&mut self, session: SessionId, chat: ChatId) -> (Seq, TeamChat) {
        match self.reply(session, Command::Subscribe { chat, history: None, after: None }) {
            Reply::Subscribed(subscribed) => match *subscribed {
                Subscribed::Team { up_to, team_chat } => (up_to, *team_chat),
                other => panic!("a conversation, not {other:?}"),
            },
            other => panic!("subscribed, not {other:?}"),
        }
    }

    fn team_records(&self, chat: ChatId) -> [(u64, Receipts<Seq>, Vec<u64>); 2] {
        let members = self.store.team_chats[&chat].members.iter();
        let of = |(agent, member): (&AgentId, &TeamMember)| {
            (agent.0, member.receipts, member.unread.iter().map(|seq| seq.0).collect())
        };
        members.map(of).collect::<Vec<_>>().try_into().expect("two members")
    }
}

/// What of it is about the conversation: its states and entries.
fn about(sent: Vec<Sent>) -> (Vec<TeamChat>, Vec<u64>) {
    let (mut states, mut entries) = (Vec::new(), Vec::new());
    for sent in sent {
        match sent {
            Sent::Staff(StaffFrame::TeamChat { team_chat, reference: None }) => states.push(team_chat),
            Sent::Staff(StaffFrame::Entry { entry, .. }) => entries.push(entry.seq.0),
            Sent::Staff(_) | Sent::Customer(_) | Sent::Token(_) | Sent::Closed(_) => {}
        }
    }
    (states, entries)
}

#[test]
fn a_pair_has_one_conversation_whoever_opens_it() {
    let mut bench = Bench::new();
    let [ada, bob, cid] = [1, 2, 3].map(|agent| bench.agent(agent, 1, &[1]));
    let (_, support) = bench.arrive(1, 1);
    let bobs_tab = bench.agent_session(2);
    let adas_tab = bench.agent_session(1);
    for session in [ada, bob, cid, bobs_tab, adas_tab] {
        bench.sent(session);
    }
    let opened = bench.open_team(ada, 2);
    assert_eq!(opened.chat.0, support.0 + 1, "numbers come out of the count of chats");
    assert_eq!((opened.unread, opened.last_seq, opened.last_message.is_none()), (0, Seq(0), true));
    let names: Vec<_> = opened.members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(names, ["Agent 1", "Agent 2"]);
    for told in [bob, bobs_tab, adas_tab] {
        assert_eq!(about(bench.sent(told)).0, std::slice::from_ref(&opened), "every other session of both");
    }
    assert_eq!(about(bench.sent(ada)).0, [], "who opened it has the answer");
    let events = bench.store.events.len();
    for (session, with) in [(ada, 2), (bob, 1), (bobs_tab, 1)] {
        assert_eq!(bench.open_team(session, with).chat, opened.chat);
    }
    assert_eq!(bench.store.events.len(), events, "the one there is");
    assert_ne!(bench.open_team(cid, 1).chat, opened.chat);
    assert_ne!(bench.open_team(bob, 3).chat, opened.chat);
    let (_, next) = bench.arrive(2, 2);
    assert_eq!(next.0, opened.chat.0 + 3);
}

#[test]
fn who_cannot_be_talked_to() {
    let (mut bench, [ada, ..], _) = colleagues();
    bench.put(Input::RemoveAgent { agent: AgentId(3) });
    let customer = bench.customer(1);
    let open = |agent| Command::OpenTeamChat { agent: AgentId(agent) };
    assert_eq!(bench.refused(ada, open(3)), Refusal::UnknownAgent, "removed");
    assert_eq!(bench.refused(ada, open(99)), Refusal::UnknownAgent);
    assert_eq!(bench.refused(ada, open(1)).code(), "invalid", "oneself");
    assert_eq!(bench.refused(customer, open(1)), Refusal::NotAllowed);
}

#[test]
fn a_message_reaches_those_who_follow_and_tells_the_others_that_it_is_there() {
    let (mut bench, [ada, bob, cid], chat) = colleagues();
    let (adas_tab, bobs_tab) = (bench.agent_session(1), bench.agent_session(2));
    assert_eq!(bench.follow_team(ada, chat).0, Seq(0));
    bench.follow_team(bob, chat);
    for session in [ada, bob, adas_tab, bobs_tab] {
        bench.sent(session);
    }
    let accepted = bench.say(ada, chat, "m1");
    assert_eq!((accepted.seq, accepted.public_seq), (Seq(1), None), "no number for customers");
    assert_eq!(about(bench.sent(ada)), (vec![], vec![]), "the sender has `accepted` in its place");
    assert_eq!(about(bench.sent(bob)), (vec![], vec![1]));
    let (states, entries) = about(bench.sent(bobs_tab));
    assert_eq!((states.len(), states[0].unread, entries.len()), (1, 1, 0), "who does not follow learns of unread");
    let (states, _) = about(bench.sent(adas_tab));
    assert_eq!((states[0].unread, states[0].last_seq), (0, Seq(1)), "one's own are read");
    assert_eq!(about(bench.sent(cid)), (vec![], vec![]), "nobody else hears of it");
    let entry = &bench.store.entries[&(chat, Seq(1))];
    assert_eq!((entry.author.name().unwrap().as_str(), entry.to.as_ref().unwrap().as_str()), ("Agent 1", "Agent 2"));
    assert_eq!(bench.say(bob, chat, "m1").seq, Seq(2), "ids are of their author, numbers of all");
}

#[test]
fn who_is_offline_finds_it_on_coming_back() {
    let (mut bench, [ada, bob, _], chat) = colleagues();
    bench.done(bob, Command::SignOut { all: true });
    assert_eq!(bench.say(ada, chat, "m1").seq, Seq(1));
    bench.say(ada, chat, "m2");
    bench.restart();
    let session = bench.next_session();
    let principal = Principal::agent(AgentId(2));
    let Answer::Reply(Reply::Opened(opened)) = bench.put(Input::OpenSession { session, principal }) else {
        panic!("opened")
    };
    let super::super::Opened::Agent { team_chats, .. } = *opened else { panic!("an agent") };
    let [found] = &team_chats[..] else { panic!("one conversation: {team_chats:?}") };
    assert_eq!((found.chat, found.unread, found.last_seq), (chat, 2, Seq(2)));
    assert_eq!(found.last_message.as_ref().and_then(|last| last.text.clone()).unwrap().as_str(), "text of m2");
    let (up_to, state) = bench.follow_team(session, chat);
    assert_eq!((up_to, state.unread), (Seq(2), 2));
    assert_eq!(
        bench.reply(session, Command::ReadHistory { chat, before: 3, limit: 10 }),
        Reply::MayRead { chat },
        "and reads it"
    );
}

#[test]
fn one_client_id_is_one_message_also_beyond_memory() {
    let settings = super::super::DeskSettings { messages_per_second: 0, ..Default::default() };
    let mut bench = Bench::with(crate::policy::LongestWait, settings);
    let [ada, bob] = [1, 2].map(|agent| bench.agent(agent, 1, &[1]));
    let chat = bench.open_team(ada, 2).chat;
    let first = bench.say(ada, chat, "m1");
    assert!(bench.say(ada, chat, "m1").duplicate);
    let Reply::Accepted(conflict) = bench.reply(ada, message(chat, "m1", "something else")) else { panic!("accepted") };
    assert_eq!((conflict.seq, conflict.duplicate, conflict.conflict), (first.seq, true, true));
    bench.restart();
    let ada = bench.agent_session(1);
    assert!(bench.say(ada, chat, "m1").duplicate, "after a restart");
    for number in 0..256 {
        bench.say(ada, chat, &format!("b{number}"));
    }
    let Answer::Lookup(_) = bench.ask(ada, message(chat, "m1", "text of m1")) else {
        panic!("older ids are looked up")
    };
    let again = bench.say(ada, chat, "m1");
    assert_eq!((again.seq, again.duplicate), (Seq(1), true));
    assert_eq!(bench.say(ada, chat, "new").seq, Seq(258));
    let _ = bob;
}

#[test]
fn the_rate_and_the_order_are_those_of_chats() {
    let (mut bench, [ada, ..], chat) = colleagues();
    for number in 0..10 {
        bench.say(ada, chat, &format!("m{number}"));
    }
    let Refusal::RateLimited { retry_after_ms } = bench.refused(ada, message(chat, "m10", "x")) else {
        panic!("the rate")
    };
    let first = crate::ClientMsgId::new("m10").unwrap();
    assert_eq!(bench.refused(ada, message(chat, "m11", "x")), Refusal::OutOfOrder { first: first.clone() });
    bench.wait_ms(retry_after_ms);
    assert_eq!(bench.refused(ada, message(chat, "m11", "x")), Refusal::OutOfOrder { first });
    bench.say(ada, chat, "m10");
    bench.wait_ms(retry_after_ms);
    assert_eq!(bench.say(ada, chat, "m11").seq, Seq(12));
    // A message that the store could not take is waited for in the same way.
    bench.wait_secs(10);
    let client_msg_id = crate::ClientMsgId::new("m12").unwrap();
    bench.put(Input::MessageRefused { session: ada, chat, client_msg_id });
    assert_eq!(bench.refused(ada, message(chat, "m13", "x")).code(), "out_of_order");
}

#[test]
fn marks_rise_for_each_member_alone() {
    let (mut bench, [ada, bob, _], chat) = colleagues();
    for number in 1..=3 {
        bench.say(ada, chat, &format!("a{number}"));
    }
    bench.say(bob, chat, "b1");
    let marks = |delivered, read| Receipts { delivered: Seq(delivered), read: Seq(read) };
    let none = marks(0, 0);
    assert_eq!(bench.team_records(chat), [(1, none, vec![4]), (2, none, vec![1, 2, 3])]);
    let table = [
        (Some(2), None, marks(2, 0), vec![1, 2, 3]),
        (None, Some(1), marks(2, 1), vec![2, 3]),
        (Some(1), Some(0), marks(2, 1), vec![2, 3]),
        (Some(3), Some(4), marks(4, 4), vec![]),
    ];
    for session in [ada, bob] {
        bench.sent(session);
    }
    for (delivered, read, expected, unread) in table {
        let before = bench.store.team_chats[&chat].clone();
        bench.done(bob, Command::Receipt { chat, delivered, read });
        assert_eq!(bench.team_records(chat), [(1, none, vec![4]), (2, expected, unread)], "{delivered:?} {read:?}");
        let moved = before.members != bench.store.team_chats[&chat].members;
        let told = about(bench.sent(ada)).0;
        assert_eq!(told.len(), usize::from(moved), "the other sees it, live, once");
        assert!(told.iter().all(|state| state.members[1].receipts == expected && state.unread == 1));
        assert_eq!(about(bench.sent(bob)).0.len(), usize::from(moved), "and one's own sessions");
    }
}

#[test]
fn a_mark_beyond_the_newest_entry_ends_the_connection() {
    let (mut bench, [ada, bob, _], chat) = colleagues();
    bench.say(ada, chat, "a1");
    bench.sent(bob);
    let too_high = Command::Receipt { chat, delivered: None, read: Some(2) };
    assert_eq!(bench.refused(bob, too_high), Refusal::ReceiptTooHigh { chat, last: 1 });
    assert_eq!(bench.sent(bob), [Sent::Closed(CloseReason::ReceiptTooHigh)]);
}

#[test]
fn unread_is_counted_one_by_one_up_to_a_hundred() {
    let settings = super::super::DeskSettings { messages_per_second: 0, ..Default::default() };
    let mut bench = Bench::with(crate::policy::LongestWait, settings);
    let [ada, bob] = [1, 2].map(|agent| bench.agent(agent, 1, &[1]));
    let chat = bench.open_team(ada, 2).chat;
    for number in 0..130 {
        bench.say(ada, chat, &format!("a{number}"));
    }
    let unread = |bench: &Bench| bench.team_records(chat)[1].2.clone();
    assert_eq!((unread(&bench).len(), unread(&bench)[0]), (100, 31));
    bench.done(bob, Command::Receipt { chat, delivered: None, read: Some(120) });
    assert_eq!(unread(&bench), (121..=130).collect::<Vec<_>>());
}

#[test]
fn whoever_leaves_off_hears_states_again() {
    let (mut bench, [ada, bob, _], chat) = colleagues();
    bench.follow_team(bob, chat);
    bench.done(bob, Command::Unsubscribe { chat });
    bench.done(bob, Command::Unsubscribe { chat });
    bench.sent(bob);
    bench.say(ada, chat, "m1");
    let (states, entries) = about(bench.sent(bob));
    assert_eq!((states.len(), entries.len()), (1, 0));
    bench.sent(ada);
    bench.done(bob, Command::Typing { chat, typing: true, text: None });
    assert_eq!(about(bench.sent(ada)), (vec![], vec![]));
    // What a session followed ends with it.
    bench.follow_team(bob, chat);
    bench.close(bob);
    assert!(bench.desk.state.team_chats[&chat].subscribers.is_empty());
    bench.say(ada, chat, "m2");
}

#[test]
fn a_reloaded_desk_goes_on_for_those_who_follow() {
    let (mut bench, [ada, bob, _], chat) = colleagues();
    bench.follow_team(bob, chat);
    bench.say(ada, chat, "m1");
    bench.reload();
    bench.sent(bob);
    bench.say(ada, chat, "m2");
    assert_eq!(about(bench.sent(bob)), (vec![], vec![2]));
}

#[test]
fn a_removed_agent_keeps_the_name_and_hears_nothing_more() {
    let (mut bench, [ada, bob, _], chat) = colleagues();
    bench.say(ada, chat, "m1");
    bench.say(bob, chat, "m1");
    bench.follow_team(bob, chat);
    bench.put(Input::RemoveAgent { agent: AgentId(2) });
    let gone = Refusal::AgentUnavailable { agent: AgentId(2), reason: Unavailable::Offline };
    assert_eq!(bench.refused(ada, message(chat, "m2", "x")), gone, "nobody would read it");
    assert!(bench.say(ada, chat, "m1").duplicate, "what was accepted stays so");
    let (up_to, state) = bench.follow_team(ada, chat);
    assert_eq!((up_to, state.members[1].name.as_str(), state.unread), (Seq(2), "Agent 2", 1));
    assert_eq!(bench.open_team(ada, 2).chat, chat, "the one there is can be found");
    bench.done(ada, Command::Receipt { chat, delivered: None, read: Some(2) });
    bench.restart();
    let ada = bench.agent_session(1);
    bench.set_agent(2, 1, &[1]);
    assert_eq!(bench.say(ada, chat, "m3").seq, Seq(3), "who comes back goes on");
}

#[test]
fn nothing_of_a_chat_with_a_customer_is_allowed_in_it() {
    let (mut bench, [ada, ..], chat) = colleagues();
    let refused = [
        note(chat, "n1", "a note"),
        Command::Whisper {
            chat,
            client_msg_id: crate::ClientMsgId::new("w1").unwrap(),
            text: crate::Text::new("advice").unwrap(),
        },
        Command::QueueStatus { chat },
        Command::StartChat { chat },
        Command::AcceptOffer { chat },
        Command::DeclineOffer { chat, reason: None },
        Command::TransferChat { chat, to: crate::protocol::TransferTo::Agent(AgentId(2)), note: None },
        Command::AssignChat { chat, agent: None, override_limit: false },
        Command::UnassignChat { chat },
        Command::TakeOver { chat },
        Command::JoinChat { chat },
        Command::LeaveChat { chat },
        Command::MergeChats { chat, into: chat },
        Command::EndChat { chat },
        Command::ReopenChat { chat },
        Command::SetSubject { chat, subject: None },
        Command::SetPriority { chat, priority: crate::Priority::Urgent },
        Command::ExplainChat { chat },
    ];
    let before = bench.store.team_chats[&chat].clone();
    for command in refused {
        assert_eq!(bench.refused(ada, command.clone()), Refusal::NotAllowed, "{command:?}");
    }
    assert_eq!(bench.store.team_chats[&chat], before);
}

/// For everybody else it is the number of nothing: refused as one that no chat has.
#[test]
fn nobody_else_knows_of_it() {
    let (mut bench, [ada, ..], chat) = colleagues();
    bench.say(ada, chat, "m1");
    let customer = bench.customer(1);
    let scoped = bench.open(Principal::Customer { customer: CustomerId(2), chat: Some(chat) });
    let supervisor = bench.open(Principal::supervisor(AgentId(3)));
    let commands = [
        message(chat, "m1", "text of m1"),
        Command::Subscribe { chat, history: None, after: None },
        Command::ReadHistory { chat, before: 5, limit: 10 },
        Command::Receipt { chat, delivered: Some(1), read: None },
        Command::EndChat { chat },
        Command::SetSubject { chat, subject: None },
        Command::ExplainChat { chat },
    ];
    for session in [customer, scoped, supervisor] {
        for command in &commands {
            assert_eq!(bench.refused(session, command.clone()), Refusal::UnknownChat { chat }, "{command:?}");
        }
    }
}

#[test]
fn authority_is_a_table() {
    let record = TeamChatRecord {
        chat: ChatId(1),
        members: [1, 2].map(|agent| (AgentId(agent), TeamMember::default())).into(),
        created_at: Time(0),
        updated_at: Time(0),
        last_seq: Seq(0),
        last_message: None,
        client_ids: 0,
    };
    let member = Principal::agent(AgentId(1));
    let boss = Principal::Agent { agent: AgentId(2), permissions: Permissions::ALL };
    let others = [
        Principal::supervisor(AgentId(3)),
        Principal::customer(CustomerId(1)),
        Principal::Customer { customer: CustomerId(1), chat: Some(ChatId(1)) },
    ];
    for action in Action::ALL {
        let allowed = matches!(action, Action::Subscribe | Action::Read | Action::Write);
        for principal in [&member, &boss] {
            assert_eq!(may_in_team(principal, action, &record), allowed, "{principal:?} {action:?}");
        }
        for principal in &others {
            assert!(!may_in_team(principal, action, &record), "{principal:?} {action:?}");
        }
    }
}

#[test]
fn names_are_those_of_now() {
    let (mut bench, [ada, bob, _], chat) = colleagues();
    let name = Name::new("Ada the Second").unwrap();
    let categories = [crate::CategoryId(1)].into();
    bench.put(Input::SetAgent { agent: AgentId(1), name, max_chats: 1, categories });
    bench.declare(ada, AgentState::Away);
    bench.sent(bob);
    bench.say(ada, chat, "m1");
    let (states, _) = about(bench.sent(bob));
    assert_eq!(states[0].members[0].name.as_str(), "Ada the Second");
}
