//! Chatter as the thing under load: started by the generator with its limits out of the way, or running already.

use std::fmt::Write as _;
use std::path::Path;

use super::LoadError;
use super::child::{Program, Running};
use super::place::Cores;
use super::wire::Address;

/// The user names of agents are this and a number from 1.
pub const AGENT_PREFIX: &str = "load-";
const OWN_PASSWORD: &str = "a password for load alone";

/// Who can sign in as an agent: `PREFIX1`, `PREFIX2`, … with one password.
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain settings")]
pub struct Agents {
    /// What user names begin with.
    pub prefix: String,
    /// The password of all of them.
    pub password: String,
}

/// Never shows the password.
impl std::fmt::Debug for Agents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Agents").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// A server to put under load.
#[derive(Debug)]
pub struct Target {
    pub(crate) address: Address,
    pub(crate) pid: Option<u32>,
    pub(crate) agents: Agents,
    own: Option<Own>,
}

/// What belongs to a server of our own.
#[derive(Debug)]
struct Own {
    running: Running,
    program: Program,
    folder: tempfile::TempDir,
    cores: Option<Cores>,
}

impl Target {
    /// A server that runs already. Its own limits hold: connections from one address, joins, messages, frames.
    #[must_use]
    pub const fn running(address: Address, pid: Option<u32>, agents: Agents) -> Self {
        Self { address, pid, agents, own: None }
    }

    /// Starts a server with this many agents on an empty store, with every limit on people of one address out of
    /// the way. `folder` is where its store lies: `None` for the system's folder of temporary files.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(
        program: &Program,
        agents: usize,
        folder: Option<&Path>,
        cores: Option<Cores>,
    ) -> Result<Self, LoadError> {
        let folder = match folder {
            Some(parent) => tempfile::tempdir_in(parent),
            None => tempfile::tempdir(),
        };
        let folder = folder.map_err(LoadError::io("making a folder for the server"))?;
        let written = std::fs::write(folder.path().join("chatter.toml"), configuration(agents));
        written.map_err(LoadError::io("writing the configuration"))?;
        let running = listen(program, folder.path(), cores).await?;
        let (address, pid) = (running.address.clone(), running.pid());
        let agents = Agents { prefix: AGENT_PREFIX.to_owned(), password: OWN_PASSWORD.to_owned() };
        Ok(Self { address, pid, agents, own: Some(Own { running, program: program.clone(), folder, cores }) })
    }

    /// Kills the server as a crash would and starts it again on the same store.
    ///
    /// # Errors
    /// When the generator has not started it, or it does not start again.
    pub async fn crash_and_restart(&mut self) -> Result<(), LoadError> {
        let rule = "must be left out: a server can be restarted only by whoever started it";
        let own = self.own.take().ok_or(LoadError::Flag { flag: "--url", rule })?;
        let Own { running, program, folder, cores } = own;
        running.kill().await?;
        let running = listen(&program, folder.path(), cores).await?;
        (self.address, self.pid) = (running.address.clone(), running.pid());
        self.own = Some(Own { running, program, folder, cores });
        Ok(())
    }
}

async fn listen(program: &Program, folder: &Path, cores: Option<Cores>) -> Result<Running, LoadError> {
    let arguments = ["--config", "chatter.toml", "--listen", "127.0.0.1:0"];
    Running::start(program, &arguments, folder, cores, "/ws").await
}

/// One category, agents with room for one chat each, no limit on anybody, and nobody taken for lost during a restart.
fn configuration(agents: usize) -> String {
    let mut toml = "store = 'chatter.db'\ncategories = ['Load']\nlog_level = 'warn'\njoins_per_minute = 0\n\
        messages_per_second = 0\nmax_connections = 1000000\nmax_connections_per_address = 1000000\n\
        frames_per_second = 1000000\nframes_burst = 1000000\ncustomer_grace = '10m'\nagent_grace = '10m'\n\
        first_reply_within = 'off'\npark_after = 'off'\nauth_timeout = '60s'\nheader_timeout = '60s'\n"
        .to_owned();
    for number in 1..=agents {
        // Writing to a string does not fail.
        let _ = write!(
            toml,
            "[[agents]]\nusername = '{AGENT_PREFIX}{number}'\npassword = '{OWN_PASSWORD}'\nmax_chats = 1\n"
        );
    }
    toml
}
