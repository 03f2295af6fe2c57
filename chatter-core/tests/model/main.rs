//! A small model of the desk, written from its rules and not from its code, and proptest in between: whatever
//! happens, both say the same.
#![expect(clippy::wildcard_enum_match_arm, reason = "a model picks out what it looks at")]

#[cfg(test)]
mod compare;
#[cfg(test)]
mod decide;
#[cfg(test)]
mod dispatch;
#[cfg(test)]
mod follow;
#[cfg(test)]
mod hands;
#[cfg(test)]
mod hunt;
#[cfg(test)]
mod joining;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod moves;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod policies;
#[cfg(test)]
mod presence;
#[cfg(test)]
mod real;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod setup;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod talking;
#[cfg(test)]
mod timers;
#[cfg(test)]
mod world;

#[cfg(test)]
mod tests {
    use proptest::test_runner::{Config, FileFailurePersistence};
    use proptest_state_machine::prop_state_machine;

    use super::hunt::find;
    use super::machine::Whole;
    use super::planted::Fault;

    fn config() -> Config {
        Config {
            cases: std::env::var("MODEL_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(10_000),
            failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
                "tests/model/proptest-regressions/model.txt",
            ))),
            ..Config::default()
        }
    }

    /// A model that allows everything would find nothing: each of these desks is wrong in one way.
    #[test]
    fn every_planted_fault_is_found() {
        let missed = |(fault, says): &(Fault, &str)| find(Some(*fault), 600, says).is_none();
        let missed: Vec<_> = Fault::ALL.into_iter().filter(missed).collect();
        assert!(missed.is_empty(), "nobody noticed {missed:?}");
    }

    prop_state_machine! {
        #![proptest_config(config())]

        /// Agents, customers, sessions, offers, limits, policies, restarts and time: the desk does what the model allows.
        #[test]
        fn the_desk_does_what_the_model_allows(sequential 8..40 => Whole);
    }
}
