//! The model as a reference for proptest, and the desk beside it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chatter_core::SessionId;
use chatter_core::desk::Input;
use proptest::collection::vec;
use proptest::strategy::{BoxedStrategy, Strategy};
use proptest::test_runner::Config;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};

use crate::compare::{self, Told};
use crate::follow::Follow;
use crate::planted::Fault;
use crate::real::Real;
use crate::steps::{self, START, Step};
use crate::world::World;

/// The model, by itself: where a choice is free it takes any.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) world: World,
    setup: Vec<Input>,
    next_session: SessionId,
}

/// What it begins with, one input a line.
impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = |it: &Input| serde_json::to_string(it).unwrap_or_default();
        writeln!(f, "{} {}", self.world.first_policy, serde_json::to_string(&self.world.settings).unwrap_or_default())?;
        // The first inputs make the categories, and the next ones fill them.
        self.setup.iter().skip(3).try_for_each(|input| writeln!(f, "  {}", json(input)))
    }
}

impl Machine {
    fn new(settings: u32, policy: u32, rolls: &[u32]) -> Self {
        let names = chatter_core::policy::NAMES;
        let world = World::new(START, steps::settings(settings), names[policy as usize % names.len()]);
        let mut machine = Self { world, setup: steps::setup(rolls), next_session: SessionId(100) };
        for input in machine.setup.clone() {
            machine.world.step(START, Some(&input)).expect("nobody contradicts");
        }
        machine
    }
}

pub(crate) struct Model;

impl ReferenceStateMachine for Model {
    type State = Machine;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Machine> {
        (0..1_000_u32, 0..7_u32, vec(0..1_u32 << 24, 10))
            .prop_map(|(settings, policy, rolls)| Machine::new(settings, policy, &rolls))
            .boxed()
    }

    fn transitions(state: &Machine) -> BoxedStrategy<Step> {
        let (world, session) = (state.world.clone(), state.next_session);
        (0..200_u32, 0..1_u32 << 16, 0..1_u32 << 24, 0..1_u32 << 16)
            .prop_map(move |roll| world.draw(session, roll))
            .boxed()
    }

    /// Time does not go back, in a shortened case either.
    fn preconditions(state: &Machine, step: &Step) -> bool {
        let (Step::Input(at, _) | Step::Wait(at) | Step::Restart(at) | Step::Reload(at)) = step;
        *at >= state.world.now
    }

    fn apply(mut state: Machine, step: &Step) -> Machine {
        state.next_session = state.next_session.next();
        advance(&mut state.world, step, None).expect("nobody contradicts");
        state
    }
}

/// Takes the model through a step.
fn advance(world: &mut World, step: &Step, facts: Option<Box<chatter_core::desk::Facts>>) -> crate::decide::Answered {
    match step {
        Step::Input(at, input) => match (&**input, facts) {
            (Input::Ask { session, command, .. }, Some(facts)) => {
                let input = Input::Ask { session: *session, command: command.clone(), facts: Some(facts) };
                world.step(*at, Some(&input))
            }
            (input, _) => world.step(*at, Some(input)),
        },
        Step::Wait(at) => world.step(*at, None),
        Step::Restart(at) => {
            world.restart(*at);
            Ok(crate::decide::Said::Yes)
        }
        Step::Reload(at) => {
            world.reload(*at);
            world.step(*at, None)
        }
    }
}

/// The desk, with the model beside it that follows its choices where they are allowed.
pub(crate) struct Pair {
    real: Real,
    world: World,
    told: Told,
    fault: Option<Fault>,
}

impl Pair {
    pub(crate) fn new(machine: &Machine, fault: Option<Fault>) -> Result<Self, String> {
        let from = &machine.world;
        let world = World::new(START, from.settings.clone(), from.first_policy);
        let real = Real::new(START, from.settings.clone(), from.first_policy, fault);
        let mut pair = Self { real, world, told: Told::default(), fault };
        for input in &machine.setup {
            pair.step(&Step::Input(START, Box::new(input.clone())))?;
        }
        Ok(pair)
    }

    pub(crate) fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Input(at, input) => self.run(*at, Some(input), step),
            Step::Wait(at) => self.run(*at, None, step),
            Step::Restart(at) => {
                self.told.forget();
                self.real.restart(*at);
                self.world.restart(*at);
                self.check()
            }
            Step::Reload(at) => {
                self.real.reload(*at);
                self.world.reload(*at);
                self.told.renew(&self.world);
                self.run(*at, None, &Step::Wait(*at))
            }
        }
    }

    fn run(&mut self, at: chatter_core::Time, input: Option<&Input>, step: &Step) -> Result<(), String> {
        let (seen, given) = self.real.step(at, input);
        self.world.follow = Follow::of(seen.facts.clone());
        let before = self.world.clone();
        let said = advance(&mut self.world, step, given).map_err(|it| format!("{it}\nthe desk: {:?}", seen.facts))?;
        compare::answers(&seen, &said)?;
        let opened = match input {
            Some(Input::OpenSession { session, .. }) => Some(*session),
            _ => None,
        };
        self.told.hear(&seen, opened);
        crate::rules::between(&before, &self.world)?;
        self.check()
    }

    fn check(&mut self) -> Result<(), String> {
        self.real.desk.check();
        if !self.fault.is_some_and(Fault::is_told) {
            compare::rows(&self.real.kept, &self.world)?;
            self.told.compare(&self.world)?;
        }
        compare::memory(&self.real, &self.world)?;
        crate::rules::always(&self.world)
    }
}

pub(crate) struct Whole;

impl StateMachineTest for Whole {
    type SystemUnderTest = Pair;
    type Reference = Model;

    fn init_test(machine: &Machine) -> Pair {
        Pair::new(machine, None).unwrap_or_else(|broken| panic!("on setting up: {broken}"))
    }

    fn apply(mut pair: Pair, _: &Machine, step: Step) -> Pair {
        match pair.step(&step) {
            Ok(()) => pair,
            Err(broken) => panic!("{step:?}: {broken}"),
        }
    }

    /// The same as provided, without the reference: the pair has its own.
    fn test_sequential(_: Config, machine: Machine, steps: Vec<Step>, mut seen: Option<Arc<AtomicUsize>>) {
        let mut pair = Self::init_test(&machine);
        for step in steps {
            if let Some(seen) = &mut seen {
                seen.fetch_add(1, Ordering::SeqCst);
            }
            pair = Self::apply(pair, &machine, step);
        }
    }
}
