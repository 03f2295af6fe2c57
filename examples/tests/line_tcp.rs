//! Runs the server of the example and talks to it as netcat would.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long an answer may take; far beyond what any needs.
const PATIENCE: Duration = Duration::from_secs(30);

struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_line_tcp"))
            .args(["127.0.0.1:0", "ada:lovelace", "bob:builder"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the example was built beside this test");
        let mut told = String::new();
        let stdout = process.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut told).expect("the server says a line");
        let address = told.trim().strip_prefix("listening on ").expect("the line tells the address").to_owned();
        Self { process, address }
    }

    fn connect(&self, first: &str) -> Netcat {
        let stream = TcpStream::connect(&self.address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("the time is not zero");
        let read = BufReader::new(stream.try_clone().expect("a socket has two handles"));
        let mut netcat = Netcat { stream, read };
        netcat.write(first);
        netcat
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has noticed then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Netcat {
    stream: TcpStream,
    read: BufReader<TcpStream>,
}

impl Netcat {
    fn write(&mut self, line: &str) {
        self.stream.write_all(format!("{line}\n").as_bytes()).expect("the connection takes a line");
    }

    /// Reads until a line has this in it, and gives all lines up to it.
    fn until(&mut self, words: &str) -> String {
        let mut all = String::new();
        loop {
            let before = all.len();
            let read = self.read.read_line(&mut all);
            assert!(matches!(read, Ok(1..)), "{read:?} before {words:?}, after {all}");
            if all[before..].contains(words) {
                return all;
            }
        }
    }
}

#[test]
fn a_customer_and_an_agent_chat_by_lines() {
    let server = Server::start();
    let mut zoe = server.connect("customer Zoe");
    zoe.until("* you are number 1 in line");
    let mut max = server.connect("customer Max");
    max.until("* you are number 2 in line");
    max.write("/place");
    max.until("* you are number 2 in line");
    zoe.write("is anybody there?");
    zoe.until("+ 1");

    let mut ada = server.connect("agent ada lovelace");
    ada.until("* chat 1 is yours: Zoe");
    ada.until("1 <Zoe> is anybody there?");
    zoe.until("* you are with ada");
    ada.write("yes, I am");
    zoe.until("<ada> yes, I am");

    ada.write("/note a regular");
    ada.until("+ 1/");
    ada.write("//end is not a command");
    let seen = zoe.until("<ada> /end is not a command");
    assert!(!seen.contains("regular"), "a customer sees no note: {seen}");

    zoe.write("/end");
    zoe.until("the chat has ended");
    ada.until("* chat 1 has ended");
    zoe.write("/bye");
    zoe.until("bye 4102 signed_out");
}

#[test]
fn frames_as_json_lines_are_spoken_too() {
    let server = Server::start();
    let mut zoe = server.connect(r#"{"type":"hello","protocol":1,"role":"customer"}"#);
    zoe.until(r#"{"type":"ready","#);
    zoe.write(r#"{"type":"join_queue","ref":"j","name":"Zoe"}"#);
    zoe.until(r#""type":"queued","ref":"j""#);
    zoe.write(r#"{"type":"send_file"}"#);
    zoe.until(r#""code":"not_available""#);
    zoe.write(r#"{"type":"ping","ref":"p"}"#);
    zoe.until(r#"{"type":"pong","ref":"p""#);
}

#[test]
fn whoever_is_not_let_in_is_told_why() {
    let server = Server::start();
    server.connect("agent ada babbage").until("bye 4101 unauthorized");
    server.connect("agent eve lovelace").until("bye 4101 unauthorized");
    server.connect("GET / HTTP/1.1").until("bye 4200 hello_expected");
    server.connect(r#"{"type":"hello","protocol":2,"role":"customer"}"#).until("bye 4201 unsupported_protocol");
}

#[test]
fn an_agent_with_two_chats_turns_from_one_to_the_other() {
    let server = Server::start();
    let mut bob = server.connect("agent bob builder");
    bob.until("* you are bob");
    let mut zoe = server.connect("customer Zoe");
    bob.until("* chat 1 is yours: Zoe");
    let mut max = server.connect("customer Max");
    bob.until("* chat 2 is yours: Max");
    bob.write("hello Zoe");
    zoe.until("<bob> hello Zoe");
    bob.write("/chat 2");
    bob.write("hello Max");
    let seen = max.until("<bob> hello Max");
    assert!(!seen.contains("Zoe"), "lines go to one chat: {seen}");
    bob.write("/end");
    bob.until("* chat 2 has ended");
    let mut ida = server.connect("customer Ida");
    bob.until("* chat 3 is yours: Ida");
    bob.write("hello Ida");
    ida.until("<bob> hello Ida");
    bob.write("/chat two");
    bob.until("! /chat takes the number of a chat");
    bob.write("/no such command");
    bob.until("! * a line is a message");
}
