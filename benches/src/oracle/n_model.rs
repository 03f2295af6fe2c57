//! The N-model: one pool of specialists, one that serves both classes.

use super::OracleError;
use super::chain::{Chain, Move};
use super::error::{positive, some};

/// Two classes and two pools. Class A goes to pool 1 if it has a free server and to pool 2 otherwise; class B to pool 2
/// only. All services are exponential with rate 1, all patience with one rate.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a case to solve, written out by the caller")]
pub struct NModel {
    /// The rate at which class A comes.
    pub arrival_a: f64,
    /// The rate at which class B comes.
    pub arrival_b: f64,
    /// The servers of pool 1, for A alone.
    pub servers_1: u32,
    /// The servers of pool 2, for both.
    pub servers_2: u32,
    /// The rate at which each who waits leaves.
    pub patience: f64,
    /// How many waiting the chain keeps, of each class (of both together under [`Rule::LongestWait`], whose chain keeps
    /// their order and so has 2^waiting states).
    pub waiting_max: u32,
}

/// Whom a freed server of pool 2 takes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the rules this chain is about")]
pub enum Rule {
    /// Whoever came first.
    LongestWait,
    /// B if one waits.
    BFirst,
    /// A if one waits.
    AFirst,
    /// The class with more waiting, each with probability one half if equally many.
    LongestQueue,
    /// The class that exceeds its share of all waiting the most; A if neither does. The share is that of A.
    QueueRatio(f64),
}

/// Stationary means, by class and pool.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct NModelResult {
    /// The probability that a customer of class A, B has to wait.
    pub wait_probability: [f64; 2],
    /// The mean wait of all of class A, B.
    pub mean_wait: [f64; 2],
    /// The share of class A, B who leave.
    pub abandoned: [f64; 2],
    /// The share of the time that a server of pool 1, 2 works.
    pub occupancy: [f64; 2],
}

/// Servers at work in each pool and who waits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    busy: [u32; 2],
    line: Line,
}

/// Who waits: as numbers where the rule looks at no more, else in the order of arrival, the first in the lowest bit and
/// 1 for B.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Line {
    Counted([u32; 2]),
    Ordered { length: u32, classes: u64 },
}

const STATES_MAX: usize = 2_000_000;

impl NModel {
    /// Solves the chain under a rule.
    ///
    /// # Errors
    /// A number out of range or a chain that is too large.
    pub fn solve(&self, rule: Rule) -> Result<NModelResult, OracleError> {
        some("the servers of pool 1", self.servers_1)?;
        some("the servers of pool 2", self.servers_2)?;
        some("the room for waiting", self.waiting_max)?;
        for (what, rate) in
            [("A's arrival rate", self.arrival_a), ("B's arrival rate", self.arrival_b), ("patience", self.patience)]
        {
            positive(what, rate)?;
        }
        let line = match rule {
            Rule::LongestWait => Line::Ordered { length: 0, classes: 0 },
            Rule::BFirst | Rule::AFirst | Rule::LongestQueue | Rule::QueueRatio(_) => Line::Counted([0, 0]),
        };
        let ordered = matches!(rule, Rule::LongestWait);
        if ordered && self.waiting_max > 20 {
            return Err(OracleError::TooManyStates { limit: STATES_MAX });
        }
        let first = State { busy: [0, 0], line };
        let chain = Chain::solve(first, STATES_MAX, |state| self.moves(state, rule))?;
        let pools = [self.servers_1, self.servers_2];
        let arrivals = [self.arrival_a, self.arrival_b];
        let waiting = [0, 1].map(|class| chain.mean(|state| f64::from(state.line.count()[class])));
        let mean_wait = [0, 1].map(|class| waiting[class] / arrivals[class]);
        Ok(NModelResult {
            wait_probability: [
                chain.probability(|state| state.busy == pools),
                chain.probability(|state| state.busy[1] == pools[1]),
            ],
            mean_wait,
            abandoned: mean_wait.map(|wait| self.patience * wait),
            occupancy: [0, 1].map(|pool| chain.mean(|state| f64::from(state.busy[pool])) / f64::from(pools[pool])),
        })
    }

    fn moves(&self, state: &State, rule: Rule) -> Vec<Move<State>> {
        let mut moves = Vec::new();
        let pools = [self.servers_1, self.servers_2];
        let free = [0, 1].map(|pool| state.busy[pool] < pools[pool]);
        for (class, rate) in [(0, self.arrival_a), (1, self.arrival_b)] {
            let pool = if class == 0 && free[0] { Some(0) } else { free[1].then_some(1) };
            if let Some(pool) = pool {
                moves.push(Move { to: state.with_busy(pool, state.busy[pool] + 1), rate });
            } else if let Some(line) = state.line.joined(class, self.waiting_max) {
                moves.push(Move { to: State { busy: state.busy, line }, rate });
            }
        }
        for pool in [0, 1].into_iter().filter(|pool| state.busy[*pool] > 0) {
            let rate = f64::from(state.busy[pool]);
            let shares = if pool == 0 { state.line.served_by_pool_1() } else { state.line.served_by_pool_2(rule) };
            if shares.is_empty() {
                moves.push(Move { to: state.with_busy(pool, state.busy[pool] - 1), rate });
            }
            for (line, share) in shares {
                moves.push(Move { to: State { busy: state.busy, line }, rate: rate * share });
            }
        }
        for (line, leaving) in state.line.left() {
            moves.push(Move { to: State { busy: state.busy, line }, rate: self.patience * leaving });
        }
        moves
    }
}

impl State {
    fn with_busy(&self, pool: usize, count: u32) -> Self {
        let mut busy = self.busy;
        busy[pool] = count;
        Self { busy, line: self.line.clone() }
    }
}

impl Line {
    fn count(&self) -> [u32; 2] {
        match *self {
            Self::Counted(count) => count,
            Self::Ordered { length, classes } => [length - classes.count_ones(), classes.count_ones()],
        }
    }

    /// With one more of a class at the end; none where there is no room.
    fn joined(&self, class: usize, room: u32) -> Option<Self> {
        match *self {
            Self::Counted(mut count) => {
                count[class] += 1;
                (count[class] <= room).then_some(Self::Counted(count))
            }
            Self::Ordered { length, classes } if length < room => {
                Some(Self::Ordered { length: length + 1, classes: classes | ((class as u64) << length) })
            }
            Self::Ordered { .. } => None,
        }
    }

    /// Without the one at a place of the order, 0 the first.
    fn without(length: u32, classes: u64, place: u32) -> Self {
        let before = classes & ((1 << place) - 1);
        let after = (classes >> (place + 1)) << place;
        Self::Ordered { length: length - 1, classes: before | after }
    }

    /// Without the first of a class; none where nobody of it waits.
    fn taken(&self, class: usize) -> Option<Self> {
        match *self {
            Self::Counted(mut count) => {
                count[class] = count[class].checked_sub(1)?;
                Some(Self::Counted(count))
            }
            Self::Ordered { length, classes } => {
                let place = (0..length).find(|place| (classes >> place) & 1 == class as u64)?;
                Some(Self::without(length, classes, place))
            }
        }
    }

    fn served_by_pool_1(&self) -> Vec<(Self, f64)> {
        self.taken(0).map(|line| (line, 1.0)).into_iter().collect()
    }

    /// The lines that a freed server of pool 2 may leave, each with its probability; none where nobody waits.
    fn served_by_pool_2(&self, rule: Rule) -> Vec<(Self, f64)> {
        let count = self.count();
        let only = |class: usize| self.taken(class).map(|line| (line, 1.0)).into_iter().collect();
        let prefer = |class: usize| if count[class] > 0 { only(class) } else { only(1 - class) };
        match rule {
            Rule::LongestWait => match *self {
                Self::Ordered { classes, .. } => prefer((classes & 1) as usize),
                Self::Counted(_) => unreachable!("the longest wait is solved on ordered lines"),
            },
            Rule::AFirst => prefer(0),
            Rule::BFirst => prefer(1),
            Rule::LongestQueue if count[0] == count[1] => {
                [0, 1].into_iter().filter_map(|class| self.taken(class)).map(|line| (line, 0.5)).collect()
            }
            Rule::LongestQueue => prefer(usize::from(count[1] > count[0])),
            // The excesses of the two classes sum to nothing, so the sign of A's decides.
            Rule::QueueRatio(share) => {
                let excess = f64::from(count[0]) - share * f64::from(count[0] + count[1]);
                prefer(usize::from(excess < -1e-9))
            }
        }
    }

    /// The lines after somebody has left, with how many may be the one.
    fn left(&self) -> Vec<(Self, f64)> {
        match *self {
            Self::Counted(count) => [0, 1]
                .into_iter()
                .filter_map(|class| self.taken(class).map(|line| (line, f64::from(count[class]))))
                .collect(),
            Self::Ordered { length, classes } => {
                (0..length).map(|place| (Self::without(length, classes, place), 1.0)).collect()
            }
        }
    }
}

#[cfg(test)]
#[path = "n_model_tests.rs"]
mod tests;
