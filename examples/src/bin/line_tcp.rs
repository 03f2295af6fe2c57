//! Chat by netcat: `cargo run -p chatter-examples --bin line_tcp [ADDRESS [USER:PASSWORD ..]]`, then
//!
//! ```text
//! nc 127.0.0.1 7878                 nc 127.0.0.1 7878
//! customer Zoe                      agent ada lovelace
//! ```

use std::error::Error;
use std::sync::Arc;

use chatter_core::engine::{AgentSettings, Engine};
use chatter_core::session::Door;
use chatter_core::{AgentId, CategoryId, CategoryRecord, MemoryStore, Name};
use chatter_examples::line_tcp::{Passwords, serve};
use tokio::net::TcpListener;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "it tells where to connect to")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:7878".to_owned());
    let mut agents: Vec<_> = arguments.collect();
    if agents.is_empty() {
        agents.push("ada:lovelace".to_owned());
    }

    let engine = Engine::builder(Arc::new(MemoryStore::new())).start().await?;
    let category = CategoryId(1);
    engine.set_category(CategoryRecord::new(category, Name::new("General")?)).await?;
    let mut passwords = Passwords::default();
    for (agent, account) in (1..).map(AgentId).zip(&agents) {
        let (username, password) = account.split_once(':').ok_or("an agent is given as USER:PASSWORD")?;
        passwords.add(agent, username, password);
        let name = Name::new(username)?;
        engine.set_agent(AgentSettings { agent, name, max_chats: 3, categories: vec![category] }).await?;
    }

    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    serve(listener, Door::new(engine, Arc::new(passwords))).await?;
    Ok(())
}
