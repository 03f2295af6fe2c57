//! What staff does: offers, whose chat it is, looking on, talking among themselves.

use chatter_core::ChatState;
use serde_json::json;

use super::any_chat;
use crate::client::{Ctx, Device};
use crate::judge::{Transcript, Who};

pub(super) fn set_priority(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = any_chat(device, ctx)?;
    let priority = ctx.dice.pick(&["low", "medium", "high", "urgent"])?;
    device.ask(ctx, json!({"type": "set_priority", "chat": chat, "priority": priority}), &["done"], |_| ());
    Some(())
}

pub(super) fn reopen_chat(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = any_chat(device, ctx)?;
    device.ask(ctx, json!({"type": "reopen_chat", "chat": chat}), &["done"], |_| ());
    Some(())
}

pub(super) fn go_online(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    if device.agent["state"] == "online" {
        return None;
    }
    device.ask(ctx, json!({"type": "set_agent_state", "state": "online"}), &["done"], |_| ());
    Some(())
}

pub(super) fn set_agent_state(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let state = ctx.dice.pick(&["online", "away", "last_call", "offline"])?;
    device.ask(ctx, json!({"type": "set_agent_state", "state": state}), &["done"], |_| ());
    Some(())
}

pub(super) fn accept_offer(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = some_offer(device, ctx)?;
    device.ask(ctx, json!({"type": "accept_offer", "chat": chat}), &["done"], |_| ());
    Some(())
}

pub(super) fn decline_offer(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = some_offer(device, ctx)?;
    let mut frame = json!({"type": "decline_offer", "chat": chat});
    if ctx.dice.once_in(2) {
        frame["reason"] = json!(ctx.dice.pick(&["busy", "wrong_category", "language", "other"])?);
    }
    device.ask(ctx, frame, &["done"], |_| ());
    Some(())
}

/// An offer; now and then one that was never made.
fn some_offer(device: &Device, ctx: &mut Ctx<'_>) -> Option<u64> {
    let offers: Vec<_> = device.offers.iter().copied().collect();
    if ctx.dice.once_in(20) { any_chat(device, ctx) } else { ctx.dice.pick(&offers).copied() }
}

/// To another agent, who may be asked first, or to the queue of another category.
pub(super) fn transfer_chat(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = any_chat(device, ctx)?;
    let mut frame = json!({"type": "transfer_chat", "chat": chat});
    if ctx.dice.once_in(2) {
        frame["to_agent"] = json!(1 + ctx.dice.below(ctx.plan.agents));
    } else {
        frame["to_category"] = json!(1 + ctx.dice.below(u64::from(ctx.plan.categories)));
    }
    device.ask(ctx, frame, &["done"], |asked| asked.may_be_invalid = true);
    Some(())
}

/// Takes any chat, whether it waits or not, or gives it to somebody.
pub(super) fn assign_chat(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = any_chat_there_is(ctx)?;
    let mut frame = json!({"type": "assign_chat", "chat": chat, "override_limit": ctx.dice.once_in(4)});
    if ctx.dice.once_in(3) {
        frame["agent"] = json!(1 + ctx.dice.below(ctx.plan.agents));
    }
    device.ask(ctx, frame, &["done"], |_| ());
    Some(())
}

pub(super) fn unassign_chat(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = if ctx.dice.once_in(2) { any_chat(device, ctx)? } else { any_chat_there_is(ctx)? };
    device.ask(ctx, json!({"type": "unassign_chat", "chat": chat}), &["done"], |_| ());
    Some(())
}

fn any_chat_there_is(ctx: &mut Ctx<'_>) -> Option<u64> {
    let chats: Vec<_> = ctx.bench.judge().truth.chats.keys().copied().collect();
    ctx.dice.pick(&chats).copied()
}

/// Looks at a chat of somebody else, for those who may.
pub(super) fn watch(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let Some(Who::Agent(agent)) = device.who(ctx) else { return None };
    let open: Vec<_> = {
        let judge = ctx.bench.judge();
        let open = |chat: &&Transcript| !matches!(chat.record.state, ChatState::Closed { .. });
        let all = judge.truth.chats.values().filter(open).map(|chat| chat.record.chat.0);
        all.filter(|_| judge.truth.watchers.contains(&agent)).collect()
    };
    let chat = *ctx.dice.pick(&open)?;
    device.watched.insert(chat);
    device.views.entry(chat).or_default();
    device.subscribe(ctx, chat);
    Some(())
}

/// Looks away again.
pub(super) fn look_away(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    // A page that is still under way would begin it anew.
    let under_way = |chat: &u64| {
        let mut asked = device.conn.iter().flat_map(|conn| &conn.asked);
        asked.any(|it| it.chat == Some(*chat) && it.expects.contains(&"page"))
    };
    let watched: Vec<_> = device.watched.iter().copied().filter(|chat| !under_way(chat)).collect();
    let chat = *ctx.dice.pick(&watched)?;
    device.ask(ctx, json!({"type": "unsubscribe", "chat": chat}), &["done"], |asked| asked.leaves = true);
    Some(())
}

pub(super) fn join_chat(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = any_chat_there_is(ctx)?;
    device.ask(ctx, json!({"type": "join_chat", "chat": chat}), &["done"], |_| ());
    Some(())
}

pub(super) fn leave_chat(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = any_chat(device, ctx)?;
    device.ask(ctx, json!({"type": "leave_chat", "chat": chat}), &["done"], |_| ());
    Some(())
}

pub(super) fn take_over(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = any_chat_there_is(ctx)?;
    device.ask(ctx, json!({"type": "take_over", "chat": chat}), &["done"], |_| ());
    Some(())
}

/// Lets a chat go on in another one, mostly of the same customer.
pub(super) fn merge_chats(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = any_chat_there_is(ctx)?;
    let others: Vec<_> = {
        let judge = ctx.bench.judge();
        let customer = judge.truth.chat(chat)?.record.customer;
        let same = judge.truth.chats.values().filter(|it| it.record.customer == customer);
        same.map(|it| it.record.chat.0).filter(|other| *other != chat).collect()
    };
    let into = if ctx.dice.once_in(8) { any_chat_there_is(ctx)? } else { *ctx.dice.pick(&others)? };
    device.ask(ctx, json!({"type": "merge_chats", "chat": chat, "into": into}), &["done"], |_| ());
    Some(())
}

/// Talks with a colleague, now and then with oneself or with nobody.
pub(super) fn open_team_chat(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let agent = 1 + ctx.dice.below(ctx.plan.agents);
    let frame = json!({"type": "open_team_chat", "agent": agent});
    device.ask(ctx, frame, &["team_chat"], |asked| asked.may_be_invalid = true);
    Some(())
}

pub(super) fn end_wrap_up(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    device.ask(ctx, json!({"type": "end_wrap_up"}), &["done"], |_| ());
    Some(())
}
