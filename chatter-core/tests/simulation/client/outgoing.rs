//! What somebody wants to say: kept until it was accepted, sent again as long as it was not.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::json;

use super::{Ctx, Device};
use crate::judge::{Intent, Judge, Said, Who};

/// The most messages under way to one chat.
const WINDOW: usize = 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Never sent.
    Fresh,
    UnderWay,
    /// To be sent again.
    Again,
}

/// A message that was not accepted yet.
#[derive(Clone, Debug)]
pub(crate) struct Unsent {
    pub(crate) client_id: String,
    pub(crate) text: String,
    pub(crate) kind: Said,
    stage: Stage,
}

/// What one device wants to say in one chat.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    waiting: VecDeque<Unsent>,
    paused_until: Duration,
}

impl Outgoing {
    pub(crate) fn say(&mut self, client_id: String, text: String, kind: Said) {
        self.waiting.push_back(Unsent { client_id, text, kind, stage: Stage::Fresh });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Unsent> {
        self.waiting.iter()
    }

    /// The connection is gone.
    pub(crate) fn lost(&mut self) {
        for message in &mut self.waiting {
            if message.stage == Stage::UnderWay {
                message.stage = Stage::Again;
            }
        }
        self.paused_until = Duration::ZERO;
    }

    /// It was accepted, or refused for good.
    pub(crate) fn settled(&mut self, client_id: &str) -> Option<Unsent> {
        let at = self.waiting.iter().position(|message| message.client_id == client_id)?;
        self.waiting.remove(at)
    }

    /// It was refused for now. Others wait for it, so it is sent again even if it was said out of turn.
    pub(crate) fn again(&mut self, intent: &Intent, until: Duration) {
        self.paused_until = self.paused_until.max(until);
        let Intent { client_id, text, kind, .. } = intent;
        if let Some(message) = self.waiting.iter_mut().find(|message| message.client_id == *client_id) {
            message.stage = Stage::Again;
        } else {
            let (client_id, text) = (client_id.clone(), text.clone());
            self.waiting.push_front(Unsent { client_id, text, kind: *kind, stage: Stage::Again });
        }
    }

    pub(crate) fn give_up(&mut self, who: Who, chat: u64, judge: &mut Judge) {
        for message in self.waiting.drain(..) {
            judge.journal.loosen(&message.intent(who, chat));
        }
    }

    /// What is to be sent now, in order. What was refused goes first, and only when nothing is under way, so that
    /// no later message overtakes it.
    fn due(&mut self, now: Duration) -> Vec<Unsent> {
        let under_way = self.waiting.iter().filter(|message| message.stage == Stage::UnderWay).count();
        let again = self.waiting.iter().any(|message| message.stage == Stage::Again);
        if now < self.paused_until || again && under_way > 0 {
            return Vec::new();
        }
        let mut due = Vec::new();
        for message in self.waiting.iter_mut().take(WINDOW).filter(|message| message.stage != Stage::UnderWay) {
            message.stage = Stage::UnderWay;
            due.push(message.clone());
        }
        due
    }
}

impl Unsent {
    pub(crate) fn intent(&self, who: Who, chat: u64) -> Intent {
        let Self { client_id, text, kind, .. } = self;
        Intent { author: who.key(), chat, client_id: client_id.clone(), text: text.clone(), kind: *kind }
    }
}

impl Device {
    /// Sends what is to be sent.
    pub(crate) fn flush(&mut self, ctx: &Ctx<'_>) {
        let Some(who) = self.who(ctx).filter(|_| self.conn.is_some()) else { return };
        let chats: Vec<_> = self.views.keys().copied().collect();
        for chat in chats {
            let due = self.views.get_mut(&chat).map(|view| view.outgoing.due(ctx.now)).unwrap_or_default();
            for message in due {
                self.send(ctx, &message.intent(who, chat));
            }
        }
    }

    /// One try to say something.
    pub(crate) fn send(&mut self, ctx: &Ctx<'_>, intent: &Intent) {
        if self.conn.is_none() {
            return;
        }
        let attempt = ctx.bench.judge().journal.invoke(self.index, intent);
        let Intent { chat, client_id, text, kind, .. } = intent;
        let frame = json!({"type": kind.command(), "chat": chat, "client_msg_id": client_id, "text": text});
        self.ask(ctx, frame, &["accepted"], |asked| asked.message = Some((intent.clone(), attempt)));
    }
}
