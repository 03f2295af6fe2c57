//! Chatter inside another program: a store, an engine, a customer and an agent, without a socket.
//!
//! `cargo run -p chatter-examples --bin embed`

use std::error::Error;
use std::sync::Arc;

use chatter_core::engine::{AgentSettings, Engine};
use chatter_core::protocol::{Command, CustomerBody, CustomerFrame, JoinQueue, SendMessage, StaffFrame};
use chatter_core::{AgentId, AgentState, CategoryId, CategoryRecord, ClientMsgId, CustomerId, MemoryStore, Name, Text};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example shows what it does")]
async fn main() -> Result<(), Box<dyn Error>> {
    let engine = Engine::builder(Arc::new(MemoryStore::new())).start().await?;
    let general = CategoryId(1);
    engine.set_category(CategoryRecord::new(general, Name::new("General")?)).await?;
    let name = Name::new("Ada")?;
    engine.set_agent(AgentSettings { agent: AgentId(1), name, max_chats: 3, categories: vec![general] }).await?;

    let (zoe, mut to_zoe) = engine.connect_customer(CustomerId(42)).await?;
    let (ada, mut to_ada) = engine.connect_agent(AgentId(1)).await?;
    // Whatever is asked is answered by a frame, refusals too.
    let _ = zoe.receive(Command::JoinQueue(JoinQueue::new(Name::new("Zoe")?))).await;
    let _ = ada.receive(Command::SetAgentState { state: AgentState::Online }).await;

    let chat = loop {
        if let StaffFrame::Chat { chat } = to_ada.next().await?.frame() {
            break chat.chat;
        }
    };
    let words = Text::new("Hello Zoe, how can I help?")?;
    let _ = ada.receive(Command::SendMessage(SendMessage::new(chat, ClientMsgId::new("1")?, words))).await;
    loop {
        if let CustomerFrame::Entry { entry, .. } = to_zoe.next().await?.frame()
            && let CustomerBody::Message { text } = &entry.body
        {
            println!("Ada to Zoe: {text}");
            break;
        }
    }
    engine.stop().await;
    Ok(())
}
