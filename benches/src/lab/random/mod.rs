//! Random numbers of the lab: streams that share no state, laws of times, and arrival processes.
//!
//! A draw depends on the seed, the replication, its purpose, its customer and its number within that, and on nothing
//! else: so a customer brings the same work and the same patience whatever policy serves them, and comparing policies
//! compares nothing but the policies. Everything transcendental goes through the `libm` crate, so that every machine
//! draws the same bits.

mod arrivals;
mod law;
mod normal;
mod seconds;
mod stream;
mod written;

pub use arrivals::{ArrivalError, Arrivals, Centre, DayFactor, Profile};
pub(crate) use law::balanced_share;
pub use law::{Law, LawError, NEVER};
pub use normal::{normal_cdf, normal_quantile};
pub use seconds::{Seconds, SecondsError, micros};
pub use stream::{Purpose, Stream};
