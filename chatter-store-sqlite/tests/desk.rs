//! What a desk decides comes back from both stores as it was: `restore(load())` equals the live desk after
//! all sessions were lost.

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;
    use std::time::Duration;

    use chatter_core::desk::{
        Answer, Change, ChangedRows, Desk, DeskSettings, EntryNumber, Facts, Input, Lookup, Outcome, Signal, Words,
    };
    use chatter_core::policy::{AssignmentPolicy, by_name};
    use chatter_core::protocol::{Command, JoinQueue, SendMessage, TransferTo};
    use chatter_core::testing::Dice;
    use chatter_core::{
        AgentId, AgentState, Audience, Batch, CategoryId, CategoryRecord, CategorySettings, ChatId, ClientMsgId,
        CustomerId, DeskId, Fence, MemoryStore, Name, OverflowStage, Page, PageEnd, Principal, Priority, PublicSeq,
        Revision, Routing, Rows, Seq, SessionId, Store, Subject, Text, Time,
    };
    use chatter_store_sqlite::{SqliteOptions, SqliteStore};

    const START: Time = Time(1_700_000_000_000_000);
    const AGENTS: u64 = 3;
    const CUSTOMERS: u64 = 5;

    /// A live desk, and the stores that are given what it decides.
    struct Rig {
        desk: Desk,
        policy: Arc<dyn AssignmentPolicy>,
        stores: Vec<(Arc<dyn Store>, Fence)>,
        revision: Revision,
        now: Time,
        last_session: u64,
        sessions: Vec<SessionId>,
        /// How often the desk asked for facts, offered a chat and let one overflow.
        lookups: usize,
        offered: usize,
        overflowed: usize,
    }

    impl Rig {
        async fn new(policy: &str, stores: Vec<Arc<dyn Store>>) -> Self {
            let policy = by_name(policy).unwrap();
            let mut acquired = Vec::new();
            for store in stores {
                let fence = store.acquire(&DeskId::default()).await.unwrap().fence;
                acquired.push((store, fence));
            }
            let desk =
                Desk::restore(chatter_core::Snapshot::default(), START, DeskSettings::default(), Arc::clone(&policy));
            let (revision, now, last_session, sessions) = (Revision(0), START, 0, Vec::new());
            let (lookups, offered, overflowed) = (0, 0, 0);
            Self { desk, policy, stores: acquired, revision, now, last_session, sessions, lookups, offered, overflowed }
        }

        /// Lets the desk decide, and both stores keep what came of it. If it asks for facts, both give the same.
        async fn step(&mut self, input: Input) {
            let outcome = self.desk.handle(self.now, &input);
            self.desk.check();
            let answer = outcome.answer.clone();
            self.keep(outcome).await;
            if let (Answer::Lookup(lookup), Input::Ask { session, command, facts: None }) = (answer, input) {
                let facts = self.look_up(&lookup).await;
                let outcome =
                    self.desk.handle(self.now, &Input::Ask { session, command, facts: Some(Box::new(facts)) });
                self.desk.check();
                self.keep(outcome).await;
                self.lookups += 1;
            }
        }

        async fn look_up(&self, lookup: &Lookup) -> Facts {
            let mut facts = Vec::new();
            for (store, _) in &self.stores {
                facts.push(read(&**store, lookup).await);
            }
            assert_eq!(facts[0], facts[1], "of {lookup:?}");
            facts.swap_remove(0)
        }

        async fn keep(&mut self, outcome: Outcome) {
            let mut batch = Batch::default();
            for change in outcome.changes {
                let Change::Event(event, words) = change else { continue };
                batch.events.push(event);
                if let Words::Entry(entry, dedupe) = words {
                    batch.entries.push(*entry);
                    batch.dedupe.extend(dedupe);
                } else if let Words::Changed(changed) = words {
                    let (entry, overwrite, _) = *changed;
                    batch.entries.push(entry);
                    batch.overwrites.push(overwrite);
                }
            }
            if batch.is_empty() {
                return;
            }
            let ChangedRows { chats, agents, categories, team_chats } = self.desk.take_rows();
            self.offered += chats.iter().filter(|chat| chat.offered_to().is_some()).count();
            self.overflowed += chats.iter().filter(|chat| chat.overflow > 0).count();
            batch.rows = Rows { chats, agents, categories, team_chats };
            let batch = Arc::new(batch);
            for (store, fence) in &self.stores {
                store.commit(&DeskId::default(), *fence, self.revision, Arc::clone(&batch)).await.unwrap();
            }
            self.revision = self.revision.next();
        }

        async fn set_up(&mut self) {
            let overflow = vec![OverflowStage { after: Duration::from_secs(15), category: CategoryId(1) }];
            let offers = CategorySettings {
                routing: Routing::Offer,
                overflow,
                sticky_wait: Some(Duration::from_secs(20)),
                wrap_up: Duration::from_secs(5),
                ..CategorySettings::default()
            };
            for (category, settings) in [(1, CategorySettings::default()), (2, offers)] {
                let name = Name::new(&format!("Category {category}")).unwrap();
                let category = CategoryId(category);
                self.step(Input::SetCategory(CategoryRecord { category, name, settings })).await;
            }
            for agent in 1..=AGENTS {
                let name = Name::new(&format!("Agent {agent}")).unwrap();
                let categories = BTreeSet::from([CategoryId(1), CategoryId(1 + u32::try_from(agent % 2).unwrap())]);
                self.step(Input::SetAgent { agent: AgentId(agent), name, max_chats: 2, categories }).await;
            }
        }

        async fn random_step(&mut self, dice: &mut Dice, number: u64) {
            self.now = self.now + Duration::from_millis([0, 40, 900, 20_000, 70_000][dice.below(5) as usize]);
            let chat = ChatId(1 + dice.below(2 * CUSTOMERS));
            let Some(session) = dice.pick(&self.sessions).copied().filter(|_| !dice.once_in(4)) else {
                return self.open(dice).await;
            };
            if dice.once_in(12) {
                self.sessions.retain(|open| *open != session);
                return self.step(Input::CloseSession { session }).await;
            }
            let command = random_command(dice, chat, number);
            self.step(Input::Ask { session, command, facts: None }).await;
        }

        async fn open(&mut self, dice: &mut Dice) {
            self.last_session += 1;
            let session = SessionId(self.last_session);
            let principal = if dice.once_in(2) {
                let agent = AgentId(1 + dice.below(AGENTS));
                if dice.once_in(3) { Principal::supervisor(agent) } else { Principal::agent(agent) }
            } else {
                Principal::customer(CustomerId(u128::from(1 + dice.below(CUSTOMERS))))
            };
            self.sessions.push(session);
            self.step(Input::OpenSession { session, principal }).await;
        }

        /// Ends the live desk as a crash would, and compares it with what each store gives back.
        async fn compare(mut self, seed: u64) {
            self.desk.apply(&Change::Signal(Signal::AllSessionsLost { at: self.now }));
            for (store, _) in &self.stores {
                let loaded = store.load(&DeskId::default()).await.unwrap();
                assert_eq!(loaded.revision, self.revision, "seed {seed}");
                let policy = Arc::clone(&self.policy);
                let restored = Desk::restore(loaded.snapshot, self.now, DeskSettings::default(), policy);
                restored.check();
                let same = restored.same_as(&self.desk);
                assert!(same, "seed {seed}, {store:?}\n{}\n{}", restored.dump(), self.desk.dump());
            }
        }
    }

    /// What a session would read for the desk.
    async fn read(store: &dyn Store, lookup: &Lookup) -> Facts {
        let desk = DeskId::default();
        match lookup {
            Lookup::Chat { chat, dedupe } => {
                let dedupe = match dedupe {
                    Some((author, id)) => store.dedupe(&desk, *chat, *author, id).await.unwrap(),
                    None => None,
                };
                Facts { chat: store.chat(&desk, *chat).await.unwrap(), dedupe, ..Facts::default() }
            }
            Lookup::Entry { chat, target } => {
                let audience = match *target {
                    EntryNumber::Staff(seq) => Audience::Staff { after: Seq(seq.0 - 1), up_to: seq },
                    EntryNumber::Customer(seq) => Audience::Customer { after: PublicSeq(seq.0 - 1), up_to: seq },
                };
                let page = Page { audience, limit: 1, end: PageEnd::Oldest };
                let entry = store.entries(&desk, *chat, page).await.unwrap().pop();
                Facts { chat: store.chat(&desk, *chat).await.unwrap(), entry, ..Facts::default() }
            }
            Lookup::LastAgent { customer } => {
                Facts { last_agent: store.last_agent(&desk, *customer).await.unwrap(), ..Facts::default() }
            }
        }
    }

    fn random_command(dice: &mut Dice, chat: ChatId, number: u64) -> Command {
        let client_msg_id = ClientMsgId::new(&number.to_string()).unwrap();
        let text = Text::new(&format!("words {number}")).unwrap();
        let agent = AgentId(1 + dice.below(AGENTS));
        match dice.below(30) {
            0..=2 => {
                let join = JoinQueue::new(Name::new("Zoe").unwrap());
                Command::JoinQueue(join.with_category(CategoryId(1 + u32::from(dice.once_in(2)))))
            }
            3..=6 => Command::SendMessage(SendMessage::new(chat, client_msg_id, text)),
            7 => Command::SendNote { chat, client_msg_id, text },
            8 => Command::Receipt { chat, delivered: Some(dice.below(4)), read: Some(dice.below(3)) },
            9 => Command::EndChat { chat },
            10 => Command::SetSubject { chat, subject: Some(Subject::new(&format!("subject {number}")).unwrap()) },
            11 => Command::SetPriority { chat, priority: Priority::Urgent },
            12 => Command::ReopenChat { chat },
            13..=14 => Command::AcceptOffer { chat },
            15 => Command::DeclineOffer { chat, reason: None },
            16 => {
                let to = if dice.once_in(2) { TransferTo::Agent(agent) } else { TransferTo::Category(CategoryId(2)) };
                Command::TransferChat { chat, to, note: Some(text) }
            }
            17 => Command::AssignChat { chat, agent: Some(agent), override_limit: dice.once_in(2) },
            18 => Command::UnassignChat { chat },
            19 => Command::TakeOver { chat },
            20 => Command::JoinChat { chat },
            21 => Command::LeaveChat { chat },
            22 => Command::MergeChats { chat, into: ChatId(1 + dice.below(2 * CUSTOMERS)) },
            23 => Command::Whisper { chat, client_msg_id, text },
            24 => Command::EditMessage { chat, target: 1 + dice.below(6), text },
            25 => Command::DeleteMessage { chat, target: 1 + dice.below(6) },
            26 => Command::OpenTeamChat { agent },
            27 => Command::EndWrapUp,
            _ => {
                let states = [AgentState::Online, AgentState::Online, AgentState::Away, AgentState::LastCall];
                Command::SetAgentState { state: *dice.pick(&states).unwrap() }
            }
        }
    }

    #[test]
    fn a_desk_comes_back_from_both_stores_as_it_was() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (mut chats, mut lookups, mut offered, mut overflowed) = (0, 0, 0, 0);
        for seed in 0..24 {
            let folder = tempfile::tempdir().unwrap();
            let sqlite = SqliteStore::open(folder.path().join("chatter.db"), SqliteOptions::default()).unwrap();
            runtime.block_on(async {
                let stores: Vec<Arc<dyn Store>> = vec![Arc::new(MemoryStore::new()), Arc::new(sqlite)];
                let policy = ["longest-wait", "priority-ageing", "least-loaded"][seed as usize % 3];
                let mut rig = Rig::new(policy, stores).await;
                rig.set_up().await;
                let mut dice = Dice::new(seed);
                for number in 0..200 {
                    rig.random_step(&mut dice, number).await;
                }
                chats += rig.desk.open_chats();
                lookups += rig.lookups;
                offered += rig.offered;
                overflowed += rig.overflowed;
                rig.compare(seed).await;
            });
        }
        assert!(chats > 24, "the desks held something: {chats}");
        assert!(lookups > 24 && offered > 24 && overflowed > 0, "{lookups} lookups, {offered} offers, {overflowed}");
    }
}
