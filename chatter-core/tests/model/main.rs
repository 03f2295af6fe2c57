//! A small model of the desk, written from its rules and not from its code, and proptest in between: whatever
//! happens, both say the same.

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
mod machine;
#[cfg(test)]
mod moves;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod policies;
#[cfg(test)]
mod real;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod timers;
#[cfg(test)]
mod world;

#[cfg(test)]
mod tests {
    use proptest::test_runner::{Config, FileFailurePersistence};
    use proptest_state_machine::prop_state_machine;

    use super::machine::Whole;

    fn config() -> Config {
        Config {
            cases: std::env::var("MODEL_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(10_000),
            failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
                "tests/model/proptest-regressions/model.txt",
            ))),
            ..Config::default()
        }
    }

    #[test]
    fn survey() {
        for (what, (count, shortest)) in super::hunt::survey(None, 10_000) {
            println!("#### {count} x {what}\n{}", shortest);
        }
    }

    prop_state_machine! {
        #![proptest_config(config())]

        /// Agents, customers, sessions, offers, limits, policies, restarts and time: the desk does what the model allows.
        #[test]
        fn the_desk_does_what_the_model_allows(sequential 8..40 => Whole);
    }
}
