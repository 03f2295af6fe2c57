//! Secrets: a type that cannot be printed by accident, and keys derived from one secret by purpose.

use std::fmt;

use aws_lc_rs::{hmac, rand};

/// A password, a key or a token. Its content leaves only through [`Secret::expose`], so that every place
/// where it could reach a log can be found by that name.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(Box<str>);

impl Secret {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The content itself.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// 32 bytes that depend on this secret and on what they are for, so that knowing the key of one
    /// purpose tells nothing about another.
    pub(crate) fn derive(&self, purpose: &str) -> [u8; 32] {
        keyed_digest(self.0.as_bytes(), &[purpose.as_bytes()])
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// HMAC-SHA-256 over parts. Each part's length goes in before it, so that no two lists of parts meet.
pub(crate) fn keyed_digest(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let mut context = hmac::Context::with_key(&key);
    for part in parts {
        let length = u64::try_from(part.len()).expect("a length fits 64 bits");
        context.update(&length.to_be_bytes());
        context.update(part);
    }
    context.sign().as_ref().try_into().expect("SHA-256 gives 32 bytes")
}

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes every write");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::new("correct horse battery staple");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "Secret(..) Some(Secret(..))");
    }

    #[test]
    fn purposes_and_parts_are_kept_apart() {
        let secret = Secret::new("0123456789abcdef0123456789abcdef");
        assert_eq!(secret.derive("tokens"), secret.derive("tokens"));
        assert_ne!(secret.derive("tokens"), secret.derive("passwords"));
        assert_ne!(keyed_digest(b"k", &[b"ab", b"c"]), keyed_digest(b"k", &[b"a", b"bc"]));
    }
}
