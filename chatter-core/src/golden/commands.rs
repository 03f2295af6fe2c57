use super::samples::{BOB, HISTORY, id, name, subject, text};
use super::{all_seen, same, stored};
use crate::protocol::{ClientFrame, Command, Hello, JoinQueue, Parsed, Role, SendMessage, TransferTo, parse};
use crate::{AgentState, CategoryId, ChatId, DeclineReason, Priority};

const FILE: &str = "commands.json";
const CHAT: ChatId = ChatId(12);

pub(crate) fn commands() -> Vec<Command> {
    let mut all = talk();
    all.extend(work());
    all
}

fn talk() -> Vec<Command> {
    let joined = JoinQueue::new(name("Zoe")).with_category(CategoryId(2)).with_subject(subject("Late parcel"));
    vec![
        Command::Hello(Hello::new(Role::Customer)),
        Command::Hello(Hello::new(Role::Customer).with_token("a.b.c")),
        Command::Hello(Hello::new(Role::Agent).with_password("ada", "correct horse")),
        Command::JoinQueue(JoinQueue::new(name("Zoe"))),
        Command::JoinQueue(joined),
        Command::QueueStatus { chat: CHAT },
        Command::StartChat { chat: CHAT },
        Command::Subscribe { chat: CHAT, history: None, after: None },
        Command::Subscribe { chat: CHAT, history: Some(HISTORY), after: Some(3) },
        Command::ReadHistory { chat: CHAT, before: 40, limit: 20 },
        Command::SendMessage(SendMessage::new(CHAT, id("m-1"), text("Where is it?\nReally."))),
        Command::SendNote { chat: CHAT, client_msg_id: id("n-1"), text: text("Asked twice before.") },
        Command::Receipt { chat: CHAT, delivered: Some(4), read: None },
        Command::Receipt { chat: CHAT, delivered: Some(4), read: Some(4) },
        Command::Receipt { chat: CHAT, delivered: None, read: Some(4) },
        Command::EndChat { chat: CHAT },
        Command::ReopenChat { chat: CHAT },
        Command::SetSubject { chat: CHAT, subject: Some(subject("Late parcel")) },
        Command::SetSubject { chat: CHAT, subject: None },
        Command::SetPriority { chat: CHAT, priority: Priority::Urgent },
        Command::SetAgentState { state: AgentState::LastCall },
        Command::SignOut { all: false },
        Command::Ping,
    ]
}

fn work() -> Vec<Command> {
    let declined = |reason| Command::DeclineOffer { chat: CHAT, reason };
    let transfer = |to, note: Option<&str>| Command::TransferChat { chat: CHAT, to, note: note.map(text) };
    let assign = |agent, override_limit| Command::AssignChat { chat: CHAT, agent, override_limit };
    let typing = |typing, words: Option<&str>| Command::Typing { chat: CHAT, typing, text: words.map(text) };
    vec![
        Command::Whisper { chat: CHAT, client_msg_id: id("w-1"), text: text("Offer a refund.") },
        Command::EditMessage { chat: CHAT, target: 4, text: text("Where is my parcel?") },
        Command::DeleteMessage { chat: CHAT, target: 4 },
        typing(true, None),
        typing(true, Some("Where is")),
        typing(false, None),
        Command::Unsubscribe { chat: CHAT },
        Command::AcceptOffer { chat: CHAT },
        declined(None),
        declined(Some(DeclineReason::Busy)),
        declined(Some(DeclineReason::WrongCategory)),
        declined(Some(DeclineReason::Language)),
        declined(Some(DeclineReason::Other)),
        transfer(TransferTo::Agent(BOB), None),
        transfer(TransferTo::Category(CategoryId(4)), Some("Knows the carrier.")),
        assign(None, false),
        assign(Some(BOB), false),
        assign(Some(BOB), true),
        Command::UnassignChat { chat: CHAT },
        Command::TakeOver { chat: CHAT },
        Command::JoinChat { chat: CHAT },
        Command::LeaveChat { chat: CHAT },
        Command::MergeChats { chat: CHAT, into: ChatId(13) },
        Command::EndWrapUp,
        Command::OpenTeamChat { agent: BOB },
        Command::ReadQueue { category: CategoryId(4) },
        Command::ReadTeam,
        Command::ExplainChat { chat: CHAT },
        Command::ExplainAgent { agent: None },
        Command::ExplainAgent { agent: Some(BOB) },
    ]
}

/// How many variants there are.
pub(crate) const VARIANTS: usize = 36;

/// Which variant it is. A new one comes with an example in [`commands`] and one more in [`VARIANTS`].
pub(crate) const fn variant(command: &Command) -> usize {
    match command {
        Command::Hello(_) => 0,
        Command::JoinQueue(_) => 1,
        Command::QueueStatus { .. } => 2,
        Command::StartChat { .. } => 3,
        Command::Subscribe { .. } => 4,
        Command::ReadHistory { .. } => 5,
        Command::SendMessage(_) => 6,
        Command::SendNote { .. } => 7,
        Command::Receipt { .. } => 8,
        Command::EndChat { .. } => 9,
        Command::ReopenChat { .. } => 10,
        Command::SetSubject { .. } => 11,
        Command::SetPriority { .. } => 12,
        Command::SetAgentState { .. } => 13,
        Command::SignOut { .. } => 14,
        Command::Ping => 15,
        Command::Whisper { .. } => 16,
        Command::EditMessage { .. } => 17,
        Command::DeleteMessage { .. } => 18,
        Command::Typing { .. } => 19,
        Command::Unsubscribe { .. } => 20,
        Command::AcceptOffer { .. } => 21,
        Command::DeclineOffer { .. } => 22,
        Command::TransferChat { .. } => 23,
        Command::AssignChat { .. } => 24,
        Command::UnassignChat { .. } => 25,
        Command::TakeOver { .. } => 26,
        Command::JoinChat { .. } => 27,
        Command::LeaveChat { .. } => 28,
        Command::MergeChats { .. } => 29,
        Command::EndWrapUp => 30,
        Command::OpenTeamChat { .. } => 31,
        Command::ReadQueue { .. } => 32,
        Command::ReadTeam => 33,
        Command::ExplainChat { .. } => 34,
        Command::ExplainAgent { .. } => 35,
    }
}

#[test]
fn commands_keep_their_form() {
    let commands = commands();
    all_seen(VARIANTS, commands.iter().map(variant));
    let json: Vec<_> = commands.iter().map(|command| serde_json::to_string(command).unwrap()).collect();
    same(FILE, &json);
    for (json, command) in stored(FILE).iter().zip(commands) {
        assert_eq!(parse(json.as_bytes()), Parsed::from(ClientFrame::new(command)), "{json}");
    }
}
