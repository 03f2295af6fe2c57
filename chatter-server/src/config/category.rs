//! How the chats of one configured category are served.

use std::time::Duration;

use chatter_core::hours::{Hours, Timetable};
use chatter_core::{CategorySettings, CategoryWeight, Name, Routing};
use config::{Map, Value, ValueKind};

use super::people::{Reader, name};
use super::read::{self, Read};

/// The fields of a category in the configuration.
pub(super) const CATEGORY_FIELDS: [&str; 12] = [
    "id",
    "name",
    "routing",
    "policy",
    "overflow",
    "queue_limit",
    "max_wait",
    "hours",
    "sticky_wait",
    "wrap_up",
    "cost",
    "handle_time",
];

const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const MILLISECOND: Duration = Duration::from_millis(1);

/// The settings, without the overflow, whose categories have no numbers yet.
pub(super) fn settings(
    reader: &mut Reader<'_>,
    row: usize,
    table: &Map<String, Value>,
) -> (CategorySettings, Vec<(Duration, Name)>) {
    let routings = [("assign", Routing::Assign), ("offer", Routing::Offer)];
    let policies = chatter_core::policy::NAMES.map(|name| (name, name));
    let number = |most: u64| move |value: &Value| read::number(value, &(1..=most));
    let duration = |least: Duration| move |value: &Value| read::duration(value, &(least..=WEEK));
    let weight = CategoryWeight::default();
    let cost = reader.field(row, table, "cost", number(1_000));
    let queue_limit = reader.field(row, table, "queue_limit", number(u64::from(u32::MAX)));
    let small = |number: u64| u32::try_from(number).expect("the bounds were checked");
    let policy = reader.field(row, table, "policy", |value| read::one_of(value, &policies));
    let settings = CategorySettings {
        routing: reader.field(row, table, "routing", |value| read::one_of(value, &routings)).unwrap_or_default(),
        policy: policy.map(|name| Name::new(name).expect("the names of policies are legal")),
        overflow: Vec::new(),
        queue_limit: queue_limit.map(small),
        max_wait: reader.field(row, table, "max_wait", duration(MILLISECOND)),
        hours: reader.field(row, table, "hours", hours),
        sticky_wait: reader.field(row, table, "sticky_wait", duration(Duration::ZERO)),
        wrap_up: reader.field(row, table, "wrap_up", duration(Duration::ZERO)).unwrap_or_default(),
        weight: CategoryWeight {
            cost: cost.map_or(weight.cost, small),
            handle_time: reader.field(row, table, "handle_time", duration(MILLISECOND)).unwrap_or(weight.handle_time),
        },
    };
    (settings, reader.field(row, table, "overflow", overflow).unwrap_or_default())
}

fn hours(value: &Value) -> Read<Hours> {
    let timetable: Timetable = value.clone().try_deserialize().map_err(|error| format!("must be hours: {error}"))?;
    Hours::new(timetable).map_err(|invalid| format!("must have as `{}` {}", invalid.field, invalid.rule))
}

/// Stages: tables of `after` and `category`, in ascending order.
fn overflow(value: &Value) -> Read<Vec<(Duration, Name)>> {
    let rule = || "must be a list of at most 16 tables such as { after = \"2m\", category = \"Sales\" }".to_owned();
    let ValueKind::Array(stages) = &value.kind else { return Err(rule()) };
    let stages: Vec<_> = stages.iter().map(stage).collect::<Read<_>>()?;
    if stages.len() > CategorySettings::STAGES_MAX {
        return Err(rule());
    }
    if !stages.is_sorted_by(|(first, _), (second, _)| first <= second) {
        return Err("must be in ascending order of `after`".to_owned());
    }
    Ok(stages)
}

fn stage(value: &Value) -> Read<(Duration, Name)> {
    let rule = "must have tables of `after` and `category`, such as { after = \"2m\", category = \"Sales\" }";
    let ValueKind::Table(table) = &value.kind else { return Err(rule.to_owned()) };
    let (Some(after), Some(category), 2) = (table.get("after"), table.get("category"), table.len()) else {
        return Err(rule.to_owned());
    };
    Ok((read::duration(after, &(MILLISECOND..=WEEK))?, name(category)?))
}
