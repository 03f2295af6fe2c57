//! What a client does with what it is sent.

use serde_json::Value;

use super::{Asked, Ctx, Device, View};
use crate::gate;
use crate::judge::{NOTE_MARK, Promise, Told, Who};

impl Device {
    pub(super) fn frame(&mut self, ctx: &mut Ctx<'_>, json: &str) {
        let Ok(frame) = serde_json::from_str::<Value>(json) else {
            return ctx.bench.breaks(Promise::Answers, format_args!("not JSON: {json}"));
        };
        let customer = ctx.people[self.person].agent.is_none();
        if customer && (json.contains(NOTE_MARK) || json.contains("\"seq\":")) {
            ctx.bench.breaks(Promise::Secret, format_args!("d{} is sent {json}", self.index));
        }
        let fence = frame["fence"].as_u64().unwrap_or_default();
        if fence < self.fence && fence > 0 {
            // A former owner still speaks.
            if frame["type"] == "ready" {
                self.cut(ctx);
            }
            return;
        }
        self.fence = fence.max(self.fence);
        let asked = self.answered(ctx, &frame);
        for mark in ["duplicate", "conflict", "moved_back"].into_iter().filter(|mark| frame[mark] == true) {
            ctx.bench.saw(mark);
        }
        let chat = frame["chat"].as_u64().unwrap_or_default();
        match frame["type"].as_str().unwrap_or_default() {
            "ready" => self.ready(ctx, &frame),
            "queued" => self.queued(ctx, &frame),
            "chat" => self.chat(ctx, &frame["chat"]),
            "entry" => self.entry(ctx, chat, &frame["entry"]),
            "accepted" => self.accepted(ctx, chat, &frame, asked),
            "page" => self.page(ctx, chat, &frame, asked),
            "chat_gone" => self.forget(ctx, chat),
            "offer" => self.offered(ctx, &frame["offer"]),
            "offer_gone" => self.offer_gone(ctx, chat, &frame),
            "agent" => self.agent = frame["agent"].clone(),
            "error" => self.refused(ctx, &frame, asked),
            _ => {}
        }
    }

    fn ready(&mut self, ctx: &mut Ctx<'_>, ready: &Value) {
        let Some(conn) = &mut self.conn else { return };
        if std::mem::replace(&mut conn.ready, true) {
            ctx.bench.breaks(Promise::Answers, "ready twice on one connection");
        }
        self.failures = 0;
        self.history = ready["history"].as_str().map(str::to_owned);
        let person = &mut ctx.people[self.person];
        if let Some(token) = ready["visitor_token"].as_str().or_else(|| ready["agent_token"].as_str()) {
            person.token = Some(token.to_owned());
        }
        let who = match person.agent {
            Some(agent) => Who::Agent(chatter_core::AgentId(agent)),
            None => match person.token.as_deref().and_then(gate::customer) {
                Some(chatter_core::Principal::Customer { customer, .. }) => Who::Customer(customer),
                _ => return ctx.bench.breaks(Promise::Answers, "no token for a customer"),
            },
        };
        person.who = Some(who);
        self.agent = ready["agent"].clone();
        let offers = ready["offers"].as_array().map(Vec::as_slice).unwrap_or_default();
        self.offers = offers.iter().filter_map(|offer| offer["chat"].as_u64()).collect();
        let views = ready["chats"].as_array().map(Vec::as_slice).unwrap_or_default();
        let listed: Vec<_> = views.iter().filter_map(|view| view["chat"].as_u64()).collect();
        let gone: Vec<_> = self.views.keys().filter(|chat| !listed.contains(chat)).copied().collect();
        gone.into_iter().for_each(|chat| self.forget(ctx, chat));
        for view in views {
            self.tell(ctx, view);
        }
        // What was said before the answer came stands; the rest is resumed now.
        let news: Vec<_> = listed.into_iter().filter(|chat| !self.views[chat].subscribed).collect();
        self.flush(ctx);
        for chat in news {
            if !ctx.dice.once_in(12) {
                self.subscribe(ctx, chat);
            }
        }
    }

    /// On one connection every offer ends once; while it lasts it may be told anew, when its chat changes.
    fn offered(&mut self, ctx: &Ctx<'_>, offer: &Value) {
        ctx.bench.saw("offer");
        self.offers.extend(offer["chat"].as_u64());
    }

    fn offer_gone(&mut self, ctx: &Ctx<'_>, chat: u64, frame: &Value) {
        ctx.bench.saw(format_args!("offer {}", frame["how"].as_str().unwrap_or_default()));
        if !self.offers.remove(&chat) {
            ctx.bench.breaks(Promise::Rules, format_args!("d{} was not asked: {frame}", self.index));
        }
    }

    fn queued(&mut self, ctx: &mut Ctx<'_>, queued: &Value) {
        let view = &queued["chat"];
        let chat = view["chat"].as_u64().unwrap_or_default();
        if queued["existing"] == false {
            self.views.entry(chat).or_default().opened();
        }
        self.chat(ctx, view);
    }

    /// The state of a chat: one that is new is followed.
    fn chat(&mut self, ctx: &mut Ctx<'_>, view: &Value) {
        self.tell(ctx, view);
        let chat = view["chat"].as_u64().unwrap_or_default();
        if view["status"] == "closed" {
            self.forget(ctx, chat);
        } else if self.views.get(&chat).is_some_and(|view| !view.subscribed) && !ctx.dice.once_in(12) {
            self.subscribe(ctx, chat);
        }
    }

    fn tell(&mut self, ctx: &Ctx<'_>, view: &Value) {
        let chat = view["chat"].as_u64().unwrap_or_default();
        if let Err((promise, what)) = self.views.entry(chat).or_default().tell(view) {
            ctx.bench.breaks(promise, format_args!("d{}: {what}", self.index));
        }
    }

    fn entry(&mut self, ctx: &Ctx<'_>, chat: u64, entry: &Value) {
        let Some(who) = self.who(ctx) else { return };
        let number = entry[who.number()].as_u64().unwrap_or_default();
        self.judged(ctx, chat, |view, truth| view.live(number, Ok(entry), truth, who));
    }

    fn accepted(&mut self, ctx: &Ctx<'_>, chat: u64, frame: &Value, asked: Option<Asked>) {
        let (Some(who), Some(Asked { message: Some((intent, attempt)), .. })) = (self.who(ctx), asked) else {
            return ctx.bench.breaks(Promise::Answers, format_args!("nobody sent this: {frame}"));
        };
        let told = Told::from(who, frame);
        let verdict = ctx.bench.judge().journal.accepted(attempt, who.is_agent(), told);
        if let Err((promise, what)) = verdict {
            ctx.bench.breaks(promise, what);
        }
        if let Some(view) = self.views.get_mut(&chat) {
            view.outgoing.settled(&intent.client_id);
        }
        if !told.duplicate {
            self.judged(ctx, chat, |view, truth| view.live(told.number, Err(&intent.text), truth, who));
        }
    }

    fn page(&mut self, ctx: &Ctx<'_>, chat: u64, page: &Value, asked: Option<Asked>) {
        let (Some(who), Some(asked)) = (self.who(ctx), asked) else { return };
        if let Some(older) = asked.older {
            self.judged(ctx, chat, |_, truth| View::older(who, older, page, truth));
        } else {
            let reason = page["recovery"]["reason"].as_str().unwrap_or("recovered");
            ctx.bench.saw(reason);
            // Also of a chat that is not in the list of `ready`: it was asked for.
            self.views.entry(chat).or_default().subscribed = true;
            self.judged(ctx, chat, |view, truth| view.page(who, asked.after, page, truth));
        }
    }

    fn judged(
        &mut self,
        ctx: &Ctx<'_>,
        chat: u64,
        look: impl FnOnce(&mut View, &crate::judge::Transcript) -> super::view::Verdict,
    ) {
        let mut judge = ctx.bench.judge();
        let verdict = match (self.views.get_mut(&chat), judge.truth.chat(chat)) {
            (Some(view), Some(truth)) => look(view, truth),
            // The client has dropped the chat meanwhile, and passes over what comes late.
            (None, Some(_)) => Ok(()),
            (_, None) => Err((Promise::Durable, format!("chat {chat} is not stored"))),
        };
        if let Err((promise, what)) = verdict {
            judge.breaks(promise, format_args!("d{} in chat {chat}: {what}", self.index));
        }
    }
}
