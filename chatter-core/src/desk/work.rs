//! Commands about who does the work: each goes to the file that knows it.

use super::edits::Edit;
use super::messages::{Post, PostKind};
use super::{Desk, Facts, Out, Reply, Stop};
use crate::protocol::Command;
use crate::{Principal, Refusal, SessionId, Time};

impl Desk {
    pub(super) fn ask_work(
        &mut self,
        now: Time,
        session: SessionId,
        principal: &Principal,
        command: &Command,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        match command {
            Command::Whisper { chat, client_msg_id, text } => {
                let post = Post { session, principal, chat: *chat, client_msg_id, text, kind: PostKind::Whisper };
                self.post(now, &post, facts, out)
            }
            Command::EditMessage { chat, target, text } => {
                let edit = Edit { principal, chat: *chat, target: *target, text: Some(text), facts };
                self.edit_message(now, edit, out)
            }
            Command::DeleteMessage { chat, target } => {
                let edit = Edit { principal, chat: *chat, target: *target, text: None, facts };
                self.edit_message(now, edit, out)
            }
            Command::Typing { chat, typing, text } => {
                self.typing(now, session, principal, *chat, *typing, text.as_ref(), out)
            }
            Command::Unsubscribe { chat } => self.unsubscribe(session, *chat, out),
            Command::AcceptOffer { chat } => self.accept_offer(now, principal, *chat, out),
            Command::DeclineOffer { chat, reason } => self.decline_offer(now, principal, *chat, *reason, out),
            Command::TransferChat { chat, to, note } => {
                self.transfer(now, principal, *chat, *to, note.as_ref(), facts, out)
            }
            Command::AssignChat { chat, agent, override_limit } => {
                self.assign_by_hand(now, principal, *chat, *agent, *override_limit, facts, out)
            }
            Command::UnassignChat { chat } => self.unassign(now, principal, *chat, facts, out),
            Command::TakeOver { chat } => self.take_over(now, principal, *chat, facts, out),
            Command::JoinChat { chat } => self.join_chat(now, principal, *chat, facts, out),
            Command::LeaveChat { chat } => self.leave_chat(now, principal, *chat, facts, out),
            Command::MergeChats { chat, into } => self.merge_chats(now, principal, *chat, *into, facts, out),
            Command::EndWrapUp => self.end_wrap_up(now, principal, out),
            Command::OpenTeamChat { agent } => self.open_team_chat(now, session, principal, *agent, out),
            Command::ReadQueue { category } => self.read_queue(principal, *category),
            Command::ReadTeam => self.read_team(principal),
            Command::ExplainChat { chat } => self.explain_chat(now, principal, *chat, facts),
            Command::ExplainAgent { agent } => self.explain_agent(now, principal, *agent),
            Command::Hello(_)
            | Command::JoinQueue(_)
            | Command::QueueStatus { .. }
            | Command::StartChat { .. }
            | Command::Subscribe { .. }
            | Command::ReadHistory { .. }
            | Command::SendMessage(_)
            | Command::SendNote { .. }
            | Command::Receipt { .. }
            | Command::EndChat { .. }
            | Command::ReopenChat { .. }
            | Command::SetSubject { .. }
            | Command::SetPriority { .. }
            | Command::SetAgentState { .. }
            | Command::SignOut { .. }
            | Command::Ping => Err(Refusal::Internal.into()),
        }
    }
}
