//! The rules of the desk, as they are written, over the model that has agreed with the desk so far.

use chatter_core::AgentState;

use crate::world::World;

type Checked = Result<(), String>;

/// What holds after every step.
pub(crate) fn always(world: &World) -> Checked {
    one_open_chat_for_each(world)?;
    nothing_with_who_cannot_answer(world)
}

/// Rule 13.
fn one_open_chat_for_each(world: &World) -> Checked {
    let open: Vec<_> = world.chats.iter().filter(|it| !it.closed()).collect();
    for (i, one) in open.iter().enumerate() {
        if let Some(other) = open[i + 1..].iter().find(|it| (it.customer, it.category) == (one.customer, one.category))
        {
            return Err(format!("rule 13: chats {} and {} of one customer in one category", one.id, other.id));
        }
    }
    Ok(())
}

/// Rule 8.
fn nothing_with_who_cannot_answer(world: &World) -> Checked {
    for agent in &world.agents {
        let involved = world.load(agent.id) as usize - agent.wrap_ups.len();
        let held = world.held(agent.id).len();
        if involved > 0 && (!agent.active || agent.state == AgentState::Offline) {
            return Err(format!("rule 8: agent {} is offline and has chats", agent.id));
        }
        if held > 0 && !world.connected(agent.id) && agent.lost_at.is_none() {
            return Err(format!("rule 8: agent {} is gone for good and has chats", agent.id));
        }
    }
    Ok(())
}

/// What holds between the state before a step and the one after it.
pub(crate) fn between(before: &World, after: &World) -> Checked {
    // Rule 2: a load past the limit never grows, except by the named ways.
    for agent in &after.agents {
        let load = after.load(agent.id);
        let named = after.facts.iter().any(|(_, fact)| match fact {
            chatter_core::Fact::ChatUnparked { over_limit, .. } => *over_limit,
            chatter_core::Fact::ChatAssignedByHand { over_limit, agent: to, .. } => *over_limit && *to == agent.id,
            _ => false,
        });
        // What came due before the limit was lowered went by the one before.
        let max = before.agent(agent.id).map_or(0, |it| it.max).max(agent.max);
        if load > max && load > before.load(agent.id) && !named {
            return Err(format!("rule 2: agent {} has {load} of {}", agent.id, agent.max));
        }
    }
    Ok(())
}
