//! Which pages may connect and ask, by the `Origin` header that browsers send.

use http::header::{self, HeaderMap, HeaderValue};

/// The server's own pages, and the sites an operator names.
#[derive(Clone, Debug)]
pub(crate) struct Origins {
    listed: Vec<String>,
}

/// Where a request comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum From {
    /// No browser, or the server's own page: nothing has to be granted.
    Here,
    /// A page of a listed site.
    Listed(HeaderValue),
    /// A page that may not.
    Elsewhere,
}

impl Origins {
    /// The listed sites, and the address under which people reach the server, if it is known.
    pub(crate) fn new(listed: &[String], base_url: Option<&str>) -> Self {
        Self { listed: listed.iter().map(String::as_str).chain(base_url).map(str::to_owned).collect() }
    }

    /// Judges the headers of a request.
    pub(super) fn judge(&self, headers: &HeaderMap) -> From {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => From::Here,
            (Some(origin), None) => self.judge_one(origin, headers.get(header::HOST)),
            (Some(_), Some(_)) => From::Elsewhere,
        }
    }

    fn judge_one(&self, origin: &HeaderValue, host: Option<&HeaderValue>) -> From {
        let Ok(text) = origin.to_str() else { return From::Elsewhere };
        let authority = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let host = host.and_then(|host| host.to_str().ok());
        if authority.zip(host).is_some_and(|(authority, host)| authority.eq_ignore_ascii_case(host)) {
            From::Here
        } else if self.listed.iter().any(|listed| listed == text) {
            From::Listed(origin.clone())
        } else {
            From::Elsewhere
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(origins: &[&str], host: Option<&str>) -> From {
        let mut headers = HeaderMap::new();
        for origin in origins {
            headers.append(header::ORIGIN, origin.parse().unwrap());
        }
        if let Some(host) = host {
            headers.insert(header::HOST, host.parse().unwrap());
        }
        Origins::new(&["https://shop.example".to_owned()], Some("https://chat.example")).judge(&headers)
    }

    #[test]
    fn own_pages_and_listed_sites_may() {
        assert_eq!(judged(&[], None), From::Here);
        assert_eq!(judged(&["http://localhost:8080"], Some("localhost:8080")), From::Here);
        for listed in ["https://shop.example", "https://chat.example"] {
            assert_eq!(judged(&[listed], Some("127.0.0.1:8080")), From::Listed(listed.parse().unwrap()));
        }
    }

    #[test]
    fn everybody_else_may_not() {
        let host = Some("localhost:8080");
        for origin in [
            "null",
            "*",
            "",
            "http://localhost",
            "http://localhost:8081",
            "ftp://localhost:8080",
            "localhost:8080",
            "http://shop.example",
            "https://shop.example:444",
            "https://shop.example.evil.example",
            "https://evil.example",
            "https://evil.example/https://shop.example",
        ] {
            assert_eq!(judged(&[origin], host), From::Elsewhere, "{origin}");
        }
        assert_eq!(judged(&["https://shop.example", "https://evil.example"], host), From::Elsewhere);
        assert_eq!(judged(&["http://localhost:8080"], None), From::Elsewhere);
    }
}
