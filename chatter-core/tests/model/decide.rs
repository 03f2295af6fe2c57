//! What each input does, and when it is refused.

use chatter_core::desk::Input;
use chatter_core::protocol::{Command, SendMessage};
use chatter_core::{
    AgentId, ChatId, ChatState, CustomerId, Fact, OfferEnd, Permission, Permissions, Principal, SessionId, StateCause,
    Time, Trigger,
};

use crate::world::{Chat, World};

/// What the asker is told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    Yes,
    /// The answer to joining.
    Joined {
        chat: ChatId,
        existing: bool,
    },
    /// No, with one of these codes: the documents do not always say which.
    No(&'static [&'static str]),
}

/// What comes of an input: an answer, or a rule that the desk broke.
pub(crate) type Answered = Result<Said, String>;

/// What somebody may not know of, or may know and not touch.
pub(crate) const NOT_THEIRS: &[&str] = &["unknown_chat", "not_your_chat", "not_allowed"];
/// A chat that is closed, as told to somebody who had it and to somebody who had not.
pub(crate) const CLOSED: &[&str] = &["chat_closed", "unknown_chat", "not_your_chat", "not_allowed"];
pub(crate) const NOT_ALLOWED: &[&str] = &["not_allowed"];

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asker {
    Customer(CustomerId, Option<ChatId>),
    Agent(AgentId, Permissions),
}

impl World {
    /// Takes an input at a time: first what is due, then the input, then what it made possible.
    pub(crate) fn step(&mut self, now: Time, input: Option<&Input>) -> Answered {
        self.facts.clear();
        self.run_due(now)?;
        let now = self.now.max(now);
        self.now = now;
        let said = match input {
            Some(input) => self.decide(now, input)?,
            None => Said::Yes,
        };
        self.sticky_agents_left();
        self.nothing_left_to_lose();
        self.dispatch(now, true)?;
        for chat in &mut self.chats {
            chat.wish = None;
        }
        match self.follow.left().as_slice() {
            [] => Ok(said),
            left => Err(format!("nothing accounts for {left:?}")),
        }
    }

    fn decide(&mut self, now: Time, input: &Input) -> Answered {
        match input {
            Input::SetCategory(record) => Ok(self.set_category(record)),
            Input::SetPolicy { name } => Ok(match crate::policies::known(name.as_str()) {
                Some(name) => {
                    self.desk_policy = name;
                    Said::Yes
                }
                None => Said::No(&["invalid"]),
            }),
            Input::SetAgent { agent, max_chats, categories, .. } => Ok(self.set_agent(*agent, *max_chats, categories)),
            Input::RemoveAgent { agent } => self.remove_agent(now, *agent),
            Input::OpenSession { session, principal } => Ok(self.open_session(*session, principal)),
            Input::CloseSession { session } => {
                self.close_session(now, *session);
                Ok(Said::Yes)
            }
            Input::Ask { session, command, facts } => {
                let Some(asker) = self.asker(*session) else { return Ok(Said::No(NOT_ALLOWED)) };
                self.ask(now, *session, asker, command, facts.as_ref().and_then(|it| it.last_agent))
            }
            other => panic!("{other:?} is no step of the model"),
        }
    }

    fn asker(&self, session: SessionId) -> Option<Asker> {
        let session = self.sessions.iter().find(|it| it.id == session)?;
        Some(match session.principal {
            Principal::Customer { customer, chat } => Asker::Customer(customer, chat),
            Principal::Agent { agent, permissions } => Asker::Agent(agent, permissions),
            _ => panic!("no other kind of person"),
        })
    }

    #[expect(clippy::too_many_lines, reason = "one arm a command")]
    fn ask(
        &mut self,
        now: Time,
        session: SessionId,
        asker: Asker,
        command: &Command,
        last: Option<AgentId>,
    ) -> Answered {
        let carried = self.carried_over(command);
        let command = &carried;
        if let Some(chat) = command.chat() {
            // A closed chat is known by what the store has of it.
            let known = self.chat(chat).is_some_and(|it| asker.may_know(it));
            if !known {
                return Ok(Said::No(match command {
                    Command::AcceptOffer { .. } | Command::DeclineOffer { .. } => &["offer_gone", "unknown_chat"],
                    Command::MergeChats { .. } => &["cannot_merge", "unknown_chat", "not_your_chat", "not_allowed"],
                    _ => NOT_THEIRS,
                }));
            }
        }
        match (command, asker) {
            (Command::Ping, _) => Ok(Said::Yes),
            (Command::JoinQueue(join), Asker::Customer(customer, scope)) => self.join(now, customer, scope, join, last),
            (Command::SendMessage(message), _) => self.message(now, asker, message),
            (Command::EndChat { chat }, _) => self.end(now, asker, *chat),
            (Command::ReopenChat { chat }, Asker::Agent(agent, _)) => self.reopens(now, agent, *chat),
            (Command::SetPriority { chat, priority }, Asker::Agent(agent, permissions)) => {
                let it = self.at(*chat);
                if it.closed() {
                    return Ok(Said::No(CLOSED));
                }
                if !it.has_part(agent) && !permissions.has(Permission::Assign) {
                    return Ok(Said::No(NOT_THEIRS));
                }
                if it.priority != *priority {
                    self.at_mut(*chat).priority = *priority;
                    self.say(now, Fact::PrioritySet { chat: *chat, priority: *priority, agent })?;
                }
                Ok(Said::Yes)
            }
            (Command::SetAgentState { state }, Asker::Agent(agent, _)) => {
                self.sets_state(now, agent, *state, StateCause::Declared)?;
                Ok(Said::Yes)
            }
            (Command::SignOut { all }, _) => self.sign_out(now, session, asker, *all),
            (Command::AcceptOffer { chat }, Asker::Agent(agent, _)) => self.accept(now, agent, *chat),
            (Command::DeclineOffer { chat, reason }, Asker::Agent(agent, _)) => {
                let how = OfferEnd::Declined { reason: *reason };
                if self.at(*chat).offered_to() == Some(agent) {
                    self.cool(now, *chat, agent);
                    self.offer_ends(now, *chat, how)?;
                } else if self.at(*chat).transfer.is_some_and(|(to, _)| to == agent) {
                    self.transfer_ends(now, *chat, how)?;
                } else {
                    return Ok(Said::No(&["offer_gone"]));
                }
                self.agent_mut(agent).misses = 0;
                Ok(Said::Yes)
            }
            (Command::EndWrapUp, Asker::Agent(agent, _)) => {
                self.agent_mut(agent).wrap_ups.clear();
                Ok(Said::Yes)
            }
            (Command::QueueStatus { chat }, Asker::Customer(..)) => Ok(match self.at(*chat).state {
                ChatState::Waiting | ChatState::Offered { .. } => Said::Yes,
                _ => Said::No(&["not_waiting", "chat_closed"]),
            }),
            (Command::TransferChat { chat, to, .. }, Asker::Agent(agent, permissions)) => {
                self.transfers(now, agent, permissions, *chat, *to)
            }
            (Command::AssignChat { chat, agent: to, override_limit }, Asker::Agent(agent, permissions)) => {
                self.assigns(now, agent, permissions, *chat, to.unwrap_or(agent), *override_limit)
            }
            (Command::UnassignChat { chat }, Asker::Agent(agent, permissions)) => {
                self.unassigns(now, agent, permissions, *chat)
            }
            (Command::TakeOver { chat }, Asker::Agent(agent, permissions)) => {
                self.takes_over(now, agent, permissions, *chat)
            }
            (Command::MergeChats { chat, into }, Asker::Agent(agent, permissions)) => {
                self.merges(now, agent, permissions, (*chat, *into))
            }
            (Command::JoinChat { chat }, Asker::Agent(agent, permissions)) => {
                self.joins(now, agent, permissions, *chat)
            }
            (Command::LeaveChat { chat }, Asker::Agent(agent, permissions)) => {
                self.leaves(now, agent, permissions, *chat)
            }
            _ => Ok(Said::No(NOT_ALLOWED)),
        }
    }

    /// A command to a chat that was merged is carried out in the one in which it goes on.
    fn carried_over(&self, command: &Command) -> Command {
        let mut command = command.clone();
        match &mut command {
            Command::SendMessage(SendMessage { chat, .. })
            | Command::QueueStatus { chat }
            | Command::EndChat { chat }
            | Command::ReopenChat { chat }
            | Command::SetPriority { chat, .. }
            | Command::TransferChat { chat, .. }
            | Command::AssignChat { chat, .. }
            | Command::UnassignChat { chat }
            | Command::TakeOver { chat }
            | Command::JoinChat { chat }
            | Command::LeaveChat { chat } => *chat = self.goes_on(*chat),
            _ => {}
        }
        command
    }

    fn accept(&mut self, now: Time, agent: AgentId, chat: ChatId) -> Answered {
        if self.at(chat).transfer.is_some_and(|(to, _)| to == agent) {
            self.transferred(now, chat, agent)?;
            return Ok(Said::Yes);
        }
        if self.at(chat).offered_to() != Some(agent) {
            return Ok(Said::No(&["offer_gone"]));
        }
        let choice = self.choice(now, chat, agent, Trigger::Accepted);
        self.say(now, Fact::ChatAssigned { chat, agent, choice })?;
        self.takes(now, chat, agent);
        Ok(Said::Yes)
    }
}

impl Asker {
    /// May this person know that there is such a chat? Of colleagues' chats the refusal does not tell.
    fn may_know(self, chat: &Chat) -> bool {
        match self {
            Self::Customer(customer, scope) => chat.customer == customer && scope.is_none_or(|it| chat.is(it)),
            Self::Agent(..) => true,
        }
    }
}
