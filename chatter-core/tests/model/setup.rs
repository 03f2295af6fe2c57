//! Categories and agents are set up, changed and removed.

use std::collections::BTreeSet;

use chatter_core::{AgentId, AgentState, CategoryId, CategoryRecord, Fact, Principal, RequeueCause, Time};

use crate::decide::{Answered, Said};
use crate::world::{Agent, Category, World};

impl World {
    pub(crate) fn set_category(&mut self, record: &CategoryRecord) -> Said {
        let settings = &record.settings;
        let policy_known = settings.policy.as_ref().is_none_or(|it| crate::policies::known(it.as_str()).is_some());
        if settings.check().is_err() || !policy_known {
            return Said::No(&["invalid"]);
        }
        if settings
            .overflow
            .iter()
            .any(|stage| self.category(stage.category).is_none() && stage.category != record.category)
        {
            return Said::No(&["unknown_category"]);
        }
        let mut after: Vec<Category> = self.categories.iter().filter(|it| it.id != record.category).cloned().collect();
        after.push(Category { id: record.category, settings: settings.clone() });
        if leads_back(&after, record.category, record.category, after.len()) {
            return Said::No(&["overflow_cycle"]);
        }
        after.sort_by_key(|it| it.id);
        self.categories = after;
        Said::Yes
    }

    pub(crate) fn set_agent(&mut self, id: AgentId, max: u32, categories: &BTreeSet<CategoryId>) -> Said {
        if !(1..=1_000).contains(&max) || categories.is_empty() {
            return Said::No(&["invalid"]);
        }
        if categories.iter().any(|it| self.category(*it).is_none()) {
            return Said::No(&["unknown_category"]);
        }
        if let Some(agent) = self.agents.iter_mut().find(|it| it.id == id) {
            (agent.max, agent.categories, agent.active) = (max, categories.clone(), true);
            return Said::Yes;
        }
        self.agents.push(Agent {
            id,
            max,
            categories: categories.clone(),
            state: AgentState::Offline,
            active: true,
            assigned_at: Time(0),
            released_at: Time(0),
            misses: 0,
            lost_at: None,
            rests_until: None,
            wrap_ups: Vec::new(),
        });
        self.agents.sort_by_key(|it| it.id);
        Said::Yes
    }

    pub(crate) fn remove_agent(&mut self, now: Time, id: AgentId) -> Answered {
        match self.agent(id) {
            None => return Ok(Said::No(&["unknown_agent"])),
            // Removing twice is removing once.
            Some(agent) if !agent.active => return Ok(Said::Yes),
            Some(_) => {}
        }
        self.withdraws(now, id)?;
        self.lets_go(now, id, RequeueCause::AgentLeft)?;
        self.say(now, Fact::AgentRemoved { agent: id })?;
        self.sessions.retain(|it| !matches!(it.principal, Principal::Agent { agent, .. } if agent == id));
        let agent = self.agent_mut(id);
        (agent.active, agent.state, agent.lost_at) = (false, AgentState::Offline, None);
        (agent.misses, agent.rests_until) = (0, None);
        agent.wrap_ups.clear();
        self.sticky_agents_left();
        Ok(Said::Yes)
    }
}

/// Does the overflow of a category lead back to it?
fn leads_back(categories: &[Category], from: CategoryId, to: CategoryId, left: usize) -> bool {
    let Some(it) = categories.iter().find(|it| it.id == from) else { return false };
    it.settings
        .overflow
        .iter()
        .any(|stage| stage.category == to || (left > 0 && leads_back(categories, stage.category, to, left - 1)))
}
