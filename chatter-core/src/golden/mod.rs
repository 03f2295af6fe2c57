//! The forms that are kept or spoken, held byte for byte in `tests/golden`: one JSON object a line.
//!
//! `UPDATE_GOLDEN=1 cargo test -p chatter-core golden` writes the files anew; look at the difference
//! before you commit it. Events are only ever added to theirs, since stores keep what was written by
//! older releases: a line that is there must be read for ever.
//!
//! These tests live inside the crate because only here does a match over the enums have to name every
//! variant.

/// What makes pages of a chat for one side, which are alike in all but the types of what is in them.
macro_rules! page {
    ($frame:ident) => {
        |recovery, entries, targets, up_to| $frame::Page {
            reference: reference(),
            chat: CHAT,
            history: HISTORY,
            recovery,
            entries,
            targets,
            up_to,
        }
    };
}

pub(crate) mod commands;
mod customer;
mod events;
mod refusals;
mod samples;
mod secrecy;
mod staff;
mod transcript;
mod views;
mod work;

use std::fs;
use std::path::PathBuf;

use crate::Fence;
use crate::protocol::Framed;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// The objects of a file, without what holds them together.
fn stored(name: &str) -> Vec<String> {
    let text = fs::read_to_string(path(name)).unwrap_or_default();
    let objects = text.lines().filter(|line| line.starts_with('{'));
    objects.map(|line| line.strip_suffix(',').unwrap_or(line).to_owned()).collect()
}

fn store(name: &str, objects: &[String]) {
    let text = format!("[\n{}\n]\n", objects.join(",\n"));
    fs::write(path(name), text).expect("the golden files can be written where they are updated");
}

fn updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

/// Holds the forms of today against a file.
fn same(name: &str, objects: &[String]) {
    if updating() {
        store(name, objects);
    }
    for (stored, object) in stored(name).iter().zip(objects) {
        assert_eq!(stored, object, "{name} holds another form; UPDATE_GOLDEN=1 writes it anew");
    }
    assert_eq!(stored(name).len(), objects.len(), "{name} holds more or fewer forms; UPDATE_GOLDEN=1 writes it anew");
}

/// Holds the forms of today against a file that keeps those of earlier days too.
fn among(name: &str, objects: &[String]) {
    let mut all = stored(name);
    let new: Vec<_> = objects.iter().filter(|object| !all.contains(object)).cloned().collect();
    if updating() {
        all.extend(new);
        store(name, &all);
    } else {
        assert!(new.is_empty(), "{name} lacks these forms; UPDATE_GOLDEN=1 adds them: {new:#?}");
    }
}

/// Frames as they go out.
fn framed<F: serde::Serialize>(frames: Vec<F>) -> Vec<String> {
    frames.into_iter().map(|frame| Framed::new(Fence(3), frame).json().to_owned()).collect()
}

/// The last two of these entries: what is sent to whom nothing can be resumed.
fn newest<E>(mut entries: Vec<E>) -> Vec<E> {
    entries.split_off(entries.len() - 2)
}

/// Every variant has an example: `seen` are the numbers of the examples' variants, which are `0..count`.
fn all_seen(count: usize, seen: impl Iterator<Item = usize>) {
    let mut missing: Vec<usize> = (0..count).collect();
    for variant in seen {
        assert!(variant < count, "there are more variants than counted");
        missing.retain(|other| *other != variant);
    }
    assert!(missing.is_empty(), "no example of variants {missing:?}");
}
