//! The tests of the clauses.
//!
//! Each looks at one clause only and takes the others for granted as little as it can: what it does not test
//! it compares with itself, before and after, rather than with the model. So a store that breaks one clause
//! fails that one alone, and its author knows where to look.

mod client_ids;
mod commits;
mod desks;
mod events;
mod last_agents;
mod loading;
mod overwrites;
mod owners;
mod rows;
mod transcripts;

pub(super) use client_ids::{client_ids_are_kept, client_ids_are_unique};
pub(super) use commits::{commit_counts_revisions, commit_is_atomic, commit_is_durable};
pub(super) use desks::desks_are_apart;
pub(super) use events::{cursors_are_kept, events_are_dense};
pub(super) use last_agents::last_agents_are_found;
pub(super) use loading::{load_changes_nothing, load_leaves_out_closed, load_limits_dedupe};
pub(super) use overwrites::overwrites_replace_entries;
pub(super) use owners::{acquire_raises_the_fence, history_is_kept, stale_fence_is_refused, stale_revision_is_refused};
pub(super) use rows::rows_replace;
pub(super) use transcripts::{customers_never_see_notes, entries_are_paged_in_order};
