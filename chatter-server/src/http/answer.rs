//! Answers and the headers they carry.

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;

/// Every answer of the server is small and whole.
pub(crate) type Answer = Response<Full<Bytes>>;

/// What a page may do: load from here, connect to here, be framed by nobody, and make no markup out of
/// text.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

const ON_PAGES: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=()"),
];

/// A body of some type that may be kept only if asked about each time.
pub(super) fn content(content_type: &'static str, body: Bytes) -> Answer {
    let mut answer = Answer::new(Full::new(body));
    set(&mut answer, header::CONTENT_TYPE, content_type);
    set(&mut answer, header::CACHE_CONTROL, "no-cache");
    answer
}

/// The headers of a page on top of its content.
pub(super) fn page(mut answer: Answer) -> Answer {
    for (name, value) in ON_PAGES {
        set(&mut answer, name, value);
    }
    answer
}

/// An answer for programs; never kept.
pub(super) fn json(status: StatusCode, body: &serde_json::Value) -> Answer {
    let mut answer = content("application/json", Bytes::from(body.to_string()));
    *answer.status_mut() = status;
    set(&mut answer, header::CACHE_CONTROL, "no-store");
    answer
}

/// A refusal: a stable code for programs and words for people.
pub(super) fn refusal(status: StatusCode, code: &str, message: &str) -> Answer {
    json(status, &serde_json::json!({ "code": code, "message": message }))
}

/// What every answer carries, whoever made it.
pub(super) fn sealed(mut answer: Answer) -> Answer {
    set(&mut answer, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    answer
}

pub(super) fn set(answer: &mut Answer, name: HeaderName, value: &'static str) {
    answer.headers_mut().insert(name, HeaderValue::from_static(value));
}
