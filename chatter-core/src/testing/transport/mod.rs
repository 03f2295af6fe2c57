//! The conformance suite for [`Transport`].
//!
//! A transport's own tests name a function that gives a [`Rig`], and get one test per clause of the
//! contract, named as in the documentation of [`Transport`]:
//!
//! ```
//! use chatter_core::testing::transport::OutboxRig;
//!
//! chatter_core::transport_conformance!(OutboxRig::default);
//! ```
//!
//! The suite sends [`CustomerFrame`]s; a transport for staff frames is the same code.

mod clauses;
mod memory;

#[cfg(test)]
mod broken;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::Transport;
use crate::protocol::CustomerFrame;

pub use memory::OutboxRig;

/// Makes connections to test. What it starts may end when it is dropped.
#[async_trait]
pub trait Rig: Send + Sync {
    /// A fresh connection: the transport under test, and the peer at its other end. Nothing was sent
    /// over it yet.
    async fn connect(&self) -> (Arc<dyn Transport<CustomerFrame>>, Box<dyn Peer>);
}

/// The other end of a connection under test.
#[async_trait]
pub trait Peer: Send {
    /// The next thing that came. A peer reads only while this is awaited: one that is not asked is a peer
    /// that does not read.
    async fn next(&mut self) -> Seen;

    /// Goes without a word, as a process that is killed.
    async fn vanish(self: Box<Self>);
}

/// What a peer saw.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "all that a peer can see")]
pub enum Seen {
    /// A frame's JSON.
    Frame(String),
    /// The end of the connection, with the close code if one was told. Nothing follows.
    Closed(Option<u16>),
}

/// A clause of the contract of [`Transport`], and its test.
#[derive(Clone, Copy)]
pub struct Clause {
    name: &'static str,
    run: for<'a> fn(&'a dyn Rig) -> Run<'a>,
}

/// A test on its way.
type Run<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

impl Clause {
    /// Its name in the documentation of [`Transport`].
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Tests it over fresh connections.
    ///
    /// # Panics
    /// When the transport breaks the clause, or does not get on for a minute.
    pub fn check<R: Rig>(&self, fresh: impl FnOnce() -> R) {
        run_to_end(async {
            let rig = fresh();
            (self.run)(&rig).await;
        });
    }
}

impl fmt::Debug for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Makes one `#[test]` for each clause of the contract of [`Transport`]; the argument is a function (or any
/// expression that can be called) that gives a [`Rig`]. It is called within a tokio runtime.
#[macro_export]
macro_rules! transport_conformance {
    // The one list of clauses, given to one of the arms below.
    (@list $to:ident $context:tt) => {
        $crate::transport_conformance! { @$to $context
            frames_arrive_in_order
            send_never_waits
            full_is_bounded
            ephemera_give_way
            gone_is_told
            close_is_seen
            close_is_idempotent
        }
    };
    (@tests [$fresh:expr] $($clause:ident)*) => {
        $(
            #[test]
            fn $clause() {
                $crate::testing::transport::check(stringify!($clause), $fresh);
            }
        )*
    };
    (@table [$clauses:ident] $($clause:ident)*) => {
        &[$($crate::testing::transport::Clause {
            name: stringify!($clause),
            run: |rig| Box::pin($clauses::$clause(rig)),
        }),*]
    };
    ($fresh:expr) => {
        $crate::transport_conformance! { @list tests [$fresh] }
    };
}

/// Every clause, in the order of the documentation.
pub const CLAUSES: &[Clause] = crate::transport_conformance! { @list table [clauses] };

/// Tests the clause of that name; what [`transport_conformance!`](crate::transport_conformance) calls.
///
/// # Panics
/// When the transport breaks the clause, or there is none of that name.
pub fn check<R: Rig>(clause: &str, fresh: impl FnOnce() -> R) {
    let found = CLAUSES.iter().find(|known| known.name == clause);
    found.expect("a name out of the list of clauses").check(fresh);
}

/// How long a clause may take before the transport counts as stuck; far beyond what any needs.
const STUCK_AFTER: Duration = Duration::from_secs(60);

fn run_to_end<R>(work: impl Future<Output = R>) -> R {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime needs nothing that could be missing");
    runtime.block_on(async { tokio::time::timeout(STUCK_AFTER, work).await.expect("the transport must get on") })
}

#[cfg(test)]
mod tests {
    use super::*;

    mod outbox {
        crate::transport_conformance!(crate::testing::transport::OutboxRig::default);
    }

    #[test]
    fn clauses_are_those_documented() {
        let source = include_str!("../../transport.rs");
        let documented = source.lines().filter_map(|line| line.strip_prefix("/// - `")?.split_once("`:"));
        let documented: Vec<&str> = documented.map(|(name, _)| name).collect();
        let listed: Vec<&str> = CLAUSES.iter().map(Clause::name).collect();
        assert_eq!(listed, documented);
    }
}
