//! The optional record of what a desk was asked, and its replay (row G4). A record holds what people
//! wrote: keep it as safe as the store.

use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use serde::{Deserialize, Serialize};

use crate::desk::{Change, Desk, DeskSettings, Input, LiveSession, RefusedMessage};
use crate::policy::Policies;
use crate::protocol::Command;
use crate::{ChatId, ClientMsgId, Event, SessionId, Snapshot, Time};

/// Lines that wait to be written. When the writer is slower than the desk, the desk waits.
const LINES_AHEAD: usize = 16_384;

/// One line of a record.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
enum Line {
    /// The desk went on from here: at the start, and after a failed write.
    Restored {
        now: Time,
        settings: Box<DeskSettings>,
        policy: String,
        snapshot: Box<Snapshot>,
        sessions: Vec<LiveSession>,
        refused: Vec<RefusedMessage>,
    },
    /// The desk took an input.
    Input { now: Time, of: Input },
    /// The desk did what was due.
    Due { now: Time },
    /// A message was refused while the desk decided nothing: it was being settled whether a write stands.
    Refused { now: Time, session: SessionId, chat: ChatId, client_msg_id: ClientMsgId },
    /// Those whose messages were refused like that were told only now.
    ToldLate { now: Time },
}

/// Writes a record on a thread of its own, so that the engine neither serialises nor waits for a disk.
#[derive(Debug)]
pub(super) struct Recorder {
    lines: SyncSender<Line>,
    writer: JoinHandle<()>,
}

impl Recorder {
    pub(super) fn new(mut out: Box<dyn Write + Send>) -> Self {
        let (lines, received) = sync_channel::<Line>(LINES_AHEAD);
        let writer = std::thread::spawn(move || {
            for line in received {
                if let Err(error) = write_line(&mut out, &line) {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the record cannot be written; it ends here"
                    );
                    return;
                }
            }
        });
        Self { lines, writer }
    }

    pub(super) fn restored(
        &self,
        now: Time,
        desk: &Desk,
        policy: &str,
        snapshot: Snapshot,
        sessions: Vec<LiveSession>,
        refused: Vec<RefusedMessage>,
    ) {
        self.push(Line::Restored {
            now,
            settings: Box::new(desk.settings().clone()),
            policy: policy.to_owned(),
            snapshot: Box::new(snapshot),
            sessions,
            refused,
        });
    }

    pub(super) fn input(&self, now: Time, input: &Input) {
        self.push(Line::Input { now, of: without_previews(input) });
    }

    pub(super) fn due(&self, now: Time) {
        self.push(Line::Due { now });
    }

    pub(super) fn refused(&self, now: Time, session: SessionId, chat: ChatId, client_msg_id: &ClientMsgId) {
        self.push(Line::Refused { now, session, chat, client_msg_id: client_msg_id.clone() });
    }

    pub(super) fn told_late(&self, now: Time) {
        self.push(Line::ToldLate { now });
    }

    /// Waits until everything is written.
    pub(super) fn finish(self) {
        drop(self.lines);
        // A writer that failed has said so.
        let _ = self.writer.join();
    }

    fn push(&self, line: Line) {
        // Fails only after the writer has failed, which it has said.
        let _ = self.lines.send(line);
    }
}

/// What somebody types and has not sent is kept nowhere; nothing that is stored depends on it.
fn without_previews(input: &Input) -> Input {
    let mut input = input.clone();
    if let Input::Ask { command: Command::Typing { text, .. }, .. } = &mut input {
        *text = None;
    }
    input
}

fn write_line(out: &mut dyn Write, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Runs a record again and returns the events it makes: the same as those of the recorded run, byte for
/// byte. Events that followed a failed write, and were never stored, are among them. Where the desk broke in
/// the recorded run it breaks again, and the replay goes on from where the engine did.
///
/// # Errors
/// When the record cannot be read, or names a policy that is not among the given ones.
pub fn replay(record: impl BufRead, policies: &Policies) -> io::Result<Vec<Event>> {
    let mut replay = Replay { policies, desk: Replayed::NotYet, events: Vec::new() };
    for line in record.lines() {
        replay.take(serde_json::from_str(&line?)?)?;
    }
    Ok(replay.events)
}

struct Replay<'a> {
    policies: &'a Policies,
    desk: Replayed,
    events: Vec<Event>,
}

/// The desk of a replay.
#[expect(clippy::large_enum_variant, reason = "there is one")]
enum Replayed {
    NotYet,
    Live(Desk),
    /// It broke. The engine loaded it again; what it did meanwhile came to nothing.
    Broke,
}

impl Replay<'_> {
    fn take(&mut self, line: Line) -> io::Result<()> {
        if let Line::Restored { now, settings, policy, snapshot, sessions, refused } = line {
            let policies = self.policies.clone().with_desk(&policy).ok_or_else(|| {
                let message = format!("the record was made with the policy {policy}");
                io::Error::new(io::ErrorKind::InvalidInput, message)
            })?;
            let mut restored = Desk::restore(*snapshot, now, *settings, policies);
            restored.reattach(now, sessions, refused);
            self.desk = Replayed::Live(restored);
            return Ok(());
        }
        let desk = match &mut self.desk {
            Replayed::Live(desk) => desk,
            Replayed::Broke => return Ok(()),
            Replayed::NotYet => {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the record does not begin with a state"));
            }
        };
        match catch_unwind(AssertUnwindSafe(|| step(desk, line))) {
            Ok(changes) => self.events.extend(changes.into_iter().filter_map(|change| match change {
                Change::Event(event, _) => Some(event),
                Change::Signal(_) => None,
            })),
            Err(_) => self.desk = Replayed::Broke,
        }
        Ok(())
    }
}

/// Does once more what was done to the desk.
fn step(desk: &mut Desk, line: Line) -> Vec<Change> {
    match line {
        Line::Input { now, of } => desk.handle(now, &of).changes,
        Line::Due { now } => desk.handle_timeout(now).changes,
        Line::Refused { now, session, chat, client_msg_id } => {
            desk.note_refused(now, session, chat, &client_msg_id);
            Vec::new()
        }
        Line::ToldLate { now } => {
            desk.note_told_late(now);
            Vec::new()
        }
        // It is taken before.
        Line::Restored { .. } => Vec::new(),
    }
}
