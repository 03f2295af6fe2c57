//! Building a command from the fields of its frame.

use super::fields::{Field, Fields, bad};
use crate::protocol::PROTOCOL;
use crate::protocol::client::{Command, Hello, JoinQueue, Role, SendMessage, TransferTo};
use crate::{AgentId, CategoryId, ChatId, ClientMsgId, HistoryId, Invalid, Name, Refusal, Subject, Text};

/// Types that the protocol names and this build does not have.
const NOT_AVAILABLE: [&str; 2] = ["set_tags", "send_file"];

/// Builds the command. `id` is the client id of the frame, if it has a good one.
pub(super) fn build(fields: &mut Fields<'_>, id: Option<&ClientMsgId>) -> Result<Command, Refusal> {
    let kind = fields.text(Field::Type)?;
    let command = match &*kind {
        "send_message" => send_message(fields, id)?,
        "hello" => Command::Hello(hello(fields)?),
        "join_queue" => Command::JoinQueue(join_queue(fields)?),
        "queue_status" => Command::QueueStatus { chat: chat(fields)? },
        "start_chat" => Command::StartChat { chat: chat(fields)? },
        "subscribe" => {
            let after = fields.optional_whole(Field::After)?;
            Command::Subscribe { chat: chat(fields)?, history: history(fields)?, after }
        }
        "read_history" => read_history(fields)?,
        "send_note" => Command::SendNote {
            chat: chat(fields)?,
            client_msg_id: client_msg_id(fields, id)?,
            text: Text::new(&fields.text(Field::Text)?)?,
        },
        "whisper" => Command::Whisper {
            chat: chat(fields)?,
            client_msg_id: client_msg_id(fields, id)?,
            text: Text::new(&fields.text(Field::Text)?)?,
        },
        "receipt" => Command::Receipt {
            chat: chat(fields)?,
            delivered: fields.optional_whole(Field::Delivered)?,
            read: fields.optional_whole(Field::Read)?,
        },
        "end_chat" => Command::EndChat { chat: chat(fields)? },
        "reopen_chat" => Command::ReopenChat { chat: chat(fields)? },
        "set_subject" => {
            let subject = fields.text_or_null(Field::Subject)?;
            let subject = subject.map(|subject| Subject::new(&subject)).transpose()?;
            Command::SetSubject { chat: chat(fields)?, subject }
        }
        "set_priority" => {
            let priority = fields.word(Field::Priority, "must be `low`, `medium`, `high` or `urgent`")?;
            Command::SetPriority { chat: chat(fields)?, priority }
        }
        "set_agent_state" => {
            let state = fields.word(Field::State, "must be `online`, `away`, `last_call` or `offline`")?;
            Command::SetAgentState { state }
        }
        "sign_out" => Command::SignOut { all: fields.boolean(Field::All)? },
        "ping" => Command::Ping,
        other => work(other, fields)?,
    };
    fields.finish()?;
    Ok(command)
}

/// The commands about who does the work.
fn work(kind: &str, fields: &mut Fields<'_>) -> Result<Command, Refusal> {
    Ok(match kind {
        "edit_message" => Command::EditMessage {
            chat: chat(fields)?,
            target: fields.whole(Field::Target)?,
            text: Text::new(&fields.text(Field::Text)?)?,
        },
        "delete_message" => Command::DeleteMessage { chat: chat(fields)?, target: fields.whole(Field::Target)? },
        "typing" => Command::Typing {
            chat: chat(fields)?,
            typing: fields.boolean(Field::Typing)?,
            text: optional_words(fields, Field::Text)?,
        },
        "unsubscribe" => Command::Unsubscribe { chat: chat(fields)? },
        "accept_offer" => Command::AcceptOffer { chat: chat(fields)? },
        "decline_offer" => Command::DeclineOffer {
            chat: chat(fields)?,
            reason: fields.optional_word(Field::Reason, "must be `busy`, `wrong_category`, `language` or `other`")?,
        },
        "transfer_chat" => Command::TransferChat {
            chat: chat(fields)?,
            to: transfer_to(fields)?,
            note: optional_words(fields, Field::Note)?,
        },
        "assign_chat" => Command::AssignChat {
            chat: chat(fields)?,
            agent: fields.optional_whole(Field::Agent)?.map(AgentId),
            override_limit: fields.optional_boolean(Field::OverrideLimit)?.unwrap_or(false),
        },
        "unassign_chat" => Command::UnassignChat { chat: chat(fields)? },
        "take_over" => Command::TakeOver { chat: chat(fields)? },
        "join_chat" => Command::JoinChat { chat: chat(fields)? },
        "leave_chat" => Command::LeaveChat { chat: chat(fields)? },
        "merge_chats" => Command::MergeChats { chat: chat(fields)?, into: fields.whole(Field::Into).map(ChatId)? },
        "end_wrap_up" => Command::EndWrapUp,
        "open_team_chat" => Command::OpenTeamChat { agent: fields.whole(Field::Agent).map(AgentId)? },
        "read_queue" => Command::ReadQueue { category: fields.whole_u32(Field::Category).map(CategoryId)? },
        "read_team" => Command::ReadTeam,
        "explain_chat" => Command::ExplainChat { chat: chat(fields)? },
        "explain_agent" => Command::ExplainAgent { agent: fields.optional_whole(Field::Agent)?.map(AgentId) },
        other => return Err(not_built(other)),
    })
}

fn optional_words(fields: &mut Fields<'_>, field: Field) -> Result<Option<Text>, Refusal> {
    let words = fields.optional_text(field)?;
    words.map(|words| Text::new(&words)).transpose().map_err(|invalid| Invalid::new(field.name(), invalid.rule).into())
}

fn transfer_to(fields: &mut Fields<'_>) -> Result<TransferTo, Refusal> {
    match (fields.optional_whole(Field::ToAgent)?, fields.optional_whole_u32(Field::ToCategory)?) {
        (Some(agent), None) => Ok(TransferTo::Agent(AgentId(agent))),
        (None, Some(category)) => Ok(TransferTo::Category(CategoryId(category))),
        (Some(_), Some(_)) => Err(bad(Field::ToCategory, "cannot come with `to_agent`")),
        (None, None) => Err(bad(Field::ToAgent, "or `to_category` is missing")),
    }
}

fn not_built(kind: &str) -> Refusal {
    match NOT_AVAILABLE.into_iter().find(|what| *what == kind) {
        Some(what) => Refusal::NotAvailable { what },
        None => Refusal::UnknownType,
    }
}

fn send_message(fields: &mut Fields<'_>, id: Option<&ClientMsgId>) -> Result<Command, Refusal> {
    match fields.optional_text(Field::Kind)?.as_deref() {
        None | Some("text") => {}
        Some("image") => return Err(Refusal::NotAvailable { what: "image" }),
        Some("file") => return Err(Refusal::NotAvailable { what: "file" }),
        Some(_) => return Err(bad(Field::Kind, "must be `text`, `image` or `file`")),
    }
    let chat = chat(fields)?;
    let client_msg_id = client_msg_id(fields, id)?;
    let text = Text::new(&fields.text(Field::Text)?)?;
    Ok(Command::SendMessage(SendMessage { chat, client_msg_id, text }))
}

fn hello(fields: &mut Fields<'_>) -> Result<Hello, Refusal> {
    let protocol = fields.whole_u32(Field::Protocol)?;
    if protocol != PROTOCOL {
        // Another version may have other fields and other words; its client must learn that, not that
        // something else is wrong.
        *fields = Fields::default();
        return Ok(Hello { protocol, ..Hello::new(Role::Customer) });
    }
    Ok(Hello {
        protocol,
        role: fields.word(Field::Role, "must be `customer` or `agent`")?,
        token: credential(fields, Field::Token, 4_096, "at most 4096 bytes")?,
        username: credential(fields, Field::Username, 80, "at most 80 bytes")?,
        password: credential(fields, Field::Password, 256, "at most 256 bytes")?,
    })
}

fn credential(
    fields: &mut Fields<'_>,
    field: Field,
    bytes_max: usize,
    rule: &'static str,
) -> Result<Option<String>, Refusal> {
    match fields.optional_text(field)? {
        Some(text) if text.len() > bytes_max => Err(Invalid::new(field.name(), rule).into()),
        Some(text) => Ok(Some(text.into_owned())),
        None => Ok(None),
    }
}

fn join_queue(fields: &mut Fields<'_>) -> Result<JoinQueue, Refusal> {
    let name = Name::new(&fields.text(Field::Name)?)?;
    let category = fields.optional_whole_u32(Field::Category)?.map(CategoryId);
    let subject = fields.optional_text(Field::Subject)?;
    let subject = subject.map(|subject| Subject::new(&subject)).transpose()?;
    Ok(JoinQueue { name, category, subject })
}

fn read_history(fields: &mut Fields<'_>) -> Result<Command, Refusal> {
    let limit = fields.whole(Field::Limit)?;
    let limit = u32::try_from(limit).ok().filter(|limit| (1..=200).contains(limit));
    let limit = limit.ok_or(Invalid::new(Field::Limit.name(), "1 to 200"))?;
    Ok(Command::ReadHistory { chat: chat(fields)?, before: fields.whole(Field::Before)?, limit })
}

fn chat(fields: &mut Fields<'_>) -> Result<ChatId, Refusal> {
    fields.whole(Field::Chat).map(ChatId)
}

fn history(fields: &mut Fields<'_>) -> Result<Option<HistoryId>, Refusal> {
    let Some(history) = fields.optional_text(Field::History)? else { return Ok(None) };
    let history = history.parse().map_err(|invalid: Invalid| Invalid::new(Field::History.name(), invalid.rule))?;
    Ok(Some(history))
}

/// The id was judged while the frame was read; a missing or bad one is judged again to say why.
fn client_msg_id(fields: &mut Fields<'_>, id: Option<&ClientMsgId>) -> Result<ClientMsgId, Refusal> {
    let given = fields.text(Field::ClientMsgId)?;
    match id {
        Some(id) => Ok(id.clone()),
        None => Ok(ClientMsgId::new(&given)?),
    }
}
