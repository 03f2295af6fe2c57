//! The server as a process: its start, its refusals, its end, and what it leaves.

#[cfg(test)]
mod common;

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use common::DEADLINE;
use common::client::Closed;
use common::process::{Folder, Server};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const AGENTS: &str = "
joins_per_minute = 0
[[agents]]
username = 'ada'
password = 'the password of ada'
name = 'Ada'
[[agents]]
username = 'bob'
password = 'the password of bob'
";

#[tokio::test]
async fn it_starts_without_any_configuration_and_says_where_to_go() {
    let folder = Folder::new("");
    let server = folder.start().await;
    let password = server.default_password().await;
    let printed = server.printed();
    let at = server.address();
    for line in [
        format!("listening on http://{at}"),
        format!("customers: http://{at}/"),
        format!("agents:    http://{at}/agent"),
    ] {
        assert!(printed.contains(&line), "{line} is missing in\n{printed}");
    }
    for (path, part) in [("/", "<title>"), ("/agent", "<title>"), ("/healthz", "ok"), ("/assets/style.css", "{")] {
        let (status, rest) = server.http("GET", path, &[]).await;
        assert_eq!(status, 200, "{path}");
        assert!(rest.contains(part) && rest.contains("x-content-type-options: nosniff"), "{path}: {rest}");
    }
    let (_, page) = server.http("GET", "/", &[]).await;
    assert!(page.contains("frame-ancestors 'none'") && !page.contains("unsafe-inline"), "{page}");
    let mut agent = server.connect().await;
    let ready = agent.hello("agent", json!({ "username": "agent", "password": password })).await;
    assert_eq!(ready["type"], "ready", "{ready}");
    assert_eq!(ready["categories"].as_array().unwrap().len(), 4, "{ready}");
    let exit = server.terminate().await;
    assert_eq!(exit.code, Some(0), "{}", exit.stderr);
    assert!(!exit.stderr.contains(&password), "the password is on the terminal, not in the log");

    let secret = std::fs::metadata(folder.path("chatter.db.secret")).unwrap();
    assert_eq!(secret.permissions().mode() & 0o777, 0o600);
    let again = folder.start().await;
    assert_eq!(again.default_password().await, password, "it stays the same");
}

#[tokio::test]
async fn refused_settings_are_told_together_and_nothing_is_begun() {
    let folder = Folder::new("polcy = 'x'\nagent_grace = 30\n").with_variable("CHATTER_SECRET", "hunter2");
    let exit = folder.run_to_end(&["--durability", "half"]).await;
    assert_eq!(exit.code, Some(2));
    for part in [
        "polcy: is no setting (from chatter.toml)",
        "agent_grace: must be a time with its unit",
        "secret: must be 32 to 1024 random bytes",
        "(from CHATTER_SECRET in the environment)",
        "durability: must be one of full, normal (from the flag --durability)",
    ] {
        assert!(exit.stderr.contains(part), "{part} is missing in\n{}", exit.stderr);
    }
    assert!(!exit.stderr.contains("hunter2") && exit.stdout.is_empty());
    assert!(!folder.database().exists(), "no file was made");
}

#[tokio::test]
async fn help_and_unknown_flags_end_at_once() {
    let folder = Folder::new("");
    let help = folder.run_to_end(&["--help"]).await;
    assert_eq!(help.code, Some(0));
    assert!(help.stdout.contains("CHATTER_CUSTOMER_GRACE") && help.stdout.contains("Exit codes:"), "{}", help.stdout);
    let unknown = folder.run_to_end(&["--colour"]).await;
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("--colour"), "{}", unknown.stderr);
}

#[tokio::test]
async fn environment_before_dot_env_before_the_file() {
    let file = "store = 'from-file.db'\n";
    let folder = Folder::new(file).with_file(".env", "CHATTER_STORE=from-dot-env.db\n");
    folder.start().await.terminate().await;
    assert!(folder.path("from-dot-env.db").exists() && !folder.path("from-file.db").exists());
    let folder = folder.with_variable("CHATTER_STORE", "from-environment.db");
    folder.start().await.terminate().await;
    assert!(folder.path("from-environment.db").exists());
    folder.start_with(&["--store", "from-flag.db"]).await.terminate().await;
    assert!(folder.path("from-flag.db").exists() && !folder.path("from-file.db").exists());
}

#[tokio::test]
async fn a_store_in_use_and_a_taken_address_are_told_by_name() {
    let folder = Folder::new("");
    let server = folder.start().await;
    let second = folder.run_to_end(&[]).await;
    assert_eq!(second.code, Some(1));
    assert!(second.stderr.contains("chatter.db") && second.stderr.contains("held"), "{}", second.stderr);
    let address = server.address().to_string();
    let third = folder.run_to_end(&["--listen", &address]).await;
    assert_eq!(third.code, Some(1));
    assert!(third.stderr.contains(&format!("cannot listen on {address}")), "{}", third.stderr);
    assert_eq!(server.http("GET", "/healthz", &[]).await.0, 200, "the first one is undisturbed");
}

#[tokio::test]
async fn asked_to_stop_it_tells_everybody_to_come_back_and_ends_well() {
    for signal in ["TERM", "INT"] {
        let folder = Folder::new(AGENTS);
        let server = folder.start().await;
        let mut customer = server.connect().await;
        assert_eq!(customer.hello("customer", json!({})).await["type"], "ready");
        let queued = customer.ask(json!({ "type": "join_queue", "name": "Zoë" })).await;
        assert_eq!(queued["type"], "queued", "{queued}");
        let silent = TcpStream::connect(server.address()).await.unwrap();
        server.signal(signal);
        let closed = customer.closed().await;
        assert_eq!(closed, Closed { code: Some(1012), word: "restarting".to_owned() });
        let exit = server.ended().await;
        assert_eq!(exit.code, Some(0), "{}", exit.stderr);
        drop(silent);
        let rows = rusqlite::Connection::open(folder.database()).unwrap();
        let chats: i64 = rows.query_row("SELECT count(*) FROM chats", [], |row| row.get(0)).unwrap();
        assert_eq!(chats, 1, "what was acknowledged is in the file");
    }
}

/// A peer that has upgraded and never reads or answers again.
async fn stuck(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).await.expect("it listens");
    let head = "GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("it reads");
    let mut answer = [0; 12];
    timeout(DEADLINE, stream.read_exact(&mut answer)).await.expect("an answer in time").expect("a whole one");
    assert_eq!(&answer, b"HTTP/1.1 101");
    stream
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let server = Folder::new("shutdown_within = '60s'").start().await;
    let stuck = stuck(&server).await;
    server.signal("TERM");
    server.has_logged("asked to stop").await;
    server.signal("INT");
    let exit = server.ended().await;
    assert_eq!(exit.code, Some(130), "{}", exit.stderr);
    drop(stuck);
}

#[tokio::test]
async fn stopping_has_an_end_whatever_a_peer_does() {
    let server = Folder::new("shutdown_within = '200ms'").start().await;
    let stuck = stuck(&server).await;
    let exit = server.terminate().await;
    assert!(matches!(exit.code, Some(0 | 5)), "{exit:?}");
    drop(stuck);
}

#[tokio::test]
async fn a_killed_server_goes_on_where_it_was() {
    let folder = Folder::new(AGENTS);
    let server = folder.start().await;
    let mut agent = server.connect().await;
    let ready = agent.hello("agent", json!({ "username": "ada", "password": "the password of ada" })).await;
    let agent_token = ready["agent_token"].clone();
    assert_eq!(agent.ask(json!({ "type": "set_agent_state", "state": "online" })).await["type"], "done");
    let mut customer = server.connect().await;
    let visitor = customer.hello("customer", json!({})).await["visitor_token"].clone();
    let queued = customer.ask(json!({ "type": "join_queue", "name": "Zoë" })).await;
    let chat = queued["chat"]["chat"].clone();
    let sent = customer
        .ask(json!({ "type": "send_message", "chat": chat, "client_msg_id": "1", "text": "is it there?" }))
        .await;
    assert_eq!(sent["type"], "accepted", "{sent}");
    assert_eq!(server.kill().await.code, None);

    let server = folder.start().await;
    let mut customer = server.connect().await;
    let ready = customer.hello("customer", json!({ "token": visitor })).await;
    assert_eq!(ready["chats"][0]["chat"], chat, "{ready}");
    let page = customer.ask(json!({ "type": "subscribe", "chat": chat })).await;
    let texts = page["entries"].to_string();
    assert!(texts.contains("is it there?"), "{page}");
    let mut agent = server.connect().await;
    let ready = agent.hello("agent", json!({ "token": agent_token })).await;
    assert_eq!(ready["chats"].as_array().map(Vec::len), Some(1), "{ready}");
}

#[tokio::test]
async fn an_agent_taken_out_of_the_configuration_is_out() {
    let folder = Folder::new(AGENTS);
    let server = folder.start().await;
    let mut bob = server.connect().await;
    let ready = bob.hello("agent", json!({ "username": "bob", "password": "the password of bob" })).await;
    let token = ready["agent_token"].clone();
    server.terminate().await;
    folder.configure(AGENTS.split("[[agents]]\nusername = 'bob'").next().unwrap());
    let server = folder.start().await;
    for credential in [json!({ "token": token }), json!({ "username": "bob", "password": "the password of bob" })] {
        let mut bob = server.connect().await;
        let answer = bob.hello("agent", credential).await;
        assert_eq!(answer["type"], "error", "{answer}");
        assert_eq!(bob.closed().await.code, Some(4101));
    }
}

#[tokio::test]
async fn logs_can_be_json() {
    let folder = Folder::new("log_format = 'json'\n").with_variable("CHATTER_PORT", "tcp://10.0.0.1");
    let exit = folder.start().await.terminate().await;
    let lines: Vec<serde_json::Value> = exit
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect();
    assert!(lines.iter().any(|line| line["fields"]["message"] == "started"));
    assert!(exit.stderr.contains("CHATTER_PORT, which is no setting"));
}

#[tokio::test]
async fn commands_can_be_recorded() {
    let folder = Folder::new("record = 'commands.jsonl'\n");
    folder.start().await.terminate().await;
    let record = std::fs::read_to_string(folder.path("commands.jsonl")).unwrap();
    assert!(record.lines().count() > 1, "{record}");
    for line in record.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

#[tokio::test]
async fn an_exposed_secret_file_is_refused() {
    let folder = Folder::new("").with_file("chatter.db.secret", &"ab".repeat(32));
    std::fs::set_permissions(folder.path("chatter.db.secret"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let exit = folder.run_to_end(&[]).await;
    assert_eq!(exit.code, Some(1));
    assert!(exit.stderr.contains("chmod 600"), "{}", exit.stderr);
    assert!(!exit.stderr.contains("abab"));
}

/// Keeps the harness honest: a start that fails is told, not waited for until the deadline.
#[tokio::test]
async fn the_harness_sees_a_process_end() {
    let exit = timeout(Duration::from_secs(20), Folder::new("x = 1").run_to_end(&[])).await.unwrap();
    assert_eq!(exit.code, Some(2));
}
