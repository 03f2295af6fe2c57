//! Categories and groups of agents: the rules of their fields.

use std::ops::Range;

use chatter_core::{CategoryId, CategorySettings, CategoryWeight, Name, OverflowStage};
use toml::Spanned;

use super::desk::duration;
use super::error::Broken;
use super::file::{
    AgentsTable, ArrivalsTable, CategoryTable, OverflowTable, PrioritiesTable, ProfileTable, ShiftTable,
};
use super::{AgentGroup, Category, Coming, DAY, Horizon, Shift};
use crate::lab::policy;
use crate::lab::random::{DayFactor, Law, Profile};
use crate::lab::record::Micros;

/// What a service level is judged by where nothing is said.
const TARGET: f64 = 20.0;
const CHATS_MAX: u32 = 1_000;
/// The shortest step of a profile: each is kept, those of the night too.
const STEP_MIN: Micros = 1_000_000;

pub(super) fn category(
    index: usize,
    table: Spanned<CategoryTable>,
    names: &[String],
    horizon: Horizon,
) -> Result<Category, Broken> {
    let settings = settings(index, &table, names)?;
    let span = table.span();
    let table = table.into_inner();
    let coming = table.arrivals.map_or(Ok(Coming::Traced), |arrivals| coming(&arrivals, horizon))?;
    let day_factor = match table.day_factor {
        Some(factor) if matches!(horizon, Horizon::Customers { .. }) => {
            return Err(Broken::at(factor.span(), "a `day_factor` needs a horizon in days"));
        }
        Some(factor) => {
            let made = DayFactor::new(factor.get_ref().cv, factor.get_ref().centre);
            Some(made.map_err(|error| Broken::at(factor.span(), error.to_string()))?)
        }
        None => None,
    };
    let silent = share(table.silent.as_ref(), "silent")?;
    let patience = table.patience.map_or(Law::Never, Spanned::into_inner);
    let detection = match (table.detection, silent > 0.0) {
        (Some(detection), true) => finite(&detection, "detection")?,
        (None, true) => return Err(Broken::at(span, "`silent` customers need a `detection`")),
        (Some(detection), false) => {
            return Err(Broken::at(detection.span(), "a `detection` needs a share of `silent` customers"));
        }
        (None, false) => Law::Never,
    };
    let first_reply =
        table.first_reply.map_or(Ok(Law::Deterministic { value: 0.0 }), |it| finite(&it, "first_reply"))?;
    Ok(Category {
        name: table.name.into_inner(),
        coming,
        day_factor,
        priorities: priorities(table.priorities)?,
        work: finite(&table.work, "work")?,
        first_reply,
        patience,
        silent,
        detection,
        target: table.target.map_or(TARGET, |it| it.get_ref().get()).mul_add(1e6, 0.0) as u64,
        settings,
    })
}

/// A law of something that happens.
fn finite(law: &Spanned<Law>, field: &str) -> Result<Law, Broken> {
    if *law.get_ref() == Law::Never {
        return Err(Broken::at(law.span(), format!("`{field}` must have a law under which it happens")));
    }
    Ok(*law.get_ref())
}

fn share(given: Option<&Spanned<f64>>, field: &str) -> Result<f64, Broken> {
    let Some(given) = given else { return Ok(0.0) };
    if (0.0..=1.0).contains(given.get_ref()) {
        Ok(*given.get_ref())
    } else {
        Err(Broken::at(given.span(), format!("`{field}` must be a share, 0 to 1")))
    }
}

fn coming(table: &Spanned<ArrivalsTable>, horizon: Horizon) -> Result<Coming, Broken> {
    let ArrivalsTable { per_hour, gaps, profile } = table.get_ref();
    match (per_hour, gaps, profile) {
        (Some(rate), None, None) if *rate.get_ref() > 0.0 && rate.get_ref().is_finite() => {
            Ok(Coming::Poisson(*rate.get_ref() / 3_600.0))
        }
        (Some(rate), None, None) => Err(Broken::at(rate.span(), "`per_hour` must be finite and more than 0")),
        (None, Some(gaps), None) => {
            let law = finite(gaps, "gaps")?;
            if law.mean() > 0.0 {
                Ok(Coming::Gaps(law))
            } else {
                Err(Broken::at(gaps.span(), "`gaps` must have a mean above 0"))
            }
        }
        (None, None, Some(profile)) if matches!(horizon, Horizon::Days { .. }) => day_profile(profile),
        (None, None, Some(profile)) => Err(Broken::at(profile.span(), "a `profile` needs a horizon in days")),
        _ => Err(Broken::at(table.span(), "`arrivals` are one of `per_hour`, `gaps` and `profile`")),
    }
}

fn day_profile(table: &Spanned<ProfileTable>) -> Result<Coming, Broken> {
    let ProfileTable { from, step, per_hour, times } = table.get_ref();
    let micros = step.get_ref().micros();
    if micros < STEP_MIN || from.0 % micros != 0 {
        return Err(Broken::at(step.span(), "`step` must be at least 1 s and divide the time from midnight to `from`"));
    }
    let before = usize::try_from(from.0 / micros).unwrap_or(usize::MAX);
    if before.saturating_add(per_hour.get_ref().len()) as u64 > DAY / micros {
        return Err(Broken::at(per_hour.span(), "a profile must end within its day"));
    }
    if per_hour.get_ref().iter().sum::<f64>() <= 0.0 {
        return Err(Broken::at(per_hour.span(), "somebody must come"));
    }
    let times = match times {
        Some(times) if !(*times.get_ref() > 0.0 && times.get_ref().is_finite()) => {
            return Err(Broken::at(times.span(), "`times` must be finite and more than 0"));
        }
        Some(times) => *times.get_ref(),
        None => 1.0,
    };
    let night = std::iter::repeat_n(0.0, before);
    let rates = night.chain(per_hour.get_ref().iter().map(|rate| rate * times / 3_600.0)).collect();
    let profile = Profile::new(micros, rates).map_err(|error| Broken::at(per_hour.span(), error.to_string()))?;
    Ok(Coming::Profile(profile))
}

fn priorities(table: Option<Spanned<PrioritiesTable>>) -> Result<[f64; 4], Broken> {
    let Some(table) = table else { return Ok([0.0, 1.0, 0.0, 0.0]) };
    let PrioritiesTable { low, medium, high, urgent } = *table.get_ref();
    let weights = [low, medium, high, urgent];
    let legal = weights.iter().all(|weight| *weight >= 0.0 && weight.is_finite()) && weights.iter().sum::<f64>() > 0.0;
    if legal { Ok(weights) } else { Err(Broken::at(table.span(), "`priorities` are weights of 0 and up, not all 0")) }
}

fn settings(index: usize, table: &Spanned<CategoryTable>, names: &[String]) -> Result<CategorySettings, Broken> {
    let span = table.span();
    let table = table.get_ref();
    let policy = match &table.policy {
        Some(policy) => {
            let known = policy::parse(policy.get_ref());
            let known = known.map_err(|error| Broken::at(policy.span(), error.to_string()))?;
            Some(Name::new(known.name()).map_err(|error| Broken::at(policy.span(), error.to_string()))?)
        }
        None => None,
    };
    let mut overflow = Vec::new();
    for stage in &table.overflow {
        overflow.push(overflow_stage(index, stage, names)?);
    }
    let weight = table.weight.as_ref().map_or_else(CategoryWeight::default, |weight| {
        let default = CategoryWeight::default();
        CategoryWeight {
            cost: weight.get_ref().cost.unwrap_or(default.cost),
            handle_time: weight.get_ref().handle_time.map_or(default.handle_time, duration),
        }
    });
    let settings = CategorySettings {
        routing: table.routing.unwrap_or_default(),
        policy,
        overflow,
        queue_limit: table.queue_limit.as_ref().map(|it| *it.get_ref()),
        max_wait: table.max_wait.as_ref().map(|it| duration(*it.get_ref())),
        wrap_up: table.wrap_up.as_ref().map_or_else(Default::default, |it| duration(*it.get_ref())),
        weight,
        ..CategorySettings::default()
    };
    // The desk's own rules; the field's place is told where it is one field.
    settings.check().map_err(|invalid| {
        let place = match invalid.field {
            "queue_limit" => table.queue_limit.as_ref().map(Spanned::span),
            "max_wait" => table.max_wait.as_ref().map(Spanned::span),
            "wrap_up" => table.wrap_up.as_ref().map(Spanned::span),
            "overflow" => table.overflow.first().map(Spanned::span),
            field if field.starts_with("weight") => table.weight.as_ref().map(Spanned::span),
            _ => None,
        };
        Broken::at(place.unwrap_or(span), invalid.to_string())
    })?;
    Ok(settings)
}

fn overflow_stage(index: usize, stage: &Spanned<OverflowTable>, names: &[String]) -> Result<OverflowStage, Broken> {
    let OverflowTable { after, category } = stage.get_ref();
    let to = find(category, names)?;
    if to == index {
        return Err(Broken::at(category.span(), "a category does not overflow into itself"));
    }
    Ok(OverflowStage { after: duration(*after), category: category_id(to) })
}

/// The desk's number of a category of the scenario.
pub(crate) fn category_id(index: usize) -> CategoryId {
    CategoryId(u32::try_from(index).expect("a file has few categories") + 1)
}

fn find(name: &Spanned<String>, names: &[String]) -> Result<usize, Broken> {
    let known = names.iter().position(|known| known == name.get_ref());
    known.ok_or_else(|| Broken::at(name.span(), format!("there is no category \"{}\"", name.get_ref())))
}

pub(super) fn agents(
    table: Spanned<AgentsTable>,
    names: &[String],
    horizon: Horizon,
    offered: bool,
) -> Result<AgentGroup, Broken> {
    let span = table.span();
    let table = table.into_inner();
    if *table.count.get_ref() == 0 {
        return Err(Broken::at(table.count.span(), "`count` must be 1 and up"));
    }
    let skills = match table.skills {
        Some(skills) if skills.get_ref().is_empty() => {
            return Err(Broken::at(skills.span(), "agents must have at least one skill"));
        }
        Some(skills) => skills.get_ref().iter().map(|name| find(name, names)).collect::<Result<Vec<_>, _>>()?,
        None => (0..names.len()).collect(),
    };
    let max_chats = match table.max_chats {
        Some(limit) if !(1..=CHATS_MAX).contains(limit.get_ref()) => {
            return Err(Broken::at(limit.span(), format!("`max_chats` must be 1 to {CHATS_MAX}")));
        }
        Some(limit) => limit.into_inner(),
        None => 1,
    };
    let speed = match table.speed {
        Some(speed) if !(*speed.get_ref() > 0.0 && *speed.get_ref() <= 1_000.0) => {
            return Err(Broken::at(speed.span(), "`speed` must be more than 0, and 1000 at most"));
        }
        Some(speed) => speed.into_inner(),
        None => 1.0,
    };
    let speeds = efforts(table.effort.as_ref(), max_chats)?.into_iter().map(|rate| rate * speed).collect();
    let answer = match (table.answer, offered) {
        (Some(answer), _) => answer.into_inner(),
        (None, false) => Law::Deterministic { value: 0.0 },
        (None, true) => return Err(Broken::at(span, "where chats are offered, agents need a law of `answer` times")),
    };
    Ok(AgentGroup {
        name: table.name.into_inner(),
        count: table.count.into_inner(),
        skills,
        max_chats,
        shifts: shifts(&table.shift, horizon)?,
        once: false,
        speeds,
        decline: share(table.decline.as_ref(), "decline")?,
        misses: share(table.misses.as_ref(), "misses")?,
        answer,
        back_after: table.back_after.map_or(300_000_000, |it| it.micros()),
    })
}

/// The total rates with 1 to `max_chats` chats.
fn efforts(given: Option<&Spanned<toml::Value>>, max_chats: u32) -> Result<Vec<f64>, Broken> {
    const RULE: &str = "`effort` is \"independent\", \"fixed\" or a list of rates, each finite and more than 0, one for \
                        each number of chats up to `max_chats`";
    let Some(given) = given else { return Ok((1..=max_chats).map(f64::from).collect()) };
    let broken = || Broken::at(given.span(), RULE);
    match given.get_ref() {
        toml::Value::String(name) if name == "independent" => Ok((1..=max_chats).map(f64::from).collect()),
        toml::Value::String(name) if name == "fixed" => Ok(vec![1.0; max_chats as usize]),
        toml::Value::Array(rates) if rates.len() == max_chats as usize => {
            let rate = |value: &toml::Value| value.as_float().or_else(|| value.as_integer().map(|it| it as f64));
            let legal = |rate: &f64| *rate > 0.0 && *rate <= 1_000.0;
            rates.iter().map(|value| rate(value).filter(legal).ok_or_else(broken)).collect()
        }
        toml::Value::String(_)
        | toml::Value::Array(_)
        | toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_)
        | toml::Value::Table(_) => Err(broken()),
    }
}

fn shifts(tables: &[Spanned<ShiftTable>], horizon: Horizon) -> Result<Vec<Shift>, Broken> {
    let mut shifts: Vec<Shift> = Vec::new();
    for table in tables {
        let ShiftTable { from, to, breaks } = table.get_ref();
        if matches!(horizon, Horizon::Customers { .. }) {
            return Err(Broken::at(table.span(), "a `shift` needs a horizon in days"));
        }
        if from.0 >= to.0 {
            return Err(Broken::at(table.span(), "a `shift` must end after it starts, on the same day"));
        }
        if shifts.last().is_some_and(|last| from.0 < last.to) {
            return Err(Broken::at(table.span(), "shifts must be in order and must not overlap"));
        }
        let mut kept: Vec<(u64, u64)> = Vec::new();
        for pause in breaks {
            let within = kept.last().map_or(from.0, |last| last.1);
            check_break(pause.span(), (pause.get_ref().from.0, pause.get_ref().to.0), (within, to.0))?;
            kept.push((pause.get_ref().from.0, pause.get_ref().to.0));
        }
        shifts.push(Shift { from: from.0, to: to.0, breaks: kept });
    }
    Ok(shifts)
}

fn check_break(span: Range<usize>, pause: (u64, u64), within: (u64, u64)) -> Result<(), Broken> {
    if within.0 <= pause.0 && pause.0 < pause.1 && pause.1 <= within.1 {
        Ok(())
    } else {
        Err(Broken::at(span, "breaks must lie within their shift, in order, and must not overlap"))
    }
}
