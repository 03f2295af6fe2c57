//! The rows of the feature list over the running server: through its socket, and then in its SQLite file.
//! A test is named after its row.

#[path = "rows/agents.rs"]
mod agents;
#[cfg(test)]
mod common;
#[path = "rows/documents.rs"]
mod documents;
#[path = "rows/ending.rs"]
mod ending;
#[path = "rows/file.rs"]
mod file;
#[path = "rows/graces.rs"]
mod graces;
#[path = "rows/keeping.rs"]
mod keeping;
#[path = "rows/messages.rs"]
mod messages;
#[path = "rows/policies.rs"]
mod policies;
#[path = "rows/queue.rs"]
mod queue;
#[path = "rows/stage.rs"]
mod stage;
