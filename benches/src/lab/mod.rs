//! The policy lab: customers, agents and time around the production desk.

pub mod random;
pub mod record;
pub mod stats;
