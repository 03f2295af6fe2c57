use super::*;
use crate::testing::store::{Scribe, Storage, model_agrees};
use crate::{MemoryStore, Side};

#[derive(Default)]
struct Faultless(Arc<MemoryStore>);

#[async_trait]
impl Storage for Faultless {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(FaultStore::new(Arc::clone(&self.0)))
    }
}

mod without_faults {
    crate::store_conformance!(super::Faultless::default);
}

#[test]
fn without_faults_it_is_the_wrapped_store() {
    model_agrees(16, Faultless::default);
}

struct Desk {
    memory: MemoryStore,
    store: Arc<FaultStore<MemoryStore>>,
    faults: Faults,
    scribe: Scribe,
    fence: Fence,
    revision: Revision,
}

impl Desk {
    async fn new() -> Self {
        let memory = MemoryStore::new();
        let store = Arc::new(FaultStore::new(Arc::new(memory.clone())));
        let fence = store.acquire(&DeskId::default()).await.unwrap().fence;
        let faults = store.faults();
        Self { memory, store, faults, scribe: Scribe::new(1), fence, revision: Revision(0) }
    }

    /// Commits a new message; takes note of the revision.
    async fn commit(&mut self) -> Result<Revision, StoreErrorKind> {
        let chat = self.scribe.open_chat();
        self.scribe.message(chat, Side::Customer);
        let (desk, batch) = (DeskId::default(), self.scribe.take());
        let outcome = self.store.commit(&desk, self.fence, self.revision, batch).await;
        self.revision = *outcome.as_ref().unwrap_or(&self.revision);
        outcome.map_err(|error| error.kind())
    }

    /// What the wrapped store has.
    async fn true_revision(&self) -> Revision {
        self.memory.load(&DeskId::default()).await.unwrap().revision
    }

    async fn shown_revision(&self) -> Revision {
        self.store.load(&DeskId::default()).await.unwrap().revision
    }
}

const KINDS: [StoreErrorKind; 5] = [
    StoreErrorKind::Retryable,
    StoreErrorKind::UnknownOutcome,
    StoreErrorKind::Fatal,
    StoreErrorKind::Stale,
    StoreErrorKind::Conflict,
];

#[tokio::test]
async fn fails_by_kind_before_anything_was_written() {
    let mut desk = Desk::new().await;
    for kind in KINDS {
        desk.faults.next(Call::Commit, Fault::Fail(kind));
        assert_eq!(desk.commit().await, Err(kind));
        assert_eq!(desk.true_revision().await, Revision(0), "{kind:?}");
    }
    assert_eq!(desk.commit().await, Ok(Revision(1)), "the script is at its end");
}

#[tokio::test]
async fn a_script_goes_before_anything_else() {
    let mut desk = Desk::new().await;
    desk.faults.always(Call::Commit, Fault::Fail(StoreErrorKind::Retryable));
    desk.faults.script(Call::Commit, [None, Some(Fault::Fail(StoreErrorKind::Fatal)), None]);
    let mut outcomes = Vec::new();
    for _ in 0..5 {
        outcomes.push(desk.commit().await);
    }
    let full = Err(StoreErrorKind::Retryable);
    assert_eq!(outcomes, [Ok(Revision(1)), Err(StoreErrorKind::Fatal), Ok(Revision(2)), full, full]);
}

#[tokio::test]
async fn fails_by_kind_although_it_was_written() {
    let mut desk = Desk::new().await;
    for (kind, written) in KINDS.into_iter().zip(1..) {
        desk.faults.next(Call::Commit, Fault::FailAfter(kind));
        assert_eq!(desk.commit().await, Err(kind));
        assert_eq!(desk.true_revision().await, Revision(written), "{kind:?}");
        desk.revision = desk.shown_revision().await;
    }
    // What the wrapped store refuses for its own reasons stays its own.
    desk.faults.next(Call::Commit, Fault::FailAfter(StoreErrorKind::Retryable));
    desk.revision = Revision(0);
    assert_eq!(desk.commit().await, Err(StoreErrorKind::Stale));
}

#[tokio::test]
async fn a_lost_batch_is_acknowledged_and_writing_goes_on() {
    let mut desk = Desk::new().await;
    assert_eq!(desk.commit().await, Ok(Revision(1)));
    desk.faults.next(Call::Commit, Fault::Lose);
    desk.faults.next(Call::Commit, Fault::Lose);
    assert_eq!(desk.commit().await, Ok(Revision(2)));
    assert_eq!(desk.commit().await, Ok(Revision(3)));
    assert_eq!(desk.commit().await, Ok(Revision(4)));
    assert_eq!(desk.shown_revision().await, Revision(4));
    assert_eq!(desk.true_revision().await, Revision(2));
    let loaded = desk.memory.load(&DeskId::default()).await.unwrap();
    let chats: Vec<ChatId> = loaded.snapshot.chats.iter().map(|loaded| loaded.record.chat).collect();
    assert_eq!(chats, [ChatId(1), ChatId(4)], "two were lost");
}

#[tokio::test]
async fn reads_fail_until_they_are_healed() {
    let desk = Desk::new().await;
    let id = DeskId::default();
    desk.faults.always(Call::Load, Fault::Fail(StoreErrorKind::Fatal));
    for _ in 0..2 {
        assert_eq!(desk.store.load(&id).await.unwrap_err().kind(), StoreErrorKind::Fatal);
    }
    assert!(desk.store.chat(&id, ChatId(1)).await.is_ok(), "other calls go on");
    desk.faults.heal(Call::Load);
    assert!(desk.store.load(&id).await.is_ok());
    // Nothing of a read can be lost.
    desk.faults.always(Call::Load, Fault::Lose);
    assert!(desk.store.load(&id).await.is_ok());
}

#[tokio::test]
async fn a_cursor_can_be_lost() {
    let desk = Desk::new().await;
    let id = DeskId::default();
    desk.faults.next(Call::SetCursor, Fault::Lose);
    desk.store.set_cursor(&id, "outbox", EventNo(1)).await.unwrap();
    assert_eq!(desk.store.cursor(&id, "outbox").await.unwrap(), EventNo(0));
}

#[tokio::test]
async fn a_seed_decides_which_calls_fail() {
    let pattern = |seed| async move {
        let mut desk = Desk::new().await;
        let faults = [Fault::Fail(StoreErrorKind::Retryable), Fault::Fail(StoreErrorKind::Conflict)];
        desk.faults.sometimes(Call::Commit, seed, 4, &faults);
        let mut outcomes = Vec::new();
        for _ in 0..100 {
            outcomes.push(desk.commit().await.err());
        }
        outcomes
    };
    let outcomes = pattern(1).await;
    let failed = outcomes.iter().flatten().count();
    assert!((10..50).contains(&failed), "about one in four: {failed}");
    assert!(outcomes.contains(&Some(StoreErrorKind::Conflict)) && outcomes.contains(&Some(StoreErrorKind::Retryable)));
    assert_eq!(outcomes, pattern(1).await);
    assert_ne!(outcomes, pattern(2).await);
}

#[tokio::test]
async fn a_held_commit_waits_for_its_release() {
    let mut desk = Desk::new().await;
    let faults = desk.faults.clone();
    faults.hold(Call::Commit);
    let watcher = async {
        for turn in 1..=3 {
            faults.until_begun(Call::Commit, turn).await;
            assert_eq!(faults.finished(Call::Commit), turn - 1, "held");
            faults.release(Call::Commit, 1);
            faults.until_finished(Call::Commit, turn).await;
        }
        faults.until_begun(Call::Commit, 4).await;
        faults.open(Call::Commit);
    };
    let committing = async {
        for turn in 1..=5 {
            assert_eq!(desk.commit().await, Ok(Revision(turn)));
        }
    };
    tokio::join!(watcher, committing);
    assert_eq!((faults.begun(Call::Commit), faults.finished(Call::Commit)), (5, 5));
}

#[tokio::test]
async fn a_commit_is_held_before_it_is_written_or_after() {
    let mut desk = Desk::new().await;
    let (faults, memory) = (desk.faults.clone(), desk.memory.clone());
    let watch = async |turn: u64, written: u64| {
        faults.until_begun(Call::Commit, turn).await;
        assert_eq!(memory.load(&DeskId::default()).await.unwrap().revision, Revision(written));
        assert_eq!(faults.finished(Call::Commit), turn - 1, "nobody has heard of it");
        faults.open(Call::Commit);
    };
    faults.hold(Call::Commit);
    let ((), outcome) = tokio::join!(watch(1, 0), desk.commit());
    assert_eq!(outcome, Ok(Revision(1)));
    faults.hold_answer(Call::Commit);
    let ((), outcome) = tokio::join!(watch(2, 2), desk.commit());
    assert_eq!(outcome, Ok(Revision(2)));
}

#[tokio::test]
async fn a_release_in_advance_counts_and_a_held_call_keeps_its_fault() {
    let mut desk = Desk::new().await;
    desk.faults.hold(Call::Commit);
    desk.faults.release(Call::Commit, 2);
    desk.faults.next(Call::Commit, Fault::Fail(StoreErrorKind::Retryable));
    assert_eq!(desk.commit().await, Err(StoreErrorKind::Retryable));
    assert_eq!(desk.commit().await, Ok(Revision(1)));
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "waited in vain for Commit: Counts { begun: 0, finished: 0 }")]
async fn waiting_in_vain_ends() {
    Desk::new().await.faults.until_begun(Call::Commit, 1).await;
}
