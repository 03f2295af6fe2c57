//! The inputs that what happens stands for.

use std::collections::BTreeSet;

use super::super::super::Input;
use super::super::support::{Bench, message, note, whisper};
use super::ops::{About, Kind, Op, Staff, Work};
use super::picks::{agent, category_of, chat_of, holder, open_chat, policies, session_of, speak, supervisor};
use crate::desk::state::Chat;
use crate::protocol::{Command, JoinQueue, TransferTo};
use crate::{
    CategoryId, CategoryRecord, ChatId, ClientMsgId, CustomerId, Name, Permission, Permissions, Principal, SessionId,
    Subject, Text,
};

impl Op {
    /// The inputs that it stands for, at this point.
    #[expect(clippy::too_many_lines, reason = "one arm a kind")]
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

impl Work {
    /// A session of somebody who may do this.
    fn asker(&self, bench: &Bench, chat: ChatId) -> Option<SessionId> {
        let record = &bench.desk.state.chats.get(&chat)?.record;
        let agent = match self {
            Self::Accept | Self::Decline => record.offered_to().or(record.transfer_to),
            Self::Transfer { .. } | Self::Move { .. } | Self::Unassign => record.agent(),
            Self::Assign { .. } | Self::TakeOver | Self::Merge { .. } => {
                return supervisor(bench).or_else(|| holder(bench, record));
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

fn open(bench: &mut Bench, principal: Principal) -> Input {
    Input::OpenSession { session: bench.next_session(), principal }
}

fn ask(bench: &Bench, pick: u8, command: Command) -> Input {
    Input::Ask { session: session_of(bench, pick), command, facts: None }
}
