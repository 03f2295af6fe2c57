//! Row B18: why a chat waits and why an agent gets none, and that it is so: what is named as the reason is what must
//! change.

mod mended;
mod reasons;
mod shown;

use super::super::{DeskSettings, Reply};
use super::support::Bench;
use crate::protocol::{AgentExplanation, Candidate, ChatExplanation, ColleagueView, Command, WaitingView};
use crate::{
    AgentId, CategoryId, CategoryRecord, CategorySettings, ChatId, Name, Permission, Permissions, Principal, Routing,
    SessionId, Time, Unavailable,
};

impl Bench {
    fn set_category(&mut self, category: u32, settings: CategorySettings) {
        let name = Name::new(&format!("Category {category}")).unwrap();
        let record = CategoryRecord { category: CategoryId(category), name, settings };
        self.put(super::super::Input::SetCategory(record));
    }

    fn why(&mut self, session: SessionId, chat: ChatId) -> ChatExplanation {
        match self.reply(session, Command::ExplainChat { chat }) {
            Reply::ChatExplained(explanation) => *explanation,
            other => panic!("an explanation, not {other:?}"),
        }
    }

    fn why_idle(&mut self, session: SessionId, agent: Option<u64>) -> AgentExplanation {
        match self.reply(session, Command::ExplainAgent { agent: agent.map(AgentId) }) {
            Reply::AgentExplained(explanation) => *explanation,
            other => panic!("an explanation, not {other:?}"),
        }
    }

    fn queue(&mut self, session: SessionId, category: u32) -> (u64, Vec<WaitingView>) {
        match self.reply(session, Command::ReadQueue { category: CategoryId(category) }) {
            Reply::Queue { category: of, waiting, chats } => {
                assert_eq!(of, CategoryId(category));
                (waiting, chats)
            }
            other => panic!("a queue, not {other:?}"),
        }
    }

    fn team(&mut self, session: SessionId) -> Vec<ColleagueView> {
        match self.reply(session, Command::ReadTeam) {
            Reply::Team(agents) => agents,
            other => panic!("a team, not {other:?}"),
        }
    }

    fn watcher(&mut self) -> SessionId {
        self.set_agent(900, 1, &[9_000]);
        let permissions = Permissions::NONE.with(Permission::Watch);
        self.open(Principal::Agent { agent: AgentId(900), permissions })
    }
}

/// A desk with a watcher of no category that anybody joins.
fn watched(settings: DeskSettings) -> (Bench, SessionId) {
    let mut bench = Bench::with(crate::policy::LeastLoaded, settings);
    bench.set_category(9_000, CategorySettings::default());
    let watcher = bench.watcher();
    (bench, watcher)
}

fn offers() -> CategorySettings {
    CategorySettings { routing: Routing::Offer, ..CategorySettings::default() }
}

/// Whom an explanation names, why, and until when.
fn named(explanation: &ChatExplanation) -> Vec<(u64, Option<Unavailable>, Option<Time>)> {
    explanation.candidates.iter().map(|it: &Candidate| (it.agent.0, it.reason, it.until)).collect()
}
