//! What is read of a chat, and by whom.

use super::super::observe::{LAST_SEQ, STAFF};
use super::super::owner::Owner;
use super::super::{Scribe, Storage};
use crate::{Audience, ChatId, Entry, Page, PageEnd, PublicSeq, Seq, Side};

const ENDS: [PageEnd; 2] = [PageEnd::Oldest, PageEnd::Newest];
const LIMITS: [usize; 5] = [0, 1, 3, 30, 1_000];
const BOUNDS: [u64; 9] = [0, 1, 2, 7, 9, 10, 30, 31, LAST_SEQ.0];

pub(in super::super) async fn entries_are_paged_in_order(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    let mut scribe = Scribe::new(11);
    let mixed = scribe.open_chat();
    let public = scribe.open_chat();
    for turn in 0..30 {
        scribe.message(public, if turn % 2 == 0 { Side::Customer } else { Side::Staff });
        if turn % 4 == 3 {
            scribe.note(mixed)
        } else {
            scribe.message(mixed, Side::Customer)
        }
        if turn % 7 == 0 {
            owner.commit(scribe.take()).await;
        }
    }
    owner.commit(scribe.take()).await;

    for page in pages(|after, up_to| Audience::Staff { after: Seq(after), up_to: Seq(up_to) }) {
        let expected = expected(scribe.entries(mixed), page);
        assert_eq!(read(&owner, mixed, page).await, expected, "{page:?} for staff");
    }
    // Without notes, which are another clause's matter.
    for page in pages(customer) {
        let expected = expected(scribe.entries(public), page);
        assert_eq!(read(&owner, public, page).await, expected, "{page:?} for the customer");
    }
    assert_eq!(read(&owner, ChatId(1_000), STAFF).await, [], "a chat that never was");
}

pub(in super::super) async fn customers_never_see_notes(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    let mut scribe = Scribe::new(12);
    // Notes first, in between and last, so that the two numbers of an entry differ.
    let chat = scribe.open_chat();
    let only_notes = scribe.open_chat();
    scribe.note(only_notes);
    scribe.note(chat);
    for turn in 0..40 {
        match turn % 6 {
            2 => scribe.note(chat),
            5 => scribe.whisper(chat),
            _ => scribe.message(chat, Side::Customer),
        }
        if turn % 9 == 0 {
            owner.commit(scribe.take()).await;
        }
    }
    scribe.note(chat);
    owner.commit(scribe.take()).await;
    // That a note was edited or deleted is staff's alone too. What their targets say is another clause's matter.
    let notes =
        scribe.entries(only_notes).iter().chain(scribe.entries(chat)).filter(|entry| entry.public_seq.is_none());
    let notes: Vec<(ChatId, Seq)> = notes.map(|entry| (entry.chat, entry.seq)).take(4).collect();
    for (chat, seq) in notes {
        scribe.edit_entry(chat, seq);
        scribe.delete_entry(chat, seq);
    }
    owner.commit(scribe.take()).await;

    for page in pages(customer) {
        let mut seen = read(&owner, chat, page).await;
        assert!(seen.iter().all(|entry| entry.public_seq.is_some()), "{page:?} shows a note");
        // Their order is another clause's matter.
        seen.sort_by_key(|entry| entry.seq);
        assert_eq!(seen, expected(scribe.entries(chat), page), "{page:?} for the customer");
        assert_eq!(read(&owner, only_notes, page).await, [], "{page:?} of nothing but notes");
    }
}

const fn customer(after: u64, up_to: u64) -> Audience {
    Audience::Customer { after: PublicSeq(after), up_to: PublicSeq(up_to) }
}

/// Every combination of bounds, ends and limits.
fn pages(audience: fn(u64, u64) -> Audience) -> impl Iterator<Item = Page> {
    let ranges = BOUNDS.iter().flat_map(|after| BOUNDS.iter().map(move |up_to| (*after, *up_to)));
    ranges.flat_map(move |(after, up_to)| {
        let audience = audience(after, up_to);
        ENDS.into_iter().flat_map(move |end| LIMITS.map(|limit| Page { audience, limit, end }))
    })
}

/// What a page must hold, by the words of the contract.
fn expected(entries: &[Entry], page: Page) -> Vec<Entry> {
    let within = |entry: &&Entry| match page.audience {
        Audience::Staff { after, up_to } => entry.seq > after && entry.seq <= up_to,
        Audience::Customer { after, up_to } => entry.public_seq.is_some_and(|number| number > after && number <= up_to),
    };
    let mut found: Vec<Entry> = entries.iter().filter(within).cloned().collect();
    match page.end {
        PageEnd::Oldest => found.truncate(page.limit),
        PageEnd::Newest => drop(found.drain(..found.len().saturating_sub(page.limit))),
    }
    found
}

async fn read(owner: &Owner, chat: ChatId, page: Page) -> Vec<Entry> {
    owner.store.entries(&owner.desk, chat, page).await.expect("entries")
}
