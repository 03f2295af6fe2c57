//! The rules of the desk, by topic. `support` has the bench on which every test stands; it checks every
//! rule, what each session was told and what a store would hold after every step of every test.

mod assignment;
mod edits;
mod ending;
mod faults;
mod memory;
mod messages;
mod people;
mod places;
mod policy;
mod presence;
mod queue;
mod random;
mod receipts;
mod restore;
mod steps;
mod supervise;
mod support;
mod typing;
mod viewers;
