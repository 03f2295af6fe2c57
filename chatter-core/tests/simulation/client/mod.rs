//! A client as the guide of the protocol wants one: a tab of a browser, with what it remembers over its
//! connections.

mod answers;
mod conn;
mod frames;
mod outgoing;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chatter_core::testing::Dice;
use chatter_core::{CloseReason, Reconnect};
use serde_json::{Value, json};

use crate::gate::PASSWORD;
use crate::host::Host;
use crate::judge::{Bench, Promise, Who};
use crate::plan::Plan;
use crate::wire::Read;

pub(crate) use conn::{Asked, Conn};
pub(crate) use view::{Older, View};

/// What a client has at hand while it acts.
#[derive(Debug)]
pub(crate) struct Ctx<'a> {
    pub(crate) dice: &'a mut Dice,
    pub(crate) bench: &'a Bench,
    pub(crate) plan: &'a Plan,
    pub(crate) host: Option<&'a Host>,
    pub(crate) people: &'a mut [Person],
    pub(crate) now: Duration,
}

/// Someone with one or more devices.
#[derive(Debug)]
pub(crate) struct Person {
    /// Known once they were let in.
    pub(crate) who: Option<Who>,
    pub(crate) agent: Option<u64>,
    pub(crate) token: Option<String>,
    pub(crate) name: String,
    /// The device that makes a new customer; the others wait for its token.
    pub(crate) first: usize,
}

#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) index: usize,
    pub(crate) person: usize,
    pub(crate) conn: Option<Conn>,
    pub(crate) views: BTreeMap<u64, View>,
    pub(crate) history: Option<String>,
    /// What an agent says of themselves, as last told.
    pub(crate) agent: Value,
    /// The chats that an agent is asked to take.
    pub(crate) offers: BTreeSet<u64>,
    /// The chats that an agent watches.
    pub(crate) watched: BTreeSet<u64>,
    /// The highest fence seen.
    fence: u64,
    failures: u32,
    retry_at: Duration,
    /// Reads nothing until then.
    pub(crate) stalled_until: Duration,
    /// Closed by its owner: comes back only when it is opened again.
    pub(crate) shut: bool,
    refs: u64,
    pub(crate) said: u64,
}

impl Device {
    pub(crate) const fn new(index: usize, person: usize) -> Self {
        Self {
            index,
            person,
            conn: None,
            views: BTreeMap::new(),
            history: None,
            agent: Value::Null,
            offers: BTreeSet::new(),
            watched: BTreeSet::new(),
            fence: 0,
            failures: 0,
            retry_at: Duration::ZERO,
            stalled_until: Duration::ZERO,
            shut: false,
            refs: 0,
            said: 0,
        }
    }

    pub(crate) fn who(&self, ctx: &Ctx<'_>) -> Option<Who> {
        ctx.people[self.person].who
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.conn.as_ref().is_some_and(|conn| conn.ready)
    }

    /// A moment to read what has arrived, and to do what a client does by itself.
    pub(crate) fn turn(&mut self, ctx: &mut Ctx<'_>) {
        if self.conn.is_none() && !self.shut && ctx.now >= self.retry_at {
            self.connect(ctx);
        }
        if ctx.now < self.stalled_until {
            return;
        }
        while let Some(conn) = &mut self.conn {
            match conn.wire.take() {
                Read::Frame(json) => {
                    conn.heard_at = ctx.now;
                    ctx.bench.note(format_args!("d{} < {json}", self.index));
                    self.frame(ctx, &json);
                }
                Read::Closed(reason) => self.closed(ctx, reason),
                Read::Lost => {
                    ctx.bench.note(format_args!("d{} lost", self.index));
                    ctx.bench.saw("lost");
                    self.lost(ctx);
                }
                Read::Nothing => break,
            }
        }
        self.mind_silence(ctx);
        self.flush(ctx);
    }

    fn connect(&mut self, ctx: &mut Ctx<'_>) {
        let person = &ctx.people[self.person];
        if person.agent.is_none() && person.token.is_none() && person.first != self.index {
            return;
        }
        let hello = match (person.agent, &person.token) {
            (Some(_), Some(token)) => json!({"type": "hello", "protocol": 1, "role": "agent", "token": token}),
            (Some(agent), None) => {
                let username = agent.to_string();
                json!({"type": "hello", "protocol": 1, "role": "agent", "username": username, "password": PASSWORD})
            }
            (None, Some(token)) => json!({"type": "hello", "protocol": 1, "role": "customer", "token": token}),
            (None, None) => json!({"type": "hello", "protocol": 1, "role": "customer"}),
        };
        let Some(host) = ctx.host else { return self.back_off(ctx) };
        let conn = Conn::open(ctx, self.index, host);
        ctx.bench.note(format_args!("d{} connects", self.index));
        conn.wire.send(hello.to_string());
        self.conn = Some(conn);
        // A client may go on without waiting for `ready`.
        if !self.views.is_empty() && ctx.dice.once_in(4) {
            self.resume(ctx);
        }
    }

    /// Sends what may have been sent before, and goes on with every chat from where it is.
    fn resume(&mut self, ctx: &mut Ctx<'_>) {
        let chats: Vec<_> = self.views.keys().copied().collect();
        let first = ctx.dice.once_in(2);
        if first {
            self.flush(ctx);
        }
        for chat in &chats {
            self.subscribe(ctx, *chat);
        }
        if !first {
            self.flush(ctx);
        }
    }

    pub(crate) fn subscribe(&mut self, ctx: &Ctx<'_>, chat: u64) {
        let Some(view) = self.views.get_mut(&chat) else { return };
        view.subscribed = true;
        let mut frame = json!({"type": "subscribe", "chat": chat});
        if let (Some(after), Some(history)) = (view.position, &self.history) {
            frame["history"] = json!(history);
            frame["after"] = json!(after);
        }
        let after = frame["after"].as_u64();
        self.ask(ctx, frame, &["page"], |asked| asked.after = after);
    }

    /// Asks for something; whatever answers it must be of one of these types, or an error.
    pub(crate) fn ask(
        &mut self,
        ctx: &Ctx<'_>,
        mut frame: Value,
        expects: &'static [&'static str],
        more: impl FnOnce(&mut Asked),
    ) {
        let Some(conn) = &mut self.conn else { return };
        self.refs += 1;
        let reference = format!("{}-{}", self.index, self.refs);
        frame["ref"] = json!(reference);
        let mut asked = Asked::new(reference, frame["chat"].as_u64(), expects);
        more(&mut asked);
        conn.asked.push_back(asked);
        let json = frame.to_string();
        ctx.bench.note(format_args!("d{} > {json}", self.index));
        conn.wire.send(json);
    }

    /// Says something that nothing answers.
    pub(crate) fn mention(&self, ctx: &Ctx<'_>, frame: &Value) {
        if let Some(conn) = &self.conn {
            ctx.bench.note(format_args!("d{} > {frame}", self.index));
            conn.wire.send(frame.to_string());
        }
    }

    /// Finds a connection that is dead without a word.
    fn mind_silence(&mut self, ctx: &mut Ctx<'_>) {
        let Some(conn) = &mut self.conn else { return };
        let silent = ctx.now - conn.heard_at;
        if silent > Duration::from_secs(35) {
            ctx.bench.note(format_args!("d{} hears nothing any more", self.index));
            ctx.bench.saw("silence");
            conn.wire.leave();
            self.lost(ctx);
        } else if silent > Duration::from_secs(25) && conn.ready && !conn.pinged {
            conn.pinged = true;
            self.ask(ctx, json!({"type": "ping"}), &["pong"], |asked| asked.may_overtake = true);
        }
    }

    /// Goes without a word.
    pub(crate) fn cut(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(conn) = &self.conn {
            ctx.bench.note(format_args!("d{} is cut off", self.index));
            conn.wire.leave();
            self.lost(ctx);
        }
    }

    fn closed(&mut self, ctx: &mut Ctx<'_>, reason: CloseReason) {
        ctx.bench.note(format_args!("d{} closed: {}", self.index, reason.word()));
        ctx.bench.saw(format_args!("closed {}", reason.word()));
        let provoked = self.conn.as_ref().is_some_and(|conn| conn.provoked.contains(&reason));
        let expected = matches!(
            reason,
            CloseReason::Restarting | CloseReason::TryLater | CloseReason::Slow | CloseReason::HeartbeatTimeout
        );
        let asked = reason == CloseReason::SignedOut || reason == CloseReason::Revoked;
        if !(provoked || expected || asked || reason == CloseReason::AuthTimeout) {
            ctx.bench.breaks(Promise::Answers, format_args!("d{} is closed with {}", self.index, reason.word()));
        }
        if reason.reconnect() == Reconnect::NewCredentials && ctx.people[self.person].agent.is_some() {
            ctx.people[self.person].token = None;
        }
        self.lost(ctx);
        self.shut |= reason == CloseReason::Revoked;
    }

    /// The connection is gone: what was under way is unknown.
    fn lost(&mut self, ctx: &mut Ctx<'_>) {
        self.conn = None;
        for view in self.views.values_mut() {
            view.lost();
        }
        self.back_off(ctx);
    }

    fn back_off(&mut self, ctx: &mut Ctx<'_>) {
        let most = 500 << self.failures.min(if ctx.plan.impatient { 1 } else { 6 });
        self.failures += 1;
        self.retry_at = ctx.now + Duration::from_millis(ctx.dice.below(most.min(30_000)));
    }

    /// What is closed for good, or somebody else's by now, is forgotten.
    pub(crate) fn forget(&mut self, ctx: &Ctx<'_>, chat: u64) {
        self.watched.remove(&chat);
        if let (Some(mut view), Some(who)) = (self.views.remove(&chat), self.who(ctx)) {
            view.give_up(who, &mut ctx.bench.judge());
        }
    }
}
