//! The store under the shim, without an engine: it makes its file, commits, and moves its log at every
//! opportunity, while the power is cut.

use std::path::Path;
use std::sync::Arc;

use chatter_core::{
    Audience, Author, Batch, Body, ChatId, DeskId, Entry, Page, PageEnd, PublicSeq, Seq, Store as _, Text, Time,
};
use chatter_store_sqlite::{Durability, SqliteOptions, SqliteStore, WalLimits};

use crate::acks::{Program, Task};
use crate::crash::integrity;

const STORE: Program = Program { what: "power, store", name: "store::program", rows };
const CHAT: ChatId = ChatId(1);

fn options(durability: Durability) -> SqliteOptions {
    // Low marks: each step of moving the log comes many times in a life.
    let wal = WalLimits { move_pages: 20, finish_pages: 60, force_pages: 120 };
    SqliteOptions { durability, wal, ..SqliteOptions::default() }
}

/// Every entry of the chat, by the store's own reading of what is left.
fn rows(folder: &Path) -> Vec<u64> {
    let path = folder.join("chatter.db");
    if !path.exists() {
        return Vec::new();
    }
    assert_eq!(integrity(&path).expect("the file can be read"), "ok");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime needs no I/O");
    let store = SqliteStore::open(path, options(Durability::Full)).expect("what a cut left opens by itself");
    runtime.block_on(entries(&store))
}

async fn entries(store: &SqliteStore) -> Vec<u64> {
    let audience = Audience::Staff { after: Seq(0), up_to: Seq(u64::MAX >> 1) };
    let page = Page { audience, limit: usize::MAX >> 1, end: PageEnd::Oldest };
    let entries = store.entries(&DeskId::default(), CHAT, page).await.expect("the entries can be read");
    entries.into_iter().map(|entry| entry.seq.0).collect()
}

#[test]
fn at_full_nothing_acked_is_lost() {
    STORE.loses_nothing();
}

#[test]
fn at_normal_the_same_test_loses() {
    STORE.loses_at_normal();
}

/// Not a test of its own: the program, when one of the tests above starts it.
#[tokio::test]
async fn program() {
    let Some(mut task) = Task::given() else { return };
    let durability = if task.durability == "FULL" { Durability::Full } else { Durability::Normal };
    let store = SqliteStore::open(task.folder.join("chatter.db"), options(durability)).expect("it opens");
    let desk = DeskId::default();
    let mut last = entries(&store).await.len() as u64;
    let fence = store.acquire(&desk).await.expect("nobody else has it").fence;
    let mut revision = store.load(&desk).await.expect("it loads").revision;
    loop {
        let next = last + last % 4 + 1;
        let batch = Batch { entries: (last + 1..=next).map(entry).collect(), ..Batch::default() };
        revision = store.commit(&desk, fence, revision, Arc::new(batch)).await.expect("it works until it does not");
        task.ack(next);
        last = next;
    }
}

fn entry(number: u64) -> Entry {
    let words = "words ".repeat(usize::try_from(number * 131 % 100).unwrap_or(0) + 1);
    let text = Text::new(&words).expect("six hundred letters are few enough");
    Entry {
        chat: CHAT,
        seq: Seq(number),
        public_seq: Some(PublicSeq(number)),
        at: Time(number),
        author: Author::System,
        to: None,
        edited_at: None,
        body: Body::Message { text },
    }
}
