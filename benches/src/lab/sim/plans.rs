//! What was planned happens: patience and work end, agents answer, write, come and go.

use chatter_core::{AgentState, SessionId};

use super::RunError;
use super::calendar::Event;
use super::customers::nth_key;
use super::driver::Driver;
use super::front;
use super::people::Phase;
use super::tally::Mark;
use crate::lab::random::Purpose;
use crate::lab::scenario::{DAY, Horizon};

impl Driver<'_> {
    pub(super) fn patience_ends(&mut self, number: u64) -> Result<(), RunError> {
        let now = self.now;
        let Some(chat) = self.chat(number) else { return Ok(()) };
        match chat.phase {
            Phase::Held { .. } | Phase::Over => return Ok(()),
            // It stood still while an agent had the chat, and ends later.
            Phase::Waiting | Phase::Offered { .. } if chat.leaves.is_none_or(|leaves| leaves > now) => return Ok(()),
            Phase::Waiting | Phase::Offered { .. } => {}
        }
        let (session, category, who) = (chat.session, usize::from(chat.row.category), chat.who);
        if chat.turns == 0 && self.brought(category, who).is_silent() {
            if let Some(chat) = self.chat(number) {
                chat.left = Some(now);
            }
            self.tally.mark(Mark::Left, now, number, 0);
            self.tally.waiting_changes(now, -1);
            return Ok(());
        }
        self.end_chat(session, number)
    }

    pub(super) fn work_ends(&mut self, agent: u32, turn: u32) -> Result<(), RunError> {
        let bench = &mut self.agents[agent as usize].bench;
        if bench.turn != turn {
            return Ok(());
        }
        match bench.done(self.now) {
            Some(chat) => self.end_chat(front::agent_session(agent), chat),
            None => Ok(()),
        }
    }

    pub(super) fn end_chat(&mut self, session: SessionId, chat: u64) -> Result<(), RunError> {
        let outcome = self.front.end(self.now, session, chat)?;
        self.follow(outcome)
    }

    pub(super) fn noticed(&mut self, number: u64, turn: u32) -> Result<(), RunError> {
        let Some(agent) = self.holder(number) else { return Ok(()) };
        match self.chat(number) {
            Some(chat) if chat.turns == turn => self.end_chat(front::agent_session(agent), number),
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn replies(&mut self, number: u64, turn: u32) -> Result<(), RunError> {
        let Some(agent) = self.holder(number) else { return Ok(()) };
        let Some(chat) = self.chat(number).filter(|chat| chat.turns == turn) else { return Ok(()) };
        let (customer, gone) = (chat.session, chat.left.is_some());
        let outcome = self.front.say(self.now, front::agent_session(agent), number)?;
        self.follow(outcome)?;
        // The customer answers at once; after that the desk waits for nobody.
        if !gone {
            let outcome = self.front.say(self.now, customer, number)?;
            self.follow(outcome)?;
        }
        Ok(())
    }

    pub(super) fn answers(&mut self, number: u64, offer: u32) -> Result<(), RunError> {
        let Some(chat) = self.chat(number).filter(|chat| chat.offers == offer) else { return Ok(()) };
        let Phase::Offered { agent } = chat.phase else { return Ok(()) };
        let key = nth_key(chat.who.key, offer);
        let decline = self.scenario.groups[self.agents[agent as usize].group].decline;
        let accepts = !self.draws.stream(Purpose::Offer, key).chance(decline);
        let outcome = self.front.answer(self.now, agent, number, accepts)?;
        self.follow(outcome)
    }

    pub(super) fn duty(&mut self, agent: u32, change: u32) -> Result<(), RunError> {
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

    pub(super) fn declare(&mut self, agent: u32, state: AgentState) -> Result<(), RunError> {
        self.agents[agent as usize].duty = state;
        let outcome = self.front.declare(self.now, agent, state)?;
        self.follow(outcome)
    }
}
