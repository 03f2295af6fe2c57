//! Brings the desk's categories and agents to what is configured.

use std::collections::BTreeSet;
use std::time::Duration;

use chatter_core::engine::{AgentSettings, Engine};
use chatter_core::{AgentRecord, CategoryId, CategoryRecord, Name, OverflowStage, Refusal};

use crate::config::{Agent, Category};

/// Makes the desk's people and categories those of the configuration, changing only what differs.
///
/// # Errors
/// When the engine refuses a change, or has ended.
pub(crate) async fn reconcile(engine: &Engine, categories: &[Category], agents: &[Agent]) -> Result<(), Refusal> {
    let roster = engine.roster().await?;
    let numbered = number(categories, &roster.categories);
    // First without what refers to other categories, which may not be there yet, or may refer back for now.
    let changed = || numbered.iter().filter(|category| !roster.categories.contains(category));
    for category in changed() {
        let mut alone = (*category).clone();
        alone.settings.overflow.clear();
        engine.set_category(alone).await?;
    }
    for category in changed().filter(|category| !category.settings.overflow.is_empty()) {
        engine.set_category(category.clone()).await?;
    }
    for kept in unlisted(&numbered, &roster.categories) {
        tracing::warn!(category = %kept.category, name = %kept.name, "a category of the store is not configured; kept");
    }
    let all = numbered.iter().chain(&roster.categories).map(|category| category.category).collect();
    for agent in agents {
        let wanted = settings(agent, &numbered, &all);
        let known = roster.agents.iter().find(|known| known.agent == agent.id);
        if known.is_none_or(|known| differs(known, &wanted)) {
            engine.set_agent(wanted).await?;
        }
    }
    for gone in roster.agents.iter().filter(|known| agents.iter().all(|agent| agent.id != known.agent)) {
        tracing::info!(agent = %gone.agent, "an agent is no longer configured; removed");
        engine.remove_agent(gone.agent).await?;
    }
    Ok(())
}

/// Gives every configured category its number: the configured one, the one its name has in the store, or
/// the lowest that is free. So the order of the configuration matters only the first time.
fn number(configured: &[Category], known: &[CategoryRecord]) -> Vec<CategoryRecord> {
    let explicit: BTreeSet<_> = configured.iter().filter_map(|category| category.id).collect();
    let mut taken: BTreeSet<_> = known.iter().map(|category| category.category).chain(explicit.clone()).collect();
    let remembered = |category: &Category| {
        let same = known.iter().find(|known| known.name == category.name);
        same.map(|known| known.category).filter(|id| !explicit.contains(id))
    };
    let mut free = || {
        let lowest = (1..=u32::MAX).map(CategoryId).find(|id| !taken.contains(id)).expect("there are few categories");
        taken.insert(lowest);
        lowest
    };
    let numbered = configured.iter().map(|category| {
        let id = category.id.or_else(|| remembered(category));
        let settings = category.settings.clone();
        CategoryRecord { category: id.unwrap_or_else(&mut free), name: category.name.clone(), settings }
    });
    let mut numbered: Vec<_> = numbered.collect();
    let numbers: Vec<_> = numbered.iter().map(|record| (record.name.clone(), record.category)).collect();
    for (record, category) in numbered.iter_mut().zip(configured) {
        let stage = |(after, helper): &(Duration, Name)| {
            let found = numbers.iter().find(|(name, _)| name == helper)?;
            Some(OverflowStage { after: *after, category: found.1 })
        };
        record.settings.overflow = category.overflow.iter().filter_map(stage).collect();
    }
    numbered
}

fn unlisted<'a>(numbered: &[CategoryRecord], known: &'a [CategoryRecord]) -> impl Iterator<Item = &'a CategoryRecord> {
    let listed: BTreeSet<_> = numbered.iter().map(|category| category.category).collect();
    known.iter().filter(move |category| !listed.contains(&category.category))
}

/// An agent without configured categories serves all, also those that are only in the store, so that no
/// customer waits in one that nobody serves.
fn settings(agent: &Agent, numbered: &[CategoryRecord], all: &BTreeSet<CategoryId>) -> AgentSettings {
    let served = agent.categories.as_ref().map(|names| {
        let of_name = numbered.iter().filter(|category| names.contains(&category.name));
        of_name.map(|category| category.category).collect()
    });
    let categories: BTreeSet<CategoryId> = served.unwrap_or_else(|| all.clone());
    AgentSettings {
        agent: agent.id,
        name: agent.name.clone(),
        max_chats: agent.max_chats,
        categories: categories.into_iter().collect(),
    }
}

fn differs(known: &AgentRecord, wanted: &AgentSettings) -> bool {
    let categories: Vec<_> = known.categories.iter().copied().collect();
    known.name != wanted.name || known.max_chats != wanted.max_chats || categories != wanted.categories
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chatter_core::{AgentId, MemoryStore, Name, Permissions};

    use super::*;
    use crate::secret::Secret;

    fn category(name: &str, id: Option<u32>) -> Category {
        Category { id: id.map(CategoryId), ..Category::plain(Name::new(name).unwrap()) }
    }

    fn numbers(configured: &[Category], known: &[(u32, &str)]) -> Vec<u32> {
        let record = |(id, name): &(u32, &str)| CategoryRecord::new(CategoryId(*id), Name::new(name).unwrap());
        let known: Vec<_> = known.iter().map(record).collect();
        number(configured, &known).iter().map(|category| category.category.0).collect()
    }

    #[test]
    fn numbers_of_categories() {
        let (general, sales) = (category("General", None), category("Sales", None));
        let both = [general.clone(), sales.clone()];
        assert_eq!(numbers(&both, &[]), [1, 2], "a new store");
        assert_eq!(numbers(&[sales, general.clone()], &[(1, "General"), (2, "Sales")]), [2, 1], "reordered");
        let fresh = [category("Law", None), general.clone()];
        assert_eq!(numbers(&fresh, &[(1, "General"), (2, "Sales")]), [3, 1], "one that left keeps its number");
        let renamed = [general, category("Orders", Some(2))];
        assert_eq!(numbers(&renamed, &[(1, "General"), (2, "Sales")]), [1, 2], "renamed");
        let swapped = [category("Orders", Some(2)), category("Sales", None)];
        assert_eq!(numbers(&swapped, &[(1, "General"), (2, "Sales")]), [2, 3], "a name that lost its number");
        assert_eq!(numbers(&[category("A", None), category("B", Some(1))], &[]), [2, 1]);
    }

    fn agent(id: u64, categories: Option<&[&str]>) -> Agent {
        let names = |names: &[&str]| names.iter().map(|name| Name::new(name).unwrap()).collect();
        Agent {
            id: AgentId(id),
            username: format!("agent{id}"),
            password: Secret::new("x"),
            name: Name::new(&format!("Agent {id}")).unwrap(),
            max_chats: 2,
            categories: categories.map(names),
            permissions: Permissions::NONE,
        }
    }

    #[tokio::test]
    async fn the_desk_follows_the_configuration() {
        let engine = Engine::builder(Arc::new(MemoryStore::default())).start().await.unwrap();
        let categories = [category("General", None), category("Sales", None)];
        reconcile(&engine, &categories, &[agent(1, None), agent(2, Some(&["Sales"]))]).await.unwrap();
        let roster = engine.roster().await.unwrap();
        assert_eq!(roster.categories.len(), 2);
        assert_eq!(roster.agents[0].categories, BTreeSet::from([CategoryId(1), CategoryId(2)]));
        assert_eq!(roster.agents[1].categories, BTreeSet::from([CategoryId(2)]));

        reconcile(&engine, &categories[..1], &[agent(3, None), agent(2, None)]).await.unwrap();
        let roster = engine.roster().await.unwrap();
        assert_eq!(roster.categories.len(), 2, "a category is kept");
        let ids: Vec<_> = roster.agents.iter().map(|agent| agent.agent.0).collect();
        assert_eq!(ids, [2, 3]);
        assert!(roster.agents.iter().all(|agent| agent.categories.len() == 2), "nobody waits in vain");
    }
}
