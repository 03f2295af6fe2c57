//! The store of a run: [`Dawdler`] (it takes its time) over whatever is planted over a `FaultStore` (it fails as
//! it is told) over [`Ledger`] (it reports what is durable) over a `MemoryStore`.

mod dawdler;
mod ledger;

pub(crate) use dawdler::{Dawdler, Pace};
pub(crate) use ledger::Ledger;

/// The result of a future that never waits.
pub(crate) fn at_once<R>(future: impl Future<Output = R>) -> R {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(result) => result,
        std::task::Poll::Pending => panic!("a store in memory never waits"),
    }
}
