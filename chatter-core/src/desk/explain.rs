//! Why things are as they are (row B18): for the present state, when somebody asks. What a question costs grows with
//! the number of agents, not with that of chats; nothing of it is kept.

use super::pool::{Availability, PoolKey};
use super::state::{Agent, Chat};
use super::{Action, Desk, Facts, Reply, Stop, Timer};
use crate::policy::PolicyIx;
use crate::protocol::{AgentExplanation, Candidate, ChatExplanation, LineView, LoadView, WhyIdle, WhyWaiting};
use crate::{
    AgentId, AgentState, CategoryId, ChatId, ChatRecord, ChatState, PassedOver, Permission, Principal, Refusal, Time,
    Unavailable,
};

/// How many candidates and lines an explanation names.
const NAMED_MAX: usize = 50;

/// An agent who may take a chat, with what decides when it would be their turn.
struct Near {
    agent: AgentId,
    /// Those who could take it, then those who are there, those who would be there, those who are not.
    distance: u8,
    /// Those who let it pass come after the others.
    passed: bool,
    /// Agents of its own category come first, then those of the stages of its overflow.
    stage: usize,
    key: PoolKey,
    reason: Option<Unavailable>,
    until: Option<Time>,
}

impl Near {
    const fn order(&self) -> (u8, bool, usize, PoolKey) {
        (self.distance, self.passed, self.stage, self.key)
    }
}

impl Desk {
    pub(super) fn explain_chat(
        &self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        facts: Option<&Facts>,
    ) -> Result<Reply, Stop> {
        let Some(state) = self.state.chats.get(&chat) else {
            let record = self.closed_chat(principal, chat, facts)?;
            self.authorize(principal, Action::Explain, record)?;
            return Ok(explained(self.not_waiting(now, record)));
        };
        if !self.sees_in_line(principal, state) {
            self.authorize(principal, Action::Explain, &state.record)?;
        }
        Ok(explained(self.chat_explanation(now, state)))
    }

    /// Whoever serves the line in which a chat waits sees it there.
    fn sees_in_line(&self, principal: &Principal, chat: &Chat) -> bool {
        let waits = chat.spot.is_some() || chat.record.offered_to().is_some();
        let Principal::Agent { agent, .. } = principal else { return false };
        let of = self.state.agents.get(agent).map(|it| &it.record.categories);
        let serves = of.is_some_and(|of| self.categories_serving(chat).any(|category| of.contains(&category)));
        waits && super::authority::may_see_line(principal, serves)
    }

    /// Why a chat is where it is.
    pub(super) fn chat_explanation(&self, now: Time, chat: &Chat) -> ChatExplanation {
        let record = &chat.record;
        let mut explanation = self.not_waiting(now, record);
        let asked = match record.state {
            ChatState::Waiting => None,
            ChatState::Offered { agent } => Some(agent),
            ChatState::Active { .. } | ChatState::Resolved { .. } | ChatState::Closed { .. } => return explanation,
        };
        let near = self.nearest(chat, asked);
        let mut holds = match asked {
            Some(agent) => vec![WhyWaiting::Offered {
                agent,
                until: self.state.deadlines.of(Timer::Offer(record.chat)).unwrap_or(now),
            }],
            None => self.holds(chat, &near, now),
        };
        explanation.place = self.place_view(now, chat).place;
        explanation.next_overflow_at = self.state.deadlines.of(Timer::Overflow(record.chat));
        explanation.why = holds.remove(0);
        explanation.also = holds;
        explanation.passed_over = count(near.iter().filter_map(|near| near.reason));
        explanation.candidates = near.iter().take(NAMED_MAX).filter_map(|near| self.candidate(near)).collect();
        explanation
    }

    fn not_waiting(&self, now: Time, record: &ChatRecord) -> ChatExplanation {
        ChatExplanation {
            chat: record.chat,
            at: now,
            category: record.category,
            policy: self.policies.get(self.policy_of(record.category)).name().to_owned(),
            why: WhyWaiting::NotWaiting { status: record.status() },
            also: Vec::new(),
            place: None,
            overflow: record.overflow,
            next_overflow_at: None,
            passed_over: PassedOver::default(),
            candidates: Vec::new(),
        }
    }

    /// Everything that keeps a chat in its line, at least one thing: what must end before all else comes first.
    fn holds(&self, chat: &Chat, near: &[Near], now: Time) -> Vec<WhyWaiting> {
        let mut holds = Vec::new();
        if !chat.customer_is_there() {
            holds.push(WhyWaiting::CustomerAway { until: chat.grace_until });
        }
        if chat.record.parked {
            holds.push(WhyWaiting::CustomerSilent);
        }
        if let Some(agent) = chat.sticky {
            let until = self.state.deadlines.of(Timer::Sticky(chat.record.chat)).unwrap_or(now);
            holds.push(WhyWaiting::Sticky { agent, until });
        }
        let nearest = near.iter().map(|near| near.distance).min();
        holds.extend(match nearest {
            None => Some(WhyWaiting::NobodyServes),
            Some(AWAY..) => Some(WhyWaiting::NobodyThere),
            Some(THERE) => Some(WhyWaiting::NobodyFree),
            Some(_) if holds.is_empty() => Some(WhyWaiting::AboutToBeServed),
            Some(_) => None,
        });
        holds
    }

    fn candidate(&self, near: &Near) -> Option<Candidate> {
        let state = self.state.agents.get(&near.agent)?;
        Some(Candidate {
            agent: near.agent,
            name: state.record.name.clone(),
            load: state.load(),
            max_chats: state.record.max_chats,
            reason: near.reason,
            until: near.until,
        })
    }

    /// The agents who may take a chat, in the order in which they would: as dispatch chooses, and then those who
    /// cannot now. Whoever is asked already is left out.
    fn nearest(&self, chat: &Chat, asked: Option<AgentId>) -> Vec<Near> {
        let serving: Vec<_> = self.categories_serving(chat).collect();
        let policy = self.policy_of(chat.record.category);
        let near = |(agent, state): (AgentId, &Agent)| {
            let serves = |category: &CategoryId| state.record.categories.contains(category);
            let stage = serving.iter().position(serves)?;
            if !state.record.active || Some(agent) == asked {
                return None;
            }
            let reason = self.why_not(state, Some(chat.record.chat));
            let until = reason.and_then(|reason| self.until(agent, state, reason, Some(chat.record.chat)));
            Some(Near {
                agent,
                distance: distance(reason),
                passed: chat.passed.contains(&agent),
                stage,
                key: self.key_of(agent, state, policy),
                reason,
                until,
            })
        };
        let mut near: Vec<_> = self.state.agents.iter().filter_map(near).collect();
        near.sort_unstable_by_key(Near::order);
        near
    }

    fn key_of(&self, agent: AgentId, state: &Agent, policy: PolicyIx) -> PoolKey {
        PoolKey { rank: self.rank_of(agent, policy), last_assigned_at: state.record.last_assigned_at, agent }
    }

    /// Why an agent cannot take a chat now, or this one if one is named; `None` when they can.
    fn why_not(&self, state: &Agent, chat: Option<ChatId>) -> Option<Unavailable> {
        match state.availability {
            Availability::Room => chat.filter(|chat| state.cooling.contains(chat)).map(|_| Unavailable::Cooling),
            Availability::Full => Some(Unavailable::Full),
            Availability::Resting => Some(Unavailable::Resting),
            Availability::Disconnected => Some(Unavailable::Disconnected),
            Availability::Away | Availability::LastCall | Availability::SignedIn | Availability::Out => {
                Some(match state.record.state {
                    AgentState::Away => Unavailable::Away,
                    AgentState::LastCall => Unavailable::LastCall,
                    AgentState::Online | AgentState::Offline => Unavailable::Offline,
                })
            }
        }
    }

    /// Until when that holds, where nothing that people do is needed to end it.
    fn until(&self, agent: AgentId, state: &Agent, reason: Unavailable, chat: Option<ChatId>) -> Option<Time> {
        let rested = || self.state.deadlines.of(Timer::Rested(agent));
        match reason {
            Unavailable::Cooling => self.state.deadlines.of(Timer::Cooled(agent, chat?)),
            Unavailable::Resting => rested(),
            Unavailable::Full => Some(self.slot_free_at(agent, state)?.max(rested().unwrap_or_default())),
            Unavailable::Offline
            | Unavailable::Away
            | Unavailable::LastCall
            | Unavailable::Disconnected
            | Unavailable::Holds => None,
        }
    }

    /// When so many wrap-ups are over that a full agent has a slot, if that alone suffices.
    fn slot_free_at(&self, agent: AgentId, state: &Agent) -> Option<Time> {
        let needed = (state.load() - state.record.max_chats) as usize;
        let ends = state.wrap_ups.iter().filter_map(|chat| self.state.deadlines.of(Timer::WrapUp(agent, *chat)));
        let mut ends: Vec<_> = ends.collect();
        ends.sort_unstable();
        ends.get(needed).copied()
    }

    pub(super) fn explain_agent(
        &self,
        now: Time,
        principal: &Principal,
        agent: Option<AgentId>,
    ) -> Result<Reply, Stop> {
        let Principal::Agent { agent: own, permissions } = *principal else { return Err(Refusal::NotAllowed.into()) };
        let agent = agent.unwrap_or(own);
        if agent != own && !permissions.has(Permission::Watch) {
            return Err(Refusal::NotAllowed.into());
        }
        let state = self.state.agents.get(&agent).filter(|it| it.record.active).ok_or(Refusal::UnknownAgent)?;
        Ok(Reply::AgentExplained(Box::new(self.agent_explanation(now, agent, state))))
    }

    /// Why an agent gets no chat.
    pub(super) fn agent_explanation(&self, now: Time, agent: AgentId, state: &Agent) -> AgentExplanation {
        let mut lines = self.lines_by_choice(now, state);
        let why = match self.why_not(state, None) {
            Some(reason) => WhyIdle::Unavailable { reason, until: self.until(agent, state, reason, None) },
            None if self.best_chat(now, agent, false).is_some() => WhyIdle::AboutToGetOne,
            None if lines.is_empty() => WhyIdle::NobodyWaits,
            None => WhyIdle::OnlyHeld,
        };
        lines.truncate(NAMED_MAX);
        AgentExplanation {
            agent,
            at: now,
            state: state.record.state,
            connected: !state.sessions.is_empty(),
            load: load_view(state),
            max_chats: state.record.max_chats,
            why,
            lines,
        }
    }

    /// The lines that an agent serves and in which somebody waits, in the order in which they would choose.
    fn lines_by_choice(&self, now: Time, state: &Agent) -> Vec<LineView> {
        let mut lines = Vec::new();
        for (category, from_stage) in state.serves.iter().copied() {
            let heads: Vec<_> =
                self.state.lines.heads(category, from_stage, |chat| state.cooling.contains(&chat)).collect();
            for (line, waiting, ready) in self.state.lines.shapes(category, from_stage) {
                let head = heads.iter().find(|head| head.line == line);
                let rank = head.map(|it| self.rank_of_line(now, category, it.chat, it.key, it.ready));
                let head = head.map(|it| it.chat);
                // Lines that nobody could be taken from come last.
                let order = (rank.is_none(), rank, category, head, line);
                lines.push((order, LineView { category, level: line.level, stage: line.stage, waiting, ready, head }));
            }
        }
        lines.sort_unstable_by_key(|(order, _)| *order);
        lines.into_iter().map(|(_, line)| line).collect()
    }
}

/// How far an agent is from taking a chat.
const COULD: u8 = 0;
const THERE: u8 = 1;
const AWAY: u8 = 2;
const GONE: u8 = 3;
const OFFLINE: u8 = 4;

const fn distance(reason: Option<Unavailable>) -> u8 {
    match reason {
        None => COULD,
        Some(Unavailable::Full | Unavailable::Resting | Unavailable::Cooling | Unavailable::Holds) => THERE,
        Some(Unavailable::Away | Unavailable::LastCall) => AWAY,
        Some(Unavailable::Disconnected) => GONE,
        Some(Unavailable::Offline) => OFFLINE,
    }
}

fn explained(explanation: ChatExplanation) -> Reply {
    Reply::ChatExplained(Box::new(explanation))
}

fn load_view(state: &Agent) -> LoadView {
    let count = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
    LoadView {
        active: count(state.chats.len()) - state.parked,
        parked: state.parked,
        offered: count(state.offers.len()),
        reserved: count(state.reserved.len()),
        wrapping_up: count(state.wrap_ups.len()),
    }
}

/// By reason. Who is offline is not counted: they are not there to be passed over.
fn count(reasons: impl Iterator<Item = Unavailable>) -> PassedOver {
    let mut counts = PassedOver::default();
    for reason in reasons {
        match reason {
            Unavailable::Full => counts.full += 1,
            Unavailable::Away => counts.away += 1,
            Unavailable::LastCall => counts.last_call += 1,
            Unavailable::Disconnected => counts.disconnected += 1,
            Unavailable::Resting => counts.resting += 1,
            Unavailable::Cooling => counts.cooling += 1,
            Unavailable::Offline | Unavailable::Holds => {}
        }
    }
    counts
}
