//! The rules of the desk, by topic. `support` has the bench on which every test stands; it checks every
//! rule, what each session was told and what a store would hold after every step of every test.

mod assignment;
mod availability;
mod by_hand;
mod choices;
mod edits;
mod ending;
mod explain;
mod faults;
mod memory;
mod merge;
mod messages;
mod offers;
mod overflow;
mod people;
mod places;
mod policy;
mod presence;
mod queue;
mod random;
mod receipts;
mod restore;
mod rests;
mod silence;
mod steps;
mod sticky;
mod supervise;
mod support;
mod team;
mod transfer;
mod typing;
mod viewers;
