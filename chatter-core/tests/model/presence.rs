//! Who comes and goes, and what waits for them.

use chatter_core::{AgentId, AgentState, ChatId, CustomerId, Principal, RequeueCause, SessionId, StateCause, Time};

use crate::decide::{Answered, Asker, Said};
use crate::world::{Session, World};

impl World {
    pub(crate) fn open_session(&mut self, id: SessionId, principal: &Principal) -> Said {
        if let Principal::Agent { agent, .. } = *principal {
            if !self.agent(agent).is_some_and(|it| it.active) {
                return Said::No(&["unknown_agent", "not_allowed"]);
            }
            self.agent_mut(agent).lost_at = None;
        }
        self.sessions.push(Session { id, principal: principal.clone() });
        self.returned();
        Said::Yes
    }

    /// Graces end for those who are there.
    pub(crate) fn returned(&mut self) {
        let back: Vec<ChatId> = self.chats.iter().filter(|it| self.present(it)).map(|it| it.id).collect();
        for chat in back {
            self.at_mut(chat).grace_until = None;
        }
    }

    /// Is there anything that a lost connection would take from the agent?
    pub(crate) fn has_to_lose(&self, agent: AgentId) -> bool {
        self.chats.iter().any(|it| it.holder() == Some(agent) || it.joined.contains(&agent))
    }

    /// The grace of who has nothing left is over.
    pub(crate) fn nothing_left_to_lose(&mut self) {
        let without: Vec<AgentId> = self.agents.iter().map(|it| it.id).filter(|it| !self.has_to_lose(*it)).collect();
        self.agents.iter_mut().filter(|it| without.contains(&it.id)).for_each(|it| it.lost_at = None);
    }

    pub(crate) fn close_session(&mut self, now: Time, id: SessionId) {
        let Some(found) = self.sessions.iter().position(|it| it.id == id) else { return };
        let gone = self.sessions.remove(found);
        match gone.principal {
            Principal::Agent { agent, .. } if !self.connected(agent) => {
                if self.has_to_lose(agent) {
                    self.agent_mut(agent).lost_at = Some(now + self.settings.agent_grace);
                }
                self.sticky_agents_left();
            }
            Principal::Customer { customer, .. } => self.customer_may_be_gone(now, customer),
            _ => {}
        }
    }

    fn customer_may_be_gone(&mut self, now: Time, customer: CustomerId) {
        let grace = now + self.settings.customer_grace;
        let alone: Vec<ChatId> = self
            .chats
            .iter()
            .filter(|it| it.customer == customer && it.under_way() && it.grace_until.is_none() && !self.present(it))
            .map(|it| it.id)
            .collect();
        for chat in alone {
            self.at_mut(chat).grace_until = Some(grace);
        }
    }

    pub(crate) fn sign_out(&mut self, now: Time, session: SessionId, asker: Asker, all: bool) -> Answered {
        let mine = |it: &Session| match (asker, &it.principal) {
            // A credential for one chat ends what was opened with such a one.
            (Asker::Customer(one, scope), Principal::Customer { customer, chat }) => {
                one == *customer && (scope.is_none() || scope == *chat)
            }
            (Asker::Agent(one, _), Principal::Agent { agent, .. }) => one == *agent,
            _ => false,
        };
        self.sessions.retain(|it| if all { !mine(it) } else { it.id != session });
        match asker {
            Asker::Customer(customer, _) => self.customer_may_be_gone(now, customer),
            Asker::Agent(agent, _) => {
                if !self.connected(agent) {
                    self.agent_mut(agent).lost_at = None;
                    self.sets_state(now, agent, AgentState::Offline, StateCause::SignedOut)?;
                    // Whoever was offline by their own word may have joined something.
                    self.lets_go(now, agent, RequeueCause::AgentLeft)?;
                }
            }
        }
        Ok(Said::Yes)
    }
}
