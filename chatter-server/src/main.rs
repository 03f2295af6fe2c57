//! The Chatter server: see the library part for what it does.

fn main() -> std::process::ExitCode {
    chatter_server::main()
}
