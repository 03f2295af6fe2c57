//! Whatever people write comes back as it was.

use std::sync::Arc;

use chatter_core::{Audience, Batch, Body, ChatId, Page, PageEnd, Seq, Store, Text};
use proptest::prelude::*;

use super::{Owner, Place};

async fn round_trip(owner: &mut Owner, chat: ChatId, text: &str) -> Result<(), TestCaseError> {
    let Ok(text) = Text::new(text) else { return Ok(()) };
    owner.scribe.message(chat, chatter_core::Side::Customer);
    let mut batch = Batch::clone(&owner.scribe.take());
    batch.entries[0].body = Body::Message { text: text.clone() };
    let written = batch.entries[0].clone();
    if let Some(message) = &mut batch.rows.chats[0].last_message {
        message.text = Some(text);
    }
    let record = batch.rows.chats[0].clone();
    owner.try_commit(&Arc::new(batch)).await.unwrap();

    let audience = Audience::Staff { after: Seq(written.seq.0 - 1), up_to: Seq(u64::MAX) };
    let page = Page { audience, limit: usize::MAX, end: PageEnd::Newest };
    let read = owner.store.entries(&owner.desk, chat, page).await.unwrap();
    prop_assert_eq!(&read, &[written]);
    let loaded = owner.load().await.snapshot.chats;
    prop_assert_eq!(&loaded[0].record, &record);
    Ok(())
}

#[test]
fn texts_come_back_as_they_were() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let place = Place::new();
    let owner = runtime.block_on(async {
        let mut owner = Owner::of(place.open()).await;
        let chat = owner.chat_with(1);
        owner.commit().await;
        (owner, chat)
    });
    let owner = std::cell::RefCell::new(owner);
    let check = |text: &str| {
        let (owner, chat) = &mut *owner.borrow_mut();
        runtime.block_on(round_trip(owner, *chat, text))
    };
    for text in [
        "it's \"quoted\"; DROP TABLE entries; -- '' ? ?1 :x $y @z",
        "👩‍👩‍👧‍👦 🇨🇭 ﷽ אבג العربية ไทย e\u{301}",
        "a\tb\r\nc\n\nd",
        "%_\\ [x] * {json: \"no\"} 0x00 1e9 NULL",
        "\u{10ffff}\u{feff}\u{200b}x",
        &"é".repeat(1_000),
        &"𝔘".repeat(1_000),
    ] {
        assert!(Text::new(text).is_ok());
        check(text).unwrap();
    }
    let config = ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(text in "\\PC{1,300}")| check(&text)?);
}
