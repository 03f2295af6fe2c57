//! Exact results of queueing theory, to compare simulations with: every formula names its source.
//!
//! Times and rates are in one unit of the caller's choice (the lab uses seconds). Sources marked "from memory" are
//! stated as the literature is remembered; the tests check each formula against another one, or against a Markov chain.
//!
//! - one rate, patient customers: [`erlang_b()`], [`ErlangC`], [`fewest_servers`];
//! - customers who leave: [`ErlangA`] by its chain, [`Impatient`] (M/M/n+G) by integrals;
//! - one server, other laws: [`pollaczek_khinchine`], [`Md1`], [`GiM1`], and the estimates [`kingman`], [`klb`] and
//!   [`allen_cunneen`];
//! - priorities: [`cobham()`], [`accumulating_priority`], [`conserved_wait`];
//! - rates over time: [`MtMInfinity`];
//! - several chats at once: [`Lps`], [`slots_as_servers`], and the chain of [`Pools`];
//! - skills: the chain of [`NModel`].

mod accumulating;
mod approximations;
mod chain;
mod cobham;
mod erlang_a;
mod erlang_b;
mod erlang_c;
mod error;
mod gim1;
mod impatient;
mod infinite;
mod lps;
mod md1;
mod n_model;
mod patience;
mod planner;
mod pollaczek;
mod pools;
mod quadrature;
mod transform;

pub use accumulating::{Accumulating, accumulating_priority};
pub use approximations::{allen_cunneen, kingman, klb};
pub use chain::{Chain, Move};
pub use cobham::{cobham, conserved_wait};
pub use erlang_a::ErlangA;
pub use erlang_b::{erlang_b, log_inverse_erlang_b};
pub use erlang_c::ErlangC;
pub use error::OracleError;
pub use gim1::GiM1;
pub use impatient::Impatient;
pub use infinite::MtMInfinity;
pub use lps::{Lps, slots_as_servers};
pub use md1::Md1;
pub use n_model::{NModel, NModelResult, Rule};
pub use patience::{Patience, Survival};
pub use planner::{fewest_servers, fewest_servers_patient};
pub use pollaczek::pollaczek_khinchine;
pub use pools::{Filling, Pools, PoolsResult};
pub use quadrature::Gauss;
pub use transform::laplace;

#[cfg(test)]
mod testing;
