use std::time::Duration;

use chatter_core::OutboxLimits;

/// Settings of a [`WsServer`](crate::WsServer).
///
/// The memory of one connection is bounded by `read_buffer_bytes` + `frame_bytes_max` for what comes in, and
/// twice `outbox.bytes_max` (what waits, and what is being written) + `write_buffer_bytes` + 32 KiB for what
/// goes out. An idle one holds the read buffer and about 3 KiB beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain settings, changed with `..WsOptions::default()`")]
pub struct WsOptions {
    /// The pages that may connect.
    pub allowed_origins: Origins,
    /// Whether a request without an `Origin` header is refused. Programs that are not browsers send none;
    /// browsers always do.
    pub require_origin: bool,
    /// The largest frame, and the largest message out of several frames, that a client may send.
    pub frame_bytes_max: usize,
    /// The largest first frame, before anybody knows who it is.
    pub hello_bytes_max: usize,
    /// What is read at once. tungstenite clears it before every read, so more costs time as well as memory.
    pub read_buffer_bytes: usize,
    /// What is gathered before it is written without a flush.
    pub write_buffer_bytes: usize,
    /// How long a connection may stay silent before its `hello`, and how long letting it in may take.
    pub auth_timeout: Duration,
    /// How often the peer is asked whether it is there while something is sent to it; half as often while nothing is.
    /// Proxies cut what is idle for 60 s; stay below half of that. More than a year is a year.
    pub ping_interval: Duration,
    /// How long it may take to answer; less than `ping_interval`. A peer that has gone without a word is found by both
    /// together after something was sent to it; if nothing is, by one `ping_interval` more after the last question that it
    /// answered.
    pub pong_timeout: Duration,
    /// What is held for a peer that does not read.
    pub outbox: OutboxLimits,
    /// How long 16 KiB may take to go out. A peer that takes longer is closed as slow.
    pub write_timeout: Duration,
    /// How long the farewell may take: the close frame out, and the peer's end of the connection.
    pub close_timeout: Duration,
    /// The most connections at once.
    pub connections_max: usize,
    /// The most connections from one address; for IPv6, from one /64.
    pub connections_per_address_max: usize,
    /// How many frames a second a client may send for long; at least 1. Beyond it frames are answered with
    /// `rate_limited`.
    pub frames_per_second: u32,
    /// How many it may send at once; at least 1. One that sends as many again while it is being refused
    /// is closed.
    pub frames_burst: u32,
}

impl Default for WsOptions {
    /// For pages of the same host, on a server of up to 20,000 connections.
    fn default() -> Self {
        Self {
            allowed_origins: Origins::SameHost,
            require_origin: false,
            frame_bytes_max: 16 << 10,
            hello_bytes_max: 4 << 10,
            read_buffer_bytes: 2 << 10,
            write_buffer_bytes: 4 << 10,
            auth_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(25),
            pong_timeout: Duration::from_secs(10),
            outbox: OutboxLimits::default(),
            write_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(5),
            connections_max: 20_000,
            connections_per_address_max: 1_000,
            frames_per_second: 50,
            frames_burst: 200,
        }
    }
}

/// The pages that may connect, by the `Origin` header that browsers send.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origins {
    /// All. For a widget that strangers put into their pages.
    Any,
    /// Those that were served under the host name and port that the request itself names.
    SameHost,
    /// Exactly these, as `https://example.org` or `https://example.org:8443`.
    List(Vec<String>),
}

impl Origins {
    /// Whether a page of this origin may connect to this host.
    pub(crate) fn allow(&self, origin: &str, host: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::SameHost => {
                let authority = origin.split_once("://").map(|(_, authority)| authority);
                authority.zip(host).is_some_and(|(authority, host)| authority.eq_ignore_ascii_case(host))
            }
            Self::List(origins) => origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Origins;

    #[test]
    fn the_same_host_means_name_and_port() {
        let allow = |origin, host| Origins::SameHost.allow(origin, host);
        assert!(allow("https://chat.example", Some("chat.example")));
        assert!(allow("http://Chat.Example:8080", Some("chat.example:8080")));
        assert!(!allow("http://chat.example:8080", Some("chat.example")));
        assert!(!allow("https://evil.example", Some("chat.example")));
        assert!(!allow("https://chat.example.evil.example", Some("chat.example")));
        assert!(!allow("null", Some("chat.example")));
        assert!(!allow("https://chat.example", None));
    }

    #[test]
    fn a_list_means_exactly_its_members() {
        let list = Origins::List(vec!["https://shop.example".into()]);
        assert!(list.allow("https://SHOP.example", None));
        assert!(!list.allow("http://shop.example", None));
        assert!(!list.allow("https://shop.example:8443", None));
        assert!(!list.allow("https://shop.example.evil.example", None));
    }
}
