//! The engine from outside, on a paused clock: what it promises, with a store that fails on demand.

#[cfg(test)]
mod degraded;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod embed;
#[cfg(test)]
mod once;
#[cfg(test)]
mod order;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod record;
#[cfg(test)]
mod support;
#[cfg(test)]
mod team;
