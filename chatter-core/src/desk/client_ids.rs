//! The client ids of a conversation that are remembered: what makes a resend harmless without asking the store.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::state::Fnv;
use crate::{AuthorKey, ClientMsgId, DedupeRow, LoadedChat};

/// The most older ids of one conversation whose hashes are kept, about 200 KB. Beyond it every id that is not among
/// the newest is looked up.
const OLDER_MAX: usize = 16_384;

/// The newest client ids with a hash of their key, oldest first, [`LoadedChat::DEDUPE_MAX`] at most; and of the older
/// ones the hashes, which tell of nearly every new id that it was never used.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ClientIds {
    newest: VecDeque<(u64, Arc<DedupeRow>)>,
    /// Those of every older id. None when they are not known: some were used before the desk was loaded, or there
    /// are too many.
    older: Option<BTreeSet<u64>>,
}

impl Default for ClientIds {
    /// Of a conversation in which nobody has said anything.
    fn default() -> Self {
        Self { newest: VecDeque::new(), older: Some(BTreeSet::new()) }
    }
}

impl ClientIds {
    /// Those that a store gave back, oldest first, out of so many.
    pub(super) fn loaded(rows: Vec<Arc<DedupeRow>>, used: u64) -> Self {
        let all = rows.len() as u64 >= used;
        let newest = rows.into_iter().map(|row| (hash(row.author, &row.client_msg_id), row)).collect();
        Self { newest, older: all.then(BTreeSet::new) }
    }

    pub(super) fn remember(&mut self, row: Arc<DedupeRow>) {
        if self.newest.len() == LoadedChat::DEDUPE_MAX
            && let Some((oldest, _)) = self.newest.pop_front()
            && let Some(older) = &mut self.older
        {
            older.insert(oldest);
            if older.len() > OLDER_MAX {
                self.older = None;
            }
        }
        self.newest.push_back((hash(row.author, &row.client_msg_id), row));
    }

    pub(super) fn recall(&self, author: AuthorKey, id: &ClientMsgId) -> Option<&Arc<DedupeRow>> {
        let sought = hash(author, id);
        let mut rows = self.newest.iter().rev();
        rows.find_map(|(key, row)| (*key == sought && row.author == author && row.client_msg_id == *id).then_some(row))
    }

    /// True when an id that is not recalled may still have been used: only the store can tell.
    pub(super) fn may_be_older(&self, author: AuthorKey, id: &ClientMsgId) -> bool {
        self.older.as_ref().is_none_or(|older| older.contains(&hash(author, id)))
    }

    /// What a store does not give back is not known any more.
    pub(super) fn forget_older(&mut self) {
        self.older = self.older.take().filter(BTreeSet::is_empty);
    }

    /// True when no more is held than the bounds allow, and than was used.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn is_bounded(&self, used: u64) -> bool {
        let older = self.older.as_ref().map_or(0, BTreeSet::len);
        let known = (self.newest.len() + older) as u64;
        // Ids with the same hash count once.
        let complete = self.older.is_none() || known == used || older > 0;
        self.newest.len() <= LoadedChat::DEDUPE_MAX && older <= OLDER_MAX && known <= used && complete
    }
}

fn hash(author: AuthorKey, id: &ClientMsgId) -> u64 {
    let hash = match author {
        AuthorKey::Customer(customer) => Fnv::new().write(b"c").write(&customer.0.to_le_bytes()),
        AuthorKey::Agent(agent) => Fnv::new().write(b"a").write(&agent.0.to_le_bytes()),
    };
    hash.write(id.as_str().as_bytes()).finish()
}

#[cfg(test)]
mod tests {
    use crate::{AgentId, ChatId, Seq, Time};

    use super::*;

    const AUTHOR: AuthorKey = AuthorKey::Agent(AgentId(1));

    fn id(number: u64) -> ClientMsgId {
        ClientMsgId::new(&number.to_string()).expect("a legal id")
    }

    fn row(number: u64) -> Arc<DedupeRow> {
        let (author, client_msg_id) = (AUTHOR, id(number));
        let (chat, seq) = (ChatId(1), Seq(number));
        Arc::new(DedupeRow { chat, author, client_msg_id, body_hash: 0, seq, public_seq: None, at: Time(0) })
    }

    #[test]
    fn only_an_id_that_was_used_is_asked_for_until_there_are_too_many() {
        let newest = LoadedChat::DEDUPE_MAX as u64;
        let last = newest + OLDER_MAX as u64;
        let mut ids = ClientIds::default();
        for number in 1..=last {
            assert!(!ids.may_be_older(AUTHOR, &id(number)), "{number} is new");
            ids.remember(row(number));
            assert!(ids.is_bounded(number));
        }
        for number in [1, 2, last - newest] {
            assert!(ids.recall(AUTHOR, &id(number)).is_none() && ids.may_be_older(AUTHOR, &id(number)), "{number}");
        }
        assert!(ids.recall(AUTHOR, &id(last)).is_some());
        assert!(!ids.may_be_older(AuthorKey::Agent(AgentId(2)), &id(1)), "another's id is another id");
        ids.remember(row(last + 1));
        assert!(ids.is_bounded(last + 1) && ids.may_be_older(AUTHOR, &id(last + 2)), "from here on all are asked for");
    }

    #[test]
    fn what_was_used_before_a_start_is_asked_for() {
        let all = ClientIds::loaded(vec![row(1), row(2)], 2);
        assert!(!all.may_be_older(AUTHOR, &id(3)), "none is missing");
        let mut some = ClientIds::loaded(vec![row(2), row(3)], 3);
        assert!(some.may_be_older(AUTHOR, &id(4)));
        some.remember(row(4));
        assert!(some.may_be_older(AUTHOR, &id(5)), "that does not change by more of them");
        let mut live = ClientIds::default();
        for number in 1..=300 {
            live.remember(row(number));
        }
        live.forget_older();
        let newest = (45..=300).map(row).collect();
        assert_eq!(live, ClientIds::loaded(newest, 300), "as a start finds them");
    }
}
