//! Counter-based streams.

use super::normal::normal_quantile;

/// What a stream is drawn for; two purposes never share a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u64)]
pub enum Purpose {
    /// When customers come.
    Arrival = 1,
    /// Which category a customer comes to.
    Category = 2,
    /// Which priority they have.
    Priority = 3,
    /// How much work they bring.
    Work = 4,
    /// How long they wait before they leave.
    Patience = 5,
    /// Whether they leave without a word.
    Silent = 6,
    /// What an agent does with an offer.
    Offer = 7,
    /// How busy the day is.
    DayFactor = 8,
    /// What differs between agents.
    Agent = 9,
    /// How long the agent's first reply takes.
    Reply = 10,
    /// How long wrapping up takes.
    WrapUp = 11,
    /// When agents take breaks.
    Break = 12,
    /// How long it takes to notice that a customer is gone.
    Detection = 13,
    /// What a policy draws, where it draws at all.
    Policy = 14,
    /// Filling in what a trace does not say.
    Trace = 15,
    /// Resampling and other statistics.
    Statistics = 16,
}

/// The odd constant 2⁶⁴/φ by which `SplitMix64` steps.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream of random numbers: `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014), begun at a key mixed from its four names. Streams of different names begin at unrelated points of one
/// cycle of 2⁶⁴, so that those a lab draws from overlap with negligible probability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    state: u64,
}

impl Stream {
    /// The stream of one purpose for one customer (or agent, category or day: whatever the purpose counts) in one
    /// replication. Equal names give equal numbers, on every machine.
    #[must_use]
    pub fn new(seed: u64, replication: u32, purpose: Purpose, customer: u64) -> Self {
        // Every name is added at its own multiple of an odd constant between two rounds of mixing, so that names that
        // differ in a few low bits (they are all small numbers) give unrelated keys.
        let run = mix(mix(seed.wrapping_add(STEP)).wrapping_add(u64::from(replication).wrapping_mul(STEP)));
        let kind = mix(run ^ (purpose as u64).wrapping_mul(0xd6e8_feb8_6659_fd93));
        Self { state: mix(kind.wrapping_add(customer.wrapping_mul(STEP))) }
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// The next number of the open interval (0, 1): a multiple of 2⁻⁵³ that is neither 0 nor 1, so that its logarithm
    /// and its normal quantile are finite.
    pub fn uniform(&mut self) -> f64 {
        // 52 bits and a half: exact in an f64, symmetric about one half.
        ((self.bits() >> 12) as f64 + 0.5) * (1.0 / 4_503_599_627_370_496.0)
    }

    /// A standard normal number: the quantile of the next uniform one, so that each takes precisely one draw.
    pub fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform())
    }

    /// An exponential number of mean 1.
    pub fn exponential(&mut self) -> f64 {
        -libm::log(self.uniform())
    }

    /// A whole number below `count`, each equally likely but for a bias of at most `count` / 2⁶⁴; 0 where `count` is 0.
    pub fn below(&mut self, count: u64) -> u64 {
        let product = u128::from(self.bits()) * u128::from(count);
        u64::try_from(product >> 64).expect("the upper half of 128 bits has 64")
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// An index into `weights`, each as likely as its weight is large; 0 where there are none. Weights are not negative.
    pub fn pick(&mut self, weights: &[f64]) -> usize {
        let target = self.uniform() * weights.iter().sum::<f64>();
        let mut reached = 0.0;
        for (index, weight) in weights.iter().enumerate() {
            reached += weight;
            if target < reached {
                return index;
            }
        }
        // Rounding alone brings us here: the last that can be chosen at all.
        weights.iter().rposition(|weight| *weight > 0.0).unwrap_or(0)
    }
}

/// The finaliser of `SplitMix64`: David Stafford's variant 13 of the mixer of `MurmurHash3`. A bijection.
const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference sequence of `SplitMix64` from state 1234567, as its author's C program prints it.
    #[test]
    fn the_generator_is_splitmix64() {
        let mut stream = Stream { state: 1_234_567 };
        let first: Vec<u64> = (0..5).map(|_| stream.bits()).collect();
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ]
        );
    }

    /// Recorded once; a change here changes every result the lab has ever printed.
    #[test]
    fn the_first_numbers_stay() {
        let mut stream = Stream::new(1, 0, Purpose::Work, 0);
        let bits: Vec<u64> = (0..3).map(|_| stream.bits()).collect();
        assert_eq!(bits, GOLDEN);
        let mut again = Stream::new(1, 0, Purpose::Work, 0);
        assert_eq!(again.uniform(), ((GOLDEN[0] >> 12) as f64 + 0.5) / 4_503_599_627_370_496.0);
    }
    const GOLDEN: [u64; 3] = [1_439_338_765_596_739_610, 6_255_861_362_568_908_457, 13_774_668_645_416_161_565];

    #[test]
    fn uniform_stays_inside_the_open_interval_at_both_ends() {
        let lowest = (0u64 as f64 + 0.5) * (1.0 / 4_503_599_627_370_496.0);
        let highest = ((u64::MAX >> 12) as f64 + 0.5) * (1.0 / 4_503_599_627_370_496.0);
        assert!(lowest > 0.0 && highest < 1.0);
        assert_eq!(lowest, 1.0 - highest);
    }

    /// Chi-square over 256 cells, with the streams of many customers laid end to end: first draws only, which is what
    /// a simulation uses most, and many draws of one customer.
    #[test]
    fn uniform_across_customers_and_along_one() {
        let across = (0..200_000).map(|customer| Stream::new(7, 3, Purpose::Patience, customer).uniform());
        assert!(chi_square(across, 256) < 339.9); // the 99.97 % point for 255 degrees of freedom is 340
        let mut one = Stream::new(7, 3, Purpose::Patience, 0);
        let along = (0..200_000).map(|_| one.uniform());
        assert!(chi_square(along, 256) < 339.9);
    }

    /// Pairs of a draw under one name and one under another fill the unit square evenly, so no two purposes, replications, neighbours
    /// or seeds tell of each other.
    #[test]
    fn names_are_independent() {
        // The second number of each, so that streams which ran into each other one step apart would show too.
        let base = |customer| {
            let mut stream = Stream::new(5, 1, Purpose::Work, customer);
            stream.bits();
            stream.uniform()
        };
        let others: [Named; 5] = [
            ("itself", |customer| Stream::new(5, 1, Purpose::Work, customer)),
            ("purpose", |customer| Stream::new(5, 1, Purpose::Patience, customer)),
            ("replication", |customer| Stream::new(5, 2, Purpose::Work, customer)),
            ("neighbour", |customer| Stream::new(5, 1, Purpose::Work, customer + 1)),
            ("seed", |customer| Stream::new(6, 1, Purpose::Work, customer)),
        ];
        for (name, other) in others {
            let cells = (0..200_000).map(|customer| {
                let row = (base(customer) * 16.0).floor();
                (row + other(customer).uniform()) / 16.0
            });
            assert!(chi_square(cells, 256) < 339.9, "{name}");
        }
    }

    #[test]
    fn picks_follow_the_weights_and_never_a_zero() {
        let weights = [0.0, 3.0, 1.0, 0.0];
        let mut counts = [0u32; 4];
        for customer in 0..40_000 {
            counts[Stream::new(1, 0, Purpose::Category, customer).pick(&weights)] += 1;
        }
        assert_eq!((counts[0], counts[3]), (0, 0));
        // 30,000 expected, standard deviation 87.
        assert!((29_650..30_350).contains(&counts[1]), "{counts:?}");
        assert_eq!(Stream::new(1, 0, Purpose::Category, 0).pick(&[]), 0);
        assert_eq!(Stream::new(1, 0, Purpose::Category, 0).below(0), 0);
        assert!((0..1000).all(|customer| Stream::new(1, 0, Purpose::Agent, customer).below(7) < 7));
    }

    type Named = (&'static str, fn(u64) -> Stream);

    fn chi_square(numbers: impl Iterator<Item = f64>, cells: usize) -> f64 {
        let mut counts = vec![0u32; cells];
        let mut total = 0.0;
        for number in numbers {
            counts[(number * cells as f64) as usize] += 1;
            total += 1.0;
        }
        let expected = total / cells as f64;
        counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
    }
}
