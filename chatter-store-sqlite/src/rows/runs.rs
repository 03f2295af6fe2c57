//! Lists of pairs of numbers that mostly rise by the same step, written as runs.
//!
//! The row of a chat is written with every message, and its length decides how many chats share a page of 4 KiB: a
//! hundred unread messages take 1.2 KB as pairs and 15 bytes as the run they nearly always are.

use chatter_core::{PublicSeq, Seq};

use crate::failure::Failure;
use crate::rows::cells::json_of;

type Numbers = (Seq, PublicSeq);

/// The most pairs of one run, so that a damaged row cannot ask for more memory than a page of them.
const RUN_MAX: u64 = 1_000;

/// Several pairs, each by `step` above the one before it in both numbers.
struct Run {
    first: (u64, u64),
    count: u64,
    step: u64,
}

impl Run {
    /// Takes the pair that comes next, if it fits; what the step is, the second pair says.
    fn take(&mut self, (seq, public_seq): (u64, u64)) -> bool {
        let ahead = (seq.checked_sub(self.first.0), public_seq.checked_sub(self.first.1));
        let (Some(ahead), true) = (ahead.0.filter(|_| ahead.0 == ahead.1), self.count < RUN_MAX) else { return false };
        let step = if self.count == 1 { ahead } else { self.step };
        if step.checked_mul(self.count) != Some(ahead) {
            return false;
        }
        (self.step, self.count) = (step, self.count + 1);
        true
    }

    /// One pair as itself, which is also how rows of versions 1 and 2 have them.
    fn numbers(&self) -> Vec<u64> {
        let (seq, public_seq) = self.first;
        if self.count == 1 { vec![seq, public_seq] } else { vec![seq, public_seq, self.count, self.step] }
    }
}

/// As a JSON list of runs, each `[staff number, public number]` or `[staff number, public number, count, step]`.
pub(crate) fn to_json(what: &'static str, pairs: &[Numbers]) -> Result<String, Failure> {
    let mut runs: Vec<Run> = Vec::new();
    for (seq, public_seq) in pairs {
        let first = (seq.0, public_seq.0);
        if !runs.last_mut().is_some_and(|run| run.take(first)) {
            runs.push(Run { first, count: 1, step: 0 });
        }
    }
    json_of(what, &runs.iter().map(Run::numbers).collect::<Vec<_>>())
}

/// What [`to_json`] wrote, and what versions 1 and 2 of the schema hold: a pair is a run of one.
pub(crate) fn from_json(what: &'static str, json: &str) -> Result<Vec<Numbers>, Failure> {
    let illegal = || Failure::Illegal { what };
    let runs: Vec<Vec<u64>> = serde_json::from_str(json).map_err(|_| illegal())?;
    let mut pairs = Vec::new();
    for run in runs {
        let (seq, public_seq, count, step) = match run[..] {
            [seq, public_seq] => (seq, public_seq, 1, 0),
            [seq, public_seq, count @ 2..=RUN_MAX, step] => (seq, public_seq, count, step),
            _ => return Err(illegal()),
        };
        for number in 0..count {
            let at = |first: u64| step.checked_mul(number).and_then(|ahead| first.checked_add(ahead));
            let (seq, public_seq) = at(seq).zip(at(public_seq)).ok_or_else(illegal)?;
            pairs.push((Seq(seq), PublicSeq(public_seq)));
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(numbers: &[(u64, u64)]) -> Vec<Numbers> {
        numbers.iter().map(|(seq, public_seq)| (Seq(*seq), PublicSeq(*public_seq))).collect()
    }

    #[test]
    fn equal_steps_are_one_run() {
        for (numbers, json) in [
            (vec![], "[]"),
            (vec![(4, 3)], "[[4,3]]"),
            (vec![(4, 3), (6, 5), (8, 7)], "[[4,3,3,2]]"),
            // A note lies between the second and the third.
            (vec![(4, 3), (5, 4), (7, 5), (8, 6)], "[[4,3,2,1],[7,5,2,1]]"),
            (vec![(4, 3), (4, 3), (2, 9)], "[[4,3,2,0],[2,9]]"),
            (vec![(0, 0), (u64::MAX, u64::MAX)], "[[0,0,2,18446744073709551615]]"),
        ] {
            assert_eq!(to_json("list", &pairs(&numbers)).unwrap(), json);
            assert_eq!(from_json("list", json).unwrap(), pairs(&numbers));
        }
        let long: Vec<_> = (1..=2_500).map(|number| (number, number)).collect();
        let json = to_json("list", &pairs(&long)).unwrap();
        assert_eq!(json, "[[1,1,1000,1],[1001,1001,1000,1],[2001,2001,500,1]]");
        assert_eq!(from_json("list", &json).unwrap(), pairs(&long));
    }

    #[test]
    fn rows_before_runs_are_read() {
        assert_eq!(from_json("list", "[[1,1],[2,2],[4,3]]").unwrap(), pairs(&[(1, 1), (2, 2), (4, 3)]));
    }

    #[test]
    fn what_is_no_run_is_damage() {
        for json in [
            "",
            "{}",
            "[1]",
            "[[]]",
            "[[1]]",
            "[[1,2,3]]",
            "[[1,2,3,4,5]]",
            "[[1,2,1,1]]",
            "[[1,2,0,1]]",
            "[[1,2,1001,1]]",
            "[[1,-2]]",
            "[[1,18446744073709551615,2,1]]",
            "[[0,0,3,9223372036854775808]]",
        ] {
            assert!(matches!(from_json("list", json), Err(Failure::Illegal { what: "list" })), "{json}");
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(steps in prop::collection::vec((0_u64..4, 0_u64..4), 0..60), down in 0_usize..60) {
            let mut last = (1_000, 1_000);
            let numbers: Vec<_> = steps.into_iter().enumerate().map(|(place, (seq, public_seq))| {
                last = if place == down { (1, 2) } else { (last.0 + seq, last.1 + public_seq) };
                last
            }).collect();
            let json = to_json("list", &pairs(&numbers)).unwrap();
            prop_assert_eq!(from_json("list", &json).unwrap(), pairs(&numbers));
        }
    }
}
