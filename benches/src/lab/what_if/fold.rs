//! From events to a record.

use std::collections::BTreeMap;

use chatter_core::{AgentId, AuthorKey, EndReason, EntryKind, Fact, Time};

use super::error::WhatIfRule;
use super::people::Staffer;
use super::recorded::{Episode, Oddities, Outcome, Recorded, RecordedAgent, RecordedCategory};
use crate::lab::record::{Micros, priority_level};
use crate::lab::scenario::DAY;

/// A chat that is not closed.
#[derive(Debug)]
struct Open {
    /// When the wait began; the end of time while it is resolved.
    arrived: Micros,
    category: usize,
    now_in: usize,
    priority: u8,
    /// Since when it waits, while nobody has it, and its waits before.
    waits: Option<Micros>,
    waited: Vec<(Micros, Micros)>,
    /// Who had it first, and from when on.
    assigned: Option<(Micros, AgentId)>,
    /// Who has it, and since when.
    holder: Option<(Micros, AgentId)>,
    first_reply: Option<Micros>,
}

/// Events so far.
#[derive(Debug)]
pub(super) struct Fold {
    categories: Vec<RecordedCategory>,
    /// How long the desk keeps the place of a customer without a connection.
    customer_grace: Micros,
    midnight: Option<u64>,
    first: Micros,
    last: Micros,
    staff: BTreeMap<AgentId, Staffer>,
    open: BTreeMap<u64, Open>,
    /// Waits that ended, with who got the chat.
    ended: Vec<(Episode, Option<AgentId>)>,
    waits: Vec<(Micros, Micros)>,
    policies: BTreeMap<String, u64>,
    oddities: Oddities,
}

impl Fold {
    pub(super) const fn new(categories: Vec<RecordedCategory>, customer_grace: Micros) -> Self {
        Self {
            categories,
            customer_grace,
            midnight: None,
            first: 0,
            last: 0,
            staff: BTreeMap::new(),
            open: BTreeMap::new(),
            ended: Vec::new(),
            waits: Vec::new(),
            policies: BTreeMap::new(),
            oddities: Oddities {
                requeued: 0,
                transferred: 0,
                moved: 0,
                by_hand: 0,
                parked: 0,
                merged: 0,
                reopened: 0,
                overflowed: 0,
                limits_changed: 0,
                set_away: 0,
                gone: 0,
            },
        }
    }

    pub(super) fn name(&mut self, agent: u64, name: String) {
        self.staff.entry(AgentId(agent)).or_default().agent.name = name;
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "no other fact changes who waits, who serves or who is there")]
    pub(super) fn fact(&mut self, at: Time, fact: &Fact) {
        let at = self.time(at);
        match fact {
            Fact::AgentSet { agent, max_chats, categories } => {
                let changed = self.staff.entry(*agent).or_default().set(*max_chats, categories);
                self.oddities.limits_changed += u32::from(changed);
            }
            Fact::AgentRemoved { agent } => self.staff.entry(*agent).or_default().rests(at),
            Fact::AgentStateChanged { agent, state, cause } => {
                let set_away = self.staff.entry(*agent).or_default().says(at, *state, *cause);
                self.oddities.set_away += u32::from(set_away);
            }
            Fact::ChatOpened { chat, category, priority, .. } => {
                let category = self.category(category.0);
                self.opened(at, chat.0, category, priority_level(*priority));
            }
            Fact::ChatReopened { chat, .. } => self.reopened(at, chat.0),
            Fact::ChatAssigned { chat, agent, choice } => {
                *self.policies.entry(choice.policy.to_string()).or_default() += 1;
                self.assigned(at, chat.0, *agent);
            }
            Fact::ChatAssignedByHand { chat, agent, .. } => {
                self.oddities.by_hand += 1;
                self.assigned(at, chat.0, *agent);
            }
            Fact::ChatOffered { chat, agent, .. } => self.staff.entry(*agent).or_default().asked(at, chat.0),
            Fact::OfferEnded { chat, agent, how } => {
                self.staff.entry(*agent).or_default().lets_pass(at, chat.0, *how);
            }
            Fact::ChatResolved { chat, reason, .. } => self.resolved(at, chat.0, *reason),
            Fact::ChatMerged { chat, .. } => {
                self.oddities.merged += 1;
                self.lay_down(at, chat.0);
                self.open.remove(&chat.0);
            }
            Fact::ChatClosed { chat } => {
                self.lay_down(at, chat.0);
                self.open.remove(&chat.0);
            }
            Fact::PrioritySet { chat, priority, .. } => self.priority(chat.0, priority_level(*priority)),
            Fact::ChatMoved { chat, category, .. } => {
                self.oddities.moved += 1;
                self.lay_down(at, chat.0);
                let to = self.category(category.0);
                self.open.entry(chat.0).and_modify(|open| open.now_in = to);
            }
            Fact::EntryAdded { chat, kind: EntryKind::Message, author: Some(AuthorKey::Agent(_)), .. } => {
                self.replied(at, chat.0);
            }
            Fact::ChatRequeued { chat, .. } => {
                self.oddities.requeued += 1;
                self.lay_down(at, chat.0);
            }
            Fact::ChatTransferred { chat, to, .. } => {
                self.oddities.transferred += 1;
                self.takes(at, chat.0, *to);
            }
            Fact::ChatParked { .. } => self.oddities.parked += 1,
            Fact::ChatOverflowed { .. } => self.oddities.overflowed += 1,
            _ => {}
        }
    }

    fn time(&mut self, at: Time) -> Micros {
        let midnight = *self.midnight.get_or_insert(at.0 / DAY * DAY);
        let at = at.0.saturating_sub(midnight);
        if self.last == 0 {
            self.first = at;
        }
        self.last = self.last.max(at);
        at
    }

    /// The index of a category; one that has no row is unknown, and is made up.
    fn category(&mut self, number: u32) -> usize {
        if let Some(at) = self.categories.iter().position(|it| it.number == number) {
            return at;
        }
        let settings = chatter_core::CategorySettings::default();
        self.categories.push(RecordedCategory { number, name: format!("category {number}"), settings });
        self.categories.len() - 1
    }

    fn opened(&mut self, at: Micros, chat: u64, category: usize, priority: u8) {
        let open = Open {
            arrived: at,
            category,
            now_in: category,
            priority,
            waits: Some(at),
            waited: Vec::new(),
            assigned: None,
            holder: None,
            first_reply: None,
        };
        self.open.insert(chat, open);
    }

    fn reopened(&mut self, at: Micros, chat: u64) {
        self.oddities.reopened += 1;
        if let Some(&Open { now_in, priority, .. }) = self.open.get(&chat) {
            self.opened(at, chat, now_in, priority);
        }
    }

    fn priority(&mut self, chat: u64, priority: u8) {
        // After the assignment it changes nothing about the wait.
        self.open.entry(chat).and_modify(|open| {
            if open.assigned.is_none() {
                open.priority = priority;
            }
        });
    }

    fn assigned(&mut self, at: Micros, chat: u64, agent: AgentId) {
        self.staff.entry(agent).or_default().takes(at, chat);
        self.takes(at, chat, agent);
    }

    /// An agent has a chat from now on, and whoever had it before no more.
    fn takes(&mut self, at: Micros, chat: u64, agent: AgentId) {
        self.lay_down(at, chat);
        self.open.entry(chat).and_modify(|open| {
            open.waited.extend(open.waits.take().map(|since| (since, at)));
            open.assigned.get_or_insert((at, agent));
            open.holder = Some((at, agent));
        });
    }

    /// Nobody has a chat from now on: it waits.
    fn lay_down(&mut self, at: Micros, chat: u64) {
        let Some(open) = self.open.get_mut(&chat) else { return };
        let Some((since, agent)) = open.holder.take() else { return };
        open.waits = Some(at);
        self.staff.entry(agent).or_default().agent.held.push((since, at));
    }

    fn replied(&mut self, at: Micros, chat: u64) {
        self.open.entry(chat).and_modify(|open| {
            if open.assigned.is_some() {
                open.first_reply.get_or_insert(at);
            }
        });
    }

    fn resolved(&mut self, at: Micros, chat: u64, reason: EndReason) {
        let Some(open) = self.open.get(&chat) else { return };
        let held = open.holder.is_some();
        self.lay_down(at, chat);
        let Some(open) = self.open.get_mut(&chat) else { return };
        let since = open.waits.take().unwrap_or(at);
        let (at, by_customer) = match reason {
            EndReason::CustomerEnded | EndReason::LeftQueue => (at, true),
            EndReason::Abandoned => {
                self.oddities.gone += 1;
                (at.saturating_sub(self.customer_grace).max(since), true)
            }
            // Kinds to come are taken for the desk's.
            EndReason::AgentEnded | EndReason::WaitedTooLong | EndReason::CustomerSilent | EndReason::Merged | _ => {
                (at, false)
            }
        };
        if since < at {
            open.waited.push((since, at));
        }
        let waited = total(&open.waited);
        self.waits.append(&mut open.waited);
        let (outcome, by) = match open.assigned.take() {
            Some((assigned, agent)) if held => {
                let first_reply = open.first_reply;
                (Outcome::Served { assigned, first_reply, ended: Some(at), agent: None }, Some(agent))
            }
            Some(_) | None if by_customer => (Outcome::Left { at }, None),
            Some(_) | None if reason == EndReason::WaitedTooLong => (Outcome::TooLong { at }, None),
            Some(_) | None => (Outcome::Cut { at }, None),
        };
        let Open { arrived, category, priority, .. } = *open;
        // What is left is what a reopening goes on from; it waits for nothing until then.
        open.arrived = Micros::MAX;
        self.ended.push((Episode { arrived, category, priority, waited, outcome }, by));
    }

    /// The record.
    pub(super) fn done(mut self, name: String) -> Result<Recorded, WhatIfRule> {
        let last = self.last;
        for open in self.open.values().filter(|open| open.arrived < Micros::MAX) {
            let (outcome, by) = match (open.assigned, open.holder) {
                (Some((assigned, agent)), Some((since, holder))) => {
                    self.staff.entry(holder).or_default().agent.held.push((since, last));
                    let first_reply = open.first_reply;
                    (Outcome::Served { assigned, first_reply, ended: None, agent: None }, Some(agent))
                }
                (None, _) | (_, None) => (Outcome::Cut { at: last }, None),
            };
            let Open { arrived, category, priority, .. } = *open;
            let waits: Vec<_> = open.waited.iter().copied().chain(open.waits.map(|since| (since, last))).collect();
            let waited = total(&waits);
            self.waits.extend(waits);
            self.ended.push((Episode { arrived, category, priority, waited, outcome }, by));
        }
        if self.ended.is_empty() {
            return Err(WhatIfRule::Nobody);
        }
        let (agents, places) = self.agents();
        if agents.is_empty() {
            return Err(WhatIfRule::NoAgents);
        }
        let mut episodes: Vec<Episode> = self
            .ended
            .into_iter()
            .map(|(mut episode, by)| {
                if let Outcome::Served { agent, .. } = &mut episode.outcome {
                    *agent = by.and_then(|by| places.get(&by).copied());
                }
                episode
            })
            .collect();
        episodes.sort_by_key(|it| it.arrived);
        Ok(Recorded {
            name,
            midnight: self.midnight.unwrap_or(0),
            span: (self.first, last),
            customer_grace: self.customer_grace,
            categories: self.categories,
            agents,
            episodes,
            waits: self.waits,
            policies: self.policies,
            oddities: self.oddities,
        })
    }

    /// Those who were ever online, and where each stands.
    fn agents(&mut self) -> (Vec<RecordedAgent>, BTreeMap<AgentId, usize>) {
        let (mut agents, mut places) = (Vec::new(), BTreeMap::new());
        for (number, mut staffer) in std::mem::take(&mut self.staff) {
            staffer.rests(self.last + 1);
            if staffer.agent.online.is_empty() || staffer.agent.max_chats == 0 {
                continue;
            }
            let skills = staffer.categories.iter().map(|it| self.category(it.0)).collect();
            places.insert(number, agents.len());
            agents.push(RecordedAgent { number: number.0, skills, ..staffer.agent });
        }
        (agents, places)
    }
}

fn total(waits: &[(Micros, Micros)]) -> Micros {
    waits.iter().map(|(from, to)| to - from).sum()
}
