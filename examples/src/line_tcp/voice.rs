//! Frames that go out, as words.

use std::collections::BTreeSet;
use std::fmt::{self, Write};
use std::sync::Arc;

use chatter_core::protocol::{
    AuthorView, Command, CustomerBody, CustomerChat, CustomerEntry, CustomerFrame, CustomerLine, Framed, PartyState,
    PlaceView, Role, StaffChat, StaffEntry, StaffFrame,
};
use chatter_core::{AgentId, Body, ChatId, ChatStatus, Text};
use tokio::sync::{mpsc, watch};

use super::Voice;
use super::words::{Ears, Stand, Standing};

/// What a customer reads.
pub(super) struct CustomerWords {
    stand: Stand,
}

impl CustomerWords {
    pub(super) fn new() -> (Self, Ears) {
        let stand = Arc::new(watch::Sender::new(Standing::Unknown));
        (Self { stand: Arc::clone(&stand) }, Ears::new(Role::Customer, stand, None))
    }
}

impl Voice<CustomerFrame> for CustomerWords {
    fn say(&mut self, frame: &Framed<CustomerFrame>, out: &mut String) {
        match frame.frame() {
            CustomerFrame::Queued { chat, place, .. } => {
                self.stand.send_replace(Standing::In(chat.chat));
                match place {
                    Some(place) => say_place(place, out),
                    None => say_agent(chat, out),
                }
            }
            CustomerFrame::Place { place, .. } => say_place(place, out),
            CustomerFrame::Chat { chat } => match chat.status {
                ChatStatus::InProgress => say_agent(chat, out),
                ChatStatus::Resolved => line(out, format_args!("* the chat has ended; write on to reopen it")),
                ChatStatus::Closed => {
                    self.stand.send_replace(Standing::Nowhere);
                    line(out, format_args!("* the chat is closed"));
                }
                ChatStatus::Open | _ => {}
            },
            CustomerFrame::Entry { entry, .. } => say_customer_entry(entry, out),
            CustomerFrame::Page { entries, .. } => entries.iter().for_each(|entry| say_customer_entry(entry, out)),
            CustomerFrame::Accepted { public_seq, .. } => line(out, format_args!("+ {public_seq}")),
            CustomerFrame::Presence { agent, .. } => say_presence("the agent", *agent, out),
            CustomerFrame::Error { message, .. } => {
                // Without a chat it was the joining that was refused: lines need not wait for it any more.
                self.stand.send_if_modified(nowhere);
                line(out, format_args!("! {message}"));
            }
            CustomerFrame::Ready { .. }
            | CustomerFrame::CustomerToken { .. }
            | CustomerFrame::Done { .. }
            | CustomerFrame::Pong { .. }
            | _ => {}
        }
    }
}

/// What an agent reads.
pub(super) struct StaffWords {
    stand: Stand,
    agent: AgentId,
    /// The chats whose entries come live. Their number is bounded by what the agent may hold.
    followed: BTreeSet<ChatId>,
    wishes: mpsc::UnboundedSender<Command>,
}

impl StaffWords {
    pub(super) fn new() -> (Self, Ears) {
        let stand = Arc::new(watch::Sender::new(Standing::Unknown));
        let (wishes, wished) = mpsc::unbounded_channel();
        let words = Self { stand: Arc::clone(&stand), agent: AgentId(0), followed: BTreeSet::new(), wishes };
        (words, Ears::new(Role::Agent, stand, Some(wished)))
    }

    /// Follows a chat that is now this agent's, and turns to it if there is no other.
    fn take_up(&mut self, chat: &StaffChat, out: &mut String) {
        let held = chat.status == ChatStatus::InProgress && chat.agent == Some(self.agent);
        if !held || !self.followed.insert(chat.chat) {
            return;
        }
        line(out, format_args!("* chat {} is yours: {}", chat.chat, chat.customer_name));
        self.turn_to(chat.chat);
        // The reader is there as long as this is.
        let _ = self.wishes.send(Command::Subscribe { chat: chat.chat, history: None, after: None });
    }

    /// What is written is for this chat from now on, unless it is for another that goes on.
    fn turn_to(&self, chat: ChatId) {
        self.stand.send_if_modified(|stand| {
            let busy = matches!(stand, Standing::In(other) if *other != chat && self.followed.contains(other));
            if !busy {
                *stand = Standing::In(chat);
            }
            !busy
        });
    }
}

impl Voice<StaffFrame> for StaffWords {
    fn say(&mut self, frame: &Framed<StaffFrame>, out: &mut String) {
        match frame.frame() {
            StaffFrame::Ready { agent, chats, .. } => {
                self.agent = agent.agent;
                line(out, format_args!("* you are {}", agent.name));
                chats.iter().for_each(|chat| self.take_up(chat, out));
                self.stand.send_if_modified(nowhere);
            }
            StaffFrame::Chat { chat } => {
                self.take_up(chat, out);
                if chat.status == ChatStatus::Resolved {
                    self.followed.remove(&chat.chat);
                    line(out, format_args!("* chat {} has ended", chat.chat));
                }
            }
            StaffFrame::Entry { chat, entry, .. } => say_staff_entry(*chat, entry, out),
            StaffFrame::Page { chat, entries, .. } => {
                entries.iter().for_each(|entry| say_staff_entry(*chat, entry, out));
            }
            StaffFrame::Accepted { chat, seq, .. } => line(out, format_args!("+ {chat}/{seq}")),
            StaffFrame::ChatGone { chat } => {
                self.followed.remove(chat);
                self.stand.send_if_modified(|stand| {
                    let here = *stand == Standing::In(*chat);
                    if here {
                        *stand = self.followed.first().map_or(Standing::Nowhere, |other| Standing::In(*other));
                    }
                    here
                });
                line(out, format_args!("* chat {chat} is no longer yours"));
            }
            StaffFrame::Presence { customer, .. } => say_presence("the customer", *customer, out),
            StaffFrame::Error { message, .. } => line(out, format_args!("! {message}")),
            StaffFrame::Agent { .. }
            | StaffFrame::Agents { .. }
            | StaffFrame::Done { .. }
            | StaffFrame::Pong { .. }
            | _ => {}
        }
    }
}

/// Ends the waiting for an answer that tells of a chat.
fn nowhere(stand: &mut Standing) -> bool {
    let unknown = *stand == Standing::Unknown;
    if unknown {
        *stand = Standing::Nowhere;
    }
    unknown
}

fn line(out: &mut String, words: fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{words}");
}

fn say_place(place: &PlaceView, out: &mut String) {
    match place.place {
        Some(place) => line(out, format_args!("* you are number {place} in line")),
        None => line(out, format_args!("* you are in line")),
    }
}

fn say_agent(chat: &CustomerChat, out: &mut String) {
    if let Some(agent) = &chat.agent {
        line(out, format_args!("* you are with {agent}"));
    }
}

fn say_presence(who: &str, state: PartyState, out: &mut String) {
    match state {
        PartyState::Joined => line(out, format_args!("* {who} is there")),
        PartyState::ConnectionLost => line(out, format_args!("* {who} has lost the connection")),
        PartyState::Left => line(out, format_args!("* {who} has left")),
        _ => {}
    }
}

/// What somebody said. Further lines are indented, so that nobody can write what looks like another's.
fn said(name: &str, text: &Text, out: &mut String) {
    let text = text.as_str().replace('\r', "").replace('\n', "\n    ");
    line(out, format_args!("<{name}> {text}"));
}

fn say_customer_entry(entry: &CustomerEntry, out: &mut String) {
    match (&entry.body, &entry.author) {
        (CustomerBody::Message { text }, AuthorView::Customer { name } | AuthorView::Agent { name }) => {
            said(name.as_str(), text, out);
        }
        (CustomerBody::System { line: told }, _) => say_line(told, out),
        _ => {}
    }
}

fn say_staff_entry(chat: ChatId, entry: &StaffEntry, out: &mut String) {
    let _ = write!(out, "{chat} ");
    match (&entry.body, entry.author.name()) {
        (Body::Message { text }, Some(name)) => said(name.as_str(), text, out),
        (Body::Note { text }, Some(name)) => said(&format!("note by {name}"), text, out),
        (Body::Whisper { text }, Some(name)) => said(&format!("whisper by {name}"), text, out),
        (Body::Edit { target, .. }, _) => line(out, format_args!("* {target} was edited")),
        (Body::Deletion { target, .. }, _) => line(out, format_args!("* {target} was deleted")),
        (Body::Deleted { .. }, _) => line(out, format_args!("* deleted")),
        (Body::System { line: told }, _) => say_line(&told.into(), out),
        _ => line(out, format_args!("* something this program does not know")),
    }
}

fn say_line(told: &CustomerLine, out: &mut String) {
    match told {
        CustomerLine::AgentJoined { name } => line(out, format_args!("* {name} has joined")),
        CustomerLine::AgentLeft { name } => line(out, format_args!("* {name} has left")),
        CustomerLine::AgentLost { name } => line(out, format_args!("* {name} was lost")),
        CustomerLine::BackInQueue => line(out, format_args!("* back in line")),
        CustomerLine::ChatEnded { .. } => line(out, format_args!("* ended")),
        CustomerLine::ChatReopened { .. } => line(out, format_args!("* reopened")),
        CustomerLine::TransferredToAgent { name } => line(out, format_args!("* transferred to {name}")),
        CustomerLine::TransferredToCategory { name } => line(out, format_args!("* transferred to {name}, in line")),
        CustomerLine::SilenceWarning => line(out, format_args!("* still there? the chat will end")),
        CustomerLine::MergedInto { into } => line(out, format_args!("* goes on in chat {into}")),
        CustomerLine::MergedFrom { from } => line(out, format_args!("* chat {from} goes on here")),
        _ => {}
    }
}
