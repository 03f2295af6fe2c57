//! The Chatter server: one process with an embedded SQLite store, WebSockets and two pages. It is meant to
//! be run, not linked: [`main`] is all there is.

mod auth;
mod config;
mod end;
mod http;
mod logs;
mod replay;
mod roster;
mod secret;
mod secret_file;
mod server;
mod signals;
mod welcome;

use std::path::Path;
use std::process::ExitCode;

use config::{Refused, Settings};
use end::{End, whole};

/// Runs the server until it is stopped; the exit codes are in `docs/configuration.md`.
#[must_use]
pub fn main() -> ExitCode {
    match config::replayed(std::env::args_os()) {
        Ok(None) => serve(),
        Ok(Some(record)) => match replay::run(&record) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                tell(&format!("the record {} cannot be replayed: {error}\n", record.display()));
                End::Broken.into()
            }
        },
        Err(error) => refuse_command_line(&error),
    }
}

fn serve() -> ExitCode {
    match config::load(std::env::args_os(), std::env::vars_os(), Path::new(".")) {
        Ok(settings) => run(settings),
        Err(Refused::CommandLine(error)) => refuse_command_line(&error),
        Err(refused @ Refused::Settings(_)) => {
            tell(&refused.to_string());
            End::Refused.into()
        }
    }
}

fn refuse_command_line(error: &clap::Error) -> ExitCode {
    // A closed terminal is no reason to fail on top.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(End::Refused.code()))
}

fn run(settings: Settings) -> ExitCode {
    logs::begin(&settings);
    // The only backend that is built in; named so that a second one cannot make the choice at random.
    if jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default().is_err() {
        tracing::debug!("the signing backend was chosen before");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tell(&format!("chatter-server cannot start: {error}\n"));
            return End::Broken.into();
        }
    };
    let end = match runtime.block_on(server::run(settings)) {
        Ok(end) => end,
        Err(error) => {
            tell(&format!("chatter-server cannot start: {}\n", whole(&error)));
            End::Broken
        }
    };
    runtime.shutdown_background();
    end.into()
}

#[expect(clippy::print_stderr, reason = "whoever starts the server reads it, whatever the log is set to")]
fn tell(text: &str) {
    eprint!("{text}");
}
