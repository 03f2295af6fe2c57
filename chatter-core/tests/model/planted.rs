//! Faults put into a desk on purpose.

use chatter_core::Time;
use chatter_core::desk::Input;

use crate::real::Seen;

/// A fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {}

impl Fault {
    pub(crate) fn on_input(self, _now: Time, _input: Option<&Input>) -> Option<(Time, Option<Input>)> {
        None
    }

    pub(crate) fn on_seen(self, _seen: &mut Seen) {}
}
