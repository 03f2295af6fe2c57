//! Counts elementary steps, so that a test can hold the cost of an operation without a clock. It
//! compiles to nothing outside tests.

#[cfg(any(test, feature = "testing"))]
thread_local! {
    static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Adds `steps` to the count of this thread.
#[inline]
pub(crate) fn count(steps: u64) {
    #[cfg(any(test, feature = "testing"))]
    STEPS.set(STEPS.get() + steps);
    #[cfg(not(any(test, feature = "testing")))]
    let _ = steps;
}

/// The steps that this thread has counted since its last [`reset`].
#[cfg(any(test, feature = "testing"))]
#[must_use]
pub fn read() -> u64 {
    STEPS.get()
}

/// Starts again at zero, on this thread.
#[cfg(any(test, feature = "testing"))]
pub fn reset() {
    STEPS.set(0);
}
