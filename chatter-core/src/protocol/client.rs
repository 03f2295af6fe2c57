//! Frames from clients.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AgentState, CategoryId, ChatId, ClientMsgId, HistoryId, Name, Priority, Subject, Text};

/// A frame from a client, and the reference under which it wants its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientFrame {
    /// Chosen by the client, up to 64 bytes; comes back in the answer.
    pub reference: Option<String>,
    /// What is asked.
    pub command: Command,
}

impl ClientFrame {
    /// A frame without a reference.
    #[must_use]
    pub const fn new(command: Command) -> Self {
        Self { reference: None, command }
    }

    /// The same frame with a reference.
    #[must_use]
    pub fn with_reference(self, reference: &str) -> Self {
        Self { reference: Some(reference.to_owned()), ..self }
    }
}

impl From<Command> for ClientFrame {
    fn from(command: Command) -> Self {
        Self::new(command)
    }
}

/// What a client asks. Each is one JSON object whose `type` is the variant in snake case and whose other
/// fields are those of the variant; unknown fields are refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Command {
    /// Says who connects; the first frame of every connection that came without a ticket.
    Hello(Hello),
    /// The customer joins the queue of a category. Joining twice is one chat.
    JoinQueue(JoinQueue),
    /// Asks for the place in line.
    QueueStatus {
        /// Which chat.
        chat: ChatId,
    },
    /// Asks for the customer token of a chat that has been given to an agent.
    StartChat {
        /// Which chat.
        chat: ChatId,
    },
    /// Begins or resumes the live entries of a chat.
    Subscribe {
        /// Which chat.
        chat: ChatId,
        /// The history the position belongs to, from `ready`. Left out by a client that has no position.
        #[serde(skip_serializing_if = "Option::is_none")]
        history: Option<HistoryId>,
        /// The last number the client has, in its own numbers: `public_seq` for customers, `seq` for staff.
        #[serde(skip_serializing_if = "Option::is_none")]
        after: Option<u64>,
    },
    /// Asks for older entries: up to `limit` (1 to 200) below `before`, in the client's own numbers.
    ReadHistory {
        /// Which chat.
        chat: ChatId,
        /// Entries with a lower number.
        before: u64,
        /// How many.
        limit: u32,
    },
    /// Sends a message.
    SendMessage(SendMessage),
    /// Sends a note, seen by staff alone.
    SendNote {
        /// Which chat.
        chat: ChatId,
        /// Makes a resend harmless.
        client_msg_id: ClientMsgId,
        /// The words.
        text: Text,
    },
    /// Says how far the client has got, in its own numbers. Lower marks than before have no effect.
    Receipt {
        /// Which chat.
        chat: ChatId,
        /// Everything up to here has arrived.
        #[serde(skip_serializing_if = "Option::is_none")]
        delivered: Option<u64>,
        /// Everything up to here has been seen by a person.
        #[serde(skip_serializing_if = "Option::is_none")]
        read: Option<u64>,
    },
    /// Ends a chat, or leaves the queue.
    EndChat {
        /// Which chat.
        chat: ChatId,
    },
    /// An agent goes on with a resolved chat.
    ReopenChat {
        /// Which chat.
        chat: ChatId,
    },
    /// Sets or clears the subject.
    SetSubject {
        /// Which chat.
        chat: ChatId,
        /// The words; `null` clears.
        subject: Option<Subject>,
    },
    /// An agent sets the priority.
    SetPriority {
        /// Which chat.
        chat: ChatId,
        /// How urgent it is.
        priority: Priority,
    },
    /// An agent says whether they take chats.
    SetAgentState {
        /// The state.
        state: AgentState,
    },
    /// Ends this session, or all of this person.
    SignOut {
        /// All of them.
        all: bool,
    },
    /// Asks for a `pong`; a browser cannot see the heartbeat of the socket.
    Ping,
}

impl Command {
    /// The client's id of a message or note.
    #[must_use]
    pub const fn client_msg_id(&self) -> Option<&ClientMsgId> {
        match self {
            Self::SendMessage(SendMessage { client_msg_id, .. }) | Self::SendNote { client_msg_id, .. } => {
                Some(client_msg_id)
            }
            Self::Hello(_)
            | Self::JoinQueue(_)
            | Self::QueueStatus { .. }
            | Self::StartChat { .. }
            | Self::Subscribe { .. }
            | Self::ReadHistory { .. }
            | Self::Receipt { .. }
            | Self::EndChat { .. }
            | Self::ReopenChat { .. }
            | Self::SetSubject { .. }
            | Self::SetPriority { .. }
            | Self::SetAgentState { .. }
            | Self::SignOut { .. }
            | Self::Ping => None,
        }
    }

    /// The chat it is about, if it is about one.
    #[must_use]
    pub const fn chat(&self) -> Option<ChatId> {
        match self {
            Self::SendMessage(SendMessage { chat, .. })
            | Self::QueueStatus { chat }
            | Self::StartChat { chat }
            | Self::Subscribe { chat, .. }
            | Self::ReadHistory { chat, .. }
            | Self::SendNote { chat, .. }
            | Self::Receipt { chat, .. }
            | Self::EndChat { chat }
            | Self::ReopenChat { chat }
            | Self::SetSubject { chat, .. }
            | Self::SetPriority { chat, .. } => Some(*chat),
            Self::Hello(_) | Self::JoinQueue(_) | Self::SetAgentState { .. } | Self::SignOut { .. } | Self::Ping => {
                None
            }
        }
    }
}

/// Which side connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// The one who asks.
    Customer,
    /// The one who answers.
    Agent,
}

/// Who connects. A customer without a token is a new customer; an agent needs a token, or a user name
/// with a password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Hello {
    /// Must be [`PROTOCOL`](super::PROTOCOL).
    pub protocol: u32,
    /// Which side.
    pub role: Role,
    /// A visitor, queue, customer or agent token, up to 4,096 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// An agent's user name, up to 80 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// An agent's password, up to 256 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

impl Hello {
    /// A `hello` for a role, without any credential.
    #[must_use]
    pub const fn new(role: Role) -> Self {
        Self { protocol: super::PROTOCOL, role, token: None, username: None, password: None }
    }

    /// The same with a token.
    #[must_use]
    pub fn with_token(self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self }
    }

    /// The same with a user name and a password.
    #[must_use]
    pub fn with_password(self, username: &str, password: &str) -> Self {
        Self { username: Some(username.to_owned()), password: Some(password.to_owned()), ..self }
    }
}

/// Shows which credentials came, never the credentials.
impl fmt::Debug for Hello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hello")
            .field("protocol", &self.protocol)
            .field("role", &self.role)
            .field("token", &self.token.is_some())
            .field("password", &self.password.is_some())
            .finish_non_exhaustive()
    }
}

/// What a customer gives to join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JoinQueue {
    /// What to be called in this chat; need not be unique.
    pub name: Name,
    /// What about; left out for the first category (the general one).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<CategoryId>,
    /// In the customer's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
}

impl JoinQueue {
    /// Joins the general category without a subject.
    #[must_use]
    pub const fn new(name: Name) -> Self {
        Self { name, category: None, subject: None }
    }

    /// The same for a category.
    #[must_use]
    pub fn with_category(self, category: CategoryId) -> Self {
        Self { category: Some(category), ..self }
    }

    /// The same with a subject.
    #[must_use]
    pub fn with_subject(self, subject: Subject) -> Self {
        Self { subject: Some(subject), ..self }
    }
}

/// A message to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SendMessage {
    /// Which chat.
    pub chat: ChatId,
    /// Makes a resend harmless.
    pub client_msg_id: ClientMsgId,
    /// The words.
    pub text: Text,
}

impl SendMessage {
    /// A message of text.
    #[must_use]
    pub const fn new(chat: ChatId, client_msg_id: ClientMsgId, text: Text) -> Self {
        Self { chat, client_msg_id, text }
    }
}
