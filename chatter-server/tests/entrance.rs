//! Who comes in, over the running server: tokens, tickets, sign-in, origins, limits and deadlines.

#[cfg(test)]
mod common;

use common::DEADLINE;
use common::client::Client;
use common::process::{Folder, Server};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

const PASSWORD: &str = "the password of ada";
const ADA: &str = "
[[agents]]
username = 'ada'
password = 'the password of ada'
name = 'Ada'
";

async fn ada(server: &Server) -> (Client, Value) {
    let mut agent = server.connect().await;
    let ready = agent.hello("agent", json!({ "username": "ada", "password": PASSWORD })).await;
    assert_eq!(ready["type"], "ready", "{ready}");
    (agent, ready)
}

async fn customer(server: &Server, credential: Value) -> (Client, Value) {
    let mut customer = server.connect().await;
    let ready = customer.hello("customer", credential).await;
    assert_eq!(ready["type"], "ready", "{ready}");
    (customer, ready)
}

async fn ticket(server: &Server, token: &Value) -> String {
    let authorization = format!("Bearer {}", token.as_str().expect("a token"));
    let (status, rest) = server.http("POST", "/api/v1/tickets", &[("authorization", &authorization)]).await;
    assert_eq!(status, 200, "{rest}");
    let body = rest.split("\r\n\r\n").nth(1).expect("a body");
    let body: Value = serde_json::from_str(body).expect("JSON");
    body["ticket"].as_str().expect("a ticket").to_owned()
}

#[tokio::test]
async fn every_token_comes_back_as_who_it_names_and_none_reaches_the_log() {
    let server = Folder::new(ADA).start().await;
    let (mut agent, agent_ready) = ada(&server).await;
    agent.ask(json!({ "type": "set_agent_state", "state": "away" })).await;
    let (mut first, ready) = customer(&server, json!({})).await;
    let visitor = ready["visitor_token"].clone();
    let queued = first.ask(json!({ "type": "join_queue", "name": "Zoë", "subject": "a lost parcel" })).await;
    let (chat, queue) = (queued["chat"]["chat"].clone(), queued["queue_token"].clone());
    agent.ask(json!({ "type": "set_agent_state", "state": "online" })).await;
    let customer_token = first.frame_of("customer_token").await["customer_token"].clone();
    let text = "the words of a customer";
    let sent = first.ask(json!({ "type": "send_message", "chat": chat, "client_msg_id": "m", "text": text })).await;
    assert_eq!(sent["type"], "accepted", "{sent}");

    let mut used = vec![PASSWORD.to_owned(), text.to_owned(), "Zoë".to_owned(), "a lost parcel".to_owned()];
    for token in [&visitor, &queue, &customer_token] {
        let (_, back) = customer(&server, json!({ "token": token })).await;
        assert_eq!(back["customer"], ready["customer"]);
        assert_eq!(back["chats"][0]["chat"], chat, "{back}");
    }
    for (token, role) in [(&visitor, "customer"), (&queue, "customer"), (&agent_ready["agent_token"], "agent")] {
        let ticket = ticket(&server, token).await;
        let mut with_ticket = server.connect_with_ticket(&ticket).await;
        let ready = with_ticket.frame_of("ready").await;
        assert!(ready[role].is_string() || ready[role].is_object(), "{role}: {ready}");
        let again = server.connect_with_ticket(&ticket).await.closed().await;
        assert_eq!(again.code, Some(4101), "a ticket is good once");
        used.push(ticket);
    }
    used.extend(
        [&visitor, &queue, &customer_token, &agent_ready["agent_token"]]
            .map(|token| token.as_str().unwrap().to_owned()),
    );
    let exit = server.terminate().await;
    assert_eq!(exit.code, Some(0), "{}", exit.stderr);
    assert!(exit.stderr.contains("TRACE") || exit.stderr.contains("DEBUG"), "the log was at its most talkative");
    for secret in used {
        assert!(!exit.stderr.contains(&secret) && !exit.stdout.contains(&secret), "{secret} was written");
    }
}

#[tokio::test]
async fn bad_credentials_get_one_and_the_same_answer() {
    let server = Folder::new(ADA).start().await;
    let (_, ready) = ada(&server).await;
    let (_, visitor) = customer(&server, json!({})).await;
    let mut answers = Vec::new();
    for (role, credential) in [
        ("agent", json!({ "username": "ada", "password": "wrong password" })),
        ("agent", json!({ "username": "eve", "password": PASSWORD })),
        ("agent", json!({})),
        ("agent", json!({ "token": visitor["visitor_token"] })),
        ("customer", json!({ "token": ready["agent_token"] })),
        ("customer", json!({ "token": "x.y.z" })),
        ("customer", json!({ "token": format!("{}x", visitor["visitor_token"].as_str().unwrap()) })),
    ] {
        let mut client = server.connect().await;
        let mut answer = client.hello(role, credential.clone()).await;
        answer.as_object_mut().unwrap().remove("ref");
        assert_eq!(answer["type"], "error", "{credential}");
        answers.push(answer);
        assert_eq!(client.closed().await.code, Some(4101), "{credential}");
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    let unauthorized = server.http("POST", "/api/v1/tickets", &[("authorization", "Bearer x.y.z")]).await;
    assert_eq!(unauthorized.0, 401);
}

#[tokio::test]
async fn guessing_passwords_is_throttled() {
    let server = Folder::new(ADA).start().await;
    let mut throttled = None;
    for _ in 0..12 {
        let mut client = server.connect().await;
        let answer = client.hello("agent", json!({ "username": "ada", "password": "a wrong guess" })).await;
        if client.closed().await.code == Some(1013) {
            throttled = Some(answer);
            break;
        }
    }
    let answer = throttled.expect("the guesses are throttled");
    assert!(answer["retry_after_ms"].as_u64().is_some_and(|wait| wait > 0), "{answer}");
    assert_eq!(server.http("GET", "/healthz", &[]).await.0, 200);
}

#[tokio::test]
async fn one_address_joins_three_times_a_minute() {
    let server = Folder::new("").start().await;
    let mut answers = Vec::new();
    for _ in 0..4 {
        let (mut customer, _) = customer(&server, json!({})).await;
        answers.push(customer.ask(json!({ "type": "join_queue", "name": "Zoë" })).await);
    }
    let kinds: Vec<_> = answers.iter().map(|answer| answer["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["queued", "queued", "queued", "error"], "{answers:?}");
    assert!(answers[3]["retry_after_ms"].as_u64().is_some(), "{}", answers[3]);
}

#[tokio::test]
async fn only_own_pages_and_listed_sites_open_a_web_socket() {
    let server = Folder::new("origins = ['https://shop.example']\n").start().await;
    let own = format!("http://{}", server.address());
    for (origin, welcome) in [
        ("https://shop.example", true),
        (own.as_str(), true),
        ("https://evil.example", false),
        ("http://shop.example", false),
        ("null", false),
    ] {
        let mut request = format!("ws://{}/ws", server.address()).into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        let outcome = timeout(DEADLINE, tokio_tungstenite::connect_async(request)).await.unwrap();
        match outcome {
            Ok(_) => assert!(welcome, "{origin}"),
            Err(Error::Http(response)) => assert!(!welcome && response.status() == 403, "{origin}: {response:?}"),
            Err(other) => panic!("{origin}: {other}"),
        }
    }
}

#[tokio::test]
async fn the_silent_are_closed_before_a_request_and_before_a_hello() {
    let server = Folder::new("header_timeout = '300ms'\nauth_timeout = '300ms'\n").start().await;
    let mut silent = TcpStream::connect(server.address()).await.unwrap();
    let mut nothing = Vec::new();
    timeout(DEADLINE, silent.read_to_end(&mut nothing)).await.expect("closed in time").unwrap();
    assert!(nothing.is_empty());
    let closed = server.connect().await.closed().await;
    assert_eq!(closed.code, Some(4100), "{closed:?}");
}
