//! The optional record of what a desk was asked, and its replay (row G4). A record holds what people
//! wrote: keep it as safe as the store.

use std::io::{self, BufRead, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use serde::{Deserialize, Serialize};

use crate::desk::{Change, Desk, DeskSettings, Input, LiveSession, RefusedMessage};
use crate::policy::Policies;
use crate::protocol::Command;
use crate::{Event, Snapshot, Time};

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
/// byte. Events that followed a failed write, and were never stored, are among them.
///
/// # Errors
/// When the record cannot be read, or names a policy that is not among the given ones.
pub fn replay(record: impl BufRead, policies: &Policies) -> io::Result<Vec<Event>> {
    let mut desk = None;
    let mut events = Vec::new();
    for line in record.lines() {
        let outcome = match (serde_json::from_str(&line?)?, &mut desk) {
            (Line::Restored { now, settings, policy: name, snapshot, sessions, refused }, _) => {
                let policies = policies.clone().with_desk(&name).ok_or_else(|| {
                    let message = format!("the record was made with the policy {name}");
                    io::Error::new(io::ErrorKind::InvalidInput, message)
                })?;
                let mut restored = Desk::restore(*snapshot, now, *settings, policies);
                restored.reattach(now, sessions, refused);
                desk = Some(restored);
                continue;
            }
            (_, None) => {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the record does not begin with a state"));
            }
            (Line::Input { now, of }, Some(desk)) => desk.handle(now, &of),
            (Line::Due { now }, Some(desk)) => desk.handle_timeout(now),
        };
        events.extend(outcome.changes.into_iter().filter_map(|change| match change {
            Change::Event(event, _) => Some(event),
            Change::Signal(_) => None,
        }));
    }
    Ok(events)
}
