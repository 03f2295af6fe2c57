//! Judging the request before anything is spent on a connection.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, ORIGIN, RETRY_AFTER, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;

use crate::WsOptions;
use crate::registry::NoSeat;

/// When a client that found no room may try again, in seconds.
const RETRY_AFTER_SECONDS: &str = "5";

/// A request that may become a connection.
pub(crate) struct Accepted {
    pub(crate) response: Response<Full<Bytes>>,
    pub(crate) ticket: Option<String>,
}

/// Why a request does not become a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Declined {
    Method,
    Version,
    NotAnUpgrade,
    WebSocketVersion,
    Malformed,
    Origin,
    Ticket,
    Stopping,
    NoSeat(NoSeat),
}

pub(crate) fn judge<B>(request: &Request<B>, options: &WsOptions) -> Result<Accepted, Declined> {
    let response = create_response_with_body(request, Full::default).map_err(|error| malformed(&error))?;
    if !origin_allowed(request, options) {
        return Err(Declined::Origin);
    }
    let ticket = match ticket(request) {
        Some(ticket) if ticket.is_empty() || !ticket.bytes().all(plain) || ticket.len() > options.hello_bytes_max => {
            return Err(Declined::Ticket);
        }
        ticket => ticket.map(Into::into),
    };
    Ok(Accepted { response, ticket })
}

fn origin_allowed<B>(request: &Request<B>, options: &WsOptions) -> bool {
    let mut origins = request.headers().get_all(ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (None, _) => !options.require_origin,
        (Some(origin), None) => {
            let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
            let host = host.or_else(|| request.uri().authority().map(http::uri::Authority::as_str));
            origin.to_str().is_ok_and(|origin| options.allowed_origins.allow(origin, host))
        }
        (Some(_), Some(_)) => false,
    }
}

/// The `ticket` of the query. It is taken as it stands: a ticket is made of characters that need no escape.
fn ticket<B>(request: &Request<B>) -> Option<&str> {
    request.uri().query()?.split('&').find_map(|pair| pair.strip_prefix("ticket="))
}

const fn plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn malformed(error: &Error) -> Declined {
    let Error::Protocol(error) = error else { return Declined::Malformed };
    let not_an_upgrade = [ProtocolError::MissingConnectionUpgradeHeader, ProtocolError::MissingUpgradeWebSocketHeader];
    if *error == ProtocolError::WrongHttpMethod {
        Declined::Method
    } else if *error == ProtocolError::WrongHttpVersion {
        Declined::Version
    } else if not_an_upgrade.contains(error) {
        Declined::NotAnUpgrade
    } else if *error == ProtocolError::MissingSecWebSocketVersionHeader {
        Declined::WebSocketVersion
    } else {
        Declined::Malformed
    }
}

impl Declined {
    const fn status(self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Version => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::NotAnUpgrade | Self::WebSocketVersion => StatusCode::UPGRADE_REQUIRED,
            Self::Malformed | Self::Ticket => StatusCode::BAD_REQUEST,
            Self::Origin => StatusCode::FORBIDDEN,
            Self::Stopping | Self::NoSeat(NoSeat::Server) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoSeat(NoSeat::Address) => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    /// The stable code and the sentence for people.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Method => ("method_not_allowed", "a WebSocket starts with GET"),
            Self::Version => ("http_version", "a WebSocket starts with HTTP/1.1"),
            Self::NotAnUpgrade => ("upgrade_required", "this address speaks WebSocket"),
            Self::WebSocketVersion => ("upgrade_required", "this address speaks WebSocket version 13"),
            Self::Malformed => ("bad_request", "the WebSocket handshake is malformed"),
            Self::Origin => ("origin_not_allowed", "pages of this origin may not connect"),
            Self::Ticket => ("bad_request", "a ticket is made of letters, digits, '-', '.', '_' and '~'"),
            Self::Stopping => ("unavailable", "the server is stopping"),
            Self::NoSeat(NoSeat::Server) => ("too_many_connections", "the server has no room for a connection now"),
            Self::NoSeat(NoSeat::Address) => ("too_many_connections", "too many connections from this address"),
        }
    }

    const fn header(self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Method => Some((http::header::ALLOW, HeaderValue::from_static("GET"))),
            Self::NotAnUpgrade => Some((UPGRADE, HeaderValue::from_static("websocket"))),
            Self::WebSocketVersion => Some((SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"))),
            Self::Stopping | Self::NoSeat(_) => Some((RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS))),
            Self::Version | Self::Malformed | Self::Origin | Self::Ticket => None,
        }
    }

    pub(crate) fn response(self) -> Response<Full<Bytes>> {
        let (code, message) = self.words();
        let body = serde_json::json!({ "code": code, "message": message }).to_string();
        let mut response = Response::new(Full::from(body));
        *response.status_mut() = self.status();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some((name, value)) = self.header() {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
