//! The policy lab: customers, agents and time around the production desk.

pub mod compare;
pub mod metrics;
pub mod record;
pub mod report;
