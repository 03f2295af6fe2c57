//! Categories and policies: what is set from outside while chats wait.

use std::collections::{BTreeMap, BTreeSet};

use super::input::Signal;
use super::state::{Category, Chat};
use super::{Desk, Out, Reply, Stop, Timer, Words};
use crate::{AgentId, CategoryId, CategoryRecord, CategorySettings, ChatId, Fact, Few, Invalid, Name, Refusal, Time};

impl Desk {
    pub(super) fn set_category(&mut self, now: Time, record: &CategoryRecord, out: &mut Out) -> Result<Reply, Stop> {
        let category = record.category;
        if category.0 == 0 {
            return Err(Refusal::Invalid(Invalid::new("category", "1 and up")).into());
        }
        self.check_settings(category, &record.settings)?;
        if self.state.categories.get(&category).is_none_or(|known| known.record != *record) {
            let settings = Box::new(record.settings.clone());
            self.emit(now, Fact::CategorySet { category, settings }, Words::Named(record.name.clone()), out);
        }
        Ok(Reply::Done)
    }

    fn check_settings(&self, category: CategoryId, settings: &CategorySettings) -> Result<(), Refusal> {
        settings.check()?;
        if let Some(policy) = &settings.policy
            && !self.policies.has(policy.as_str())
        {
            return Err(Invalid::new("policy", "the name of a policy of this desk").into());
        }
        if !settings.overflow.iter().all(|it| self.state.categories.contains_key(&it.category)) {
            // A category that leads to itself is known only once it is set: it is a circle all the same.
            let unknown = settings.overflow.iter().find(|it| !self.state.categories.contains_key(&it.category));
            if unknown.is_some_and(|it| it.category != category) {
                return Err(Refusal::UnknownCategory);
            }
        }
        match self.overflow_cycle(category, settings) {
            Some(path) => Err(Refusal::OverflowCycle { path }),
            None => Ok(()),
        }
    }

    /// The circle in which chats of a category would be passed on with these settings, if there is one.
    fn overflow_cycle(&self, category: CategoryId, settings: &CategorySettings) -> Option<Vec<CategoryId>> {
        let targets = |of: CategoryId| -> Vec<CategoryId> {
            let known = self.state.categories.get(&of).map(|it| &it.record.settings);
            let settings = if of == category { Some(settings) } else { known };
            settings.into_iter().flat_map(|it| it.overflow.iter().map(|stage| stage.category)).collect()
        };
        // Whoever comes back to where they started has walked a circle; what was walked before leads nowhere.
        let mut walked = BTreeSet::new();
        let mut path = vec![(category, targets(category))];
        while let Some((_, next)) = path.last_mut() {
            match next.pop() {
                Some(target) if target == category => {
                    return Some(path.iter().map(|(at, _)| *at).chain([category]).collect());
                }
                Some(target) if walked.insert(target) => path.push((target, targets(target))),
                Some(_) => {}
                None => {
                    path.pop();
                }
            }
        }
        None
    }

    pub(super) fn apply_category(&mut self, category: CategoryId, settings: &CategorySettings, words: &Words) {
        let Words::Named(name) = words else { return };
        let record = CategoryRecord { category, name: name.clone(), settings: settings.clone() };
        let policy = self.policy_for(settings);
        if let Some(known) = self.state.categories.get_mut(&category) {
            (known.record, known.policy) = (record, policy);
        } else {
            self.state.categories.insert(category, Category::new(record, policy));
        }
        self.touched.category(category);
        self.categories_changed(BTreeSet::from([category]));
        self.category_untold(category);
        self.schedule_agents_push();
    }

    pub(super) fn policy_for(&self, settings: &CategorySettings) -> crate::policy::PolicyIx {
        let named = settings.policy.as_ref().and_then(|name| self.policies.find(name.as_str()));
        named.unwrap_or_else(|| self.policies.desk_ix())
    }

    /// Puts another policy in the place of the desk's.
    pub(super) fn set_policy(&mut self, now: Time, name: &Name, out: &mut Out) -> Result<Reply, Stop> {
        if !self.policies.has(name.as_str()) {
            return Err(Refusal::Invalid(Invalid::new("policy", "the name of a policy of this desk")).into());
        }
        if self.policies.desk().name() != name.as_str() {
            self.signal(Signal::PolicySet { at: now, name: name.clone() }, out);
        }
        Ok(Reply::Done)
    }

    pub(super) fn policy_set(&mut self, name: &Name) {
        let Some(policy) = self.policies.find(name.as_str()) else { return };
        self.policies.set_desk(policy);
        let of = |record: &CategoryRecord| record.settings.policy.is_none().then_some(record.category);
        let changed: BTreeSet<_> = self.state.categories.values().filter_map(|it| of(&it.record)).collect();
        for category in &changed {
            if let Some(category) = self.state.categories.get_mut(category) {
                category.policy = policy;
            }
        }
        self.categories_changed(changed);
    }

    /// Ranks are recomputed from stored facts: the chats that wait in these categories, and every agent if the
    /// policies in use are others now. Past choices never are.
    pub(super) fn categories_changed(&mut self, changed: BTreeSet<CategoryId>) {
        self.link_overflow();
        let in_use: Few<_> =
            self.state.categories.values().map(|it| it.policy).chain([self.policies.desk_ix()]).collect();
        if in_use != self.state.policies {
            self.state.policies = in_use;
        }
        let waits = |(number, chat): (ChatId, &Chat)| {
            (chat.spot.is_some() && changed.contains(&chat.record.category)).then_some(number)
        };
        let waiting: Vec<_> = self.state.chats.iter().filter_map(waits).collect();
        for chat in waiting {
            self.line_up_again(chat, |_| {});
        }
        for agent in self.state.agents.keys().collect::<Vec<_>>() {
            self.refresh_agent(agent, true);
        }
        for category in changed {
            self.schedule_hours(category);
        }
    }

    /// Which categories' agents help which others, from the stages of all overflows.
    fn link_overflow(&mut self) {
        let mut helps: BTreeMap<CategoryId, Vec<(CategoryId, u8)>> = BTreeMap::new();
        for (category, state) in self.state.categories.iter() {
            for (stage, to) in (1..).zip(&state.record.settings.overflow) {
                helps.entry(to.category).or_default().push((category, stage));
            }
        }
        let mut changed = false;
        for state in self.state.categories.values_mut() {
            let helps = helps.remove(&state.record.category).unwrap_or_default();
            changed |= helps != state.helps;
            state.helps = helps;
        }
        if changed {
            for agent in self.state.agents.keys().collect::<Vec<_>>() {
                self.learn_lines(agent);
            }
        }
    }

    /// Notes which lines an agent serves: their categories changed, or which of these help which others.
    pub(super) fn learn_lines(&mut self, agent: AgentId) {
        let serves = self.lines_served(agent);
        if let Some(state) = self.state.agents.get_mut(&agent) {
            state.serves = serves;
        }
    }

    /// The lines that an agent serves: categories with the stage from which they do, in order.
    pub(super) fn lines_served(&self, agent: AgentId) -> Vec<(CategoryId, u8)> {
        let mut lines = BTreeMap::new();
        for category in self.state.agents.get(&agent).into_iter().flat_map(|it| &it.record.categories) {
            let helps = self.state.categories.get(category).map_or(&[][..], |it| &it.helps[..]);
            for (category, stage) in std::iter::once((*category, 0)).chain(helps.iter().copied()) {
                let from = lines.entry(category).or_insert(stage);
                *from = stage.min(*from);
            }
        }
        lines.into_iter().collect()
    }

    /// A waiting chat reached the next stage: agents of further categories may take it, its key unchanged.
    pub(super) fn overflow_chat(&mut self, now: Time, chat: ChatId, out: &mut Out) {
        let Some(state) = self.state.chats.get(&chat).filter(|it| it.spot.is_some()) else { return };
        let stage = state.record.overflow.saturating_add(1);
        self.emit(now, Fact::ChatOverflowed { chat, stage }, Words::None, out);
    }

    pub(super) fn apply_overflowed(&mut self, chat: ChatId, stage: u8) {
        self.line_up_again(chat, |desk| {
            desk.change_chat_for_staff(chat, |record| record.overflow = stage);
        });
    }

    /// Changes a fact that a chat's place depends on: if it waits, it is put where it belongs now, and whom it
    /// waits for and what its customer was told stay.
    pub(super) fn line_up_again(&mut self, chat: ChatId, change: impl FnOnce(&mut Self)) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        let (sticky, told) = (state.sticky, (state.pushed, state.untold));
        let until = self.state.deadlines.of(Timer::Sticky(chat));
        let waited = self.dequeue(chat);
        change(self);
        if !waited {
            return;
        }
        self.enqueue(chat);
        if let (Some(agent), Some(until)) = (sticky, until) {
            self.sticky_held(chat, agent, until);
        }
        if let Some(state) = self.state.chats.get_mut(&chat) {
            (state.pushed, state.untold) = told;
        }
    }
}
