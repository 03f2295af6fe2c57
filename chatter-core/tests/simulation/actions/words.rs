//! What people write.

use serde_json::json;

use super::{any_chat, some_chat};
use crate::client::{Ctx, Device};
use crate::judge::{Edit, Intent, NOTE_MARK, Said, TYPED_MARK};

fn words(device: &mut Device, ctx: &mut Ctx<'_>) -> (String, String) {
    device.said += 1;
    let id = format!("{}.{}", device.index, device.said);
    let filler = "lorem ipsum ".repeat(usize::try_from(ctx.dice.below(4)).unwrap_or(0));
    (id.clone(), format!("{id} {filler}").trim_end().to_owned())
}

pub(super) fn say(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = some_chat(device, ctx, |_| true)?;
    for _ in 0..=ctx.dice.below(3) {
        speak(device, ctx, chat, Said::Message)?;
    }
    Some(())
}

pub(super) fn say_much(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = some_chat(device, ctx, |_| true)?;
    for _ in 0..ctx.dice.below(90) {
        speak(device, ctx, chat, Said::Message)?;
    }
    Some(())
}

pub(super) fn note(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = any_chat(device, ctx)?;
    speak(device, ctx, chat, Said::Note)
}

/// Advice to whoever holds a chat that one may watch.
pub(super) fn whisper(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = any_chat(device, ctx)?;
    speak(device, ctx, chat, Said::Whisper)
}

fn speak(device: &mut Device, ctx: &mut Ctx<'_>, chat: u64, kind: Said) -> Option<()> {
    let (id, mut text) = words(device, ctx);
    if kind != Said::Message {
        text = format!("{text} {NOTE_MARK}");
    }
    device.views.get_mut(&chat)?.outgoing.say(id, text, kind);
    Some(())
}

/// Another device of the same person, or this one, sends the same once more under the same id.
pub(super) fn say_again_elsewhere(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let intent = said_before(device, ctx)?;
    ctx.bench.judge().journal.loosen(&intent);
    device.send(ctx, &intent);
    Some(())
}

/// A client with a fault uses an id again for other words.
pub(super) fn say_otherwise(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let intent = said_before(device, ctx)?;
    ctx.bench.judge().journal.loosen(&intent);
    let text = format!("{} otherwise", intent.text);
    device.send(ctx, &Intent { text, ..intent });
    Some(())
}

fn said_before(device: &Device, ctx: &mut Ctx<'_>) -> Option<Intent> {
    let chat = some_chat(device, ctx, |_| true)?;
    let who = device.who(ctx)?;
    let said = ctx.bench.judge().journal.said_by(who.key(), chat);
    ctx.dice.pick(&said).cloned()
}

/// Puts other words in the place of a line of one's own.
pub(super) fn edit_message(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let (chat, target, internal) = own_line(device, ctx)?;
    let (_, text) = words(device, ctx);
    let text = if internal { format!("{text} edited {NOTE_MARK}") } else { format!("{text} edited") };
    change(device, ctx, chat, target, Some(text))
}

/// Deletes a line of one's own, now and then one of somebody else; and may want to edit it afterwards.
pub(super) fn delete_message(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let (chat, mut target, internal) = own_line(device, ctx)?;
    if ctx.dice.once_in(8) {
        target = 1 + ctx.dice.below(target + 1);
    }
    change(device, ctx, chat, target, None)?;
    if internal && ctx.dice.once_in(2) {
        let (_, text) = words(device, ctx);
        change(device, ctx, chat, target, Some(format!("{text} brought back {NOTE_MARK}")))?;
    }
    Some(())
}

fn own_line(device: &Device, ctx: &mut Ctx<'_>) -> Option<(u64, u64, bool)> {
    let chat = any_chat(device, ctx)?;
    let own = device.views[&chat].own_lines(device.who(ctx)?);
    let (target, internal) = *ctx.dice.pick(&own)?;
    Some((chat, target, internal))
}

fn change(device: &mut Device, ctx: &Ctx<'_>, chat: u64, target: u64, text: Option<String>) -> Option<()> {
    let author = device.who(ctx)?.key();
    let tried = ctx.bench.judge().edits.ask(Edit { author, chat, target, text: text.clone() });
    let mut frame = json!({"type": "delete_message", "chat": chat, "target": target});
    if let Some(text) = text {
        (frame["type"], frame["text"]) = (json!("edit_message"), json!(text));
    }
    device.ask(ctx, frame, &["done"], |asked| asked.edit = Some(tried));
    Some(())
}

/// Begins to write something, or goes on, or stops; nobody sends it.
pub(super) fn typing(device: &mut Device, ctx: &mut Ctx<'_>) -> Option<()> {
    let chat = some_chat(device, ctx, |_| true)?;
    let mut frame = json!({"type": "typing", "chat": chat, "typing": !ctx.dice.once_in(4)});
    if frame["typing"] == true && ctx.people[device.person].agent.is_none() {
        frame["text"] = json!(format!("{TYPED_MARK} {}", ctx.dice.below(100)));
    }
    device.mention(ctx, &frame);
    Some(())
}
