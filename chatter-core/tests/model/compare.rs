//! Does the desk show what the model knows? Rows, answers and frames, after each step.

use std::collections::{BTreeMap, BTreeSet};

use chatter_core::desk::{Answer, Effect, Opened, Reply};
use chatter_core::protocol::{AgentView, CustomerFrame, StaffFrame};
use chatter_core::{AgentId, ChatId, ChatState, ChatStatus, SessionId, Time};

use crate::decide::Said;
use crate::real::{Kept, Real, Seen};
use crate::world::{Chat, World};

type Checked = Result<(), String>;

/// What clients were told, to hold against what is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    agents: BTreeMap<SessionId, AgentView>,
    offers: BTreeMap<SessionId, BTreeMap<ChatId, (Time, Option<AgentId>)>>,
    chats: BTreeMap<(SessionId, ChatId), (ChatStatus, bool)>,
}

#[expect(clippy::needless_pass_by_value, reason = "they are made for the comparison")]
fn same<T: PartialEq + std::fmt::Debug>(what: impl std::fmt::Display, desk: T, model: T) -> Checked {
    if desk == model { Ok(()) } else { Err(format!("{what}: the desk has {desk:?}, the model {model:?}")) }
}

fn list<T: Copy>(set: &BTreeSet<T>) -> Vec<T> {
    set.iter().copied().collect()
}

/// The answer to an input.
pub(crate) fn answers(seen: &Seen, said: &Said) -> Checked {
    match (&seen.answer, said) {
        (Answer::Reply(Reply::Queued { chat, existing, .. }), Said::Joined { chat: ours, existing: known }) => {
            same("the answer to joining", (chat.chat, *existing), (*ours, *known))
        }
        (Answer::Reply(_), Said::Yes) => Ok(()),
        (Answer::Refused(refusal), Said::No(codes)) if codes.contains(&refusal.code()) => Ok(()),
        (answer, said) => Err(format!("the desk answers {answer:?}, the model {said:?}")),
    }
}

/// Everything durable.
pub(crate) fn rows(kept: &Kept, world: &World) -> Checked {
    same("the number of chats", kept.chats.len(), world.chats.len())?;
    for chat in &world.chats {
        let Some(row) = kept.chats.get(&chat.id) else { return Err(format!("chat {} has no row", chat.id)) };
        let what = |field| format!("{field} of chat {}", chat.id);
        same(what("the state"), &row.state, &chat.state)?;
        same(what("the customer and category"), (row.customer, row.category), (chat.customer, chat.category))?;
        same(what("the priority"), row.priority, chat.priority)?;
        same(what("the last agent"), row.last_agent, chat.last_agent)?;
        same(what("everybody who took part"), row.agents.to_vec(), list(&chat.agents))?;
        same(what("who joined"), row.joined.to_vec(), list(&chat.joined))?;
        same(what("the transfer"), row.transfer_to, chat.transfer.map(|(to, _)| to))?;
        same(what("whether it is parked"), row.parked, chat.parked)?;
        same(what("the stage"), row.overflow, chat.overflow)?;
        same(what("the episode"), row.episode, chat.episode)?;
        same(what("the arrival"), (row.arrived_at, row.created_at), (chat.arrived_at, chat.created_at))?;
        same(
            what("the mergers"),
            (row.merged_into, row.merged_from.to_vec()),
            (chat.merged_into, list(&chat.merged_from)),
        )?;
        if chat.holder().is_some() && crate::steps::SILENCE {
            same(what("whether the agent replied"), row.replied, chat.replied)?;
        }
    }
    for agent in &world.agents {
        let Some(row) = kept.agents.get(&agent.id) else { return Err(format!("agent {} has no row", agent.id)) };
        let what = |field| format!("{field} of agent {}", agent.id);
        same(what("the limit"), row.max_chats, agent.max)?;
        same(what("the state"), (row.state, row.active), (agent.state, agent.active))?;
        same(what("the last assignment"), row.last_assigned_at, agent.assigned_at)?;
        same(what("the last release"), row.last_released_at, agent.released_at)?;
    }
    Ok(())
}

impl Told {
    /// Nobody is connected any more.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// The desk was loaded again: offers run for as long as at first, which nobody is told.
    pub(crate) fn renew(&mut self, world: &World) {
        // Nor that wrap-ups have ended with it.
        for view in self.agents.values_mut() {
            (view.load, view.wrapping_up) = (world.load(view.agent), 0);
        }
        for (chat, told) in self.offers.values_mut().flatten() {
            let it = world.at(*chat);
            told.0 = it.transfer.map(|(_, until)| until).or(it.offer_until).unwrap_or(told.0);
        }
    }

    /// Takes in what was sent.
    pub(crate) fn hear(&mut self, seen: &Seen, opened: Option<SessionId>) {
        self.hear_opened(seen, opened);
        for effect in &seen.effects {
            match effect {
                Effect::ToStaff { to, frame } => to.iter().for_each(|session| self.hear_staff(*session, frame)),
                Effect::ToCustomers { to, frame: CustomerFrame::Chat { chat } } => {
                    for session in to {
                        self.chats.insert((*session, chat.chat), (chat.status, chat.agent.is_some()));
                    }
                }
                Effect::ToCustomers { .. } | Effect::GiveCustomerToken { .. } | Effect::Close { .. } => {}
            }
        }
    }

    /// What a new session is told comes before anything else that it hears.
    fn hear_opened(&mut self, seen: &Seen, opened: Option<SessionId>) {
        let (Answer::Reply(Reply::Opened(answer)), Some(session)) = (&seen.answer, opened) else { return };
        match &**answer {
            Opened::Agent { agent, offers, .. } => {
                self.agents.entry(session).or_insert_with(|| agent.clone());
                let told = offers.iter().map(|it| (it.chat, (it.until, it.from)));
                self.offers.entry(session).or_insert_with(|| told.collect());
            }
            Opened::Customer { chats, .. } => {
                for chat in chats {
                    self.chats.entry((session, chat.chat)).or_insert_with(|| (chat.status, chat.agent.is_some()));
                }
            }
        }
    }

    fn hear_staff(&mut self, session: SessionId, frame: &StaffFrame) {
        match frame {
            StaffFrame::Agent { agent } => {
                self.agents.insert(session, agent.clone());
            }
            StaffFrame::Offer { offer } => {
                self.offers.entry(session).or_default().insert(offer.chat, (offer.until, offer.from));
            }
            StaffFrame::OfferGone { chat, .. } => {
                self.offers.entry(session).or_default().remove(chat);
            }
            _ => {}
        }
    }

    /// Everybody who is connected knows how things are.
    pub(crate) fn compare(&mut self, world: &World) -> Checked {
        let there = |session: &SessionId| world.sessions.iter().any(|it| it.id == *session);
        self.agents.retain(|session, _| there(session));
        self.offers.retain(|session, _| there(session));
        self.chats.retain(|(session, _), _| there(session));
        for (session, view) in &self.agents {
            let Some(agent) = world.agent(view.agent) else { continue };
            let what = format!("what agent {} is told of themselves on {session}", view.agent);
            let (load, wraps) = (world.load(agent.id), agent.wrap_ups.len());
            same(&what, (view.state, view.max_chats, view.load), (agent.state, agent.max, load))?;
            same(&what, view.wrapping_up as usize, wraps)?;
            let offers = world.chats.iter().filter_map(|it| offer(it, agent.id)).collect();
            same(format!("offers on {session}"), self.offers.get(session).cloned().unwrap_or_default(), offers)?;
        }
        for ((session, chat), told) in &self.chats {
            let it = world.at(*chat);
            same(format!("what {session} is told of chat {chat}"), *told, (status(it), it.holder().is_some()))?;
        }
        Ok(())
    }
}

fn offer(chat: &Chat, agent: AgentId) -> Option<(ChatId, (Time, Option<AgentId>))> {
    match (chat.transfer, chat.offer_until) {
        (Some((to, until)), _) if to == agent => Some((chat.id, (until, chat.holder()))),
        (_, Some(until)) if chat.offered_to() == Some(agent) => Some((chat.id, (until, None))),
        _ => None,
    }
}

fn status(chat: &Chat) -> ChatStatus {
    match chat.state {
        ChatState::Active { .. } => ChatStatus::InProgress,
        ChatState::Resolved { .. } => ChatStatus::Resolved,
        ChatState::Closed { .. } => ChatStatus::Closed,
        _ => ChatStatus::Open,
    }
}

/// What the desk holds in memory, and when it wants to be woken.
pub(crate) fn memory(real: &Real, world: &World) -> Checked {
    let open = world.chats.iter().filter(|it| !it.closed()).count();
    same("the number of open chats", real.desk.open_chats(), open)?;
    let wakes = real.desk.poll_timeout();
    match world.next_due().map(|due| due.max(world.now)) {
        Some(due) if wakes.is_none_or(|wakes| wakes > due) => Err(format!(
            "{:?} is due, the desk sleeps until {wakes:?}",
            world.dues().iter().filter(|(at, _)| *at == due).collect::<Vec<_>>()
        )),
        _ => Ok(()),
    }
}
