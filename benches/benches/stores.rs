//! What the stores cost: a commit of 1 to 1,000 messages, a page of history, and loading what a desk goes on from.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chatter_benches::{Talk, measuring};
use chatter_core::{Audience, ChatId, DeskId, Fence, MemoryStore, Page, PageEnd, PublicSeq, Revision, Store};
use chatter_store_sqlite::{SqliteOptions, SqliteStore};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tokio::runtime::Runtime;

/// A store, who owns it and where it stands.
struct Owned {
    store: Arc<dyn Store>,
    desk: DeskId,
    fence: Fence,
    revision: Revision,
    talk: Talk,
}

impl Owned {
    async fn new(store: Arc<dyn Store>, chats: u64) -> Self {
        let desk = DeskId::default();
        let fence = store.acquire(&desk).await.expect("an empty store").fence;
        let mut owned = Self { store, desk, fence, revision: Revision(0), talk: Talk::new(chats) };
        owned.commit(0).await;
        owned
    }

    /// Commits a batch of so many messages and tells how long that took.
    async fn commit(&mut self, messages: usize) -> Duration {
        let batch = self.talk.batch(messages);
        let began = Instant::now();
        let committed = self.store.commit(&self.desk, self.fence, self.revision, batch).await;
        let took = began.elapsed();
        self.revision = committed.expect("a sound batch");
        took
    }

    async fn page(&self, chat: ChatId) -> usize {
        let audience = Audience::Customer { after: PublicSeq(0), up_to: PublicSeq(u64::from(u32::MAX)) };
        let page = Page { audience, limit: 50, end: PageEnd::Newest };
        self.store.entries(&self.desk, chat, page).await.expect("a page").len()
    }

    async fn load(&self) -> usize {
        self.store.load(&self.desk).await.expect("it loads").snapshot.chats.len()
    }
}

fn sqlite(folder: &Path) -> Arc<dyn Store> {
    let store = SqliteStore::open(folder.join("bench.db"), SqliteOptions::default());
    Arc::new(store.expect("a new file"))
}

fn stores(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let chats = if measuring() { 1_000 } else { 20 };
    for kind in ["memory", "sqlite"] {
        let folder = tempfile::tempdir().expect("a folder");
        let store = if kind == "memory" { Arc::new(MemoryStore::new()) } else { sqlite(folder.path()) };
        let mut owned = runtime.block_on(Owned::new(store, chats));
        measure(criterion, &runtime, kind, &mut owned);
    }
}

fn measure(criterion: &mut Criterion, runtime: &Runtime, kind: &str, owned: &mut Owned) {
    let mut group = criterion.benchmark_group(format!("store/{kind}/commit"));
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    for messages in [1, 10, 100, 1_000] {
        group.throughput(Throughput::Elements(messages as u64));
        group.bench_function(BenchmarkId::from_parameter(messages), |bencher| {
            bencher.iter_custom(|iterations| (0..iterations).map(|_| runtime.block_on(owned.commit(messages))).sum());
        });
    }
    group.finish();
    let chat = owned.talk.first_chat();
    assert!(runtime.block_on(owned.page(chat)) > 0, "there is something to read");
    criterion.bench_function(&format!("store/{kind}/page"), |bencher| {
        bencher.iter(|| black_box(runtime.block_on(owned.page(chat))));
    });
    let mut group = criterion.benchmark_group(format!("store/{kind}/load"));
    group.sample_size(10);
    let chats = runtime.block_on(owned.load());
    group.bench_function(BenchmarkId::from_parameter(format!("{chats} chats")), |bencher| {
        bencher.iter(|| black_box(runtime.block_on(owned.load())));
    });
    group.finish();
}

criterion_group!(benches, stores);
criterion_main!(benches);
