//! The policy lab: `chatter-lab --help` tells what it does.

use std::process::ExitCode;

/// A simulated customer is many small allocations.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    chatter_benches::lab::cli::main(std::env::args_os(), &mut std::io::stdout())
}
