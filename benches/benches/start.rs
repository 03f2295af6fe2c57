//! How long a start takes beside a long history: goal P9. A store is filled with closed chats and with open ones, as an
//! engine would have; then it is opened, loaded and made a desk again, as a server does before it is ready.
//! `CHATTER_BENCH_START=history,open` chooses how many; `CHATTER_BENCH_STORE=file` names a file to fill and to leave, for a
//! start of the whole server.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use chatter_benches::{Talk, measuring};
use chatter_core::desk::{Desk, DeskSettings};
use chatter_core::policy::LongestWait;
use chatter_core::{DeskId, Fence, Revision, Store, Time};
use chatter_store_sqlite::{SqliteOptions, SqliteStore};

/// Messages in each chat.
const MESSAGES: usize = 4;

#[expect(clippy::print_stdout, reason = "the figure is what the bench is for")]
#[tokio::main]
async fn main() {
    let (history, open) = size();
    let folder = tempfile::tempdir().expect("a folder");
    let file = std::env::var_os("CHATTER_BENCH_STORE").map_or_else(|| folder.path().join("bench.db"), Into::into);
    let history = fill(&file, history, open).await;
    for round in 1..=3 {
        let began = Instant::now();
        let store = SqliteStore::open(&file, SqliteOptions::default()).expect("it opens");
        store.acquire(&DeskId::default()).await.expect("nobody owns it");
        let snapshot = store.load(&DeskId::default()).await.expect("it loads").snapshot;
        let now = Time(snapshot.last_event_at.0);
        let desk = Desk::restore(snapshot, now, DeskSettings::default(), Arc::new(LongestWait));
        let took = began.elapsed();
        assert_eq!(desk.open_chats() as u64, open, "all that are open, and no others");
        println!("round {round}: {history} closed and {open} open chats, a desk after {took:.0?}");
    }
}

fn size() -> (u64, u64) {
    let list = std::env::var("CHATTER_BENCH_START")
        .unwrap_or_else(|_| if measuring() { "1000000,10000".to_owned() } else { "60,20".to_owned() });
    let numbers: Vec<u64> =
        list.split(',').map(|it| it.trim().parse().expect("CHATTER_BENCH_START is two numbers")).collect();
    let [history, open] = numbers[..] else { panic!("CHATTER_BENCH_START is two numbers") };
    assert!(open > 0, "history is made by customers who are there");
    (history, open)
}

/// Customers come, talk and go in rounds, as many as are to be open in the end, until there is at least so much history;
/// gives how much there is.
async fn fill(file: &Path, history: u64, open: u64) -> u64 {
    let store = SqliteStore::open(file, SqliteOptions::default()).expect("a new file");
    let (desk, mut revision) = (DeskId::default(), Revision(0));
    let fence = store.acquire(&desk).await.expect("an empty store").fence;
    let messages = MESSAGES * usize::try_from(open).expect("fewer chats");
    let mut talk = Talk::new(open);
    say(&store, &desk, fence, &mut revision, &mut talk, messages).await;
    while talk.opened() < history + open {
        talk.end_all();
        say(&store, &desk, fence, &mut revision, &mut talk, messages).await;
    }
    talk.opened() - open
}

async fn say(store: &SqliteStore, desk: &DeskId, fence: Fence, at: &mut Revision, talk: &mut Talk, messages: usize) {
    let batch = talk.batch(messages);
    *at = store.commit(desk, fence, *at, batch).await.expect("a sound batch");
}
