//! The second phase: nothing fails any more, and everything settles, within bounds of virtual time.

use std::time::Duration;

use chatter_core::{
    AgentId, Audience, ChatId, ChatRecord, ChatState, DeskId, Entry, EventNo, Page, PageEnd, PublicSeq, Seq, Store,
};
use serde_json::json;

use crate::actions::type_something;
use crate::client::{Ctx, Device};
use crate::judge::{Judge, Promise, Said, TYPED_MARK, Who};
use crate::store::at_once;
use crate::world::{End, World};

/// Room for more frames than ever wait for one connection.
pub(crate) const ROOM: usize = 4_096;

/// How far the calm has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Everybody comes back, says what they still want to say, and knows what there is to know.
    Meet,
    /// Agents end chat after chat, until nobody waits.
    WorkOff,
    /// Everybody goes, and every chat closes for good.
    Leave,
}

/// Of one stage: when it must be over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calm {
    pub(crate) stage: Stage,
    pub(crate) until: Duration,
}

impl World {
    /// How long the first stage may take: what people still want to say keeps to their rates.
    pub(crate) fn begin_to_meet(&self) -> Calm {
        let unsent: usize =
            self.devices.iter().flat_map(|it| it.views.values()).map(|it| it.outgoing.iter().count()).sum();
        let time = Duration::from_secs(300) + Duration::from_secs(2) * u32::try_from(unsent).unwrap_or(u32::MAX);
        Calm { stage: Stage::Meet, until: self.clock.now() + time }
    }

    /// A step towards rest.
    pub(crate) fn settle(&mut self) -> Option<End> {
        let now = self.clock.now();
        let Calm { stage, until } = self.calm;
        let left = match stage {
            Stage::Meet => {
                for at in 0..self.devices.len() {
                    self.with_device(at, come_back);
                }
                self.unsettled().or_else(|| self.unserved())
            }
            Stage::WorkOff => {
                for at in 0..self.devices.len() {
                    self.with_device(at, work_off);
                }
                self.unsettled().or_else(|| self.unserved()).or_else(|| self.unended())
            }
            Stage::Leave => self.unclosed(),
        };
        if let Some(who) = self.types_forever(now) {
            self.bench.breaks(Promise::Settles, format_args!("{who} types and types"));
            return Some(End::Over);
        }
        if let Some(left) = left {
            if now > until {
                self.bench.breaks(Promise::Settles, format_args!("{stage:?} does not end: {left}"));
                return Some(End::Over);
            }
            return None;
        }
        self.bench.note(format_args!("{stage:?} is over"));
        self.compare();
        match stage {
            Stage::Meet => {
                let chats = u32::try_from(self.bench.judge().truth.chats.len()).unwrap_or(u32::MAX);
                let time = Duration::from_secs(120) + Duration::from_secs(30) * chats;
                // Now that all are there and what a failed write left has lapsed: everybody begins to write, and nobody
                // goes on.
                self.bench.judge().write_failed_at = None;
                for view in self.devices.iter_mut().flat_map(|device| device.views.values_mut()) {
                    view.typing.clear();
                }
                for at in 0..self.devices.len() {
                    self.with_device(at, type_something);
                }
                self.calm = Calm { stage: Stage::WorkOff, until: now + time };
                None
            }
            Stage::WorkOff => {
                for at in 0..self.devices.len() {
                    self.with_device(at, |device, ctx| {
                        device.shut = true;
                        device.cut(ctx);
                    });
                }
                let settings = &self.plan.settings;
                let time = settings.customer_grace + settings.close_after + Duration::from_secs(60);
                self.calm = Calm { stage: Stage::Leave, until: now + time };
                None
            }
            Stage::Leave => {
                self.audit();
                Some(End::Over)
            }
        }
    }

    /// Somebody who is not there, has not said what they want to say, or does not know what is stored.
    fn unsettled(&self) -> Option<String> {
        let judge = self.bench.judge();
        for device in &self.devices {
            let person = &self.people[device.person];
            let removed = |agent| judge.truth.agents.get(&AgentId(agent)).is_none_or(|it| !it.active);
            if person.agent.is_some_and(removed) {
                continue;
            }
            let index = device.index;
            let Some(who) = person.who.filter(|_| device.is_ready()) else {
                return Some(format!("d{index} is not there"));
            };
            if let Some(asked) = device.conn.iter().find_map(|conn| conn.asked.front()) {
                return Some(format!("d{index} has no answer to {asked:?}"));
            }
            for (chat, view) in &device.views {
                if let Err(what) = view.is_settled(who, &judge, *chat) {
                    return Some(format!("d{index}, chat {chat}: {what}"));
                }
            }
            if let Some(missing) = missing(&judge, device, who) {
                return Some(format!("d{index} does not know of chat {missing}"));
            }
        }
        None
    }

    /// Nobody goes on typing in the calm, as far as they are told who never had too little room to be told.
    fn types_forever(&self, now: Duration) -> Option<String> {
        let judge = self.bench.judge();
        let has_room = |device: &&Device| device.conn.as_ref().is_some_and(|conn| conn.room >= ROOM);
        let views = self.devices.iter().filter(has_room).flat_map(|device| device.views.values());
        views.filter_map(|view| view.types_forever(now, &judge)).map(str::to_owned).next()
    }

    /// What everybody knows is what is stored.
    fn compare(&self) {
        let mut judge = self.bench.judge();
        for device in &self.devices {
            let Some(who) = self.people[device.person].who else { continue };
            let differs = device.views.iter().find_map(|(chat, view)| {
                let truth = judge.truth.lines(*chat)?;
                let settled = view.is_settled(who, &judge, *chat).is_ok();
                view.agrees(who, truth).err().filter(|_| settled).map(|what| format!("chat {chat}: {what}"))
            });
            if let Some(what) = differs {
                judge.breaks(Promise::Numbers, format_args!("d{} knows otherwise: {what}", device.index));
            }
        }
    }

    /// A chat that waits while an agent has room.
    fn unserved(&self) -> Option<String> {
        let judge = self.bench.judge();
        let held = |agent| judge.truth.chats.values().filter(|chat| chat.record.agent() == Some(agent)).count();
        let waits = |record: &ChatRecord| record.state == ChatState::Waiting && !record.parked;
        judge.truth.chats.values().filter(|chat| waits(&chat.record)).find_map(|chat| {
            let serves = judge.truth.agents.values().find(|agent| {
                let room = (held(agent.agent) as u64) < u64::from(agent.max_chats);
                agent.active && agent.categories.contains(&chat.record.category) && room
            });
            serves.map(|agent| format!("{:?} waits while agent {} has room", chat.record, agent.agent))
        })
    }

    /// A chat that has not been ended, though somebody could.
    fn unended(&self) -> Option<String> {
        let judge = self.bench.judge();
        let serves = |category| judge.truth.agents.values().any(|it| it.active && it.categories.contains(&category));
        let open = judge.truth.chats.values().find(|chat| match chat.record.state {
            ChatState::Waiting => serves(chat.record.category),
            ChatState::Offered { .. } | ChatState::Active { .. } => true,
            _ => false,
        });
        open.map(|chat| format!("{:?} is not ended", chat.record))
    }

    fn unclosed(&self) -> Option<String> {
        let judge = self.bench.judge();
        let open = judge.truth.chats.values().find(|chat| !matches!(chat.record.state, ChatState::Closed { .. }));
        open.map(|chat| format!("{:?} is not closed", chat.record))
    }

    /// What the store gives at the end is what it has committed.
    fn audit(&self) {
        let mut judge = self.bench.judge();
        if let Err((promise, what)) = judge.journal.check_order() {
            judge.breaks(promise, what);
        }
        let mut wrong = Vec::new();
        let mut everything = String::new();
        let chats = judge.truth.chats.iter().map(|(chat, truth)| (chat, &truth.lines));
        let teams = judge.truth.teams.iter().map(|(chat, truth)| (chat, &truth.lines));
        for (chat, lines) in chats.chain(teams) {
            let staff = Audience::Staff { after: Seq(0), up_to: Seq(u64::MAX) };
            let customer = Audience::Customer { after: PublicSeq(0), up_to: PublicSeq(u64::MAX) };
            let read = |audience| {
                let page = Page { audience, limit: usize::MAX, end: PageEnd::Oldest };
                at_once(self.memory.entries(&DeskId::default(), ChatId(*chat), page)).expect("memory can be read")
            };
            let public = lines.entries.iter().filter(|entry| entry.public_seq.is_some());
            let (stored, shown): (Vec<Entry>, _) = (read(staff), read(customer));
            if stored != lines.entries || !shown.iter().eq(public) {
                wrong.push(*chat);
            }
            let record = at_once(self.memory.chat(&DeskId::default(), ChatId(*chat))).expect("memory can be read");
            everything.push_str(&serde_json::to_string(&(stored, shown, record)).expect("rows are plain data"));
        }
        let events = at_once(self.memory.events_after(&DeskId::default(), EventNo(0), usize::MAX));
        let loaded = at_once(self.memory.load(&DeskId::default())).expect("memory can be read");
        let teams: Vec<_> = loaded.snapshot.team_chats.iter().map(|team| &team.record).collect();
        let rest = (events.expect("memory can be read"), teams);
        everything.push_str(&serde_json::to_string(&rest).expect("rows are plain data"));
        let kept: Vec<_> = judge.gone.iter().filter(|words| everything.contains(words.as_str())).cloned().collect();
        if !kept.is_empty() {
            judge.breaks(Promise::Erased, format_args!("words that were edited or deleted are stored: {kept:?}"));
        }
        if everything.contains(TYPED_MARK) {
            judge.breaks(Promise::Ephemeral, "what was only typed is stored");
        }
        if !wrong.is_empty() {
            judge.breaks(Promise::Acked, format_args!("the store lost parts of {wrong:?}"));
        }
    }
}

/// A chat of theirs that the device does not know.
fn missing(judge: &Judge, device: &Device, who: Who) -> Option<u64> {
    let theirs = judge.truth.chats.iter().find(|(chat, truth)| {
        let theirs = match who {
            Who::Customer(customer) => {
                truth.record.customer == customer && !matches!(truth.record.state, ChatState::Closed { .. })
            }
            Who::Agent(agent) => truth.record.agent() == Some(agent),
        };
        theirs && !device.views.contains_key(chat)
    });
    let with = judge.truth.teams.keys().filter(|chat| judge.truth.knows(who, **chat));
    let team = with.filter(|chat| !device.views.contains_key(*chat)).copied().next();
    theirs.map(|(chat, _)| *chat).or(team)
}

/// What somebody does who wants everything to be as it should.
fn come_back(device: &mut Device, ctx: &mut Ctx<'_>) {
    let known = |agent| ctx.bench.judge().truth.agents.get(&AgentId(agent)).is_some_and(|it| it.active);
    // An agent who was removed and made again.
    device.shut &= !ctx.people[device.person].agent.is_some_and(known);
    if !device.is_ready() {
        return;
    }
    let unknown: Vec<_> = device.views.iter().filter(|(_, view)| !view.subscribed).map(|(chat, _)| *chat).collect();
    for chat in unknown {
        device.subscribe(ctx, chat);
    }
    say_something_if_expected(device, ctx);
    let agent = ctx.people[device.person].agent.is_some();
    let idle = device.conn.as_ref().is_some_and(|conn| conn.asked.is_empty());
    if agent && idle && device.agent["state"] != "online" {
        device.ask(ctx, json!({"type": "set_agent_state", "state": "online"}), &["done"], |_| ());
    }
    let idle = device.conn.as_ref().is_some_and(|conn| conn.asked.is_empty());
    if let Some(chat) = device.offers.first().filter(|_| idle) {
        device.ask(ctx, json!({"type": "accept_offer", "chat": chat}), &["done"], |_| ());
    }
}

/// A customer who has been silent for so long that nobody takes the chat speaks again; an agent replies to whoever
/// they have got.
fn say_something_if_expected(device: &mut Device, ctx: &Ctx<'_>) {
    let agent = ctx.people[device.person].agent.map(AgentId);
    let expected = |chat: &u64| {
        let judge = ctx.bench.judge();
        judge.truth.chat(*chat).map(|chat| &chat.record).is_some_and(|record| match agent {
            Some(_) => record.agent() == agent && !record.replied,
            None => record.parked && record.state == ChatState::Waiting,
        })
    };
    let quiet = device.views.iter().filter(|(_, view)| view.outgoing.is_empty());
    if let Some(chat) = quiet.map(|(chat, _)| *chat).find(expected) {
        device.said += 1;
        let id = format!("{}.{}", device.index, device.said);
        if let Some(view) = device.views.get_mut(&chat) {
            view.outgoing.say(id.clone(), format!("{id} still here"), Said::Message);
        }
    }
}

/// The same, and agents end what they hold, one chat at a time.
fn work_off(device: &mut Device, ctx: &mut Ctx<'_>) {
    come_back(device, ctx);
    let agent = ctx.people[device.person].agent;
    let idle = device.conn.as_ref().is_some_and(|conn| conn.asked.is_empty());
    let held = device.views.iter().find(|(_, view)| view.state["status"] == "in_progress").map(|(chat, _)| *chat);
    if let (Some(_), true, Some(chat)) = (agent, idle, held) {
        device.ask(ctx, json!({"type": "end_chat", "chat": chat}), &["done"], |_| ());
    }
}
