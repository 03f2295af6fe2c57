//! What can happen to a desk, and how it is drawn.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use chatter_core::desk::{DeskSettings, Input};
use chatter_core::protocol::{Command, JoinQueue, SendMessage, TransferTo};
use chatter_core::{
    AgentId, AgentState, CategoryId, CategoryRecord, CategorySettings, CategoryWeight, ChatId, ClientMsgId, CustomerId,
    DeclineReason, Name, OverflowStage, Permission, Permissions, Principal, Priority, Routing, SessionId, Text, Time,
};

use crate::world::{Chat, World};

/// Saturday noon in November: any time will do.
pub(crate) const START: Time = Time(1_763_726_400_000_000);
const CATEGORIES: u32 = 3;
const AGENTS: u64 = 3;
const CUSTOMERS: u128 = 4;
const SECOND: u64 = 1_000_000;
pub(crate) const SILENCE: bool = true;
const LIMITS: bool = true;

/// One transition.
#[derive(Clone)]
pub(crate) enum Step {
    /// An input comes at a time.
    Input(Time, Box<Input>),
    /// Time passes, and the desk does what is due.
    Wait(Time),
    /// The process ends and begins again.
    Restart(Time),
    /// The desk is loaded again, with the sessions it has.
    Reload(Time),
}

/// On one line, with the time since the start.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = |at: &Time| format!("+{:?}", *at - START);
        f.write_str(&match self {
            Self::Input(at, input) => format!("{} {}", since(at), serde_json::to_string(input).unwrap_or_default()),
            Self::Wait(at) => format!("{} Wait", since(at)),
            Self::Restart(at) => format!("{} Restart", since(at)),
            Self::Reload(at) => format!("{} Reload", since(at)),
        })
    }
}

/// Four numbers that a step is made of; smaller ones are simpler.
pub(crate) type Roll = (u32, u32, u32, u32);

pub(crate) fn name(name: &str) -> Name {
    Name::new(name).expect("a name of one letter or more")
}

/// What a desk begins with.
pub(crate) fn settings(roll: u32) -> DeskSettings {
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    DeskSettings {
        messages_per_second: 0,
        breathing_gap: Duration::from_secs(if roll.is_multiple_of(4) { 5 } else { 0 }),
        offer_timeout: Duration::from_secs(if roll.is_multiple_of(3) { 45 } else { 30 }),
        // Never, now and then: an offer that nobody answers goes round and round, all day.
        misses_until_away: [2, 1, 3, 2, 1, 3, 2, 1, 3, 2, 1, 0][roll as usize % 12],
        cool_down: Duration::from_secs([60, 45, 20][roll as usize / 3 % 3]),
        first_reply_within: if !SILENCE || roll % 5 == 1 { None } else { seconds(180) },
        park_after: if !SILENCE || roll % 5 == 2 { None } else { seconds(600) },
        warn_after: if SILENCE && roll % 7 == 3 { seconds(700) } else { None },
        resolve_after: if SILENCE && roll % 7 > 4 { seconds(900) } else { None },
        close_after: if roll % 11 == 5 { Duration::ZERO } else { DeskSettings::default().close_after },
        ..DeskSettings::default()
    }
}

/// The settings of a category.
pub(crate) fn category(category: u32, roll: u32) -> Input {
    let bits = |shift: u32, of: u32| (roll >> shift) % of;
    let policy = ["priority-ageing", "least-loaded", "longest-idle", "round-robin", "most-specialised-first", "gc-mu"]
        .get(bits(0, 16) as usize);
    // A category overflows into later ones alone, so that there is no circle but for the one that is drawn.
    let stage = |seconds, to| OverflowStage { after: Duration::from_secs(seconds), category: CategoryId(to) };
    let overflow = match (bits(4, 6), category) {
        (0, 1) => vec![stage(20, 2), stage(50, 3)],
        (0 | 1, 2) => vec![stage(15, 3)],
        (1, 1) => vec![stage(30, 3)],
        (2, 3) if bits(7, 4) == 0 => vec![stage(30, 1)],
        _ => Vec::new(),
    };
    let settings = CategorySettings {
        routing: if bits(9, 2) == 1 { Routing::Offer } else { Routing::Assign },
        policy: policy.map(|it| name(it)),
        overflow,
        queue_limit: (LIMITS && bits(10, 4) == 3).then_some(2),
        max_wait: (LIMITS && bits(12, 6) == 5).then(|| Duration::from_secs(90)),
        sticky_wait: [None, Some(0), Some(40)][bits(15, 3) as usize].map(Duration::from_secs),
        wrap_up: Duration::from_secs([0, 0, 25][bits(18, 3) as usize]),
        weight: CategoryWeight {
            cost: [1, 3, 10][bits(20, 3) as usize],
            handle_time: Duration::from_secs([600, 200][bits(22, 2) as usize]),
        },
        ..CategorySettings::default()
    };
    Input::SetCategory(CategoryRecord { category: CategoryId(category), name: name("C"), settings })
}

/// An agent with a limit and categories.
pub(crate) fn agent(agent: u64, roll: u32) -> Input {
    let served: BTreeSet<CategoryId> = (1..=CATEGORIES).filter(|it| roll >> it & 1 == 0).map(CategoryId).collect();
    let categories = if served.is_empty() { BTreeSet::from([CategoryId(1)]) } else { served };
    Input::SetAgent { agent: AgentId(agent), name: name("A"), max_chats: 1 + (roll >> 8) % 3, categories }
}

/// Inputs that make a desk with people: drawn by a number each.
pub(crate) fn setup(rolls: &[u32]) -> Vec<Input> {
    let roll = |at: usize| rolls.get(at).copied().unwrap_or_default();
    let mut inputs = Vec::new();
    // Twice, since a category can only overflow into one that there is.
    inputs.extend((1..=CATEGORIES).map(|it| category(it, 5 << 4)));
    inputs.extend((1..=CATEGORIES).map(|it| category(it, roll(it as usize))));
    inputs.extend((1..=AGENTS).map(|it| agent(it, roll(3 + it as usize))));
    // Most agents are there and take chats.
    for it in 1..=AGENTS {
        let permissions = if it == 1 { Permissions::ALL } else { Permissions::NONE };
        let session = SessionId(it);
        inputs.push(Input::OpenSession { session, principal: Principal::Agent { agent: AgentId(it), permissions } });
        if roll(6 + it as usize) % 4 != 3 {
            inputs.push(ask(session, Command::SetAgentState { state: AgentState::Online }));
        }
    }
    inputs
}

pub(crate) const fn ask(session: SessionId, command: Command) -> Input {
    Input::Ask { session, command, facts: None }
}

fn pick<T: Copy>(from: &[T], roll: u32) -> Option<T> {
    (!from.is_empty()).then(|| from[roll as usize % from.len()])
}

impl World {
    /// The step that four numbers stand for here.
    pub(crate) fn draw(&self, next_session: SessionId, roll: Roll) -> Step {
        let (kind, a, b, c) = roll;
        let at = self.moment(c);
        match kind % 200 {
            0 => Step::Restart(at),
            1 => Step::Reload(at),
            2..=31 => Step::Wait(self.due_moment(a, c)),
            kind => {
                let input = self.draw_input(kind, next_session, a, b);
                input.map_or(Step::Wait(at), |input| Step::Input(at, Box::new(input)))
            }
        }
    }

    /// At once, soon, or later.
    fn moment(&self, roll: u32) -> Time {
        let Time(now) = self.now;
        Time(match roll % 8 {
            0..=2 => now + u64::from(roll / 8 % 3),
            3..=6 => now + 1 + u64::from(roll) * 7_919 % (15 * SECOND),
            _ => return self.due_moment(roll / 8, roll / 64),
        })
    }

    /// Just before, at or after something that is due, or long after.
    fn due_moment(&self, which: u32, roll: u32) -> Time {
        let mut dues: Vec<Time> = self.dues().into_iter().map(|(at, _)| at).collect();
        dues.sort();
        let due = if which.is_multiple_of(2) { dues.first().copied() } else { pick(&dues, which / 2) };
        let Some(Time(due)) = due else { return Time(self.now.0 + u64::from(roll % 100) * SECOND) };
        Time(
            match roll % 16 {
                0..=3 => due,
                4..=5 => due - 1,
                6..=8 => due + 1,
                9..=13 => due + u64::from(roll) * 104_729 % (60 * SECOND),
                14 => self.now.0 + u64::from(roll) * 1_299_709 % (1_200 * SECOND),
                _ => self.now.0 + (if self.settings.misses_until_away == 0 { 1 } else { 25 }) * 3_600 * SECOND,
            }
            .max(self.now.0),
        )
    }

    fn staff_sessions(&self) -> Vec<(SessionId, AgentId)> {
        let of = |it: &crate::world::Session| match it.principal {
            Principal::Agent { agent, .. } => Some((it.id, agent)),
            _ => None,
        };
        self.sessions.iter().filter_map(of).collect()
    }

    fn customer_sessions(&self) -> Vec<(SessionId, CustomerId)> {
        let of = |it: &crate::world::Session| match it.principal {
            Principal::Customer { customer, .. } => Some((it.id, customer)),
            _ => None,
        };
        self.sessions.iter().filter_map(of).collect()
    }

    /// A chat: mostly one that fits.
    fn some_chat(&self, roll: u32, fits: impl Fn(&Chat) -> bool) -> Option<ChatId> {
        let fitting: Vec<ChatId> = self.chats.iter().filter(|it| fits(it)).map(|it| it.id).collect();
        let all: Vec<ChatId> = self.chats.iter().map(|it| it.id).collect();
        if roll % 16 == 15 { pick(&all, roll / 16) } else { pick(&fitting, roll / 16) }
    }

    fn draw_input(&self, kind: u32, next: SessionId, a: u32, b: u32) -> Option<Input> {
        match kind {
            32..=61 => {
                let customer = CustomerId(u128::from(a) % CUSTOMERS + 1);
                let scope = if b % 8 == 7 { self.some_chat(b / 8, |it| it.customer == customer) } else { None };
                Some(Input::OpenSession { session: next, principal: Principal::Customer { customer, chat: scope } })
            }
            62..=71 => {
                let all: Vec<SessionId> = self.sessions.iter().map(|it| it.id).collect();
                Some(Input::CloseSession { session: pick(&all, a)? })
            }
            72..=75 => {
                let permissions = [Permissions::NONE, Permissions::NONE.with(Permission::Assign), Permissions::ALL];
                let permissions = permissions[b as usize % 3];
                let agent = AgentId(u64::from(a) % AGENTS + 1);
                Some(Input::OpenSession { session: next, principal: Principal::Agent { agent, permissions } })
            }
            76..=79 => Some(agent(u64::from(a) % AGENTS + 1, b)),
            80..=81 => Some(category(a % CATEGORIES + 1, b)),
            82 => {
                let names = chatter_core::policy::NAMES;
                Some(Input::SetPolicy { name: name(names[a as usize % names.len()]) })
            }
            83 if b.is_multiple_of(4) => Some(Input::RemoveAgent { agent: AgentId(u64::from(a) % AGENTS + 1) }),
            84..=114 => {
                let (session, _) = pick(&self.customer_sessions(), a)?;
                let join = JoinQueue::new(name("Z")).with_category(CategoryId(b % CATEGORIES + 1));
                Some(ask(session, Command::JoinQueue(join)))
            }
            115..=129 => self.draw_customer(a, b),
            _ => self.draw_staff(kind, a, b),
        }
    }

    fn draw_customer(&self, a: u32, b: u32) -> Option<Input> {
        let (session, customer) = pick(&self.customer_sessions(), a)?;
        let chat = |fits: fn(&Chat) -> bool| self.some_chat(b / 8, |it| it.customer == customer && fits(it));
        Some(ask(
            session,
            match b % 8 {
                0..=3 => message(chat(|it| !it.waits())?, self.now, b),
                4..=5 => Command::EndChat { chat: chat(Chat::under_way)? },
                6 => Command::QueueStatus { chat: chat(Chat::waits)? },
                _ => Command::SignOut { all: b % 16 == 7 },
            },
        ))
    }

    fn draw_staff(&self, kind: u32, a: u32, b: u32) -> Option<Input> {
        let (session, agent) = pick(&self.staff_sessions(), a)?;
        let (held, to_agent) = (|it: &Chat| it.holder() == Some(agent), AgentId(u64::from(b / 64) % AGENTS + 1));
        let asked = |it: &Chat| it.offered_to() == Some(agent) || it.transfer.is_some_and(|(to, _)| to == agent);
        Some(ask(
            session,
            match kind {
                130..=141 => message(self.some_chat(b, held)?, self.now, b),
                142..=149 => Command::EndChat { chat: self.some_chat(b, held)? },
                150..=152 => Command::ReopenChat { chat: self.some_chat(b, Chat::resolved)? },
                153..=155 => {
                    let priority = [Priority::Low, Priority::Medium, Priority::High, Priority::Urgent][b as usize % 4];
                    Command::SetPriority { chat: self.some_chat(b / 4, |it| it.waits() || held(it))?, priority }
                }
                156..=163 => {
                    let online = AgentState::Online;
                    let states =
                        [online, online, online, online, AgentState::Away, AgentState::LastCall, AgentState::Offline];
                    Command::SetAgentState { state: states[b as usize % states.len()] }
                }
                164 => Command::SignOut { all: b.is_multiple_of(2) },
                165..=170 => Command::AcceptOffer { chat: self.some_chat(b, asked)? },
                171..=174 => {
                    let reason = b.is_multiple_of(3).then_some(DeclineReason::Busy);
                    Command::DeclineOffer { chat: self.some_chat(b, asked)?, reason }
                }
                175..=179 => {
                    let to = TransferTo::Agent(to_agent);
                    Command::TransferChat { chat: self.some_chat(b, held)?, to, note: None }
                }
                180..=182 => {
                    let to = TransferTo::Category(CategoryId(b / 64 % CATEGORIES + 1));
                    Command::TransferChat { chat: self.some_chat(b, held)?, to, note: None }
                }
                183..=188 => Command::AssignChat {
                    chat: self.some_chat(b, Chat::under_way)?,
                    agent: (b / 8 % 8 > 2).then_some(to_agent),
                    override_limit: b % 8 == 7,
                },
                189..=190 => Command::UnassignChat { chat: self.some_chat(b, |it| it.holder().is_some())? },
                191..=192 => Command::TakeOver { chat: self.some_chat(b, |it| it.holder().is_some())? },
                193..=194 => Command::JoinChat { chat: self.some_chat(b, |it| it.holder().is_some())? },
                195 => Command::LeaveChat { chat: self.some_chat(b, |it| it.joined.contains(&agent))? },
                196..=197 => {
                    let chat = self.some_chat(b, Chat::under_way)?;
                    let customer = self.at(chat).customer;
                    Command::MergeChats { chat, into: self.some_chat(b / 64, |it| it.customer == customer)? }
                }
                _ => Command::EndWrapUp,
            },
        ))
    }
}

/// A message that was never sent before: the time and a number make its id.
fn message(chat: ChatId, now: Time, roll: u32) -> Command {
    let id = ClientMsgId::new(&format!("{}-{roll}", now.0)).expect("digits");
    Command::SendMessage(SendMessage::new(chat, id, Text::new("words").expect("a word")))
}
