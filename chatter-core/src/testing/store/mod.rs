//! The conformance suite for [`Store`].
//!
//! A store's own tests name a function that gives fresh storage, and get one test per clause of the
//! contract, named as in the documentation of [`Store`]:
//!
//! ```
//! use std::sync::Arc;
//! use chatter_core::testing::store::Storage;
//! use chatter_core::{MemoryStore, Store};
//!
//! #[derive(Debug, Default)]
//! struct Memory(MemoryStore);
//!
//! #[async_trait::async_trait]
//! impl Storage for Memory {
//!     async fn open(&self) -> Arc<dyn Store> {
//!         Arc::new(self.0.clone())
//!     }
//! }
//!
//! chatter_core::store_conformance!(Memory::default);
//!
//! # // Doctests are built without `cfg(test)`: run the property by hand, shorter than a store's own test would.
//! # fn main() {
//! chatter_core::testing::store::model_agrees(8, Memory::default);
//! # }
//! ```
//!
//! [`model_agrees`] compares the store with [`MemoryStore`](crate::MemoryStore) over random sequences of batches.

#[cfg(test)]
mod broken;
mod clauses;
mod model;
mod observe;
mod owner;
mod scribe;
mod steps;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::Store;

pub use model::model_agrees;
pub use scribe::Scribe;
pub use steps::{Step, steps};

/// Where a store under test keeps its data, fresh and empty: a directory, a server, memory. Dropping it
/// removes the data.
#[async_trait]
pub trait Storage: Send + Sync {
    /// Opens a store on this storage: an empty one at first, later what was made durable before.
    ///
    /// The suite has dropped every store it opened earlier, so an implementation may wait here until their hold
    /// on the storage has gone. It must panic when it cannot open.
    async fn open(&self) -> Arc<dyn Store>;

    /// Ends `store`, the only one open, as abruptly as is possible within one process, and opens another.
    async fn reopen(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        drop(store);
        self.open().await
    }
}

/// A clause of the contract of [`Store`], and its test.
#[derive(Clone, Copy)]
pub struct Clause {
    name: &'static str,
    run: for<'a> fn(&'a dyn Storage) -> Run<'a>,
}

/// A test on its way.
type Run<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

impl Clause {
    /// Its name in the documentation of [`Store`].
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Tests it on fresh storage.
    ///
    /// # Panics
    /// When the store breaks the clause, or does not answer for a minute.
    pub fn check<S: Storage>(&self, fresh: impl FnOnce() -> S) {
        run_to_end(async {
            let storage = fresh();
            (self.run)(&storage).await;
        });
    }
}

impl fmt::Debug for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Makes one `#[test]` for each clause of the contract of [`Store`]; the argument is a function (or any
/// expression that can be called) that gives a fresh [`Storage`].
#[macro_export]
macro_rules! store_conformance {
    // The one list of clauses, given to one of the arms below.
    (@list $to:ident $context:tt) => {
        $crate::store_conformance! { @$to $context
            commit_is_atomic
            commit_is_durable
            commit_counts_revisions
            stale_revision_is_refused
            stale_fence_is_refused
            acquire_raises_the_fence
            history_is_kept
            load_changes_nothing
            load_leaves_out_closed
            load_limits_dedupe
            rows_replace
            entries_are_paged_in_order
            customers_never_see_notes
            client_ids_are_unique
            client_ids_are_kept
            overwrites_replace_entries
            last_agents_are_found
            events_are_dense
            cursors_are_kept
            desks_are_apart
        }
    };
    (@tests [$fresh:expr] $($clause:ident)*) => {
        $(
            #[test]
            fn $clause() {
                $crate::testing::store::check(stringify!($clause), $fresh);
            }
        )*
    };
    (@table [$clauses:ident] $($clause:ident)*) => {
        &[$($crate::testing::store::Clause {
            name: stringify!($clause),
            run: |storage| Box::pin($clauses::$clause(storage)),
        }),*]
    };
    ($fresh:expr) => {
        $crate::store_conformance! { @list tests [$fresh] }
    };
}

/// Every clause, in the order of the documentation.
pub const CLAUSES: &[Clause] = crate::store_conformance! { @list table [clauses] };

/// Tests the clause of that name on fresh storage; what [`store_conformance!`](crate::store_conformance) calls.
///
/// # Panics
/// When the store breaks the clause, or there is none of that name.
pub fn check<S: Storage>(clause: &str, fresh: impl FnOnce() -> S) {
    let found = CLAUSES.iter().find(|known| known.name == clause);
    found.expect("a name out of the list of clauses").check(fresh);
}

/// How long a clause may take before the store counts as stuck; far beyond what any store needs.
const STUCK_AFTER: Duration = Duration::from_secs(60);

fn run_to_end<R>(work: impl Future<Output = R>) -> R {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime needs nothing that could be missing");
    runtime.block_on(async { tokio::time::timeout(STUCK_AFTER, work).await.expect("the store must answer") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryStore;

    #[derive(Default)]
    struct Memory(MemoryStore);

    #[async_trait]
    impl Storage for Memory {
        async fn open(&self) -> Arc<dyn Store> {
            Arc::new(self.0.clone())
        }
    }

    mod memory {
        crate::store_conformance!(super::Memory::default);
    }

    #[test]
    fn memory_agrees_with_itself() {
        model_agrees(64, Memory::default);
    }

    #[test]
    fn clauses_are_those_documented() {
        let source = include_str!("../../store.rs");
        let documented = source.lines().filter_map(|line| line.strip_prefix("/// - `")?.split_once("`:"));
        let documented: Vec<&str> = documented.map(|(name, _)| name).collect();
        let listed: Vec<&str> = CLAUSES.iter().map(Clause::name).collect();
        assert_eq!(listed, documented);
    }
}
