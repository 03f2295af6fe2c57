//! What a seed makes of a run: who is there, how fast and how faulty things are. Each run leaves some things out
//! and overdoes others, so that together they reach more than an average would.

use std::sync::Arc;
use std::time::Duration;

use chatter_core::desk::DeskSettings;
use chatter_core::policy::{self, AssignmentPolicy};
use chatter_core::testing::Dice;
use chatter_core::{CategoryId, CategorySettings, Name, OverflowStage, Permission, Permissions, Routing};

use crate::actions::ACTIONS;
use crate::nemesis::FAULTS;
use crate::plant::{Lens, Plant};
use crate::store::Pace;

#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) steps: usize,
    pub(crate) agents: u64,
    pub(crate) customers: u64,
    pub(crate) categories: u32,
    /// What each agent may do beyond their own chats.
    pub(crate) permissions: Vec<Permissions>,
    pub(crate) settings: DeskSettings,
    pub(crate) policy: Arc<dyn AssignmentPolicy>,
    pub(crate) pace: Pace,
    pub(crate) latency_ms: u64,
    pub(crate) outbox_frames: usize,
    /// One in so many frames is too fast for the adapter.
    pub(crate) hasty: u64,
    /// Clients come back soon.
    pub(crate) impatient: bool,
    /// How likely each action is, in the order of [`ACTIONS`].
    pub(crate) actions: Vec<u64>,
    /// How likely each fault is, in the order of [`FAULTS`].
    pub(crate) faults: Vec<u64>,
    /// One in so many steps brings a fault.
    pub(crate) fault_every: u64,
    /// The pauses between steps, in milliseconds: usual, and now and then.
    pub(crate) pause_ms: u64,
    pub(crate) long_pause_ms: u64,
    pub(crate) plant: Option<Plant>,
}

impl Plan {
    pub(crate) fn new(dice: &mut Dice, plant: Option<Plant>) -> Self {
        let agents = 1 + dice.below(4);
        let customers = 1 + dice.below(7);
        let fast = dice.once_in(3);
        let short = Duration::from_secs(30 + dice.below(600));
        let settings = DeskSettings {
            close_after: match dice.below(4) {
                0 | 1 => DeskSettings::default().close_after,
                2 => short,
                _ => Duration::ZERO,
            },
            messages_per_second: if fast { 0 } else { 3 },
            offer_timeout: Duration::from_secs(3 + dice.below(30)),
            misses_until_away: u32::try_from(dice.below(3)).unwrap_or(0),
            cool_down: Duration::from_secs(dice.below(60)),
            breathing_gap: Duration::from_secs(dice.below(3) * dice.below(3)),
            first_reply_within: seconds(dice, &[Some(180), Some(180), Some(8), None]),
            park_after: seconds(dice, &[Some(600), Some(15), None]),
            warn_after: seconds(dice, &[None, Some(20)]),
            resolve_after: seconds(dice, &[None, None, Some(45)]),
            edit_within: seconds(dice, &[Some(900), Some(900), Some(5)]).unwrap_or_default(),
            typing_preview: !dice.once_in(4),
            ..DeskSettings::default()
        };
        let permissions = (0..agents).map(|_| permissions(dice)).collect();
        let name = dice.pick(&policy::NAMES).copied().expect("there are policies");
        let slow = dice.once_in(4);
        let pace = Pace {
            usual: Duration::from_millis(if slow { 60 } else { 1 + dice.below(10) }),
            seldom: 40 + dice.below(400),
            long: Duration::from_millis(500 + dice.below(6_000)),
        };
        Self {
            steps: 250 + usize::try_from(dice.below(500)).unwrap_or(0),
            agents,
            customers,
            categories: 1 + u32::try_from(dice.below(3)).unwrap_or(0),
            permissions,
            settings,
            policy: policy::by_name(name).expect("it is shipped"),
            pace,
            latency_ms: dice.pick(&[0, 2, 20, 200]).copied().unwrap_or(0),
            outbox_frames: dice.pick(&[12, 64, 4_096]).copied().unwrap_or(64),
            hasty: dice.pick(&[30, 300, u64::MAX]).copied().unwrap_or(300),
            impatient: dice.once_in(2),
            actions: weights(dice, ACTIONS.iter().map(|action| action.weight)),
            faults: weights(dice, FAULTS.iter().map(|fault| fault.weight)),
            fault_every: dice.pick(&[8, 20, 60, 100_000]).copied().unwrap_or(20),
            pause_ms: dice.pick(&[3, 30, 300, 2_000]).copied().unwrap_or(30),
            long_pause_ms: dice.pick(&[100, 5_000, 90_000]).copied().unwrap_or(100),
            plant,
        }
    }

    /// How the chats of a category are served.
    pub(crate) fn category(&self, dice: &mut Dice, category: CategoryId) -> CategorySettings {
        let mut settings = CategorySettings::default();
        if dice.once_in(2) {
            settings.routing = Routing::Offer;
        }
        settings.sticky_wait = dice.pick(&[None, Some(0), Some(20)]).copied().flatten().map(Duration::from_secs);
        settings.wrap_up = Duration::from_secs(dice.pick(&[0, 0, 8]).copied().unwrap_or(0));
        settings.max_wait = seconds(dice, &[None, None, Some(40)]);
        settings.queue_limit = dice.pick(&[None, None, Some(3)]).copied().flatten();
        let other = CategoryId(1 + u32::try_from(dice.below(u64::from(self.categories))).unwrap_or(0));
        // Only upwards, since a circle is refused.
        if dice.once_in(3) && other > category {
            settings.overflow = vec![OverflowStage { after: Duration::from_secs(1 + dice.below(30)), category: other }];
        }
        let name = dice.pick(&policy::NAMES).and_then(|name| Name::new(name).ok());
        settings.policy = name.filter(|_| dice.once_in(3));
        settings
    }

    /// What the process's side of a new connection does to frames.
    pub(crate) fn lens(&self, seed: u64) -> Lens {
        Lens::new(self.plant, seed)
    }
}

fn seconds(dice: &mut Dice, of: &[Option<u64>]) -> Option<Duration> {
    dice.pick(of).copied().flatten().map(Duration::from_secs)
}

/// Most agents have none.
fn permissions(dice: &mut Dice) -> Permissions {
    let sets = [
        Permissions::NONE,
        Permissions::NONE,
        Permissions::ALL,
        Permissions::NONE.with(Permission::Watch),
        Permissions::NONE.with(Permission::Assign),
    ];
    dice.pick(&sets).copied().unwrap_or_default()
}

/// Leaves some out, and gives some a greater share.
fn weights(dice: &mut Dice, usual: impl Iterator<Item = u64>) -> Vec<u64> {
    usual.map(|weight| weight * dice.pick(&[0, 1, 1, 1, 4]).copied().unwrap_or(1)).collect()
}

/// One of those, by their weights; absent when none has any.
pub(crate) fn draw(dice: &mut Dice, weights: &[u64]) -> Option<usize> {
    let mut left = dice.below(weights.iter().sum());
    weights.iter().position(|weight| {
        let hit = left < *weight;
        left = left.saturating_sub(*weight);
        hit
    })
}
