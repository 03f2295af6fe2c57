//! One end of a pair: sends its messages, takes those of the other, and checks that each comes once and in order.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::message::{Meaning, Messages, read};
use super::tally::Tally;
use super::wire::{Heard, Wire};

/// Who sends when.
#[derive(Debug)]
pub(crate) enum Turn {
    /// Closed loop: sends this many at once at the start, then one for each that comes.
    Answer {
        /// How many at the start: all of the pair's for one side, none for the other.
        first: u32,
    },
    /// Open loop: sends when told, whatever has come meanwhile; each order is the intended time.
    Ordered(mpsc::UnboundedReceiver<u64>),
}

/// One end of a pair.
#[derive(Debug)]
pub(crate) struct Talker {
    wire: Wire,
    messages: Messages,
    tally: Arc<Tally>,
    /// The last number sent, and when each that is not acknowledged was meant to be sent.
    last: u64,
    unacked: VecDeque<(u64, u64)>,
    /// The number of the other's next message.
    expected: u64,
    unflushed: bool,
}

impl Talker {
    pub(crate) const fn new(wire: Wire, messages: Messages, tally: Arc<Tally>) -> Self {
        Self { wire, messages, tally, last: 0, unacked: VecDeque::new(), expected: 1, unflushed: false }
    }

    /// Talks until the connection ends.
    pub(crate) async fn talk(mut self, turn: Turn) {
        let open = match turn {
            Turn::Answer { first } => self.answer(first).await,
            Turn::Ordered(orders) => self.obey(orders).await,
        };
        if open.is_none() {
            Tally::add(&self.tally.ended);
        }
    }

    /// None when the connection has ended.
    async fn answer(&mut self, first: u32) -> Option<()> {
        for _ in 0..first {
            self.send(self.tally.now()).await?;
        }
        loop {
            let heard = self.hear().await?;
            if self.take(&heard) && self.tally.is_sending() {
                self.send(self.tally.now()).await?;
            }
        }
    }

    /// None when the connection has ended, something when nobody gives orders any more.
    async fn obey(&mut self, mut orders: mpsc::UnboundedReceiver<u64>) -> Option<()> {
        let mut ordered = true;
        loop {
            // Several orders that wait go out with one flush, as from a client that was held up.
            while let Ok(stamp) = orders.try_recv() {
                self.send(stamp).await?;
            }
            self.flush().await?;
            tokio::select! {
                order = orders.recv(), if ordered => match order {
                    Some(stamp) => self.send(stamp).await?,
                    None => ordered = false,
                },
                heard = self.wire.next() => match heard {
                    Heard::Frame(json) => { self.take(&json); }
                    Heard::End(_) => return None,
                },
            }
        }
    }

    /// The next frame. Whatever was fed is flushed before it waits, once for all that lay ready.
    async fn hear(&mut self) -> Option<tokio_tungstenite::tungstenite::Utf8Bytes> {
        let heard = match self.wire.ready().await {
            Some(heard) => heard,
            None => {
                self.flush().await?;
                self.wire.next().await
            }
        };
        match heard {
            Heard::Frame(json) => Some(json),
            Heard::End(_) => None,
        }
    }

    async fn flush(&mut self) -> Option<()> {
        if std::mem::take(&mut self.unflushed) && !self.wire.flush().await {
            return None;
        }
        Some(())
    }

    async fn send(&mut self, stamp: u64) -> Option<()> {
        self.last += 1;
        let json = self.messages.json(self.last, stamp);
        self.unacked.push_back((self.last, stamp));
        Tally::add(&self.tally.sent);
        self.unflushed = true;
        self.wire.feed(json).await.then_some(())
    }

    /// Takes one frame; true when it was the other's message, come for the first time.
    fn take(&mut self, json: &str) -> bool {
        match read(json) {
            Meaning::Delivered { number, stamp } => {
                if number < self.expected {
                    Tally::add(&self.tally.twice);
                    return false;
                }
                if number > self.expected {
                    Tally::add(&self.tally.out_of_order);
                }
                self.expected = number + 1;
                self.tally.deliver(stamp);
                true
            }
            Meaning::Accepted { number } => {
                self.accepted(number);
                false
            }
            Meaning::Refused(code) => {
                self.tally.refuse(code);
                false
            }
            Meaning::Other => false,
        }
    }

    /// Acknowledgements come in the order of sending.
    fn accepted(&mut self, number: u64) {
        match self.unacked.front() {
            Some((first, stamp)) if *first == number => {
                self.tally.ack(*stamp);
                self.unacked.pop_front();
            }
            Some((first, _)) if number < *first => Tally::add(&self.tally.twice),
            Some(_) => {
                Tally::add(&self.tally.out_of_order);
                while let Some((sent, stamp)) = self.unacked.pop_front() {
                    if sent == number {
                        self.tally.ack(stamp);
                        break;
                    }
                }
            }
            None => Tally::add(&self.tally.twice),
        }
    }
}
