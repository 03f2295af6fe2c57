//! Agents who hold several chats and slow down as they do: the chain, for two rules of choosing the agent.

use super::OracleError;
use super::chain::{Chain, Move};
use super::error::{not_negative, positive, some};

/// Equal agents of one category. An agent with k chats serves them at a total rate of `effort[k-1]`, shared evenly; as
/// many chats as `effort` has entries is the most they hold. The work of a chat is exponential with mean 1.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a case to solve, written out by the caller")]
pub struct Pools {
    /// How many agents.
    pub agents: u32,
    /// The total rate of an agent with 1, 2, ... chats.
    pub effort: Vec<f64>,
    /// The rate of arrivals.
    pub arrival: f64,
    /// The rate at which each who waits leaves; above zero, so that the chain can be cut.
    pub patience: f64,
}

/// Which agent with room gets the next chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the rules this chain is about")]
pub enum Filling {
    /// The one with the fewest chats.
    LeastLoaded,
    /// The one with the most.
    FillFirst,
}

/// Stationary means.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PoolsResult {
    /// The probability that all slots are taken when somebody comes.
    pub wait_probability: f64,
    /// The mean wait of all.
    pub mean_wait: f64,
    /// The share who leave.
    pub abandoned: f64,
    /// The mean number of chats held.
    pub mean_chats: f64,
    /// The share of the time that an agent has at least one chat.
    pub agent_busy: f64,
    /// The mean time a chat is held.
    pub time_in_service: f64,
}

/// How many agents hold 0, 1, ... chats, and how many customers wait.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    holding: Vec<u32>,
    waiting: u32,
}

const STATES_MAX: usize = 200_000;

impl Pools {
    /// Solves the chain under a rule. Agents with equally many chats are exchangeable, so a state counts them; the
    /// number waiting is cut where its probability is below 1e-16 even if all slots were always taken.
    ///
    /// # Errors
    /// A number out of range, no effort at all, or a chain that is too large.
    pub fn solve(&self, filling: Filling) -> Result<PoolsResult, OracleError> {
        let agents = f64::from(some("the number of agents", self.agents)?);
        positive("the arrival rate", self.arrival)?;
        positive("the patience rate", self.patience)?;
        for rate in &self.effort {
            positive("the effort", *rate)?;
        }
        let Some(full_effort) = self.effort.last() else {
            return Err(OracleError::Shape { what: "effort", rule: "a rate for one chat at least" });
        };
        let room = self.waiting_room(agents * full_effort)?;
        let mut idle = vec![0; self.effort.len() + 1];
        idle[0] = self.agents;
        let first = State { holding: idle, waiting: 0 };
        let chain = Chain::solve(first, STATES_MAX, |state| self.moves(state, filling, room))?;

        let waiting = chain.mean(|state| f64::from(state.waiting));
        let chats = chain.mean(|state| {
            state.holding.iter().enumerate().map(|(held, agents)| held as f64 * f64::from(*agents)).sum()
        });
        let abandoned = self.patience * waiting / self.arrival;
        let slots = self.effort.len();
        Ok(PoolsResult {
            wait_probability: chain.probability(|state| state.holding[slots] == self.agents),
            mean_wait: waiting / self.arrival,
            abandoned,
            mean_chats: chats,
            agent_busy: chain.mean(|state| f64::from(self.agents - state.holding[0])) / agents,
            time_in_service: chats / (self.arrival * (1.0 - abandoned)),
        })
    }

    fn moves(&self, state: &State, filling: Filling, room: u32) -> Vec<Move<State>> {
        let slots = self.effort.len();
        let mut moves = Vec::new();
        let open = |held: &usize| state.holding[*held] > 0;
        let chosen = match filling {
            Filling::LeastLoaded => (0..slots).find(open),
            Filling::FillFirst => (0..slots).rev().find(open),
        };
        if let Some(held) = chosen {
            moves.push(Move { to: state.shifted(held, held + 1), rate: self.arrival });
        } else if state.waiting < room {
            moves.push(Move { to: state.with_waiting(state.waiting + 1), rate: self.arrival });
        }
        for held in (1..=slots).filter(open) {
            let rate = f64::from(state.holding[held]) * self.effort[held - 1];
            // With somebody waiting every slot is taken, and the one that falls free is taken at once.
            let to = match state.waiting.checked_sub(1) {
                Some(left) => state.with_waiting(left),
                None => state.shifted(held, held - 1),
            };
            moves.push(Move { to, rate });
        }
        if state.waiting > 0 {
            let rate = self.patience * f64::from(state.waiting);
            moves.push(Move { to: state.with_waiting(state.waiting - 1), rate });
        }
        moves
    }

    /// How many waiting the chain keeps: where the birth-and-death weights above "all slots taken" vanish.
    fn waiting_room(&self, capacity: f64) -> Result<u32, OracleError> {
        not_negative("the capacity", capacity)?;
        let (mut weight, mut peak, mut room) = (1.0_f64, 1.0_f64, 0_u32);
        while weight > 1e-17 * peak {
            room += 1;
            if room as usize > STATES_MAX {
                return Err(OracleError::TooManyStates { limit: STATES_MAX });
            }
            weight *= self.arrival / (capacity + self.patience * f64::from(room));
            peak = peak.max(weight);
            if peak > 1e200 {
                weight /= peak;
                peak = 1.0;
            }
        }
        Ok(room)
    }
}

impl State {
    fn shifted(&self, from: usize, to: usize) -> Self {
        let mut holding = self.holding.clone();
        holding[from] -= 1;
        holding[to] += 1;
        Self { holding, waiting: self.waiting }
    }

    fn with_waiting(&self, waiting: u32) -> Self {
        Self { holding: self.holding.clone(), waiting }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::prints;
    use super::*;

    /// N, K, λ, θ.
    const CASES: [(u32, usize, f64, f64); 4] =
        [(2, 2, 2.5, 0.5), (3, 2, 4.0, 0.5), (3, 3, 4.5, 0.25), (4, 3, 6.0, 0.25)];

    /// For each of the cases: P(wait), W, P(Ab), chats, busy, time in service.
    type Printed = [[f64; 6]; CASES.len()];

    const LEAST_LOADED: Printed = [
        [0.379_697, 0.181_192, 0.090_596, 2.675_242, 0.835_455, 1.176_702],
        [0.382_619, 0.152_230, 0.076_115, 4.377_095, 0.891_070, 1.184_426],
        [0.286_582, 0.140_610, 0.035_152, 6.195_384, 0.936_605, 1.426_911],
        [0.237_340, 0.096_790, 0.024_198, 8.271_928, 0.950_163, 1.412_842],
    ];

    const FILL_FIRST: Printed = [
        [0.387_221, 0.184_783, 0.092_391, 2.714_102, 0.800_700, 1.196_155],
        [0.394_171, 0.156_826, 0.078_413, 4.456_588, 0.843_664, 1.208_943],
        [0.326_156, 0.160_027, 0.040_007, 6.616_696, 0.872_794, 1.531_653],
        [0.287_563, 0.117_272, 0.029_318, 8.993_172, 0.874_584, 1.544_133],
    ];

    #[test]
    fn the_table() {
        for (filling, table) in [(Filling::LeastLoaded, LEAST_LOADED), (Filling::FillFirst, FILL_FIRST)] {
            for ((agents, slots, arrival, patience), printed) in CASES.into_iter().zip(table) {
                let pools = Pools { agents, effort: vec![1.0, 1.6, 1.8][..slots].to_vec(), arrival, patience };
                let found = pools.solve(filling).unwrap();
                let values = [
                    found.wait_probability,
                    found.mean_wait,
                    found.abandoned,
                    found.mean_chats,
                    found.agent_busy,
                    found.time_in_service,
                ];
                for (value, printed) in values.into_iter().zip(printed) {
                    prints(&format!("{agents} × {slots}, {filling:?}"), value, printed);
                }
            }
        }
    }

    #[test]
    fn what_is_refused() {
        let pools = Pools { agents: 2, effort: vec![1.0], arrival: 1.0, patience: 1.0 };
        let no_agent = Pools { agents: 0, ..pools.clone() };
        let no_effort = Pools { effort: Vec::new(), ..pools };
        let negative = Pools { effort: vec![1.0, -1.0], ..pools };
        let endless = Pools { patience: 0.0, ..pools };
        for wrong in [no_agent, no_effort, negative, endless] {
            assert!(wrong.solve(Filling::LeastLoaded).is_err(), "{wrong:?}");
        }
    }
}
