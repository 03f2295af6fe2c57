//! The Chatter server: see the library part for what it does.

/// A message is some forty small allocations, many of them freed by another thread.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    chatter_server::main()
}
