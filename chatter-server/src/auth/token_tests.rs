//! Tables of tokens that must not be good.

use aws_lc_rs::hmac;
use chatter_core::{AgentId, ChatId, CustomerId, DeskId, Name};
use serde_json::{Value, json};

use super::token::{BadToken, Bearer, Kind, Tokens};
use crate::secret::Secret;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "fedcba9876543210fedcba9876543210";

fn tokens(secret: &str, previous: Option<&str>) -> Tokens {
    Tokens::new(DeskId::default(), &Secret::new(secret), previous.map(Secret::new).as_ref())
}

fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0_u8; 4];
        group[1..=chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes(group);
        for digit in 0..=chunk.len() {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63]));
        }
    }
    text
}

/// A token signed with the right key, whatever its header and claims.
fn forged(header: &str, claims: &Value) -> String {
    let body = format!("{}.{}", base64url(header.as_bytes()), base64url(claims.to_string().as_bytes()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, &Secret::new(SECRET).derive("tokens"));
    format!("{body}.{}", base64url(hmac::sign(&key, body.as_bytes()).as_ref()))
}

fn own_header(tokens: &Tokens) -> String {
    let token = tokens.visitor(CustomerId(1));
    let header = jsonwebtoken::decode_header(&token).unwrap();
    format!(r#"{{"typ":"JWT","alg":"HS256","kid":"{}"}}"#, header.kid.unwrap())
}

fn good_claims(tokens: &Tokens) -> Value {
    serde_json::to_value(tokens.claims(Kind::Visitor, CustomerId(1).to_string())).unwrap()
}

#[test]
fn every_kind_names_its_bearer() {
    let tokens = tokens(SECRET, None);
    let (customer, chat, name) = (CustomerId(7), ChatId(3), Name::new("Zoë").unwrap());
    let one_chat = Bearer::Customer { customer, chat: Some(chat) };
    assert_eq!(tokens.read(&tokens.visitor(customer)), Ok(Bearer::Customer { customer, chat: None }));
    assert_eq!(tokens.read(&tokens.queue(customer, chat, &name)), Ok(one_chat.clone()));
    assert_eq!(tokens.read(&tokens.customer(customer, chat, &name)), Ok(one_chat));
    let agent = tokens.agent(AgentId(9), &name, "print".to_owned());
    assert_eq!(tokens.read(&agent), Ok(Bearer::Agent { agent: AgentId(9), password: "print".to_owned() }));
    assert!(agent.len() < 600);
}

#[test]
fn the_forger_of_these_tests_can_make_a_good_one() {
    let tokens = tokens(SECRET, None);
    assert!(tokens.read(&forged(&own_header(&tokens), &good_claims(&tokens))).is_ok());
}

#[test]
fn no_other_header_is_read() {
    let tokens = tokens(SECRET, None);
    let (own, claims) = (own_header(&tokens), good_claims(&tokens));
    let kid = own.split("kid\":\"").nth(1).unwrap().trim_end_matches("\"}").to_owned();
    for header in [
        r#"{"alg":"none"}"#.to_owned(),
        r#"{"typ":"JWT","alg":"HS256"}"#.to_owned(),
        r#"{"typ":"JWT","alg":"HS256","kid":"0000000000000000"}"#.to_owned(),
        own.replace("HS256", "none"),
        own.replace("HS256", "None"),
        own.replace("HS256", "HS512"),
        own.replace("HS256", "RS256"),
        own.replace("HS256", "ES256"),
        own.replace('}', &format!(r#","kid":"{kid}"}}"#)),
        own.replace('}', r#","jku":"https://evil.example/keys"}"#),
        own.replace('}', r#","jwk":{"kty":"oct","k":"AAAA"}}"#),
        own.replace('}', r#","x5u":"https://evil.example/cert"}"#),
        own.replace('}', r#","crit":["exp"]}"#),
        own.replace(',', ", "),
        String::new(),
        "null".to_owned(),
    ] {
        assert_eq!(tokens.read(&forged(&header, &claims)), Err(BadToken), "{header}");
    }
    let unsigned = forged(&own, &claims);
    let unsigned = &unsigned[..=unsigned.rfind('.').unwrap()];
    assert_eq!(tokens.read(unsigned), Err(BadToken));
}

#[test]
fn every_claim_is_required_and_typed() {
    let tokens = tokens(SECRET, None);
    let now = jsonwebtoken::get_current_timestamp();
    let wrong: &[(&str, &[Value])] = &[
        (
            "exp",
            &[json!("9999999999"), json!(9_999_999_999.5), json!(1e30), json!(-1), json!(null), json!([]), json!(0)],
        ),
        ("exp", &[json!(now - 11), json!(u64::MAX), json!(now + 31 * 86_400)]),
        ("nbf", &[json!("0"), json!(0.5), json!(1e30), json!(null), json!(now + 60)]),
        ("iat", &[json!("0"), json!(0.5), json!(null), json!(now + 60), json!(0)]),
        ("iss", &[json!("other"), json!(["chatter"]), json!(null), json!(1), json!("")]),
        ("aud", &[json!("other"), json!(["main"]), json!(["main", "other"]), json!(null), json!("")]),
        ("typ", &[json!("agent"), json!("queue"), json!("admin"), json!("Visitor"), json!(null), json!(1)]),
        ("sub", &[json!("1"), json!("X"), json!(1), json!(null), json!("0000000000000000000000000000000G")]),
        ("chat", &[json!(1), json!("1")]),
        ("pwd", &[json!("x")]),
    ];
    let good = good_claims(&tokens);
    for (name, values) in wrong {
        for value in *values {
            let mut claims = good.clone();
            claims[*name] = value.clone();
            assert_eq!(tokens.read(&forged(&own_header(&tokens), &claims)), Err(BadToken), "{name} {value}");
        }
    }
    for name in ["exp", "nbf", "iat", "iss", "aud", "typ", "sub"] {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(tokens.read(&forged(&own_header(&tokens), &claims)), Err(BadToken), "without {name}");
    }
    for claims in [json!(null), json!([]), json!("x")] {
        assert_eq!(tokens.read(&forged(&own_header(&tokens), &claims)), Err(BadToken), "{claims}");
    }
}

#[test]
fn nothing_but_a_whole_token_of_this_desk_and_key_is_good() {
    let tokens = tokens(SECRET, None);
    let good = tokens.visitor(CustomerId(1));
    let foreign_desk = Tokens::new(DeskId::new("other").unwrap(), &Secret::new(SECRET), None);
    assert_eq!(tokens.read(&foreign_desk.visitor(CustomerId(1))), Err(BadToken));
    let foreign_key = self::tokens(OTHER, None).visitor(CustomerId(1));
    assert_eq!(tokens.read(&foreign_key), Err(BadToken));
    let (head, _) = good.split_once('.').unwrap();
    let (_, rest) = foreign_key.split_once('.').unwrap();
    assert_eq!(tokens.read(&format!("{head}.{rest}")), Err(BadToken), "another key under this header");
    for cut in 0..good.len() {
        assert_eq!(tokens.read(&good[..cut]), Err(BadToken), "cut at {cut}");
    }
    for token in ["", ".", "..", "...", "a.b.c", &format!("{good}.{good}"), &format!(" {good}"), &format!("{good}=")] {
        assert_eq!(tokens.read(token), Err(BadToken), "{token}");
    }
    assert_eq!(tokens.read(&good.repeat(1_048_576 / good.len())), Err(BadToken), "1 MiB");
}

#[test]
fn a_changed_secret_keeps_tokens_of_the_previous_one() {
    let old = tokens(OTHER, None).visitor(CustomerId(1));
    assert!(tokens(SECRET, Some(OTHER)).read(&old).is_ok());
    assert_eq!(tokens(SECRET, None).read(&old), Err(BadToken));
    let new = tokens(SECRET, Some(OTHER)).visitor(CustomerId(1));
    assert!(tokens(SECRET, None).read(&new).is_ok(), "new tokens are made with the new secret");
}
