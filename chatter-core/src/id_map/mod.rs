//! An ordered map for ids that a counter gives out.
//!
//! Such ids lie close together, so a table finds them where an ordered tree would search: the number is
//! cut into a slot of a page, a page of a block, and a block. Pages and blocks have 64 places each; only
//! the blocks, one for 4,096 ids, are in a tree. A look-up among a million reads three or four lines of
//! memory before the value, and the tables above the pages are small enough to stay in the processor's
//! caches, while a `BTreeMap` would visit seven nodes of which the lower are always cold. The last block
//! is not in the tree: most of what is looked up is young, and is found without a search.
//!
//! *Invariant:* the last block is the one with the highest number. No page and no block is empty, so equal content means
//! equal structure, and a page or block whose ids are all gone is given back. A single old id that stays keeps one page
//! and one block, about a kilobyte; values are boxed for that reason.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Index;

use crate::{AgentId, CategoryId, ChatId, SessionId};

const BITS: u32 = 6;
const WIDTH: usize = 1 << BITS;

/// An id out of a counter.
pub(crate) trait CountedId: Copy + PartialEq {
    /// The id with this number.
    fn of(number: u64) -> Self;
    /// Its number.
    fn number(self) -> u64;
}

/// Accounts are counted too. Numbers from elsewhere, such as those that the standalone server makes of user names, work as
/// well: one that is far from all others costs a kilobyte and a search for its block. With 10,000 agents of such numbers
/// an assignment cost a tenth to a fifth more.
impl CountedId for AgentId {
    fn of(number: u64) -> Self {
        Self(number)
    }

    fn number(self) -> u64 {
        self.0
    }
}

/// Whoever sets categories up numbers them; one that is far from all others costs a kilobyte.
impl CountedId for CategoryId {
    fn of(number: u64) -> Self {
        Self(u32::try_from(number).expect("it came from such an id"))
    }

    fn number(self) -> u64 {
        u64::from(self.0)
    }
}

impl CountedId for ChatId {
    fn of(number: u64) -> Self {
        Self(number)
    }

    fn number(self) -> u64 {
        self.0
    }
}

impl CountedId for SessionId {
    fn of(number: u64) -> Self {
        Self(number)
    }

    fn number(self) -> u64 {
        self.0
    }
}

/// A map in the order of ids. See the module for what it costs.
#[derive(Clone, PartialEq)]
pub(crate) struct IdMap<K, V> {
    last: Option<(u64, Box<Block<V>>)>,
    earlier: BTreeMap<u64, Box<Block<V>>>,
    len: usize,
    keys: PhantomData<fn() -> K>,
}

impl<K: CountedId, V> IdMap<K, V> {
    /// An empty map.
    pub(crate) const fn new() -> Self {
        Self { last: None, earlier: BTreeMap::new(), len: 0, keys: PhantomData }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, id: &K) -> Option<&V> {
        let at = Address::of(*id);
        self.block(at.block)?.get(at.page)?.get(at.slot).map(|value| &**value)
    }

    pub(crate) fn get_mut(&mut self, id: &K) -> Option<&mut V> {
        let at = Address::of(*id);
        self.block_mut(at.block)?.get_mut(at.page)?.get_mut(at.slot).map(|value| &mut **value)
    }

    pub(crate) fn contains_key(&self, id: &K) -> bool {
        self.get(id).is_some()
    }

    /// Puts a value in; gives back the one that was there.
    pub(crate) fn insert(&mut self, id: K, value: V) -> Option<V> {
        self.insert_boxed(id, Box::new(value)).map(|value| *value)
    }

    /// The same with a value that has its place already.
    pub(crate) fn insert_boxed(&mut self, id: K, value: Box<V>) -> Option<Box<V>> {
        let at = Address::of(id);
        let old =
            self.block_or_new(at.block).get_or_insert_with(at.page, || Box::new(Table::new())).put(at.slot, value);
        self.len += usize::from(old.is_none());
        old
    }

    /// The value of an id, a default one if it has none.
    pub(crate) fn get_or_default(&mut self, id: K) -> &mut V
    where
        V: Default,
    {
        if self.get(&id).is_none() {
            self.insert(id, V::default());
        }
        self.get_mut(&id).expect("it was there, or was put in")
    }

    /// Takes a value out.
    pub(crate) fn remove(&mut self, id: &K) -> Option<V> {
        self.remove_boxed(id).map(|value| *value)
    }

    /// Takes a value out without moving it.
    pub(crate) fn remove_boxed(&mut self, id: &K) -> Option<Box<V>> {
        let at = Address::of(*id);
        let block = self.block_mut(at.block)?;
        let page = block.get_mut(at.page)?;
        let value = page.take(at.slot)?;
        if page.used == 0 {
            block.take(at.page);
        }
        if block.used == 0 {
            self.give_back(at.block);
        }
        self.len -= 1;
        Some(value)
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new();
    }

    /// Everything, by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        let last = self.last.iter().map(|(number, block)| (number, block));
        self.earlier.iter().chain(last).flat_map(|(number, block)| {
            block.iter().flat_map(move |(page, values)| {
                values.iter().map(move |(slot, value)| (Address { block: *number, page, slot }.id(), &**value))
            })
        })
    }

    /// The ids, in order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = K> {
        self.iter().map(|(id, _)| id)
    }

    /// The values, by id.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// The values, by id, to change them.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        let blocks = self.earlier.values_mut().chain(self.last.iter_mut().map(|(_, block)| block));
        let pages = blocks.flat_map(|block| block.slots.iter_mut().flatten());
        pages.flat_map(|page| page.slots.iter_mut().flatten()).map(|value| &mut **value)
    }

    fn block(&self, number: u64) -> Option<&Block<V>> {
        match &self.last {
            Some((last, block)) if *last == number => Some(block),
            _ => self.earlier.get(&number).map(|block| &**block),
        }
    }

    fn block_mut(&mut self, number: u64) -> Option<&mut Block<V>> {
        match &mut self.last {
            Some((last, block)) if *last == number => Some(block),
            _ => self.earlier.get_mut(&number).map(|block| &mut **block),
        }
    }

    fn block_or_new(&mut self, number: u64) -> &mut Block<V> {
        let new = || Box::new(Table::new());
        let last = self.last.as_ref().map(|(last, _)| *last);
        if last.is_some_and(|last| number < last) {
            return self.earlier.entry(number).or_insert_with(new);
        }
        if last.is_some_and(|last| number > last)
            && let Some((before, block)) = self.last.take()
        {
            self.earlier.insert(before, block);
        }
        &mut self.last.get_or_insert_with(|| (number, new())).1
    }

    /// An empty block is not kept.
    fn give_back(&mut self, number: u64) {
        if self.last.take_if(|(last, _)| *last == number).is_some() {
            self.last = self.earlier.pop_last();
        } else {
            self.earlier.remove(&number);
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl<K: CountedId, V> Default for IdMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: CountedId, V> Index<&K> for IdMap<K, V> {
    type Output = V;

    fn index(&self, id: &K) -> &V {
        self.get(id).expect("the caller knows that the id is there")
    }
}

impl<K: CountedId + fmt::Debug, V: fmt::Debug> fmt::Debug for IdMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Where an id lies.
#[derive(Clone, Copy)]
struct Address {
    block: u64,
    page: usize,
    slot: usize,
}

impl Address {
    fn of(id: impl CountedId) -> Self {
        let number = id.number();
        let place = |number: u64| (number % WIDTH as u64) as usize;
        Self { block: number >> (2 * BITS), page: place(number >> BITS), slot: place(number) }
    }

    fn id<K: CountedId>(self) -> K {
        K::of(((self.block << BITS) + self.page as u64) << BITS | self.slot as u64)
    }
}

/// The pages of neighbouring ids.
type Block<V> = Table<Box<Page<V>>>;

/// The values of neighbouring ids.
type Page<V> = Table<Box<V>>;

/// Some of so many places.
#[derive(Clone, PartialEq)]
struct Table<T> {
    used: usize,
    slots: [Option<T>; WIDTH],
}

impl<T> Table<T> {
    const fn new() -> Self {
        Self { used: 0, slots: [const { None }; WIDTH] }
    }

    fn get(&self, at: usize) -> Option<&T> {
        self.slots[at].as_ref()
    }

    fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        self.slots[at].as_mut()
    }

    fn get_or_insert_with(&mut self, at: usize, make: impl FnOnce() -> T) -> &mut T {
        self.slots[at].get_or_insert_with(|| {
            self.used += 1;
            make()
        })
    }

    fn put(&mut self, at: usize, value: T) -> Option<T> {
        let old = self.slots[at].replace(value);
        self.used += usize::from(old.is_none());
        old
    }

    fn take(&mut self, at: usize) -> Option<T> {
        let old = self.slots[at].take();
        self.used -= usize::from(old.is_some());
        old
    }

    fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.slots.iter().enumerate().filter_map(|(at, slot)| slot.as_ref().map(|value| (at, value)))
    }
}
