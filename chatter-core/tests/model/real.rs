//! The desk as a process runs it: with a store that has what was committed, and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use chatter_core::desk::{Answer, Change, Desk, DeskSettings, Effect, Facts, Input, Lookup, Outcome, Words};
use chatter_core::policy::{self, Policies};
use chatter_core::{
    AgentId, AgentRecord, CategoryId, CategoryRecord, ChatId, ChatRecord, ChatStatus, DedupeRow, EventNo, Fact,
    LoadedChat, Snapshot, Time,
};

use crate::follow::is_modelled;
use crate::planted::Fault;

/// What a store keeps of a desk, as far as one is loaded again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    pub(crate) categories: BTreeMap<CategoryId, CategoryRecord>,
    pub(crate) agents: BTreeMap<AgentId, AgentRecord>,
    pub(crate) chats: BTreeMap<ChatId, ChatRecord>,
    dedupe: BTreeMap<ChatId, Vec<Arc<DedupeRow>>>,
    last_event: EventNo,
    last_event_at: Time,
}

/// A desk, its store, and the fault that was planted, if any.
#[derive(Debug)]
pub(crate) struct Real {
    pub(crate) desk: Desk,
    pub(crate) kept: Kept,
    settings: DeskSettings,
    policy: &'static str,
    fault: Option<Fault>,
}

/// What came of a step.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) facts: Vec<(Time, Fact)>,
    pub(crate) answer: Answer,
    pub(crate) effects: Vec<Effect>,
}

impl Real {
    #[expect(clippy::needless_pass_by_value, reason = "the desk keeps them")]
    pub(crate) fn new(now: Time, settings: DeskSettings, policy: &'static str, fault: Option<Fault>) -> Self {
        let settings = fault.map_or_else(|| settings.clone(), |fault| fault.settings(settings.clone()));
        let desk = Desk::restore(Snapshot::default(), now, settings.clone(), policies(policy, fault));
        Self { desk, kept: Kept::default(), settings, policy, fault }
    }

    /// Takes an input, with the facts from the store that the desk asks for.
    pub(crate) fn step(&mut self, now: Time, input: Option<&Input>) -> (Seen, Option<Box<Facts>>) {
        let mut given = None;
        let mut seen = self.run(now, input);
        let mut asked = 0;
        while let (Answer::Lookup(lookup), Some(Input::Ask { session, command, .. })) = (&seen.answer, input) {
            asked += 1;
            assert!(asked <= 4, "the desk asks for facts again and again: {lookup:?}");
            let facts = Box::new(self.kept.look_up(lookup));
            let again = Input::Ask { session: *session, command: command.clone(), facts: Some(facts.clone()) };
            given = Some(facts);
            let earlier = std::mem::replace(&mut seen, self.run(now, Some(&again)));
            seen.facts.splice(0..0, earlier.facts);
            seen.effects.splice(0..0, earlier.effects);
        }
        (seen, given)
    }

    fn run(&mut self, now: Time, input: Option<&Input>) -> Seen {
        let outcome = match input.map(|it| self.fault.map_or_else(|| Some(it.clone()), |fault| fault.input(it))) {
            Some(Some(input)) => self.desk.handle(now, &input),
            Some(None) | None => self.desk.handle_timeout(now),
        };
        let mut seen = self.commit(outcome);
        if let Some(fault) = self.fault {
            fault.rows(&seen, &mut self.kept);
            fault.seen(&mut seen);
        }
        seen
    }

    fn commit(&mut self, outcome: Outcome) -> Seen {
        let rows = self.desk.take_rows();
        self.kept.chats.extend(rows.chats.into_iter().map(|it| (it.chat, it)));
        self.kept.agents.extend(rows.agents.into_iter().map(|it| (it.agent, it)));
        self.kept.categories.extend(rows.categories.into_iter().map(|it| (it.category, it)));
        let mut facts = Vec::new();
        for change in outcome.changes {
            let Change::Event(event, words) = change else { continue };
            if let Words::Entry(_, Some(row)) = words {
                self.kept.dedupe.entry(row.chat).or_default().push(row);
            }
            (self.kept.last_event, self.kept.last_event_at) = (event.no, event.at);
            if is_modelled(&event.fact) {
                facts.push((event.at, event.fact));
            }
        }
        Seen { facts, answer: outcome.answer, effects: outcome.effects }
    }

    /// The process ends and another one loads what was committed.
    pub(crate) fn restart(&mut self, now: Time) {
        self.desk = Desk::restore(self.kept.snapshot(), now, self.settings.clone(), policies(self.policy, self.fault));
    }

    /// The desk is loaded again within the process: the sessions stay.
    pub(crate) fn reload(&mut self, now: Time) {
        let (sessions, refused) = (self.desk.sessions(), self.desk.refused_messages());
        self.restart(now);
        self.desk.reattach(now, sessions, refused);
    }
}

fn policies(desk: &str, fault: Option<Fault>) -> Policies {
    match fault {
        Some(fault) => fault.policies(desk),
        None => Policies::new(policy::by_name(desk).expect("a shipped policy")),
    }
}

impl Kept {
    fn snapshot(&self) -> Snapshot {
        let open = self.chats.values().filter(|it| it.status() != ChatStatus::Closed);
        let loaded = |record: &ChatRecord| {
            let all = self.dedupe.get(&record.chat).map_or(&[][..], Vec::as_slice);
            let newest = all.len().saturating_sub(LoadedChat::DEDUPE_MAX);
            LoadedChat { record: record.clone(), dedupe: all[newest..].to_vec() }
        };
        Snapshot {
            categories: self.categories.values().cloned().collect(),
            agents: self.agents.values().cloned().collect(),
            chats: open.map(loaded).collect(),
            team_chats: Vec::new(),
            last_event: self.last_event,
            last_event_at: self.last_event_at,
            last_chat: self.chats.keys().next_back().copied().unwrap_or_default(),
        }
    }

    fn look_up(&self, lookup: &Lookup) -> Facts {
        match lookup {
            Lookup::Chat { chat, dedupe } => {
                let mut facts = Facts { chat: self.chats.get(chat).cloned(), ..Facts::default() };
                let (mut at, mut into) = (*chat, facts.chat.as_ref().and_then(|it| it.merged_into));
                loop {
                    if let (Some((author, id)), None) = (dedupe, &facts.dedupe) {
                        let mut used = self.dedupe.get(&at).into_iter().flatten();
                        let row = used.find(|it| it.author == *author && it.client_msg_id == *id);
                        facts.dedupe = row.map(|it| DedupeRow::clone(it));
                    }
                    let Some(next) = into else { return facts };
                    facts.goes_on_in = into;
                    (at, into) = (next, self.chats.get(&next).and_then(|it| it.merged_into));
                }
            }
            Lookup::Entry { chat, .. } => Facts { chat: self.chats.get(chat).cloned(), ..Facts::default() },
            Lookup::LastAgent { customer } => {
                let newest = self.chats.values().rev().filter(|it| it.customer == *customer);
                Facts { last_agent: newest.filter_map(|it| it.last_agent).next(), ..Facts::default() }
            }
        }
    }
}
