//! `chatter-server replay FILE`: runs a record again and prints the events it makes.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use chatter_core::engine::replay;
use chatter_core::policy::{LongestWait, Policies};

/// Prints one event a line, as the store keeps them: number, time in microseconds, body. Events of a write that
/// failed are printed like the others; where a number comes twice, the later one stands.
pub(crate) fn run(record: &Path) -> io::Result<()> {
    let record = BufReader::new(File::open(record)?);
    // The record names the policy it was made with; all that are shipped are known.
    let events = replay(record, &Policies::new(Arc::new(LongestWait)))?;
    let mut out = BufWriter::new(io::stdout().lock());
    for event in events {
        write!(out, "{} {} ", event.no.0, event.at.0)?;
        serde_json::to_writer(&mut out, &event.fact)?;
        writeln!(out)?;
    }
    out.flush()
}
