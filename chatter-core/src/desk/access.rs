//! Who may see what: places, tokens, subscriptions, history. None of it changes a chat.

use super::input::Signal;
use super::{Action, Desk, Facts, Lookup, Opened, Out, Reply, Stop, Subscribed, may};
use crate::{ChatId, ChatRecord, Principal, Refusal, SessionId, Time};

impl Desk {
    /// Denies by the least that may be told: someone who may not know of the chat learns nothing.
    pub(super) fn authorize(&self, principal: &Principal, action: Action, record: &ChatRecord) -> Result<(), Refusal> {
        let chat = record.chat;
        if may(principal, action, record) {
            Ok(())
        } else if !super::authority::knows(principal, record) {
            Err(Refusal::UnknownChat { chat })
        } else if matches!(principal, Principal::Agent { .. }) {
            Err(Refusal::NotYourChat { chat })
        } else {
            Err(Refusal::NotAllowed)
        }
    }

    /// The open chat that a person may act on in this way. A closed one is refused as closed to whoever may
    /// read it.
    pub(super) fn open_chat(
        &self,
        principal: &Principal,
        action: Action,
        chat: ChatId,
        facts: Option<&Facts>,
    ) -> Result<&super::state::Chat, Stop> {
        if let Some(state) = self.state.chats.get(&chat) {
            self.authorize(principal, action, &state.record)?;
            return Ok(state);
        }
        self.closed_chat(principal, chat, facts)?;
        Err(Refusal::ChatClosed { chat }.into())
    }

    pub(super) fn queue_status(
        &mut self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        let status = self.open_chat(principal, Action::Stand, chat, facts)?.record.status();
        let place = self.place_for_asker(now, chat, out);
        Ok(Reply::Place { chat, place: place.ok_or(Refusal::NotWaiting { chat, status })? })
    }

    /// The customer token, once an agent holds the chat.
    pub(super) fn start_chat(
        &self,
        now: Time,
        principal: &Principal,
        chat: ChatId,
        facts: Option<&Facts>,
    ) -> Result<Reply, Stop> {
        let state = self.open_chat(principal, Action::Stand, chat, facts)?;
        if state.spot.is_some() {
            let place = self.place_view(now, state).place;
            return Err(Refusal::StillWaiting { chat, place }.into());
        }
        if state.record.end().is_some() {
            return Err(Refusal::ChatResolved { chat }.into());
        }
        Ok(Reply::Started { chat, name: state.record.customer_name.clone() })
    }

    pub(super) fn subscribe(
        &mut self,
        session: SessionId,
        principal: &Principal,
        chat: ChatId,
        facts: Option<&Facts>,
        out: &mut Out,
    ) -> Result<Reply, Stop> {
        if !self.state.chats.contains_key(&chat) {
            // The transcript of a closed chat is complete, so following it is reading it.
            let mut closed = super::state::Chat::new(self.closed_chat(principal, chat, facts)?.clone());
            closed.customer_sessions = self.sessions_that_see(&closed.record);
            return Ok(self.subscribed_view(principal, &closed));
        }
        self.open_chat(principal, Action::Subscribe, chat, facts)?;
        self.signal(Signal::Subscribed { session, chat }, out);
        self.tell_company_to(session, chat, out);
        let state = self.state.chats.get(&chat).ok_or(Refusal::Internal)?;
        Ok(self.subscribed_view(principal, state))
    }

    fn subscribed_view(&self, principal: &Principal, state: &super::state::Chat) -> Reply {
        Reply::Subscribed(Box::new(match principal {
            Principal::Customer { .. } => {
                Subscribed::Customer { up_to: state.record.last_public_seq, chat: self.customer_chat(state) }
            }
            Principal::Agent { .. } => {
                Subscribed::Staff { up_to: state.record.last_seq, chat: Box::new(self.staff_chat(state)) }
            }
        }))
    }

    pub(super) fn may_read(&self, principal: &Principal, chat: ChatId, facts: Option<&Facts>) -> Result<Reply, Stop> {
        if self.state.chats.contains_key(&chat) {
            self.open_chat(principal, Action::Read, chat, facts)?;
        } else {
            self.closed_chat(principal, chat, facts)?;
        }
        Ok(Reply::MayRead { chat })
    }

    /// The record, out of the facts, of a chat that is not in memory and that a person may read.
    pub(super) fn closed_chat<'a>(
        &self,
        principal: &Principal,
        chat: ChatId,
        facts: Option<&'a Facts>,
    ) -> Result<&'a ChatRecord, Stop> {
        if chat.0 == 0 || chat > self.state.last_chat {
            return Err(Refusal::UnknownChat { chat }.into());
        }
        let facts = facts.ok_or(Stop::Lookup(Lookup::Chat { chat, dedupe: None }))?;
        let record = facts.chat.as_ref().ok_or(Refusal::UnknownChat { chat })?;
        self.authorize(principal, Action::Read, record)?;
        Ok(record)
    }

    /// What a new session is told first.
    pub(super) fn opened(&self, now: Time, principal: &Principal) -> Opened {
        let categories = self.category_views();
        match *principal {
            Principal::Customer { customer, chat: scope } => {
                let chats = self.state.customers.get(&customer).map(|customer| &customer.chats);
                let open = chats.into_iter().flatten().filter_map(|chat| self.state.chats.get(chat));
                let visible = open.filter(|chat| super::authority::in_scope(scope, &chat.record));
                let views = visible.map(|chat| self.customer_chat(chat));
                Opened::Customer { now, customer, categories, chats: views.collect() }
            }
            Principal::Agent { agent, permissions } => Opened::Agent {
                now,
                categories,
                permissions,
                offers: self.offers_of(agent),
                team_chats: self.team_chats_of(agent),
                agent: self.agent_view(agent),
                chats: self
                    .chats_of(agent)
                    .chain(self.chats_joined_by(agent))
                    .map(|chat| self.staff_chat(chat))
                    .collect(),
                agents: self.agents_online(),
            },
        }
    }
}
