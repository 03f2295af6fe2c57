//! The write-ahead log stays bounded, whoever reads meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chatter_core::{Audience, ChatId, EventNo, Page, PageEnd, Seq, Store};

use super::{Owner, Place};
use crate::failure::Health;
use crate::pen::Pen;
use crate::wal::{Gauge, Marks, Mode, Step};
use crate::{SqliteOptions, SqliteStore, WalLimits, connect, desk};

/// A page and its header in the log.
const FRAME: u64 = 4_096 + 24;

const SMALL: WalLimits = WalLimits { move_pages: 50, finish_pages: 200, force_pages: 800 };

/// One batch of this test is far smaller than this.
const SLACK_PAGES: u64 = 100;

fn options(wal: WalLimits) -> SqliteOptions {
    // What is tested here does not depend on syncs, and there are many.
    SqliteOptions { wal, durability: crate::Durability::Normal, ..SqliteOptions::default() }
}

/// The longest the log was, in pages, while this many batches were committed.
async fn longest(place: &Place, owner: &mut Owner, batches: usize) -> u64 {
    let mut longest = 0;
    for _ in 0..batches {
        owner.scribe.carry_on(20);
        owner.commit().await;
        longest = longest.max(place.wal_len() / FRAME);
    }
    longest
}

/// Reads without a pause until told to stop, overlapping.
fn readers(store: &SqliteStore, owner: &Owner, stop: &Arc<AtomicBool>) -> Vec<tokio::task::JoinHandle<()>> {
    let reader = |_| {
        let (store, desk, stop) = (store.clone(), owner.desk.clone(), Arc::clone(stop));
        tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let audience = Audience::Staff { after: Seq(0), up_to: Seq(50) };
                let page = Page { audience, limit: 50, end: PageEnd::Newest };
                store.entries(&desk, ChatId(1), page).await.unwrap();
            }
        })
    };
    (0..3).map(reader).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_stays_bounded_under_writes_and_reads() {
    let place = Place::new();
    let mut owner = Owner::of(place.open_with(options(SMALL))).await;
    let stop = Arc::new(AtomicBool::new(false));
    let readers = readers(&owner.store.clone(), &owner, &stop);
    let longest_bounded = longest(&place, &mut owner, 600).await;
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
    // On a busy machine a reader may be put to sleep inside its read; then the writer tries again a little later.
    let bound = u64::from(SMALL.force_pages + 3 * SMALL.finish_pages) + SLACK_PAGES;
    assert!(longest_bounded <= bound, "{longest_bounded} pages, at most {bound} were promised");

    // The same writes with marks that are never reached: the log would have been longer.
    let place = Place::new();
    let never = WalLimits { move_pages: u32::MAX, finish_pages: u32::MAX, force_pages: u32::MAX };
    let mut owner = Owner::of(place.open_with(options(never))).await;
    let unbounded = longest(&place, &mut owner, 600).await;
    assert!(unbounded > 2 * bound, "only {unbounded} pages were written, the test shows nothing");
}

#[test]
fn the_writer_finishes_what_the_checkpointer_leaves() {
    let place = Place::new();
    place.open().close();
    let (gauge, health) = (Arc::new(Gauge::default()), Arc::new(Health::default()));
    let connect = || connect::writer(&place.path(), &options(SMALL)).unwrap();
    let (beside, reader) = (connect(), connect());
    let mut pen = Pen::new(place.path(), options(SMALL), connect(), Arc::clone(&gauge), Arc::clone(&health)).unwrap();
    let mut commits = (1..).map(EventNo);
    let mut commit = |pen: &mut Pen| {
        let at = commits.next().unwrap();
        pen.transaction(|conn| desk::set_cursor(conn, &format!("reader {at}"), at)).unwrap();
        gauge.pages()
    };

    let (mut finished, mut anew, mut before) = (0, 0, 0);
    for _ in 0..2_000 {
        let pages = commit(&mut pen);
        assert!(pages <= SMALL.finish_pages + SMALL.move_pages, "{pages} pages");
        anew += u32::from(pages < before);
        before = pages;
        match pen.tend_log() {
            Step::Nothing => {}
            // A pass that a commit overtakes: a reader holds it back at the state before that commit.
            Step::Move => {
                reader.execute_batch("BEGIN; SELECT count(*) FROM cursors").unwrap();
                commit(&mut pen);
                gauge.checkpoint(&beside, Mode::Passive, &health);
                reader.execute_batch("ROLLBACK").unwrap();
                assert!((1..10).contains(&gauge.left()), "{} pages are left", gauge.left());
            }
            Step::Finish => {
                finished += 1;
                assert_eq!(gauge.left(), 0);
            }
            Step::Force => panic!("there was nobody to wait for"),
        }
    }
    assert!(finished > 3, "the log was finished {finished} times");
    assert_eq!(anew, finished, "it starts anew after each");
}

#[tokio::test]
async fn a_long_read_makes_it_longer_only_while_it_lasts() {
    let place = Place::new();
    let mut owner = Owner::of(place.open_with(options(SMALL))).await;
    let pinning = connect::reader(&place.path(), &options(SMALL)).unwrap();
    longest(&place, &mut owner, 1).await;
    pinning.execute_batch("BEGIN; SELECT count(*) FROM entries").unwrap();
    let before: i64 = pinning.query_row("SELECT count(*) FROM entries", [], |row| row.get(0)).unwrap();

    let mut batches = 0;
    while place.wal_len() / FRAME < 2 * u64::from(SMALL.force_pages) {
        longest(&place, &mut owner, 10).await;
        batches += 10;
        assert!(batches < 5_000, "the log does not grow under a read that lasts");
    }
    // It still sees its own state.
    let after: i64 = pinning.query_row("SELECT count(*) FROM entries", [], |row| row.get(0)).unwrap();
    assert_eq!(before, after);
    pinning.execute_batch("ROLLBACK").unwrap();

    batches = 0;
    while place.wal_len() / FRAME > u64::from(SMALL.force_pages) {
        longest(&place, &mut owner, 1).await;
        batches += 1;
        assert!(batches < 500, "the log was not emptied after the read had ended");
    }
}

#[test]
fn each_mark_is_passed_once_until_the_log_starts_anew() {
    let mut marks = Marks::new(WalLimits { move_pages: 10, finish_pages: 40, force_pages: 100 });
    // The length, what the checkpointer has left over, and the step.
    let table = [
        (9, 9, Step::Nothing),
        (10, 10, Step::Move),
        (15, 5, Step::Nothing),
        (21, 11, Step::Move),
        (41, 20, Step::Move),
        (42, 3, Step::Finish),
        (43, 1, Step::Nothing),
        (53, 11, Step::Move),
        (54, 2, Step::Finish),
        (100, 60, Step::Force),
        (101, 61, Step::Move),
        (139, 99, Step::Move),
        (140, 100, Step::Force),
        // Anew.
        (2, 2, Step::Nothing),
        (10, 10, Step::Move),
        (40, 10, Step::Finish),
    ];
    for (pages, left, step) in table {
        assert_eq!(marks.step(pages, left), step, "at {pages} pages, {left} left");
    }
}
