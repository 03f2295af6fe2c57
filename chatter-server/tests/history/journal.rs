//! The record of a run: every try to send, everything read, and the transcripts that remain.

use std::sync::Mutex;

/// A moment, by a counter that everyone in the run shares: a lower tick was drawn earlier in real time.
pub(crate) type Tick = u64;

/// Who wrote a line, as everybody can tell it. A chat has one customer; agents have distinct names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    Customer,
    Agent(String),
    System,
}

/// Whose numbers are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    Staff,
    Customer,
}

/// What an entry says. The people of a run never send the same text twice in one chat.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    pub(crate) who: Who,
    pub(crate) text: String,
}

/// The key under which a message may be sent any number of times and must count once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MessageId {
    pub(crate) chat: u64,
    pub(crate) who: Who,
    pub(crate) client_id: String,
}

/// One try to send a message.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) message: MessageId,
    pub(crate) text: String,
    /// Drawn before the frame was handed to the socket.
    pub(crate) invoked: Tick,
    pub(crate) answer: Answer,
}

/// What became of a try. A missing answer is [`Answer::Unknown`], never a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Accepted { at: Tick, seq: Option<u64>, public_seq: Option<u64>, duplicate: bool, conflict: bool },
    Refused { code: String },
    Unknown,
}

/// What one subscription brought, in the order of arrival. Acks of the reader's own messages stand where
/// their entries would.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    pub(crate) reader: String,
    pub(crate) audience: Audience,
    pub(crate) chat: u64,
    /// The number after which it went on; absent when the reader had no position.
    pub(crate) after: Option<u64>,
    /// Why the position was not gone on from, if it was not.
    pub(crate) not_recovered: Option<String>,
    pub(crate) seen: Vec<Seen>,
}

/// One numbered line that someone got.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) number: u64,
    pub(crate) line: Line,
    /// Drawn after it was read from the socket.
    pub(crate) at: Tick,
}

/// A transcript as it was read at the end.
#[derive(Clone, Debug)]
pub(crate) struct Transcript {
    pub(crate) chat: u64,
    pub(crate) audience: Audience,
    /// Where it was read. The one of staff from the `file` is what the others are measured by.
    pub(crate) source: &'static str,
    pub(crate) entries: Vec<Entry>,
}

/// One line of a transcript, under the number of the transcript's audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) number: u64,
    pub(crate) public: Option<u64>,
    pub(crate) line: Line,
}

/// Everything the checker judges.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) streams: Vec<Stream>,
    pub(crate) transcripts: Vec<Transcript>,
}

/// How much a run exercised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) messages: usize,
    pub(crate) acked: usize,
    /// Tries that were never answered.
    pub(crate) unknown: usize,
    /// Messages that nobody ever got an answer for.
    pub(crate) never_settled: usize,
    pub(crate) refused: usize,
    pub(crate) duplicates: usize,
    pub(crate) resumed: usize,
    pub(crate) seen: usize,
}

impl History {
    /// Counts what happened.
    pub(crate) fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        let mut messages = std::collections::BTreeMap::new();
        for attempt in &self.attempts {
            let acked = messages.entry(&attempt.message).or_insert(false);
            match &attempt.answer {
                Answer::Accepted { duplicate, .. } => {
                    *acked = true;
                    summary.duplicates += usize::from(*duplicate);
                }
                Answer::Refused { .. } => summary.refused += 1,
                Answer::Unknown => summary.unknown += 1,
            }
        }
        summary.messages = messages.len();
        summary.acked = messages.values().filter(|acked| **acked).count();
        summary.never_settled = summary.messages - summary.acked;
        summary.resumed = self.streams.iter().filter(|stream| stream.after.is_some()).count();
        summary.seen = self.streams.iter().map(|stream| stream.seen.len()).sum();
        summary
    }
}

/// Where the people of a run write down what they do. One lock orders the ticks of all of them.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    now: Tick,
    history: History,
}

impl Inner {
    const fn tick(&mut self) -> Tick {
        self.now += 1;
        self.now
    }
}

impl Journal {
    /// Notes a try, to be called before the frame goes out. Until it is answered it is unknown.
    pub(crate) fn invoke(&self, message: MessageId, text: &str) -> usize {
        let mut inner = self.lock();
        let invoked = inner.tick();
        inner.history.attempts.push(Attempt { message, text: text.to_owned(), invoked, answer: Answer::Unknown });
        inner.history.attempts.len() - 1
    }

    /// Notes that a try was accepted.
    pub(crate) fn accepted(&self, attempt: usize, seq: Option<u64>, public_seq: Option<u64>, flags: (bool, bool)) {
        let mut inner = self.lock();
        let at = inner.tick();
        let (duplicate, conflict) = flags;
        inner.history.attempts[attempt].answer = Answer::Accepted { at, seq, public_seq, duplicate, conflict };
    }

    /// Notes that a try was refused.
    pub(crate) fn refused(&self, attempt: usize, code: &str) {
        self.lock().history.attempts[attempt].answer = Answer::Refused { code: code.to_owned() };
    }

    /// Notes a new subscription.
    pub(crate) fn subscribed(&self, stream: Stream) -> usize {
        let mut inner = self.lock();
        inner.history.streams.push(stream);
        inner.history.streams.len() - 1
    }

    /// Notes a line that a subscription brought.
    pub(crate) fn seen(&self, stream: usize, number: u64, line: Line) {
        let mut inner = self.lock();
        let at = inner.tick();
        inner.history.streams[stream].seen.push(Seen { number, line, at });
    }

    /// What was noted so far, to be judged; the journal is empty afterwards.
    pub(crate) fn take(&self) -> History {
        std::mem::take(&mut self.lock().history)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().expect("nobody panics while writing a line down")
    }
}
