//! The bench that the desk is tested on.

mod people;
mod store;
mod watch;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::super::dispatch::Scratch;
use super::super::{Desk, DeskSettings, Out, Touched};
use crate::desk::{Answer, Change, Effect, Facts, Input, Outcome, Reply, Signal};
use crate::policy::{AssignmentPolicy, LongestWait};
use crate::protocol::{Command, CustomerFrame, PlaceView, SendMessage, StaffFrame};
use crate::{
    AgentId, AgentState, CategoryId, CategoryRecord, ChatId, ChatRecord, ChatStatus, ClientMsgId, CloseReason, Fact,
    Name, SessionId, Text, Time,
};

pub(super) use store::Model;

/// What one session was sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sent {
    Customer(CustomerFrame),
    Staff(StaffFrame),
    Token(ChatId),
    Closed(CloseReason),
}

/// A desk with a clock, a store, and an eye on everything that leaves it.
pub(super) struct Bench {
    pub(super) desk: Desk,
    pub(super) now: Time,
    pub(super) store: Model,
    settings: DeskSettings,
    watch: watch::Watch,
    /// A second desk that is given nothing but the changes.
    replica: Desk,
    sent: BTreeMap<SessionId, Vec<Sent>>,
    last_session: u64,
    /// Everything that was put in and what came of it.
    log: Vec<(Time, Option<Input>, Outcome)>,
    /// The desk before the log began.
    origin: Desk,
}

impl Bench {
    /// A desk with longest wait and categories 1, 2 and 3.
    pub(super) fn new() -> Self {
        Self::with(LongestWait, DeskSettings::default())
    }

    pub(super) fn with(policy: impl AssignmentPolicy + 'static, settings: DeskSettings) -> Self {
        Self::of(Arc::new(policy), settings)
    }

    #[expect(clippy::needless_pass_by_value, reason = "three desks share it")]
    pub(super) fn of(policy: Arc<dyn AssignmentPolicy>, settings: DeskSettings) -> Self {
        let now = Time(1_700_000_000_000_000);
        let empty = || Desk::restore(crate::Snapshot::default(), now, settings.clone(), Arc::clone(&policy));
        let mut bench = Self {
            desk: empty(),
            replica: empty(),
            origin: empty(),
            now,
            store: Model::default(),
            watch: watch::Watch::default(),
            sent: BTreeMap::new(),
            last_session: 0,
            log: Vec::new(),
            settings,
        };
        for (number, name) in [(1, "General"), (2, "Sales"), (3, "Billing")] {
            let record = CategoryRecord::new(CategoryId(number), Name::new(name).unwrap());
            assert_eq!(bench.put(Input::SetCategory(record)), Answer::Reply(Reply::Done));
        }
        bench
    }

    /// Puts an input in and checks everything.
    pub(super) fn put(&mut self, input: Input) -> Answer {
        let asker = match &input {
            Input::Ask { session, .. } | Input::OpenSession { session, .. } => Some(*session),
            Input::SetCategory(_)
            | Input::SetPolicy { .. }
            | Input::SetAgent { .. }
            | Input::RemoveAgent { .. }
            | Input::CloseSession { .. }
            | Input::MessageRefused { .. }
            | Input::Roster => None,
        };
        let outcome = self.desk.handle(self.now, &input);
        self.absorb(asker, &outcome);
        let answer = outcome.answer.clone();
        self.log.push((self.now, Some(input), outcome));
        answer
    }

    /// Puts an input in, checks everything, and gives all that came of it.
    pub(super) fn outcome(&mut self, input: Input) -> Outcome {
        let _answer = self.put(input);
        self.log.last().expect("the input is logged").2.clone()
    }

    /// Puts an input in without checking anything, for crowds.
    pub(super) fn quick(&mut self, input: &Input) -> Outcome {
        let outcome = self.desk.handle(self.now, input);
        let _rows = self.desk.take_rows();
        outcome
    }

    fn absorb(&mut self, asker: Option<SessionId>, outcome: &Outcome) {
        self.store.commit(&outcome.changes, self.desk.take_rows());
        self.watch.take(asker, outcome);
        for effect in &outcome.effects {
            match effect {
                Effect::ToCustomers { to, frame } => self.send(to, &Sent::Customer(frame.clone())),
                Effect::ToStaff { to, frame } => self.send(to, &Sent::Staff(frame.clone())),
                Effect::GiveCustomerToken { to, chat, .. } => self.send(to, &Sent::Token(*chat)),
                Effect::Close { session, reason } => self.send(&[*session], &Sent::Closed(*reason)),
            }
        }
        self.desk.check();
        self.watch.check(&self.desk);
        for change in &outcome.changes {
            self.replica.apply(change);
        }
        self.replica.state.now = self.desk.state.now;
        if !self.replica.same_as(&self.desk) {
            panic!("apply is the only function that changes state\n{}", differences(&self.replica, &self.desk));
        }
    }

    fn send(&mut self, to: &[SessionId], what: &Sent) {
        for session in to {
            self.sent.entry(*session).or_default().push(what.clone());
        }
    }

    /// What a session was sent since this was last asked.
    pub(super) fn sent(&mut self, session: SessionId) -> Vec<Sent> {
        self.sent.remove(&session).unwrap_or_default()
    }

    /// The places a session was pushed since it was last asked what it was sent.
    pub(super) fn pushed(&mut self, session: SessionId) -> Vec<PlaceView> {
        let place = |sent| match sent {
            Sent::Customer(CustomerFrame::Place { place, .. }) => Some(place),
            Sent::Customer(_) | Sent::Staff(_) | Sent::Token(_) | Sent::Closed(_) => None,
        };
        self.sent(session).into_iter().filter_map(place).collect()
    }

    /// Lets time pass and does what becomes due.
    pub(super) fn wait(&mut self, time: Duration) {
        self.now = self.now + time;
        self.settle();
    }

    pub(super) fn wait_secs(&mut self, seconds: u64) {
        self.wait(Duration::from_secs(seconds));
    }

    pub(super) fn wait_ms(&mut self, millis: u64) {
        self.wait(Duration::from_millis(millis));
    }

    /// Does what is due now.
    pub(super) fn settle(&mut self) {
        while self.desk.poll_timeout().is_some_and(|at| at <= self.now) {
            let outcome = self.desk.handle_timeout(self.now);
            self.absorb(None, &outcome);
            self.log.push((self.now, None, outcome));
        }
    }

    /// Waits for pushes, then holds what everybody was told against the truth.
    pub(super) fn check_pushed(&mut self) {
        self.wait_secs(2);
        self.watch.check_pushed(&self.desk);
    }

    /// The live desk after the loss of every session equals a restored one.
    pub(super) fn check_restore(&self) -> Desk {
        let mut lost = self.copy();
        lost.apply(&Change::Signal(Signal::AllSessionsLost { at: self.now }));
        let restored = Desk::restore(self.store.load(), self.now, self.settings.clone(), self.desk.policies.clone());
        if !restored.same_as(&lost) {
            panic!("restored and live\n{}", differences(&restored, &lost));
        }
        restored.check();
        restored
    }

    /// Goes on with a restored desk, as after a restart.
    pub(super) fn restart(&mut self) {
        self.desk = self.check_restore();
        (self.replica, self.origin) = (self.copy(), self.copy());
        self.watch.clear();
        self.log.clear();
    }

    /// Goes on with a restored desk that takes the live sessions over, as after a failed write. Nobody is told
    /// anything, so what everybody has been told must still be true.
    pub(super) fn reload(&mut self) {
        let mut restored = self.check_restore();
        restored.reattach(self.now, self.desk.sessions(), self.desk.refused_messages());
        self.desk = restored;
        (self.replica, self.origin) = (self.copy(), self.copy());
        self.log.clear();
        self.watch.reloaded();
        let answer = self.put(Input::Roster);
        assert!(matches!(answer, Answer::Reply(Reply::Roster { .. })));
    }

    /// Everything since the last restart, with what came of it.
    pub(super) fn log(&self) -> &[(Time, Option<Input>, Outcome)] {
        &self.log
    }

    /// The same inputs again, from the same beginning, have the same outcomes; a desk that tells nobody decides the same.
    pub(super) fn check_replay(&mut self) {
        let mut silent = copy_of(&self.origin).unstored();
        for (now, input, outcome) in self.log.drain(..) {
            let replay = |desk: &mut Desk| match &input {
                Some(input) => desk.handle(now, input),
                None => desk.handle_timeout(now),
            };
            assert_eq!(replay(&mut self.origin), outcome, "the desk is deterministic");
            let untold = replay(&mut silent);
            assert_eq!(
                untold,
                Outcome { effects: Vec::new(), answer_at: 0, ..outcome },
                "silence changes nothing else"
            );
            silent.reuse(untold);
        }
        assert!(self.origin.same_as(&self.desk), "the desk is deterministic");
        assert!(silent.same_as(&self.desk), "silence changes nothing else");
    }

    /// The same desk once more.
    pub(super) fn copy(&self) -> Desk {
        copy_of(&self.desk)
    }

    pub(super) fn next_session(&mut self) -> SessionId {
        self.last_session += 1;
        SessionId(self.last_session)
    }

    pub(super) fn record(&self, chat: ChatId) -> &ChatRecord {
        &self.store.chats[&chat]
    }

    /// Whom a chat is offered to.
    pub(super) fn offered(&self, chat: ChatId) -> Option<u64> {
        self.record(chat).offered_to().map(|agent| agent.0)
    }

    /// How often a fact was seen.
    pub(super) fn count(&self, which: impl Fn(&Fact) -> bool) -> usize {
        self.store.events.iter().filter(|event| which(&event.fact)).count()
    }

    pub(super) fn holder(&self, chat: ChatId) -> Option<u64> {
        self.record(chat).agent().map(|agent| agent.0)
    }

    pub(super) fn status(&self, chat: ChatId) -> ChatStatus {
        self.record(chat).status()
    }

    pub(super) fn state_of(&self, agent: u64) -> AgentState {
        self.desk.state.agents[&AgentId(agent)].record.state
    }

    /// The newest facts, in order.
    pub(super) fn facts_since(&self, event: usize) -> Vec<&Fact> {
        self.store.events[event..].iter().map(|event| &event.fact).collect()
    }
}

/// Where two desks first differ.
fn differences(one: &Desk, other: &Desk) -> String {
    let (one, other) = (one.dump(), other.dump());
    let differs = one.lines().zip(other.lines()).position(|(a, b)| a != b).unwrap_or(0);
    let around = |dump: &str| dump.lines().skip(differs.saturating_sub(25)).take(30).collect::<Vec<_>>().join("\n");
    format!("one:\n{}\nother:\n{}", around(&one), around(&other))
}

pub(super) fn message(chat: ChatId, id: &str, text: &str) -> Command {
    Command::SendMessage(SendMessage::new(chat, ClientMsgId::new(id).unwrap(), Text::new(text).unwrap()))
}

pub(super) fn note(chat: ChatId, id: &str, text: &str) -> Command {
    Command::SendNote { chat, client_msg_id: ClientMsgId::new(id).unwrap(), text: Text::new(text).unwrap() }
}

pub(super) fn whisper(chat: ChatId, id: &str, text: &str) -> Command {
    Command::Whisper { chat, client_msg_id: ClientMsgId::new(id).unwrap(), text: Text::new(text).unwrap() }
}

/// An input with the facts that the desk asked for.
pub(super) fn with_facts(input: &Input, found: Facts) -> Input {
    let Input::Ask { session, command, .. } = input else { panic!("only commands have facts") };
    Input::Ask { session: *session, command: command.clone(), facts: Some(Box::new(found)) }
}

fn copy_of(desk: &Desk) -> Desk {
    Desk {
        settings: desk.settings.clone(),
        policies: desk.policies.clone(),
        state: desk.state.clone(),
        // After a reload the next step matches what it made possible.
        pending: desk.pending.clone(),
        touched: Touched::default(),
        session_log: Vec::new(),
        silent: false,
        spare: Out::default(),
        spare_entries: Vec::new(),
        scratch: Scratch::default(),
    }
}
