//! The command line: what every mode shares, and how its flags become settings.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::LoadError;
use super::chatter::{AGENT_PREFIX, Agents, Target};
use super::child::Program;
use super::converse::{Plan, Style};
use super::place::Cores;
use super::wire::Address;

/// Where the server is, and where things run.
#[derive(Clone, Debug, Args)]
#[non_exhaustive]
pub struct Where {
    /// The chatter-server to start for this run, with an empty store and its limits out of the way; left out, and
    /// without --url, the one built into this program
    #[arg(long, value_name = "PATH", conflicts_with = "url")]
    pub server: Option<PathBuf>,
    /// A server that runs already, as ws://127.0.0.1:8080/ws; its own limits hold
    #[arg(long)]
    pub url: Option<String>,
    /// The number of that server's process, to tell what it uses
    #[arg(long, requires = "url")]
    pub pid: Option<u32>,
    /// What the user names of that server's agents begin with; a number from 1 follows
    #[arg(long, default_value = AGENT_PREFIX, value_name = "TEXT")]
    pub agent_prefix: String,
    /// The password of those agents
    #[arg(long, env = "CHATTER_LOAD_PASSWORD", hide_env_values = true, value_name = "TEXT")]
    pub agent_password: Option<String>,
    /// Where things run.
    #[command(flatten)]
    pub machine: Machine,
}

/// Where things run on this machine.
#[derive(Clone, Debug, Args)]
#[non_exhaustive]
pub struct Machine {
    /// Whether what is started gets the first core and the generator the second, so that runs can be compared
    #[arg(long, value_enum, default_value_t = Pin::Auto)]
    pub pin: Pin,
    /// Where stores are kept while a run lasts; left out: the folder of temporary files
    #[arg(long, value_name = "PATH")]
    pub folder: Option<PathBuf>,
    /// The result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Whether to pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(clippy::exhaustive_enums, reason = "there is no third")]
pub enum Pin {
    /// Where there are two cores and `taskset`.
    Auto,
    /// Never.
    Off,
}

impl Machine {
    /// The cores to use, if any.
    #[must_use]
    pub fn cores(&self) -> Option<Cores> {
        match self.pin {
            Pin::Auto => Cores::two(),
            Pin::Off => None,
        }
    }
}

impl Where {
    /// The server to put under load; started now if it is one of our own.
    ///
    /// # Errors
    /// When a flag breaks its rule, or it does not start.
    pub async fn target(&self, agents: usize) -> Result<Target, LoadError> {
        let Some(url) = &self.url else {
            let program = match &self.server {
                Some(path) => Program::at(path)?,
                None => Program::built_in(&this_program()?)?,
            };
            return Target::start(&program, agents, self.machine.folder.as_deref(), self.machine.cores()).await;
        };
        let password = match (&self.agent_password, agents) {
            (Some(password), _) => password.clone(),
            (None, 0) => String::new(),
            (None, _) => {
                let rule = "(or CHATTER_LOAD_PASSWORD) must be given with --url where agents sign in";
                return Err(LoadError::Flag { flag: "--agent-password", rule });
            }
        };
        let agents = Agents { prefix: self.agent_prefix.clone(), password };
        Ok(Target::running(Address::resolve(url).await?, self.pid, agents))
    }
}

/// The file of the running program.
///
/// # Errors
/// When the system does not tell.
pub fn this_program() -> Result<PathBuf, LoadError> {
    std::env::current_exe().map_err(LoadError::io("finding this program"))
}

/// How people talk.
#[derive(Clone, Copy, Debug, Args)]
#[non_exhaustive]
pub struct Talking {
    /// How many pairs of a customer and an agent
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub pairs: usize,
    /// Closed loop: how many messages each pair keeps under way [default: 1]
    #[arg(long, value_name = "M", conflicts_with = "rate")]
    pub in_flight: Option<u32>,
    /// Open loop: how many messages a second all pairs send together, whatever comes back
    #[arg(long, value_name = "PER_SECOND")]
    pub rate: Option<u64>,
    /// How long to measure
    #[arg(long, default_value_t = 10, value_name = "S")]
    pub seconds: u64,
    /// How long to talk before that
    #[arg(long, default_value_t = 2, value_name = "S")]
    pub warm_up: u64,
    /// End a closed loop after so many messages
    #[arg(long, value_name = "N", conflicts_with = "rate")]
    pub messages: Option<u64>,
    /// The length of a message as JSON, about
    #[arg(long, default_value_t = 200, value_name = "BYTES")]
    pub message_bytes: usize,
}

impl Talking {
    /// What is to be done.
    ///
    /// # Errors
    /// When a flag breaks its rule.
    pub fn plan(&self) -> Result<Plan, LoadError> {
        let within = |flag, ok: bool, rule| if ok { Ok(()) } else { Err(LoadError::Flag { flag, rule }) };
        within("--pairs", (1..=10_000).contains(&self.pairs), "must be from 1 to 10000")?;
        within("--seconds", (1..=86_400).contains(&self.seconds), "must be from 1 to 86400")?;
        within("--warm-up", self.warm_up <= 3_600, "must be at most 3600")?;
        within("--message-bytes", (100..=1_000).contains(&self.message_bytes), "must be from 100 to 1000")?;
        within("--messages", self.messages != Some(0), "must be at least 1")?;
        let style = match (self.rate, self.in_flight) {
            (Some(rate), _) => {
                within("--rate", (1..=1_000_000).contains(&rate), "must be from 1 to 1000000")?;
                Style::Open { rate }
            }
            (None, in_flight) => {
                let in_flight = in_flight.unwrap_or(1);
                within("--in-flight", (1..=64).contains(&in_flight), "must be from 1 to 64")?;
                Style::Closed { in_flight }
            }
        };
        Ok(Plan {
            style,
            warm_up: Duration::from_secs(self.warm_up),
            messages: self.messages,
            message_bytes: self.message_bytes,
            ..Plan::new(style, Duration::from_secs(self.seconds))
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        place: Where,
        #[command(flatten)]
        talking: Talking,
    }

    fn line(flags: &[&str]) -> Line {
        Line::try_parse_from([&["load"], flags].concat()).expect("the flags are known")
    }

    #[test]
    fn a_flag_that_breaks_its_rule_is_named() {
        for (flags, message) in [
            (["--pairs", "0"], "--pairs must be from 1 to 10000"),
            (["--seconds", "0"], "--seconds must be from 1 to 86400"),
            (["--warm-up", "9999"], "--warm-up must be at most 3600"),
            (["--message-bytes", "5000"], "--message-bytes must be from 100 to 1000"),
            (["--rate", "0"], "--rate must be from 1 to 1000000"),
            (["--in-flight", "65"], "--in-flight must be from 1 to 64"),
            (["--messages", "0"], "--messages must be at least 1"),
        ] {
            let refused = line(&flags).talking.plan().expect_err(message);
            assert_eq!(refused.to_string(), message);
        }
    }

    #[test]
    fn flags_make_a_plan() {
        let plan = line(&["--in-flight", "16", "--seconds", "3"]).talking.plan().expect("legal");
        assert_eq!((plan.style, plan.measure), (Style::Closed { in_flight: 16 }, Duration::from_secs(3)));
        let plan = line(&["--rate", "1000"]).talking.plan().expect("legal");
        assert_eq!(plan.style, Style::Open { rate: 1_000 });
        assert!(Line::try_parse_from(["load", "--rate", "5", "--in-flight", "2"]).is_err(), "one loop at a time");
    }

    #[tokio::test]
    async fn a_running_server_needs_a_good_address_and_a_password_for_agents() {
        assert!(Line::try_parse_from(["load", "--server", "x", "--url", "ws://x/ws"]).is_err(), "one server at a time");
        let refused = line(&["--url", "http://127.0.0.1:1/ws", "--agent-password", "x"]).place.target(1).await;
        let refused = refused.expect_err("no ws address");
        assert_eq!(refused.to_string(), "--url must be an address such as ws://127.0.0.1:8080/ws");
        let nobody = line(&["--url", "ws://127.0.0.1:1/ws"]).place;
        assert!(nobody.target(1).await.expect_err("no password").to_string().starts_with("--agent-password"));
        assert!(nobody.target(0).await.is_ok(), "customers need none");
    }
}
