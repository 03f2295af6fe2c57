//! What people do, each a few lines: add a row and a function for a new command.

mod staff;
mod words;

use chatter_core::CloseReason;
use serde_json::json;

use self::staff::{
    accept_offer, assign_chat, decline_offer, end_wrap_up, go_online, join_chat, leave_chat, look_away, merge_chats,
    open_team_chat, reopen_chat, set_agent_state, set_priority, take_over, transfer_chat, unassign_chat, watch,
};
use self::words::{
    delete_message, edit_message, note, say, say_again_elsewhere, say_much, say_otherwise, typing, whisper,
};
use crate::client::{Asked, Ctx, Device, Older, View};

/// Something that a person may do on one of their devices.
#[derive(Debug)]
pub(crate) struct Action {
    pub(crate) name: &'static str,
    pub(crate) weight: u64,
    who: Role,
    act: fn(&mut Device, &mut Ctx<'_>) -> Option<()>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Customer,
    Agent,
    Both,
}

const fn by(name: &'static str, weight: u64, who: Role, act: fn(&mut Device, &mut Ctx<'_>) -> Option<()>) -> Action {
    Action { name, weight, who, act }
}

pub(crate) const ACTIONS: &[Action] = &[
    by("say", 60, Role::Both, say),
    by("say_much", 3, Role::Both, say_much),
    by("note", 12, Role::Agent, note),
    by("whisper", 3, Role::Agent, whisper),
    by("edit_message", 12, Role::Both, edit_message),
    by("delete_message", 5, Role::Both, delete_message),
    by("typing", 10, Role::Both, typing),
    by("say_again_elsewhere", 6, Role::Both, say_again_elsewhere),
    by("say_otherwise", 2, Role::Both, say_otherwise),
    by("join", 30, Role::Customer, join),
    by("queue_status", 4, Role::Customer, queue_status),
    by("start_chat", 3, Role::Customer, start_chat),
    by("receipt", 20, Role::Both, receipt),
    by("receipt_too_high", 1, Role::Both, receipt_too_high),
    by("end_chat", 6, Role::Both, end_chat),
    by("reopen_chat", 6, Role::Agent, reopen_chat),
    by("set_subject", 5, Role::Both, set_subject),
    by("set_priority", 6, Role::Agent, set_priority),
    by("go_online", 30, Role::Agent, go_online),
    by("set_agent_state", 5, Role::Agent, set_agent_state),
    by("accept_offer", 40, Role::Agent, accept_offer),
    by("decline_offer", 8, Role::Agent, decline_offer),
    by("transfer_chat", 8, Role::Agent, transfer_chat),
    by("assign_chat", 4, Role::Agent, assign_chat),
    by("unassign_chat", 3, Role::Agent, unassign_chat),
    by("watch", 5, Role::Agent, watch),
    by("look_away", 2, Role::Agent, look_away),
    by("join_chat", 4, Role::Agent, join_chat),
    by("leave_chat", 3, Role::Agent, leave_chat),
    by("take_over", 3, Role::Agent, take_over),
    by("merge_chats", 3, Role::Agent, merge_chats),
    by("open_team_chat", 4, Role::Agent, open_team_chat),
    by("end_wrap_up", 3, Role::Agent, end_wrap_up),
    by("sign_out", 1, Role::Both, sign_out),
    by("read_history", 8, Role::Both, read_history),
    by("subscribe_again", 6, Role::Both, subscribe_again),
    by("ping", 4, Role::Both, ping),
    by("pry", 4, Role::Both, pry),
    by("malformed", 2, Role::Both, malformed),
    by("hello_again", 1, Role::Both, hello_again),
    by("open_or_shut", 5, Role::Both, open_or_shut),
];

/// Begins to write something where it can.
pub(crate) fn type_something(device: &mut Device, ctx: &mut Ctx<'_>) {
    if device.is_ready() {
        let _ = typing(device, ctx);
    }
}

impl Action {
    /// True when it was done; false when this device cannot do it now.
    pub(crate) fn act(&self, device: &mut Device, ctx: &mut Ctx<'_>) -> bool {
        let agent = ctx.people[device.person].agent.is_some();
        let fits = match self.who {
            Role::Customer => !agent,
            Role::Agent => agent,
            Role::Both => true,
        };
        let free = ctx.now >= device.stalled_until && (device.is_ready() || self.name == "open_or_shut");
        fits && free && (self.act)(device, ctx).is_some()
    }
}

/// One of the chats that the device knows and that fit.
fn some_chat(device: &Device, ctx: &mut Ctx<'_>, fits: impl Fn(&View) -> bool) -> Option<u64> {
    let chats: Vec<_> = device.views.iter().filter(|(_, view)| fits(view)).map(|(chat, _)| *chat).collect();
    ctx.dice.pick(&chats).copied()
}

/// A chat with a customer.
fn any_chat(device: &Device, ctx: &mut Ctx<'_>) -> Option<u64> {
    some_chat(device, ctx, |view| !view.team)
}

fn join(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    if device.views.len() > 2 {
        return None;
    }
    let name = ctx.people[device.person].name.clone();
    let mut frame = json!({"type": "join_queue", "name": name});
    let category = ctx.dice.below(u64::from(ctx.plan.categories) + 1);
    if category > 0 {
        frame["category"] = json!(category);
    }
    device.ask(ctx, frame, &["queued"], |_| ());
    Some(())
}

fn queue_status(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = any_chat(device, ctx)?;
    device.ask(ctx, json!({"type": "queue_status", "chat": chat}), &["place"], |_| ());
    Some(())
}

fn start_chat(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = any_chat(device, ctx)?;
    device.ask(ctx, json!({"type": "start_chat", "chat": chat}), &["customer_token"], |_| ());
    Some(())
}

fn receipt(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = some_chat(device, ctx, |view| view.position.is_some())?;
    let position = device.views[&chat].position?;
    let delivered = position - ctx.dice.below(3).min(position);
    let mut frame = json!({"type": "receipt", "chat": chat, "delivered": delivered});
    if ctx.dice.once_in(2) {
        frame["read"] = json!(delivered - ctx.dice.below(2).min(delivered));
    }
    device.ask(ctx, frame, &["done"], |_| ());
    Some(())
}

fn receipt_too_high(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = any_chat(device, ctx)?;
    device.conn.as_mut()?.provoked.push(CloseReason::ReceiptTooHigh);
    let frame = json!({"type": "receipt", "chat": chat, "read": 1_000_000});
    device.ask(ctx, frame, &[], |asked| asked.must_fail = true);
    Some(())
}

fn end_chat(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = any_chat(device, ctx)?;
    device.ask(ctx, json!({"type": "end_chat", "chat": chat}), &["done"], |_| ());
    Some(())
}

fn set_subject(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = any_chat(device, ctx)?;
    let subject = if ctx.dice.once_in(4) { json!(null) } else { json!(format!("about {}", ctx.dice.below(9))) };
    device.ask(ctx, json!({"type": "set_subject", "chat": chat, "subject": subject}), &["done"], |_| ());
    Some(())
}

fn sign_out(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let all = ctx.dice.once_in(2);
    device.ask(ctx, json!({"type": "sign_out", "all": all}), &["done"], |_| ());
    Some(())
}

fn read_history(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = some_chat(device, ctx, |_| true)?;
    let known = device.views[&chat].position.unwrap_or_default();
    let older = Older { before: 1 + ctx.dice.below(known + 3), limit: 1 + ctx.dice.below(200), known };
    let frame = json!({"type": "read_history", "chat": chat, "before": older.before, "limit": older.limit});
    device.ask(ctx, frame, &["page"], |asked| asked.older = Some(older));
    Some(())
}

fn subscribe_again(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = some_chat(device, ctx, |_| true)?;
    device.subscribe(ctx, chat);
    Some(())
}

fn ping(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    device.ask(ctx, json!({"type": "ping"}), &["pong"], |asked| asked.may_overtake = true);
    Some(())
}

/// Asks for a chat of others, or one that does not exist.
fn pry(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let who = device.who(ctx)?;
    let others: Vec<_> = {
        let judge = ctx.bench.judge();
        let all = judge.truth.chats.keys().chain(judge.truth.teams.keys());
        all.filter(|chat| !judge.truth.knows(who, **chat)).copied().collect()
    };
    let chat = ctx.dice.pick(&others).copied().unwrap_or(1_000_000);
    // An agent may be given the chat while the question is on its way, though never a conversation of others.
    let of_colleagues = ctx.bench.judge().truth.teams.contains_key(&chat);
    let must_fail = !who.is_agent() || chat == 1_000_000 || of_colleagues;
    let refused = |asked: &mut Asked| asked.must_fail = must_fail;
    device.ask(ctx, json!({"type": "subscribe", "chat": chat}), &["page"], refused);
    device.ask(ctx, json!({"type": "end_chat", "chat": chat}), &["done"], refused);
    let older = Older { before: 100, limit: 10, known: 0 };
    device.ask(ctx, json!({"type": "read_history", "chat": chat, "before": 100, "limit": 10}), &["page"], |asked| {
        refused(asked);
        asked.older = Some(older);
    });
    Some(())
}

fn malformed(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = any_chat(device, ctx)?;
    let frame = match ctx.dice.below(3) {
        0 => json!({"type": "dance"}),
        1 => json!({"type": "end_chat", "chat": chat.to_string()}),
        _ => json!({"type": "read_history", "chat": chat, "before": 3, "limit": 0}),
    };
    device.ask(ctx, frame, &[], |asked| {
        asked.must_fail = true;
        asked.may_overtake = true;
    });
    Some(())
}

fn hello_again(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    device.conn.as_mut()?.provoked.push(CloseReason::HelloExpected);
    device.ask(ctx, json!({"type": "hello", "protocol": 1, "role": "customer"}), &[], |_| ());
    Some(())
}

/// Closes the tab, or opens it again.
fn open_or_shut(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    if !device.shut && !ctx.dice.once_in(4) {
        return None;
    }
    device.shut = !device.shut;
    if device.shut {
        device.cut(ctx);
    }
    Some(())
}
