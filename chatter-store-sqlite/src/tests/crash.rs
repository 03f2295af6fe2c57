//! A process that is killed while it writes: everything it answered is there, and nothing in halves.

use std::io::Write as _;
use std::sync::Arc;

use chatter_core::testing::store::Scribe;
use chatter_core::{
    Audience, ChatId, ChatRecord, DeskId, Entry, Event, EventNo, Loaded, MemoryStore, Page, PageEnd, Seq, Store,
};

use super::Place;
use super::process::Other;
use crate::files::beside;

/// The seed of [`super::Owner::of`].
const SEED: u64 = 7;

/// What goes into each batch: the same for the child and for the reference.
pub(super) fn next_batch(scribe: &mut Scribe) {
    scribe.carry_on(25);
}

/// Everything that can be read.
#[derive(Debug, PartialEq)]
struct Everything {
    loaded: Loaded,
    events: Vec<Event>,
    chats: Vec<(Option<ChatRecord>, Vec<Entry>)>,
}

async fn everything(store: &dyn Store) -> Everything {
    let desk = DeskId::default();
    let loaded = store.load(&desk).await.unwrap();
    let events = store.events_after(&desk, EventNo(0), usize::MAX).await.unwrap();
    let mut chats = Vec::new();
    for chat in (1..=loaded.snapshot.last_chat.0).map(ChatId) {
        let audience = Audience::Staff { after: Seq(0), up_to: Seq(u64::MAX) };
        let page = Page { audience, limit: usize::MAX, end: PageEnd::Oldest };
        chats.push((store.chat(&desk, chat).await.unwrap(), store.entries(&desk, chat, page).await.unwrap()));
    }
    Everything { loaded, events, chats }
}

/// The reference after this many commits.
async fn reference(revision: u64) -> MemoryStore {
    let store = MemoryStore::new();
    let desk = DeskId::default();
    let acquired = store.acquire(&desk).await.unwrap();
    let mut revision_now = chatter_core::Revision(0);
    let mut scribe = Scribe::new(SEED);
    while revision_now.0 < revision {
        next_batch(&mut scribe);
        revision_now = store.commit(&desk, acquired.fence, revision_now, scribe.take()).await.unwrap();
    }
    store
}

/// Kills a child after this many answers and gives back the last it gave.
fn killed_after(place: &Place, answers: usize) -> u64 {
    let mut other = Other::start("commit", &place.path());
    let mut acked: u64 = 0;
    for _ in 0..answers {
        acked = other.hear().parse().unwrap();
    }
    // A line may be cut off by the kill.
    other.kill().iter().filter_map(|line| line.parse().ok()).fold(acked, u64::max)
}

async fn assert_all_there(place: &Place, acked: u64) {
    let store = place.open();
    let revision = store.load(&DeskId::default()).await.unwrap().revision.0;
    // One more may have been written without its answer.
    assert!((acked..=acked + 1).contains(&revision), "{acked} commits were answered, {revision} are there");
    let reference = reference(revision).await;
    assert_eq!(everything(&store).await, everything(&reference).await);
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    for answers in [1, 7, 40] {
        let place = Place::new();
        let acked = killed_after(&place, answers);
        assert!(place.wal_len() > 0);
        assert_all_there(&place, acked).await;
    }
}

#[tokio::test]
async fn garbage_at_the_end_of_the_log_is_ignored() {
    for garbage in [vec![0; 5_000], vec![0xff; 4_120], (0..=255).cycle().take(10_000).collect::<Vec<u8>>()] {
        let place = Place::new();
        let acked = killed_after(&place, 10);
        let mut log = std::fs::OpenOptions::new().append(true).open(beside(&place.path(), "-wal")).unwrap();
        log.write_all(&garbage).unwrap();
        drop(log);
        assert_all_there(&place, acked).await;
    }
}

#[tokio::test]
async fn a_torn_last_frame_takes_only_its_own_commit() {
    let place = Place::new();
    let acked = killed_after(&place, 10);
    let log = std::fs::OpenOptions::new().write(true).open(beside(&place.path(), "-wal")).unwrap();
    log.set_len(log.metadata().unwrap().len() - 100).unwrap();
    drop(log);
    let store = place.open();
    let revision = store.load(&DeskId::default()).await.unwrap().revision.0;
    assert!((acked - 1..=acked + 1).contains(&revision), "{acked} commits, {revision} are there");
    assert_eq!(everything(&store).await, everything(&reference(revision).await).await);
}

#[tokio::test]
async fn a_store_that_is_dropped_reopens() {
    let place = Place::new();
    let mut owner = super::Owner::of(place.open()).await;
    for _ in 0..5 {
        next_batch(&mut owner.scribe);
        owner.commit().await;
    }
    let batch = owner.scribe.take();
    // Dropped with a commit on its way: it is finished, as its answer could have been on its way too.
    let (store, desk, acquired, revision) = (owner.store.clone(), owner.desk.clone(), owner.acquired, owner.revision);
    let mut commit = Box::pin(store.commit(&desk, acquired.fence, revision, Arc::clone(&batch)));
    assert!(poll_once(&mut commit).is_none());
    drop(commit);
    drop((owner, store));
    let found = place.open().load(&desk).await.unwrap().revision;
    assert_eq!(found, revision.next());
}

/// Polls once.
fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::Pin::new(future).poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}
