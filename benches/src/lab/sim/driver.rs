//! The loop of a run: what happens next, what is told to the desk, and what follows from what it says.

use std::collections::VecDeque;
use std::sync::Arc;

use chatter_core::desk::{Answer, Change, Outcome};
use chatter_core::policy::AssignmentPolicy;
use chatter_core::{AgentState, Fact, OfferEnd, Refusal, Routing, SessionId, StateCause};

use super::RunError;
use super::calendar::{Calendar, Event};
use super::counts::Counts;
use super::customers::{Brought, Draws, Flow, Newcomer};
use super::front::{self, Front};
use super::tally::{Kept, Mark, Tally};
use super::work::Bench;
use crate::lab::random::Purpose;
use crate::lab::record::{CustomerRow, Fate, Micros, RunRecord};
use crate::lab::scenario::{AgentGroup, Coming, DAY, Horizon, Scenario};

/// How long after its last customer a run may take to finish what is open.
const OVERTIME: Micros = 7 * DAY;
/// How many times the length of the queue is noted in a run whose length is not known beforehand.
const QUEUE_POINTS: f64 = 1_000.0;

/// Where a chat is, as far as the simulator follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Waiting,
    Offered { agent: u32 },
    Held { agent: u32, assigned: Micros, first_reply: Micros },
    Over,
}

/// A customer with a chat.
#[derive(Clone, Debug)]
struct Chat {
    row: CustomerRow,
    number: u32,
    who: Newcomer,
    session: SessionId,
    phase: Phase,
    /// When they left without a word.
    left: Option<Micros>,
    /// Work that is left, once it has been begun.
    work_left: Option<Micros>,
    /// How often it was offered, and how often it was assigned.
    offers: u32,
    turns: u32,
}

/// An agent.
#[derive(Debug)]
struct Agent {
    group: usize,
    bench: Bench,
    online: bool,
    /// What the shift says.
    duty: AgentState,
    held: u32,
    changed: bool,
}

/// One run.
#[derive(Debug)]
pub(super) struct Driver<'a> {
    scenario: &'a Scenario,
    policy: Arc<dyn AssignmentPolicy>,
    draws: Draws,
    front: Front,
    calendar: Calendar,
    tally: Tally,
    flows: Vec<Flow>,
    next: Vec<Option<Newcomer>>,
    /// The chats from number `first` on; those over at the front are dropped.
    chats: VecDeque<Chat>,
    first: u64,
    open: u64,
    agents: Vec<Agent>,
    duties: Vec<Vec<(Micros, AgentState)>>,
    changed: Vec<u32>,
    going: Vec<SessionId>,
    now: Micros,
    joining: Option<Chat>,
    /// True when the desk has timers that can change who is served.
    timers: bool,
    /// True when the desk looks at who wrote.
    talks: bool,
    came: u64,
}

impl<'a> Driver<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        policy: &Arc<dyn AssignmentPolicy>,
        seed: u64,
        replication: u32,
        kept: Kept,
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
            front: Front::new(scenario, policy)?,
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
            going: Vec::new(),
            now: 0,
            joining: None,
            timers: talks || waits_end || !settings.breathing_gap.is_zero(),
            talks,
            came: 0,
            scenario,
        })
    }

    /// Runs to the end.
    pub(super) fn run(mut self) -> Result<(RunRecord, Option<Box<Counts>>), RunError> {
        self.begin()?;
        let mut last = None;
        loop {
            let planned = self.calendar.next();
            let due = if self.timers { self.front.next() } else { None };
            match (planned, due) {
                (_, Some(due)) if planned.is_none_or(|planned| due <= planned) => {
                    let limit = last.unwrap_or(Micros::MAX - OVERTIME) + OVERTIME;
                    if planned.is_none() && (self.open == 0 || due > limit) {
                        break;
                    }
                    self.now = self.now.max(due);
                    let outcome = self.front.due(self.now);
                    self.follow(&outcome)?;
                }
                (None, _) => break,
                (Some(_), _) => {
                    let Some((at, event)) = self.calendar.take() else { break };
                    self.now = at;
                    self.happens(event, &mut last)?;
                }
            }
            self.settle_step()?;
        }
        let until = match self.scenario.horizon {
            Horizon::Customers { .. } => last.unwrap_or(self.now),
            Horizon::Days { days } => u64::from(days) * DAY,
        };
        self.tally.end(until);
        Ok(self.tally.finish(self.now.max(until), self.policy.name(), self.draws.replication))
    }

    fn begin(&mut self) -> Result<(), RunError> {
        if let Horizon::Days { days } = self.scenario.horizon {
            self.tally.start(0);
            self.tally.end(u64::from(days) * DAY);
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
        self.settle_step()
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
            Event::Noticed { chat } => match self.holder(chat) {
                Some(agent) => self.end_chat(front::agent_session(agent), chat),
                None => Ok(()),
            },
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
        self.follow(&outcome)?;
        self.joining = Some(Chat {
            row,
            number,
            who,
            session,
            phase: Phase::Waiting,
            left: None,
            work_left: None,
            offers: 0,
            turns: 0,
        });
        let outcome = self.front.join(self.now, session, index);
        self.follow(&outcome)?;
        match (self.joining.take(), outcome.answer) {
            (None, _) => self.waits(priority),
            (Some(chat), Answer::Refused(Refusal::QueueFull { .. })) => {
                self.tally.mark(Mark::Rejected, self.now, chat.who.key, 0);
                self.tally.settle(number, CustomerRow { fate: Fate::Rejected, ..row });
                self.going.push(session);
                Ok(())
            }
            (Some(_), answer) => Err(RunError::Refused { what: "join", at: self.now, refusal: format!("{answer:?}") }),
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
        self.calendar.put(self.now.saturating_add(patience), Event::PatienceEnds { chat: number });
        // The desk knows a new customer as of medium priority.
        if priority != 1 {
            let outcome = self.front.prioritise(self.now, number, priority)?;
            self.follow(&outcome)?;
        }
        Ok(())
    }

    fn patience_ends(&mut self, number: u64) -> Result<(), RunError> {
        let Some(chat) = self.chat(number) else { return Ok(()) };
        match chat.phase {
            Phase::Held { .. } | Phase::Over => return Ok(()),
            Phase::Waiting | Phase::Offered { .. } => {}
        }
        let (session, category, who) = (chat.session, usize::from(chat.row.category), chat.who);
        if chat.turns == 0 && self.brought(category, who).is_silent() {
            let now = self.now;
            if let Some(chat) = self.chat(number) {
                chat.left = Some(now);
            }
            self.tally.mark(Mark::Left, now, number, 0);
            self.tally.waiting_changes(now, -1);
            return Ok(());
        }
        self.end_chat(session, number)
    }

    fn work_ends(&mut self, agent: u32, turn: u32) -> Result<(), RunError> {
        let bench = &mut self.agents[agent as usize].bench;
        if bench.turn != turn {
            return Ok(());
        }
        match bench.done(self.now) {
            Some(chat) => self.end_chat(front::agent_session(agent), chat),
            None => Ok(()),
        }
    }

    fn end_chat(&mut self, session: SessionId, chat: u64) -> Result<(), RunError> {
        let outcome = self.front.end(self.now, session, chat)?;
        self.follow(&outcome)
    }

    fn replies(&mut self, number: u64, turn: u32) -> Result<(), RunError> {
        let Some(agent) = self.holder(number) else { return Ok(()) };
        let Some(chat) = self.chat(number).filter(|chat| chat.turns == turn) else { return Ok(()) };
        let (customer, gone) = (chat.session, chat.left.is_some());
        let outcome = self.front.say(self.now, front::agent_session(agent), number)?;
        self.follow(&outcome)?;
        // The customer answers at once; after that the desk waits for nobody.
        if !gone {
            let outcome = self.front.say(self.now, customer, number)?;
            self.follow(&outcome)?;
        }
        Ok(())
    }

    fn answers(&mut self, number: u64, offer: u32) -> Result<(), RunError> {
        let Some(chat) = self.chat(number).filter(|chat| chat.offers == offer) else { return Ok(()) };
        let Phase::Offered { agent } = chat.phase else { return Ok(()) };
        let key = offer_key(chat.who.key, offer);
        let decline = self.scenario.groups[self.agents[agent as usize].group].decline;
        let accepts = !self.draws.stream(Purpose::Offer, key).chance(decline);
        let outcome = self.front.answer(self.now, agent, number, accepts)?;
        self.follow(&outcome)
    }

    fn duty(&mut self, agent: u32, change: u32) -> Result<(), RunError> {
        let duties = &self.duties[self.agents[agent as usize].group];
        let count = u32::try_from(duties.len()).expect("a day has few shifts");
        let (_, state) = duties[(change % count) as usize];
        let next = change + 1;
        let (at, day) = (duties[(next % count) as usize].0, u64::from(next / count));
        let goes_on = day == 0 || !self.scenario.groups[self.agents[agent as usize].group].once;
        if let Horizon::Days { days } = self.scenario.horizon
            && goes_on
            && day < u64::from(days)
        {
            self.calendar.put(day * DAY + at, Event::Duty { agent, change: next });
        }
        self.declare(agent, state)
    }

    fn declare(&mut self, agent: u32, state: AgentState) -> Result<(), RunError> {
        self.agents[agent as usize].duty = state;
        let outcome = self.front.declare(self.now, agent, state)?;
        self.follow(&outcome)
    }

    /// Takes up what the desk says has happened.
    fn follow(&mut self, outcome: &Outcome) -> Result<(), RunError> {
        for change in &outcome.changes {
            if let Change::Event(event, _) = change {
                self.fact(front::at(event.at), &event.fact)?;
            }
        }
        Ok(())
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "nothing that the simulator does follows from any other fact")]
    fn fact(&mut self, at: Micros, fact: &Fact) -> Result<(), RunError> {
        match fact {
            Fact::ChatOpened { chat, .. } => self.opened(chat.0),
            Fact::ChatAssigned { chat, agent, .. } => self.assigned(at, chat.0, agent_index(agent.0)),
            Fact::ChatOffered { chat, agent, .. } => self.offered(at, chat.0, agent_index(agent.0)),
            Fact::OfferEnded { chat, agent, how } => {
                let agent = agent_index(agent.0);
                if *how != OfferEnd::Withdrawn {
                    self.tally.refused(at, agent);
                }
                self.tally.mark(Mark::OfferEnded, at, chat.0, u64::from(agent));
                if let Some(chat) = self.chat(chat.0) {
                    chat.phase = Phase::Waiting;
                }
                Ok(())
            }
            Fact::ChatOverflowed { chat, stage } => {
                self.tally.overflowed += u32::from(self.tally.counts());
                self.tally.mark(Mark::Overflowed, at, chat.0, u64::from(*stage));
                Ok(())
            }
            Fact::ChatRequeued { chat, .. } => self.requeued(at, chat.0),
            Fact::ChatResolved { chat, .. } => self.resolved(at, chat.0),
            Fact::AgentStateChanged { agent, state, cause } => {
                let number = agent_index(agent.0);
                self.agents[number as usize].online = *state == AgentState::Online;
                self.changes(number);
                if *cause == StateCause::Missed {
                    let back = self.group(number).back_after;
                    self.calendar.put(at.saturating_add(back), Event::ComesBack { agent: number });
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn opened(&mut self, number: u64) -> Result<(), RunError> {
        let next = self.first + self.chats.len() as u64;
        let Some(chat) = self.joining.take().filter(|_| next == number) else {
            return Err(RunError::Impossible { what: "opened without being asked", chat: number, at: self.now });
        };
        self.chats.push_back(chat);
        self.open += 1;
        self.tally.waiting_changes(self.now, 1);
        Ok(())
    }

    fn assigned(&mut self, at: Micros, number: u64, agent: u32) -> Result<(), RunError> {
        let (scenario, draws) = (self.scenario, self.draws);
        let Some(chat) = self.chat(number) else {
            return Err(RunError::Impossible { what: "assigned after its end", chat: number, at });
        };
        let brought = Brought { category: &scenario.categories[usize::from(chat.row.category)], draws, who: chat.who };
        let first_reply = at.saturating_add(brought.first_reply());
        let work = chat.work_left.unwrap_or_else(|| brought.work());
        chat.work_left = Some(work);
        chat.phase = Phase::Held { agent, assigned: at, first_reply };
        chat.turns += 1;
        let (left, turn) = (chat.left, chat.turns);
        self.tally.mark(Mark::Assigned, at, number, u64::from(agent));
        self.tally.assigned(at, agent);
        let holder = &mut self.agents[agent as usize];
        holder.held += 1;
        match left {
            Some(_) => {
                let detection = brought.detection();
                self.calendar.put(at.saturating_add(detection), Event::Noticed { chat: number });
            }
            None => {
                holder.bench.begin(at, number, work);
                self.tally.waiting_changes(at, -1);
            }
        }
        if self.talks {
            self.calendar.put(first_reply, Event::Replies { chat: number, turn });
        }
        self.changes(agent);
        Ok(())
    }

    fn offered(&mut self, at: Micros, number: u64, agent: u32) -> Result<(), RunError> {
        let Some(chat) = self.chat(number) else {
            return Err(RunError::Impossible { what: "offered after its end", chat: number, at });
        };
        chat.phase = Phase::Offered { agent };
        chat.offers += 1;
        let (offer, key) = (chat.offers, chat.who.key);
        // The second number of the stream; the first says whether the answer is yes.
        let mut stream = self.draws.stream(Purpose::Offer, offer_key(key, offer));
        stream.uniform();
        let answer = self.group(agent).answer.draw(&mut stream);
        self.tally.mark(Mark::Offered, at, number, u64::from(agent));
        self.calendar.put(at.saturating_add(answer), Event::Answers { chat: number, offer });
        Ok(())
    }

    fn requeued(&mut self, at: Micros, number: u64) -> Result<(), RunError> {
        let Some(agent) = self.holder(number) else {
            return Err(RunError::Impossible { what: "requeued from nobody", chat: number, at });
        };
        let left = self.lay_down(at, agent, number);
        self.tally.mark(Mark::Requeued, at, number, u64::from(agent));
        if let Some(chat) = self.chat(number) {
            (chat.phase, chat.work_left) = (Phase::Waiting, left.or(chat.work_left));
            if chat.left.is_none() {
                self.tally.waiting_changes(at, 1);
            }
        }
        Ok(())
    }

    fn resolved(&mut self, at: Micros, number: u64) -> Result<(), RunError> {
        let Some(chat) = self.chat(number) else {
            return Err(RunError::Impossible { what: "resolved twice", chat: number, at });
        };
        let (phase, left, session, who) = (chat.phase, chat.left, chat.session, chat.who);
        let (mut row, row_number) = (chat.row, chat.number);
        chat.phase = Phase::Over;
        let category = usize::from(row.category);
        row.fate = match phase {
            Phase::Waiting | Phase::Offered { .. } => {
                if left.is_none() {
                    self.tally.waiting_changes(at, -1);
                }
                self.tally.mark(Mark::Left, at, number, 0);
                Fate::Abandoned { at: left.unwrap_or(at) }
            }
            Phase::Held { agent, assigned, first_reply } => {
                self.lay_down(at, agent, number);
                self.tally.mark(Mark::Ended, at, number, u64::from(agent));
                let wrap_up = front::micros(self.scenario.categories[category].settings.wrap_up);
                self.tally.wrap_up(at, agent, wrap_up);
                match left {
                    Some(left) => Fate::AbandonedSilently { at: left, assigned, ended: at, agent },
                    None => {
                        let work = self.brought(category, who).work();
                        Fate::Served { assigned, first_reply: first_reply.min(at), ended: at, agent, work }
                    }
                }
            }
            Phase::Over => return Err(RunError::Impossible { what: "resolved twice", chat: number, at }),
        };
        self.tally.settle(row_number, row);
        self.going.push(session);
        self.open -= 1;
        while self.chats.front().is_some_and(|chat| chat.phase == Phase::Over) {
            self.chats.pop_front();
            self.first += 1;
        }
        Ok(())
    }

    /// An agent has a chat no more; the work that is left of it.
    fn lay_down(&mut self, at: Micros, agent: u32, number: u64) -> Option<Micros> {
        let holder = &mut self.agents[agent as usize];
        holder.held -= 1;
        let left = holder.bench.stop(at, number);
        self.changes(agent);
        left
    }

    fn changes(&mut self, agent: u32) {
        let changed = &mut self.agents[agent as usize].changed;
        if !std::mem::replace(changed, true) {
            self.changed.push(agent);
        }
    }

    /// The end of a step: who has left disconnects, and agents whose work has changed know when they are next done.
    fn settle_step(&mut self) -> Result<(), RunError> {
        while let Some(session) = self.going.pop() {
            let outcome = self.front.disconnect(self.now, session)?;
            self.follow(&outcome)?;
        }
        while let Some(number) = self.changed.pop() {
            let agent = &mut self.agents[number as usize];
            agent.changed = false;
            self.tally.agent(self.now, number, agent.online, agent.held, agent.bench.rate());
            if let Some(at) = agent.bench.next() {
                self.calendar.put(at, Event::WorkEnds { agent: number, turn: agent.bench.turn });
            }
        }
        Ok(())
    }

    fn chat(&mut self, number: u64) -> Option<&mut Chat> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.chats.get_mut(index)
    }

    fn holder(&mut self, number: u64) -> Option<u32> {
        match self.chat(number)?.phase {
            Phase::Held { agent, .. } => Some(agent),
            Phase::Waiting | Phase::Offered { .. } | Phase::Over => None,
        }
    }

    fn brought(&self, category: usize, who: Newcomer) -> Brought<'a> {
        Brought { category: &self.scenario.categories[category], draws: self.draws, who }
    }

    fn group(&self, agent: u32) -> &'a AgentGroup {
        &self.scenario.groups[self.agents[agent as usize].group]
    }
}

fn agent_index(agent: u64) -> u32 {
    u32::try_from(agent - 1).expect("a scenario has few agents")
}

/// Each offer of a chat draws from a stream of its own: categories and customers leave the upper byte free.
const fn offer_key(key: u64, offer: u32) -> u64 {
    key ^ ((offer as u64) << 56)
}

/// What the shifts of a group say, over a day.
fn duties(group: &AgentGroup) -> Vec<(Micros, AgentState)> {
    let mut duties = Vec::new();
    for shift in &group.shifts {
        duties.push((shift.from, AgentState::Online));
        for (from, to) in &shift.breaks {
            duties.push((*from, AgentState::Away));
            duties.push((*to, AgentState::Online));
        }
        duties.push((shift.to, AgentState::LastCall));
    }
    duties
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
