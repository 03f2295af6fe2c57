//! Letting out what has become durable: answers and effects, in order, one send per connection.

use std::sync::Arc;

use super::answer::{customer_answer, customer_ready, staff_answer, staff_ready};
use super::envelope::{Answered, ReplyTo};
use super::link::{Link, Parcel};
use super::task::Task;
use crate::desk::{Effect, LiveSession, Outcome, Reply, SessionChange, Subscribed};
use crate::protocol::{CustomerFrame, Framed, StaffFrame};
use crate::{ChatId, CloseReason, CustomerId, Handed, Name, SessionId};

/// An outcome that waits for its changes to become durable.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) effects: Vec<Effect>,
    pub(super) answer: Answered,
    pub(super) answer_at: usize,
    pub(super) reply: ReplyTo,
    pub(super) permit: Option<tokio::sync::OwnedSemaphorePermit>,
    pub(super) sessions: Vec<SessionChange>,
    /// The policy that was put in the place of the desk's own.
    pub(super) policy: Option<Name>,
}

impl Held {
    pub(super) fn new(
        outcome: Outcome,
        answer: Answered,
        reply: ReplyTo,
        permit: Option<tokio::sync::OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            effects: outcome.effects,
            answer,
            answer_at: outcome.answer_at,
            reply,
            permit,
            sessions: outcome.sessions,
            policy: None,
        }
    }

    /// An answer that comes without anything else.
    pub(super) const fn answer_only(
        answer: Answered,
        reply: ReplyTo,
        permit: Option<tokio::sync::OwnedSemaphorePermit>,
    ) -> Self {
        Self { effects: Vec::new(), answer, answer_at: 0, reply, permit, sessions: Vec::new(), policy: None }
    }

    /// True when letting it out does nothing.
    pub(super) fn is_nothing(&self) -> bool {
        self.effects.is_empty() && self.sessions.is_empty() && matches!(self.reply, ReplyTo::Nobody)
    }
}

/// What one release does to one connection, in order.
enum Op {
    Customer(Parcel<CustomerFrame>),
    Staff(Parcel<StaffFrame>),
    Hold(ChatId),
    Close(CloseReason),
}

#[derive(Default)]
struct Ops {
    /// In the order in which they came about.
    all: Vec<(SessionId, Op)>,
    tokens: Vec<Token>,
}

/// What one session is handed next; emptied and used again for the session after it.
#[derive(Default)]
struct Parcels {
    customer: Vec<Parcel<CustomerFrame>>,
    staff: Vec<Parcel<StaffFrame>>,
}

/// A customer token to sign and give.
struct Token {
    to: Vec<SessionId>,
    customer: CustomerId,
    chat: ChatId,
    name: Name,
}

impl Ops {
    fn push(&mut self, session: SessionId, op: Op) {
        self.all.push((session, op));
    }
}

impl Task {
    /// Lets out a batch's outcomes: nothing before this call has left the engine.
    pub(super) fn release(&mut self, held: Vec<Held>) {
        let mut ops = Ops::default();
        let mut waiting = Vec::new();
        for mut outcome in held {
            let after = outcome.effects.split_off(outcome.answer_at.min(outcome.effects.len()));
            for effect in outcome.effects {
                self.effect(effect, &mut ops);
            }
            self.answer(outcome.reply, outcome.answer, &mut ops, &mut waiting);
            for effect in after {
                self.effect(effect, &mut ops);
            }
            self.tell_sessions(outcome.sessions);
            self.keep_policy(outcome.policy);
            drop(outcome.permit);
        }
        // What concerns one session stays in order.
        ops.all.sort_by_key(|(session, _)| *session);
        let mut all = ops.all.into_iter().peekable();
        let mut parcels = Parcels::default();
        while let Some(session) = all.peek().map(|(session, _)| *session) {
            let of_session = std::iter::from_fn(|| Some(all.next_if(|(next, _)| *next == session)?.1));
            self.carry_out(session, of_session, &mut parcels);
        }
        for token in ops.tokens {
            self.give_token(token);
        }
        // Told last: whoever waits may use the connection at once, and finds it in order.
        for (sender, answer) in waiting {
            // A receiver that has gone away does not need the answer.
            let _ = sender.send(answer);
        }
    }

    /// Keeps what clients go by: the sessions, and the chats they follow, as they have been told.
    fn tell_sessions(&mut self, changes: Vec<SessionChange>) {
        for change in changes {
            match change {
                SessionChange::Opened { session, principal } => {
                    self.told.insert(session, LiveSession::new(session, principal));
                }
                SessionChange::Closed { session } => {
                    self.told.remove(&session);
                }
                SessionChange::Follows { session, chat } => {
                    self.told.entry(session).and_modify(|session| session.follow(chat));
                }
                SessionChange::Leaves { session, chat } => {
                    self.told.entry(session).and_modify(|session| session.leave(chat));
                }
            }
        }
    }

    /// A policy that was swapped, and said to be, is that of every desk that is loaded from now on.
    fn keep_policy(&mut self, swapped: Option<Name>) {
        if let Some(policies) = swapped.and_then(|name| self.policies.clone().with_desk(name.as_str())) {
            self.policies = policies;
        }
    }

    /// Signs a token beside the engine, whose work that is not. It is about the chat, so it waits for the
    /// page like everything else. One that does not come can be asked for with `start_chat`.
    fn give_token(&self, token: Token) {
        let Token { to, customer, chat, name } = token;
        for session in to {
            let Some(Link::Customer(pipe, gatekeeper)) = self.links.get(&session).cloned() else { continue };
            let (name, fence) = (name.clone(), self.shared.fence);
            tokio::spawn(async move {
                if let Some(customer_token) = gatekeeper.customer_token(customer, chat, &name) {
                    let frame = CustomerFrame::CustomerToken { reference: None, chat, customer_token };
                    let _ = pipe.deliver(std::iter::once(Parcel {
                        chat: Some(chat),
                        frame: Arc::new(Framed::new(fence, frame)),
                    }));
                }
            });
        }
    }

    fn effect(&self, effect: Effect, ops: &mut Ops) {
        match effect {
            Effect::ToCustomers { to, frame } => {
                let chat = customer_chat_of(&frame);
                let frame = Arc::new(Framed::new(self.shared.fence, frame));
                for session in to {
                    ops.push(session, Op::Customer(Parcel { chat, frame: Arc::clone(&frame) }));
                }
            }
            Effect::ToStaff { to, frame } => {
                let chat = staff_chat_of(&frame);
                let frame = Arc::new(Framed::new(self.shared.fence, frame));
                for session in to {
                    ops.push(session, Op::Staff(Parcel { chat, frame: Arc::clone(&frame) }));
                }
            }
            Effect::GiveCustomerToken { to, customer, chat, name } => {
                ops.tokens.push(Token { to, customer, chat, name });
            }
            Effect::Close { session, reason } => ops.push(session, Op::Close(reason)),
        }
    }

    fn answer(
        &mut self,
        reply: ReplyTo,
        answer: Answered,
        ops: &mut Ops,
        waiting: &mut Vec<(tokio::sync::oneshot::Sender<Answered>, Answered)>,
    ) {
        match reply {
            ReplyTo::Nobody => {}
            ReplyTo::LookUp(lane, lookup) => self.look_up(lane, lookup),
            ReplyTo::Channel(sender) => waiting.push((sender, answer)),
            ReplyTo::Holding(session, sender) => {
                if let Some(chat) = answer.as_ref().ok().and_then(chat_of) {
                    ops.push(session, Op::Hold(chat));
                }
                waiting.push((sender, answer));
            }
            // A refusal does not name the chat that was asked about; while a page of it is read it waits there all the same,
            // behind the answers before it.
            ReplyTo::Frame { session, chat: asked, reference, client_msg_id } => match self.links.get(&session) {
                Some(Link::Customer(..)) => {
                    let frame = customer_answer(answer, reference, client_msg_id);
                    let chat = customer_chat_of(&frame).or(asked);
                    let frame = Arc::new(Framed::new(self.shared.fence, frame));
                    ops.push(session, Op::Customer(Parcel { chat, frame }));
                }
                Some(Link::Staff(_)) => {
                    let frame = staff_answer(answer, reference, client_msg_id);
                    let chat = staff_chat_of(&frame).or(asked);
                    let frame = Arc::new(Framed::new(self.shared.fence, frame));
                    ops.push(session, Op::Staff(Parcel { chat, frame }));
                }
                None => {}
            },
            ReplyTo::Ready { session, link, reference, token, done } => {
                if let Ok(Reply::Opened(opened)) = &answer {
                    match &link {
                        Link::Customer(..) => {
                            if let Some(frame) = customer_ready(opened, &self.greeting, reference, token) {
                                let frame = Arc::new(Framed::new(self.shared.fence, frame));
                                ops.push(session, Op::Customer(Parcel { chat: None, frame }));
                            }
                        }
                        Link::Staff(_) => {
                            if let Some(frame) = staff_ready(opened, &self.greeting, reference, token) {
                                let frame = Arc::new(Framed::new(self.shared.fence, frame));
                                ops.push(session, Op::Staff(Parcel { chat: None, frame }));
                            }
                        }
                    }
                }
                if answer.is_err() {
                    self.links.remove(&session);
                }
                waiting.push((done, answer));
            }
        }
    }

    fn carry_out(&mut self, session: SessionId, ops: impl Iterator<Item = Op>, parcels: &mut Parcels) {
        let link = self.links.get(&session).cloned();
        for op in ops {
            let Some(link) = &link else { continue };
            match op {
                Op::Customer(parcel) => parcels.customer.push(parcel),
                Op::Staff(parcel) => parcels.staff.push(parcel),
                Op::Hold(chat) => {
                    self.hand_over(session, link, parcels);
                    link.hold(chat);
                }
                Op::Close(reason) => {
                    self.hand_over(session, link, parcels);
                    link.close(reason);
                    self.links.remove(&session);
                    self.lost.push(session);
                }
            }
        }
        if let Some(link) = &link {
            self.hand_over(session, link, parcels);
        }
    }

    /// Leaves no parcels; those that are not for this kind of link go nowhere.
    fn hand_over(&mut self, session: SessionId, link: &Link, parcels: &mut Parcels) {
        let Parcels { customer, staff } = parcels;
        let handed = match link {
            Link::Customer(pipe, _) if !customer.is_empty() => pipe.deliver(customer.drain(..)),
            Link::Staff(pipe) if !staff.is_empty() => pipe.deliver(staff.drain(..)),
            Link::Customer(..) | Link::Staff(_) => Handed::Taken,
        };
        customer.clear();
        staff.clear();
        match handed {
            Handed::Taken => return,
            Handed::Full => link.close(CloseReason::Slow),
            Handed::Gone => {}
        }
        self.links.remove(&session);
        self.lost.push(session);
    }
}

/// The chat whose frames wait for what the asker does with this answer.
fn chat_of(reply: &Reply) -> Option<ChatId> {
    match reply {
        Reply::Subscribed(subscribed) => Some(match &**subscribed {
            Subscribed::Customer { chat, .. } => chat.chat,
            Subscribed::Staff { chat, .. } => chat.chat,
            Subscribed::Team { team_chat, .. } => team_chat.chat,
        }),
        Reply::Queued { chat, .. } => Some(chat.chat),
        Reply::Done
        | Reply::Opened(_)
        | Reply::Place { .. }
        | Reply::Started { .. }
        | Reply::MayRead { .. }
        | Reply::Accepted(_)
        | Reply::TeamChat(_)
        | Reply::Queue { .. }
        | Reply::Team(_)
        | Reply::ChatExplained(_)
        | Reply::AgentExplained(_)
        | Reply::Roster { .. } => None,
    }
}

fn customer_chat_of(frame: &CustomerFrame) -> Option<ChatId> {
    match frame {
        CustomerFrame::Entry { chat, .. }
        | CustomerFrame::Accepted { chat, .. }
        | CustomerFrame::Page { chat, .. }
        | CustomerFrame::Presence { chat, .. }
        | CustomerFrame::Place { chat, .. }
        | CustomerFrame::Typing { chat, .. }
        | CustomerFrame::CustomerToken { chat, .. } => Some(*chat),
        CustomerFrame::Queued { chat, .. } | CustomerFrame::Chat { chat } => Some(chat.chat),
        CustomerFrame::Ready { .. }
        | CustomerFrame::Availability { .. }
        | CustomerFrame::Done { .. }
        | CustomerFrame::Pong { .. }
        | CustomerFrame::Error { .. } => None,
    }
}

fn staff_chat_of(frame: &StaffFrame) -> Option<ChatId> {
    match frame {
        StaffFrame::Entry { chat, .. }
        | StaffFrame::Accepted { chat, .. }
        | StaffFrame::Page { chat, .. }
        | StaffFrame::ChatGone { chat }
        | StaffFrame::Viewers { chat, .. }
        | StaffFrame::Typing { chat, .. }
        | StaffFrame::Presence { chat, .. } => Some(*chat),
        StaffFrame::Chat { chat } => Some(chat.chat),
        StaffFrame::TeamChat { team_chat, .. } => Some(team_chat.chat),
        StaffFrame::Ready { .. }
        // What an agent is asked is about a chat that they do not follow.
        | StaffFrame::Offer { .. }
        | StaffFrame::OfferGone { .. }
        | StaffFrame::TransferFailed { .. }
        | StaffFrame::Queue { .. }
        | StaffFrame::Team { .. }
        | StaffFrame::ChatExplained { .. }
        | StaffFrame::AgentExplained { .. }
        | StaffFrame::Agent { .. }
        | StaffFrame::Agents { .. }
        | StaffFrame::Done { .. }
        | StaffFrame::Pong { .. }
        | StaffFrame::Error { .. } => None,
    }
}
