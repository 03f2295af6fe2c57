use super::samples::{HISTORY, id, name, subject, text};
use super::{all_seen, same, stored};
use crate::protocol::{ClientFrame, Command, Hello, JoinQueue, Parsed, Role, SendMessage, parse};
use crate::{AgentState, CategoryId, ChatId, Priority};

const FILE: &str = "commands.json";
const CHAT: ChatId = ChatId(12);

fn commands() -> Vec<Command> {
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

/// Which variant it is. A new one comes with an example in [`commands`] and one more in `VARIANTS`.
const fn variant(command: &Command) -> usize {
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
    }
}

#[test]
fn commands_keep_their_form() {
    let commands = commands();
    all_seen(16, commands.iter().map(variant));
    let json: Vec<_> = commands.iter().map(|command| serde_json::to_string(command).unwrap()).collect();
    same(FILE, &json);
    for (json, command) in stored(FILE).iter().zip(commands) {
        assert_eq!(parse(json.as_bytes()), Parsed::from(ClientFrame::new(command)), "{json}");
    }
}
