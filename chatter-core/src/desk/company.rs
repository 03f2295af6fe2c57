//! Who types in a chat and who has it open (rows C5, C22): state that lives for seconds, and telling it.
//!
//! Nobody is told twice. Whatever may change the company of a chat notes the chat; at the end of the step, or before a
//! chat is closed as it ends, what is true is compared with what was told, and the difference goes out.

use std::collections::BTreeMap;

use super::input::Signal;
use super::state::Chat;
use super::{Action, Desk, Effect, Out, Timer, may};
use crate::protocol::{CustomerFrame, StaffFrame, TypingView, ViewerView};
use crate::{AgentId, AuthorKey, ChatId, ChatRecord, Name, Principal, SessionId, Time};

/// Who is in a chat, and what those who follow it know of that.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Company {
    /// Who types.
    pub(super) typing: BTreeMap<AuthorKey, Typist>,
    /// Who types, as it was told: customers are told by an agent's name.
    pub(super) typing_told: Vec<(AuthorKey, Option<Name>)>,
    /// Who has it open and whether they write, as staff was told.
    pub(super) viewers_told: Vec<(AgentId, bool)>,
    /// True when staff was told something that is not known any more: it is told again.
    pub(super) untold: bool,
}

/// Somebody who types.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Typist {
    /// The connection that said so last.
    pub(super) session: SessionId,
    /// When it is over unless they say so again.
    pub(super) until: Time,
}

impl Company {
    fn is_empty(&self) -> bool {
        self.typing.is_empty() && self.typing_told.is_empty() && self.viewers_told.is_empty() && !self.untold
    }
}

/// May what this person types be told? Customers and whoever takes part, while the chat is not over.
pub(super) fn may_type(who: AuthorKey, chat: &ChatRecord) -> bool {
    chat.end().is_none()
        && match who {
            AuthorKey::Customer(customer) => chat.customer == customer,
            AuthorKey::Agent(agent) => chat.agent() == Some(agent) || chat.joined.contains(&agent),
        }
}

impl Desk {
    /// Who has a chat open, in the order of their numbers, and whether they write in it: the agents who take part
    /// and follow it, and who writes in it anyway. Whoever follows it only because they may watch is not shown.
    pub(super) fn viewers(&self, chat: &Chat) -> Vec<(AgentId, bool)> {
        let mut viewers = BTreeMap::new();
        for session in &chat.staff_subscribers {
            let Some(Principal::Agent { agent, .. }) = self.state.sessions.get(session).map(|it| &it.principal) else {
                continue;
            };
            if may(&Principal::agent(*agent), Action::Subscribe, &chat.record) {
                viewers.insert(*agent, false);
            }
        }
        for who in chat.company.iter().flat_map(|company| company.typing.keys()) {
            if let AuthorKey::Agent(agent) = who {
                viewers.insert(*agent, true);
            }
        }
        viewers.into_iter().collect()
    }

    fn viewers_frame(&self, chat: ChatId, viewers: &[(AgentId, bool)]) -> StaffFrame {
        let view = |(agent, writing): &(AgentId, bool)| {
            let name = self.state.agents.get(agent)?.record.name.clone();
            Some(ViewerView { agent: *agent, name, writing: *writing })
        };
        StaffFrame::Viewers { chat, viewers: viewers.iter().filter_map(view).collect() }
    }

    /// Who has come to follow a chat learns who else has it open, unless everybody is about to be told.
    pub(super) fn tell_company_to(&self, session: SessionId, chat: ChatId, out: &mut Out) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        let viewers = self.viewers(state);
        let told = state.company.as_ref().is_some_and(|company| company.viewers_told == viewers && !company.untold);
        if told && !viewers.is_empty() && state.staff_subscribers.contains(&session) {
            let frame = self.viewers_frame(chat, &viewers);
            out.effects.push(Effect::ToStaff { to: vec![session], frame });
        }
    }

    /// Tells what has changed in the company of the chats that this step has touched.
    pub(super) fn tell_company(&mut self, out: &mut Out) {
        if self.pending.company.is_empty() {
            return;
        }
        let chats = self.pending.company.take();
        for chat in chats.iter().copied() {
            let Some(state) = self.state.chats.get(&chat) else { continue };
            if state.company.is_none() && state.staff_subscribers.is_empty() {
                continue;
            }
            let viewers = self.viewers(state);
            let nobody = Company::default();
            let company = state.company.as_deref().unwrap_or(&nobody);
            let told = company.typing_told.iter();
            let stopped: Vec<_> = told.filter(|(who, _)| !company.typing.contains_key(who)).cloned().collect();
            let news = company.untold || company.viewers_told != viewers;
            if !news && stopped.is_empty() && company.typing.len() == company.typing_told.len() {
                continue;
            }
            for (_, name) in stopped {
                self.tell_typing(chat, name, TypingView { typing: false, text: None }, out);
            }
            let to = state.staff_subscribers.to_vec();
            if news && !to.is_empty() {
                out.effects.push(Effect::ToStaff { to, frame: self.viewers_frame(chat, &viewers) });
            }
            self.signal(Signal::CompanyTold { chat }, out);
        }
        self.pending.company.give_back(chats);
    }

    /// Tells the other side that somebody types, or has stopped: an agent by that name, or the customer.
    pub(super) fn tell_typing(&self, chat: ChatId, agent: Option<Name>, typing: TypingView, out: &mut Out) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        let staff = || state.staff_subscribers.to_vec();
        let customers = || state.customer_subscribers.to_vec();
        out.effects.extend(match agent {
            None => Some(staff())
                .filter(|to| !to.is_empty())
                .map(|to| Effect::ToStaff { to, frame: StaffFrame::Typing { chat, typing } }),
            Some(agent) => Some(customers()).filter(|to| !to.is_empty()).map(|to| {
                let frame = CustomerFrame::Typing { chat, agent, typing: typing.typing };
                Effect::ToCustomers { to, frame }
            }),
        });
    }

    /// The name by which customers are told of an author.
    pub(super) fn agent_name(&self, who: AuthorKey) -> Option<Name> {
        match who {
            AuthorKey::Agent(agent) => self.state.agents.get(&agent).map(|it| it.record.name.clone()),
            AuthorKey::Customer(_) => None,
        }
    }

    /// Who types in a chat, or who has it open, may have changed: looked at when the step ends.
    pub(super) fn company_changed(&mut self, chat: ChatId) {
        // Where nobody of staff follows and nobody types, there is no company to tell and none to tell of.
        let may_matter = |it: &Chat| it.company.is_some() || !it.staff_subscribers.is_empty();
        if self.state.chats.get(&chat).is_some_and(may_matter) {
            self.pending.company.note(chat);
        }
    }

    /// The desk was loaded again under those who follow a chat: what they were told is not known.
    pub(super) fn company_unknown(&mut self, chat: ChatId) {
        if let Some(state) = self.state.chats.get_mut(&chat) {
            state.company.get_or_insert_default().untold = true;
            self.company_changed(chat);
        }
    }

    pub(super) fn company_told(&mut self, chat: ChatId) {
        let Some(state) = self.state.chats.get(&chat) else { return };
        let viewers = self.viewers(state);
        let typing = state.company.iter().flat_map(|company| company.typing.keys());
        let typing = typing.map(|who| (*who, self.agent_name(*who))).collect();
        let Some(state) = self.state.chats.get_mut(&chat) else { return };
        let company = state.company.get_or_insert_default();
        company.typing_told = typing;
        (company.viewers_told, company.untold) = (viewers, false);
        if company.is_empty() {
            state.company = None;
        }
    }

    pub(super) fn typing_changed(&mut self, at: Time, session: SessionId, chat: ChatId, typing: bool) {
        let Some(state) = self.state.sessions.get_mut(&session) else { return };
        let who = state.principal.author();
        if !typing {
            return self.stop_typing(chat, who);
        }
        state.typing_bucket.take(at, super::typing::TYPING_INTERVAL);
        state.typing.insert(chat);
        let until = at + super::typing::TYPING_LASTS;
        let Some(followed) = self.state.chats.get_mut(&chat) else { return };
        let old = followed.company.get_or_insert_default().typing.insert(who, Typist { session, until });
        if let Some(old) = old.filter(|old| old.session != session) {
            self.forget_typing(old.session, chat);
        }
        self.await_typing(chat);
    }

    /// Those who have not said so again have stopped.
    pub(super) fn typing_ran_out(&mut self, chat: ChatId) {
        let now = self.state.now;
        self.keep_typing(chat, |_, typist| typist.until > now);
    }

    /// Somebody has stopped typing in a chat, if they did.
    pub(super) fn stop_typing(&mut self, chat: ChatId, who: AuthorKey) {
        self.keep_typing(chat, |other, _| other != who);
    }

    /// Nobody types in a chat any more.
    pub(super) fn end_typing(&mut self, chat: ChatId) {
        self.keep_typing(chat, |_, _| false);
    }

    /// An agent has another name: typing that was told under the old one is over.
    pub(super) fn renamed(&mut self, agent: AgentId) {
        let sessions = self.sessions_of(agent);
        let typing = sessions.into_iter().filter_map(|session| self.state.sessions.get(&session));
        for chat in typing.flat_map(|session| session.typing.iter().copied()).collect::<Vec<_>>() {
            self.stop_typing(chat, AuthorKey::Agent(agent));
        }
    }

    /// Who takes part has changed: what the others typed is nothing to anybody.
    pub(super) fn typists_changed(&mut self, chat: ChatId) {
        if let Some(record) = self.state.chats.get(&chat).filter(|it| it.company.is_some()).map(|it| it.record.clone())
        {
            self.keep_typing(chat, |who, _| may_type(who, &record));
        }
        self.company_changed(chat);
    }

    fn keep_typing(&mut self, chat: ChatId, keep: impl Fn(AuthorKey, Typist) -> bool) {
        let Some(company) = self.state.chats.get_mut(&chat).and_then(|it| it.company.as_deref_mut()) else { return };
        let mut gone = Vec::new();
        company.typing.retain(|who, typist| {
            let kept = keep(*who, *typist);
            gone.extend((!kept).then_some(typist.session));
            kept
        });
        if gone.is_empty() {
            return;
        }
        for session in gone {
            self.forget_typing(session, chat);
        }
        self.await_typing(chat);
    }

    fn forget_typing(&mut self, session: SessionId, chat: ChatId) {
        if let Some(session) = self.state.sessions.get_mut(&session) {
            session.typing.remove(&chat);
        }
    }

    /// The deadline is that of the first whose typing will be over.
    fn await_typing(&mut self, chat: ChatId) {
        let company = self.state.chats.get(&chat).and_then(|it| it.company.as_deref());
        match company.and_then(|company| company.typing.values().map(|typist| typist.until).min()) {
            Some(until) => self.state.deadlines.put(Timer::Typing(chat), until),
            None => self.state.deadlines.cancel(Timer::Typing(chat)),
        }
        self.company_changed(chat);
    }
}
