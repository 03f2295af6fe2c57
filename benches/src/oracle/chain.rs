//! Markov chains small enough to solve outright.

use std::collections::HashMap;
use std::hash::Hash;

use super::OracleError;

/// A step to another state, at a rate.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a row of data")]
pub struct Move<S> {
    /// Where to.
    pub to: S,
    /// How often, in the state it leaves; above zero.
    pub rate: f64,
}

/// A chain in continuous time with the stationary probability of each of its states: those that can be reached from a
/// first one, which must all lead back to each other.
#[derive(Clone, Debug)]
pub struct Chain<S> {
    states: Vec<S>,
    probabilities: Vec<f64>,
}

/// What a sweep may still move when it counts as settled.
const SETTLED: f64 = 1e-15;
const SWEEPS_MAX: usize = 200_000;

impl<S: Clone + Eq + Hash> Chain<S> {
    /// The chain of these moves, solved by Gauss and Seidel's iteration on the balance of each state, up and down in
    /// turn so that probability travels both ways.
    ///
    /// # Errors
    /// [`OracleError::TooManyStates`] past `limit`, [`OracleError::NotSettled`], or a rate out of range.
    pub fn solve(first: S, limit: usize, moves: impl Fn(&S) -> Vec<Move<S>>) -> Result<Self, OracleError> {
        let (states, into, out) = explore(first, limit, moves)?;
        let mut probabilities = vec![1.0 / states.len() as f64; states.len()];
        if states.len() > 1 {
            settle(&mut probabilities, &into, &out)?;
        }
        Ok(Self { states, probabilities })
    }

    /// How many states it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.states.len()
    }

    /// Whether it has none; it always has one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// The stationary mean of a value of the state.
    pub fn mean(&self, value: impl Fn(&S) -> f64) -> f64 {
        self.states.iter().zip(&self.probabilities).map(|(state, probability)| probability * value(state)).sum()
    }

    /// The stationary probability of the states of which this is true.
    pub fn probability(&self, holds: impl Fn(&S) -> bool) -> f64 {
        self.mean(|state| f64::from(u8::from(holds(state))))
    }
}

/// For each state, the indices and rates of the moves into it.
struct Inflow {
    begins: Vec<usize>,
    from: Vec<(u32, f64)>,
}

type Explored<S> = (Vec<S>, Inflow, Vec<f64>);

/// All states in the order in which they are found, the moves into each and the rate out of each.
fn explore<S: Clone + Eq + Hash>(
    first: S,
    limit: usize,
    moves: impl Fn(&S) -> Vec<Move<S>>,
) -> Result<Explored<S>, OracleError> {
    let mut index = HashMap::from([(first.clone(), 0_u32)]);
    let mut states = vec![first];
    let mut all: Vec<(u32, u32, f64)> = Vec::new();
    let mut at = 0;
    while at < states.len() {
        for Move { to, rate } in moves(&states[at]) {
            super::error::positive("the rate of a move", rate)?;
            let next = *index.entry(to.clone()).or_insert_with(|| {
                states.push(to);
                (states.len() - 1) as u32
            });
            if next as usize != at {
                all.push((next, at as u32, rate));
            }
        }
        if states.len() > limit.min(u32::MAX as usize) {
            return Err(OracleError::TooManyStates { limit });
        }
        at += 1;
    }
    let mut out = vec![0.0; states.len()];
    let mut begins = vec![0; states.len() + 1];
    for (to, from, rate) in &all {
        out[*from as usize] += rate;
        begins[*to as usize + 1] += 1;
    }
    for state in 0..states.len() {
        begins[state + 1] += begins[state];
    }
    // Sorting is stable and by target alone, so that sums are formed in one order on every machine.
    all.sort_by_key(|(to, ..)| *to);
    let from = all.into_iter().map(|(_, from, rate)| (from, rate)).collect();
    Ok((states, Inflow { begins, from }, out))
}

fn settle(probabilities: &mut [f64], into: &Inflow, out: &[f64]) -> Result<(), OracleError> {
    let count = probabilities.len();
    let mut moved = f64::INFINITY;
    for sweep in 0..SWEEPS_MAX {
        moved = 0.0;
        let mut total = 0.0;
        for step in 0..count {
            let state = if sweep % 2 == 0 { step } else { count - 1 - step };
            let inflow = &into.from[into.begins[state]..into.begins[state + 1]];
            let sum: f64 = inflow.iter().map(|(from, rate)| probabilities[*from as usize] * rate).sum();
            let next = sum / out[state];
            moved += (next - probabilities[state]).abs();
            probabilities[state] = next;
            total += next;
        }
        probabilities.iter_mut().for_each(|probability| *probability /= total);
        if moved <= SETTLED * total {
            return Ok(());
        }
        // Rounding keeps a large chain moving by a little for ever; there the balance itself is the judge.
        if sweep % 64 == 63 && imbalance(probabilities, into, out) <= 1e-14 {
            return Ok(());
        }
    }
    Err(OracleError::NotSettled { sweeps: SWEEPS_MAX, moved })
}

/// How far flow into the states differs from flow out of them, relative to all flow.
fn imbalance(probabilities: &[f64], into: &Inflow, out: &[f64]) -> f64 {
    let (mut off, mut flow) = (0.0, 0.0);
    for (state, probability) in probabilities.iter().enumerate() {
        let inflow = &into.from[into.begins[state]..into.begins[state + 1]];
        let sum: f64 = inflow.iter().map(|(from, rate)| probabilities[*from as usize] * rate).sum();
        off += (sum - probability * out[state]).abs();
        flow += sum;
    }
    off / flow
}

#[cfg(test)]
mod tests {
    use super::super::ErlangA;
    use super::super::testing::agree;
    use super::*;

    fn queue(servers: u32, arrival: f64, patience: f64, room: u32) -> Result<Chain<u32>, OracleError> {
        Chain::solve(0, 10_000, |here: &u32| {
            let mut moves = Vec::new();
            if *here < room {
                moves.push(Move { to: here + 1, rate: arrival });
            }
            if *here > 0 {
                let death = f64::from(servers.min(*here)) + patience * f64::from(here.saturating_sub(servers));
                moves.push(Move { to: here - 1, rate: death });
            }
            moves
        })
    }

    #[test]
    fn a_queue_is_the_formula() {
        let chain = queue(10, 9.0, 0.5, 200).unwrap();
        let formula = ErlangA::new(10, 9.0, 1.0, 0.5).unwrap();
        agree("P", chain.probability(|here| *here >= 10), formula.wait_probability, 1e-11);
        agree("L", chain.mean(|here| f64::from(here.saturating_sub(10))), formula.queue_length, 1e-10);
        assert_eq!((chain.len(), chain.is_empty()), (201, false));
    }

    /// A ring that turns one way is uniform although no pair of its states is in balance by itself.
    #[test]
    fn chains_that_do_not_reverse() {
        let ring =
            Chain::solve(0_u32, 100, |here: &u32| vec![Move { to: (here + 1) % 7, rate: 1.0 + f64::from(here % 2) }])
                .unwrap();
        // The time in a state is the inverse of its rate: four states at 1, three at 2.
        agree("slow", ring.probability(|here| *here == 2), 1.0 / 5.5, 1e-12);
        agree("fast", ring.probability(|here| *here == 3), 0.5 / 5.5, 1e-12);
    }

    #[test]
    fn what_is_refused() {
        let endless = Chain::solve(0_u64, 50, |here: &u64| vec![Move { to: here + 1, rate: 1.0 }]);
        assert!(matches!(endless, Err(OracleError::TooManyStates { limit: 50 })));
        let wrong = Chain::solve(0_u64, 50, |_| vec![Move { to: 1, rate: -1.0 }]);
        assert!(matches!(wrong, Err(OracleError::Range { .. })));
    }
}
