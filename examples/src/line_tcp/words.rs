//! Lines of words that come in, and what they ask for.

use std::future::pending;
use std::sync::Arc;

use chatter_core::protocol::{Command, Hello, JoinQueue, Role, SendMessage};
use chatter_core::{AgentState, ChatId, ClientMsgId, Invalid, Name, Subject, Text};
use tokio::sync::{mpsc, watch};

use super::gate::random;

/// What somebody is told who says neither who they are nor a JSON `hello`.
pub(super) const USAGE: &str = "* begin with: customer NAME, or: agent USER PASSWORD, or a JSON hello\n";

const CUSTOMER_HELP: &str =
    "* a line is a message; /place, /subject WORDS, /end, /bye; begin a message with // for one /\n";
const STAFF_HELP: &str = "* a line is a message; /note WORDS, /subject WORDS, /end, /reopen, /chat NUMBER, /online, /away, \
                          /lastcall, /bye; begin a message with // for one /\n";

/// The first line of a connection.
#[derive(Debug)]
pub(super) enum Opening {
    /// JSON, so everything is.
    Json,
    /// Words: who it is, and what they ask for at once.
    Words(Hello, Command),
    /// Neither.
    Unclear,
}

impl Opening {
    pub(super) fn of(line: &[u8]) -> Self {
        if line.starts_with(b"{") {
            return Self::Json;
        }
        let line = std::str::from_utf8(line).unwrap_or_default();
        let (role, rest) = line.trim().split_once(' ').unwrap_or_default();
        match (role, rest.split_once(' '), Name::new(rest)) {
            ("customer", _, Ok(name)) => {
                Self::Words(Hello::new(Role::Customer), Command::JoinQueue(JoinQueue::new(name)))
            }
            ("agent", Some((username, password)), _) => {
                let hello = Hello::new(Role::Agent).with_password(username, password);
                Self::Words(hello, Command::SetAgentState { state: AgentState::Online })
            }
            _ => Self::Unclear,
        }
    }
}

/// The chat that lines are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not answered yet.
    Unknown,
    /// In none.
    Nowhere,
    /// In this one.
    In(ChatId),
}

/// Where both loops look up the chat that lines are for.
pub(super) type Stand = Arc<watch::Sender<Standing>>;

/// What became of a line.
pub(super) enum Heard {
    /// It asks for this.
    Command(Command),
    /// It asks for nothing of the engine; its writer is told this.
    Aside(String),
}

/// Understands the lines of one connection.
pub(super) struct Ears {
    role: Role,
    stand: Stand,
    /// What the frames that went out call for, without being asked.
    wishes: Option<mpsc::UnboundedReceiver<Command>>,
    /// Tells the messages of this connection from those of others of the same person.
    nonce: u64,
    sent: u64,
}

impl Ears {
    pub(super) fn new(role: Role, stand: Stand, wishes: Option<mpsc::UnboundedReceiver<Command>>) -> Self {
        Self { role, stand, wishes, nonce: random(), sent: 0 }
    }

    /// The next thing to ask for that no line asks for. Cancel-safe.
    pub(super) async fn wish(&mut self) -> Command {
        let wish = match &mut self.wishes {
            Some(wishes) => wishes.recv().await,
            None => None,
        };
        match wish {
            Some(command) => command,
            None => pending().await,
        }
    }

    pub(super) async fn hear(&mut self, line: &[u8]) -> Heard {
        let Ok(line) = std::str::from_utf8(line) else { return Heard::Aside("! write UTF-8\n".to_owned()) };
        match self.understand(line.trim()).await {
            Ok(heard) => heard,
            Err(invalid) => Heard::Aside(format!("! {invalid}\n")),
        }
    }

    async fn understand(&mut self, line: &str) -> Result<Heard, Invalid> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let staff = self.role == Role::Agent;
        Ok(Heard::Command(match word {
            "" => return Ok(Heard::Aside(String::new())),
            "/help" => return Ok(Heard::Aside(if staff { STAFF_HELP } else { CUSTOMER_HELP }.to_owned())),
            "/bye" => Command::SignOut { all: false },
            "/online" if staff => Command::SetAgentState { state: AgentState::Online },
            "/away" if staff => Command::SetAgentState { state: AgentState::Away },
            "/lastcall" if staff => Command::SetAgentState { state: AgentState::LastCall },
            "/chat" if staff => return Ok(self.turn_to(rest)),
            _ => {
                let Some(chat) = self.chat().await else {
                    return Ok(Heard::Aside("! you are in no chat\n".to_owned()));
                };
                match word {
                    "/place" if !staff => Command::QueueStatus { chat },
                    "/reopen" if staff => Command::ReopenChat { chat },
                    "/end" => Command::EndChat { chat },
                    "/subject" => Command::SetSubject { chat, subject: Some(Subject::new(rest)?) },
                    "/note" if staff => {
                        Command::SendNote { chat, text: Text::new(rest)?, client_msg_id: self.next_id()? }
                    }
                    _ if word.starts_with('/') && !word.starts_with("//") => {
                        return Ok(Heard::Aside(format!("! {}", if staff { STAFF_HELP } else { CUSTOMER_HELP })));
                    }
                    _ => {
                        let text = Text::new(line.strip_prefix('/').unwrap_or(line))?;
                        Command::SendMessage(SendMessage::new(chat, self.next_id()?, text))
                    }
                }
            }
        }))
    }

    /// The chat that lines are for; waits for the answer that tells it.
    async fn chat(&self) -> Option<ChatId> {
        let mut stand = self.stand.subscribe();
        match stand.wait_for(|stand| *stand != Standing::Unknown).await.as_deref() {
            Ok(Standing::In(chat)) => Some(*chat),
            Ok(Standing::Unknown | Standing::Nowhere) | Err(_) => None,
        }
    }

    fn turn_to(&self, chat: &str) -> Heard {
        match chat.trim().parse() {
            Ok(chat) => {
                self.stand.send_replace(Standing::In(ChatId(chat)));
                Heard::Aside(format!("* what you write is for chat {chat}\n"))
            }
            Err(_) => Heard::Aside("! /chat takes the number of a chat\n".to_owned()),
        }
    }

    fn next_id(&mut self) -> Result<ClientMsgId, Invalid> {
        self.sent += 1;
        ClientMsgId::new(&format!("{:016x}-{}", self.nonce, self.sent))
    }
}
