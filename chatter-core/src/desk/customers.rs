//! Customers who are there or have a chat that is not closed.
//!
//! Their ids are long and random: whoever is asked for by id is searched for in a tree. Their sessions and chats know their
//! row instead, which is found by its number: most of what is done for a customer begins with one of these.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::num::NonZeroU64;

use super::authority::knows;
use super::state::{Bucket, Session};
use crate::id_map::{CountedId, IdMap};
use crate::{ChatId, ChatRecord, CustomerId, Few, SessionId};

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Customer {
    pub(super) sessions: Few<SessionId>,
    /// Their chats that are not closed.
    pub(super) chats: Few<ChatId>,
    pub(super) bucket: Bucket,
}

impl Customer {
    /// Those of their sessions that may see a chat.
    pub(super) fn sessions_that_see(&self, chat: &ChatRecord, all: &IdMap<SessionId, Session>) -> Few<SessionId> {
        let sees = |session: &&SessionId| all.get(session).is_some_and(|it| knows(&it.principal, chat));
        self.sessions.iter().filter(sees).copied().collect()
    }

    /// Neither has a chat nor is there: to be forgotten.
    fn is_gone(&self) -> bool {
        self.sessions.is_empty() && self.chats.is_empty()
    }
}

/// Where a customer lies. All are equal: where somebody lies makes no difference to any decision.
#[derive(Clone, Copy, Debug)]
pub(super) struct CustomerRow(NonZeroU64);

impl PartialEq for CustomerRow {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl CountedId for CustomerRow {
    fn of(number: u64) -> Self {
        Self(NonZeroU64::new(number).expect("rows are counted from one"))
    }

    fn number(self) -> u64 {
        self.0.get()
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Customers {
    rows: BTreeMap<CustomerId, CustomerRow>,
    all: IdMap<CustomerRow, Customer>,
    /// The newest row; none is used twice, so that a row that somebody kept too long finds nobody.
    last: u64,
}

/// By who they are, wherever they lie.
impl PartialEq for Customers {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Customers {
    pub(super) fn get(&self, customer: &CustomerId) -> Option<&Customer> {
        self.all.get(self.rows.get(customer)?)
    }

    pub(super) fn get_mut(&mut self, customer: &CustomerId) -> Option<&mut Customer> {
        self.all.get_mut(self.rows.get(customer)?)
    }

    /// The same by the row that a session or a chat of theirs knows.
    pub(super) fn at(&self, row: Option<CustomerRow>) -> Option<&Customer> {
        self.all.get(&row?)
    }

    /// The customer, new or known, and their row.
    pub(super) fn enter(&mut self, customer: CustomerId) -> (CustomerRow, &mut Customer) {
        let row = match self.rows.entry(customer) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                self.last += 1;
                *new.insert(CustomerRow::of(self.last))
            }
        };
        (row, self.all.get_or_default(row))
    }

    /// Changes a customer, and forgets them if they are gone after it; gives them back if they are not.
    pub(super) fn leave(
        &mut self,
        customer: CustomerId,
        row: Option<CustomerRow>,
        change: impl FnOnce(&mut Customer),
    ) -> Option<&mut Customer> {
        let row = row?;
        let state = self.all.get_mut(&row)?;
        change(state);
        if state.is_gone() {
            self.all.remove(&row);
            self.rows.remove(&customer);
        }
        self.all.get_mut(&row)
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(&mut Customer) -> bool) {
        let all = &mut self.all;
        self.rows.retain(|_, row| {
            let keeps = all.get_mut(row).is_some_and(&mut keep);
            if !keeps {
                all.remove(row);
            }
            keeps
        });
    }

    /// True when every row is somebody's.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn in_step(&self) -> bool {
        self.rows.len() == self.all.len() && self.iter().all(|(_, customer)| customer.is_some())
    }

    /// Everybody, by id.
    fn iter(&self) -> impl Iterator<Item = (CustomerId, Option<&Customer>)> {
        self.rows.iter().map(|(customer, row)| (*customer, self.all.get(row)))
    }

    /// True when there is nobody, and nothing is kept of anybody.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.all.is_empty()
    }

    #[cfg(any(test, feature = "testing"))]
    pub(super) fn values(&self) -> impl Iterator<Item = &Customer> {
        self.iter().filter_map(|(_, customer)| customer)
    }
}

#[cfg(test)]
mod tests {
    use super::Customers;
    use crate::{ChatId, CustomerId, SessionId};

    const ANNE: CustomerId = CustomerId(7 << 100);
    const BERT: CustomerId = CustomerId(3);

    #[test]
    fn a_row_finds_its_customer_as_long_as_they_have_a_session_or_a_chat() {
        let mut all = Customers::default();
        let (row, anne) = all.enter(ANNE);
        anne.sessions.insert(SessionId(1));
        anne.chats.insert(ChatId(1));
        assert_eq!(all.get(&ANNE), all.at(Some(row)));
        let left = all.leave(ANNE, Some(row), |anne| assert!(anne.sessions.remove(&SessionId(1))));
        assert!(left.is_some_and(|anne| anne.chats.len() == 1), "a chat is left");
        assert!(all.leave(ANNE, Some(row), |anne| assert!(anne.chats.remove(&ChatId(1)))).is_none());
        assert!(all.is_empty(), "who is gone is forgotten");
        let (again, _) = all.enter(ANNE);
        assert_ne!(again.0, row.0, "a row is never another's");
        assert_eq!(all.at(Some(row)), None);
        assert_eq!(all.at(None), None);
    }

    #[test]
    fn the_same_customers_are_equal_wherever_they_lie() {
        let (mut one, mut other) = (Customers::default(), Customers::default());
        for customer in [ANNE, BERT] {
            one.enter(customer).1.chats.insert(ChatId(1));
        }
        for customer in [BERT, ANNE] {
            other.enter(customer).1.chats.insert(ChatId(1));
        }
        assert_eq!(one, other);
        other.enter(BERT).1.chats.insert(ChatId(2));
        assert_ne!(one, other);
        other.retain(|customer| customer.chats.len() == 1);
        one.retain(|_| true);
        assert_ne!(one, other, "one is there no more");
        assert!(other.get(&BERT).is_none() && other.get(&ANNE).is_some());
    }
}
