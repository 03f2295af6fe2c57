//! What follows from what the desk says has happened.

use chatter_core::desk::{Change, Outcome};
use chatter_core::{AgentState, Fact, OfferEnd, StateCause};

use super::RunError;
use super::calendar::Event;
use super::customers::{Brought, nth_key};
use super::driver::Driver;
use super::front;
use super::people::{Earlier, Phase};
use super::tally::Mark;
use crate::lab::random::Purpose;
use crate::lab::record::{Fate, Micros};

impl Driver<'_> {
    /// Takes up what the desk says has happened.
    pub(super) fn follow(&mut self, outcome: Outcome) -> Result<(), RunError> {
        for change in &outcome.changes {
            if let Change::Event(event, _) = change {
                self.fact(front::at(event.at), &event.fact)?;
            }
        }
        self.front.done(outcome);
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
        let newest = self.first + self.chats.len() as u64 - 1;
        if !std::mem::take(&mut self.joining) || newest != number {
            return Err(RunError::Impossible { what: "opened without being asked", chat: number, at: self.now });
        }
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
        let first_reply = at.saturating_add(brought.first_reply(chat.turns));
        let (_, work) = *chat.work.get_or_insert_with(|| {
            let work = brought.work();
            (work, work)
        });
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
                self.calendar.put(at.saturating_add(detection), Event::Noticed { chat: number, turn });
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
        let mut stream = self.draws.stream(Purpose::Offer, nth_key(key, offer));
        stream.uniform();
        let group = self.group(agent);
        let answer = group.answer.draw(&mut stream);
        let missed = group.misses > 0.0 && stream.chance(group.misses);
        self.tally.mark(Mark::Offered, at, number, u64::from(agent));
        if !missed {
            self.calendar.put(at.saturating_add(answer), Event::Answers { chat: number, offer });
        }
        Ok(())
    }

    fn requeued(&mut self, at: Micros, number: u64) -> Result<(), RunError> {
        let impossible = RunError::Impossible { what: "requeued from nobody", chat: number, at };
        let (scenario, draws) = (self.scenario, self.draws);
        let Some(chat) = self.chat(number) else { return Err(impossible) };
        let Phase::Held { agent, assigned, first_reply } = chat.phase else { return Err(impossible) };
        chat.phase = Phase::Waiting;
        chat.earlier = Some(Earlier::with(chat.earlier, (agent, assigned, first_reply), at));
        let stays = chat.left.is_none();
        if stays {
            let brought =
                Brought { category: &scenario.categories[usize::from(chat.row.category)], draws, who: chat.who };
            // Patience is for waiting: what was left of it at the assignment goes on from here.
            let rest = chat.leaves.map_or_else(|| brought.patience(), |leaves| leaves.saturating_sub(assigned));
            let leaves = at.saturating_add(rest);
            chat.leaves = Some(leaves);
            self.calendar.put(leaves, Event::PatienceEnds { chat: number });
            self.tally.waiting_changes(at, 1);
        }
        self.tally.mark(Mark::Requeued, at, number, u64::from(agent));
        let left = self.lay_down(at, agent, number);
        if let Some(chat) = self.chat(number)
            && let (Some((_, rest)), Some(left)) = (&mut chat.work, left)
        {
            *rest = left;
        }
        Ok(())
    }

    fn resolved(&mut self, at: Micros, number: u64) -> Result<(), RunError> {
        let Some(chat) = self.chat(number) else {
            return Err(RunError::Impossible { what: "resolved twice", chat: number, at });
        };
        let (phase, left, session, earlier) = (chat.phase, chat.left, chat.session, chat.earlier);
        let work = chat.work.map_or(0, |(brought, _)| brought);
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
                let all = Earlier::with(earlier, (agent, assigned, first_reply), at);
                let Earlier { assigned, agent, handled, replied } = all;
                match left {
                    Some(left) => Fate::AbandonedSilently { at: left, assigned, ended: at, agent, handled },
                    None => {
                        let first_reply = replied.unwrap_or(at);
                        Fate::Served { assigned, first_reply, ended: at, agent, handled, work }
                    }
                }
            }
            Phase::Over => return Err(RunError::Impossible { what: "resolved twice", chat: number, at }),
        };
        self.tally.settle(row_number, row);
        self.front.leave(session);
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
}

fn agent_index(agent: u64) -> u32 {
    u32::try_from(agent - 1).expect("a scenario has few agents")
}
