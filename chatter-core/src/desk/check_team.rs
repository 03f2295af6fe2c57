//! The rules of conversations of agents.

use super::Desk;
use super::apply::UNREAD_MAX;
use super::team::Team;
use crate::{ChatId, Seq, TeamMember};

impl Desk {
    /// Two members each, one conversation a pair, each found by both; numbers, marks and unread messages in order;
    /// followed by members alone.
    pub(super) fn check_teams(&self) {
        for (number, team) in &self.state.team_chats {
            self.check_members(*number, team);
            let record = &team.record;
            for member in record.members.values() {
                check_marks(*number, member, record.last_seq);
            }
            assert!(team.dedupe.is_bounded(record.client_ids), "{number}'s client ids are counted and bounded");
            assert!(record.client_ids <= record.last_seq.0, "every message of {number} has a number and a client id");
            let last = record.last_message.as_ref().map(|last| last.seq);
            assert_eq!(last.is_some(), record.client_ids > 0, "{number} shows its newest message");
            assert!(last.is_none_or(|last| last <= record.last_seq), "the newest message of {number} is in it");
            for session in &team.subscribers {
                let follower = self.state.sessions.get(session).expect("who follows is there");
                assert!(follower.subscriptions.contains(number), "{session} knows that it follows {number}");
            }
        }
        for (session, state) in self.state.sessions.iter() {
            let followed = state.subscriptions.iter().filter_map(|chat| self.state.team_chats.get(chat));
            assert!(followed.into_iter().all(|team| team.subscribers.contains(&session)), "{session} is told");
        }
        let found: usize = self.state.agents.values().map(|agent| agent.team_chats.len()).sum();
        assert_eq!(found, 2 * self.state.team_chats.len(), "agents find their conversations and no others");
    }

    fn check_members(&self, number: ChatId, team: &Team) {
        assert_eq!(number, team.record.chat, "a conversation is under its number");
        assert!(number <= self.state.last_chat && !self.state.chats.contains_key(&number), "{number} is nothing else");
        assert_eq!(team.record.members.len(), 2, "two take part in {number}");
        for member in team.record.members.keys() {
            let other = team.other(*member).expect("two take part");
            let agent = self.state.agents.get(member).expect("members are known, removed ones too");
            assert_eq!(agent.team_chats.get(&other), Some(&number), "{member} finds {number} by {other}");
        }
    }
}

fn check_marks(number: ChatId, member: &TeamMember, last: Seq) {
    let marks = member.receipts;
    assert!(marks.read <= marks.delivered && marks.delivered <= last, "P-D8 in {number}");
    let unread = &member.unread;
    assert!(unread.len() <= UNREAD_MAX && unread.is_sorted_by(|a, b| a < b), "unread of {number} is in order");
    assert!(unread.iter().all(|seq| *seq > marks.read && *seq <= last), "unread of {number} is beyond what was read");
}
