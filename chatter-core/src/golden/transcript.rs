//! A transcript with every kind of entry and line.

use super::all_seen;
use super::samples::{ada, at, bob, lines, name, text, zoe};
use crate::protocol::{CustomerBody, CustomerEntry, StaffEntry};
use crate::{Author, Body, ChatId, Entry, EntryKind, Name, PublicSeq, Seq, Time};

/// The number of its newest entry.
pub(super) const LAST_SEQ: Seq = Seq(21);
/// The number of its newest public entry.
pub(super) const LAST_PUBLIC: PublicSeq = PublicSeq(17);

struct Line {
    author: Author,
    to: Option<Name>,
    edited_at: Option<Time>,
    body: Body,
    public: bool,
}

fn line(author: Author, body: Body, public: bool) -> Line {
    Line { author, to: None, edited_at: None, body, public }
}

fn written() -> Vec<Line> {
    let message = |words| Body::Message { text: text(words) };
    let edit = |target, public| Body::Edit { target: Seq(target), public_target: public };
    let to_zoe = |line| Line { to: Some(name("Zoe")), ..line };
    let mut all = vec![
        Line { to: Some(name("Ada")), ..line(zoe(), message("Where is it? \"Soon\" <b>"), true) },
        line(ada(), Body::Note { text: text("Asked twice before.") }, false),
        to_zoe(line(ada(), message("I look."), true)),
    ];
    all.extend(lines().into_iter().map(|it| line(Author::System, Body::System { line: it }, true)));
    all.push(line(bob(), Body::Whisper { text: text("Offer a refund.") }, false));
    all.push(to_zoe(Line { edited_at: Some(at(17)), ..line(ada(), message("It comes today."), true) }));
    all.push(line(ada(), edit(16, Some(PublicSeq(14))), true));
    all.push(line(ada(), edit(2, None), false));
    all.push(to_zoe(line(ada(), Body::Deleted { was: EntryKind::Message }, true)));
    all.push(line(ada(), Body::Deletion { target: Seq(19), public_target: Some(PublicSeq(16)) }, true));
    all.push(line(bob(), Body::Deleted { was: EntryKind::Whisper }, false));
    all
}

/// All of it, numbered.
pub(super) fn transcript() -> Vec<Entry> {
    let mut public = 0;
    let numbered = written().into_iter().zip(1..).map(|(line, seq)| {
        public += u64::from(line.public);
        let Line { author, to, edited_at, body, .. } = line;
        let public_seq = line.public.then_some(PublicSeq(public));
        Entry { chat: ChatId(12), seq: Seq(seq), public_seq, at: at(seq), author, to, edited_at, body }
    });
    let all: Vec<_> = numbered.collect();
    assert_eq!(all.last().map(|entry| entry.seq), Some(LAST_SEQ));
    assert_eq!(all.iter().filter_map(|entry| entry.public_seq).max(), Some(LAST_PUBLIC));
    every_body_is_there(&all);
    all
}

fn every_body_is_there(all: &[Entry]) {
    let variant = |entry: &Entry| match entry.body {
        Body::Message { .. } => 0,
        Body::Note { .. } => 1,
        Body::Whisper { .. } => 2,
        Body::System { .. } => 3,
        Body::Edit { .. } => 4,
        Body::Deletion { .. } => 5,
        Body::Deleted { .. } => 6,
    };
    all_seen(7, all.iter().map(variant));
}

/// What the customer sees of it.
pub(super) fn customer_entries() -> Vec<CustomerEntry> {
    transcript().iter().filter_map(CustomerEntry::of).collect()
}

/// What staff sees of it.
pub(super) fn staff_entries() -> Vec<StaffEntry> {
    transcript().iter().map(Into::into).collect()
}

/// The entry that another one edits or deletes, for staff.
pub(super) const fn target_of(body: &Body) -> Option<Seq> {
    match body {
        Body::Edit { target, .. } | Body::Deletion { target, .. } => Some(*target),
        Body::Message { .. }
        | Body::Note { .. }
        | Body::Whisper { .. }
        | Body::System { .. }
        | Body::Deleted { .. } => None,
    }
}

/// The entry that another one edits or deletes, for the customer.
pub(super) const fn public_target_of(body: &CustomerBody) -> Option<PublicSeq> {
    match body {
        CustomerBody::Edit { target } | CustomerBody::Deletion { target } => Some(*target),
        CustomerBody::Message { .. } | CustomerBody::System { .. } | CustomerBody::Deleted => None,
    }
}

/// Those of the transcript that were edited or deleted.
pub(super) fn customer_targets() -> Vec<CustomerEntry> {
    let all = customer_entries();
    let named = |it: &CustomerEntry| all.iter().any(|by| public_target_of(&by.body) == Some(it.public_seq));
    all.iter().filter(|it| named(it)).cloned().collect()
}

/// The same for staff.
pub(super) fn staff_targets() -> Vec<StaffEntry> {
    let all = staff_entries();
    let named = |it: &StaffEntry| all.iter().any(|by| target_of(&by.body) == Some(it.seq));
    all.iter().filter(|it| named(it)).cloned().collect()
}
