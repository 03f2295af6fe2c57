use std::io;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::tcp::OwnedReadHalf;

/// The longest line, in bytes: a message of the longest text fits as JSON too.
const LINE_BYTES_MAX: usize = 16 << 10;

/// The lines of a stream, of bounded length.
pub(super) struct Lines {
    read: BufReader<OwnedReadHalf>,
    line: Vec<u8>,
}

impl Lines {
    pub(super) fn new(read: OwnedReadHalf) -> Self {
        // A small buffer: there is one for every connection.
        Self { read: BufReader::with_capacity(1 << 10, read), line: Vec::new() }
    }

    /// The next line without its end; `None` when the peer has ended. Cancel-safe: what was read of a
    /// line is kept.
    pub(super) async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let bytes = self.read.fill_buf().await?;
            if bytes.is_empty() {
                return Ok(None);
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(bytes.len(), |end| end + 1);
            self.line.extend_from_slice(&bytes[..end.unwrap_or(taken)]);
            self.read.consume(taken);
            if self.line.len() > LINE_BYTES_MAX {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if end.is_some() {
                let mut line = std::mem::take(&mut self.line);
                line.truncate(line.strip_suffix(b"\r").map_or(line.len(), <[u8]>::len));
                return Ok(Some(line));
            }
        }
    }
}
