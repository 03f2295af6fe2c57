//! What is printed on the terminal at the start: where to go, and how to sign in. The password of the
//! default agent is written here and nowhere else.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use chatter_core::{Name, Permissions};

use crate::config::{Agent, default_id};
use crate::secret::Secret;

const DEFAULT_USERNAME: &str = "agent";

/// The agent there is when none is configured. The password follows from the secret: it stays the same
/// over restarts, and nobody without the secret can tell it.
pub(crate) fn default_agent(secret: &Secret) -> Agent {
    Agent {
        id: default_id(DEFAULT_USERNAME),
        username: DEFAULT_USERNAME.to_owned(),
        password: password(secret),
        name: Name::new("Agent").expect("a plain name is legal"),
        max_chats: 2,
        categories: None,
        // Who is alone has everything to do.
        permissions: Permissions::ALL,
    }
}

/// 100 bits in letters and digits that cannot be taken for one another.
fn password(secret: &Secret) -> Secret {
    const DIGITS: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";
    let bytes = secret.derive("password of the default agent");
    let letters: Vec<u8> = bytes[..20].iter().map(|byte| DIGITS[usize::from(byte & 31)]).collect();
    let groups: Vec<_> = letters.chunks(5).map(String::from_utf8_lossy).collect();
    Secret::new(&groups.join("-"))
}

/// Writes the addresses, and the sign-in of the default agent, if it is there.
pub(crate) fn print(address: SocketAddr, base_url: Option<&str>, default_agent: Option<&Agent>) {
    let mut text = format!("listening on http://{address}\n");
    let reached = base_url.map_or_else(|| format!("http://{}", reachable(address)), str::to_owned);
    text.push_str(&format!("  customers: {reached}/\n  agents:    {reached}/agent\n"));
    if let Some(agent) = default_agent {
        let (username, password) = (&agent.username, agent.password.expose());
        text.push_str(&format!("  sign in as {username} with the password {password}\n"));
    }
    let mut terminal = std::io::stdout().lock();
    if let Err(error) = terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush()) {
        tracing::warn!(%error, "the addresses cannot be printed");
    }
}

/// An address that a browser on this machine can open, where the server listens on all.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_password_follows_from_the_secret() {
        let password = |secret: &str| default_agent(&Secret::new(secret)).password;
        assert_eq!(password("a"), password("a"));
        assert_ne!(password("a"), password("b"));
        assert_eq!(password("a").expose().len(), 23);
    }

    #[test]
    fn an_address_to_open() {
        assert_eq!(reachable("0.0.0.0:80".parse().unwrap()).to_string(), "127.0.0.1:80");
        assert_eq!(reachable("[::]:80".parse().unwrap()).to_string(), "[::1]:80");
        assert_eq!(reachable("10.0.0.1:80".parse().unwrap()).to_string(), "10.0.0.1:80");
    }
}
