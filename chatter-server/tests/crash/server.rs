//! The server as a process of its own, to be killed.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// How long a start may take before the test fails.
const START_WITHIN: Duration = Duration::from_secs(20);

/// An agent's user name and the name that customers see.
pub(crate) fn agent_name(number: u64) -> String {
    format!("agent{number}")
}

pub(crate) fn agent_password(number: u64) -> String {
    format!("password of agent {number}")
}

/// An address that stays free while the server is down. Ports that the system gives out by itself will not
/// do: a client that tries to reach one while nobody listens can be given that very port, and keep it.
fn free_address() -> SocketAddr {
    const LOWEST: u16 = 10_000;
    const COUNT: u16 = 20_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() * 31 % u32::from(COUNT)).expect("it is below the count");
    loop {
        let port = LOWEST + (first + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT) % COUNT;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// A server that is started any number of times on one file and one port.
#[derive(Debug)]
pub(crate) struct Server {
    program: PathBuf,
    folder: PathBuf,
    log: PathBuf,
    address: SocketAddr,
    agents: u64,
    durability: &'static str,
    child: Option<Child>,
}

impl Server {
    /// A server that keeps its files in a folder and its log elsewhere. It does not run yet.
    pub(crate) fn new(program: &str, folder: &Path, log: PathBuf, agents: u64, durability: &'static str) -> Self {
        let address = free_address();
        Self { program: program.into(), folder: folder.into(), log, address, agents, durability, child: None }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The SQLite file.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join("chatter.db")
    }

    /// Starts it; `prepare` may change how.
    pub(crate) fn start(&mut self, prepare: impl FnOnce(&mut std::process::Command)) {
        let log = || File::options().append(true).create(true).open(&self.log).expect("the log can be written");
        let agent = |number| {
            let (name, password) = (agent_name(number), agent_password(number));
            format!("{{username = \"{name}\", password = \"{password}\", max_chats = {}}}", super::CHATS_PER_AGENT)
        };
        let agents: Vec<_> = (1..=self.agents).map(agent).collect();
        let mut command = std::process::Command::new(&self.program);
        command.current_dir(self.log.parent().expect("the log is in a folder"));
        command.stdin(Stdio::null()).stdout(log()).stderr(log());
        // Settings of whoever runs the tests are not those of the test.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CHATTER_")) {
            command.env_remove(name);
        }
        command
            .env("CHATTER_LISTEN", self.address.to_string())
            .env("CHATTER_STORE", self.file())
            .env("CHATTER_DURABILITY", self.durability)
            .env("CHATTER_AGENTS", format!("[{}]", agents.join(", ")))
            // Everybody comes from one address and talks as fast as they can.
            .env("CHATTER_JOINS_PER_MINUTE", "0")
            .env("CHATTER_MESSAGES_PER_SECOND", "0")
            // Nobody is given up on, however long the whole run takes.
            .env("CHATTER_AGENT_GRACE", "1h")
            .env("CHATTER_CUSTOMER_GRACE", "1h")
            .env("CHATTER_LOG_LEVEL", "warn");
        prepare(&mut command);
        let child = Command::from(command).kill_on_drop(true).spawn();
        self.child = Some(child.expect("the server can be started"));
    }

    /// Waits until it takes connections. False if it ended instead.
    pub(crate) async fn ready(&mut self) -> bool {
        let deadline = Instant::now() + START_WITHIN;
        while TcpStream::connect(self.address).await.is_err() {
            if self.running().try_wait().expect("it is our child").is_some() {
                return false;
            }
            assert!(Instant::now() < deadline, "no server after {START_WITHIN:?}: {}", self.log_tail());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        true
    }

    /// Kills it without a warning (SIGKILL).
    pub(crate) async fn kill(&mut self) {
        let ended = self.running().try_wait().expect("it is our child");
        assert!(ended.is_none(), "the server ended by itself ({ended:?}): {}", self.log_tail());
        self.running().start_kill().expect("it is our child");
        self.killed(Duration::from_secs(10)).await;
    }

    /// Waits until it has been killed, from outside or from inside.
    pub(crate) async fn killed(&mut self, within: Duration) {
        let mut child = self.child.take().expect("it was started");
        let ended = tokio::time::timeout(within, child.wait()).await;
        let Ok(ended) = ended else { panic!("it still runs after {within:?}: {}", self.log_tail()) };
        let ended = ended.expect("it is our child");
        assert_eq!(ended.signal(), Some(9), "the server ended by itself ({ended}): {}", self.log_tail());
    }

    /// The end of what it wrote.
    pub(crate) fn log_tail(&self) -> String {
        let log = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(4_000)..]).into_owned()
    }

    fn running(&mut self) -> &mut Child {
        self.child.as_mut().expect("it was started")
    }
}
