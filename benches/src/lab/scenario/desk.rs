//! The desk's settings in a scenario.

use std::time::Duration;

use chatter_core::desk::DeskSettings;
use toml::Spanned;

use super::error::Broken;
use super::file::{DeskTable, Like};
use crate::lab::random::Seconds;

/// A year without pushes: what customers are told changes no decision, and nobody reads it here.
const BETWEEN_PUSHES: Duration = Duration::from_secs(365 * 86_400);
/// Nobody reopens a chat here, so that a resolved one need not be kept.
const CLOSE_AFTER: Duration = Duration::ZERO;

/// What a desk has that a file says nothing of.
pub(crate) fn theory() -> DeskSettings {
    settings(DeskTable::default()).expect("nothing is given, so no rule is broken")
}

pub(super) fn settings(table: DeskTable) -> Result<DeskSettings, Broken> {
    let mut desk = DeskSettings {
        push_interval: BETWEEN_PUSHES,
        close_after: CLOSE_AFTER,
        messages_per_second: 0,
        ..DeskSettings::default()
    };
    match table.like {
        Like::Production => {}
        Like::Theory => {
            desk.first_reply_within = None;
            desk.park_after = None;
            desk.misses_until_away = 0;
        }
    }
    let positive = |given: Option<Spanned<Seconds>>, field: &str| match given {
        Some(given) if given.get_ref().micros() == 0 => {
            Err(Broken::at(given.span(), format!("`{field}` must be more than 0")))
        }
        given => Ok(given.map(|given| duration(*given.get_ref()))),
    };
    if let Some(cool_down) = &table.cool_down
        && cool_down.get_ref().get() < 1.0
    {
        return Err(Broken::at(cool_down.span(), "`cool_down` must be at least 1 s, or chat and agent would spin"));
    }
    desk.offer_timeout = positive(table.offer_timeout, "offer_timeout")?.unwrap_or(desk.offer_timeout);
    desk.cool_down = positive(table.cool_down, "cool_down")?.unwrap_or(desk.cool_down);
    desk.misses_until_away = table.misses_until_away.unwrap_or(desk.misses_until_away);
    desk.breathing_gap = table.breathing_gap.map_or(desk.breathing_gap, duration);
    desk.first_reply_within = positive(table.first_reply_within, "first_reply_within")?.or(desk.first_reply_within);
    desk.park_after = positive(table.park_after, "park_after")?.or(desk.park_after);
    desk.resolve_after = positive(table.resolve_after, "resolve_after")?.or(desk.resolve_after);
    Ok(desk)
}

/// In whole microseconds.
pub(super) fn duration(seconds: Seconds) -> Duration {
    Duration::from_micros(seconds.micros())
}
