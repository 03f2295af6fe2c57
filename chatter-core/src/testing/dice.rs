//! Numbers that look random and repeat for a seed.

/// A small seeded generator (SplitMix64), so that a test with its seed is the same test for ever.
#[derive(Clone, Debug)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// Dice that always fall the same way for a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number, any of 2⁶⁴.
    pub const fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from zero up to and without `sides`; zero for no sides. Even enough for tests.
    pub const fn below(&mut self, sides: u64) -> u64 {
        if sides == 0 { 0 } else { self.roll() % sides }
    }

    /// True once in `sides` rolls.
    pub const fn once_in(&mut self, sides: u64) -> bool {
        self.below(sides) == 0
    }

    /// One of the choices; absent when there are none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let sides = u64::try_from(choices.len()).unwrap_or(u64::MAX);
        usize::try_from(self.below(sides)).ok().and_then(|side| choices.get(side))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_another_differs() {
        let rolls = |seed| {
            let mut dice = Dice::new(seed);
            [dice.roll(), dice.roll(), dice.below(6), dice.below(0)]
        };
        assert_eq!(rolls(1), rolls(1));
        assert_ne!(rolls(1), rolls(2));
        // The published first value of SplitMix64 for the seed zero.
        assert_eq!(Dice::new(0).roll(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(Dice::new(0).pick(&[7]), Some(&7));
        assert_eq!(Dice::new(0).pick::<u8>(&[]), None);
    }
}
