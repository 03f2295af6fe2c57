//! The one thread that writes, and the queue before it.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use chatter_core::StoreError;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::checkpointer::Bell;
use crate::failure::{Closed, Failure};
use crate::pen::Pen;
use crate::wal::Step;

/// Writes that may wait; an engine has one of its own, the rest are cursors and plain rows.
const QUEUE_MAX: usize = 64;

/// One write, its answer included.
type Job = Box<dyn FnOnce(&mut Pen) + Send>;

/// The way to the writer's thread. Writes are done one by one, in the order they came.
#[derive(Debug)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    closing: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(pen: Pen, bell: Bell) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE_MAX);
        let closing = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&closing);
        let thread =
            std::thread::Builder::new().name("chatter-write".into()).spawn(move || run(queue, pen, &bell, &asked))?;
        Ok(Self { jobs, closing, thread: Mutex::new(Some(thread)) })
    }

    /// Does `work` in a transaction and waits until it is durable. Dropping the future leaves it open
    /// whether the work is done.
    pub(crate) async fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |pen| {
            // Nobody listens any more: the write stands all the same.
            let _ = answer.send(pen.transaction(work));
        });
        self.jobs.send(job).await.map_err(|_| Closed)?;
        answered.await.unwrap_or_else(|_| Err(Closed.into()))
    }

    /// Lets the thread do what waits, empty the log and end. Blocks until it has.
    pub(crate) fn close(&self) {
        let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        self.closing.store(true, Ordering::Release);
        // Wakes an idle thread; a full queue wakes it by itself.
        let _ = self.jobs.try_send(Box::new(|_| {}));
        if thread.join().is_err() {
            tracing::error!("the writer's thread had panicked");
        }
    }
}

fn run(mut queue: mpsc::Receiver<Job>, mut pen: Pen, bell: &Bell, closing: &AtomicBool) {
    while let Some(job) = queue.blocking_recv() {
        job(&mut pen);
        if pen.tend_log() == Step::Move {
            bell.ring();
        }
        if closing.load(Ordering::Acquire) {
            queue.close();
        }
    }
    pen.close();
}
