//! Rows of categories and agents: few, and rarely written.

use chatter_core::{AgentId, AgentRecord, CategoryId, CategoryRecord};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::rows::cells::{Cells, int, json_of, name_of};

const SET_CATEGORY: &str = "INSERT INTO categories (category, name, settings) VALUES (?1, ?2, ?3)
    ON CONFLICT (category) DO UPDATE SET name = excluded.name, settings = excluded.settings";

const CATEGORIES: &str = "SELECT category, name, settings FROM categories ORDER BY category";

const SET_AGENT: &str = "INSERT INTO agents (agent, name, max_chats, categories, state, last_assigned_at,
    last_released_at, active) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (agent) DO UPDATE SET name = excluded.name, max_chats = excluded.max_chats,
    categories = excluded.categories, state = excluded.state, last_assigned_at = excluded.last_assigned_at,
    last_released_at = excluded.last_released_at, active = excluded.active";

const AGENTS: &str = "SELECT agent, name, max_chats, categories, state, last_assigned_at, last_released_at, active
    FROM agents ORDER BY agent";

pub(crate) fn set_category(conn: &Connection, record: &CategoryRecord) -> Result<(), Failure> {
    let settings = json_of("settings", &record.settings)?;
    conn.prepare_cached(SET_CATEGORY)?.execute(params![record.category.0, record.name.as_str(), settings])?;
    Ok(())
}

pub(crate) fn categories(conn: &Connection) -> Result<Vec<CategoryRecord>, Failure> {
    let mut statement = conn.prepare_cached(CATEGORIES)?;
    let rows = statement.query_and_then([], |row| {
        let mut cells = Cells::new(row);
        let category = CategoryId(cells.small("category")?);
        Ok(CategoryRecord { category, name: cells.name("name")?, settings: cells.json("settings")? })
    })?;
    rows.collect()
}

pub(crate) fn set_agent(conn: &Connection, record: &AgentRecord) -> Result<(), Failure> {
    conn.prepare_cached(SET_AGENT)?.execute(params![
        int("agent", record.agent.0)?,
        record.name.as_str(),
        record.max_chats,
        json_of("categories", &record.categories)?,
        name_of("state", &record.state)?,
        int("last_assigned_at", record.last_assigned_at.0)?,
        int("last_released_at", record.last_released_at.0)?,
        record.active,
    ])?;
    Ok(())
}

pub(crate) fn agents(conn: &Connection) -> Result<Vec<AgentRecord>, Failure> {
    let mut statement = conn.prepare_cached(AGENTS)?;
    let rows = statement.query_and_then([], |row| {
        let mut cells = Cells::new(row);
        Ok(AgentRecord {
            agent: AgentId(cells.count("agent")?),
            name: cells.name("name")?,
            max_chats: cells.small("max_chats")?,
            categories: cells.json("categories")?,
            state: cells.named("state")?,
            last_assigned_at: cells.time("last_assigned_at")?,
            last_released_at: cells.time("last_released_at")?,
            active: cells.take()?,
        })
    })?;
    rows.collect()
}
