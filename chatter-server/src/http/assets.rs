//! The pages, built into the binary.

use std::sync::LazyLock;

use aws_lc_rs::digest;
use bytes::Bytes;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderValue};

use super::answer::{Answer, content, page};
use crate::secret::hex;

/// One file of `web/`.
struct Asset {
    name: &'static str,
    bytes: &'static [u8],
}

macro_rules! assets {
    ($($name:literal),+ $(,)?) => {
        [$(Asset { name: $name, bytes: include_bytes!(concat!("../../web/", $name)) }),+]
    };
}

/// Every file there is; a test compares it with the folder.
static ASSETS: &[Asset] = &assets![
    "agent-actions.js",
    "agent-chat.js",
    "agent-chats.js",
    "agent-list.js",
    "agent-offers.js",
    "agent-queue.js",
    "agent-team.js",
    "agent.html",
    "agent.js",
    "clock.js",
    "connection.js",
    "console.css",
    "conversation.css",
    "corrections.js",
    "customer-start.js",
    "customer.html",
    "customer.js",
    "desk.css",
    "explain.js",
    "icon.svg",
    "identity.js",
    "items.js",
    "lines.js",
    "log.js",
    "outbox.js",
    "seen.js",
    "storage.js",
    "style.css",
    "transcript.js",
    "typing.js",
    "view.js",
    "wording.js",
];

/// The tags that tell whether a browser's copy is the one of this build, in the order of `ASSETS`.
static TAGS: LazyLock<Vec<HeaderValue>> = LazyLock::new(|| {
    let tag = |asset: &Asset| {
        let hash = digest::digest(&digest::SHA256, asset.bytes);
        HeaderValue::from_str(&format!("\"{}\"", hex(&hash.as_ref()[..8]))).expect("hexadecimal digits are legal")
    };
    ASSETS.iter().map(tag).collect()
});

/// The page or file of that name; 304 when the browser has it.
pub(super) fn answer(name: &str, asked: &HeaderMap) -> Option<Answer> {
    let (asset, tag) = ASSETS.iter().zip(TAGS.iter()).find(|(asset, _)| asset.name == name)?;
    let content_type = match asset.name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let known = asked.get_all(header::IF_NONE_MATCH).iter().any(|known| known == tag);
    let body = if known { Bytes::new() } else { Bytes::from_static(asset.bytes) };
    let mut answer = content(content_type, body);
    if known {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
    }
    answer.headers_mut().insert(header::ETAG, tag.clone());
    Some(page(answer))
}

#[cfg(test)]
mod tests {
    use super::ASSETS;

    #[test]
    fn the_table_is_the_folder() {
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/web")).unwrap();
        let mut files: Vec<_> = folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        files.sort();
        assert_eq!(files, ASSETS.iter().map(|asset| asset.name).collect::<Vec<_>>());
    }

    #[test]
    fn pages_need_nothing_that_their_policy_forbids() {
        for asset in ASSETS {
            let text = std::str::from_utf8(asset.bytes).unwrap();
            for forbidden in ["style=\"", "onclick=", "innerHTML", "<style", "<script>", "eval(", "http://", "https://"]
            {
                let namespace = forbidden == "http://" && text.contains("http://www.w3.org/");
                assert!(namespace || !text.contains(forbidden), "{} has {forbidden}", asset.name);
            }
        }
    }
}
