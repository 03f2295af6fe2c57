//! The record of each life of the process, which must replay to the events that are stored (row G4).

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};

use chatter_core::engine::replay;
use chatter_core::policy::Policies;
use chatter_core::{Event, EventNo};

/// The records of a run, one for each life.
#[derive(Debug, Default)]
pub(crate) struct Tapes {
    lives: Vec<Receiver<Vec<u8>>>,
}

impl Tapes {
    /// A new record to write. Of a `torn` one some lines are lost.
    pub(crate) fn begin(&mut self, torn: bool) -> Reel {
        let (lines, written) = channel();
        self.lives.push(written);
        Reel { lines, line: Vec::new(), torn: torn.then_some(0) }
    }

    /// Replays everything and compares it with what is stored. All lives must have ended, the last one too: this waits
    /// until their records are written.
    pub(crate) fn compare(&mut self, policies: &Policies, stored: &[Event]) -> Result<(), String> {
        // What a crash or a failed write undid was decided again, under the same numbers: the last one stands.
        let mut standing = BTreeMap::new();
        for (life, written) in self.lives.drain(..).enumerate() {
            let record: Vec<u8> = written.iter().flatten().collect();
            let events = replay(record.as_slice(), policies).map_err(|error| format!("life {life}: {error}"))?;
            standing.extend(events.into_iter().map(|event| (event.no, event)));
        }
        let last = stored.last().map_or(EventNo(0), |event| event.no);
        standing.retain(|no, _| *no <= last);
        let json = |event: &Event| serde_json::to_string(event).expect("events are plain data");
        match stored.iter().find(|event| standing.get(&event.no).map(json) != Some(json(event))) {
            None => Ok(()),
            Some(event) => Err(format!("stored {}, replayed {:?}", json(event), standing.get(&event.no).map(json))),
        }
    }
}

/// Where a record goes, line by line. It ends when its writer is dropped.
pub(crate) struct Reel {
    lines: Sender<Vec<u8>>,
    line: Vec<u8>,
    /// How many lines have been written, of one that loses some.
    torn: Option<u32>,
}

impl Write for Reel {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let lost = self.torn.as_mut().is_some_and(|written| {
            *written += 1;
            written.is_multiple_of(40)
        });
        if !lost {
            // Whoever does not compare has let go of the other end.
            let _ = self.lines.send(line);
        }
        Ok(())
    }
}

impl fmt::Debug for Reel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reel").finish_non_exhaustive()
    }
}
