//! Configuration: flags over environment over `.env` over a TOML file, every fault told at once.

mod category;
mod fault;
mod flags;
mod layers;
mod people;
mod read;
mod table;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ::config::{Map, Value};
use chatter_core::desk::DeskSettings;

use fault::Fault;
pub(crate) use fault::Refused;
pub(crate) use people::{Agent, Category, default_id};

use crate::secret::Secret;

/// Everything an operator can set, checked.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    pub(crate) base_url: Option<String>,
    pub(crate) origins: Vec<String>,
    pub(crate) store: PathBuf,
    pub(crate) durability: Durability,
    pub(crate) secret: Option<Secret>,
    pub(crate) previous_secret: Option<Secret>,
    pub(crate) policy: &'static str,
    pub(crate) categories: Vec<Category>,
    /// Empty for the default agent.
    pub(crate) agents: Vec<Agent>,
    pub(crate) joins_per_minute: u32,
    pub(crate) desk: DeskSettings,
    pub(crate) auth_timeout: Duration,
    pub(crate) header_timeout: Duration,
    pub(crate) max_connections: usize,
    pub(crate) max_connections_per_address: usize,
    pub(crate) frames_per_second: u32,
    pub(crate) frames_burst: u32,
    pub(crate) shutdown_within: Duration,
    pub(crate) log_level: tracing::Level,
    pub(crate) log_format: LogFormat,
    pub(crate) record: Option<PathBuf>,
    /// To be told once the log works.
    pub(crate) warnings: Vec<String>,
}

/// What an acknowledgement promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    Full,
    Normal,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// The record to replay, if that is what the command line asks for.
///
/// # Errors
/// When the command line is not understood.
pub(crate) fn replayed(arguments: impl IntoIterator<Item = OsString>) -> Result<Option<PathBuf>, clap::Error> {
    flags::parse(arguments).map(|flags| flags.replay)
}

/// Reads the settings. `folder` is where `.env` is looked for.
///
/// # Errors
/// Every refused setting at once.
pub(crate) fn load(
    arguments: impl IntoIterator<Item = OsString>,
    environment: impl Iterator<Item = (OsString, OsString)>,
    folder: &Path,
) -> Result<Settings, Refused> {
    let flags = flags::parse(arguments).map_err(Refused::CommandLine)?;
    let merged = layers::merge(&flags, environment, folder);
    let mut taker = Taker { values: merged.values, faults: merged.faults };
    let settings = taker.settings(merged.warnings);
    taker.faults.sort();
    settings.filter(|_| taker.faults.is_empty()).ok_or(Refused::Settings(taker.faults))
}

/// Takes settings by name and gathers what is wrong.
struct Taker {
    values: Map<String, Value>,
    faults: Vec<Fault>,
}

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

impl Taker {
    /// `None` when it is set nowhere, and when it is wrong, which is noted.
    fn take<T>(&mut self, name: &str, read: impl FnOnce(&Value) -> read::Read<T>) -> Option<T> {
        let value = self.values.get(name)?;
        match read(value) {
            Ok(meaning) => Some(meaning),
            Err(rule) => {
                self.faults.push(Fault::new(name, rule, value.origin().unwrap_or_default()));
                None
            }
        }
    }

    fn duration(&mut self, name: &str, bounds: &RangeInclusive<Duration>) -> Option<Duration> {
        self.take(name, |value| read::duration(value, bounds))
    }

    /// A time, or `off` for never.
    fn duration_or_never(&mut self, name: &str) -> Option<Option<Duration>> {
        let bounds = MILLISECOND..=30 * DAY;
        self.take(name, |value| match read::string(value) {
            Some("off") => Ok(None),
            _ => read::duration(value, &bounds).map(Some).map_err(|rule| format!("{rule}, or off")),
        })
    }

    fn path(&mut self, name: &str) -> Option<PathBuf> {
        self.take(name, |value| read::text(value).map(PathBuf::from))
    }

    /// Reads everything before giving up, so that all faults are told at once.
    fn settings(&mut self, warnings: Vec<String>) -> Option<Settings> {
        let listen = self.take("listen", read::address);
        let base_url = self.take("base_url", |value| {
            let rule = "must be an address such as https://chat.example, without a path";
            read::origin(&read::text(value)?).ok_or_else(|| rule.to_owned())
        });
        let origins = self.take("origins", |value| {
            let rule = "must be origins such as https://shop.example, in full, without a path, never *";
            let origins: Option<_> = read::texts(value)?.iter().map(|text| read::origin(text)).collect();
            origins.ok_or_else(|| rule.to_owned())
        });
        let store = self.path("store");
        let durability = [("full", Durability::Full), ("normal", Durability::Normal)];
        let durability = self.take("durability", |value| read::one_of(value, &durability));
        let secret = self.take("secret", read::signing_secret);
        let previous_secret = self.take("previous_secret", read::signing_secret);
        let policies = chatter_core::policy::NAMES.map(|name| (name, name));
        let policy = self.take("policy", |value| read::one_of(value, &policies));
        let (categories, agents) = self.people();
        let joins_per_minute = self.take("joins_per_minute", |value| read::number(value, &(0..=1_000_000)));
        let desk = self.desk();
        let auth_timeout = self.duration("auth_timeout", &(100 * MILLISECOND..=MINUTE));
        let header_timeout = self.duration("header_timeout", &(100 * MILLISECOND..=MINUTE));
        let max_connections = self.take("max_connections", |value| read::number(value, &(1..=1_000_000)));
        let per_address = self.take("max_connections_per_address", |value| read::number(value, &(1..=1_000_000)));
        let frames_per_second = self.take("frames_per_second", |value| read::number(value, &(1..=1_000_000)));
        let frames_burst = self.take("frames_burst", |value| read::number(value, &(1..=1_000_000)));
        let shutdown_within = self.duration("shutdown_within", &(100 * MILLISECOND..=10 * MINUTE));
        let log_level = self.take("log_level", |value| read::one_of(value, &LEVELS));
        let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
        let log_format = self.take("log_format", |value| read::one_of(value, &formats));
        let record = self.path("record");
        Some(Settings {
            listen: listen?,
            base_url,
            origins: origins.unwrap_or_default(),
            store: store?,
            durability: durability?,
            secret,
            previous_secret,
            policy: policy?,
            categories,
            agents,
            joins_per_minute: u32::try_from(joins_per_minute?).expect("the bounds were checked"),
            desk: desk?,
            auth_timeout: auth_timeout?,
            header_timeout: header_timeout?,
            max_connections: usize::try_from(max_connections?).expect("the bounds were checked"),
            max_connections_per_address: usize::try_from(per_address?).expect("the bounds were checked"),
            frames_per_second: u32::try_from(frames_per_second?).expect("the bounds were checked"),
            frames_burst: u32::try_from(frames_burst?).expect("the bounds were checked"),
            shutdown_within: shutdown_within?,
            log_level: log_level?,
            log_format: log_format?,
            record,
            warnings,
        })
    }

    fn desk(&mut self) -> Option<DeskSettings> {
        let customer_grace = self.duration("customer_grace", &(MILLISECOND..=DAY));
        let agent_grace = self.duration("agent_grace", &(MILLISECOND..=DAY));
        let close_after = self.duration("close_after", &(SECOND..=365 * DAY));
        let per_second = self.take("messages_per_second", |value| read::number(value, &(0..=10_000)));
        let burst = self.take("messages_burst", |value| read::number(value, &(1..=10_000)));
        let push_interval = self.duration("push_interval", &(10 * MILLISECOND..=MINUTE));
        let offer_timeout = self.duration("offer_timeout", &(MILLISECOND..=DAY));
        let misses_until_away = self.take("misses_until_away", |value| read::number(value, &(0..=1_000)));
        let cool_down = self.duration("cool_down", &(MILLISECOND..=DAY));
        let breathing_gap = self.duration("breathing_gap", &(Duration::ZERO..=DAY));
        let first_reply_within = self.duration_or_never("first_reply_within");
        let park_after = self.duration_or_never("park_after");
        let warn_after = self.duration_or_never("warn_after");
        let resolve_after = self.duration_or_never("resolve_after");
        let edit_within = self.duration("edit_within", &(Duration::ZERO..=30 * DAY));
        let typing_preview = self.take("typing_preview", |value| read::one_of(value, &[("on", true), ("off", false)]));
        Some(DeskSettings {
            customer_grace: customer_grace?,
            agent_grace: agent_grace?,
            close_after: close_after?,
            push_interval: push_interval?,
            messages_per_second: u32::try_from(per_second?).expect("the bounds were checked"),
            messages_burst: u32::try_from(burst?).expect("the bounds were checked"),
            offer_timeout: offer_timeout?,
            misses_until_away: u32::try_from(misses_until_away?).expect("the bounds were checked"),
            cool_down: cool_down?,
            breathing_gap: breathing_gap?,
            first_reply_within: first_reply_within?,
            park_after: park_after?,
            warn_after: warn_after?,
            resolve_after: resolve_after?,
            edit_within: edit_within?,
            typing_preview: typing_preview?,
        })
    }

    fn people(&mut self) -> (Vec<Category>, Vec<Agent>) {
        let mut categories = Vec::new();
        let mut agents = Vec::new();
        if let Some(value) = self.values.get("categories") {
            categories = people::categories(value, value.origin().unwrap_or_default(), &mut self.faults);
        }
        if let Some(value) = self.values.get("agents") {
            agents = people::agents(value, value.origin().unwrap_or_default(), &categories, &mut self.faults);
        }
        (categories, agents)
    }
}

const LEVELS: [(&str, tracing::Level); 5] = [
    ("error", tracing::Level::ERROR),
    ("warn", tracing::Level::WARN),
    ("info", tracing::Level::INFO),
    ("debug", tracing::Level::DEBUG),
    ("trace", tracing::Level::TRACE),
];
