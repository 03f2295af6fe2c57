//! The suite can fail: for each clause there are stores that break it, and they break nothing else.

mod bends;
mod store;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, Once, PoisonError};

use async_trait::async_trait;

use super::{CLAUSES, Clause, Storage, model};
use crate::{MemoryStore, Store};
use store::Broken;

macro_rules! breaks {
    ($($clause:ident: $($(#[$doc:meta])* $name:ident)+;)+) => {
        /// One way each to break the contract.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Breaks {
            $($($(#[$doc])* $name,)+)+
        }

        /// Every way, and the clause that it breaks.
        const BREAKS: &[(Breaks, &str)] = &[$($((Breaks::$name, stringify!($clause)),)+)+];
    };
}

breaks! {
    commit_is_atomic:
        /// Keeps the rows of a batch that was refused.
        KeepsRowsOfRefused
        /// Keeps the overwrites of a batch that was refused.
        KeepsOverwritesOfRefused
        /// Shows the events of a batch before the rest of it.
        ShowsEventsFirst;
    commit_is_durable:
        /// Acknowledges the newest batch before it would survive.
        LosesTheLast;
    commit_counts_revisions:
        /// Takes an empty batch for nothing.
        SkipsEmpty;
    stale_revision_is_refused:
        /// Commits at whatever revision is current.
        IgnoresRevision;
    stale_fence_is_refused:
        /// Lets every former owner write.
        IgnoresFence;
    acquire_raises_the_fence:
        /// Gives a new owner the fence of the old one.
        KeepsFence;
    history_is_kept:
        /// Begins a new history with each owner.
        NewHistory;
    load_changes_nothing:
        /// Sets all readers of events back when loading.
        LoadResetsCursors
        /// Forgets when the newest event was.
        LoadForgetsTime
        /// Leaves out the conversations of agents.
        LoadForgetsTeam
        /// Does not count the conversations of agents among the chats.
        ReusesTeamNumbers;
    load_leaves_out_closed:
        /// Loads closed chats too.
        LoadsClosed
        /// Does not find a chat once it is closed.
        HidesClosed
        /// Counts open chats only for the newest number.
        ReusesChatNumbers;
    load_limits_dedupe:
        /// Loads every client id.
        LoadsAllIds
        /// Loads the first 256 client ids.
        LoadsOldestIds
        /// Loads the newest client id first.
        LoadsNewestFirst
        /// Loads client ids in the order of their letters.
        LoadsSortedIds
        /// Loads every client id of a conversation of agents.
        LoadsAllTeamIds;
    rows_replace:
        /// Keeps a subject that has become absent.
        KeepsSubject
        /// Adds to the unread numbers of a chat and never removes any.
        KeepsUnread
        /// Adds to the categories of an agent and never removes any.
        KeepsCategories
        /// Adds to the agents who joined a chat and never removes any.
        KeepsJoined
        /// Keeps a transfer after it has ended.
        KeepsTransfer
        /// Takes a chat that is offered for one that waits.
        ForgetsOffer
        /// Keeps the settings that a category had first.
        KeepsSettings
        /// Adds to the members of a conversation of agents and never removes any.
        KeepsMembers;
    entries_are_paged_in_order:
        /// Gives the newest entries backwards.
        NewestDescends
        /// Gives staff the oldest entries when asked for the newest.
        NewestIsOldest
        /// Leaves out the last entry of a range for staff.
        ExclusiveUpTo;
    customers_never_see_notes:
        /// Gives customers what staff gets.
        ShowsNotes
        /// Takes a customer's bounds for staff numbers.
        CustomerBoundsAreStaffs;
    client_ids_are_unique:
        /// Leaves out a client id that was used before and commits the rest.
        IgnoresRepeated
        /// Takes the same client id by another author for a repeated one.
        UniquePerChat
        /// Asks for a repeated client id to be tried again.
        ConflictIsRetryable;
    client_ids_are_kept:
        /// Finds no client id of a closed chat.
        ForgetsIdsOfClosed
        /// Finds the newest 256 client ids of a chat only.
        ForgetsOldIds
        /// Finds no client id of a conversation of agents.
        ForgetsTeamIds;
    overwrites_replace_entries:
        /// Leaves every entry as it was written.
        IgnoresOverwrites
        /// Puts the last overwrite of a batch in place first.
        OverwritesBackwards
        /// Puts overwrites in place before the entries that come with them.
        OverwritesTooEarly
        /// Takes the time of an edit for that of the entry.
        OverwritesTime
        /// Remembers that an entry was edited when it has been deleted.
        KeepsEditedAt
        /// Goes on showing customers what they were shown first.
        ShowsOldToCustomers;
    last_agents_are_found:
        /// Looks at the newest chat of the customer only.
        LooksAtTheNewest
        /// Looks at the oldest chat that had an agent.
        LooksAtTheOldest
        /// Looks at open chats only.
        LooksAtOpen
        /// Tells customers apart by half of their number.
        LooksAtHalfTheNumber;
    events_are_dense:
        /// Gives the event after which to begin, too.
        IncludesAfter
        /// Gives all events there are.
        IgnoresLimit
        /// Gives event 10 before event 2.
        SortsAsWords;
    cursors_are_kept:
        /// Keeps one cursor for all readers.
        OneCursor
        /// Never sets a cursor back.
        CursorsOnlyRise
        /// Keeps cursors in memory.
        LosesCursors;
    desks_are_apart:
        /// Takes every desk for the same.
        OneDesk
        /// Keeps one set of cursors for all desks.
        SharedCursors
        /// Refuses to acquire another desk, but reads it.
        ReadsRefusedDesks;
}

/// Storage whose stores break one clause, or none.
struct BrokenStorage {
    breaks: Option<Breaks>,
    inner: Mutex<MemoryStore>,
    /// What had been committed before the newest batch.
    earlier: Arc<Mutex<Option<MemoryStore>>>,
}

impl BrokenStorage {
    fn new(breaks: Option<Breaks>) -> Self {
        Self { breaks, inner: Mutex::default(), earlier: Arc::default() }
    }
}

#[async_trait]
impl Storage for BrokenStorage {
    async fn open(&self) -> Arc<dyn Store> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Arc::new(Broken { inner, breaks: self.breaks, earlier: Arc::clone(&self.earlier), first: Mutex::default() })
    }

    async fn reopen(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        drop(store);
        if self.breaks == Some(Breaks::LosesTheLast)
            && let Some(earlier) = self.earlier.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            *self.inner.lock().unwrap_or_else(PoisonError::into_inner) = earlier;
        }
        if self.breaks == Some(Breaks::LosesCursors) {
            let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            inner.tamper(&crate::DeskId::default(), |kept| kept.cursors.clear());
        }
        self.open().await
    }
}

/// True when `work` panics; what the panic would print is kept back.
fn fails(work: impl FnOnce()) -> bool {
    thread_local!(static QUIET: Cell<bool> = const { Cell::new(false) });
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                loud(info);
            }
        }));
    });
    QUIET.set(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.set(false);
    outcome.is_err()
}

fn failing(breaks: Option<Breaks>) -> Vec<&'static str> {
    let broken = CLAUSES.iter().filter(|clause| fails(|| clause.check(|| BrokenStorage::new(breaks))));
    broken.map(Clause::name).collect()
}

#[test]
fn each_broken_store_fails_exactly_its_clause() {
    assert_eq!(failing(None), [""; 0], "a wrapper that breaks nothing");
    let wrong = BREAKS.iter().map(|(breaks, clause)| (breaks, *clause, failing(Some(*breaks))));
    let wrong: Vec<_> = wrong.filter(|(_, clause, failing)| failing != &[*clause]).collect();
    assert!(wrong.is_empty(), "(store, clause it breaks, clauses that fail): {wrong:#?}");
}

#[test]
fn each_clause_has_a_broken_store() {
    let broken: BTreeSet<&str> = BREAKS.iter().map(|(_, clause)| *clause).collect();
    let clauses: BTreeSet<&str> = CLAUSES.iter().map(Clause::name).collect();
    assert_eq!(broken, clauses);
}

/// What random histories cannot show. They read after a commit only, know one desk and one owner at a time,
/// are too short for 256 client ids, use each of these for one author, never take a subject or a member away,
/// and draw their customers out of all numbers.
const BEYOND_THE_MODEL: &[Breaks] = &[
    Breaks::ShowsEventsFirst,
    Breaks::IgnoresFence,
    Breaks::KeepsFence,
    Breaks::NewHistory,
    Breaks::LoadsAllIds,
    Breaks::LoadsOldestIds,
    Breaks::LoadsAllTeamIds,
    Breaks::KeepsSubject,
    Breaks::KeepsMembers,
    Breaks::UniquePerChat,
    Breaks::ForgetsOldIds,
    Breaks::LooksAtHalfTheNumber,
    Breaks::OneDesk,
    Breaks::SharedCursors,
    Breaks::ReadsRefusedDesks,
];

#[test]
fn the_model_finds_broken_stores() {
    let within = BREAKS.iter().map(|(breaks, _)| *breaks).filter(|breaks| !BEYOND_THE_MODEL.contains(breaks));
    let missed = within.filter(|breaks| !fails(|| model::agrees_repeatably(300, || BrokenStorage::new(Some(*breaks)))));
    let missed: Vec<Breaks> = missed.collect();
    assert!(missed.is_empty(), "{missed:#?}");
}
