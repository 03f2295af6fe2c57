//! The rows of the feature list over the running server: through its socket, and then in its SQLite file.
//! A test is named after its row.

#[cfg(test)]
#[path = "rows/agents.rs"]
mod agents;
#[cfg(test)]
#[path = "rows/authority.rs"]
mod authority;
#[cfg(test)]
mod common;
#[cfg(test)]
#[path = "rows/company.rs"]
mod company;
#[cfg(test)]
#[path = "rows/documents.rs"]
mod documents;
#[cfg(test)]
#[path = "rows/edits.rs"]
mod edits;
#[cfg(test)]
#[path = "rows/ending.rs"]
mod ending;
#[cfg(test)]
#[path = "rows/explain.rs"]
mod explain;
#[cfg(test)]
#[path = "rows/file.rs"]
mod file;
#[cfg(test)]
#[path = "rows/frames.rs"]
mod frames;
#[cfg(test)]
#[path = "rows/graces.rs"]
mod graces;
#[cfg(test)]
#[path = "rows/hands.rs"]
mod hands;
#[cfg(test)]
#[path = "rows/keeping.rs"]
mod keeping;
#[cfg(test)]
#[path = "rows/lines.rs"]
mod lines;
#[cfg(test)]
#[path = "rows/merging.rs"]
mod merging;
#[cfg(test)]
#[path = "rows/messages.rs"]
mod messages;
#[cfg(test)]
#[path = "rows/offers.rs"]
mod offers;
#[cfg(test)]
#[path = "rows/policies.rs"]
mod policies;
#[cfg(test)]
#[path = "rows/queue.rs"]
mod queue;
#[cfg(test)]
#[path = "rows/rests.rs"]
mod rests;
#[cfg(test)]
#[path = "rows/silence.rs"]
mod silence;
#[cfg(test)]
#[path = "rows/stage.rs"]
mod stage;
#[cfg(test)]
#[path = "rows/sticky.rs"]
mod sticky;
#[cfg(test)]
#[path = "rows/supervise.rs"]
mod supervise;
#[cfg(test)]
#[path = "rows/team.rs"]
mod team;
#[cfg(test)]
#[path = "rows/thresholds.rs"]
mod thresholds;
#[cfg(test)]
#[path = "rows/transfers.rs"]
mod transfers;
#[cfg(test)]
#[path = "rows/typing.rs"]
mod typing;
#[cfg(test)]
#[path = "rows/winner.rs"]
mod winner;
