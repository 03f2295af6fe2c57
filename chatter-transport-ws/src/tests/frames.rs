//! How messages arrive, well-formed or not.

use chatter_core::OutboxLimits;

use super::engine::{HELLO, Happening};
use super::peers::{Client, Raw, declared, masked};
use super::{Server, soon};
use crate::WsOptions;

/// Limits on speed out of the way.
fn unhurried() -> WsOptions {
    WsOptions { frames_burst: 100_000, ..WsOptions::default() }
}

fn echo(words: &str) -> String {
    format!(r#"{{"echo":"{words}"}}"#)
}

#[tokio::test]
async fn cuts_make_no_difference() {
    let server = Server::start(unhurried()).await;
    let mut raw = Raw::enter(&server).await;

    // Byte by byte.
    for byte in masked(0x81, echo("byte by byte").as_bytes()) {
        raw.write(&[byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(raw.words().await, "byte by byte");

    // In fragments, cut within a letter, with a ping and a pong in between.
    let text = echo("größer");
    let cut = text.find('ö').expect("it is there") + 1;
    raw.write(&masked(0x01, &text.as_bytes()[..cut])).await;
    raw.write(&masked(0x89, b"here?")).await;
    raw.write(&masked(0x00, b"")).await;
    raw.write(&masked(0x8a, b"")).await;
    raw.write(&masked(0x80, &text.as_bytes()[cut..])).await;
    let pong = raw.read().await;
    assert_eq!((pong.head, pong.payload.as_slice()), (0x8a, b"here?".as_slice()));
    assert_eq!(raw.words().await, "größer");

    // A thousand in one write.
    let many: Vec<u8> = (0..1_000).flat_map(|number| masked(0x81, echo(&number.to_string()).as_bytes())).collect();
    raw.write(&many).await;
    for number in 0..1_000 {
        assert_eq!(raw.words().await, number.to_string());
    }
}

#[tokio::test]
async fn what_follows_the_request_at_once_is_not_lost() {
    let server = Server::start(unhurried()).await;
    let mut first = masked(0x81, HELLO.as_bytes());
    first.extend(masked(0x81, echo("eager").as_bytes()));
    let mut raw = Raw::connect(&server, &first).await;
    assert_eq!(raw.words().await, "ready");
    assert_eq!(raw.words().await, "eager");
}

#[tokio::test]
async fn empty_fragments_without_end_cost_nothing() {
    let server = Server::start(unhurried()).await;
    let mut raw = Raw::enter(&server).await;
    raw.write(&masked(0x01, b"")).await;
    let empty = masked(0x00, b"").repeat(1_000);
    for _ in 0..1_000 {
        raw.write(&empty).await;
    }
    raw.write(&masked(0x80, echo("at last").as_bytes())).await;
    assert_eq!(raw.words().await, "at last");
}

/// Writes this after the hello and reads the close.
async fn closed_after(options: WsOptions, bytes: &[u8]) -> (u16, String) {
    let mut server = Server::start(options).await;
    let mut raw = Raw::enter(&server).await;
    server.entered().await;
    raw.write(bytes).await;
    let closed = raw.closed().await;
    drop(raw);
    while !matches!(server.happening().await, Happening::Left) {}
    server.empty().await;
    closed
}

#[tokio::test]
async fn bad_frames_are_closed_by_code() {
    let unmasked = [&[0x81, 0x02][..], b"{}"].concat();
    let control_fragment = masked(0x09, b"");
    let huge_control = [&[0x89, 0x80 | 126, 0x01, 0x00, 1, 2, 3, 4][..], &[0; 256]].concat();
    let interrupted = [masked(0x01, b"{"), masked(0x81, b"{}")].concat();
    let table: [(&str, Vec<u8>, u16, &str); 12] = [
        ("binary", masked(0x82, b"{}"), 1003, "unsupported_data"),
        ("not UTF-8", masked(0x81, b"\xc3\x28"), 1007, "not_utf8"),
        ("cut UTF-8", masked(0x81, b"\xc3"), 1007, "not_utf8"),
        ("unmasked", unmasked, 1002, "protocol_error"),
        ("reserved data opcode", masked(0x83, b"{}"), 1002, "protocol_error"),
        ("reserved control opcode", masked(0x8b, b""), 1002, "protocol_error"),
        ("reserved bit", masked(0xc1, b"{}"), 1002, "protocol_error"),
        ("continuation of nothing", masked(0x80, b"{}"), 1002, "protocol_error"),
        ("message within a message", interrupted, 1002, "protocol_error"),
        ("fragmented ping", control_fragment, 1002, "protocol_error"),
        ("long ping", huge_control, 1002, "protocol_error"),
        ("declared 2^63", declared(0x81, 1 << 63), 1009, "too_large"),
    ];
    for (what, bytes, code, word) in table {
        assert_eq!(closed_after(unhurried(), &bytes).await, (code, word.to_owned()), "{what}");
    }
}

#[tokio::test]
async fn size_is_limited_to_the_byte() {
    let server = Server::start(WsOptions { frame_bytes_max: 5_000, ..unhurried() }).await;
    let mut client = Client::enter(&server).await;
    let fits = "x".repeat(5_000 - echo("").len());
    client.echo(&fits).await;
    client.send(&echo(&format!("{fits}x"))).await;
    assert_eq!(client.closed().await, (1009, "too_large".to_owned()));
}

#[tokio::test]
async fn the_sum_of_fragments_is_limited() {
    let fragment = vec![b'x'; 6_000];
    let bytes = [masked(0x01, &fragment), masked(0x00, &fragment), masked(0x00, &fragment)].concat();
    assert_eq!(closed_after(unhurried(), &bytes).await.0, 1009);
}

/// The close frame must not be overtaken by a reset because bytes lie unread.
#[tokio::test]
async fn who_sends_far_too_much_still_reads_why() {
    let server = Server::start(unhurried()).await;
    let mut raw = Raw::enter(&server).await;
    raw.write(&masked(0x81, &vec![b'x'; 4 << 20])).await;
    assert_eq!(raw.closed().await, (1009, "too_large".to_owned()));
}

#[tokio::test]
async fn bad_frames_disturb_nobody_else() {
    let server = Server::start(unhurried()).await;
    let mut bystander = Client::enter(&server).await;
    for _ in 0..20 {
        let mut raw = Raw::enter(&server).await;
        raw.write(&masked(0x83, b"")).await;
        assert_eq!(raw.closed().await.0, 1002);
        bystander.echo("still here").await;
    }
}

#[tokio::test]
async fn many_frames_are_written_whole_and_in_order() {
    // Small limits everywhere, so that every buffer is cut many times.
    let options = WsOptions {
        outbox: OutboxLimits { frames_max: 100_000, bytes_max: 1 << 30 },
        write_buffer_bytes: 100,
        read_buffer_bytes: 64,
        ..unhurried()
    };
    let server = Server::start(options).await;
    let mut client = Client::enter(&server).await;
    client.send(r#"{"flood":20000}"#).await;
    soon(async {
        for number in 0..20_000 {
            let words = client.words().await;
            assert_eq!(words.split_once(' ').expect("number and padding").0, number.to_string());
        }
    })
    .await;
}
