use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;

use super::super::super::Input;
use super::super::support::{Bench, message, note, whisper};
use crate::protocol::{Command, JoinQueue};
use crate::{
    AgentId, AgentState, CategoryId, CategoryRecord, ChatId, ClientMsgId, CustomerId, Name, Principal, Priority,
    SessionId, Subject, Text,
};

/// What happens next. Numbers are picks: they are taken modulo what there is.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Customer {
        who: u8,
        scope: Option<u8>,
    },
    Agent {
        who: u8,
        /// May do anything.
        supervises: bool,
    },
    Close {
        session: u8,
    },
    Join {
        session: u8,
        category: Option<u8>,
    },
    Say {
        session: u8,
        chat: u8,
        id: u8,
        text: u8,
        kind: Kind,
    },
    /// Many messages at once: past the rate, past what is remembered.
    Burst {
        session: u8,
        chat: u8,
        id: u16,
        count: u16,
    },
    Receipt {
        session: u8,
        chat: u8,
        delivered: Option<u8>,
        read: Option<u8>,
    },
    About {
        session: u8,
        chat: u8,
        what: About,
    },
    Declare {
        session: u8,
        state: AgentState,
    },
    SignOut {
        session: u8,
        all: bool,
    },
    SetAgent {
        who: u8,
        max_chats: u32,
        categories: u8,
        name: u8,
    },
    RemoveAgent {
        who: u8,
    },
    SetCategory {
        category: u8,
        name: u8,
    },
    Refused {
        session: u8,
        chat: u8,
        id: u8,
    },
    Roster,
    Wait {
        time: Duration,
        looks: bool,
    },
    /// The process is killed and started again.
    Restart,
    /// A write has failed: the desk is loaded again, under sessions that go on.
    Reload,
    /// Waits for pushes and holds them against the truth.
    Look,
}

/// What is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Message,
    Note,
    Whisper,
}

/// What is asked of a chat.
#[derive(Clone, Debug)]
pub(super) enum About {
    Status,
    Start,
    Subscribe,
    Read,
    End,
    Reopen,
    Subject(Option<u8>),
    Priority(Priority),
    Typing(bool),
    Unsubscribe,
    Join,
    Leave,
    Edit(u8, u8),
    Delete(u8),
}

pub(super) fn op() -> BoxedStrategy<Op> {
    let pick = any::<u8>;
    let state = prop_oneof![
        4 => Just(AgentState::Online),
        1 => Just(AgentState::Away),
        2 => Just(AgentState::LastCall),
        1 => Just(AgentState::Offline)
    ];
    let people = prop_oneof![
        6 => (pick(), prop::option::weighted(0.2, pick())).prop_map(|(who, scope)| Op::Customer { who, scope }),
        3 => (pick(), prop::bool::weighted(0.5)).prop_map(|(who, supervises)| Op::Agent { who, supervises }),
        3 => pick().prop_map(|session| Op::Close { session }),
        3 => (pick(), state).prop_map(|(session, state)| Op::Declare { session, state }),
        1 => (pick(), any::<bool>()).prop_map(|(session, all)| Op::SignOut { session, all }),
        2 => (pick(), 1..4_u32, pick(), 0..2_u8)
            .prop_map(|(who, max_chats, categories, name)| Op::SetAgent { who, max_chats, categories, name }),
        1 => pick().prop_map(|who| Op::RemoveAgent { who }),
        1 => (pick(), 0..2_u8).prop_map(|(category, name)| Op::SetCategory { category, name }),
        1 => Just(Op::Roster),
    ]
    .boxed();
    let kind = prop_oneof![6 => Just(Kind::Message), 2 => Just(Kind::Note), 1 => Just(Kind::Whisper)];
    let mark = || prop::option::of(0..14_u8);
    let chats = prop_oneof![
        10 => (pick(), prop::option::of(pick())).prop_map(|(session, category)| Op::Join { session, category }),
        10 => (pick(), pick(), 0..12_u8, 0..2_u8, kind)
            .prop_map(|(session, chat, id, text, kind)| Op::Say { session, chat, id, text, kind }),
        1 => (pick(), pick(), 0..3_u16, prop_oneof![12..14_u16, 256..262_u16])
            .prop_map(|(session, chat, id, count)| Op::Burst { session, chat, id, count }),
        4 => (pick(), pick(), mark(), mark())
            .prop_map(|(session, chat, delivered, read)| Op::Receipt { session, chat, delivered, read }),
        14 => (pick(), pick(), about()).prop_map(|(session, chat, what)| Op::About { session, chat, what }),
        1 => (pick(), pick(), 0..12_u8).prop_map(|(session, chat, id)| Op::Refused { session, chat, id }),
    ]
    .boxed();
    let millis = prop_oneof![
        Just(0_u64),
        Just(1),
        Just(333),
        Just(1_000),
        Just(5_000),
        Just(29_999),
        Just(30_000),
        Just(60_000),
        Just(3_600_000),
        Just(25 * 3_600_000),
    ];
    let time = prop_oneof![
        12 => (millis, any::<bool>())
            .prop_map(|(millis, looks)| Op::Wait { time: Duration::from_millis(millis), looks }),
        1 => Just(Op::Restart),
        1 => Just(Op::Reload),
        1 => Just(Op::Look),
    ]
    .boxed();
    prop_oneof![4 => people, 6 => chats, 2 => time].boxed()
}

fn about() -> BoxedStrategy<About> {
    let priority = prop::sample::select(&[Priority::Low, Priority::Medium, Priority::High, Priority::Urgent]);
    prop_oneof![
        1 => Just(About::Status),
        1 => Just(About::Start),
        4 => Just(About::Subscribe),
        1 => Just(About::Read),
        3 => Just(About::End),
        2 => Just(About::Reopen),
        1 => prop::option::of(0..2_u8).prop_map(About::Subject),
        1 => priority.prop_map(About::Priority),
        5 => prop::bool::weighted(0.8).prop_map(About::Typing),
        1 => Just(About::Unsubscribe),
        3 => Just(About::Join),
        1 => Just(About::Leave),
        4 => (1..9_u8, 0..2_u8).prop_map(|(target, text)| About::Edit(target, text)),
        2 => (1..9_u8).prop_map(About::Delete),
    ]
    .boxed()
}

impl Op {
    /// The inputs that it stands for, at this point.
    pub(super) fn inputs(&self, bench: &mut Bench) -> Vec<Input> {
        match *self {
            Self::Customer { who, scope } => {
                let customer = CustomerId(u128::from(who % 5) + 1);
                let own: Vec<_> = bench.store.chats.values().filter(|it| it.customer == customer).collect();
                let scoped = scope.and_then(|pick| own.get(usize::from(pick) % own.len().max(1)));
                let chat = scoped.map(|record| record.chat);
                vec![open(bench, Principal::Customer { customer, chat })]
            }
            Self::Agent { who, supervises: true } => vec![open(bench, Principal::supervisor(agent(who)))],
            Self::Agent { who, supervises: false } => vec![open(bench, Principal::agent(agent(who)))],
            Self::Close { session } => vec![Input::CloseSession { session: session_of(bench, session) }],
            Self::Join { session, category } => {
                let join = JoinQueue::new(Name::new("Carla").unwrap());
                let category = category.map(|pick| CategoryId(u32::from(pick % 13).min(4)));
                let join = match category {
                    Some(category) => join.with_category(category),
                    None => join,
                };
                vec![ask(bench, session, Command::JoinQueue(join))]
            }
            Self::Say { session, chat, id, text, kind } => {
                let chat = chat_of(bench, session, chat);
                let (id, text) = (format!("m{id}"), format!("text {text}"));
                let command = match kind {
                    Kind::Message => message(chat, &id, &text),
                    Kind::Note => note(chat, &id, &text),
                    Kind::Whisper => whisper(chat, &id, &text),
                };
                vec![ask(bench, session, command)]
            }
            Self::Burst { session, chat, id, count } => {
                let chat = chat_of(bench, session, chat);
                let many = 0..count;
                many.map(|n| ask(bench, session, message(chat, &format!("b{id}-{n}"), "a burst"))).collect()
            }
            Self::Receipt { session, chat, delivered, read } => {
                let chat = chat_of(bench, session, chat);
                let (delivered, read) = (delivered.map(u64::from), read.map(u64::from));
                vec![ask(bench, session, Command::Receipt { chat, delivered, read })]
            }
            Self::About { session, chat, ref what } => {
                let chat = chat_of(bench, session, chat);
                vec![ask(bench, session, what.command(chat))]
            }
            Self::Declare { session, state } => vec![ask(bench, session, Command::SetAgentState { state })],
            Self::SignOut { session, all } => vec![ask(bench, session, Command::SignOut { all })],
            Self::SetAgent { who, max_chats, categories, name } => {
                let of = (0..3).filter(|bit| categories & (1 << bit) != 0).map(|bit| CategoryId(bit + 1));
                let name = Name::new(&format!("Agent {name}")).unwrap();
                vec![Input::SetAgent { agent: agent(who), name, max_chats, categories: of.collect::<BTreeSet<_>>() }]
            }
            Self::RemoveAgent { who } => vec![Input::RemoveAgent { agent: agent(who) }],
            Self::SetCategory { category, name } => {
                let name = Name::new(&format!("Category {name}")).unwrap();
                vec![Input::SetCategory(CategoryRecord::new(CategoryId(u32::from(category % 5)), name))]
            }
            Self::Refused { session, chat, id } => {
                let chat = chat_of(bench, session, chat);
                let client_msg_id = ClientMsgId::new(&format!("m{id}")).unwrap();
                vec![Input::MessageRefused { session: session_of(bench, session), chat, client_msg_id }]
            }
            Self::Roster => vec![Input::Roster],
            Self::Wait { .. } | Self::Restart | Self::Reload | Self::Look => Vec::new(),
        }
    }
}

impl About {
    fn command(&self, chat: ChatId) -> Command {
        match *self {
            Self::Status => Command::QueueStatus { chat },
            Self::Start => Command::StartChat { chat },
            Self::Subscribe => Command::Subscribe { chat, history: None, after: None },
            Self::Read => Command::ReadHistory { chat, before: 5, limit: 10 },
            Self::End => Command::EndChat { chat },
            Self::Reopen => Command::ReopenChat { chat },
            Self::Subject(subject) => {
                let words = subject.map(|number| Subject::new(&format!("About {number}")).unwrap());
                Command::SetSubject { chat, subject: words }
            }
            Self::Priority(priority) => Command::SetPriority { chat, priority },
            Self::Typing(typing) => Command::Typing { chat, typing, text: None },
            Self::Unsubscribe => Command::Unsubscribe { chat },
            Self::Join => Command::JoinChat { chat },
            Self::Leave => Command::LeaveChat { chat },
            Self::Edit(target, text) => {
                let text = Text::new(&format!("text {text}")).unwrap();
                Command::EditMessage { chat, target: target.into(), text }
            }
            Self::Delete(target) => Command::DeleteMessage { chat, target: target.into() },
        }
    }
}

fn agent(pick: u8) -> AgentId {
    AgentId(u64::from(pick % 4) + 1)
}

fn open(bench: &mut Bench, principal: Principal) -> Input {
    Input::OpenSession { session: bench.next_session(), principal }
}

/// One of the sessions that are open; now and then one that is not.
fn session_of(bench: &Bench, pick: u8) -> SessionId {
    let open: Vec<_> = bench.desk.state.sessions.keys().collect();
    let at = usize::from(pick);
    if at == 255 || open.is_empty() { SessionId(999_999) } else { open[at % open.len()] }
}

fn ask(bench: &Bench, pick: u8, command: Command) -> Input {
    Input::Ask { session: session_of(bench, pick), command, facts: None }
}

/// Mostly a chat that the session has to do with, closed ones too; sometimes any number at all.
fn chat_of(bench: &Bench, session: u8, pick: u8) -> ChatId {
    let principal = bench.desk.state.sessions.get(&session_of(bench, session)).map(|it| it.principal.clone());
    let concerns = |record: &&crate::ChatRecord| match principal {
        Some(Principal::Customer { customer, .. }) => record.customer == customer,
        // Whoever watches has to do with any chat.
        Some(Principal::Agent { agent, permissions }) => record.agents.contains(&agent) || !permissions.is_none(),
        None => false,
    };
    let own: Vec<_> = bench.store.chats.values().filter(concerns).map(|record| record.chat).collect();
    let pick = usize::from(pick);
    if pick < 224 && !own.is_empty() {
        own[own.len() - 1 - pick % own.len()]
    } else {
        ChatId((pick % (bench.store.chats.len() + 2)) as u64)
    }
}
