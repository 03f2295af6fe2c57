//! For each clause, transports that break it and keep the others: they show that its test can fail.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::{CLAUSES, OutboxRig, Peer, Rig, Seen};
use crate::protocol::{CustomerFrame, Framed};
use crate::{CloseReason, Handed, OutboxLimits, Transport, Weigh};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Turns a batch round.
    Reorders,
    /// Says `Full` once, and from then on waits for room.
    WaitsForRoom,
    /// Holds whatever comes.
    HoldsAll,
    /// Says `Full`, and takes as much as there is room for.
    TakesPart,
    /// Says `Full` when it was sent much that is ephemeral.
    FillsWithEphemera,
    /// Leaves out what lasts along with what is ephemeral.
    LeavesOutAll,
    /// Says `Taken` after its end.
    TakesAfterClose,
    /// Does not notice that the peer has gone.
    NeverMisses,
    /// Tells another code.
    WrongCode,
    /// Closes over what it has taken.
    DropsAtClose,
    /// Lets the last close win.
    LastCloseWins,
}

/// What its transport and its peer share.
#[derive(Debug, Default)]
struct Shared {
    closed: Option<CloseReason>,
    was_full: bool,
    ephemera: usize,
}

#[derive(Debug)]
struct Broken {
    fault: Fault,
    inner: Arc<dyn Transport<CustomerFrame>>,
    shared: Arc<Mutex<Shared>>,
}

impl Broken {
    fn with<T>(&self, look: impl FnOnce(&mut Shared) -> T) -> T {
        look(&mut self.shared.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Transport<CustomerFrame> for Broken {
    fn send(&self, frames: &[Arc<Framed<CustomerFrame>>]) -> Handed {
        let closed = self.with(|shared| shared.closed.is_some());
        let ephemera = frames.iter().filter(|frame| frame.frame().is_ephemeral()).count();
        let many = self.with(|shared| {
            shared.ephemera += ephemera;
            ephemera > 0 && shared.ephemera > 4_096
        });
        if many && self.fault == Fault::FillsWithEphemera {
            return Handed::Full;
        }
        if many && self.fault == Fault::LeavesOutAll {
            return Handed::Taken;
        }
        let handed = if self.fault == Fault::Reorders {
            let turned: Vec<_> = frames.iter().rev().map(Arc::clone).collect();
            self.inner.send(&turned)
        } else {
            self.inner.send(frames)
        };
        match (self.fault, handed) {
            (Fault::WaitsForRoom, Handed::Full) => {
                if self.with(|shared| std::mem::replace(&mut shared.was_full, true)) {
                    loop {
                        // Nobody comes: this thread stays until the tests end.
                        std::thread::park();
                    }
                }
                Handed::Full
            }
            (Fault::TakesPart, Handed::Full) => {
                let _room = self.inner.send(&frames[..1]);
                Handed::Full
            }
            (Fault::TakesAfterClose, Handed::Gone) if closed => Handed::Taken,
            (Fault::NeverMisses, Handed::Gone) if !closed => Handed::Taken,
            (_, handed) => handed,
        }
    }

    fn close(&self, reason: CloseReason) {
        self.with(|shared| match shared.closed {
            Some(_) if self.fault != Fault::LastCloseWins => {}
            _ => shared.closed = Some(reason),
        });
        let wrong = self.fault == Fault::WrongCode && reason == CloseReason::Done;
        self.inner.close(if wrong { CloseReason::Internal } else { reason });
    }
}

struct BrokenPeer {
    fault: Fault,
    inner: Box<dyn Peer>,
    shared: Arc<Mutex<Shared>>,
}

#[async_trait]
impl Peer for BrokenPeer {
    async fn next(&mut self) -> Seen {
        loop {
            let seen = self.inner.next().await;
            let closed = self.shared.lock().unwrap_or_else(PoisonError::into_inner).closed;
            match (self.fault, &seen, closed) {
                (Fault::DropsAtClose, Seen::Frame(_), Some(_)) => {}
                (Fault::LastCloseWins, Seen::Closed(_), Some(last)) => return Seen::Closed(Some(last.code())),
                _ => return seen,
            }
        }
    }

    async fn vanish(self: Box<Self>) {
        self.inner.vanish().await;
    }
}

struct BrokenRig(Fault);

#[async_trait]
impl Rig for BrokenRig {
    async fn connect(&self) -> (Arc<dyn Transport<CustomerFrame>>, Box<dyn Peer>) {
        let endless = OutboxLimits { frames_max: usize::MAX, bytes_max: usize::MAX };
        let limits = if self.0 == Fault::HoldsAll { endless } else { OutboxLimits::default() };
        let (inner, peer) = OutboxRig { limits }.connect().await;
        let shared = Arc::<Mutex<Shared>>::default();
        let broken = Broken { fault: self.0, inner, shared: Arc::clone(&shared) };
        (Arc::new(broken), Box::new(BrokenPeer { fault: self.0, inner: peer, shared }))
    }
}

/// Runs every clause against a faulty transport: exactly the named one must fail.
fn breaks_only(fault: Fault, clause: &str) {
    let fails = |check: &&super::Clause| catch_unwind(AssertUnwindSafe(|| check.check(|| BrokenRig(fault)))).is_err();
    let failed: Vec<&str> = CLAUSES.iter().filter(fails).map(super::Clause::name).collect();
    assert_eq!(failed, [clause], "{fault:?}");
}

macro_rules! faults {
    ($($test:ident: $fault:ident breaks $clause:ident;)*) => {
        $(
            #[test]
            fn $test() {
                breaks_only(Fault::$fault, stringify!($clause));
            }
        )*

        #[test]
        fn every_clause_has_a_fault() {
            let broken = [$(stringify!($clause)),*];
            assert!(CLAUSES.iter().all(|clause| broken.contains(&clause.name())));
        }
    };
}

faults! {
    reorders: Reorders breaks frames_arrive_in_order;
    waits_for_room: WaitsForRoom breaks send_never_waits;
    holds_all: HoldsAll breaks full_is_bounded;
    takes_part: TakesPart breaks full_is_bounded;
    fills_with_ephemera: FillsWithEphemera breaks ephemera_give_way;
    leaves_out_all: LeavesOutAll breaks ephemera_give_way;
    takes_after_close: TakesAfterClose breaks gone_is_told;
    never_misses: NeverMisses breaks gone_is_told;
    wrong_code: WrongCode breaks close_is_seen;
    drops_at_close: DropsAtClose breaks close_is_seen;
    last_close_wins: LastCloseWins breaks close_is_idempotent;
}
