//! The policy lab: customers, agents and time around the production desk.

pub mod cli;
pub mod compare;
pub mod metrics;
pub mod policy;
pub mod random;
pub mod record;
pub mod report;
pub mod scenario;
pub mod sim;
pub mod staffing;
pub mod stats;
pub mod study;
pub mod trace;
pub mod what_if;
