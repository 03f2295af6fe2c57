//! More desks than one in one store.

use std::sync::Arc;

use super::super::observe::{Observation, STAFF};
use super::super::owner::Owner;
use super::super::{Scribe, Storage};
use crate::{
    AgentId, AuthorKey, Batch, ChatId, ClientMsgId, CustomerId, DeskId, EventNo, Fence, Loaded, Revision, Side,
    Snapshot, Store, StoreError, StoreErrorKind,
};

const READER: &str = "outbox";

pub(in super::super) async fn desks_are_apart(storage: &dyn Storage) {
    let mut owner = Owner::of(storage.open().await).await;
    let mut scribe = Scribe::new(16);
    let chat = scribe.open_chat();
    scribe.assign(chat);
    scribe.message(chat, Side::Customer);
    scribe.carry_on(40);
    owner.commit(scribe.take()).await;
    owner.store.set_cursor(&owner.desk, READER, EventNo(3)).await.expect("set_cursor");

    let other = DeskId::new("another-desk").expect("a legal name");
    match owner.store.acquire(&other).await {
        Err(error) if error.kind() == StoreErrorKind::Unsupported => refused(&*owner.store, &other).await,
        outcome => {
            outcome.expect("a second desk, or `Unsupported`");
            beside(owner, scribe, other).await;
        }
    }
}

/// A store of a single desk refuses every call for another.
async fn refused(store: &dyn Store, other: &DeskId) {
    fn kind<T>(outcome: Result<T, StoreError>) -> Option<StoreErrorKind> {
        outcome.err().map(|error| error.kind())
    }
    let author = AuthorKey::Agent(AgentId(1));
    let id = ClientMsgId::new("id").expect("visible ASCII");
    let kinds = [
        ("load", kind(store.load(other).await)),
        ("commit", kind(store.commit(other, Fence(1), Revision(0), Arc::new(Batch::default())).await)),
        ("entries", kind(store.entries(other, ChatId(1), STAFF).await)),
        ("chat", kind(store.chat(other, ChatId(1)).await)),
        ("dedupe", kind(store.dedupe(other, ChatId(1), author, &id).await)),
        ("last_agent", kind(store.last_agent(other, CustomerId(1)).await)),
        ("events_after", kind(store.events_after(other, EventNo(0), 1).await)),
        ("cursor", kind(store.cursor(other, READER).await)),
        ("set_cursor", kind(store.set_cursor(other, READER, EventNo(1)).await)),
    ];
    for (call, kind) in kinds {
        assert_eq!(kind, Some(StoreErrorKind::Unsupported), "{call} for a desk that was refused");
    }
}

/// Two desks with the same numbers for other things.
async fn beside(mut owner: Owner, mut scribe: Scribe, other: DeskId) {
    let mut second = Owner::of_desk(Arc::clone(&owner.store), other).await;
    let empty = Loaded { snapshot: Snapshot::default(), revision: second.revision };
    assert_eq!(second.load().await, empty, "a new desk beside one in use");
    let (store, desk) = (&owner.store, second.desk.clone());
    assert_eq!(store.entries(&desk, ChatId(1), STAFF).await.expect("entries"), [], "a new desk");
    assert_eq!(store.chat(&desk, ChatId(1)).await.expect("chat"), None, "a new desk");
    assert_eq!(store.events_after(&desk, EventNo(0), 10).await.expect("events_after"), [], "a new desk");
    assert_eq!(store.cursor(&desk, READER).await.expect("cursor"), EventNo(0), "a new desk");
    for customer in scribe.customers() {
        assert_eq!(store.last_agent(&desk, customer).await.expect("last_agent"), None, "a new desk");
    }
    for row in scribe.client_ids(ChatId(1)) {
        let found = store.dedupe(&desk, ChatId(1), row.author, &row.client_msg_id).await.expect("dedupe");
        assert_eq!(found, None, "a new desk");
    }

    let mut second_scribe = Scribe::new(17);
    for _ in 0..3 {
        write_and_compare(&mut second, &mut second_scribe, &owner, &scribe, 7).await;
        write_and_compare(&mut owner, &mut scribe, &second, &second_scribe, 9).await;
    }
    // A new owner of one desk does not turn out the other's.
    second.acquired = second.store.acquire(&second.desk).await.expect("acquire");
    write_and_compare(&mut owner, &mut scribe, &second, &second_scribe, 11).await;
}

/// What is written to one desk leaves the other as it was.
async fn write_and_compare(writer: &mut Owner, scribe: &mut Scribe, other: &Owner, known: &Scribe, cursor: u64) {
    let before = (Observation::of(&other.store, &other.desk, known).await, read_cursor(other).await);
    scribe.carry_on(20);
    writer.commit(scribe.take()).await;
    writer.store.set_cursor(&writer.desk, READER, EventNo(cursor)).await.expect("set_cursor");
    let after = (Observation::of(&other.store, &other.desk, known).await, read_cursor(other).await);
    assert_eq!(after, before, "{} after writing to {}", other.desk, writer.desk);
}

async fn read_cursor(owner: &Owner) -> EventNo {
    owner.store.cursor(&owner.desk, READER).await.expect("cursor")
}
