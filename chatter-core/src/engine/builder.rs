use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::{mpsc, watch};

use super::answer::Greeting;
use super::clock::Clock;
use super::record::Recorder;
use super::task::{Mode, Pending, Task};
use super::{Engine, Shared};
use crate::desk::{Desk, DeskSettings};
use crate::policy::{AssignmentPolicy, LongestWait, Policies};
use crate::protocol::LimitsView;
use crate::{DeskId, Store, StoreError, Text, Time};

/// Inputs that wait for the engine; past it sessions wait to hand over theirs.
const INBOX: usize = 1_024;

/// Settings of an engine, before it starts.
pub struct EngineBuilder {
    store: Arc<dyn Store>,
    desk: DeskId,
    settings: DeskSettings,
    policies: Policies,
    frame_bytes_max: u32,
    wall: Option<Time>,
    record: Option<Box<dyn Write + Send>>,
    #[cfg(feature = "testing")]
    watch: super::lookout::Watch,
}

impl EngineBuilder {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            desk: DeskId::default(),
            settings: DeskSettings::default(),
            policies: Policies::new(Arc::new(LongestWait)),
            frame_bytes_max: 16 * 1024,
            wall: None,
            record: None,
            #[cfg(feature = "testing")]
            watch: super::lookout::Watch::default(),
        }
    }

    /// The desk to run; `main` by default.
    #[must_use]
    pub fn desk(self, desk: DeskId) -> Self {
        Self { desk, ..self }
    }

    /// Durations and rates of the desk.
    #[must_use]
    pub fn settings(self, settings: DeskSettings) -> Self {
        Self { settings, ..self }
    }

    /// How chats and agents are matched, where a category does not say otherwise; longest wait by default.
    #[must_use]
    pub fn policy(self, policy: Arc<dyn AssignmentPolicy>) -> Self {
        self.policies(Policies::new(policy))
    }

    /// The policies to choose from, and the desk's own among them.
    #[must_use]
    pub fn policies(self, policies: Policies) -> Self {
        Self { policies, ..self }
    }

    /// The largest frame that the transports in use take, told to clients; 16 KiB by default.
    #[must_use]
    pub fn frame_bytes_max(self, frame_bytes_max: u32) -> Self {
        Self { frame_bytes_max, ..self }
    }

    /// The wall time to begin at, instead of this machine's: for tests and simulations. From there time
    /// runs with tokio's clock.
    #[must_use]
    pub fn wall_time(self, wall: Time) -> Self {
        Self { wall: Some(wall), ..self }
    }

    /// Records every input to a writer, one JSON object a line, for [`replay`](super::replay).
    #[must_use]
    pub fn record(self, writer: Box<dyn Write + Send>) -> Self {
        Self { record: Some(writer), ..self }
    }

    /// Shows the desk to `look` after every step, for tests and simulations: what it did is not durable yet.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn watch(self, look: impl FnMut(&Desk) + Send + 'static) -> Self {
        Self { watch: super::lookout::Watch::new(look), ..self }
    }

    /// Acquires the desk, loads it and runs.
    ///
    /// # Errors
    /// When the desk is held by another owner, or cannot be read.
    pub async fn start(self) -> Result<Engine, StoreError> {
        let acquired = self.store.acquire(&self.desk).await?;
        let loaded = self.store.load(&self.desk).await?;
        let wall = self.wall.unwrap_or_else(Clock::wall);
        let clock = Clock::starting_at(wall, loaded.snapshot.last_event_at);
        let now = clock.now();
        let recorded = self.record.is_some().then(|| loaded.snapshot.clone());
        let greeting = self.greeting(acquired.history);
        let desk = Desk::restore(loaded.snapshot, now, self.settings, self.policies.clone());
        let mut recorder = self.record.map(Recorder::new);
        if let (Some(recorder), Some(snapshot)) = (&mut recorder, recorded) {
            recorder.restored(now, &desk, self.policies.desk().name(), snapshot, Vec::new(), Vec::new());
        }
        let shared = Arc::new(Shared {
            store: self.store,
            desk: self.desk,
            history: acquired.history,
            fence: acquired.fence,
            next_session: AtomicU64::new(1),
        });
        let (inbox, received) = mpsc::channel(INBOX);
        let (ended, stopped) = watch::channel(None);
        let task = Task {
            desk,
            policies: self.policies,
            clock,
            shared: Arc::clone(&shared),
            fence: acquired.fence,
            revision: loaded.revision,
            greeting,
            links: BTreeMap::new(),
            told: BTreeMap::new(),
            pending: Pending::default(),
            in_flight: None,
            mode: Mode::Serving,
            probing: None,
            lost: Vec::new(),
            parked: BTreeMap::new(),
            looked_up: mpsc::unbounded_channel(),
            recorder,
            #[cfg(feature = "testing")]
            watch: self.watch,
            inbox: received,
            stopping: Vec::new(),
        };
        tokio::spawn(async move {
            let why = task.run().await;
            ended.send_replace(Some(Arc::new(why)));
        });
        Ok(Engine { shared, inbox, stopped })
    }

    fn greeting(&self, history: crate::HistoryId) -> Greeting {
        let limits = LimitsView {
            text_chars_max: u32::try_from(Text::MAX_CHARS).unwrap_or(u32::MAX),
            frame_bytes_max: self.frame_bytes_max,
            messages_per_second: self.settings.messages_per_second,
            messages_burst: self.settings.messages_burst,
            edit_within_s: self.settings.edit_within.as_secs(),
            typing_preview: self.settings.typing_preview,
        };
        Greeting { desk: self.desk.clone(), history, limits }
    }
}

impl std::fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineBuilder")
            .field("store", &self.store)
            .field("desk", &self.desk)
            .field("settings", &self.settings)
            .field("policies", &self.policies)
            .field("record", &self.record.is_some())
            .finish_non_exhaustive()
    }
}
