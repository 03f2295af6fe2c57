//! A server that the generator starts itself, in a folder of its own, and ends with it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::LoadError;
use super::place::{Cores, command};
use super::wire::Address;

/// How long a server may take to start; a large store is read first.
const START_WITHIN: Duration = Duration::from_secs(60);
const LOG: &str = "log.txt";

/// A process of the generator in whose environment this stands is a chatter-server: see [`Program::built_in`].
pub const AS_SERVER: &str = "LOAD_AS_SERVER";

/// A program that listens and says where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    path: PathBuf,
    built_in: bool,
}

impl Program {
    /// A program of its own: a chatter-server, or for floors the generator itself.
    ///
    /// # Errors
    /// When the folder this process runs in cannot be told.
    pub fn at(path: &Path) -> Result<Self, LoadError> {
        let path = std::path::absolute(path).map_err(LoadError::io("finding the program"))?;
        Ok(Self { path, built_in: false })
    }

    /// The chatter-server that is built into the generator at `path`: its `main` must look for [`AS_SERVER`] first.
    ///
    /// # Errors
    /// When the folder this process runs in cannot be told.
    pub fn built_in(path: &Path) -> Result<Self, LoadError> {
        Ok(Self { built_in: true, ..Self::at(path)? })
    }
}

/// A running process that listens; killed when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    pub(crate) address: Address,
}

impl Running {
    /// Starts a program in a folder and waits until it prints where it listens.
    pub(crate) async fn start(
        program: &Program,
        arguments: &[&str],
        folder: &Path,
        cores: Option<Cores>,
        path: &str,
    ) -> Result<Self, LoadError> {
        let (program, built_in) = (&program.path, program.built_in);
        let started = |source| LoadError::Start { program: program.to_owned(), source };
        let log = File::create(folder.join(LOG)).map_err(started)?;
        let mut command: Command = command(program, cores);
        command.args(arguments).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped());
        if built_in {
            command.env(AS_SERVER, "1");
        }
        let mut child = command.stderr(log).kill_on_drop(true).spawn().map_err(started)?;
        let mut lines = BufReader::new(child.stdout.take().expect("it was asked for")).lines();
        let listening = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some((_, authority)) = line.split_once("listening on http://") {
                    return Some(authority.trim().to_owned());
                }
            }
            None
        };
        let authority = timeout(START_WITHIN, listening)
            .await
            .map_err(|_| LoadError::TimedOut { doing: "starting the server", limit: START_WITHIN })?
            .ok_or_else(|| LoadError::Died { program: program.to_owned(), wrote: tail(&folder.join(LOG)) })?;
        // What else it prints is of no interest, but must have somewhere to go.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let address = Address::resolve(&format!("ws://{authority}{path}")).await?;
        Ok(Self { child, address })
    }

    /// Its number, none once it has ended.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Kills it at once, as a crash would, and waits until it is gone.
    pub(crate) async fn kill(mut self) -> Result<(), LoadError> {
        self.child.kill().await.map_err(LoadError::io("killing the server"))
    }
}

fn tail(log: &PathBuf) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
