//! Where the documents leave a choice open, the model follows the desk's, if it is an allowed one.

use std::sync::Arc;

use chatter_core::{Fact, Time, Trigger};

/// What the desk did in one step, and how much of it the model has accounted for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Follow {
    /// Absent when there is no desk to follow: any allowed choice will do.
    facts: Option<Arc<[(Time, Fact)]>>,
    marked: Vec<bool>,
}

impl Follow {
    /// There is no desk to follow.
    pub(crate) fn nobody() -> Self {
        Self::default()
    }

    /// The desk did this, in this order.
    pub(crate) fn of(facts: Vec<(Time, Fact)>) -> Self {
        let marked = vec![false; facts.len()];
        Self { facts: Some(facts.into()), marked }
    }

    pub(crate) const fn is_led(&self) -> bool {
        self.facts.is_some()
    }

    /// The model says that this has happened.
    pub(crate) fn account_for(&mut self, at: Time, fact: &Fact) -> Result<(), String> {
        let Some(facts) = &self.facts else { return Ok(()) };
        let mut free = facts.iter().zip(&self.marked).enumerate().filter(|(_, (_, marked))| !**marked);
        match free.find(|(_, ((when, it), _))| *when == at && alike(it, fact)) {
            Some((found, _)) => {
                self.marked[found] = true;
                Ok(())
            }
            None => Err(format!("expected {fact:?} at {at}, and the desk did not; left: {:?}", self.left())),
        }
    }

    /// What the desk did next.
    pub(crate) fn next(&self) -> Option<&(Time, Fact)> {
        let facts = self.facts.as_ref()?;
        facts.iter().zip(&self.marked).find(|(_, marked)| !**marked).map(|(it, _)| it)
    }

    /// What the desk did and nobody expected.
    pub(crate) fn left(&self) -> Vec<&(Time, Fact)> {
        let facts = self.facts.iter().flat_map(|it| it.iter());
        facts.zip(&self.marked).filter(|(_, marked)| !**marked).map(|(it, _)| it).collect()
    }
}

/// The same, as far as the documents speak of it: who ended a chat that ended by itself is not said, and of a
/// choice what the model can know.
fn alike(real: &Fact, model: &Fact) -> bool {
    match (real, model) {
        (Fact::ChatAssigned { choice: real_choice, .. }, Fact::ChatAssigned { choice, .. })
            if real_choice.trigger == Trigger::Accepted || choice.trigger == Trigger::Accepted =>
        {
            let (Fact::ChatAssigned { chat, agent, .. }, Fact::ChatAssigned { chat: c, agent: a, .. }) = (real, model)
            else {
                return false;
            };
            (chat, agent, real_choice.trigger, real_choice.key, real_choice.waited)
                == (c, a, choice.trigger, choice.key, choice.waited)
        }
        _ => real == model,
    }
}

/// Facts that the model speaks of.
pub(crate) const fn is_modelled(fact: &Fact) -> bool {
    !matches!(
        fact,
        Fact::EntryAdded { .. }
            | Fact::ReceiptMoved { .. }
            | Fact::SubjectSet { .. }
            | Fact::CategorySet { .. }
            | Fact::AgentSet { .. }
            | Fact::TeamChatOpened { .. }
    )
}
