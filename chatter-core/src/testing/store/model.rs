//! Any two stores agree: random histories are given to a store and to the reference.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
#[cfg(test)]
use proptest::test_runner::{RngAlgorithm, TestRng};

use super::observe::Observation;
use super::owner::Owner;
use super::steps::{Step, steps};
use super::{Scribe, Storage, run_to_end};
use crate::{Audience, DedupeRow, EventNo, MemoryStore, Page, PageEnd, Revision, Seq};

/// One turn of a history: things happen, then the store is called.
#[derive(Clone, Debug)]
struct Turn {
    steps: Vec<Step>,
    call: Call,
}

#[derive(Clone, Copy, Debug)]
enum Call {
    Commit,
    /// A batch that repeats a client id, then the same without it.
    CommitRepeating(u8),
    /// At another revision than the current one, then properly.
    CommitStale(u8),
    SetCursor(u8),
    Acquire,
    Reopen,
    Read(u8, u8),
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let call = prop_oneof![
        8 => Just(Call::Commit),
        2 => any::<u8>().prop_map(Call::CommitRepeating),
        1 => any::<u8>().prop_map(Call::CommitStale),
        1 => any::<u8>().prop_map(Call::SetCursor),
        1 => Just(Call::Acquire),
        1 => Just(Call::Reopen),
        3 => (any::<u8>(), any::<u8>()).prop_map(|(from, limit)| Call::Read(from, limit)),
    ];
    let turn = (steps(12), call).prop_map(|(steps, call)| Turn { steps, call });
    prop::collection::vec(turn, 1..20)
}

/// Gives `histories` random histories to a fresh store each and to [`MemoryStore`], and compares every answer.
///
/// Call it from a test of its own. The histories differ from run to run; a failure is shrunk to a short one,
/// which the panic shows whole.
///
/// # Panics
/// When the stores differ.
pub fn model_agrees<S: Storage>(histories: u32, fresh: impl Fn() -> S) {
    run(TestRunner::new(config(histories)), fresh);
}

/// The same with histories that never change.
#[cfg(test)]
pub(super) fn agrees_repeatably<S: Storage>(histories: u32, fresh: impl Fn() -> S) {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    // Nobody reads the history, so there is no need to make it short.
    run(TestRunner::new_with_rng(Config { max_shrink_iters: 0, ..config(histories) }, rng), fresh);
}

/// Nothing is written beside the sources: the suite runs in foreign crates, and the panic tells it all.
fn config(histories: u32) -> Config {
    Config { cases: histories, failure_persistence: None, ..Config::default() }
}

fn run<S: Storage>(mut runner: TestRunner, fresh: impl Fn() -> S) {
    let outcome = runner.run(&(any::<u64>(), turns()), |(seed, turns)| {
        let storage = fresh();
        run_to_end(compare(&storage, seed, &turns))
    });
    if let Err(difference) = outcome {
        panic!("the store differs from the reference: {difference}");
    }
}

async fn compare(storage: &dyn Storage, seed: u64, turns: &[Turn]) -> Result<(), TestCaseError> {
    let mut pair = Pair {
        tested: Owner::of(storage.open().await).await,
        reference: Owner::of(Arc::new(MemoryStore::new())).await,
    };
    let mut scribe = Scribe::new(seed);
    for Turn { steps, call } in turns {
        steps.iter().for_each(|step| scribe.step(*step));
        match *call {
            Call::Commit => {}
            Call::CommitRepeating(which) => pair.repeat(&scribe, which).await?,
            Call::CommitStale(by) => pair.stale(&scribe, by).await?,
            Call::SetCursor(at) => pair.set_cursor(at).await?,
            Call::Acquire => {
                let Owner { store, .. } = pair.tested;
                pair.tested = Owner::of(store).await;
            }
            Call::Reopen => {
                let Owner { store, .. } = pair.tested;
                pair.tested = Owner::of(storage.reopen(store).await).await;
            }
            Call::Read(from, limit) => pair.read(&scribe, from, limit).await?,
        }
        pair.commit(&mut scribe).await?;
        pair.observe(&scribe).await?;
    }
    Ok(())
}

struct Pair {
    tested: Owner,
    reference: Owner,
}

impl Pair {
    async fn commit(&mut self, scribe: &mut Scribe) -> Result<(), TestCaseError> {
        let batch = scribe.take();
        let reference = self.reference.try_commit(Arc::clone(&batch)).await;
        let tested = self.tested.try_commit(batch).await;
        prop_assert_eq!(&tested, &reference, "the outcome of a commit");
        let revision = tested.map_err(|kind| TestCaseError::fail(format!("a proper batch was refused: {kind}")))?;
        self.tested.revision = revision;
        self.reference.revision = revision;
        Ok(())
    }

    async fn repeat(&self, scribe: &Scribe, which: u8) -> Result<(), TestCaseError> {
        let mut repeating = scribe.clone();
        let used: Vec<DedupeRow> = scribe.used.values().flatten().map(|row| DedupeRow::clone(row)).collect();
        if let Some(row) = used.get(usize::from(which) % used.len().max(1)) {
            repeating.add_client_id(row.clone());
            let batch = repeating.take();
            let reference = self.reference.try_commit(Arc::clone(&batch)).await;
            prop_assert_eq!(self.tested.try_commit(batch).await, reference, "of a batch with a used client id");
            self.observe(scribe).await?;
        }
        Ok(())
    }

    async fn stale(&self, scribe: &Scribe, by: u8) -> Result<(), TestCaseError> {
        let batch = scribe.clone().take();
        let Revision(current) = self.reference.revision;
        let wrong = Revision(if by.is_multiple_of(2) { current + 1 } else { current.saturating_sub(1) });
        if wrong.0 != current {
            let mut kinds = Vec::new();
            for Owner { store, desk, acquired, .. } in [&self.tested, &self.reference] {
                let outcome = store.commit(desk, acquired.fence, wrong, Arc::clone(&batch)).await;
                kinds.push(outcome.map_err(|error| error.kind()));
            }
            prop_assert_eq!(&kinds[0], &kinds[1], "of a commit at a wrong revision");
            self.observe(scribe).await?;
        }
        Ok(())
    }

    async fn set_cursor(&self, at: u8) -> Result<(), TestCaseError> {
        let reader = ["outbox", "metrics"][usize::from(at % 2)];
        let mut cursors = Vec::new();
        for Owner { store, desk, .. } in [&self.tested, &self.reference] {
            store.set_cursor(desk, reader, EventNo(at.into())).await.expect("set_cursor");
            cursors.push(store.cursor(desk, "outbox").await.expect("cursor"));
        }
        prop_assert_eq!(cursors[0], cursors[1], "a cursor");
        Ok(())
    }

    /// Pages of every chat, and events.
    async fn read(&self, scribe: &Scribe, from: u8, limit: u8) -> Result<(), TestCaseError> {
        let end = if from.is_multiple_of(2) { PageEnd::Oldest } else { PageEnd::Newest };
        let after = u64::from(from % 16);
        let up_to = after + u64::from(limit % 16);
        let limit = usize::from(limit % 8);
        let staff = Audience::Staff { after: Seq(after), up_to: Seq(up_to) };
        let customer = Audience::Customer { after: crate::PublicSeq(after), up_to: crate::PublicSeq(up_to) };
        let chats = scribe.chats.keys().chain(scribe.team_chats.keys());
        for (chat, audience) in chats.flat_map(|chat| [(*chat, staff), (*chat, customer)]) {
            let page = Page { audience, limit, end };
            let mut pages = Vec::new();
            for Owner { store, desk, .. } in [&self.tested, &self.reference] {
                pages.push(store.entries(desk, chat, page).await.expect("entries"));
            }
            prop_assert_eq!(&pages[0], &pages[1], "{:?} of {}", page, chat);
        }
        let mut events = Vec::new();
        for Owner { store, desk, .. } in [&self.tested, &self.reference] {
            events.push(store.events_after(desk, EventNo(after), limit).await.expect("events_after"));
        }
        prop_assert_eq!(&events[0], &events[1], "at most {} events after {}", limit, after);
        Ok(())
    }

    async fn observe(&self, scribe: &Scribe) -> Result<(), TestCaseError> {
        let reference = Observation::of(&self.reference.store, &self.reference.desk, scribe).await;
        let tested = Observation::of(&self.tested.store, &self.tested.desk, scribe).await;
        prop_assert_eq!(tested, reference, "what the stores show");
        Ok(())
    }
}
