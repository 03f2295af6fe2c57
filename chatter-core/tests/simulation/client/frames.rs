//! What a client does with what it is sent.

use serde_json::Value;

use super::{Asked, Ctx, Device, View};
use crate::gate;
use crate::judge::{Lines, NOTE_MARK, Promise, TYPED_MARK, Told, Who};

impl Device {
    pub(super) fn frame(&mut self, ctx: &mut Ctx<'_>, json: &str) {
        let Ok(frame) = serde_json::from_str::<Value>(json) else {
            return ctx.bench.breaks(Promise::Answers, format_args!("not JSON: {json}"));
        };
        let customer = ctx.people[self.person].agent.is_none();
        let secret = [NOTE_MARK, TYPED_MARK, "\"seq\":"].into_iter().any(|mark| json.contains(mark));
        if customer && secret {
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
            "team_chat" => self.team_chat(ctx, &frame["team_chat"]),
            "typing" => self.typing(ctx, chat, &frame),
            "viewers" => self.viewers(chat, &frame),
            "done" => self.done(ctx, asked.as_ref()),
            "entry" => self.entry(ctx, chat, &frame),
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
        let teams = ready["team_chats"].as_array().map(Vec::as_slice).unwrap_or_default();
        let listed: Vec<_> = views.iter().chain(teams).filter_map(|view| view["chat"].as_u64()).collect();
        let stays = |chat: &u64| listed.contains(chat) || self.watched.contains(chat);
        let gone: Vec<_> = self.views.keys().filter(|chat| !stays(chat)).copied().collect();
        gone.into_iter().for_each(|chat| self.forget(ctx, chat));
        for view in views {
            self.tell(ctx, view);
        }
        for team in teams {
            self.tell_team(ctx, team);
        }
        // What was said before the answer came stands; the rest is resumed now.
        let news: Vec<_> = self.views.iter().filter(|(_, view)| !view.subscribed).map(|(chat, _)| *chat).collect();
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

    /// A conversation with another agent: it is followed.
    fn team_chat(&mut self, ctx: &mut Ctx<'_>, view: &Value) {
        self.tell_team(ctx, view);
        let chat = view["chat"].as_u64().unwrap_or_default();
        if self.views.get(&chat).is_some_and(|view| !view.subscribed) && !ctx.dice.once_in(12) {
            self.subscribe(ctx, chat);
        }
    }

    fn tell_team(&mut self, ctx: &Ctx<'_>, view: &Value) {
        let chat = view["chat"].as_u64().unwrap_or_default();
        let members = view["members"].as_array().map(Vec::as_slice).unwrap_or_default();
        let own = members.iter().find(|member| member["agent"].as_u64() == ctx.people[self.person].agent);
        let Some(own) = own else {
            return ctx.bench.breaks(Promise::Secret, format_args!("d{} is told of {view}", self.index));
        };
        if let Err((promise, what)) = self.views.entry(chat).or_default().tell_team(view, own) {
            ctx.bench.breaks(promise, format_args!("d{}: {what}", self.index));
        }
    }

    /// Somebody types, or has stopped: the customer, or an agent by that name.
    fn typing(&mut self, ctx: &Ctx<'_>, chat: u64, frame: &Value) {
        ctx.bench.saw(format_args!("typing {}", frame["typing"]));
        if frame["text"].is_string() {
            ctx.bench.saw("a preview");
        }
        let who = frame["agent"].as_str().unwrap_or_default().to_owned();
        let Some(view) = self.views.get_mut(&chat) else { return };
        if frame["typing"] == true {
            view.typing.insert(who, ctx.now);
        } else {
            view.typing.remove(&who);
        }
    }

    fn viewers(&mut self, chat: u64, frame: &Value) {
        let writes = |viewer: &Value| viewer["writing"] == true;
        let Some(view) = self.views.get_mut(&chat) else { return };
        view.writing = frame["viewers"].as_array().is_some_and(|viewers| viewers.iter().any(writes));
    }

    fn tell(&mut self, ctx: &Ctx<'_>, view: &Value) {
        let chat = view["chat"].as_u64().unwrap_or_default();
        if let Err((promise, what)) = self.views.entry(chat).or_default().tell(view) {
            ctx.bench.breaks(promise, format_args!("d{}: {what}", self.index));
        }
    }

    fn entry(&mut self, ctx: &Ctx<'_>, chat: u64, frame: &Value) {
        let Some(who) = self.who(ctx) else { return };
        let (entry, target) = (&frame["entry"], frame.get("target"));
        let number = entry[who.number()].as_u64().unwrap_or_default();
        self.judged(ctx, chat, |view, truth| {
            if truth.as_new(who, number) != Some((entry, target)) {
                return Err((Promise::Numbers, format!("{:?} is stored, and shown as {frame}", truth.at(who, number))));
            }
            view.live(number, Ok(entry))?;
            if let Some(target) = target {
                view.put(who, target);
            }
            Ok(())
        });
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
        if chat != intent.chat {
            ctx.bench.saw("accepted in the chat it was merged into");
        }
        if let Some(view) = self.views.get_mut(&intent.chat) {
            view.outgoing.settled(&intent.client_id);
        }
        if !told.duplicate {
            self.judged(ctx, chat, |view, _| view.live(told.number, Err(&intent.text)));
        }
    }

    fn page(&mut self, ctx: &Ctx<'_>, chat: u64, page: &Value, asked: Option<Asked>) {
        let (Some(who), Some(asked)) = (self.who(ctx), asked) else { return };
        if let Some(older) = asked.older {
            self.judged(ctx, chat, |_, truth| View::older(who, older, page, truth));
        } else {
            let reason = page["recovery"]["reason"].as_str().unwrap_or("recovered");
            ctx.bench.saw(reason);
            if page["targets"].is_array() {
                ctx.bench.saw("a page with targets");
            }
            // Also of a chat that is not in the list of `ready`: it was asked for.
            self.views.entry(chat).or_default().subscribed = true;
            self.judged(ctx, chat, |view, truth| view.page(who, asked.after, page, truth));
        }
    }

    fn judged(&mut self, ctx: &Ctx<'_>, chat: u64, look: impl FnOnce(&mut View, &Lines) -> super::view::Verdict) {
        let mut judge = ctx.bench.judge();
        let verdict = match (self.views.get_mut(&chat), judge.truth.lines(chat)) {
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
