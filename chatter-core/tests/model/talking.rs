//! Messages, and the end of a chat or its going on.

use chatter_core::protocol::SendMessage;
use chatter_core::{AgentId, ChatId, EndReason, Fact, Permission, Side, Time};

use crate::decide::{Answered, Asker, CLOSED, NOT_THEIRS, Said};
use crate::world::{Chat, World};

impl World {
    pub(crate) fn message(&mut self, now: Time, asker: Asker, message: &SendMessage) -> Answered {
        let chat = message.chat;
        let (closed, resolved) = (self.at(chat).closed(), self.at(chat).resolved());
        if closed {
            return Ok(Said::No(CLOSED));
        }
        match asker {
            Asker::Customer(..) => {
                if resolved {
                    self.reopen(now, chat, Side::Customer)?;
                }
                let it = self.at_mut(chat);
                (it.silent_since, it.warned) = (None, false);
                if it.parked {
                    self.unpark(now, chat)?;
                }
                Ok(Said::Yes)
            }
            Asker::Agent(agent, _) => {
                let it = self.at(chat);
                if it.holder() != Some(agent) && !it.joined.contains(&agent) {
                    let theirs = resolved && it.last_agent == Some(agent);
                    return Ok(Said::No(if theirs { &["chat_resolved"] } else { NOT_THEIRS }));
                }
                let holds = it.holder() == Some(agent);
                let it = self.at_mut(chat);
                if holds {
                    (it.replied, it.reply_until) = (true, None);
                }
                // Somebody who has joined does not reply for the holder.
                if it.replied || it.parked {
                    (it.silent_since, it.warned) = (Some(now), false);
                }
                Ok(Said::Yes)
            }
        }
    }

    fn unpark(&mut self, now: Time, chat: ChatId) -> Result<(), String> {
        let within = self.settings.first_reply_within;
        let it = self.at_mut(chat);
        (it.parked, it.silent_since) = (false, None);
        let holder = it.holder();
        if holder.is_some() && !it.replied {
            it.reply_until = within.map(|within| now + within);
        }
        let over_limit = holder.is_some_and(|agent| self.agent(agent).is_some_and(|it| self.load(agent) > it.max));
        self.say(now, Fact::ChatUnparked { chat, over_limit })
    }

    pub(crate) fn end(&mut self, now: Time, asker: Asker, chat: ChatId) -> Answered {
        let it = self.at(chat);
        match asker {
            // To whoever may read of it, ending what is closed is done.
            Asker::Agent(agent, permissions) if it.closed() => {
                let knows = it.agents.contains(&agent) || permissions.has(Permission::Watch);
                Ok(if knows { Said::Yes } else { Said::No(CLOSED) })
            }
            Asker::Customer(..) if it.resolved() || it.closed() => Ok(Said::Yes),
            Asker::Customer(..) => {
                let reason = if it.holder().is_some() { EndReason::CustomerEnded } else { EndReason::LeftQueue };
                self.resolve(now, chat, Side::Customer, reason)?;
                Ok(Said::Yes)
            }
            Asker::Agent(agent, _) if it.resolved() && it.last_agent == Some(agent) => Ok(Said::Yes),
            Asker::Agent(agent, _) if it.has_part(agent) => {
                self.resolve(now, chat, Side::Staff, EndReason::AgentEnded)?;
                Ok(Said::Yes)
            }
            Asker::Agent(..) => Ok(Said::No(NOT_THEIRS)),
        }
    }

    pub(crate) fn reopens(&mut self, now: Time, agent: AgentId, chat: ChatId) -> Answered {
        let it = self.at(chat);
        if it.closed() {
            return Ok(Said::No(CLOSED));
        }
        if it.last_agent != Some(agent) {
            return Ok(Said::No(&["unknown_chat", "not_your_chat", "not_allowed", "chat_not_resolved"]));
        }
        if !it.resolved() {
            return Ok(Said::No(&["chat_not_resolved", "not_your_chat"]));
        }
        self.reopen(now, chat, Side::Staff)?;
        Ok(Said::Yes)
    }
}

impl Chat {
    /// Holds it, had it last before it was resolved, or joined.
    pub(crate) fn has_part(&self, agent: AgentId) -> bool {
        self.holder() == Some(agent)
            || self.joined.contains(&agent)
            || (self.resolved() && self.last_agent == Some(agent))
    }
}
