//! Logs: to standard error, of Chatter's own crates at the configured level and of all others from
//! warnings on, since the traces of a WebSocket library hold what people write.

use std::io::IsTerminal as _;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{LogFormat, Settings};

const OWN: [&str; 4] = ["chatter_core", "chatter_server", "chatter_store_sqlite", "chatter_transport_ws"];

/// Begins to log, for the rest of the process.
pub(crate) fn begin(settings: &Settings) {
    let level = LevelFilter::from_level(settings.log_level);
    let filter = Targets::new().with_default(level.min(LevelFilter::WARN));
    let filter = OWN.into_iter().fold(filter, |filter, own| filter.with_target(own, level));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match settings.log_format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(filter)).init();
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
}
