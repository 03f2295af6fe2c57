//! What-if on one's own store: the traffic of a Chatter SQLite file, under other policies, limits or with one agent more.
//!
//! A record says what happened, not what would have happened. What it does not say is drawn, for each replication anew:
//! how long a customer who was served would have waited beyond their wait (by the memoryless law fitted to those who
//! left), and how much work one would have brought who left (that of somebody who was served). Everything else is as
//! recorded. [`Recorded::notes`] says all of it, and what cannot be known, in words.

mod error;
mod fill;
mod fit;
mod fold;
mod notes;
mod people;
mod recorded;
mod store;
#[cfg(test)]
mod store_tests;
#[cfg(test)]
mod tests;

pub use error::{WhatIfError, WhatIfRule};
pub use fill::Change;
pub use fit::Patience;
pub use recorded::{Episode, Oddities, Outcome, Recorded, RecordedAgent, RecordedCategory};
pub use store::{read, usual_grace};
