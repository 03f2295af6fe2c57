//! What was deleted is gone: from the rows, and from the file once its log was moved.

use std::sync::Arc;

use chatter_core::testing::Dice;
use chatter_core::{Audience, Batch, Body, ChatId, Entry, EntryKind, Overwrite, Page, PageEnd, Seq, Side, Store, Text};

use super::{Owner, Place};

/// In everything that is to go, and in nothing else.
const SECRET: &str = "s3cr3t";

const MESSAGES: u64 = 300;

fn secret(dice: &mut Dice, number: u64) -> Text {
    let filling = "x".repeat(usize::try_from(dice.below(900)).unwrap());
    Text::new(&format!("{SECRET} {number} {filling} {SECRET}")).unwrap()
}

fn overwrite(chat: ChatId, seq: u64, text: Option<Text>, number: u64) -> Overwrite {
    let edited_at = text.is_some().then_some(chatter_core::Time(number));
    let body = text.map_or(Body::Deleted { was: EntryKind::Message }, |text| Body::Message { text });
    Overwrite { chat, seq: Seq(seq), edited_at, body }
}

/// A chat in which all is secret and, in as many rounds, edited in every length.
async fn secrets(owner: &mut Owner, rounds: u64) -> ChatId {
    let mut dice = Dice::new(5);
    let [chat, other] = [(); 2].map(|()| owner.scribe.open_chat());
    for number in 0..MESSAGES {
        owner.scribe.message(chat, Side::Customer);
        let mut batch = Batch::clone(&owner.scribe.take());
        let text = secret(&mut dice, number);
        batch.entries[0].body = Body::Message { text };
        owner.try_commit(&Arc::new(batch)).await.unwrap();
        // Others write meanwhile, so that the rows of the chat lie apart.
        owner.scribe.message(other, Side::Customer);
        owner.commit().await;
    }
    for round in 0..rounds {
        let edits = (0..MESSAGES).map(|_| {
            let (seq, text) = (1 + dice.below(MESSAGES), secret(&mut dice, round));
            overwrite(chat, seq, Some(text), round)
        });
        let batch = Batch { overwrites: edits.collect(), ..Batch::default() };
        owner.try_commit(&Arc::new(batch)).await.unwrap();
    }
    chat
}

/// How often the word is in the database file, its log emptied.
fn left(place: &Place) -> usize {
    assert_eq!(place.wal_len(), 0, "the log was moved");
    let bytes = std::fs::read(place.path()).unwrap();
    bytes.windows(SECRET.len()).filter(|window| *window == SECRET.as_bytes()).count()
}

async fn delete_all(owner: &mut Owner, chat: ChatId) {
    for seqs in [1..=MESSAGES / 2, MESSAGES / 2 + 1..=MESSAGES] {
        let overwrites = seqs.map(|seq| overwrite(chat, seq, None, 0)).collect();
        owner.try_commit(&Arc::new(Batch { overwrites, ..Batch::default() })).await.unwrap();
    }
}

async fn entries(owner: &Owner, chat: ChatId) -> Vec<Entry> {
    let audience = Audience::Staff { after: Seq(0), up_to: Seq(MESSAGES) };
    let page = Page { audience, limit: usize::MAX, end: PageEnd::Oldest };
    owner.store.entries(&owner.desk, chat, page).await.unwrap()
}

/// How much is left in the file after all secrets were deleted; `secure_delete` as the store has it, or not.
async fn left_after_deletion(place: &Place, rounds: u64, secure: bool) -> usize {
    let mut owner = Owner::of(place.open()).await;
    let chat = secrets(&mut owner, rounds).await;
    owner.store.close();
    assert!(left(place) as u64 >= 2 * MESSAGES, "the secrets are there before");

    let mut owner = Owner { store: place.open(), ..owner };
    owner.acquired = owner.store.acquire(&owner.desk).await.unwrap();
    if !secure {
        owner.on_writer(|conn| conn.execute_batch("PRAGMA secure_delete = 0").unwrap()).await;
    }
    delete_all(&mut owner, chat).await;
    let deleted = Body::Deleted { was: EntryKind::Message };
    assert!(entries(&owner, chat).await.iter().all(|entry| entry.body == deleted && entry.edited_at.is_none()));
    let loaded = owner.load().await.snapshot.chats;
    let last = loaded.iter().find(|loaded| loaded.record.chat == chat).and_then(|it| it.record.last_message.as_ref());
    assert_eq!(last.map(|last| last.text.as_ref()), Some(None), "the last message is there, without words");
    let in_rows = "SELECT count(*) FROM entries WHERE text LIKE '%s3cr3t%'";
    assert_eq!(owner.on_writer(|conn| conn.query_row(in_rows, [], |row| row.get::<_, i64>(0)).unwrap()).await, 0);
    owner.store.close();
    left(place)
}

#[tokio::test]
async fn deleted_words_are_nowhere_in_the_file() {
    assert_eq!(left_after_deletion(&Place::new(), 0, true).await, 0);
}

#[tokio::test]
async fn without_secure_delete_they_would_be() {
    assert!(left_after_deletion(&Place::new(), 0, false).await > 100);
}

/// Where an edit makes a row outgrow its page, SQLite moves rows and may leave a copy of one behind, in which it
/// writes no zeros when the row is deleted later. That is rare, and ends when the file is written anew.
#[tokio::test]
async fn of_words_edited_over_and_over_hardly_any_are_left_and_none_after_a_vacuum() {
    let place = Place::new();
    let left_over = left_after_deletion(&place, 3, true).await as u64;
    assert!(left_over <= MESSAGES / 50, "{left_over} of {}", 2 * (MESSAGES + 3 * MESSAGES));
    let conn = rusqlite::Connection::open(place.path()).unwrap();
    conn.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(conn);
    assert_eq!(left(&place), 0);
}
