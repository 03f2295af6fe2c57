use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;

use super::super::super::Input;
use super::super::support::{Bench, message, note, whisper};
use crate::desk::state::Chat;
use crate::hours::{Hours, Timetable};
use crate::protocol::{Command, JoinQueue, TransferTo};
use crate::{
    AgentId, AgentState, CategoryId, CategoryRecord, CategorySettings, CategoryWeight, ChatId, ClientMsgId, CustomerId,
    Name, OverflowStage, Permission, Permissions, Principal, Priority, Routing, SessionId, Subject, Text,
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
        permissions: u8,
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
        settings: CategorySettings,
    },
    SetPolicy {
        policy: u8,
    },
    EndWrapUp {
        session: u8,
    },
    /// An agent speaks in a chat that they hold, and nothing happens for a while.
    Stall {
        pick: u8,
    },
    /// A customer who was silent for long speaks again.
    Return {
        pick: u8,
    },
    /// Who does the work; mostly asked by somebody who may.
    Work {
        session: u8,
        chat: u8,
        what: Work,
    },
    Refused {
        session: u8,
        chat: u8,
        id: u8,
    },
    Roster,
    /// Staff looks around, or talks among themselves.
    Staff {
        session: u8,
        what: Staff,
    },
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

/// What staff asks that is not about a chat of theirs.
#[derive(Clone, Debug)]
pub(super) enum Staff {
    OpenTeamChat(u8),
    Queue(u8),
    Team,
    WhyWaiting(u8),
    WhyIdle(Option<u8>),
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
    Unsubscribe,
    Read,
    End,
    Reopen,
    Subject(Option<u8>),
    Priority(Priority),
    Typing(bool),
    Join,
    Leave,
    Edit(u8, u8),
    Delete(u8),
}

/// What is done by hand.
#[derive(Clone, Debug)]
pub(super) enum Work {
    Accept,
    Decline,
    Transfer { to: u8, note: bool },
    Move { to: u8 },
    Assign { to: Option<u8>, past_limit: bool },
    Unassign,
    TakeOver,
    Merge { into: u8 },
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
        3 => (pick(), 0..10_u8).prop_map(|(who, permissions)| Op::Agent { who, permissions }),
        3 => pick().prop_map(|session| Op::Close { session }),
        3 => (pick(), state).prop_map(|(session, state)| Op::Declare { session, state }),
        1 => (pick(), any::<bool>()).prop_map(|(session, all)| Op::SignOut { session, all }),
        2 => (pick(), 1..4_u32, pick(), 0..2_u8)
            .prop_map(|(who, max_chats, categories, name)| Op::SetAgent { who, max_chats, categories, name }),
        1 => pick().prop_map(|who| Op::RemoveAgent { who }),
        3 => (pick(), 0..2_u8, settings())
            .prop_map(|(category, name, settings)| Op::SetCategory { category, name, settings }),
        1 => pick().prop_map(|policy| Op::SetPolicy { policy }),
        1 => pick().prop_map(|session| Op::EndWrapUp { session }),
        3 => pick().prop_map(|pick| Op::Stall { pick }),
        1 => pick().prop_map(|pick| Op::Return { pick }),
        1 => Just(Op::Roster),
        4 => (pick(), staff()).prop_map(|(session, what)| Op::Staff { session, what }),
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
        12 => (pick(), pick(), work()).prop_map(|(session, chat, what)| Op::Work { session, chat, what }),
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

fn staff() -> BoxedStrategy<Staff> {
    let pick = any::<u8>;
    prop_oneof![
        6 => pick().prop_map(Staff::OpenTeamChat),
        1 => pick().prop_map(Staff::Queue),
        1 => Just(Staff::Team),
        2 => pick().prop_map(Staff::WhyWaiting),
        2 => prop::option::of(pick()).prop_map(Staff::WhyIdle),
    ]
    .boxed()
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

fn work() -> BoxedStrategy<Work> {
    let pick = any::<u8>;
    prop_oneof![
        3 => Just(Work::Accept),
        2 => Just(Work::Decline),
        4 => (pick(), any::<bool>()).prop_map(|(to, note)| Work::Transfer { to, note }),
        2 => pick().prop_map(|to| Work::Move { to }),
        3 => (prop::option::of(pick()), any::<bool>()).prop_map(|(to, past_limit)| Work::Assign { to, past_limit }),
        1 => Just(Work::Unassign),
        1 => Just(Work::TakeOver),
        2 => pick().prop_map(|into| Work::Merge { into }),
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
            Self::Agent { who, permissions } => {
                // Some may everything, some nothing beyond their chats, some one thing.
                let one = Permission::ALL.get(usize::from(permissions)).copied();
                let some = one.map_or(Permissions::NONE, |it| Permissions::NONE.with(it));
                let permissions = if permissions > 6 { Permissions::ALL } else { some };
                vec![open(bench, Principal::Agent { agent: agent(who), permissions })]
            }
            Self::Close { session } => vec![Input::CloseSession { session: session_of(bench, session) }],
            Self::Join { session, category } => {
                let join = JoinQueue::new(Name::new("Carla").unwrap());
                let category = category.map(category_of);
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
            Self::Work { session, chat, ref what } => {
                let chat = if chat % 2 == 0 { chat_of(bench, session, chat) } else { open_chat(bench, chat) };
                let asker = what.asker(bench, chat).filter(|_| session % 8 != 0);
                let session = asker.unwrap_or_else(|| session_of(bench, session));
                vec![Input::Ask { session, command: what.command(bench, chat), facts: None }]
            }
            Self::Declare { session, state } => vec![ask(bench, session, Command::SetAgentState { state })],
            Self::SignOut { session, all } => vec![ask(bench, session, Command::SignOut { all })],
            Self::SetAgent { who, max_chats, categories, name } => {
                let of = (0..3).filter(|bit| categories & (1 << bit) != 0).map(|bit| CategoryId(bit + 1));
                let name = Name::new(&format!("Agent {name}")).unwrap();
                vec![Input::SetAgent { agent: agent(who), name, max_chats, categories: of.collect::<BTreeSet<_>>() }]
            }
            Self::RemoveAgent { who } => vec![Input::RemoveAgent { agent: agent(who) }],
            Self::SetCategory { category, name, ref settings } => {
                let name = Name::new(&format!("Category {name}")).unwrap();
                let category = CategoryId(u32::from(category % 5));
                vec![Input::SetCategory(CategoryRecord { category, name, settings: settings.clone() })]
            }
            Self::SetPolicy { policy } => {
                let name = policies().nth(usize::from(policy) % (crate::policy::NAMES.len() + 1)).unwrap();
                vec![Input::SetPolicy { name }]
            }
            Self::Stall { pick } => {
                let agents = &bench.desk.state.agents;
                let session = |chat: &Chat| agents.get(&chat.record.agent()?)?.sessions.first().copied();
                speak(bench, pick, session).into_iter().collect()
            }
            Self::Return { pick } => {
                let session = |chat: &Chat| chat.customer_sessions.first().copied().filter(|_| chat.record.parked);
                speak(bench, pick, session).into_iter().collect()
            }
            Self::EndWrapUp { session } => vec![ask(bench, session, Command::EndWrapUp)],
            Self::Refused { session, chat, id } => {
                let chat = chat_of(bench, session, chat);
                let client_msg_id = ClientMsgId::new(&format!("m{id}")).unwrap();
                vec![Input::MessageRefused { session: session_of(bench, session), chat, client_msg_id }]
            }
            Self::Roster => vec![Input::Roster],
            Self::Staff { session, ref what } => {
                let command = what.command(bench, session);
                vec![ask(bench, session, command)]
            }
            Self::Wait { .. } | Self::Restart | Self::Reload | Self::Look => Vec::new(),
        }
    }
}

impl Staff {
    fn command(&self, bench: &Bench, session: u8) -> Command {
        match *self {
            Self::OpenTeamChat(with) => Command::OpenTeamChat { agent: agent(with) },
            Self::Queue(category) => Command::ReadQueue { category: CategoryId(u32::from(category % 5)) },
            Self::Team => Command::ReadTeam,
            Self::WhyWaiting(chat) => Command::ExplainChat { chat: chat_of(bench, session, chat) },
            Self::WhyIdle(of) => Command::ExplainAgent { agent: of.map(agent) },
        }
    }
}

impl About {
    fn command(&self, chat: ChatId) -> Command {
        match *self {
            Self::Status => Command::QueueStatus { chat },
            Self::Start => Command::StartChat { chat },
            Self::Subscribe => Command::Subscribe { chat, history: None, after: None },
            Self::Unsubscribe => Command::Unsubscribe { chat },
            Self::Read => Command::ReadHistory { chat, before: 5, limit: 10 },
            Self::End => Command::EndChat { chat },
            Self::Reopen => Command::ReopenChat { chat },
            Self::Subject(subject) => {
                let words = subject.map(|number| Subject::new(&format!("About {number}")).unwrap());
                Command::SetSubject { chat, subject: words }
            }
            Self::Priority(priority) => Command::SetPriority { chat, priority },
            Self::Typing(typing) => Command::Typing { chat, typing, text: None },
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

/// The shipped policies, and one that is none.
fn policies() -> impl Iterator<Item = Name> {
    crate::policy::NAMES.into_iter().chain(["no-such"]).map(|name| Name::new(name).unwrap())
}

/// Settings of a category: mostly one thing at a time, sometimes all.
fn settings() -> BoxedStrategy<CategorySettings> {
    let secs = |values: &'static [u64]| prop::sample::select(values).prop_map(Duration::from_secs);
    let policy = prop::sample::select(policies().collect::<Vec<_>>());
    let stage = (secs(&[1, 5, 30, 60]), 1..5_u32)
        .prop_map(|(after, category)| OverflowStage { after, category: CategoryId(category) });
    let overflow = prop::collection::vec(stage, 0..3).prop_map(|mut stages| {
        stages.sort_unstable_by_key(|it| it.after);
        stages
    });
    let open = prop::sample::select(&["22:13-22:15", "22:15-06:00", "00:00-24:00"][..]);
    let hours = open.prop_map(|open| {
        let every = || vec![open.to_owned()];
        let zone = "UTC".to_owned();
        let table = Timetable { zone, tuesday: every(), wednesday: every(), thursday: every(), ..Timetable::default() };
        Hours::new(table).unwrap()
    });
    let parts = (
        prop_oneof![Just(Routing::Assign), Just(Routing::Offer)],
        prop::option::weighted(0.3, policy),
        overflow,
        prop::option::weighted(0.4, 1..4_u32),
        prop::option::weighted(0.2, secs(&[5, 60, 3_600])),
        prop::option::weighted(0.15, hours),
        prop::option::weighted(0.5, secs(&[0, 5, 60])),
        prop_oneof![2 => Just(Duration::ZERO), 1 => secs(&[5, 30])],
    );
    parts
        .prop_map(|(routing, policy, overflow, queue_limit, max_wait, hours, sticky_wait, wrap_up)| CategorySettings {
            routing,
            policy,
            overflow,
            queue_limit,
            max_wait,
            hours,
            sticky_wait,
            wrap_up,
            weight: CategoryWeight::default(),
        })
        .boxed()
}

/// A new message in one of the chats where a session is picked out.
fn speak(bench: &Bench, pick: u8, session: impl Fn(&Chat) -> Option<SessionId>) -> Option<Input> {
    let chats = bench.desk.state.chats.iter();
    let all: Vec<_> =
        chats.filter_map(|(number, chat)| Some((number, session(chat)?, chat.record.last_seq.0))).collect();
    let (chat, session, seq) = *all.get(usize::from(pick) % all.len().max(1))?;
    Some(Input::Ask { session, command: message(chat, &format!("s{seq}"), "anything else?"), facts: None })
}

/// A session of somebody who may give and merge any chat.
fn supervisor(bench: &Bench) -> Option<SessionId> {
    let assigns = |principal: &Principal| match principal {
        Principal::Agent { permissions, .. } => permissions.has(Permission::Assign),
        Principal::Customer { .. } => false,
    };
    bench.desk.state.sessions.iter().find(|(_, session)| assigns(&session.principal)).map(|(number, _)| number)
}

fn holder(bench: &Bench, record: &crate::ChatRecord) -> Option<SessionId> {
    bench.desk.state.agents.get(&record.agent()?)?.sessions.first().copied()
}

/// Mostly one of the three that there are from the beginning.
fn category_of(pick: u8) -> CategoryId {
    CategoryId(match pick % 14 {
        number @ 0..=4 => u32::from(number),
        more => 1 + u32::from(more % 3),
    })
}

impl Work {
    /// A session of somebody who may do this.
    fn asker(&self, bench: &Bench, chat: ChatId) -> Option<SessionId> {
        let record = &bench.desk.state.chats.get(&chat)?.record;
        let agent = match self {
            Self::Accept | Self::Decline => record.offered_to().or(record.transfer_to),
            Self::Transfer { .. } | Self::Move { .. } | Self::Unassign => record.agent(),
            Self::Assign { .. } | Self::TakeOver | Self::Merge { .. } => {
                return supervisor(bench).or(holder(bench, record));
            }
        };
        bench.desk.state.agents.get(&agent?)?.sessions.first().copied()
    }

    fn command(&self, bench: &Bench, chat: ChatId) -> Command {
        match *self {
            Self::Accept => Command::AcceptOffer { chat },
            Self::Decline => Command::DeclineOffer { chat, reason: None },
            Self::Transfer { to, note } => {
                let note = note.then(|| Text::new("over to you").unwrap());
                Command::TransferChat { chat, to: TransferTo::Agent(agent(to)), note }
            }
            Self::Move { to } => {
                let category = category_of(to);
                Command::TransferChat { chat, to: TransferTo::Category(category), note: None }
            }
            Self::Assign { to, past_limit } => {
                Command::AssignChat { chat, agent: to.map(agent), override_limit: past_limit }
            }
            Self::Unassign => Command::UnassignChat { chat },
            Self::TakeOver => Command::TakeOver { chat },
            Self::Merge { into } => {
                // Mostly chats of one customer, merged ones too.
                let customer = bench.store.chats.get(&chat).map(|record| record.customer);
                let own: Vec<_> = bench.store.chats.values().filter(|it| Some(it.customer) == customer).collect();
                let at = usize::from(into);
                let into = if into < 224 && !own.is_empty() {
                    own[own.len() - 1 - at % own.len()].chat
                } else {
                    ChatId(at as u64 % 8)
                };
                Command::MergeChats { chat, into }
            }
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

/// A chat that is not closed, if there is one.
fn open_chat(bench: &Bench, pick: u8) -> ChatId {
    let open: Vec<_> = bench.desk.state.chats.keys().collect();
    open.get(usize::from(pick) % open.len().max(1)).copied().unwrap_or(ChatId(1))
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
    let takes_part = |record: &&crate::TeamChatRecord| {
        let member = |principal: &Principal| crate::desk::may_in_team(principal, crate::desk::Action::Read, record);
        principal.as_ref().is_some_and(member)
    };
    let teams = bench.store.team_chats.values().filter(takes_part).map(|record| record.chat);
    let chats = bench.store.chats.values().filter(concerns).map(|record| record.chat);
    let own: Vec<_> = chats.chain(teams).collect();
    let pick = usize::from(pick);
    if pick < 224 && !own.is_empty() {
        own[own.len() - 1 - pick % own.len()]
    } else {
        ChatId((pick % (bench.store.chats.len() + bench.store.team_chats.len() + 2)) as u64)
    }
}
