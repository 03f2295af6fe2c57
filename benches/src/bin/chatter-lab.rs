//! The policy lab: `chatter-lab --help` tells what it does.

use std::process::ExitCode;

fn main() -> ExitCode {
    chatter_benches::lab::cli::main(std::env::args_os(), &mut std::io::stdout())
}
