//! The categories and agents of the configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_lc_rs::digest;
use chatter_core::{AgentId, CategoryId, CategorySettings, Name, Permission, Permissions};
use config::{Map, Value, ValueKind};

use super::category::{self, CATEGORY_FIELDS};
use super::fault::Fault;
use super::layers::toml;
use super::read::{self, Read};
use crate::secret::Secret;

/// The largest number that JavaScript reads exactly.
const ID_MAX: u64 = (1 << 53) - 1;

/// A category as configured; without an id it is known by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Category {
    pub(crate) id: Option<CategoryId>,
    pub(crate) name: Name,
    /// How its chats are served; where other categories are named, they are numbered later.
    pub(crate) settings: CategorySettings,
    /// After which waits agents of which categories help.
    pub(crate) overflow: Vec<(Duration, Name)>,
}

impl Category {
    /// A category with default settings.
    pub(crate) fn plain(name: Name) -> Self {
        Self { id: None, name, settings: CategorySettings::default(), overflow: Vec::new() }
    }
}

/// An agent as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Agent {
    pub(crate) id: AgentId,
    /// In lower case.
    pub(crate) username: String,
    pub(crate) password: Secret,
    pub(crate) name: Name,
    pub(crate) max_chats: u32,
    /// By name; none means all.
    pub(crate) categories: Option<Vec<Name>>,
    /// What they may do beyond their own chats.
    pub(crate) permissions: Permissions,
}

/// The number of an agent without a configured one: 52 bits of the SHA-256 of the user name. It depends
/// on nothing else, so reordering the file or adding people moves nobody.
pub(crate) fn default_id(username: &str) -> AgentId {
    let hash = digest::digest(&digest::SHA256, format!("chatter agent {}", username.to_lowercase()).as_bytes());
    let first: [u8; 8] = hash.as_ref()[..8].try_into().expect("a SHA-256 has 32 bytes");
    AgentId((u64::from_be_bytes(first) >> 12).max(1))
}

/// Reads tables one by one, gathering faults under `setting[number].field`.
pub(super) struct Reader<'a> {
    setting: &'static str,
    origin: &'a str,
    faults: &'a mut Vec<Fault>,
}

impl Reader<'_> {
    pub(super) fn fault(&mut self, row: usize, field: &str, rule: impl Into<String>) {
        let dot = if field.is_empty() { "" } else { "." };
        self.faults.push(Fault::new(format!("{}[{row}]{dot}{field}", self.setting), rule, self.origin));
    }

    /// A field of a table: `None` when it is left out, and when it is wrong, which is noted.
    pub(super) fn field<T>(
        &mut self,
        row: usize,
        table: &Map<String, Value>,
        field: &str,
        read: impl Fn(&Value) -> Read<T>,
    ) -> Option<T> {
        let read = table.get(field).map(read)?;
        read.map_err(|rule| self.fault(row, field, rule)).ok()
    }

    fn unknown_fields(&mut self, row: usize, table: &Map<String, Value>, known: &[&str]) {
        let unknown: BTreeSet<_> = table.keys().filter(|field| !known.contains(&field.as_str())).collect();
        for field in unknown {
            self.fault(row, field, "is no field here");
        }
    }
}

/// The rows of a setting: an array in the file, the same written as TOML elsewhere.
fn rows(value: &Value, setting: &str) -> Read<Vec<Value>> {
    let wrong = || format!("must be an array of tables, such as [{{ name = \"..\" }}] or [[{setting}]] in the file");
    let written = match read::string(value) {
        Some(text) => toml(&format!("rows = {text}"))?.remove("rows"),
        None => Some(value.clone()),
    };
    match written.map(|value| value.kind) {
        Some(ValueKind::Array(rows)) => Ok(rows),
        _ => Err(wrong()),
    }
}

pub(super) fn name(value: &Value) -> Read<Name> {
    Name::new(&read::text(value)?).map_err(|invalid| format!("must be {}", invalid.rule))
}

/// Reads `categories`: tables of `name` and perhaps `id`, or names alone, separated by commas elsewhere.
pub(crate) fn categories(value: &Value, origin: &str, faults: &mut Vec<Fault>) -> Vec<Category> {
    let by_comma = read::string(value).is_some_and(|text| !text.trim_start().starts_with('['));
    let rows = if by_comma {
        read::texts(value).map(|names| names.into_iter().map(|name| Value::new(None, name)).collect())
    } else {
        rows(value, "categories")
    };
    let rows = match rows {
        Ok(rows) if (1..=1_000).contains(&rows.len()) => rows,
        Ok(_) => return refuse(faults, "categories", "must be 1 to 1000 categories", origin),
        Err(rule) => return refuse(faults, "categories", rule, origin),
    };
    let mut reader = Reader { setting: "categories", origin, faults };
    let read: Vec<_> = rows.iter().enumerate().filter_map(|(row, value)| category(&mut reader, row, value)).collect();
    let mut seen = (BTreeSet::new(), BTreeSet::new());
    for (row, category) in read.iter().enumerate() {
        if !seen.0.insert(category.name.as_str().to_lowercase()) {
            reader.fault(row, "name", "must differ from the other categories' names");
        }
        if category.id.is_some_and(|id| !seen.1.insert(id)) {
            reader.fault(row, "id", "must differ from the other categories' ids");
        }
        for (stage, (_, helper)) in category.overflow.iter().enumerate() {
            if !read.iter().any(|known| known.name == *helper) {
                reader.fault(row, &format!("overflow[{stage}].category"), "must be the name of a category");
            }
        }
        if leads_back(&read, category) {
            reader.fault(row, "overflow", "must not lead back to the category itself");
        }
    }
    read
}

/// Would chats of a category be passed on in a circle?
fn leads_back(categories: &[Category], start: &Category) -> bool {
    let mut walked: BTreeSet<&str> = BTreeSet::new();
    let mut next: Vec<_> = start.overflow.iter().map(|(_, name)| name.as_str()).collect();
    while let Some(name) = next.pop() {
        if name == start.name.as_str() {
            return true;
        }
        if walked.insert(name) {
            let found = categories.iter().find(|category| category.name.as_str() == name);
            next.extend(found.into_iter().flat_map(|it| it.overflow.iter().map(|(_, name)| name.as_str())));
        }
    }
    false
}

fn refuse<T>(faults: &mut Vec<Fault>, setting: &str, rule: impl Into<String>, origin: &str) -> Vec<T> {
    faults.push(Fault::new(setting, rule, origin));
    Vec::new()
}

fn category(reader: &mut Reader<'_>, row: usize, value: &Value) -> Option<Category> {
    let ValueKind::Table(table) = &value.kind else {
        return match name(value) {
            Ok(name) => Some(Category::plain(name)),
            Err(rule) => {
                reader.fault(row, "", rule);
                None
            }
        };
    };
    reader.unknown_fields(row, table, &CATEGORY_FIELDS);
    let id = reader.field(row, table, "id", |value| read::number(value, &(1..=u64::from(u32::MAX))));
    let id = id.map(|id| CategoryId(u32::try_from(id).expect("the bounds were checked")));
    if !table.contains_key("name") {
        reader.fault(row, "name", "must be set");
    }
    let (settings, overflow) = category::settings(reader, row, table);
    Some(Category { id, name: reader.field(row, table, "name", name)?, settings, overflow })
}

/// Reads `agents`; their categories must be among the configured ones.
pub(crate) fn agents(value: &Value, origin: &str, known: &[Category], faults: &mut Vec<Fault>) -> Vec<Agent> {
    let rows = match rows(value, "agents") {
        Ok(rows) if (1..=10_000).contains(&rows.len()) => rows,
        Ok(_) => return refuse(faults, "agents", "must be 1 to 10000 agents; leave it out for a default one", origin),
        Err(rule) => return refuse(faults, "agents", rule, origin),
    };
    let mut reader = Reader { setting: "agents", origin, faults };
    let read: Vec<_> = rows.iter().enumerate().map(|(row, value)| agent(&mut reader, row, value, known)).collect();
    let mut usernames = BTreeSet::new();
    let mut ids = BTreeMap::new();
    for (row, agent) in read.iter().enumerate() {
        let Some(agent) = agent else { continue };
        if !usernames.insert(&agent.username) {
            reader.fault(row, "username", "must differ from the other agents', also without regard to case");
        } else if let Some(other) = ids.insert(agent.id, row) {
            reader.fault(row, "id", format!("must differ from that of agents[{other}]; set another one"));
        }
    }
    read.into_iter().flatten().collect()
}

const AGENT_FIELDS: [&str; 7] = ["username", "password", "name", "max_chats", "categories", "id", "permissions"];

fn agent(reader: &mut Reader<'_>, row: usize, value: &Value, known: &[Category]) -> Option<Agent> {
    let ValueKind::Table(table) = &value.kind else {
        reader.fault(row, "", "must be a table with a username and a password");
        return None;
    };
    reader.unknown_fields(row, table, &AGENT_FIELDS);
    for field in ["username", "password"].into_iter().filter(|field| !table.contains_key(*field)) {
        reader.fault(row, field, "must be set");
    }
    let username = reader.field(row, table, "username", username);
    let password = reader.field(row, table, "password", password);
    let display = reader.field(row, table, "name", name);
    let max_chats = reader.field(row, table, "max_chats", |value| read::number(value, &(1..=1_000))).unwrap_or(2);
    let id = reader.field(row, table, "id", |value| read::number(value, &(1..=ID_MAX)));
    let categories = reader.field(row, table, "categories", |value| served(value, known));
    let permissions = reader.field(row, table, "permissions", permissions).unwrap_or_default();
    let (written, password) = (username?, password?);
    let display = display.or_else(|| Name::new(&written).ok())?;
    let username = written.to_lowercase();
    Some(Agent {
        id: id.map_or_else(|| default_id(&username), AgentId),
        username,
        password,
        name: display,
        max_chats: u32::try_from(max_chats).expect("the bounds were checked"),
        categories,
        permissions,
    })
}

fn permissions(value: &Value) -> Read<Permissions> {
    let words = [("watch", Permission::Watch), ("assign", Permission::Assign), ("override", Permission::Override)];
    let rule = || "must be a list out of watch, assign and override, or all".to_owned();
    let texts = read::texts(value).map_err(|_| rule())?;
    if texts == ["all"] {
        return Ok(Permissions::ALL);
    }
    let named = |text: &String| words.iter().find(|(word, _)| word == text).map(|(_, permission)| *permission);
    let list: Option<Vec<_>> = texts.iter().map(named).collect();
    list.map(Permissions::from).ok_or_else(rule)
}

fn username(value: &Value) -> Read<String> {
    let text = read::text(value)?;
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"._-@+".contains(&b);
    if (1..=80).contains(&text.len()) && text.bytes().all(legal) {
        Ok(text)
    } else {
        Err("must be 1 to 80 characters out of a-z, 0-9, . _ - @ and +".to_owned())
    }
}

fn password(value: &Value) -> Read<Secret> {
    let text = read::string(value).filter(|text| (8..=256).contains(&text.len()));
    text.map(Secret::new).ok_or_else(|| "must be a text of 8 to 256 bytes".to_owned())
}

fn served(value: &Value, known: &[Category]) -> Read<Vec<Name>> {
    let find = |text: &String| known.iter().find(|category| category.name.as_str() == text.trim());
    let found: Option<Vec<_>> = read::texts(value)?.iter().map(find).collect();
    match found {
        Some(found) if !found.is_empty() => Ok(found.into_iter().map(|category| category.name.clone()).collect()),
        _ => {
            let names: Vec<_> = known.iter().map(|category| category.name.as_str()).collect();
            Err(format!("must be names out of the categories: {}", names.join(", ")))
        }
    }
}
