//! The client ids of a conversation that are remembered: what makes a resend harmless without asking the store.

use std::collections::VecDeque;
use std::sync::Arc;

use super::state::Fnv;
use crate::{AuthorKey, ClientMsgId, DedupeRow, LoadedChat};

/// The newest client ids with a hash of their key, oldest first; [`LoadedChat::DEDUPE_MAX`] at most.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ClientIds(VecDeque<(u64, Arc<DedupeRow>)>);

impl ClientIds {
    /// Those that a store gave back, oldest first.
    pub(super) fn loaded(rows: Vec<Arc<DedupeRow>>) -> Self {
        Self(rows.into_iter().map(|row| (hash(row.author, &row.client_msg_id), row)).collect())
    }

    pub(super) fn remember(&mut self, row: Arc<DedupeRow>) {
        if self.0.len() == LoadedChat::DEDUPE_MAX {
            self.0.pop_front();
        }
        self.0.push_back((hash(row.author, &row.client_msg_id), row));
    }

    pub(super) fn recall(&self, author: AuthorKey, id: &ClientMsgId) -> Option<&Arc<DedupeRow>> {
        let sought = hash(author, id);
        let mut rows = self.0.iter().rev();
        rows.find_map(|(key, row)| (*key == sought && row.author == author && row.client_msg_id == *id).then_some(row))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

fn hash(author: AuthorKey, id: &ClientMsgId) -> u64 {
    let hash = match author {
        AuthorKey::Customer(customer) => Fnv::new().write(b"c").write(&customer.0.to_le_bytes()),
        AuthorKey::Agent(agent) => Fnv::new().write(b"a").write(&agent.0.to_le_bytes()),
    };
    hash.write(id.as_str().as_bytes()).finish()
}
