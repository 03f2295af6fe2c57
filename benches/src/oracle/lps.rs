//! Several chats at once where one formula is enough.

use super::OracleError;
use super::erlang_a::ErlangA;
use super::error::{not_negative, positive, some, stable};

/// One agent who shares a fixed effort evenly among up to K chats: M/M/1-LPS(K), limited processor sharing (B.
/// Avi-Itzhak and S. Halfin, 1988; from memory). The number in the system is that of M/M/1, whatever K is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lps {
    arrival: f64,
    service: f64,
    /// ρ^K.
    full: f64,
}

impl Lps {
    /// With so many chats at once, and the rates of arrival and of an agent's whole effort.
    ///
    /// # Errors
    /// A number out of range, or [`OracleError::Unstable`].
    pub fn new(chats: u32, arrival: f64, service: f64) -> Result<Self, OracleError> {
        some("the number of chats at once", chats)?;
        positive("the service rate", service)?;
        let load = stable(not_negative("the arrival rate", arrival)? / service)?;
        Ok(Self { arrival, service, full: load.powf(f64::from(chats)) })
    }

    /// P(W > 0) = ρ^K: the agent has K chats already.
    #[must_use]
    pub fn wait_probability(&self) -> f64 {
        self.full
    }

    /// The mean wait until the chat begins, ρ^K/(μ-λ).
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.full / (self.service - self.arrival)
    }

    /// The mean time from coming to leaving, 1/(μ-λ).
    #[must_use]
    pub fn mean_stay(&self) -> f64 {
        1.0 / (self.service - self.arrival)
    }
}

/// `agents` agents with `slots` chats each, where a chat goes on at the same rate however many its agent has: then only
/// the number of chats matters, and whatever the rule that picks the agent, the queue is that of agents × slots servers.
///
/// # Errors
/// As [`ErlangA::new`]; the product must be a number of servers.
pub fn slots_as_servers(
    agents: u32,
    slots: u32,
    arrival: f64,
    rate_per_chat: f64,
    patience: f64,
) -> Result<ErlangA, OracleError> {
    let servers = agents.checked_mul(slots).ok_or_else(|| OracleError::Range {
        what: "agents times slots",
        rule: "below 4,294,967,296",
        value: f64::from(agents) * f64::from(slots),
    })?;
    ErlangA::new(servers, arrival, rate_per_chat, patience)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{agree, prints};
    use super::super::{Filling, Pools};
    use super::*;

    #[test]
    fn the_table_of_shared_effort() {
        let rows = [(0.8, [4.0, 3.2, 2.56, 1.6384]), (0.9, [9.0, 8.1, 7.29, 5.9049])];
        for (load, waits) in rows {
            for (chats, wait) in [1, 2, 3, 5].into_iter().zip(waits) {
                let agent = Lps::new(chats, load, 1.0).unwrap();
                prints("Wq", agent.mean_wait(), wait);
                prints("P", agent.wait_probability(), load.powi(chats.try_into().unwrap()));
                prints("stay", agent.mean_stay(), 1.0 / (1.0 - load));
            }
        }
        assert!(Lps::new(0, 0.5, 1.0).is_err() && Lps::new(2, 1.0, 1.0).is_err());
    }

    /// The chain of one agent whose whole effort is constant, with a patience so long that few leave.
    #[test]
    fn shared_effort_is_its_chain() {
        let result = Pools { agents: 1, effort: vec![1.0, 1.0, 1.0], arrival: 0.6, patience: 1e-9 }
            .solve(Filling::LeastLoaded)
            .unwrap();
        agree("Wq", result.mean_wait, Lps::new(3, 0.6, 1.0).unwrap().mean_wait(), 1e-6);
    }

    /// Three agents with two slots: the formula and the chain of chats agree under both rules, and only how many
    /// agents have anything to do differs.
    #[test]
    fn the_reduction_holds_for_both_rules() {
        let formula = slots_as_servers(3, 2, 3.0, 0.6, 0.5).unwrap();
        prints("P", formula.wait_probability, 0.396_752);
        prints("W", formula.mean_wait, 0.184_991);
        prints("PAb", formula.abandoned, 0.092_495);
        let pools = Pools { agents: 3, effort: vec![0.6, 1.2], arrival: 3.0, patience: 0.5 };
        for (filling, busy) in [(Filling::LeastLoaded, 0.917_577), (Filling::FillFirst, 0.864_412)] {
            let chain = pools.solve(filling).unwrap();
            agree("P", chain.wait_probability, formula.wait_probability, 1e-9);
            agree("W", chain.mean_wait, formula.mean_wait, 1e-9);
            agree("PAb", chain.abandoned, formula.abandoned, 1e-9);
            prints("busy", chain.agent_busy, busy);
        }
        assert!(slots_as_servers(100_000, 100_000, 1.0, 1.0, 1.0).is_err());
    }
}
