//! Answers: each question gets one, of its kind, in the order of asking.

use std::time::Duration;

use serde_json::Value;

use super::{Asked, Ctx, Device};
use crate::judge::Promise;

/// Refusals after which the same message is sent again.
const FOR_NOW: [&str; 4] = ["rate_limited", "retry_later", "out_of_order", "unavailable"];

impl Device {
    /// The question that a frame answers, if it answers one.
    pub(super) fn answered(&mut self, ctx: &Ctx<'_>, frame: &Value) -> Option<Asked> {
        let reference = frame["ref"].as_str()?;
        let conn = self.conn.as_mut()?;
        let breaks = |what: &str| ctx.bench.breaks(Promise::Answers, format_args!("{what}: {frame}"));
        let Some(at) = conn.asked.iter().position(|asked| asked.reference == reference) else {
            breaks("nobody waits for this answer");
            return None;
        };
        let asked = conn.asked.remove(at).expect("it was just found");
        let kind = frame["type"].as_str().unwrap_or_default();
        if kind != "error" && !asked.expects.contains(&kind) {
            breaks("an answer of the wrong kind");
        }
        if asked.must_fail && kind != "error" {
            breaks("what must be refused was done");
        }
        let mut earlier = conn.asked.iter().take(at).filter(|it| it.chat == asked.chat && !it.may_overtake);
        if let Some(earlier) = earlier.next().filter(|_| !asked.may_overtake) {
            breaks(&format!("the answer to {} comes later than", earlier.reference));
        }
        Some(asked)
    }

    /// A refusal, of a message or of anything else.
    pub(super) fn refused(&mut self, ctx: &Ctx<'_>, frame: &Value, asked: Option<Asked>) {
        let code = frame["code"].as_str().unwrap_or_default();
        ctx.bench.saw(format_args!("error {code}"));
        if code == "internal" {
            ctx.bench.breaks(Promise::Healthy, format_args!("something broke inside: {frame}"));
        }
        let Some(asked) = asked else { return };
        let malformed = matches!(code, "bad_request" | "invalid" | "unknown_type" | "not_available");
        if malformed && !asked.must_fail && !(asked.may_be_invalid && code == "invalid") {
            ctx.bench.breaks(Promise::Answers, format_args!("a good frame is refused: {frame}"));
        }
        if code == "unknown_chat" && !asked.must_fail && ctx.people[self.person].agent.is_none() {
            ctx.bench.breaks(Promise::Answers, format_args!("a customer's own chat is not known: {frame}"));
        }
        if let (Some((intent, attempt)), Some(chat)) = (&asked.message, asked.chat) {
            let verdict = ctx.bench.judge().journal.refused(*attempt);
            if let Err((promise, what)) = verdict {
                ctx.bench.breaks(promise, what);
            }
            if FOR_NOW.contains(&code) {
                let after = Duration::from_millis(frame["retry_after_ms"].as_u64().unwrap_or(20));
                if let Some(view) = self.views.get_mut(&chat) {
                    view.outgoing.again(intent, ctx.now + after);
                }
            } else {
                self.drop_message(ctx, chat, &intent.client_id);
            }
        }
        let verdict = asked.edit.map_or(Ok(()), |edit| ctx.bench.judge().edits.refused(edit));
        if let Err((promise, what)) = verdict {
            ctx.bench.breaks(promise, what);
        }
        let chat = asked.chat.unwrap_or_default();
        match code {
            "chat_closed" => self.forget(ctx, chat),
            // What was watched, and is watched no more.
            "unknown_chat" if asked.expects.contains(&"page") => self.forget(ctx, chat),
            // One that could not be read now is asked for again.
            _ if asked.expects.contains(&"page") => {
                if let Some(view) = self.views.get_mut(&chat).filter(|_| asked.older.is_none()) {
                    view.subscribed = false;
                }
            }
            _ => {}
        }
    }

    /// What was asked for is done. An edit or a deletion stands then.
    pub(super) fn done(&mut self, ctx: &Ctx<'_>, asked: Option<&Asked>) {
        let Some(&Asked { edit, leaves, chat: Some(chat), .. }) = asked else { return };
        if leaves {
            self.forget(ctx, chat);
        }
        let Some(edit) = edit else { return };
        let mut judge = ctx.bench.judge();
        let crate::judge::Judge { truth, edits, .. } = &mut *judge;
        let verdict = match (self.who(ctx), truth.lines(chat)) {
            (Some(who), Some(lines)) => edits.done(edit, who, lines),
            _ => Ok(()),
        };
        if let Err((promise, what)) = verdict {
            judge.breaks(promise, what);
        }
    }

    /// Its author does not say it any more.
    fn drop_message(&mut self, ctx: &Ctx<'_>, chat: u64, client_id: &str) {
        let message = self.views.get_mut(&chat).and_then(|view| view.outgoing.settled(client_id));
        if let (Some(message), Some(who)) = (message, self.who(ctx)) {
            ctx.bench.judge().journal.loosen(&message.intent(who, chat));
        }
    }
}
