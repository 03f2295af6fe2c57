//! What the benches of Chatter share: a desk with a crowd before it, and a table of how cost grows.
//!
//! `cargo bench -p chatter-benches` measures at 1,000 to 1,000,000 waiting chats. `cargo test -p
//! chatter-benches --benches` runs every bench once at a tiny size, so that none can rot. The sizes can be
//! chosen: `CHATTER_BENCH_SIZES=1000,50000`, and for assignments a second
//! `CHATTER_BENCH_FLOOR=agents,categories,waiting`.

mod crowd;
mod floor;
mod growth;
pub mod lab;
mod lifecycle;
pub mod load;
pub mod oracle;
mod rush;
mod talk;

pub use crowd::{BATCH, Batch, Crowd, Operation};
pub use floor::{Floor, FloorSize};
pub use growth::Growth;
pub use lifecycle::Lifecycle;
pub use rush::rush;
pub use talk::Talk;

/// True when Cargo asks to measure; otherwise a bench is run once as a test, and one small pass must do.
#[must_use]
pub fn measuring() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// How many chats wait, smallest first: from `CHATTER_BENCH_SIZES`, or 1,000 to 1,000,000 when measuring
/// and tiny otherwise.
///
/// # Panics
/// When the variable is not a list of numbers.
#[must_use]
pub fn sizes() -> Vec<usize> {
    if let Ok(list) = std::env::var("CHATTER_BENCH_SIZES") {
        let number = |size: &str| size.trim().parse().expect("CHATTER_BENCH_SIZES is a list of numbers");
        return list.split(',').map(number).collect();
    }
    if measuring() { vec![1_000, 10_000, 100_000, 1_000_000] } else { vec![100, 1_000] }
}
