//! Shows that nothing is omitted: a server that stalls once is charged for every message meant to be sent meanwhile.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;

use super::converse::{Plan, Style, converse};
use super::people::Pair;
use super::progress::Progress;
use super::wire::{Address, Wire};

const RATE: u64 = 1_000;
/// The message with which the server stalls, and for how long.
const STALLS_AT: usize = 100;
const STALL: Duration = Duration::from_millis(400);

/// Hands frames from each of two connections to the other, and for once stops doing so.
async fn serve(listener: TcpListener) {
    let ((to_first, first), (to_second, second)) = (unbounded_channel(), unbounded_channel());
    let stall = Arc::new(Mutex::new((0, Instant::now())));
    for (others, own) in [(to_second, first), (to_first, second)] {
        let (stream, _) = listener.accept().await.expect("somebody comes");
        tokio::spawn(hand_on(stream, others, own, Arc::clone(&stall)));
    }
}

async fn hand_on(
    stream: TcpStream,
    others: UnboundedSender<Message>,
    mut own: UnboundedReceiver<Message>,
    stall: Arc<Mutex<(usize, Instant)>>,
) {
    let mut socket = tokio_tungstenite::accept_async(stream).await.expect("a WebSocket");
    loop {
        tokio::select! {
            message = socket.next() => {
                let Some(Ok(message)) = message else { return };
                let until = {
                    let mut stall = stall.lock().expect("nobody panics with it");
                    stall.0 += 1;
                    if stall.0 == STALLS_AT {
                        stall.1 = Instant::now() + STALL;
                    }
                    stall.1
                };
                sleep_until(until).await;
                let _ = others.send(message);
            }
            Some(message) = own.recv() => if socket.send(message).await.is_err() { return },
        }
    }
}

#[tokio::test]
async fn a_stall_is_charged_for_every_message_meant_to_be_sent_during_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}/", listener.local_addr().expect("it is bound"));
    let address = Address::resolve(&url).await.expect("a good address");
    tokio::spawn(serve(listener));
    let (customer, agent) = (Wire::open(&address).await.expect("open"), Wire::open(&address).await.expect("open"));
    let plan = Plan {
        warm_up: Duration::ZERO,
        acked: false,
        ..Plan::new(Style::Open { rate: RATE }, Duration::from_millis(1_500))
    };
    let result = converse(vec![Pair { chat: 1, customer, agent }], &plan, None, &Progress::hidden()).await;

    // None is left out because an earlier one had not come: a generator that waits for answers would send, and
    // measure, one or two messages in these 400 ms.
    assert_eq!((result.sent, result.delivered, result.delivery.count), (1_500, 1_500, 1_500), "{result:?}");
    // Those of the first 300 ms waited for 100 ms at least: 300 of 1,500, so that the slowest fifth did.
    assert!(result.delivery.p90 >= 100_000, "{result:?}");
    assert!(result.delivery.max >= 390_000, "{result:?}");
}
