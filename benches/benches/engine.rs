//! How many messages the engine takes with a store that costs nothing: many customers who each have some under way.

use std::sync::Arc;
use std::time::Duration;

use chatter_benches::measuring;
use chatter_core::desk::DeskSettings;
use chatter_core::engine::Engine;
use chatter_core::protocol::{Command, CustomerFrame, JoinQueue, SendMessage};
use chatter_core::session::{Flow, Inbox, Session};
use chatter_core::{CategoryId, CategoryRecord, ChatId, ClientMsgId, CustomerId, MemoryStore, Name, Text};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tokio::runtime::Runtime;

/// Messages of one customer under way.
const AHEAD: u64 = 8;

struct Customer {
    session: Session,
    inbox: Inbox<CustomerFrame>,
    chat: ChatId,
    said: u64,
}

impl Customer {
    async fn new(engine: &Engine, number: u128) -> Self {
        let (session, mut inbox) = engine.connect_customer(CustomerId(number)).await.expect("the engine runs");
        let name = Name::new("Customer").expect("a good name");
        let flow = session.receive(Command::JoinQueue(JoinQueue::new(name))).await;
        assert_eq!(flow, Flow::Continue);
        let chat = loop {
            if let CustomerFrame::Queued { chat, .. } = inbox.next().await.expect("it is not closed").frame() {
                break chat.chat;
            }
        };
        Self { session, inbox, chat, said: 0 }
    }

    async fn send(&mut self) {
        self.said += 1;
        let id = ClientMsgId::new(&self.said.to_string()).expect("a legal id");
        let text = Text::new("Where is my parcel?").expect("a legal text");
        let flow = self.session.receive(Command::SendMessage(SendMessage::new(self.chat, id, text))).await;
        assert_eq!(flow, Flow::Continue);
    }

    async fn accepted(&mut self) {
        let mut waiting = AHEAD;
        while waiting > 0 {
            let frame = self.inbox.next().await.expect("it is not closed");
            assert!(!matches!(frame.frame(), CustomerFrame::Error { .. }), "refused: {:?}", frame.frame());
            waiting -= u64::from(matches!(frame.frame(), CustomerFrame::Accepted { .. }));
        }
    }
}

async fn crowd(customers: u128) -> Vec<Customer> {
    let settings = DeskSettings { messages_per_second: 0, ..DeskSettings::default() };
    let engine = Engine::builder(Arc::new(MemoryStore::new())).settings(settings).start().await.expect("it starts");
    let general = Name::new("General").expect("a good name");
    engine.set_category(CategoryRecord::new(CategoryId(1), general)).await.expect("a category");
    let mut crowd = Vec::new();
    for number in 1..=customers {
        crowd.push(Customer::new(&engine, number).await);
    }
    crowd
}

/// Everybody sends, then everybody waits until all of theirs is stored.
async fn round(crowd: &mut [Customer]) {
    for _ in 0..AHEAD {
        for customer in crowd.iter_mut() {
            customer.send().await;
        }
    }
    for customer in crowd {
        customer.accepted().await;
    }
}

fn messages(criterion: &mut Criterion) {
    // One thread, as the engine is one task: what is measured is its cost, not what a second core hides.
    let runtime: Runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut group = criterion.benchmark_group("engine/messages");
    group.sample_size(10).measurement_time(Duration::from_secs(2));
    let sizes: &[u128] = if measuring() { &[1, 50, 500] } else { &[1, 5] };
    for size in sizes {
        let mut crowd = runtime.block_on(crowd(*size));
        group.throughput(Throughput::Elements(crowd.len() as u64 * AHEAD));
        group.bench_function(BenchmarkId::from_parameter(format!("{size} customers")), |bencher| {
            bencher.iter(|| runtime.block_on(round(&mut crowd)));
        });
    }
    group.finish();
}

criterion_group!(engine, messages);
criterion_main!(engine);
