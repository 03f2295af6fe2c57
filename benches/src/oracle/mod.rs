//! Exact results of queueing theory, to compare simulations with: every formula names its source.
