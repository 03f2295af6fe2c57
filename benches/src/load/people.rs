//! People who sign in and sit down, before anything is measured.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::LoadError;
use super::chatter::Target;
use super::wire::{Address, Wire};

/// How many sign in at the same time.
const AT_ONCE: usize = 64;

/// Two people in one chat.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) chat: u64,
    pub(crate) customer: Wire,
    pub(crate) agent: Wire,
}

/// A customer who has signed in.
#[derive(Debug)]
pub(crate) struct Customer {
    pub(crate) wire: Wire,
    /// To come back with.
    pub(crate) token: String,
    pub(crate) history: String,
}

/// Signs a customer in: a new one, or with a token one who comes back.
pub(crate) async fn customer(address: &Address, token: Option<&str>) -> Result<Customer, LoadError> {
    let doing = "signing a customer in";
    let mut wire = Wire::open(address).await?;
    let mut hello = json!({ "type": "hello", "protocol": 1, "role": "customer" });
    if let Some(token) = token {
        hello["token"] = token.into();
    }
    let ready = wire.ask(doing, hello).await?;
    let token = ready["visitor_token"].as_str().or(token).ok_or(LoadError::Frame { doing, lacks: "visitor_token" })?;
    let history = ready["history"].as_str().ok_or(LoadError::Frame { doing, lacks: "history" })?;
    Ok(Customer { token: token.to_owned(), history: history.to_owned(), wire })
}

/// Lets a customer join the queue and gives the number of the chat.
pub(crate) async fn join(wire: &mut Wire) -> Result<u64, LoadError> {
    let doing = "joining the queue";
    let queued = wire.ask(doing, json!({ "type": "join_queue", "name": "Load" })).await?;
    number(doing, &queued["chat"]["chat"])
}

/// Signs an agent in, ready for one chat.
async fn agent(target: &Target, number: usize) -> Result<Wire, LoadError> {
    let mut wire = Wire::open(&target.address).await?;
    let username = format!("{}{number}", target.agents.prefix);
    let hello = json!({ "type": "hello", "protocol": 1, "role": "agent", "username": username,
        "password": target.agents.password });
    wire.ask("signing an agent in", hello).await?;
    wire.ask("setting an agent online", json!({ "type": "set_agent_state", "state": "online" })).await?;
    Ok(wire)
}

/// Waits for the chat that an agent is given, and follows it.
async fn take_chat(mut wire: Wire) -> Result<(u64, Wire), LoadError> {
    let doing = "waiting for a chat to be assigned";
    let given = |frame: &Value| frame["type"] == "chat" && frame["chat"]["status"] == "in_progress";
    let frame = wire.frame(doing, given).await?;
    let chat = number(doing, &frame["chat"]["chat"])?;
    wire.ask("subscribing", json!({ "type": "subscribe", "chat": chat })).await?;
    Ok((chat, wire))
}

fn number(doing: &'static str, value: &Value) -> Result<u64, LoadError> {
    value.as_u64().ok_or(LoadError::Frame { doing, lacks: "the number of the chat" })
}

/// Brings `count` pairs together: agents with room for one chat each, then as many customers.
pub(crate) async fn pairs(target: &Target, count: usize) -> Result<Vec<Pair>, LoadError> {
    let agents = stream::iter(1..=count).map(|number| agent(target, number));
    let agents: Vec<_> = agents.buffer_unordered(AT_ONCE).collect().await;
    let agents = agents.into_iter().collect::<Result<Vec<Wire>, _>>()?;
    let customers = stream::iter(0..count).map(|_| async {
        let mut customer = customer(&target.address, None).await?;
        let chat = join(&mut customer.wire).await?;
        Ok::<_, LoadError>((chat, customer.wire))
    });
    let customers: Vec<_> = customers.buffer_unordered(AT_ONCE).collect().await;
    let customers = customers.into_iter().collect::<Result<BTreeMap<u64, Wire>, _>>()?;
    let agents: Vec<_> = stream::iter(agents.into_iter().map(take_chat)).buffer_unordered(AT_ONCE).collect().await;
    let mut agents = agents.into_iter().collect::<Result<BTreeMap<u64, Wire>, _>>()?;
    let matched = customers.into_iter().filter_map(|(chat, customer)| {
        let agent = agents.remove(&chat)?;
        Some(Pair { chat, customer, agent })
    });
    let matched: Vec<Pair> = matched.collect();
    let lacks = "a chat between a customer and an agent of the generator; other agents are online";
    if matched.len() == count { Ok(matched) } else { Err(LoadError::Frame { doing: "pairing people", lacks }) }
}
