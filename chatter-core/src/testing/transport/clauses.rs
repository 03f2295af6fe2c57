//! The tests of the clauses.
//!
//! Each looks at one clause only: order is compared only where order is the matter, elsewhere what arrived
//! is a set. So a transport that breaks one clause fails that one alone, and its author knows where to look.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

use super::{Peer, Rig, Seen};
use crate::protocol::{CustomerFrame, Framed};
use crate::{ChatId, CloseReason, Fence, Handed, Name, Transport};

/// More frames of a KiB than any transport should hold for a peer that does not read: 100 MiB.
const BOUND: usize = 100_000;

/// How long a transport may take to notice what is going on; far beyond what any needs.
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) async fn frames_arrive_in_order(rig: &dyn Rig) {
    let (transport, mut peer) = rig.connect().await;
    let mut sent = Vec::new();
    // One by one and many at once, of ordinary size and far beyond any buffer, of one and many bytes a letter.
    for (batch, size) in [(1, 10), (2, 0), (3, 4_096), (1, 70_000), (7, 1), (40, 200)] {
        let frames: Vec<_> = (0..batch).map(|index| frame(&"ü✓".repeat(size / 5), sent.len() + index)).collect();
        assert_eq!(transport.send(&frames), Handed::Taken, "the peer reads");
        sent.extend(frames.iter().map(|frame| frame.json().to_owned()));
        for expected in &sent[sent.len() - batch..] {
            assert_eq!(peer.next().await, Seen::Frame(expected.clone()));
        }
    }
    let last = frame("last", 0);
    assert_eq!(transport.send(&[Arc::clone(&last)]), Handed::Taken);
    assert_eq!(peer.next().await, Seen::Frame(last.json().to_owned()), "nothing comes twice");
}

pub(super) async fn send_never_waits(rig: &dyn Rig) {
    let (transport, peer) = rig.connect().await;
    let frames = [frame("", 0), frame("", 1)];
    send_often(Arc::clone(&transport), frames.to_vec(), "the peer does not read").await;
    peer.vanish().await;
    send_often(transport, frames.to_vec(), "the peer has gone").await;
}

/// Sends on a thread of its own, so that a `send` that waits does not keep this one as well.
async fn send_often(transport: Arc<dyn Transport<CustomerFrame>>, frames: Vec<Arc<Framed<CustomerFrame>>>, when: &str) {
    let (done, returned) = oneshot::channel();
    let runtime = Handle::current();
    std::thread::spawn(move || {
        let _entered = runtime.enter();
        for _ in 0..20_000 {
            let _any = transport.send(&frames);
        }
        // Nobody listens when the test has failed already.
        let _ = done.send(());
    });
    timeout(PATIENCE, returned)
        .await
        .unwrap_or_else(|_| panic!("send waits while {when}"))
        .expect("send must not panic");
}

pub(super) async fn full_is_bounded(rig: &dyn Rig) {
    let (transport, mut peer) = rig.connect().await;
    let padding = "x".repeat(1_000);
    let mut taken = BTreeSet::new();
    for round in 0.. {
        assert!(taken.len() < BOUND, "more than {BOUND} frames were taken for a peer that does not read");
        let frames: Vec<_> = (0..3).map(|index| frame(&padding, round * 3 + index)).collect();
        match transport.send(&frames) {
            Handed::Taken => taken.extend(frames.iter().map(|frame| frame.json().to_owned())),
            Handed::Full => break,
            Handed::Gone => panic!("the peer has not gone"),
        }
        yield_now().await;
    }
    let arrived = read_frames(&mut *peer, taken.len()).await;
    assert!(arrived == taken, "what was taken, and nothing else, arrives once the peer reads");
    let marker = frame("marker", 0);
    assert_eq!(transport.send(&[Arc::clone(&marker)]), Handed::Taken, "there is room again");
    let next = peer.next().await;
    assert!(next == Seen::Frame(marker.json().to_owned()), "a full send takes none of its frames");
}

pub(super) async fn ephemera_give_way(rig: &dyn Rig) {
    let (transport, mut peer) = rig.connect().await;
    for _ in 0..20_000 {
        let storm: Vec<_> = (0..3).map(|_| ephemeron()).collect();
        assert_eq!(transport.send(&storm), Handed::Taken, "what is ephemeral never fills a connection");
    }
    let lasting = [frame("alone", 0), frame("among others", 1), frame("the last", 2)];
    assert_eq!(transport.send(&lasting[..1]), Handed::Taken, "there is room for what lasts");
    assert_eq!(transport.send(&[ephemeron(), Arc::clone(&lasting[1]), ephemeron()]), Handed::Taken);
    assert_eq!(transport.send(&lasting[2..]), Handed::Taken);
    let sent: BTreeSet<_> = lasting.iter().map(|frame| frame.json().to_owned()).collect();
    let mut arrived = BTreeSet::new();
    while !arrived.contains(lasting[2].json()) {
        match peer.next().await {
            Seen::Frame(json) if json == ephemeron().json() => {}
            Seen::Frame(json) => drop(arrived.insert(json)),
            Seen::Closed(code) => panic!("closed with {code:?}"),
        }
    }
    assert_eq!(arrived, sent, "what lasts arrives");
}

pub(super) async fn gone_is_told(rig: &dyn Rig) {
    let (transport, peer) = rig.connect().await;
    transport.close(CloseReason::Done);
    assert_eq!(transport.send(&[frame("late", 0)]), Handed::Gone, "after close");
    drop(peer);

    let (transport, peer) = rig.connect().await;
    peer.vanish().await;
    let noticed = async {
        while transport.send(&[frame("into the void", 0)]) != Handed::Gone {
            sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(PATIENCE, noticed).await.expect("a peer that has gone must be noticed");
}

pub(super) async fn close_is_seen(rig: &dyn Rig) {
    for reason in [CloseReason::Done, CloseReason::TryLater, CloseReason::SignedOut] {
        let (transport, mut peer) = rig.connect().await;
        let frames: Vec<_> = (0..20).map(|index| frame("before the end", index)).collect();
        assert_eq!(transport.send(&frames), Handed::Taken);
        transport.close(reason);
        let arrived = read_frames(&mut *peer, frames.len()).await;
        assert!(arrived == frames.iter().map(|frame| frame.json().to_owned()).collect(), "taken before the close");
        assert_eq!(peer.next().await, Seen::Closed(Some(reason.code())), "{reason:?}");
    }
    let (transport, mut peer) = rig.connect().await;
    assert_eq!(transport.send(&[frame("perhaps", 0)]), Handed::Taken);
    transport.close(CloseReason::Slow);
    read_to_end(&mut *peer).await;
}

pub(super) async fn close_is_idempotent(rig: &dyn Rig) {
    let (transport, mut peer) = rig.connect().await;
    transport.close(CloseReason::Restarting);
    transport.close(CloseReason::Revoked);
    transport.close(CloseReason::Restarting);
    transport.close(CloseReason::Slow);
    assert_eq!(read_to_end(&mut *peer).await, Some(CloseReason::Restarting.code()), "only the first close counts");
}

/// A frame that is told from others by its number.
fn frame(words: &str, number: usize) -> Arc<Framed<CustomerFrame>> {
    let reference = Some(format!("{number} {words}"));
    Arc::new(Framed::new(Fence(1), CustomerFrame::Pong { reference }))
}

/// A frame that may be left out.
fn ephemeron() -> Arc<Framed<CustomerFrame>> {
    let agent = Name::new("Ada").expect("a name");
    Arc::new(Framed::new(Fence(1), CustomerFrame::Typing { chat: ChatId(1), agent, typing: true }))
}

async fn read_frames(peer: &mut dyn Peer, count: usize) -> BTreeSet<String> {
    let mut arrived = BTreeSet::new();
    for _ in 0..count {
        match peer.next().await {
            Seen::Frame(json) => arrived.insert(json),
            Seen::Closed(code) => panic!("closed with {code:?} after {} of {count} frames", arrived.len()),
        };
    }
    arrived
}

async fn read_to_end(peer: &mut dyn Peer) -> Option<u16> {
    loop {
        if let Seen::Closed(code) = peer.next().await {
            return code;
        }
    }
}
