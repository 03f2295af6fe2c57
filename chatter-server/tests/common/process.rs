use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::DEADLINE;
use super::client::Client;

/// A folder with a configuration, in which a server can be started again and again.
#[derive(Debug)]
pub(crate) struct Folder {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

impl Folder {
    /// A folder with this `chatter.toml`. The server listens on a free port and logs everything, whatever
    /// the file says.
    pub(crate) fn new(toml: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("chatter.toml"), toml).unwrap();
        Self { folder, environment: Vec::new() }
    }

    /// The same with a variable in the environment.
    pub(crate) fn with_variable(mut self, name: &str, text: &str) -> Self {
        self.environment.push((name.to_owned(), text.to_owned()));
        self
    }

    /// The same with another file.
    pub(crate) fn with_file(self, name: &str, content: &str) -> Self {
        std::fs::write(self.path(name), content).unwrap();
        self
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The SQLite file.
    pub(crate) fn database(&self) -> PathBuf {
        self.path("chatter.db")
    }

    /// Writes the configuration anew, for the next start.
    pub(crate) fn configure(&self, toml: &str) {
        std::fs::write(self.path("chatter.toml"), toml).unwrap();
    }

    /// Starts a server here and waits until it takes connections.
    pub(crate) async fn start(&self) -> Server {
        self.start_with(&[]).await
    }

    /// The same with more flags.
    pub(crate) async fn start_with(&self, flags: &[&str]) -> Server {
        let mut server = self.spawn(flags);
        server.ready().await;
        server
    }

    /// Runs a server that is expected to end by itself.
    pub(crate) async fn run_to_end(&self, flags: &[&str]) -> Exit {
        self.spawn(flags).ended().await
    }

    /// Starts a server here without waiting.
    pub(crate) fn spawn(&self, flags: &[&str]) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chatter-server"));
        command
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.environment.iter().map(|(name, text)| (name, text)))
            .args(["--config", "chatter.toml", "--log-level", "trace"])
            .args(["--listen", "127.0.0.1:0"].iter().filter(|_| !flags.contains(&"--listen")))
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        Server::new(command.spawn().unwrap())
    }
}

/// A running server; killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    stdout: Captured,
    stderr: Captured,
    address: Option<SocketAddr>,
}

/// How a server ended, and what it wrote.
#[derive(Debug)]
pub(crate) struct Exit {
    /// The exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    /// What it printed.
    pub(crate) stdout: String,
    /// What it logged.
    pub(crate) stderr: String,
}

impl Server {
    fn new(mut child: Child) -> Self {
        let stdout = Captured::new(child.stdout.take().unwrap());
        let stderr = Captured::new(child.stderr.take().unwrap());
        Self { child, stdout, stderr, address: None }
    }

    /// Waits for the line that tells the address.
    pub(crate) async fn ready(&mut self) {
        let found = self.stdout.line_with("listening on http://").await;
        let line = found.unwrap_or_else(|| panic!("the server does not start:\n{}", self.stderr.text()));
        self.address = Some(line.trim().rsplit('/').next().unwrap().parse().unwrap());
        // The whole welcome is written at once; its last line follows the addresses.
        self.stdout.line_with("agents:").await.unwrap();
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address.expect("the server was waited for")
    }

    /// Waits until it has logged a line with this.
    pub(crate) async fn has_logged(&self, part: &str) {
        self.stderr.line_with(part).await.expect("the line is logged");
    }

    /// What it has printed so far.
    pub(crate) fn printed(&self) -> String {
        self.stdout.text()
    }

    /// What it has logged so far.
    pub(crate) fn logged(&self) -> String {
        self.stderr.text()
    }

    /// The password it printed for the default agent.
    pub(crate) async fn default_password(&self) -> String {
        let line = self.stdout.line_with("with the password ").await.expect("a default agent");
        line.rsplit(' ').next().unwrap().trim().to_owned()
    }

    /// Opens a WebSocket.
    pub(crate) async fn connect(&self) -> Client {
        Client::connect(&format!("ws://{}/ws", self.address())).await.expect("the upgrade is accepted")
    }

    /// Opens a WebSocket with a ticket.
    pub(crate) async fn connect_with_ticket(&self, ticket: &str) -> Client {
        Client::connect(&format!("ws://{}/ws?ticket={ticket}", self.address())).await.expect("the upgrade is accepted")
    }

    /// One HTTP request on a connection of its own: the status, and everything after the status line.
    pub(crate) async fn http(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address()).await.unwrap();
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let request =
            format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}\r\n", self.address());
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(DEADLINE, stream.read_to_string(&mut answer)).await.expect("an answer in time").unwrap();
        let (line, rest) = answer.split_once("\r\n").unwrap();
        (line.split(' ').nth(1).unwrap().parse().unwrap(), rest.to_owned())
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().expect("the server runs").to_string();
        let sent = std::process::Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(sent.success(), "the signal cannot be sent");
    }

    /// `kill -9`, and waits until it is gone.
    pub(crate) async fn kill(mut self) -> Exit {
        self.child.start_kill().unwrap();
        self.ended().await
    }

    /// SIGTERM, and waits until it has ended.
    pub(crate) async fn terminate(self) -> Exit {
        self.signal("TERM");
        self.ended().await
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(mut self) -> Exit {
        let status = timeout(DEADLINE, self.child.wait()).await.expect("the server ends in time").unwrap();
        Exit { code: status.code(), stdout: self.stdout.whole().await, stderr: self.stderr.whole().await }
    }
}

/// What a process writes, as it comes.
#[derive(Debug)]
struct Captured {
    text: Arc<Mutex<String>>,
    grew: watch::Receiver<()>,
    reader: JoinHandle<()>,
}

impl Captured {
    fn new(stream: impl AsyncRead + Unpin + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let (grow, grew) = watch::channel(());
        let written = Arc::clone(&text);
        let reader = tokio::spawn(async move {
            let mut lines = BufReader::new(stream);
            let mut line = String::new();
            while lines.read_line(&mut line).await.is_ok_and(|length| length > 0) {
                written.lock().unwrap().push_str(&line);
                line.clear();
                grow.send_replace(());
            }
        });
        Self { text, grew, reader }
    }

    fn text(&self) -> String {
        self.text.lock().unwrap().clone()
    }

    /// The first line that contains this; none when the stream ends without it.
    async fn line_with(&self, part: &str) -> Option<String> {
        let mut grew = self.grew.clone();
        let found = async {
            loop {
                if let Some(line) = self.text().lines().find(|line| line.contains(part)) {
                    return Some(line.to_owned());
                }
                if grew.changed().await.is_err() {
                    return self.text().lines().find(|line| line.contains(part)).map(str::to_owned);
                }
            }
        };
        timeout(DEADLINE, found).await.unwrap_or_else(|_| panic!("no line with {part:?} in time:\n{}", self.text()))
    }

    async fn whole(self) -> String {
        timeout(DEADLINE, self.reader).await.expect("the stream ends with the process").unwrap();
        let text = self.text.lock().unwrap();
        text.clone()
    }
}
