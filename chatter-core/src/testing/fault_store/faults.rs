//! What is to be done to a store, and what it has been asked so far.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};

use crate::StoreErrorKind;
use crate::testing::Dice;

/// A method of [`Store`](crate::Store).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Call {
    /// [`Store::acquire`](crate::Store::acquire).
    Acquire,
    /// [`Store::load`](crate::Store::load).
    Load,
    /// [`Store::commit`](crate::Store::commit).
    Commit,
    /// [`Store::entries`](crate::Store::entries).
    Entries,
    /// [`Store::chat`](crate::Store::chat).
    Chat,
    /// [`Store::dedupe`](crate::Store::dedupe).
    Dedupe,
    /// [`Store::last_agent`](crate::Store::last_agent).
    LastAgent,
    /// [`Store::events_after`](crate::Store::events_after).
    EventsAfter,
    /// [`Store::cursor`](crate::Store::cursor).
    Cursor,
    /// [`Store::set_cursor`](crate::Store::set_cursor).
    SetCursor,
}

/// What can be done to a call.
///
/// An honest store may do the first at any time, and the second with
/// [`UnknownOutcome`](StoreErrorKind::UnknownOutcome). The rest are lies: bugs to plant, so that a checker can
/// show that it finds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It fails with this kind before anything was written.
    Fail(StoreErrorKind),
    /// It is carried out, and then fails with this kind. A lie unless the kind leaves the outcome open.
    FailAfter(StoreErrorKind),
    /// A write is acknowledged and forgotten; later writes go on as if it stood. Always a lie. Calls that write
    /// nothing are answered as usual.
    Lose,
}

/// The handle on a [`FaultStore`](super::FaultStore); clones steer the same one.
///
/// For each kind of [`Call`] there can be faults and a gate. While there is a [`script`](Faults::script), it alone
/// decides; then what [`sometimes`](Faults::sometimes) draws, then what [`always`](Faults::always) says. The fault
/// of a call is settled when it begins, so that a call that is held waits with its fault.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    calls: Arc<Mutex<BTreeMap<Call, Plan>>>,
}

/// What is planned for one kind of call.
#[derive(Debug)]
struct Plan {
    /// For the coming calls in order, `None` for one that is left alone.
    script: VecDeque<Option<Fault>>,
    sometimes: Option<Sometimes>,
    always: Option<Fault>,
    /// Calls wait here before they are carried out.
    before: Gate,
    /// Calls wait here with their answer.
    after: Gate,
    counts: watch::Sender<Counts>,
}

#[derive(Debug)]
struct Sometimes {
    dice: Dice,
    one_in: u64,
    faults: Vec<Fault>,
}

/// Open, or shut with a permit for each call that may pass.
type Gate = Option<Arc<Semaphore>>;

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    begun: u64,
    finished: u64,
}

/// How long the waiting methods wait: far beyond what a working test needs, short enough to see a stuck one end.
const DEADLINE: Duration = Duration::from_secs(30);

impl Faults {
    /// Gives the coming calls of this kind these faults, one each and after those scripted before; `None` leaves a
    /// call alone.
    pub fn script(&self, call: Call, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.plan(call, |plan| plan.script.extend(faults));
    }

    /// Gives the next call of this kind this fault, after those scripted before.
    pub fn next(&self, call: Call, fault: Fault) {
        self.script(call, [Some(fault)]);
    }

    /// Gives every call of this kind this fault, until [`heal`](Faults::heal).
    pub fn always(&self, call: Call, fault: Fault) {
        self.plan(call, |plan| plan.always = Some(fault));
    }

    /// Gives about one in `one_in` calls of this kind one of these faults, until [`heal`](Faults::heal). Which
    /// calls and which faults depends on the seed and the order of the calls alone.
    pub fn sometimes(&self, call: Call, seed: u64, one_in: u64, faults: &[Fault]) {
        let sometimes = Sometimes { dice: Dice::new(seed), one_in, faults: faults.to_vec() };
        self.plan(call, |plan| plan.sometimes = Some(sometimes));
    }

    /// Takes back all faults of this kind of call, scripted ones too. What is held stays held.
    pub fn heal(&self, call: Call) {
        self.plan(call, |plan| {
            plan.script.clear();
            plan.sometimes = None;
            plan.always = None;
        });
    }

    /// Holds calls of this kind before they are carried out, each until it is [released](Faults::release).
    pub fn hold(&self, call: Call) {
        self.plan(call, |plan| shut(&mut plan.before));
    }

    /// Holds calls of this kind after they were carried out, with the answer in hand, each until it is
    /// [released](Faults::release): what a commit wrote stands, and nobody knows.
    pub fn hold_answer(&self, call: Call) {
        self.plan(call, |plan| shut(&mut plan.after));
    }

    /// Lets the next `count` calls of this kind pass, in the order in which they came; also such that come
    /// later. A call that is held before and after needs to be released only once.
    pub fn release(&self, call: Call, count: usize) {
        self.plan(call, |plan| {
            for gate in [&plan.before, &plan.after].into_iter().flatten() {
                gate.add_permits(count);
            }
        });
    }

    /// Holds calls of this kind no longer, and lets all pass that are held.
    pub fn open(&self, call: Call) {
        self.plan(call, |plan| {
            for gate in [plan.before.take(), plan.after.take()].into_iter().flatten() {
                gate.close();
            }
        });
    }

    /// How many calls of this kind have begun, held ones included.
    #[must_use]
    pub fn begun(&self, call: Call) -> u64 {
        self.plan(call, |plan| plan.counts.borrow().begun)
    }

    /// How many calls of this kind were answered, with failures too.
    #[must_use]
    pub fn finished(&self, call: Call) -> u64 {
        self.plan(call, |plan| plan.counts.borrow().finished)
    }

    /// Waits until at least `count` calls of this kind have begun.
    ///
    /// # Panics
    /// When that takes longer than thirty seconds.
    pub async fn until_begun(&self, call: Call, count: u64) {
        self.until(call, |counts| counts.begun >= count).await;
    }

    /// Waits until at least `count` calls of this kind were answered.
    ///
    /// # Panics
    /// When that takes longer than thirty seconds.
    pub async fn until_finished(&self, call: Call, count: u64) {
        self.until(call, |counts| counts.finished >= count).await;
    }

    /// Counts a call, holds it and says what is to be done to it.
    pub(super) async fn enter(&self, call: Call) -> Option<Fault> {
        let (fault, gate) = self.plan(call, |plan| {
            plan.counts.send_modify(|counts| counts.begun += 1);
            (plan.draw(), plan.before.clone())
        });
        pass(gate).await;
        fault
    }

    /// Holds the answer of a call and counts it.
    pub(super) async fn leave(&self, call: Call) {
        pass(self.plan(call, |plan| plan.after.clone())).await;
        self.plan(call, |plan| plan.counts.send_modify(|counts| counts.finished += 1));
    }

    async fn until(&self, call: Call, reached: impl Fn(&Counts) -> bool) {
        let mut counts = self.plan(call, |plan| plan.counts.subscribe());
        let in_time = tokio::time::timeout(DEADLINE, counts.wait_for(reached)).await.is_ok();
        assert!(in_time, "waited in vain for {call:?}: {:?}", *counts.borrow());
    }

    // A std mutex: held for a look at the plan, never over an await; nothing inside can panic half way.
    fn plan<R>(&self, call: Call, look: impl FnOnce(&mut Plan) -> R) -> R {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        look(calls.entry(call).or_insert_with(Plan::nothing))
    }
}

impl Plan {
    fn nothing() -> Self {
        Self {
            script: VecDeque::new(),
            sometimes: None,
            always: None,
            before: None,
            after: None,
            counts: watch::Sender::new(Counts::default()),
        }
    }

    fn draw(&mut self) -> Option<Fault> {
        // The dice fall for every call, so that a script does not shift what comes later.
        let drawn = self.sometimes.as_mut().and_then(Sometimes::draw);
        self.script.pop_front().unwrap_or_else(|| drawn.or(self.always))
    }
}

impl Sometimes {
    fn draw(&mut self) -> Option<Fault> {
        let hit = self.dice.once_in(self.one_in.max(1));
        let fault = self.dice.pick(&self.faults).copied();
        fault.filter(|_| hit)
    }
}

fn shut(gate: &mut Gate) {
    gate.get_or_insert_with(|| Arc::new(Semaphore::new(0)));
}

async fn pass(gate: Gate) {
    if let Some(gate) = gate
        && let Ok(permit) = gate.acquire().await
    {
        permit.forget();
    }
    // A gate that was opened has been closed as a semaphore: everybody passes.
}
