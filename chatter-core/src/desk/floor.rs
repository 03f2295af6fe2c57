//! What staff sees of the whole work: who waits, and who answers.

use super::state::Chat;
use super::{Desk, Reply, Stop};
use crate::protocol::{ColleagueView, WaitingView};
use crate::{AgentId, CategoryId, Permission, Principal, Refusal};

/// How many of those who wait in a category are shown.
const SHOWN_MAX: usize = 200;

impl Desk {
    /// Who waits in a category: first those whom an agent is asked about, who have nobody ahead, then the line in the
    /// order of places.
    pub(super) fn read_queue(&self, principal: &Principal, category: CategoryId) -> Result<Reply, Stop> {
        let Principal::Agent { agent, .. } = *principal else { return Err(Refusal::NotAllowed.into()) };
        if !self.state.categories.contains_key(&category) {
            return Err(Refusal::UnknownCategory.into());
        }
        if !super::authority::may_see_line(
            principal,
            self.state.agents.get(&agent).is_some_and(|it| it.serves.iter().any(|(line, _)| *line == category)),
        ) {
            return Err(Refusal::NotAllowed.into());
        }
        let offered = self.offered_in(category);
        let waiting = self.state.lines.waiting(category) + offered.len() as u64;
        let places = std::iter::successors(self.state.lines.after(category, None), |place| {
            self.state.lines.after(category, Some(*place))
        });
        let in_line = places.filter_map(|(.., chat)| self.state.chats.get(&chat));
        let chats = offered.into_iter().chain(in_line).take(SHOWN_MAX).map(|chat| self.waiting_view(chat)).collect();
        Ok(Reply::Queue { category, waiting, chats })
    }

    /// The chats of a category that somebody is asked to take, in the order of the line that they were in.
    fn offered_in(&self, category: CategoryId) -> Vec<&Chat> {
        let asked = self.state.agents.values().flat_map(|agent| &agent.offers);
        let of = asked.filter_map(|chat| self.state.chats.get(chat)).filter(|chat| chat.record.category == category);
        let policy = self.policies.get(self.policy_of(category));
        let mut offered: Vec<_> = of.collect();
        offered.sort_by_cached_key(|chat| (super::indexes::line_key(&**policy, &chat.record), chat.record.chat));
        offered
    }

    fn waiting_view(&self, chat: &Chat) -> WaitingView {
        let record = &chat.record;
        WaitingView {
            chat: record.chat,
            category: record.category,
            customer_name: record.customer_name.clone(),
            subject: record.subject.clone(),
            priority: record.priority,
            arrived_at: record.arrived_at,
            ready: chat.can_be_served() && chat.sticky.is_none(),
            offered_to: record.offered_to(),
        }
    }

    /// Who answers. Which chats each has is for those who may watch.
    pub(super) fn read_team(&self, principal: &Principal) -> Result<Reply, Stop> {
        let Principal::Agent { permissions, .. } = *principal else { return Err(Refusal::NotAllowed.into()) };
        let watches = permissions.has(Permission::Watch);
        let active = self.state.agents.iter().filter(|(_, state)| state.record.active);
        Ok(Reply::Team(active.map(|(agent, _)| self.colleague_view(agent, watches)).collect()))
    }

    fn colleague_view(&self, agent: AgentId, watches: bool) -> ColleagueView {
        let view = self.agent_view(agent);
        let chats = self.chats_of(agent).filter(|_| watches).map(|chat| chat.record.chat).collect();
        ColleagueView {
            agent,
            name: view.name,
            state: view.state,
            connected: !self.sessions_of(agent).is_empty(),
            load: view.load,
            max_chats: view.max_chats,
            categories: view.categories,
            chats,
        }
    }
}
