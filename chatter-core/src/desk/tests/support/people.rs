//! People who come, and what they ask.

use std::collections::BTreeSet;

use super::{Bench, message};
use crate::desk::{Accepted, Answer, Input, Reply};
use crate::protocol::{Command, JoinQueue, PlaceView};
use crate::{
    AgentId, AgentState, CategoryId, CategoryRecord, CategorySettings, ChatId, CustomerId, Name, Permissions,
    Principal, Refusal, SessionId,
};

impl Bench {
    pub(in crate::desk::tests) fn set_agent(&mut self, agent: u64, max_chats: u32, categories: &[u32]) {
        let name = Name::new(&format!("Agent {agent}")).unwrap();
        let categories: BTreeSet<_> = categories.iter().copied().map(CategoryId).collect();
        let input = Input::SetAgent { agent: AgentId(agent), name, max_chats, categories };
        assert_eq!(self.put(input), Answer::Reply(Reply::Done));
    }

    /// Gives a category settings.
    pub(in crate::desk::tests) fn configure(&mut self, category: u32, settings: CategorySettings) {
        let name = Name::new(&format!("Category {category}")).unwrap();
        let record = CategoryRecord { settings, ..CategoryRecord::new(CategoryId(category), name) };
        assert_eq!(self.put(Input::SetCategory(record)), Answer::Reply(Reply::Done));
    }

    /// What came of offering these settings for a category.
    pub(in crate::desk::tests) fn configure_badly(&mut self, category: u32, settings: CategorySettings) -> Refusal {
        let name = Name::new("Bad").unwrap();
        let record = CategoryRecord { settings, ..CategoryRecord::new(CategoryId(category), name) };
        match self.put(Input::SetCategory(record)) {
            Answer::Refused(refusal) => refusal,
            other => panic!("a refusal, not {other:?}"),
        }
    }

    pub(in crate::desk::tests) fn set_policy(&mut self, name: &str) {
        let name = Name::new(name).unwrap();
        assert_eq!(self.put(Input::SetPolicy { name }), Answer::Reply(Reply::Done));
    }

    /// A session of an agent who exists and may do everything.
    pub(in crate::desk::tests) fn supervisor(&mut self, agent: u64) -> SessionId {
        self.open(Principal::Agent { agent: AgentId(agent), permissions: Permissions::ALL })
    }

    pub(in crate::desk::tests) fn accept(&mut self, session: SessionId, chat: ChatId) {
        self.done(session, Command::AcceptOffer { chat });
    }

    pub(in crate::desk::tests) fn decline(&mut self, session: SessionId, chat: ChatId) {
        self.done(session, Command::DeclineOffer { chat, reason: None });
    }

    pub(in crate::desk::tests) fn open(&mut self, principal: Principal) -> SessionId {
        let session = self.next_session();
        let answer = self.put(Input::OpenSession { session, principal });
        assert!(matches!(answer, Answer::Reply(Reply::Opened(_))), "{answer:?}");
        session
    }

    pub(in crate::desk::tests) fn close(&mut self, session: SessionId) {
        assert_eq!(self.put(Input::CloseSession { session }), Answer::Reply(Reply::Done));
    }

    /// A session of an agent who exists.
    pub(in crate::desk::tests) fn agent_session(&mut self, agent: u64) -> SessionId {
        self.open(Principal::agent(AgentId(agent)))
    }

    /// An agent for a category, online.
    pub(in crate::desk::tests) fn agent(&mut self, agent: u64, max_chats: u32, categories: &[u32]) -> SessionId {
        self.set_agent(agent, max_chats, categories);
        let session = self.agent_session(agent);
        self.declare(session, AgentState::Online);
        session
    }

    pub(in crate::desk::tests) fn declare(&mut self, session: SessionId, state: AgentState) {
        self.done(session, Command::SetAgentState { state });
    }

    pub(in crate::desk::tests) fn customer(&mut self, customer: u128) -> SessionId {
        self.open(Principal::customer(CustomerId(customer)))
    }

    pub(in crate::desk::tests) fn ask(&mut self, session: SessionId, command: Command) -> Answer {
        self.put(Input::Ask { session, command, facts: None })
    }

    /// Asks, and again with the facts if the desk wants them: as a session does.
    pub(in crate::desk::tests) fn ask_fully(&mut self, session: SessionId, command: Command) -> Answer {
        match self.ask(session, command.clone()) {
            Answer::Lookup(lookup) => {
                let facts = Some(Box::new(self.store.facts(&lookup)));
                let answer = self.put(Input::Ask { session, command, facts });
                assert!(!matches!(answer, Answer::Lookup(_)), "the facts suffice");
                answer
            }
            answer => answer,
        }
    }

    pub(in crate::desk::tests) fn reply(&mut self, session: SessionId, command: Command) -> Reply {
        match self.ask_fully(session, command) {
            Answer::Reply(reply) => reply,
            other => panic!("a reply, not {other:?}"),
        }
    }

    pub(in crate::desk::tests) fn done(&mut self, session: SessionId, command: Command) {
        assert_eq!(self.reply(session, command), Reply::Done);
    }

    pub(in crate::desk::tests) fn refused(&mut self, session: SessionId, command: Command) -> Refusal {
        match self.ask_fully(session, command) {
            Answer::Refused(refusal) => refusal,
            other => panic!("a refusal, not {other:?}"),
        }
    }

    /// Joins a category and gives the chat.
    pub(in crate::desk::tests) fn join(&mut self, session: SessionId, category: u32) -> ChatId {
        let join = JoinQueue::new(Name::new("Carla").unwrap()).with_category(CategoryId(category));
        match self.reply(session, Command::JoinQueue(join)) {
            Reply::Queued { chat, .. } => chat.chat,
            other => panic!("queued, not {other:?}"),
        }
    }

    /// A new customer joins a category.
    pub(in crate::desk::tests) fn arrive(&mut self, customer: u128, category: u32) -> (SessionId, ChatId) {
        let session = self.customer(customer);
        let chat = self.join(session, category);
        (session, chat)
    }

    pub(in crate::desk::tests) fn say(&mut self, session: SessionId, chat: ChatId, id: &str) -> Accepted {
        match self.reply(session, message(chat, id, &format!("text of {id}"))) {
            Reply::Accepted(accepted) => accepted,
            other => panic!("accepted, not {other:?}"),
        }
    }

    pub(in crate::desk::tests) fn subscribe(&mut self, session: SessionId, chat: ChatId) {
        let reply = self.reply(session, Command::Subscribe { chat, history: None, after: None });
        assert!(matches!(reply, Reply::Subscribed(_)), "{reply:?}");
    }

    /// A session of an agent who may do anything, and takes no chats.
    pub(in crate::desk::tests) fn overseer(&mut self, agent: u64) -> SessionId {
        self.set_agent(agent, 1, &[3]);
        self.open(Principal::supervisor(AgentId(agent)))
    }

    pub(in crate::desk::tests) fn types(&mut self, session: SessionId, chat: ChatId, words: Option<&str>) {
        let text = words.map(|words| crate::Text::new(words).unwrap());
        self.done(session, Command::Typing { chat, typing: true, text });
    }

    pub(in crate::desk::tests) fn place(&mut self, session: SessionId, chat: ChatId) -> PlaceView {
        match self.reply(session, Command::QueueStatus { chat }) {
            Reply::Place { place, .. } => place,
            other => panic!("a place, not {other:?}"),
        }
    }
}
