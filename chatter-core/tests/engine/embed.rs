//! The engine from outside, within one process: a customer and an agent chat.

use std::sync::Arc;

use chatter_core::engine::{AgentSettings, Engine};
use chatter_core::protocol::{Command, CustomerFrame, JoinQueue, SendMessage, StaffFrame};
use chatter_core::{
    AgentId, AgentState, CategoryId, CategoryRecord, ClientMsgId, CloseReason, CustomerId, MemoryStore, Name, Text,
};

#[tokio::test]
async fn a_customer_and_an_agent_chat() {
    let engine = Engine::builder(Arc::new(MemoryStore::new())).start().await.unwrap();
    let (general, ada) = (CategoryId(1), AgentId(1));
    engine.set_category(CategoryRecord::new(general, Name::new("General").unwrap())).await.unwrap();
    let settings =
        AgentSettings { agent: ada, name: Name::new("Ada").unwrap(), max_chats: 2, categories: vec![general] };
    engine.set_agent(settings).await.unwrap();

    let (agent, mut agent_frames) = engine.connect_agent(ada).await.unwrap();
    let _ = agent.receive(Command::SetAgentState { state: AgentState::Online }).await;
    let (customer, mut customer_frames) = engine.connect_customer(CustomerId(7)).await.unwrap();
    let _ = customer.receive(Command::JoinQueue(JoinQueue::new(Name::new("Zoe").unwrap()))).await;
    let chat = loop {
        if let CustomerFrame::Queued { chat, .. } = customer_frames.next().await.unwrap().frame() {
            break chat.chat;
        }
    };
    let id = ClientMsgId::new("1").unwrap();
    let _ = customer
        .receive(Command::SendMessage(SendMessage::new(chat, id, Text::new("Is anybody there?").unwrap())))
        .await;
    loop {
        let frame = customer_frames.next().await.unwrap();
        if let CustomerFrame::Accepted { public_seq, .. } = frame.frame() {
            assert_eq!(public_seq.0, 2, "after the line that the agent has joined");
            break;
        }
    }
    let _ = agent.receive(Command::Subscribe { chat, history: None, after: None }).await;
    loop {
        let frame = agent_frames.next().await.unwrap();
        if let StaffFrame::Page { entries, .. } = frame.frame() {
            assert_eq!(entries.len(), 2);
            break;
        }
    }
    engine.stop().await;
    let closed = loop {
        if let Err(reason) = agent_frames.next().await {
            break reason;
        }
    };
    assert_eq!(closed, CloseReason::Restarting);
}
