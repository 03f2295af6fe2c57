//! The command line of the policy lab.

fn main() {}
