use std::collections::{BTreeMap, BTreeSet};

use crate::desk::{Accepted, Answer, Change, Desk, Effect, Opened, Outcome, Reply, Signal, Subscribed};
use crate::protocol::{
    AgentView, AgentsOnline, Availability, CustomerChat, CustomerFrame, OfferView, PartyState, PlaceView, StaffChat,
    StaffFrame, TeamChat,
};
use crate::{
    AgentId, AuthorKey, CategoryId, ChatId, ChatStatus, Fact, Name, Permission, Principal, Priority, SessionId,
};

/// What every session has been told, held to what it was promised: entries in order without a hole, nothing
/// of chats that are not its own, and a picture that is true after every step.
#[derive(Debug, Default)]
pub(super) struct Watch {
    sessions: BTreeMap<SessionId, Seen>,
    /// Where merged chats go on.
    merged: BTreeMap<ChatId, ChatId>,
    /// Set once the desk was loaded again under the sessions: who had left may be in a new grace.
    graces_anew: bool,
}

#[derive(Debug)]
struct Seen {
    principal: Principal,
    /// Per chat that is followed, the newest number.
    position: BTreeMap<ChatId, u64>,
    customer: BTreeMap<ChatId, CustomerChat>,
    staff: BTreeMap<ChatId, StaffChat>,
    places: BTreeMap<ChatId, PlaceView>,
    agent: Option<AgentView>,
    agents: Option<AgentsOnline>,
    offers: BTreeMap<ChatId, OfferView>,
    /// Per chat, who has it open and whether they write, as staff was told last.
    viewers: BTreeMap<ChatId, Vec<(AgentId, bool)>>,
    /// The chats in which the other side types, as far as the session was told; a customer is told by whom.
    typing: BTreeSet<(ChatId, Option<Name>)>,
    team_chats: BTreeMap<ChatId, TeamChat>,
    /// Those of which it has followed the entries since it was told the state.
    heard: BTreeSet<ChatId>,
    /// What can be joined, as the session was told.
    pub(super) availability: BTreeMap<CategoryId, Availability>,
}

impl Seen {
    fn follow(&mut self, chat: ChatId, number: u64) {
        let Some(position) = self.position.get_mut(&chat) else { panic!("an entry of {chat}, which is not followed") };
        assert_eq!(number, *position + 1, "P-D5: entries of {chat} are consecutive");
        *position = number;
    }

    fn customer_chat(&mut self, chat: &CustomerChat) {
        if chat.status != ChatStatus::Open {
            self.places.remove(&chat.chat);
        }
        if chat.status == ChatStatus::Closed {
            self.position.remove(&chat.chat);
            self.customer.remove(&chat.chat);
        } else {
            self.customer.insert(chat.chat, chat.clone());
        }
    }

    fn team_chat(&mut self, team_chat: &TeamChat) {
        self.heard.remove(&team_chat.chat);
        self.team_chats.insert(team_chat.chat, team_chat.clone());
    }

    fn types(&mut self, who: (ChatId, Option<Name>), typing: bool) {
        if typing {
            self.typing.insert(who);
        } else {
            self.typing.remove(&who);
        }
    }

    fn staff_chat(&mut self, chat: &StaffChat) {
        let Principal::Agent { agent, permissions } = self.principal else { panic!("a staff frame to a customer") };
        let part = chat.agent.is_none_or(|holder| holder == agent) || chat.joined.contains(&agent);
        assert!(part || permissions.has(Permission::Watch), "a chat of {:?} told to {agent}", chat.agent);
        self.staff.insert(chat.chat, chat.clone());
    }
}

impl Watch {
    /// Takes what a step sent. `asker` gets the answer.
    pub(super) fn take(&mut self, asker: Option<SessionId>, outcome: &Outcome) {
        for change in &outcome.changes {
            if let Change::Event(event, _) = change
                && let Fact::ChatMerged { chat, into, .. } = event.fact
            {
                self.merged.insert(chat, into);
            }
            if let Change::Signal(Signal::SessionOpened { session, principal, .. }) = change {
                let seen = Seen {
                    principal: principal.clone(),
                    position: BTreeMap::new(),
                    customer: BTreeMap::new(),
                    staff: BTreeMap::new(),
                    places: BTreeMap::new(),
                    agent: None,
                    agents: None,
                    offers: BTreeMap::new(),
                    viewers: BTreeMap::new(),
                    typing: BTreeSet::new(),
                    team_chats: BTreeMap::new(),
                    heard: BTreeSet::new(),
                    availability: BTreeMap::new(),
                };
                self.sessions.insert(*session, seen);
            }
        }
        let (before, after) = outcome.effects.split_at(outcome.answer_at);
        self.effects(before);
        if let (Some(asker), Answer::Reply(reply)) = (asker, &outcome.answer) {
            self.reply(asker, reply);
        }
        self.effects(after);
        for change in &outcome.changes {
            match change {
                Change::Signal(Signal::SessionClosed { session, .. }) => drop(self.sessions.remove(session)),
                Change::Signal(Signal::AllSessionsLost { .. }) => self.sessions.clear(),
                Change::Signal(Signal::Unsubscribed { session, chat }) => {
                    if let Some(seen) = self.sessions.get_mut(session) {
                        seen.position.remove(chat);
                        seen.heard.insert(*chat);
                    }
                }
                Change::Signal(_) | Change::Event(..) => {}
            }
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self { merged: std::mem::take(&mut self.merged), ..Self::default() };
    }

    /// The desk was loaded again: graces begin anew, and it does not know what places it has told.
    pub(super) fn reloaded(&mut self) {
        self.graces_anew = true;
        self.sessions.values_mut().for_each(|seen| {
            seen.places.clear();
            // A client lets typing that it hears no more of lapse by itself.
            seen.typing.clear();
        });
    }

    #[expect(clippy::too_many_lines, reason = "one arm a kind")]
    fn reply(&mut self, asker: SessionId, reply: &Reply) {
        let Some(seen) = self.sessions.get_mut(&asker) else { return };
        match reply {
            Reply::Opened(opened) => match &**opened {
                Opened::Customer { chats, categories, .. } => {
                    chats.iter().for_each(|chat| seen.customer_chat(chat));
                    seen.availability.extend(categories.iter().map(|it| (it.category, it.availability)));
                }
                Opened::Agent { agent, chats, agents, offers, team_chats, .. } => {
                    seen.offers = offers.iter().map(|offer| (offer.chat, offer.clone())).collect();
                    seen.team_chats = team_chats.iter().map(|it| (it.chat, it.clone())).collect();
                    (seen.agent, seen.agents) = (Some(agent.clone()), Some(agents.clone()));
                    chats.iter().for_each(|chat| seen.staff_chat(chat));
                }
            },
            Reply::Queued { chat, existing, place } => {
                seen.customer_chat(chat);
                if !existing {
                    seen.position.insert(chat.chat, 0);
                }
                seen.places.extend(place.map(|place| (chat.chat, place)));
            }
            Reply::Place { chat, place } => {
                seen.places.insert(*chat, *place);
            }
            Reply::Subscribed(subscribed) => {
                let (chat, up_to, closed) = match &**subscribed {
                    Subscribed::Customer { up_to, chat } => {
                        seen.customer_chat(chat);
                        (chat.chat, up_to.0, chat.status == ChatStatus::Closed)
                    }
                    Subscribed::Staff { up_to, chat } if chat.status == ChatStatus::Closed => {
                        (chat.chat, up_to.0, true)
                    }
                    Subscribed::Staff { up_to, chat } => {
                        seen.staff_chat(chat);
                        (chat.chat, up_to.0, false)
                    }
                    Subscribed::Team { up_to, team_chat } => {
                        seen.team_chat(team_chat);
                        (team_chat.chat, up_to.0, false)
                    }
                };
                seen.viewers.remove(&chat);
                seen.typing.retain(|(of, _)| *of != chat);
                if !closed {
                    let old = seen.position.insert(chat, up_to);
                    assert!(old.is_none_or(|old| old == up_to), "who follows {chat} has everything up to now");
                }
            }
            Reply::Accepted(Accepted { chat, seq, public_seq, duplicate: false, .. }) => {
                let number = match seen.principal {
                    Principal::Customer { .. } => public_seq.expect("a customer writes in public").0,
                    Principal::Agent { .. } => seq.0,
                };
                if seen.position.contains_key(chat) {
                    seen.follow(*chat, number);
                }
            }
            Reply::TeamChat(team_chat) => {
                seen.team_chat(team_chat);
            }
            Reply::Accepted(_)
            | Reply::Done
            | Reply::Started { .. }
            | Reply::MayRead { .. }
            | Reply::Queue { .. }
            | Reply::Team(_)
            | Reply::ChatExplained(_)
            | Reply::AgentExplained(_)
            | Reply::Roster { .. } => {}
        }
    }

    fn effects(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::ToCustomers { to, frame } => {
                    to.iter().for_each(|session| self.customer_frame(*session, frame));
                }
                Effect::ToStaff { to, frame } => to.iter().for_each(|session| self.staff_frame(*session, frame)),
                Effect::GiveCustomerToken { .. } | Effect::Close { .. } => {}
            }
        }
    }

    fn customer_frame(&mut self, session: SessionId, frame: &CustomerFrame) {
        let merged = &self.merged;
        let seen = self.sessions.get_mut(&session).expect("frames go to sessions that are open");
        let Principal::Customer { chat: scope, .. } = seen.principal else { panic!("a customer's frame to staff") };
        let goes_on = |scope| std::iter::successors(Some(scope), |at| merged.get(at).copied());
        let in_scope = |chat| scope.is_none_or(|scope| goes_on(scope).any(|at| at == chat));
        let own = |chat: ChatId| assert!(in_scope(chat), "{session} may see {chat}");
        match frame {
            CustomerFrame::Chat { chat } => {
                own(chat.chat);
                seen.customer_chat(chat);
            }
            CustomerFrame::Entry { chat, entry, .. } => {
                own(*chat);
                seen.follow(*chat, entry.public_seq.0);
            }
            CustomerFrame::Place { chat, place, .. } => {
                own(*chat);
                let old = seen.places.insert(*chat, *place);
                let rose = old.is_some_and(|old| old.place < place.place);
                assert!(!rose || place.moved_back, "rule 12: who is moved back is told so");
            }
            CustomerFrame::Presence { chat, agent } => {
                own(*chat);
                let known = seen.customer.get_mut(chat).expect("presence in a known chat");
                known.agent_presence = Some(*agent);
            }
            CustomerFrame::Availability { categories } => {
                seen.availability.extend(categories.iter().map(|it| (it.category, it.availability)));
            }
            CustomerFrame::Typing { chat, agent, typing } => {
                own(*chat);
                assert!(seen.position.contains_key(chat), "typing is told to those who follow {chat}");
                seen.types((*chat, Some(agent.clone())), *typing);
            }
            other => panic!("the desk does not make {other:?}"),
        }
    }

    fn staff_frame(&mut self, session: SessionId, frame: &StaffFrame) {
        let seen = self.sessions.get_mut(&session).expect("frames go to sessions that are open");
        match frame {
            StaffFrame::Chat { chat } => seen.staff_chat(chat),
            StaffFrame::Entry { chat, entry, .. } => seen.follow(*chat, entry.seq.0),
            StaffFrame::ChatGone { chat } => {
                seen.position.remove(chat);
                seen.staff.remove(chat);
                seen.viewers.remove(chat);
                seen.typing.retain(|(of, _)| of != chat);
            }
            StaffFrame::Presence { chat, customer } => {
                seen.staff.get_mut(chat).expect("presence in a known chat").customer_presence = *customer;
            }
            StaffFrame::Agent { agent } => seen.agent = Some(agent.clone()),
            StaffFrame::Offer { offer } => {
                let old = seen.offers.insert(offer.chat, offer.clone());
                let again = old.is_some_and(|old| old == *offer);
                assert!(
                    !again || self.graces_anew,
                    "rule 7: {} is offered once at a time, and shown again when it changed",
                    offer.chat
                );
            }
            StaffFrame::OfferGone { chat, .. } => {
                assert!(seen.offers.remove(chat).is_some(), "rule 7: an offer ends exactly once");
            }
            StaffFrame::TeamChat { team_chat, .. } => {
                seen.team_chat(team_chat);
            }
            StaffFrame::TransferFailed { chat, .. } => {
                assert!(seen.staff.contains_key(chat), "the holder of {chat} is told");
            }
            StaffFrame::Viewers { chat, viewers } => {
                assert!(seen.position.contains_key(chat), "who follows {chat} is told");
                let told: Vec<_> = viewers.iter().map(|viewer| (viewer.agent, viewer.writing)).collect();
                assert!(self.graces_anew || seen.viewers.get(chat) != Some(&told), "C22: nobody is told twice");
                seen.viewers.insert(*chat, told);
            }
            StaffFrame::Typing { chat, typing } => {
                assert!(seen.position.contains_key(chat), "who follows {chat} is told");
                assert!(typing.typing || typing.text.is_none(), "who has stopped has no words");
                seen.types((*chat, None), typing.typing);
            }
            StaffFrame::Agents { agents } => seen.agents = Some(agents.clone()),
            other => panic!("the desk does not make {other:?}"),
        }
    }

    /// Every session's picture is true now.
    pub(super) fn check(&self, desk: &Desk) {
        assert!(self.sessions.keys().copied().eq(desk.state.sessions.keys()), "the same sessions");
        for (number, seen) in &self.sessions {
            let session = &desk.state.sessions[number];
            assert!(seen.position.keys().eq(&session.subscriptions), "{number} knows what it follows");
            match seen.principal {
                Principal::Customer { .. } => {
                    check_company(desk, seen);
                    check_customer(desk, *number, seen);
                }
                Principal::Agent { agent, .. } => {
                    assert_eq!(seen.agent, Some(desk.agent_view(agent)), "agents know themselves");
                    let offers = desk.offers_of(agent).into_iter().map(|offer| (offer.chat, plain_offer(offer)));
                    let told = seen.offers.values().map(|offer| (offer.chat, plain_offer(offer.clone())));
                    assert_eq!(
                        told.collect::<BTreeMap<_, _>>(),
                        offers.collect(),
                        "B7: offers told to {agent} are true"
                    );
                    check_teams(desk, agent, seen);
                    check_company(desk, seen);
                    for chat in desk.chats_of(agent).chain(desk.chats_joined_by(agent)) {
                        let told = seen.staff.get(&chat.record.chat).expect("A holder knows what they hold");
                        let truth = desk.staff_chat(chat);
                        let plain = |chat| plain_staff(chat, self.graces_anew);
                        assert_eq!(plain(told), plain(&truth), "C6, C13, C24: staff's picture is true");
                    }
                }
            }
        }
    }

    /// Once pushes have come, every place and number that was told is true. Estimates change by themselves.
    pub(super) fn check_pushed(&self, desk: &Desk) {
        for (number, seen) in &self.sessions {
            match seen.principal {
                Principal::Agent { .. } => {
                    assert_eq!(seen.agents, Some(desk.agents_online()), "A6: numbers told to {number} are true");
                }
                Principal::Customer { .. } => {
                    if desk.state.lobby.sessions.contains_key(number) {
                        let truth = desk.state.categories.keys().map(|it| (it, desk.availability(it)));
                        assert_eq!(seen.availability, truth.collect(), "rule 11: what {number} may join is true");
                    }
                    for chat in seen.customer.keys() {
                        let state = &desk.state.chats[chat];
                        if state.spot.is_some() {
                            let told = seen.places.get(chat).expect("B5: who waits knows the place");
                            let truth = desk.place_view(desk.now(), state);
                            assert_eq!((told.place, told.ahead), (truth.place, truth.ahead), "B5: places are true");
                            assert_eq!(told.agents_online, truth.agents_online, "B5: agents online is true");
                        }
                    }
                }
            }
        }
    }
}

/// Members know their conversations, and who does not follow one is told all of its state. Names are told with the
/// next state.
fn check_teams(desk: &Desk, agent: AgentId, seen: &Seen) {
    let truth = desk.team_chats_of(agent);
    assert!(truth.iter().map(|team| team.chat).eq(seen.team_chats.keys().copied()), "C15: {agent} knows them all");
    for team in truth {
        let followed = seen.position.contains_key(&team.chat) || seen.heard.contains(&team.chat);
        let plain = |team: &TeamChat| {
            let members = team.members.iter().map(|member| (member.agent, member.receipts)).collect::<Vec<_>>();
            let of_entries = (team.unread, team.last_message.clone(), team.last_seq, team.updated_at);
            (team.created_at, members, Some(of_entries).filter(|_| !followed))
        };
        assert_eq!(plain(&seen.team_chats[&team.chat]), plain(&team), "C15: what {agent} is told is true");
    }
}

/// C5, C22: nobody is shown as typing who does not, and staff knows who has a chat open that it follows.
fn check_company(desk: &Desk, seen: &Seen) {
    for (chat, who) in &seen.typing {
        if !seen.position.contains_key(chat) {
            continue;
        }
        let company = desk.state.chats[chat].company.as_ref().expect("somebody types");
        let types = |author: &AuthorKey| match (author, who) {
            (AuthorKey::Customer(_), None) => true,
            (AuthorKey::Agent(agent), Some(name)) => desk.state.agents[agent].record.name == *name,
            (AuthorKey::Customer(_), Some(_)) | (AuthorKey::Agent(_), None) => false,
        };
        assert!(company.typing.keys().any(types), "C5: {who:?} does not type in {chat}");
    }
    if matches!(seen.principal, Principal::Agent { .. }) {
        for chat in seen.position.keys() {
            let Some(state) = desk.state.chats.get(chat) else { continue };
            let told = seen.viewers.get(chat).cloned().unwrap_or_default();
            assert_eq!(told, desk.viewers(state), "C22: who has {chat} open is known");
        }
    }
}

fn check_customer(desk: &Desk, number: SessionId, seen: &Seen) {
    for (chat, state) in desk.state.chats.iter() {
        if !crate::desk::authority::knows(&seen.principal, &state.record) {
            assert!(!seen.customer.contains_key(&chat), "{number} knows nothing of {chat}");
            continue;
        }
        let told = seen.customer.get(&chat).expect("customers know their chats");
        assert_eq!(plain_customer(told), plain_customer(&desk.customer_chat(state)), "C6, C13, C24: it is true");
    }
}

/// Without what a reload renews, and what may be set while the offer stands: it tells what was so when it was made.
fn plain_offer(offer: OfferView) -> OfferView {
    OfferView { until: crate::Time(0), subject: None, priority: Priority::Medium, ..offer }
}

/// Without what follows from the entries, which a session may not follow.
fn plain_customer(chat: &CustomerChat) -> CustomerChat {
    let plain = CustomerChat { unread: 0, last_message: None, updated_at: chat.created_at, ..chat.clone() };
    CustomerChat { last_public_seq: crate::PublicSeq(0), ..plain }
}

fn plain_staff(chat: &StaffChat, graces_anew: bool) -> StaffChat {
    let customer_presence = match chat.customer_presence {
        PartyState::ConnectionLost if graces_anew => PartyState::Left,
        presence => presence,
    };
    let plain = StaffChat { unread: 0, last_message: None, updated_at: chat.created_at, ..chat.clone() };
    StaffChat { last_seq: crate::Seq(0), customer_presence, ..plain }
}
