//! What is found under which path.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, StatusCode};
use hyper::body::Incoming;
use serde_json::json;

use super::answer::{Answer, page, refusal, sealed, set};
use super::origin::{From, Origins};
use super::{answer, assets};
use crate::auth::{Exchange, Gate};

/// Turns a request into a WebSocket.
pub(crate) type Upgrade = Box<dyn Fn(Request<Incoming>, IpAddr) -> Answer + Send + Sync>;

/// Everything the routes need.
pub(crate) struct Site {
    pub(crate) gate: Arc<Gate>,
    pub(crate) origins: Origins,
    pub(crate) upgrade: Upgrade,
    /// False once the engine has ended or the server is stopping.
    pub(crate) healthy: Arc<AtomicBool>,
    /// True when people reach the server by https.
    pub(crate) https: bool,
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("gate", &self.gate).finish_non_exhaustive()
    }
}

const READ: &[Method] = &[Method::GET, Method::HEAD];

impl Site {
    /// Answers one request.
    pub(super) fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> Answer {
        let mut answer = sealed(self.route(request, peer));
        if self.https {
            set(&mut answer, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
        }
        answer
    }

    fn route(&self, request: Request<Incoming>, peer: IpAddr) -> Answer {
        let path = request.uri().path();
        let file = match path {
            "/ws" => return self.web_socket(request, peer),
            "/api/v1/tickets" => return self.tickets(&request),
            "/healthz" => return allowed(READ, request.method()).unwrap_or_else(|| self.health()),
            "/" => "customer.html",
            "/agent" => "agent.html",
            path => path.strip_prefix("/assets/").filter(|name| !is_page(name)).unwrap_or_default(),
        };
        let Some(answer) = assets::answer(file, request.headers()) else { return not_found() };
        allowed(READ, request.method()).unwrap_or(answer)
    }

    fn health(&self) -> Answer {
        if self.healthy.load(Ordering::Relaxed) {
            answer::json(StatusCode::OK, &json!({ "status": "ok" }))
        } else {
            answer::json(StatusCode::SERVICE_UNAVAILABLE, &json!({ "status": "stopping" }))
        }
    }

    fn web_socket(&self, request: Request<Incoming>, peer: IpAddr) -> Answer {
        if self.origins.judge(request.headers()) == From::Elsewhere {
            return wrong_origin();
        }
        (self.upgrade)(request, peer)
    }

    /// A ticket for a token. Pages of listed sites may ask too, which takes a preflight.
    fn tickets(&self, request: &Request<Incoming>) -> Answer {
        let granted = match self.origins.judge(request.headers()) {
            From::Elsewhere => return wrong_origin(),
            From::Listed(origin) => Some(origin),
            From::Here => None,
        };
        let mut answer = if request.method() == Method::OPTIONS {
            preflight()
        } else {
            allowed(&[Method::POST, Method::OPTIONS], request.method())
                .unwrap_or_else(|| self.ticket(request.headers()))
        };
        set(&mut answer, header::VARY, "origin");
        if let Some(origin) = granted {
            answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        answer
    }

    fn ticket(&self, headers: &HeaderMap) -> Answer {
        let outcome = bearer_token(headers).map_or(Exchange::Unauthorized, |token| self.gate.exchange(token));
        match outcome {
            Exchange::Ticket(ticket) => {
                let seconds = crate::auth::TICKET_LIFETIME.as_secs();
                answer::json(StatusCode::OK, &json!({ "ticket": ticket, "expires_in": seconds }))
            }
            Exchange::Unauthorized => {
                let mut answer = refusal(StatusCode::UNAUTHORIZED, "unauthorized", "the token is not good");
                set(&mut answer, header::WWW_AUTHENTICATE, "Bearer");
                answer
            }
            Exchange::Full => {
                let mut answer = refusal(StatusCode::SERVICE_UNAVAILABLE, "retry_later", "too many tickets are open");
                set(&mut answer, header::RETRY_AFTER, "30");
                answer
            }
        }
    }
}

/// Pages have their own paths; under `/assets/` they would be the same page with broken links.
fn is_page(name: &str) -> bool {
    name.ends_with(".html")
}

/// The token of the one `Authorization: Bearer` header.
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(one), None) = (all.next(), all.next()) else { return None };
    let (scheme, token) = one.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn preflight() -> Answer {
    let mut answer = Answer::default();
    *answer.status_mut() = StatusCode::NO_CONTENT;
    set(&mut answer, header::ACCESS_CONTROL_ALLOW_METHODS, "POST");
    set(&mut answer, header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type");
    set(&mut answer, header::ACCESS_CONTROL_MAX_AGE, "600");
    answer
}

/// The refusal of a method that is not among these.
fn allowed(methods: &[Method], method: &Method) -> Option<Answer> {
    if methods.contains(method) {
        return None;
    }
    let mut answer = refusal(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this method is not known here");
    let list: Vec<_> = methods.iter().map(Method::as_str).collect();
    let list = HeaderValue::from_str(&list.join(", ")).expect("methods are plain words");
    answer.headers_mut().insert(header::ALLOW, list);
    Some(answer)
}

fn not_found() -> Answer {
    page(refusal(StatusCode::NOT_FOUND, "not_found", "there is nothing here"))
}

fn wrong_origin() -> Answer {
    refusal(StatusCode::FORBIDDEN, "origin_not_allowed", "pages of this origin may not connect")
}
