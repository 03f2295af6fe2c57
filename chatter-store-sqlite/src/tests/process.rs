//! Another process: this test program again, with an order in its environment.

use std::io::{BufRead as _, BufReader, Lines, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use super::{Owner, Place};
use crate::{OpenRule, SqliteOptions, SqliteStore};

const ORDER: &str = "CHATTER_TEST_ORDER";
const DATABASE: &str = "CHATTER_TEST_DATABASE";

/// What every line meant for the parent begins with; the test harness prints lines of its own.
const MARK: &str = "child: ";

/// A running child, killed with this value.
pub(super) struct Other {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Other {
    pub(super) fn start(order: &str, database: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tests::process::obey", "--nocapture"])
            .env(ORDER, order)
            .env(DATABASE, database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next thing it says.
    pub(super) fn hear(&mut self) -> String {
        loop {
            let line = self.lines.next().expect("the child says what it was asked").unwrap();
            if let Some((_, said)) = line.split_once(MARK) {
                return said.to_owned();
            }
        }
    }

    /// SIGKILL, at whatever it does now; then what it had said before.
    pub(super) fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        let rest = std::iter::from_fn(|| self.lines.next()?.ok());
        let said = rest.filter_map(|line| Some(line.split_once(MARK)?.1.to_owned())).collect();
        self.child.wait().unwrap();
        said
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn say(what: impl std::fmt::Display) {
    println!("\n{MARK}{what}");
    std::io::stdout().flush().unwrap();
}

/// Does what a child was ordered to do; nothing in a normal run.
#[test]
fn obey() {
    let (Ok(order), Some(database)) = (std::env::var(ORDER), std::env::var_os(DATABASE)) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    match order.as_str() {
        "hold" => {
            let _store = SqliteStore::open(database, SqliteOptions::default()).unwrap();
            say("held");
            let _ = std::io::stdin().read(&mut [0]);
        }
        "commit" => runtime.block_on(async {
            let mut owner = Owner::of(SqliteStore::open(database, SqliteOptions::default()).unwrap()).await;
            loop {
                super::crash::next_batch(&mut owner.scribe);
                owner.commit().await;
                say(owner.revision);
            }
        }),
        _ => panic!("unknown order {order}"),
    }
}

#[test]
fn an_engine_in_another_process_is_turned_away_by_name() {
    let place = Place::new();
    let mut other = Other::start("hold", &place.path());
    assert_eq!(other.hear(), "held");
    let refused = place.refused();
    assert!(matches!(refused, OpenRule::Held { pid: Some(pid) } if pid == other.id()), "{refused}");
    assert!(refused.to_string().contains(&other.id().to_string()), "{refused}");
    // A hold ends with its process, however that ends.
    other.kill();
    place.open().close();
}
