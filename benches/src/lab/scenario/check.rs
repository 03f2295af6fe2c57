//! From the form of a file to a scenario: the rules that look at more than one field.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;

use super::error::Broken;
use super::file::{File, HorizonTable};
use super::{Category, Coming, Horizon, Scenario, desk, people};

/// The most customers, categories, agents and days of a scenario.
const CUSTOMERS_MAX: u64 = 4_000_000_000;
const CATEGORIES_MAX: usize = 1_000;
const AGENTS_MAX: u32 = 100_000;
const DAYS_MAX: u32 = 100_000;

pub(super) fn scenario(file: File) -> Result<Scenario, Broken> {
    let start = 0..0;
    if file.name.get_ref().trim().is_empty() {
        return Err(Broken::at(file.name.span(), "`name` must not be empty"));
    }
    let horizon = horizon(&file.horizon)?;
    if file.category.is_empty() {
        return Err(Broken::at(start, "there must be at least one [[category]]"));
    }
    if file.agents.is_empty() {
        return Err(Broken::at(start, "there must be at least one group of [[agents]]"));
    }
    let names: Vec<String> = file.category.iter().map(|it| it.get_ref().name.get_ref().clone()).collect();
    unique(file.category.iter().map(|it| &it.get_ref().name), "category")?;
    unique(file.agents.iter().map(|it| &it.get_ref().name), "group of agents")?;
    let spans: Vec<Range<usize>> = file.category.iter().map(Spanned::span).collect();
    if let Some(span) = spans.get(CATEGORIES_MAX) {
        return Err(Broken::at(span.clone(), format!("there are at most {CATEGORIES_MAX} categories")));
    }
    let desk = desk::settings(file.desk)?;
    let mut categories = Vec::new();
    for (index, table) in file.category.into_iter().enumerate() {
        categories.push(people::category(index, table, &names, horizon)?);
    }
    all_or_none_come(&categories, &spans)?;
    if let Some(index) = (0..categories.len()).find(|index| comes_back(&categories, *index)) {
        let rule = format!("the overflow of \"{}\" comes back to it", names[index]);
        return Err(Broken::at(spans[index].clone(), rule));
    }
    let mut groups = Vec::new();
    for table in file.agents {
        let offered = categories.iter().any(|it| it.settings.routing == chatter_core::Routing::Offer);
        groups.push(people::agents(table, &names, horizon, offered)?);
    }
    if groups.iter().map(|group| u64::from(group.count)).sum::<u64>() > u64::from(AGENTS_MAX) {
        return Err(Broken::at(start, format!("there are at most {AGENTS_MAX} agents")));
    }
    let served: BTreeSet<usize> = groups.iter().flat_map(|group| group.skills.iter().copied()).collect();
    if let Some(nobodys) = (0..names.len()).find(|index| {
        let helpers = categories[*index].settings.overflow.iter().map(|stage| stage.category.0 as usize - 1);
        !served.contains(index) && !helpers.into_iter().any(|helper| served.contains(&helper))
    }) {
        return Err(Broken::at(spans[nobodys].clone(), format!("nobody serves the category \"{}\"", names[nobodys])));
    }
    Ok(Scenario {
        name: file.name.into_inner(),
        about: file.about,
        sources: file.source,
        horizon,
        desk,
        categories,
        groups,
        trace: None,
    })
}

fn horizon(table: &Spanned<HorizonTable>) -> Result<Horizon, Broken> {
    let HorizonTable { customers, warm_up, days } = table.get_ref();
    match (customers, days) {
        (Some(customers), None) => {
            let warm_up = warm_up.as_ref().map_or_else(|| *customers.get_ref() / 10, |it| *it.get_ref());
            if *customers.get_ref() == 0 {
                return Err(Broken::at(customers.span(), "`customers` must be 1 and up"));
            }
            if customers.get_ref().saturating_add(warm_up) > CUSTOMERS_MAX {
                return Err(Broken::at(customers.span(), format!("a run has at most {CUSTOMERS_MAX} customers")));
            }
            Ok(Horizon::Customers { counted: *customers.get_ref(), warm_up })
        }
        (None, Some(days)) => {
            if let Some(warm_up) = warm_up {
                return Err(Broken::at(warm_up.span(), "a run of days begins with an empty desk and has no `warm_up`"));
            }
            if !(1..=DAYS_MAX).contains(days.get_ref()) {
                return Err(Broken::at(days.span(), format!("`days` must be 1 to {DAYS_MAX}")));
            }
            Ok(Horizon::Days { days: *days.get_ref() })
        }
        (Some(_), Some(days)) => Err(Broken::at(days.span(), "a horizon is in `customers` or in `days`, not in both")),
        (None, None) => Err(Broken::at(table.span(), "a horizon needs `customers` or `days`")),
    }
}

fn unique<'a>(names: impl Iterator<Item = &'a Spanned<String>>, what: &str) -> Result<(), Broken> {
    let mut seen = BTreeSet::new();
    for name in names {
        if chatter_core::Name::new(name.get_ref()).is_err() {
            return Err(Broken::at(name.span(), format!("the name of a {what} must be 1 to 80 printable characters")));
        }
        if !seen.insert(name.get_ref()) {
            return Err(Broken::at(
                name.span(),
                format!("there is a second {what} of the name \"{}\"", name.get_ref()),
            ));
        }
    }
    Ok(())
}

/// The desk refuses overflows in a circle.
fn comes_back(categories: &[Category], from: usize) -> bool {
    let stages = |index: usize| categories[index].settings.overflow.iter().map(|stage| stage.category.0 as usize - 1);
    let mut seen = BTreeSet::new();
    let mut next: Vec<usize> = stages(from).collect();
    while let Some(index) = next.pop() {
        if index == from {
            return true;
        }
        if seen.insert(index) {
            next.extend(stages(index));
        }
    }
    false
}

/// A trace brings all customers, or laws do.
fn all_or_none_come(categories: &[Category], spans: &[Range<usize>]) -> Result<(), Broken> {
    let traced = |category: &Category| category.coming == Coming::Traced;
    if categories.iter().all(traced) {
        return Ok(());
    }
    match categories.iter().position(traced) {
        Some(index) => {
            Err(Broken::at(spans[index].clone(), "a category needs `arrivals`, unless a trace brings all customers"))
        }
        None => Ok(()),
    }
}
