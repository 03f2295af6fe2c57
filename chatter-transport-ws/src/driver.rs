//! One connection after it was let in: reading and writing as two loops of one task.

use std::future::{Future, poll_fn};
use std::sync::Arc;

use chatter_core::protocol::Framed;
use chatter_core::session::Flow;
use chatter_core::{CloseReason, Delivery, Outbox, OutboxSender, Transport, Weigh};
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::WsOptions;
use crate::doorway::Guest;
use crate::pulse::{Beat, Heart, Pulse, Signs};
use crate::rate::{Rate, Verdict};
use crate::registry::LiveSession;
use crate::wire::{End, Wire, pieces};

/// What both loops share.
pub(crate) struct Driver<'a, S, F, G> {
    options: &'a WsOptions,
    pulse: &'a Pulse,
    live: &'a LiveSession,
    wire: &'a Wire<S>,
    guest: &'a G,
    sender: &'a OutboxSender<F>,
    signs: Signs,
}

impl<'a, S, F, G> Driver<'a, S, F, G>
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: Weigh + Serialize + Send + Sync,
    G: Guest,
{
    pub(crate) fn new(
        options: &'a WsOptions,
        pulse: &'a Pulse,
        live: &'a LiveSession,
        wire: &'a Wire<S>,
        guest: &'a G,
        sender: &'a OutboxSender<F>,
    ) -> Self {
        Self { options, pulse, live, wire, guest, sender, signs: Signs::default() }
    }

    /// Runs until the connection ends, and says how.
    pub(crate) async fn run(self, outbox: Outbox<F>) -> End {
        let reading = self.read();
        let writing = self.write(outbox);
        tokio::pin!(reading, writing);
        // Reading goes first. It cannot starve writing, since a flood is cut, and after a halt of
        // the whole process the peer's answer is read before the heart gives a verdict.
        let stopped = tokio::select! {
            biased;
            reason = self.live.ended() => Some(reason),
            stop = &mut reading => match stop {
                Stop::End(End::Tell(reason)) => Some(reason),
                Stop::End(end @ (End::Answered | End::Gone)) => return end,
                Stop::Told => None,
            },
            end = &mut writing => return end,
        };
        if let Some(reason) = stopped {
            // By way of the outbox, so that what was taken before still arrives, and the first reason counts.
            self.sender.close(reason);
        }
        // Nothing is read any more, so the heart cannot tell whether the peer lives: the limit does.
        self.signs.busy(true);
        let reason = stopped.unwrap_or(CloseReason::Slow);
        timeout(self.options.write_timeout, writing).await.unwrap_or(End::Tell(reason))
    }

    async fn read(&self) -> Stop {
        let mut rate = Rate::new(self.options.frames_per_second, self.options.frames_burst, Instant::now());
        loop {
            let message = match self.wire.read().await {
                Ok(message) => message,
                Err(end) => return Stop::End(end),
            };
            self.signs.heard();
            let verdict = rate.take(Instant::now());
            if verdict == Verdict::Flood {
                return Stop::End(End::Tell(CloseReason::TooManyErrors));
            }
            let json = match message {
                Message::Text(json) => json,
                Message::Binary(_) => return Stop::End(End::Tell(CloseReason::UnsupportedData)),
                Message::Pong(_) => {
                    self.signs.answered();
                    continue;
                }
                // tungstenite has answered a ping by itself.
                Message::Ping(_) | Message::Frame(_) | Message::Close(_) => continue,
            };
            // Whoever waits here waits for the engine, not for the peer. Boxed: what taking a frame needs is larger
            // than all the rest of an idle connection, and is there only while one is taken.
            self.signs.busy(true);
            let flow = match verdict {
                Verdict::Limited { retry_after_ms } => {
                    Box::pin(self.guest.limit_json(json.as_bytes(), retry_after_ms)).await;
                    Flow::Continue
                }
                Verdict::Pass | Verdict::Flood => Box::pin(self.guest.receive_json(json.as_bytes())).await,
            };
            self.signs.busy(false);
            if flow == Flow::Stop {
                return Stop::Told;
            }
        }
    }

    async fn write(&self, mut outbox: Outbox<F>) -> End {
        let mut heart = Heart::new(self.pulse, self.live.id().0, Instant::now());
        let alarm = sleep_until(heart.next());
        tokio::pin!(alarm);
        loop {
            let written = tokio::select! {
                biased;
                delivery = outbox.next() => match delivery {
                    Delivery::Frames(frames) => {
                        if heart.tells(Instant::now) {
                            alarm.as_mut().reset(heart.next());
                        }
                        self.deliver(&mut outbox, &frames).await
                    }
                    Delivery::Close(reason) => return End::Tell(reason),
                },
                // The task was woken to read the answer to a ping, and looks here on the way.
                () = poll_fn(|cx| {
                    if heart.answered(&self.signs) {
                        alarm.as_mut().reset(heart.next());
                    }
                    alarm.as_mut().poll(cx)
                }) => {
                    let beat = heart.beat(&self.signs, Instant::now());
                    alarm.as_mut().reset(heart.next());
                    match beat {
                        Beat::Ping => self.ping(&mut outbox).await,
                        Beat::Fine => Ok(()),
                        Beat::Dead => return End::Tell(CloseReason::HeartbeatTimeout),
                    }
                }
            };
            if let Err(end) = written {
                return end;
            }
        }
    }

    /// Writes all frames of one delivery and flushes once.
    async fn deliver(&self, outbox: &mut Outbox<F>, frames: &[Arc<Framed<F>>]) -> Result<(), End> {
        for frame in frames {
            for piece in pieces(frame.json()) {
                self.patiently(outbox, self.wire.feed(piece)).await?;
            }
        }
        self.patiently(outbox, self.wire.flush()).await
    }

    async fn ping(&self, outbox: &mut Outbox<F>) -> Result<(), End> {
        let ping = async {
            self.wire.feed(Message::Ping(Bytes::new())).await?;
            self.wire.flush().await
        };
        self.patiently(outbox, ping).await
    }

    /// One step of writing, for as long as a peer may take over it.
    async fn patiently(&self, outbox: &mut Outbox<F>, step: impl Future<Output = Result<(), End>>) -> Result<(), End> {
        tokio::select! {
            biased;
            done = step => done,
            () = outbox.overflowed() => Err(End::Tell(CloseReason::Slow)),
            () = sleep(self.options.write_timeout) => Err(End::Tell(CloseReason::Slow)),
        }
    }
}

/// Why reading stopped.
enum Stop {
    End(End),
    /// The outbox has been told the reason, or is told very soon.
    Told,
}
