//! What the model knows of a desk: plain lists, searched from end to end.

use std::collections::BTreeSet;

use chatter_core::desk::DeskSettings;
use chatter_core::{
    AgentId, AgentState, CategoryId, CategorySettings, ChatId, ChatState, CustomerId, Fact, Principal, Priority,
    SessionId, Time,
};

use crate::follow::Follow;

/// Everything the model believes.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) now: Time,
    pub(crate) settings: DeskSettings,
    pub(crate) desk_policy: &'static str,
    pub(crate) first_policy: &'static str,
    pub(crate) categories: Vec<Category>,
    pub(crate) agents: Vec<Agent>,
    /// Every chat there ever was, the closed ones too.
    pub(crate) chats: Vec<Chat>,
    pub(crate) sessions: Vec<Session>,
    /// What has happened in this step.
    pub(crate) facts: Vec<(Time, Fact)>,
    /// What the desk did in this step, where it is known.
    pub(crate) follow: Follow,
}

/// A category.
#[derive(Clone, Debug)]
pub(crate) struct Category {
    pub(crate) id: CategoryId,
    pub(crate) settings: CategorySettings,
}

/// An agent.
#[derive(Clone, Debug)]
pub(crate) struct Agent {
    pub(crate) id: AgentId,
    pub(crate) max: u32,
    pub(crate) categories: BTreeSet<CategoryId>,
    pub(crate) state: AgentState,
    pub(crate) active: bool,
    pub(crate) assigned_at: Time,
    pub(crate) released_at: Time,
    /// Offers missed in a row.
    pub(crate) misses: u32,
    /// When what they hold goes back, while they have no connection.
    pub(crate) lost_at: Option<Time>,
    /// Until when they rest after an assignment.
    pub(crate) rests_until: Option<Time>,
    /// When the wrap-up of each chat ends.
    pub(crate) wrap_ups: Vec<(ChatId, Time)>,
}

/// A chat.
#[derive(Clone, Debug)]
pub(crate) struct Chat {
    pub(crate) id: ChatId,
    pub(crate) customer: CustomerId,
    pub(crate) category: CategoryId,
    pub(crate) priority: Priority,
    pub(crate) state: ChatState,
    pub(crate) last_agent: Option<AgentId>,
    pub(crate) agents: BTreeSet<AgentId>,
    pub(crate) joined: BTreeSet<AgentId>,
    pub(crate) transfer: Option<(AgentId, Time)>,
    pub(crate) parked: bool,
    pub(crate) replied: bool,
    pub(crate) overflow: u8,
    pub(crate) episode: u32,
    pub(crate) arrived_at: Time,
    pub(crate) created_at: Time,
    /// When the customer was last left without an answer: an agent who says nothing is part of the wait.
    pub(crate) waits_since: Time,
    pub(crate) merged_into: Option<ChatId>,
    pub(crate) merged_from: BTreeSet<ChatId>,
    /// When the offer runs out.
    pub(crate) offer_until: Option<Time>,
    /// When the customer, who is not connected, has abandoned it.
    pub(crate) grace_until: Option<Time>,
    /// When the holder must have replied.
    pub(crate) reply_until: Option<Time>,
    /// When an agent spoke last and the customer has not since.
    pub(crate) silent_since: Option<Time>,
    /// The customer was warned in this silence.
    pub(crate) warned: bool,
    /// It waits for this agent alone until then.
    pub(crate) sticky: Option<(AgentId, Time)>,
    /// The agent it should go to first, whatever the policy says, and why.
    pub(crate) wish: Option<(AgentId, chatter_core::Trigger)>,
    /// Who let it pass a moment ago, and until when they are not asked.
    pub(crate) cooling: Vec<(AgentId, Time)>,
    /// Who let it pass while it waited: asked again only if nobody else can take it.
    pub(crate) passed: Vec<AgentId>,
}

/// A connection.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) principal: Principal,
}

impl World {
    pub(crate) fn new(now: Time, settings: DeskSettings, desk_policy: &'static str) -> Self {
        Self {
            now,
            settings,
            desk_policy,
            first_policy: desk_policy,
            categories: Vec::new(),
            agents: Vec::new(),
            chats: Vec::new(),
            sessions: Vec::new(),
            facts: Vec::new(),
            follow: Follow::nobody(),
        }
    }

    pub(crate) fn chat(&self, id: ChatId) -> Option<&Chat> {
        self.chats.iter().find(|chat| chat.id == id)
    }

    /// A chat that is known to exist.
    pub(crate) fn at(&self, id: ChatId) -> &Chat {
        self.chat(id).expect("the chat exists")
    }

    pub(crate) fn at_mut(&mut self, id: ChatId) -> &mut Chat {
        self.chats.iter_mut().find(|chat| chat.id == id).expect("the chat exists")
    }

    pub(crate) fn agent(&self, id: AgentId) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.id == id)
    }

    pub(crate) fn agent_mut(&mut self, id: AgentId) -> &mut Agent {
        self.agents.iter_mut().find(|agent| agent.id == id).expect("the agent exists")
    }

    pub(crate) fn category(&self, id: CategoryId) -> Option<&Category> {
        self.categories.iter().find(|category| category.id == id)
    }

    /// The settings of a category that is known to exist.
    pub(crate) fn settings_of(&self, id: CategoryId) -> &CategorySettings {
        &self.category(id).expect("the category exists").settings
    }

    /// Has the agent a connection?
    pub(crate) fn connected(&self, agent: AgentId) -> bool {
        self.sessions
            .iter()
            .any(|session| matches!(session.principal, Principal::Agent { agent: of, .. } if of == agent))
    }

    /// Says that they take chats, and can.
    pub(crate) fn routable(&self, agent: AgentId) -> bool {
        let online = self.agent(agent).is_some_and(|it| it.active && it.state == AgentState::Online);
        online && self.connected(agent)
    }

    /// Has the customer a connection that may see the chat?
    pub(crate) fn present(&self, chat: &Chat) -> bool {
        self.sessions.iter().any(|session| match session.principal {
            Principal::Customer { customer, chat: scope } => {
                customer == chat.customer && scope.is_none_or(|scope| chat.is(scope))
            }
            _ => false,
        })
    }

    /// Slots taken: offers, reservations, chats that are not parked, wrap-ups.
    pub(crate) fn load(&self, agent: AgentId) -> u32 {
        let chats = self.chats.iter().filter(|chat| chat.takes_room_of(agent)).count();
        let wraps = self.agent(agent).map_or(0, |it| it.wrap_ups.len());
        u32::try_from(chats + wraps).expect("few chats")
    }

    /// Chats with an agent, parked or not.
    pub(crate) fn held(&self, agent: AgentId) -> Vec<ChatId> {
        self.chats.iter().filter(|chat| chat.holder() == Some(agent)).map(|chat| chat.id).collect()
    }

    pub(crate) fn offered(&self, agent: AgentId) -> Vec<ChatId> {
        self.chats.iter().filter(|chat| chat.offered_to() == Some(agent)).map(|chat| chat.id).collect()
    }

    pub(crate) fn policy_of(&self, category: CategoryId) -> &'static str {
        let named = self.settings_of(category).policy.as_ref();
        named.map_or(self.desk_policy, |name| crate::policies::known(name.as_str()).expect("set policies are known"))
    }
}

impl Chat {
    pub(crate) const fn holder(&self) -> Option<AgentId> {
        match self.state {
            ChatState::Active { agent } => Some(agent),
            _ => None,
        }
    }

    pub(crate) const fn offered_to(&self) -> Option<AgentId> {
        match self.state {
            ChatState::Offered { agent } => Some(agent),
            _ => None,
        }
    }

    pub(crate) const fn waits(&self) -> bool {
        matches!(self.state, ChatState::Waiting)
    }

    pub(crate) const fn closed(&self) -> bool {
        matches!(self.state, ChatState::Closed { .. })
    }

    pub(crate) const fn resolved(&self) -> bool {
        matches!(self.state, ChatState::Resolved { .. })
    }

    /// Neither resolved nor closed.
    pub(crate) const fn under_way(&self) -> bool {
        matches!(self.state, ChatState::Waiting | ChatState::Offered { .. } | ChatState::Active { .. })
    }

    pub(crate) fn takes_room_of(&self, agent: AgentId) -> bool {
        self.offered_to() == Some(agent)
            || (self.holder() == Some(agent) && !self.parked)
            || self.transfer.is_some_and(|(to, _)| to == agent)
    }

    /// Is it this chat, or did that one go on in it?
    pub(crate) fn is(&self, chat: ChatId) -> bool {
        self.id == chat || self.merged_from.contains(&chat)
    }

    pub(crate) fn cools(&self, agent: AgentId) -> bool {
        self.cooling.iter().any(|(who, _)| *who == agent)
    }
}
