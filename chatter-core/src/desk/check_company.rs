//! The rules about who is in a chat beside its holder: joined, typing, looking.

use std::collections::{BTreeMap, BTreeSet};

use super::company::{Company, may_type};
use super::{Desk, Timer};
use crate::{AgentId, ChatId};

impl Desk {
    /// Rule 8 for those who joined; typing ends with whatever it hangs on; nobody was told what is not so.
    pub(super) fn check_company(&self) {
        let mut joined: BTreeMap<AgentId, BTreeSet<ChatId>> = BTreeMap::new();
        let mut typing = BTreeSet::new();
        for (number, chat) in self.state.chats.iter() {
            let record = &chat.record;
            for agent in &record.joined {
                joined.entry(*agent).or_default().insert(number);
                assert!(record.agents.contains(agent), "{agent} is found under {number}");
            }
            assert!(record.end().is_none() || record.joined.is_empty(), "nobody is in {number}, which is over");
            assert!(
                record.agent().is_none_or(|holder| !record.joined.contains(&holder)),
                "{number}: beside its holder"
            );
            let nobody = Company::default();
            let company = chat.company.as_deref().unwrap_or(&nobody);
            assert!(chat.company.is_none() || *company != nobody, "{number} keeps nothing of those who are gone");
            for (who, typist) in &company.typing {
                assert!(may_type(*who, record), "{who:?} types in {number}, which is not theirs");
                assert!(typist.until > self.state.now, "typing that is over is forgotten");
                assert!(typing.insert((typist.session, number, *who)));
            }
            let until = company.typing.values().map(|typist| typist.until).min();
            assert_eq!(self.state.deadlines.of(Timer::Typing(number)), until, "typing in {number} ends in time");
            assert!(!company.untold, "{number}: everybody knows");
            assert!(
                company.typing_told.iter().map(|(who, _)| who).eq(company.typing.keys()),
                "{number}: who types is known"
            );
            assert_eq!(company.viewers_told, self.viewers(chat), "{number}: who has it open is known");
        }
        for (number, agent) in self.state.agents.iter() {
            assert!(
                joined.remove(&number).unwrap_or_default().iter().eq(&agent.joined),
                "{number} knows what they joined"
            );
            assert!(agent.record.active || agent.joined.is_empty(), "a removed agent is in no chat");
        }
        assert!(joined.is_empty(), "who joined is known");
        let said: BTreeSet<_> = self
            .state
            .sessions
            .iter()
            .flat_map(|(number, it)| it.typing.iter().map(move |chat| (number, *chat, it.principal.author())))
            .collect();
        assert_eq!(typing, said, "typing is of a session that is there");
    }
}
