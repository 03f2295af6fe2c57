//! Pairs of a customer and an agent who chat over everything that happens to the server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::person::{Person, Side};
use super::run::{self, Phase, Run};
use super::seed::Seed;
use super::server::{agent_name, agent_password};
use crate::history::journal::{History, Transcript};

/// Each agent talks to two customers.
pub(crate) const CHATS_PER_AGENT: u64 = 2;

/// All the people of a run.
#[derive(Debug)]
pub(crate) struct Pairs {
    people: JoinSet<Vec<Transcript>>,
    run: Arc<Run>,
    phase: watch::Sender<Phase>,
}

impl Pairs {
    /// Sends that many customers, and the agents for them, to a server that need not be there yet.
    pub(crate) fn start(pairs: u64, address: SocketAddr, seed: &mut Seed) -> Self {
        let (phase, phases) = watch::channel(Phase::Chat);
        let run = Arc::new(Run::new(address, phases));
        let mut people = JoinSet::new();
        for number in 1..=pairs / CHATS_PER_AGENT {
            let name = agent_name(number);
            let side = Side::Agent { username: name.clone(), password: agent_password(number) };
            people.spawn(Person::new(name, side, seed.fork(), Arc::clone(&run)).live());
        }
        for number in 1..=pairs {
            let name = format!("customer{number}");
            people.spawn(Person::new(name, Side::Customer, seed.fork(), Arc::clone(&run)).live());
        }
        Self { people, run, phase }
    }

    /// Waits until everybody has somebody to talk to.
    pub(crate) async fn met(&self, within: Duration) {
        self.all("has nobody to talk to", within, |person| person.chats).await;
    }

    /// Lets everybody send again what is unknown to them, read everything to its end, and go. The server
    /// must be running. Gives what they did, and their transcripts.
    pub(crate) async fn leave(mut self, within: Duration) -> History {
        self.turn_to(Phase::Settle);
        self.all("waits for an answer", within, |person| person.settled).await;
        self.turn_to(Phase::Leave);
        let deadline = tokio::time::Instant::now() + within;
        let mut transcripts = Vec::new();
        while !self.people.is_empty() {
            let left = tokio::time::timeout_at(deadline, self.people.join_next()).await;
            let Ok(Some(person)) = left else { panic!("somebody never reads everything: {:?}", self.run) };
            transcripts.extend(person.expect("people do not panic"));
        }
        History { transcripts, ..self.run.journal.take() }
    }

    /// Sends everybody away as they are. Gives what they did.
    pub(crate) async fn stop(mut self) -> History {
        self.people.shutdown().await;
        self.run.journal.take()
    }

    fn turn_to(&self, phase: Phase) {
        self.phase.send(phase).expect("the run itself listens");
    }

    async fn all(&self, but: &str, within: Duration, holds: impl Fn(&run::Person) -> bool) {
        let deadline = Instant::now() + within;
        loop {
            let without = self.run.without(&holds);
            if without.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "after {within:?} somebody {but}: {without:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
