//! Everything there is: the process in its lives, the store, the network, the people, and chance.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use chatter_core::desk::Desk;
use chatter_core::engine::{Engine, Stopped};
use chatter_core::policy::Policies;
use chatter_core::testing::{Call, Dice, FaultStore, Faults};
use chatter_core::{
    AgentId, CategoryId, CategoryRecord, DeskId, EventNo, HistoryId, MemoryStore, Name, Permission, Permissions, Store,
    Time,
};

use crate::actions::{ACTIONS, type_something};
use crate::client::{Ctx, Device, Person};
use crate::clock::Clock;
use crate::gate::Gate;
use crate::host::Host;
use crate::judge::{Bench, Broken, Promise};
use crate::nemesis::{self, FAULTS, agent_settings};
use crate::plan::{Plan, draw};
use crate::plant::Plant;
use crate::settle::{Calm, ROOM, Stage};
use crate::store::{Dawdler, Ledger, Pace, at_once};
use crate::tape::Tapes;

/// The wall time at the beginning.
const START: Time = Time(1_700_000_000_000_000);

/// How a life of the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It dies in the middle of whatever it does.
    Crash,
    /// It has stopped.
    Stopped,
    /// The run is over.
    Over,
}

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Faults,
    Calm,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) plan: Plan,
    pub(crate) clock: Clock,
    pub(crate) bench: Bench,
    pub(crate) faults: Faults,
    pub(crate) host: Option<Host>,
    pub(crate) people: Vec<Person>,
    pub(crate) devices: Vec<Device>,
    pub(crate) phase: Phase,
    pub(crate) calm: Calm,
    pub(crate) memory: MemoryStore,
    gate: Arc<Gate>,
    store: Arc<Dawdler>,
    /// Absent where the store lies, since what it says it has written is not what it has.
    tapes: Option<Tapes>,
    heal_at: Option<Duration>,
    set_up: bool,
    step: usize,
    pub(crate) lives: usize,
    /// Writes that were under way when the process died.
    unfinished: u64,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) hash: u64,
    pub(crate) broken: Option<Broken>,
    /// The last steps.
    pub(crate) trace: String,
    pub(crate) lines: u64,
    pub(crate) lives: usize,
    pub(crate) messages: (usize, usize),
    pub(crate) time: Duration,
    /// What it came across.
    pub(crate) seen: BTreeSet<String>,
}

/// Runs a seed to its end, or to the first broken promise.
pub(crate) fn run(seed: u64, plant: Option<Plant>) -> Report {
    let mut world = World::new(seed, plant);
    while world.live() != End::Over {}
    world.compare_tapes();
    let mut judge = world.bench.judge();
    Report {
        hash: judge.trace.hash(),
        broken: judge.broken.clone(),
        trace: judge.trace.to_string(),
        lines: judge.trace.lines(),
        lives: world.lives,
        messages: judge.journal.counts(),
        time: world.clock.now(),
        seen: std::mem::take(&mut judge.seen),
    }
}

impl World {
    fn new(seed: u64, plant: Option<Plant>) -> Self {
        let mut dice = Dice::new(seed);
        let plan = Plan::new(&mut dice, plant);
        let clock = Clock::default();
        let bench = Bench::new(clock.clone());
        let memory = MemoryStore::with_history(HistoryId(u128::from(seed) + 1));
        let trusting = plant == Some(Plant::OpenDoor);
        let let_in = plan.permissions.iter().map(|own| if trusting { Permissions::ALL } else { *own });
        let gate = Arc::new(Gate::new(let_in.collect()));
        let watchers = (1..).map(AgentId).zip(&plan.permissions).filter(|(_, own)| own.has(Permission::Watch));
        bench.judge().truth.watchers = watchers.map(|(agent, _)| agent).collect();
        let ledger = Ledger::new(memory.clone(), bench.clone(), plan.settings.clone(), Arc::clone(&plan.policy));
        let faulty = FaultStore::new(Arc::new(ledger));
        let faults = faulty.faults();
        let store = Plant::into_store(plant, Arc::new(faulty), dice.roll());
        let store = Arc::new(Dawdler::new(store, bench.clone(), Dice::new(dice.roll()), plan.pace));
        let mut world = Self {
            dice,
            plan,
            clock,
            bench,
            faults,
            host: None,
            people: Vec::new(),
            devices: Vec::new(),
            phase: Phase::Faults,
            calm: Calm { stage: Stage::Meet, until: Duration::ZERO },
            memory,
            gate,
            store,
            tapes: matches!(plant, None | Some(Plant::TornRecord)).then(Tapes::default),
            heal_at: None,
            set_up: false,
            step: 0,
            lives: 0,
            unfinished: 0,
        };
        world.populate();
        world
    }

    fn populate(&mut self) {
        for number in 1..=self.plan.agents + self.plan.customers {
            let agent = (number <= self.plan.agents).then_some(number);
            let name = format!("{} {number}", if agent.is_some() { "Agent" } else { "Customer" });
            self.people.push(Person { who: None, agent, token: None, name, first: self.devices.len() });
            for _ in 0..=self.dice.below(3).min(1) {
                self.devices.push(Device::new(self.devices.len(), self.people.len() - 1));
            }
        }
    }

    /// One life of the process, on a runtime of its own. Whatever it has under way ends with it.
    fn live(&mut self) -> End {
        self.lives += 1;
        self.bench.judge().store_gave_up = false;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.expect("a runtime needs nothing that could be missing");
        let end = runtime.block_on(async {
            self.clock.start();
            let end = self.life().await;
            self.clock.stop();
            end
        });
        self.bench.note(format_args!("the process ends: {end:?}"));
        self.bench.saw(format_args!("end {end:?}"));
        if end == End::Crash && self.faults.begun(Call::Commit) > self.faults.finished(Call::Commit) + self.unfinished {
            self.bench.saw("a write hangs in a crash");
            self.unfinished = self.faults.begun(Call::Commit) - self.faults.finished(Call::Commit);
        }
        for device in &self.devices {
            if let Some(conn) = &device.conn {
                conn.wire.process_died();
            }
        }
        self.host = None;
        drop(runtime);
        let down = if self.dice.once_in(5) { 40_000 } else { 2_000 };
        self.clock.pass(Duration::from_millis(self.dice.below(down)));
        if self.bench.broken().is_some() { End::Over } else { end }
    }

    async fn life(&mut self) -> End {
        if !self.start().await {
            return End::Stopped;
        }
        if !std::mem::replace(&mut self.set_up, true) {
            self.make_people().await;
            self.plant_faults();
        }
        loop {
            self.pause().await;
            if self.bench.broken().is_some() {
                return End::Over;
            }
            if let Some(end) = self.has_ended().await {
                return end;
            }
            self.heal_if_due();
            for at in 0..self.devices.len() {
                self.with_device(at, Device::turn);
            }
            let over = match self.phase {
                Phase::Faults => self.act(),
                Phase::Calm => self.settle(),
            };
            if let Some(end) = over {
                return end;
            }
        }
    }

    /// Starts an engine. False when the store did not let it.
    async fn start(&mut self) -> bool {
        let bench = self.bench.clone();
        let mut builder = Engine::builder(Arc::clone(&self.store) as Arc<dyn Store>)
            .settings(self.plan.settings.clone())
            .policy(Arc::clone(&self.plan.policy))
            .wall_time(START + self.clock.now())
            .watch(move |desk: &Desk| {
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| desk.check())) {
                    bench.breaks(Promise::Rules, crate::said(&*panic));
                }
            });
        if let Some(tapes) = &mut self.tapes {
            builder = builder.record(Box::new(tapes.begin(self.plan.plant == Some(Plant::TornRecord))));
        }
        // A store that hangs is given up, as a supervisor would.
        let started = tokio::time::timeout(Duration::from_secs(30), builder.start()).await;
        self.heal_if_due();
        match started {
            Ok(Ok(engine)) => {
                self.bench.note("the process starts");
                self.host = Some(Host::new(engine, Arc::clone(&self.gate), self.bench.clone()));
                true
            }
            Ok(Err(error)) => {
                self.bench.note(format_args!("the process does not start: {:?}", error.kind()));
                false
            }
            Err(_) => {
                self.bench.note("the process does not start in time");
                false
            }
        }
    }

    /// What the lives of the process recorded is what they stored.
    fn compare_tapes(&mut self) {
        if self.bench.broken().is_some() {
            return;
        }
        let Some(tapes) = &mut self.tapes else { return };
        let stored = at_once(self.memory.events_after(&DeskId::default(), EventNo(0), usize::MAX));
        let policies = Policies::new(Arc::clone(&self.plan.policy));
        if let Err(what) = tapes.compare(&policies, &stored.expect("memory can be read")) {
            self.bench.breaks(Promise::Replays, what);
        }
    }

    async fn make_people(&mut self) {
        let Some(engine) = self.host.as_ref().map(|host| host.engine.clone()) else { return };
        let categories = || (1..=self.plan.categories).map(CategoryId);
        for category in categories() {
            let name = Name::new(&format!("Category {category}")).expect("it is short");
            engine.set_category(CategoryRecord::new(category, name)).await.expect("nothing fails yet");
        }
        for category in categories() {
            let record = nemesis::category_record(&self.plan, &mut self.dice, category);
            engine.set_category(record).await.expect("nothing fails yet");
        }
        for agent in 1..=self.plan.agents {
            let settings = agent_settings(self, AgentId(agent));
            engine.set_agent(settings).await.expect("nothing fails yet");
        }
    }

    /// Time passes, or everybody else gets a turn at the same time.
    async fn pause(&mut self) {
        if self.dice.once_in(3) {
            for _ in 0..self.dice.below(12) {
                tokio::task::yield_now().await;
            }
            return;
        }
        if self.phase == Phase::Calm && self.calm.stage == Stage::Leave {
            return tokio::time::sleep(self.plan.settings.close_after / 7 + Duration::from_secs(11)).await;
        }
        let long = self.phase == Phase::Faults && self.dice.once_in(40);
        let most = if long { self.plan.long_pause_ms } else { self.plan.pause_ms };
        let time = Duration::from_micros(self.dice.below(most * 1_000));
        // A store that hangs does so for less than the time for which a refused message is waited for.
        let healed = self.heal_at.map_or(time, |at| at.saturating_sub(self.clock.now()));
        tokio::time::sleep(time.min(healed)).await;
    }

    async fn has_ended(&self) -> Option<End> {
        let engine = self.host.as_ref()?.engine.clone();
        let stopped = tokio::time::timeout(Duration::ZERO, engine.stopped()).await.ok()?;
        let legal = match &*stopped {
            Stopped::Asked => true,
            Stopped::StoreFailed(_) => self.bench.judge().store_gave_up,
            _ => false,
        };
        self.bench.note(format_args!("the engine has stopped: {stopped}"));
        if !legal {
            self.bench.breaks(Promise::Healthy, format_args!("the engine stopped: {stopped:?}"));
        }
        Some(End::Stopped)
    }

    fn act(&mut self) -> Option<End> {
        self.step += 1;
        if self.step > self.plan.steps {
            self.begin_calm();
            return None;
        }
        if self.dice.once_in(self.plan.fault_every)
            && let Some(fault) = draw(&mut self.dice, &self.plan.faults)
        {
            self.bench.note(format_args!("FAULT {}", FAULTS[fault].name));
            return (FAULTS[fault].strike)(self);
        }
        for _ in 0..4 {
            let Some(action) = draw(&mut self.dice, &self.plan.actions) else { break };
            let at = usize::try_from(self.dice.below(self.devices.len() as u64)).unwrap_or(0);
            if self.with_device(at, |device, ctx| ACTIONS[action].act(device, ctx)) {
                break;
            }
        }
        None
    }

    /// Faults of the store end within so many milliseconds.
    pub(crate) fn heal_within(&mut self, millis: u64) {
        let time = Duration::from_millis(1 + self.dice.below(millis));
        self.heal_at.get_or_insert_with(|| self.clock.now() + time);
    }

    fn heal_if_due(&mut self) {
        if self.heal_at.is_some_and(|at| at <= self.clock.now()) {
            self.heal();
        }
    }

    fn heal(&mut self) {
        self.heal_at = None;
        self.bench.note("the store works again");
        for call in [Call::Acquire, Call::Load, Call::Commit, Call::Entries, Call::Chat, Call::Dedupe] {
            self.faults.heal(call);
            self.faults.open(call);
        }
        self.plant_faults();
    }

    fn plant_faults(&mut self) {
        if let Some(plant) = self.plan.plant {
            plant.into_faults(&self.faults, &mut self.dice);
        }
    }

    fn begin_calm(&mut self) {
        self.bench.note("CALM");
        self.phase = Phase::Calm;
        self.heal();
        self.store.set_pace(Pace { seldom: u64::MAX, ..self.plan.pace });
        self.plan.hasty = u64::MAX;
        self.plan.outbox_frames = ROOM;
        for device in &mut self.devices {
            device.shut = false;
            device.stalled_until = Duration::ZERO;
        }
        // Everybody is writing something just now, and nobody goes on.
        for at in 0..self.devices.len() {
            self.with_device(at, type_something);
        }
        self.calm = self.begin_to_meet();
    }

    /// Lets a device do something with all it has at hand.
    pub(crate) fn with_device<R>(&mut self, at: usize, act: impl FnOnce(&mut Device, &mut Ctx<'_>) -> R) -> R {
        let Self { dice, plan, clock, bench, host, people, devices, .. } = self;
        let mut ctx = Ctx { dice, bench, plan, host: host.as_ref(), people, now: clock.now() };
        act(&mut devices[at], &mut ctx)
    }
}
