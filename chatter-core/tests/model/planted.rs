//! Faults put into a desk on purpose: the model must find each of them.

use std::sync::Arc;
use std::time::Duration;

use chatter_core::desk::{DeskSettings, Effect, Input};
use chatter_core::policy::{AgentFacts, AgentRank, AssignmentPolicy, ChatFacts, LineKey, NAMES, Policies, by_name};
use chatter_core::protocol::StaffFrame;
use chatter_core::{AgentId, Fact, OfferEnd, Principal};

use crate::real::{Kept, Seen};

/// A fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The graces of customers last too long.
    LateGrace,
    /// Resolved chats close too early.
    ClosesEarly,
    /// An agent is set away a miss too late.
    ForgivesAMiss,
    /// Who let a chat pass is asked again at once.
    ForgetsToCool,
    /// Agents get one chat right after the other.
    NoBreath,
    /// Agents have a slot more than they should.
    IgnoresTheLimit,
    /// Whoever came last is served first.
    Overtakes,
    /// The busiest agent with room gets the next chat.
    WrongAgent,
    /// A fact names another agent than the one who has the chat.
    SwapsAgents,
    /// A chat goes back to its queue without a word.
    DropsAFact,
    /// What was withdrawn counts as missed.
    WithdrawnIsMissed,
    /// A chat that goes back loses its arrival.
    LosesSeniority,
    /// What an agent was last given is not stored.
    LosesARow,
    /// Nobody hears that an offer is gone.
    TellsNobody,
    /// Lost connections are not noticed.
    NeverNoticesLoss,
    /// Everybody has every permission.
    EverybodyMay,
    /// A restart forgets offers.
    WakesUpLate,
}

impl Fault {
    /// Each of them, and what the model says of it.
    pub(crate) const ALL: [(Self, &'static str); 17] = [
        (Self::LateGrace, "Abandoned"),
        (Self::ClosesEarly, "ChatClosed"),
        (Self::ForgivesAMiss, "Away, cause: Missed"),
        (Self::ForgetsToCool, "let it pass"),
        (Self::NoBreath, "rests"),
        (Self::IgnoresTheLimit, "full"),
        (Self::Overtakes, "rule 4"),
        (Self::WrongAgent, "it is for agent"),
        (Self::SwapsAgents, "agent"),
        (Self::DropsAFact, "ChatRequeued"),
        (Self::WithdrawnIsMissed, "how: Withdrawn"),
        (Self::LosesSeniority, "the arrival of chat"),
        (Self::LosesARow, "the last assignment of agent"),
        (Self::TellsNobody, "offers on"),
        (Self::NeverNoticesLoss, "agent"),
        (Self::EverybodyMay, "the desk answers Reply(Done)"),
        (Self::WakesUpLate, "due, the desk sleeps"),
    ];

    /// The settings that the desk really runs with.
    pub(crate) fn settings(self, settings: DeskSettings) -> DeskSettings {
        let micro = Duration::from_micros(1);
        match self {
            Self::LateGrace => DeskSettings { customer_grace: settings.customer_grace + micro, ..settings },
            Self::ClosesEarly => DeskSettings { close_after: settings.close_after.saturating_sub(micro), ..settings },
            Self::ForgivesAMiss => DeskSettings { misses_until_away: settings.misses_until_away + 1, ..settings },
            Self::ForgetsToCool => DeskSettings { cool_down: micro, ..settings },
            Self::NoBreath => DeskSettings { breathing_gap: Duration::ZERO, ..settings },
            Self::WakesUpLate => DeskSettings { agent_grace: settings.agent_grace + micro, ..settings },
            _ => settings,
        }
    }

    /// The policies that the desk really has.
    pub(crate) fn policies(self, desk: &str) -> Policies {
        let right = Policies::new(by_name(desk).expect("a shipped policy"));
        if !matches!(self, Self::Overtakes | Self::WrongAgent) {
            return right;
        }
        let wrong = |name: &str| Wrong { fault: self, right: by_name(name).expect("a shipped policy") };
        let all = NAMES.iter().fold(right, |policies, name| policies.with(Arc::new(wrong(name))));
        all.with_desk(desk).expect("a shipped policy")
    }

    /// The input that the desk really gets; nothing when it gets none.
    pub(crate) fn input(self, input: &Input) -> Option<Input> {
        match (self, input) {
            (Self::NeverNoticesLoss, Input::CloseSession { .. }) => None,
            (Self::IgnoresTheLimit, Input::SetAgent { agent, name, max_chats, categories }) => {
                let (name, categories) = (name.clone(), categories.clone());
                Some(Input::SetAgent { agent: *agent, name, max_chats: max_chats + 1, categories })
            }
            (Self::EverybodyMay, Input::OpenSession { session, principal: Principal::Agent { agent, .. } }) => {
                Some(Input::OpenSession { session: *session, principal: Principal::supervisor(*agent) })
            }
            _ => Some(input.clone()),
        }
    }

    /// What is seen of what the desk did.
    pub(crate) fn seen(self, seen: &mut Seen) {
        match self {
            Self::DropsAFact => seen.facts.retain(|(_, fact)| !matches!(fact, Fact::ChatRequeued { .. })),
            Self::TellsNobody => {
                seen.effects.retain(|it| !matches!(it, Effect::ToStaff { frame: StaffFrame::OfferGone { .. }, .. }))
            }
            _ => {}
        }
        for (_, fact) in &mut seen.facts {
            match (self, fact) {
                (Self::SwapsAgents, Fact::ChatAssigned { agent, .. }) => *agent = AgentId(agent.0 % 3 + 1),
                (Self::WithdrawnIsMissed, Fact::OfferEnded { how, .. }) if *how == OfferEnd::Withdrawn => {
                    *how = OfferEnd::Missed;
                }
                _ => {}
            }
        }
    }

    /// What is stored of it.
    pub(crate) fn rows(self, seen: &Seen, kept: &mut Kept) {
        for (at, fact) in &seen.facts {
            match (self, fact) {
                (Self::LosesSeniority, Fact::ChatRequeued { chat, .. }) => {
                    kept.chats.get_mut(chat).expect("it has a row").arrived_at = *at;
                }
                (Self::LosesARow, Fact::ChatAssigned { agent, .. }) => {
                    kept.agents.get_mut(agent).expect("they have a row").last_assigned_at = chatter_core::Time(0);
                }
                _ => {}
            }
        }
    }

    /// Whether people are told what the fault makes of it, so that what they are told shows nothing.
    pub(crate) const fn is_told(self) -> bool {
        matches!(self, Self::IgnoresTheLimit)
    }
}

/// A policy under the name of another that does the opposite of it.
#[derive(Debug)]
struct Wrong {
    fault: Fault,
    right: Arc<dyn AssignmentPolicy>,
}

impl AssignmentPolicy for Wrong {
    fn name(&self) -> &str {
        self.right.name()
    }

    fn line_key(&self, chat: &ChatFacts) -> LineKey {
        let LineKey { level, key } = self.right.line_key(chat);
        LineKey { level, key: if self.fault == Fault::Overtakes { -key } else { key } }
    }

    fn agent_rank(&self, agent: &AgentFacts) -> AgentRank {
        match self.fault {
            Fault::WrongAgent => AgentRank::value(u64::from(1_000 - agent.load.min(1_000))),
            _ => self.right.agent_rank(agent),
        }
    }
}
