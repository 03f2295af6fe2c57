//! Conversations of agents among themselves (row C15): entries, numbers and receipts as in a chat with a customer,
//! and nothing else of one. A message waits for nobody: who is offline finds it on coming back.
//!
//! They stay in memory, one for each pair of agents that ever talked: at most n · (n − 1) / 2 for n agents, each with
//! [`UNREAD_MAX`] numbers a member, 256 client ids and one text.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::apply::UNREAD_MAX;
use super::client_ids::ClientIds;
use super::{Desk, Effect, Out, Reply, Stop, Words, may_in_team};
use crate::Few;
use crate::protocol::{StaffFrame, TeamChat, TeamMemberView};
use crate::{
    AgentId, Author, Body, ChatId, DedupeRow, Entry, Fact, Invalid, LoadedTeamChat, Principal, Receipts, Refusal, Seq,
    SessionId, TeamChatRecord, TeamMember, TeamMessage, Time,
};

/// A conversation of agents, as the desk holds it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Team {
    pub(super) record: TeamChatRecord,
    /// The newest client ids.
    pub(super) dedupe: ClientIds,
    /// Sessions of members that follow the entries.
    pub(super) subscribers: Few<SessionId>,
}

impl Team {
    fn new(record: TeamChatRecord) -> Self {
        Self { record, dedupe: ClientIds::default(), subscribers: Few::new() }
    }

    pub(super) fn loaded(loaded: LoadedTeamChat) -> Self {
        Self { dedupe: ClientIds::loaded(loaded.dedupe, loaded.record.client_ids), ..Self::new(loaded.record) }
    }

    /// Whom a member talks with.
    pub(super) fn other(&self, agent: AgentId) -> Option<AgentId> {
        self.record.members.keys().copied().find(|member| *member != agent)
    }
}

impl Desk {
    /// The conversation of that number, if this person takes part in it. For everybody else it is a number like any
    /// other that no chat has.
    pub(super) fn team_chat(&self, principal: &Principal, chat: ChatId) -> Option<&Team> {
        let team = self.state.team_chats.get(&chat)?;
        may_in_team(principal, super::Action::Read, &team.record).then_some(team)
    }

    /// Opens the conversation with another agent, or answers the one there is.
    pub(super) fn open_team_chat(
        &mut self,
        now: Time,
        session: SessionId,
        principal: &Principal,
        with: AgentId,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let Principal::Agent { agent, .. } = *principal else { return Err(Refusal::NotAllowed.into()) };
        if with == agent {
            return Err(Refusal::from(Invalid::new("agent", "another agent")).into());
        }
        let known = self.state.agents.get(&agent).and_then(|it| it.team_chats.get(&with)).copied();
        let chat = match known {
            Some(chat) => chat,
            None if self.is_active(with) => {
                let chat = self.state.last_chat.next();
                let members = BTreeSet::from([agent, with]);
                out.answer_here();
                self.emit(now, Fact::TeamChatOpened { chat, members }, Words::None, out);
                self.tell_team(chat, |other| other != session, out);
                chat
            }
            None => return Err(Refusal::UnknownAgent.into()),
        };
        let team = self.state.team_chats.get(&chat).ok_or(Refusal::Internal)?;
        Ok(Reply::TeamChat(Box::new(self.team_view(team, agent))))
    }

    /// True for an agent who was not removed.
    pub(super) fn is_active(&self, agent: AgentId) -> bool {
        self.state.agents.get(&agent).is_some_and(|it| it.record.active)
    }

    /// An agent's conversations, for a session that opens.
    pub(super) fn team_chats_of(&self, agent: AgentId) -> Vec<TeamChat> {
        let own = self.state.agents.get(&agent).map(|it| &it.team_chats);
        let numbers: BTreeSet<_> = own.into_iter().flat_map(BTreeMap::values).collect();
        let teams = numbers.into_iter().filter_map(|chat| self.state.team_chats.get(chat));
        teams.map(|team| self.team_view(team, agent)).collect()
    }

    /// A conversation as one of its members sees it.
    pub(super) fn team_view(&self, team: &Team, agent: AgentId) -> TeamChat {
        let record = &team.record;
        let named = |(member, marks): (&AgentId, &TeamMember)| {
            let name = self.state.agents.get(member)?.record.name.clone();
            Some(TeamMemberView { agent: *member, name, receipts: marks.receipts })
        };
        let unread = record.members.get(&agent).map_or(0, |member| member.unread.len());
        TeamChat {
            chat: record.chat,
            members: record.members.iter().filter_map(named).collect(),
            created_at: record.created_at,
            updated_at: record.updated_at,
            last_seq: record.last_seq,
            unread: u32::try_from(unread).unwrap_or(u32::MAX),
            last_message: record.last_message.clone(),
        }
    }

    /// Tells the members the state of a conversation, each as they see it, on those of their sessions that want it.
    pub(super) fn tell_team(&self, chat: ChatId, wants: impl Fn(SessionId) -> bool, out: &mut Out) {
        let Some(team) = self.state.team_chats.get(&chat) else { return };
        for member in team.record.members.keys() {
            let to: Vec<_> = self.sessions_of(*member).into_iter().filter(|session| wants(*session)).collect();
            if !to.is_empty() {
                let frame = StaffFrame::TeamChat { reference: None, team_chat: self.team_view(team, *member) };
                out.effects.push(Effect::ToStaff { to, frame });
            }
        }
    }

    pub(super) fn apply_team_chat_opened(&mut self, chat: ChatId, members: &BTreeSet<AgentId>, at: Time) {
        self.state.last_chat = chat;
        self.touched.team_chat(chat);
        self.take_up_team(Team::new(TeamChatRecord {
            chat,
            members: members.iter().map(|member| (*member, TeamMember::default())).collect(),
            created_at: at,
            updated_at: at,
            last_seq: Seq::default(),
            last_message: None,
            client_ids: 0,
        }));
    }

    /// Puts a conversation where it, and its members by each other, find it.
    pub(super) fn take_up_team(&mut self, team: Team) {
        let chat = team.record.chat;
        for member in team.record.members.keys() {
            let Some(other) = team.other(*member) else { continue };
            if let Some(agent) = self.state.agents.get_mut(member) {
                agent.team_chats.insert(other, chat);
            }
        }
        self.state.team_chats.insert(chat, team);
    }

    pub(super) fn apply_team_entry(&mut self, chat: ChatId, entry: &Entry, dedupe: Option<&Arc<DedupeRow>>) {
        let interval = self.message_interval();
        let Some(team) = self.state.team_chats.get_mut(&chat) else { return };
        let record = &mut team.record;
        (record.last_seq, record.updated_at) = (entry.seq, entry.at);
        let writer = match entry.author {
            Author::Agent { agent, .. } => Some(agent),
            Author::Customer { .. } | Author::System => None,
        };
        if let Body::Message { text } = &entry.body {
            let (author, text) = (entry.author.clone(), Some(text.clone()));
            record.last_message = Some(TeamMessage { seq: entry.seq, at: entry.at, author, text });
            for (_, member) in record.members.iter_mut().filter(|(member, _)| Some(**member) != writer) {
                if member.unread.len() == UNREAD_MAX {
                    member.unread.remove(0);
                }
                member.unread.push(entry.seq);
            }
        }
        if let Some(row) = dedupe {
            record.client_ids += 1;
            team.dedupe.remember(Arc::clone(row));
        }
        self.touched.team_chat(chat);
        if let Some(agent) = writer.and_then(|agent| self.state.agents.get_mut(&agent)) {
            agent.bucket.take(entry.at, interval);
        }
    }

    pub(super) fn apply_member_receipt(&mut self, chat: ChatId, agent: AgentId, receipts: Receipts<Seq>, at: Time) {
        let Some(team) = self.state.team_chats.get_mut(&chat) else { return };
        if let Some(member) = team.record.members.get_mut(&agent) {
            member.receipts = receipts;
            member.unread.retain(|seq| *seq > receipts.read);
        }
        team.record.updated_at = at;
        self.touched.team_chat(chat);
    }
}
