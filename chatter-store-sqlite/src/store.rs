//! The store itself: one file, one writer, several readers.

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use async_trait::async_trait;
use chatter_core::{
    Acquired, AgentId, AuthorKey, Batch, ChatId, ChatRecord, ClientMsgId, CustomerId, DedupeRow, DeskId, Entry, Event,
    EventNo, Fence, Loaded, Page, Revision, Store, StoreError,
};

use crate::failure::{Failure, Health, Stage};
use crate::files::{self, Found};
use crate::lock::FileLock;
use crate::open_error::{OpenError, OpenRule};
use crate::options::SqliteOptions;
use crate::pen::Pen;
use crate::readers::Readers;
use crate::rows::{chat, event};
use crate::wal::Gauge;
use crate::writer::Writer;
use crate::{checkpointer, commit, connect, create, desk, load, pages, schema};

/// A desk in an SQLite file. Clones share it; the file is closed with the last of them, or by
/// [`close`](SqliteStore::close).
///
/// Its futures must be polled inside a tokio runtime, as reads go to the runtime's threads for blocking
/// work.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) writer: Writer,
    pub(crate) readers: Readers,
    /// The desk that the file keeps, once there is one; it never changes then.
    desk: OnceLock<DeskId>,
    checkpointer: Mutex<Option<JoinHandle<()>>>,
    /// Given back after everything that touches the file has ended.
    lock: Mutex<Option<FileLock>>,
}

impl SqliteStore {
    /// Opens the database at `path`, making it if nothing is there, and brings its schema up to date.
    ///
    /// Blocks: it reads and syncs files, and waits for threads to start. A program opens its store
    /// before it serves, or by `spawn_blocking`.
    ///
    /// # Errors
    /// [`OpenError`] names the file and the rule it breaks. Whatever is at `path` and is not a sound
    /// database of Chatter, or the trace of one, is refused and left as it is; a new database is made
    /// only where nothing is.
    pub fn open(path: impl AsRef<Path>, options: SqliteOptions) -> Result<Self, OpenError> {
        let path = path.as_ref();
        open(path, options).map_err(|rule| rule.at(path))
    }

    /// Finishes the writes that wait, empties the log, closes the file and lets go of its lock. Every
    /// later call of any clone fails. Blocks until all is done; dropping the last clone does the same.
    pub fn close(&self) {
        self.inner.close();
    }

    /// Refuses a desk that is not the one kept here. A file that keeps none yet holds nothing, so any
    /// desk reads as empty.
    fn check_desk(&self, desk: &DeskId) -> Result<(), StoreError> {
        match self.inner.desk.get() {
            Some(kept) if kept != desk => Err(Failure::OtherDesk { kept: kept.clone() }.into_error(Stage::Before)),
            _ => Ok(()),
        }
    }
}

fn open(path: &Path, options: SqliteOptions) -> Result<SqliteStore, OpenRule> {
    connect::check_library()?;
    let path = files::resolve(path)?;
    if path.is_dir() {
        return Err(OpenRule::NotAFile);
    }
    let lock = FileLock::take(&path)?;
    if files::inspect(&path)? == Found::Nothing {
        create::create(&path)?;
    }
    let mut conn = connect::writer(&path, &options)?;
    schema::migrate(&mut conn)?;
    if options.quick_check {
        connect::quick_check(&conn)?;
    }
    let known = desk::kept(&conn).map_err(OpenRule::from)?;
    let health = Arc::new(Health::default());
    let gauge = Arc::new(Gauge::default());
    let readers = Readers::open(path.clone(), options.clone(), Arc::clone(&health))?;
    let beside = connect::writer(&path, &options)?;
    let pen = Pen::new(path, options, conn, Arc::clone(&gauge), Arc::clone(&health))?;
    let (bell, checkpointer) = checkpointer::start(beside, gauge, health)?;
    let writer = Writer::start(pen, bell)?;
    Ok(SqliteStore {
        inner: Arc::new(Inner {
            writer,
            readers,
            desk: known.map_or_else(OnceLock::new, OnceLock::from),
            checkpointer: Mutex::new(Some(checkpointer)),
            lock: Mutex::new(Some(lock)),
        }),
    })
}

impl From<Failure> for OpenRule {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Sqlite(error) => error.into(),
            Failure::Illegal { .. } | Failure::Unstorable { .. } | Failure::OtherDesk { .. } | Failure::Stale => {
                Self::Damaged { found: failure.to_string() }
            }
        }
    }
}

impl Inner {
    fn close(&self) {
        self.readers.close();
        self.writer.close();
        // The writer's thread owned what keeps this one alive.
        if let Some(thread) = taken(&self.checkpointer)
            && thread.join().is_err()
        {
            tracing::error!("the checkpointer's thread had panicked");
        }
        drop(taken(&self.lock));
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

fn taken<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

#[async_trait]
impl Store for SqliteStore {
    async fn acquire(&self, desk: &DeskId) -> Result<Acquired, StoreError> {
        self.check_desk(desk)?;
        let wanted = desk.clone();
        let acquired = self.inner.writer.write(move |conn| desk::acquire(conn, &wanted)).await?;
        // Two first acquirers of two desks: the file took one, and the other was refused above.
        let _ = self.inner.desk.set(desk.clone());
        Ok(acquired)
    }

    async fn load(&self, desk: &DeskId) -> Result<Loaded, StoreError> {
        self.check_desk(desk)?;
        self.inner.readers.read(load::load).await
    }

    async fn commit(
        &self,
        desk: &DeskId,
        fence: Fence,
        revision: Revision,
        batch: Arc<Batch>,
    ) -> Result<Revision, StoreError> {
        self.check_desk(desk)?;
        self.inner.writer.write(move |conn| commit::commit(conn, fence, revision, &batch)).await
    }

    async fn entries(&self, desk: &DeskId, chat: ChatId, page: Page) -> Result<Vec<Entry>, StoreError> {
        self.check_desk(desk)?;
        self.inner.readers.read(move |conn| pages::entries(conn, chat, page)).await
    }

    async fn chat(&self, desk: &DeskId, chat: ChatId) -> Result<Option<ChatRecord>, StoreError> {
        self.check_desk(desk)?;
        self.inner.readers.read(move |conn| chat::one(conn, chat)).await
    }

    async fn dedupe(
        &self,
        desk: &DeskId,
        chat: ChatId,
        author: AuthorKey,
        client_msg_id: &ClientMsgId,
    ) -> Result<Option<DedupeRow>, StoreError> {
        self.check_desk(desk)?;
        let id = client_msg_id.clone();
        self.inner.readers.read(move |conn| pages::client_id(conn, chat, author, &id)).await
    }

    async fn last_agent(&self, desk: &DeskId, customer: CustomerId) -> Result<Option<AgentId>, StoreError> {
        self.check_desk(desk)?;
        self.inner.readers.read(move |conn| chat::last_agent(conn, customer)).await
    }

    async fn events_after(&self, desk: &DeskId, after: EventNo, limit: usize) -> Result<Vec<Event>, StoreError> {
        self.check_desk(desk)?;
        self.inner.readers.read(move |conn| event::after(conn, after, limit)).await
    }

    async fn cursor(&self, desk: &DeskId, reader: &str) -> Result<EventNo, StoreError> {
        self.check_desk(desk)?;
        let reader = reader.to_owned();
        self.inner.readers.read(move |conn| desk::cursor(conn, &reader)).await
    }

    async fn set_cursor(&self, desk: &DeskId, reader: &str, at: EventNo) -> Result<(), StoreError> {
        self.check_desk(desk)?;
        let reader = reader.to_owned();
        self.inner.writer.write(move |conn| desk::set_cursor(conn, &reader, at)).await
    }
}
