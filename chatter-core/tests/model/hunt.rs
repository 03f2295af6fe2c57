//! Cases run to the end of each or to the first rule that is broken.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use proptest_state_machine::ReferenceStateMachine;

use crate::machine::{Machine, Model, Pair};
use crate::planted::Fault;
use crate::steps::Step;

/// Runs a case; what was broken, and at which step.
fn run(machine: &Machine, steps: &[Step], fault: Option<Fault>) -> Result<(), (usize, String)> {
    let at = std::cell::Cell::new(0);
    let all = || {
        let mut pair = Pair::new(machine, fault)?;
        steps.iter().enumerate().try_for_each(|(number, step)| {
            at.set(number);
            pair.step(step)
        })
    };
    let text = |panic: Box<dyn std::any::Any + Send>| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned())).unwrap_or_default()
    };
    catch_unwind(AssertUnwindSafe(all)).unwrap_or_else(|panic| Err(text(panic))).map_err(|broken| (at.get(), broken))
}

/// Cases until one shows something that is broken; what, and the case.
pub(crate) fn find(fault: Option<Fault>, cases: usize, says: &str) -> Option<String> {
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let strategy = Model::sequential_strategy(8..40);
    (0..cases).find_map(|_| {
        let (machine, steps, _) = strategy.new_tree(&mut runner).expect("a case").current();
        let (at, broken) = run(&machine, &steps, fault).err()?;
        let steps: Vec<String> = steps[..=at].iter().map(|it| format!("    {it:?}")).collect();
        broken.contains(says).then(|| format!("{machine:?}\n{}\n  ==> {broken}", steps.join("\n")))
    })
}
