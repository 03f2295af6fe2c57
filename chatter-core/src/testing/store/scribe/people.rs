//! Categories and agents.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Scribe;
use crate::hours::{Hours, Timetable};
use crate::{
    AgentId, AgentRecord, AgentState, CategoryId, CategoryRecord, CategorySettings, CategoryWeight, EventNo, Fact,
    Name, OverflowStage, Routing, StateCause,
};

const STATES: [AgentState; 4] = [AgentState::Online, AgentState::Away, AgentState::LastCall, AgentState::Offline];

impl Scribe {
    pub(super) fn hire(&mut self) {
        for category in [CategoryId(1), CategoryId(2)] {
            self.set_category(category, CategorySettings::default());
        }
        for agent in 1..=3 {
            let categories = if agent == 1 { [1].as_slice() } else { [1, 2].as_slice() };
            self.set_agent(AgentId(agent), categories.iter().map(|category| CategoryId(*category)).collect());
        }
    }

    /// Makes a category or changes it.
    pub(in crate::testing) fn set_category(&mut self, category: CategoryId, settings: CategorySettings) {
        let name = self.words.name();
        self.categories.insert(category, CategoryRecord { category, name, settings: settings.clone() });
        self.changed_categories.insert(category);
        self.fact(Fact::CategorySet { category, settings: Box::new(settings) });
    }

    /// Makes an agent or changes them.
    pub(in crate::testing) fn set_agent(&mut self, agent: AgentId, categories: BTreeSet<CategoryId>) {
        let max_chats = 1 + u32::try_from(self.dice.below(8)).unwrap_or(0);
        let record = AgentRecord {
            agent,
            name: self.words.name(),
            max_chats,
            categories: categories.clone(),
            state: AgentState::Online,
            last_assigned_at: self.now,
            last_released_at: self.now,
            active: true,
        };
        self.agents.insert(agent, record);
        self.changed_agents.insert(agent);
        self.fact(Fact::AgentSet { agent, max_chats, categories });
    }

    /// Gives a category another name, and other settings or none.
    pub(super) fn change_category(&mut self, who: u8) {
        let settings = if self.dice.once_in(3) { CategorySettings::default() } else { self.settings() };
        self.set_category(CategoryId(1 + u32::from(who % 3)), settings);
    }

    /// Settings with something in every field.
    pub(in crate::testing) fn settings(&mut self) -> CategorySettings {
        let mut duration = |most| Duration::from_micros(1 + self.dice.below(most));
        let stage = |after, category| OverflowStage { after, category: CategoryId(category) };
        let (first, second) = (duration(60_000_000), duration(60_000_000));
        CategorySettings {
            routing: Routing::Offer,
            policy: Some(Name::new("least-loaded").expect("short enough")),
            overflow: vec![stage(first, 2), stage(first + second, 3)],
            max_wait: Some(duration(3_600_000_000)),
            sticky_wait: Some(duration(600_000_000)),
            wrap_up: duration(120_000_000),
            weight: CategoryWeight { cost: 7, handle_time: duration(600_000_000) },
            hours: Some(self.hours()),
            queue_limit: Some(1 + u32::try_from(self.dice.below(1_000)).unwrap_or(0)),
        }
    }

    fn hours(&mut self) -> Hours {
        let from = self.dice.below(12);
        let written = Timetable {
            zone: "Europe/Berlin".to_owned(),
            monday: vec![format!("{from:02}:00-12:30"), "13:30-18:00".to_owned()],
            friday: vec!["22:00-06:00".to_owned()],
            holidays: [("2026-12-25".to_owned(), Vec::new())].into(),
            ..Timetable::default()
        };
        Hours::new(written).expect("hours as an operator writes them")
    }

    pub(super) fn change_agent(&mut self, who: u8) {
        let agent = AgentId(1 + u64::from(who % 3));
        if self.dice.once_in(3) {
            let all = [CategoryId(1), CategoryId(2)];
            let categories = all.into_iter().filter(|_| self.dice.once_in(2)).collect();
            return self.set_agent(agent, categories);
        }
        let state = self.dice.pick(&STATES).copied().unwrap_or_default();
        if let Some(record) = self.agents.get_mut(&agent) {
            record.state = state;
            record.active = !self.dice.once_in(6);
            self.changed_agents.insert(agent);
            self.fact(Fact::AgentStateChanged { agent, state, cause: StateCause::Declared });
        }
    }

    /// The number of the newest event.
    pub(in crate::testing) fn last_event(&self) -> EventNo {
        self.events.last().map(|event| event.no).unwrap_or_default()
    }
}
