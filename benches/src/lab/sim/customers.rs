//! When the customers of each category come, and what each brings.

use crate::lab::random::{Arrivals, DayFactor, Law, NEVER, Profile, Purpose, Stream, micros};
use crate::lab::record::Micros;
use crate::lab::scenario::{Category, Coming, DAY, Horizon, Scenario};
use crate::lab::trace::Traced;

/// Bits of a customer's number within their category; the category stands above them.
const NUMBER_BITS: u32 = 40;

/// Which run the numbers are drawn for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draws {
    pub(super) seed: u64,
    pub(super) replication: u32,
}

impl Draws {
    /// The stream of a purpose for a customer.
    pub(super) fn stream(self, purpose: Purpose, key: u64) -> Stream {
        Stream::new(self.seed, self.replication, purpose, key)
    }
}

/// Someone who comes. What they bring hangs on `key` alone, so that it is the same whoever serves them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Newcomer {
    pub(super) key: u64,
    pub(super) traced: Option<Traced>,
}

/// The customers of one category, in order.
#[derive(Debug)]
pub(super) struct Flow {
    category: u64,
    number: u64,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Steady(Arrivals),
    Gaps { law: Law, stream: Stream, at: Micros, until: Micros },
    Days(Box<Days>),
    Trace(std::vec::IntoIter<Traced>),
}

/// Days that follow a profile, each with its own factor.
#[derive(Debug)]
struct Days {
    draws: Draws,
    category: u64,
    profile: Profile,
    factor: Option<DayFactor>,
    day: u64,
    days: u64,
    today: Arrivals,
}

impl Flow {
    pub(super) fn new(scenario: &Scenario, index: usize, draws: Draws) -> Self {
        let category = index as u64;
        let described = &scenario.categories[index];
        let stream = || draws.stream(Purpose::Arrival, category << NUMBER_BITS);
        let kind = match (&scenario.trace, &described.coming, scenario.horizon) {
            (Some(trace), ..) => {
                let rows: Vec<_> = trace.customers.iter().filter(|row| row.category == index).copied().collect();
                Kind::Trace(rows.into_iter())
            }
            (None, Coming::Traced, _) => Kind::Trace(Vec::new().into_iter()),
            (None, Coming::Gaps(law), horizon) => {
                Kind::Gaps { law: *law, stream: stream(), at: 0, until: horizon.over().unwrap_or(Micros::MAX) }
            }
            (None, Coming::Poisson(rate), Horizon::Customers { .. }) => {
                Kind::Steady(Arrivals::poisson(*rate, stream()))
            }
            (None, Coming::Poisson(rate), Horizon::Days { days }) => {
                let even = Profile::new(DAY, vec![*rate]).expect("the rate has been checked");
                Kind::Days(Box::new(Days::new(draws, category, even, described, days)))
            }
            (None, Coming::Profile(profile), Horizon::Days { days }) => {
                Kind::Days(Box::new(Days::new(draws, category, profile.clone(), described, days)))
            }
            // Refused on reading.
            (None, Coming::Profile(_), Horizon::Customers { .. }) => Kind::Trace(Vec::new().into_iter()),
        };
        Self { category, number: 0, kind }
    }

    /// When the next one comes, and who it is.
    pub(super) fn next(&mut self) -> Option<(Micros, Newcomer)> {
        let mut traced = None;
        let at = match &mut self.kind {
            Kind::Steady(arrivals) => arrivals.next()?,
            Kind::Gaps { law, stream, at, until } => {
                *at = at.checked_add(law.draw(stream)).filter(|at| *at < *until)?;
                *at
            }
            Kind::Days(days) => days.next()?,
            Kind::Trace(rows) => {
                let row = rows.next()?;
                traced = Some(row);
                row.at
            }
        };
        let key = self.category << NUMBER_BITS | self.number;
        self.number += 1;
        Some((at, Newcomer { key, traced }))
    }
}

impl Days {
    fn new(draws: Draws, category: u64, profile: Profile, described: &Category, days: u32) -> Self {
        let today = Arrivals::poisson(0.0, draws.stream(Purpose::Arrival, 0));
        let mut all =
            Self { draws, category, profile, factor: described.day_factor, day: 0, days: u64::from(days), today };
        all.begin();
        all
    }

    fn begin(&mut self) {
        // A day's factor is the same for all categories: busy days are busy everywhere.
        let mut stream = self.draws.stream(Purpose::DayFactor, self.day);
        let factor = self.factor.map_or(1.0, |factor| factor.draw(&mut stream));
        let stream = self.draws.stream(Purpose::Arrival, self.category << NUMBER_BITS | self.day);
        self.today = Arrivals::thinned(self.profile.scaled(factor), stream);
    }

    fn next(&mut self) -> Option<Micros> {
        while self.day < self.days {
            if let Some(at) = self.today.next() {
                return Some(self.day * DAY + at);
            }
            self.day += 1;
            self.begin();
        }
        None
    }
}

/// What a newcomer brings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brought<'a> {
    pub(super) category: &'a Category,
    pub(super) draws: Draws,
    pub(super) who: Newcomer,
}

impl Brought<'_> {
    /// Priority, 0 the lowest.
    pub(super) fn priority(&self) -> u8 {
        match self.who.traced.and_then(|row| row.priority) {
            Some(priority) => priority,
            // Where all have one priority nothing is drawn.
            None if self.category.priorities == [0.0, 1.0, 0.0, 0.0] => 1,
            None => {
                let drawn = self.draws.stream(Purpose::Priority, self.who.key).pick(&self.category.priorities);
                u8::try_from(drawn).expect("there are four priorities")
            }
        }
    }

    /// Work.
    pub(super) fn work(&self) -> Micros {
        self.who.traced.and_then(|row| row.work).unwrap_or_else(|| self.draw(&self.category.work, Purpose::Work))
    }

    /// Patience; [`NEVER`] for whoever waits for ever.
    pub(super) fn patience(&self) -> Micros {
        let traced = self.who.traced.and_then(|row| row.patience);
        traced.unwrap_or_else(|| self.draw(&self.category.patience, Purpose::Patience))
    }

    /// Whether they leave without a word.
    pub(super) fn is_silent(&self) -> bool {
        self.category.silent > 0.0 && self.draws.stream(Purpose::Silent, self.who.key).chance(self.category.silent)
    }

    /// How long it takes to notice that they are gone.
    pub(super) fn detection(&self) -> Micros {
        self.draw(&self.category.detection, Purpose::Detection)
    }

    /// How long the agent's first message takes in one turn, from 0: who is given the chat later is not slow because an
    /// earlier agent was.
    pub(super) fn first_reply(&self, turn: u32) -> Micros {
        self.draw_for(&self.category.first_reply, Purpose::Reply, nth_key(self.who.key, turn))
    }

    fn draw(&self, law: &Law, purpose: Purpose) -> Micros {
        self.draw_for(law, purpose, self.who.key)
    }

    fn draw_for(&self, law: &Law, purpose: Purpose, key: u64) -> Micros {
        match law {
            // Most scenarios leave something out, and mixing a stream that nothing is drawn from costs all the same.
            Law::Never => NEVER,
            Law::Deterministic { value } => micros(*value),
            Law::Exponential { .. }
            | Law::Lognormal { .. }
            | Law::Uniform { .. }
            | Law::Erlang { .. }
            | Law::Hyperexponential { .. } => law.draw(&mut self.draws.stream(purpose, key)),
        }
    }
}

/// What happens to a chat several times, such as an offer, draws each time from a stream of its own: categories and
/// customers leave the upper byte free.
pub(super) const fn nth_key(key: u64, nth: u32) -> u64 {
    key ^ ((nth as u64) << 56)
}
