//! The loop of a run: what happens next, what is told to the desk, and what follows from what it says.

use std::collections::VecDeque;
use std::sync::Arc;

use chatter_core::desk::{Answer, Reply};
use chatter_core::policy::AssignmentPolicy;
use chatter_core::{AgentState, Refusal, Routing};

use super::RunError;
use super::calendar::{Calendar, Event};
use super::counts::Counts;
use super::customers::{Brought, Draws, Flow, Newcomer};
use super::front::Front;
use super::people::{Agent, Chat, Phase, duties};
use super::tally::{Controls, Kept, Mark, Tally};
use super::work::Bench;
use crate::lab::record::{CustomerRow, Fate, Micros, RunRecord};
use crate::lab::scenario::{AgentGroup, Coming, DAY, Horizon, Scenario};

/// How long after its last customer, or its last day, a run may take to finish what is open.
const OVERTIME: Micros = 7 * DAY;
/// How many times the length of the queue is noted in a run whose length is not known beforehand.
const QUEUE_POINTS: f64 = 1_000.0;

/// A run that has ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) record: RunRecord,
    pub(super) counts: Option<Box<Counts>>,
    pub(super) controls: Controls,
    /// What the desk was asked, if that was to be kept.
    pub(super) asked: Vec<u8>,
}

/// One run.
#[derive(Debug)]
pub(super) struct Driver<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) policy: Arc<dyn AssignmentPolicy>,
    pub(super) draws: Draws,
    pub(super) front: Front,
    pub(super) calendar: Calendar,
    pub(super) tally: Tally,
    pub(super) flows: Vec<Flow>,
    pub(super) next: Vec<Option<Newcomer>>,
    /// The chats from number `first` on; those over at the front are dropped.
    pub(super) chats: VecDeque<Chat>,
    pub(super) first: u64,
    pub(super) open: u64,
    pub(super) agents: Vec<Agent>,
    pub(super) duties: Vec<Vec<(Micros, AgentState)>>,
    pub(super) changed: Vec<u32>,
    pub(super) now: Micros,
    /// True while the desk has not opened the newest chat.
    pub(super) joining: bool,
    /// True when the desk has timers that can change who is served.
    pub(super) timers: bool,
    /// True when the desk looks at who wrote.
    pub(super) talks: bool,
    pub(super) came: u64,
}

impl<'a> Driver<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        policy: &Arc<dyn AssignmentPolicy>,
        seed: u64,
        replication: u32,
        kept: Kept,
        recorded: bool,
    ) -> Result<Self, RunError> {
        if scenario.trace.is_none() && scenario.categories.iter().any(|it| it.coming == Coming::Traced) {
            return Err(RunError::NoTrace);
        }
        let draws = Draws { seed, replication };
        let groups = scenario.group_of_agents();
        let max_chats = groups.iter().map(|group| scenario.groups[*group].max_chats);
        let agent = |group: &usize| Agent {
            group: *group,
            bench: Bench::new(&scenario.groups[*group].speeds),
            online: false,
            duty: AgentState::Offline,
            held: 0,
            changed: false,
        };
        let settings = &scenario.desk;
        let talks = settings.first_reply_within.is_some()
            || settings.park_after.is_some()
            || settings.resolve_after.is_some()
            || settings.warn_after.is_some();
        let waits_end = scenario.categories.iter().map(|it| &it.settings).any(|it| {
            it.routing == Routing::Offer || it.max_wait.is_some() || !it.overflow.is_empty() || !it.wrap_up.is_zero()
        });
        Ok(Self {
            front: Front::new(scenario, policy, recorded)?,
            policy: Arc::clone(policy),
            draws,
            calendar: Calendar::default(),
            tally: Tally::new(max_chats, queue_step(scenario), kept),
            flows: (0..scenario.categories.len()).map(|index| Flow::new(scenario, index, draws)).collect(),
            next: vec![None; scenario.categories.len()],
            chats: VecDeque::new(),
            first: 1,
            open: 0,
            agents: groups.iter().map(agent).collect(),
            duties: scenario.groups.iter().map(duties).collect(),
            changed: Vec::new(),
            now: 0,
            joining: false,
            timers: talks || waits_end || !settings.breathing_gap.is_zero(),
            talks,
            came: 0,
            scenario,
        })
    }

    /// Runs to the end.
    pub(super) fn run(mut self) -> Result<Ended, RunError> {
        self.begin()?;
        let mut last = None;
        loop {
            let planned = self.calendar.next();
            let due = if self.timers { self.front.next() } else { None };
            match (planned, due) {
                (_, Some(due)) if planned.is_none_or(|planned| due <= planned) => {
                    let limit = self.scenario.horizon.over().or(last).map_or(Micros::MAX, |end| end + OVERTIME);
                    if planned.is_none() && (self.open == 0 || due > limit) {
                        break;
                    }
                    self.now = self.now.max(due);
                    let outcome = self.front.due(self.now);
                    self.follow(outcome)?;
                }
                (None, _) => break,
                (Some(_), _) => {
                    let Some((at, event)) = self.calendar.take() else { break };
                    self.now = at;
                    self.happens(event, &mut last)?;
                }
            }
            self.settle_step();
        }
        // Who left without a word and was given to nobody until the end has left all the same.
        for chat in std::mem::take(&mut self.chats) {
            if let (Phase::Waiting | Phase::Offered { .. }, Some(at)) = (chat.phase, chat.left) {
                self.tally.settle(chat.number, CustomerRow { fate: Fate::Abandoned { at }, ..chat.row });
            }
        }
        let until = self.scenario.horizon.over().or(last).unwrap_or(self.now);
        self.tally.end(until);
        let controls = self.tally.controls;
        let (record, counts) = self.tally.finish(self.now.max(until), self.policy.name(), self.draws.replication);
        Ok(Ended { record, counts, controls, asked: self.front.asked.unwrap_or_default() })
    }

    fn begin(&mut self) -> Result<(), RunError> {
        if let Some(over) = self.scenario.horizon.over() {
            self.tally.start(0);
            self.tally.end(over);
        }
        for agent in 0..self.agents.len() {
            let number = u32::try_from(agent).expect("a scenario has few agents");
            match self.duties[self.agents[agent].group].first() {
                None => self.declare(number, AgentState::Online)?,
                Some((at, _)) => self.calendar.put(*at, Event::Duty { agent: number, change: 0 }),
            }
        }
        for category in 0..self.flows.len() {
            self.expect(category);
        }
        self.settle_step();
        Ok(())
    }

    /// Puts the next arrival down.
    fn expect(&mut self, category: usize) {
        let next = self.flows[category].next();
        self.next[category] = next.map(|(_, who)| who);
        if let Some((at, _)) = next {
            let category = u16::try_from(category).expect("a scenario has few categories");
            self.calendar.put(at, Event::Arrival { category });
        }
    }

    fn happens(&mut self, event: Event, last: &mut Option<Micros>) -> Result<(), RunError> {
        match event {
            Event::Arrival { category } => {
                if last.is_some() {
                    return Ok(());
                }
                self.arrives(category)?;
                if let Horizon::Customers { counted, warm_up } = self.scenario.horizon
                    && self.came >= counted + warm_up
                {
                    *last = Some(self.now);
                    self.tally.end(self.now);
                } else {
                    self.expect(usize::from(category));
                }
                Ok(())
            }
            Event::PatienceEnds { chat } => self.patience_ends(chat),
            Event::WorkEnds { agent, turn } => self.work_ends(agent, turn),
            Event::Noticed { chat, turn } => self.noticed(chat, turn),
            Event::Replies { chat, turn } => self.replies(chat, turn),
            Event::Answers { chat, offer } => self.answers(chat, offer),
            Event::Duty { agent, change } => self.duty(agent, change),
            Event::ComesBack { agent } if self.agents[agent as usize].duty == AgentState::Online => {
                self.declare(agent, AgentState::Online)
            }
            Event::ComesBack { .. } => Ok(()),
        }
    }

    fn arrives(&mut self, category: u16) -> Result<(), RunError> {
        let index = usize::from(category);
        let Some(who) = self.next[index] else { return Ok(()) };
        if let Horizon::Customers { warm_up, .. } = self.scenario.horizon
            && self.came == warm_up
        {
            self.tally.start(self.now);
        }
        self.came += 1;
        let priority = self.brought(index, who).priority();
        let row = CustomerRow { arrived: self.now, category, priority, fate: Fate::Unfinished };
        let number = self.tally.comes(row);
        let (session, outcome) = self.front.connect(self.now)?;
        if let Some(outcome) = outcome {
            self.follow(outcome)?;
        }
        self.joining = true;
        self.chats.push_back(Chat {
            row,
            number,
            who,
            session,
            phase: Phase::Waiting,
            left: None,
            work: None,
            leaves: None,
            offers: 0,
            turns: 0,
            earlier: None,
        });
        let mut outcome = self.front.join(self.now, session, index);
        let answer = std::mem::replace(&mut outcome.answer, Answer::Reply(Reply::Done));
        self.follow(outcome)?;
        match (std::mem::take(&mut self.joining), answer) {
            (false, _) => self.waits(priority),
            (true, Answer::Refused(Refusal::QueueFull { .. })) => {
                self.chats.pop_back();
                self.tally.mark(Mark::Rejected, self.now, who.key, 0);
                self.tally.settle(number, CustomerRow { fate: Fate::Rejected, ..row });
                self.front.leave(session);
                Ok(())
            }
            (true, answer) => Err(RunError::Refused { what: "join", at: self.now, refusal: format!("{answer:?}") }),
        }
    }

    /// The newest chat waits, or has been given away at once.
    fn waits(&mut self, priority: u8) -> Result<(), RunError> {
        let number = self.first + self.chats.len() as u64 - 1;
        let Some(chat) = self.chats.back() else { return Ok(()) };
        if matches!(chat.phase, Phase::Held { .. }) {
            return Ok(());
        }
        let patience = self.brought(usize::from(chat.row.category), chat.who).patience();
        let leaves = self.now.saturating_add(patience);
        if let Some(chat) = self.chats.back_mut() {
            chat.leaves = Some(leaves);
        }
        self.calendar.put(leaves, Event::PatienceEnds { chat: number });
        // The desk knows a new customer as of medium priority.
        if priority != 1 {
            let outcome = self.front.prioritise(self.now, number, priority)?;
            self.follow(outcome)?;
        }
        Ok(())
    }

    /// The end of a step: agents whose work has changed know when they are next done.
    pub(super) fn settle_step(&mut self) {
        while let Some(number) = self.changed.pop() {
            let agent = &mut self.agents[number as usize];
            agent.changed = false;
            self.tally.agent(self.now, number, agent.online, agent.held, agent.bench.rate());
            if let Some(at) = agent.bench.next() {
                self.calendar.put(at, Event::WorkEnds { agent: number, turn: agent.bench.turn });
            }
        }
    }

    pub(super) fn chat(&mut self, number: u64) -> Option<&mut Chat> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.chats.get_mut(index)
    }

    pub(super) fn holder(&mut self, number: u64) -> Option<u32> {
        match self.chat(number)?.phase {
            Phase::Held { agent, .. } => Some(agent),
            Phase::Waiting | Phase::Offered { .. } | Phase::Over => None,
        }
    }

    pub(super) fn brought(&self, category: usize, who: Newcomer) -> Brought<'a> {
        Brought { category: &self.scenario.categories[category], draws: self.draws, who }
    }

    pub(super) fn group(&self, agent: u32) -> &'a AgentGroup {
        &self.scenario.groups[self.agents[agent as usize].group]
    }
}

/// How often the length of the queue is noted: each minute of a day, or a thousand times in a run.
fn queue_step(scenario: &Scenario) -> Micros {
    let Horizon::Customers { counted, .. } = scenario.horizon else { return 60_000_000 };
    let rates = scenario.categories.iter().map(|it| match &it.coming {
        Coming::Poisson(rate) => *rate,
        Coming::Gaps(law) => 1.0 / law.mean(),
        Coming::Profile(_) | Coming::Traced => 0.0,
    });
    let step = counted as f64 / rates.sum::<f64>().max(1e-9) * 1e6 / QUEUE_POINTS;
    step as Micros
}
