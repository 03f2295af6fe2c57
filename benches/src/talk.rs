use std::sync::Arc;
use std::time::Duration;

use chatter_core::desk::{Answer, Change, Desk, DeskSettings, Input, Outcome, Words};
use chatter_core::policy::LongestWait;
use chatter_core::protocol::{Command, JoinQueue, SendMessage};
use chatter_core::{
    Batch, CategoryId, CategoryRecord, ChatId, ClientMsgId, CustomerId, Fact, Name, Principal, Rows, SessionId,
    Snapshot, Text, Time,
};

const STEP: Duration = Duration::from_micros(50);

/// Batches as an engine hands them to its store, made by the desk itself: customers in as many chats who write one
/// after the other.
#[derive(Debug)]
pub struct Talk {
    desk: Desk,
    now: Time,
    chats: Vec<(SessionId, ChatId)>,
    said: u64,
    batch: Batch,
}

impl Talk {
    /// Customers in this many chats. The first batch holds their joining.
    ///
    /// # Panics
    /// When the desk refuses anything: then nothing sensible is measured.
    #[must_use]
    pub fn new(chats: u64) -> Self {
        let settings = DeskSettings { messages_per_second: 0, ..DeskSettings::default() };
        let now = Time(1_767_225_600_000_000);
        let desk = Desk::restore(Snapshot::default(), now, settings, Arc::new(LongestWait));
        let mut talk = Self { desk, now, chats: Vec::new(), said: 0, batch: Batch::default() };
        talk.put(&Input::SetCategory(CategoryRecord::new(CategoryId(1), name("General"))));
        for number in 1..=chats {
            let session = SessionId(number);
            let principal = Principal::customer(CustomerId(u128::from(number)));
            talk.put(&Input::OpenSession { session, principal });
            let chat = talk.join(session);
            talk.chats.push((session, chat));
        }
        talk
    }

    /// The chat that was opened first.
    #[must_use]
    pub fn first_chat(&self) -> ChatId {
        self.chats[0].1
    }

    /// Everything since the last batch, with so many more messages.
    ///
    /// # Panics
    /// As [`Talk::new`].
    pub fn batch(&mut self, messages: usize) -> Arc<Batch> {
        for _ in 0..messages {
            let turn = usize::try_from(self.said).expect("counts fit") % self.chats.len();
            let (session, chat) = self.chats[turn];
            self.said += 1;
            let id = ClientMsgId::new(&self.said.to_string()).expect("a legal id");
            let text = Text::new(&"a message of about a hundred letters. ".repeat(3)).expect("a legal text");
            let command = Command::SendMessage(SendMessage::new(chat, id, text));
            self.put(&Input::Ask { session, command, facts: None });
        }
        let rows = self.desk.take_rows();
        let mut batch = std::mem::take(&mut self.batch);
        batch.rows =
            Rows { chats: rows.chats, agents: rows.agents, categories: rows.categories, team_chats: rows.team_chats };
        Arc::new(batch)
    }

    /// Every customer ends their chat; all are closed, and everybody joins again.
    ///
    /// # Panics
    /// As [`Talk::new`].
    pub fn end_all(&mut self) {
        let customers = std::mem::take(&mut self.chats);
        for (session, chat) in &customers {
            self.put(&Input::Ask { session: *session, command: Command::EndChat { chat: *chat }, facts: None });
        }
        self.now = self.now + DeskSettings::default().close_after + STEP;
        let outcome = self.desk.handle_timeout(self.now);
        self.keep(outcome);
        self.chats = customers.into_iter().map(|(session, _)| (session, self.join(session))).collect();
    }

    /// How many chats were opened.
    #[must_use]
    pub fn opened(&self) -> u64 {
        self.chats.last().map_or(0, |(_, chat)| chat.0)
    }

    fn join(&mut self, session: SessionId) -> ChatId {
        let join = Command::JoinQueue(JoinQueue::new(name("Customer")));
        self.put(&Input::Ask { session, command: join, facts: None }).expect("joining opens a chat")
    }

    /// Lets the desk decide, as the engine does, and gives the chat that was opened.
    fn put(&mut self, input: &Input) -> Option<ChatId> {
        self.now = self.now + STEP;
        let outcome = self.desk.handle(self.now, input);
        assert!(matches!(outcome.answer, Answer::Reply(_)), "refused: {outcome:?}");
        self.keep(outcome)
    }

    fn keep(&mut self, outcome: Outcome) -> Option<ChatId> {
        let mut opened = None;
        for change in outcome.changes {
            let Change::Event(event, words) = change else { continue };
            if let Fact::ChatOpened { chat, .. } = event.fact {
                opened = Some(chat);
            }
            self.batch.events.push(event);
            if let Words::Entry(entry, dedupe) = words {
                self.batch.entries.push(*entry);
                self.batch.dedupe.extend(dedupe);
            }
        }
        opened
    }
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a good name")
}

#[cfg(test)]
mod tests {
    use chatter_core::ChatStatus;

    use super::Talk;

    #[test]
    fn everybody_comes_again_when_all_has_ended() {
        let mut talk = Talk::new(3);
        drop(talk.batch(5));
        talk.end_all();
        let batch = talk.batch(0);
        let closed = batch.rows.chats.iter().filter(|chat| chat.status() == ChatStatus::Closed).count();
        assert_eq!((closed, batch.rows.chats.len(), talk.opened()), (3, 6, 6));
    }

    #[test]
    fn a_batch_is_what_was_said_since_the_last() {
        let mut talk = Talk::new(3);
        let joined = talk.batch(0);
        assert_eq!((joined.rows.chats.len(), joined.entries.len()), (3, 0));
        let batch = talk.batch(7);
        assert_eq!((batch.entries.len(), batch.dedupe.len(), batch.events.len()), (7, 7, 7));
        assert_eq!(batch.rows.chats.len(), 3, "one row a chat, however much was said in it");
        assert!(talk.batch(0).is_empty());
    }
}
