//! Chats from their opening to their end.

use super::Scribe;
use crate::{
    AgentId, Author, CategoryId, ChatId, ChatRecord, ChatState, CustomerId, EndReason, Fact, Few, Priority, PublicSeq,
    Receipt, Receipts, Seq, Side, SystemLine,
};

const PRIORITIES: [Priority; 4] = [Priority::Low, Priority::Medium, Priority::High, Priority::Urgent];
const REASONS: [EndReason; 6] = [
    EndReason::CustomerEnded,
    EndReason::AgentEnded,
    EndReason::LeftQueue,
    EndReason::Abandoned,
    EndReason::WaitedTooLong,
    EndReason::CustomerSilent,
];

impl Scribe {
    /// A new customer asks for help and waits.
    pub fn open_chat(&mut self) -> ChatId {
        let customer = CustomerId(u128::from(self.dice.roll()) << 64 | u128::from(self.dice.roll()));
        self.open_chat_of(customer)
    }

    /// A customer who was here before asks for help again; a new one, if nobody was.
    pub(super) fn open_chat_again(&mut self) -> ChatId {
        let customers: Vec<CustomerId> = self.customers().into_iter().collect();
        match self.dice.pick(&customers).copied() {
            Some(customer) => self.open_chat_of(customer),
            None => self.open_chat(),
        }
    }

    /// A customer asks for help and waits.
    pub(in crate::testing) fn open_chat_of(&mut self, customer: CustomerId) -> ChatId {
        let chat = self.last_chat().next();
        let category = CategoryId(1 + u32::from(self.dice.once_in(3)));
        let priority = self.dice.pick(&PRIORITIES).copied().unwrap_or_default();
        self.fact(Fact::ChatOpened { chat, customer, category, priority });
        let subject = (!self.words.any().once_in(3)).then(|| self.words.subject());
        let record = ChatRecord {
            chat,
            customer,
            customer_name: self.words.name(),
            category,
            subject,
            priority,
            state: ChatState::Waiting,
            last_agent: None,
            agents: Few::new(),
            joined: Few::new(),
            transfer_to: None,
            parked: self.dice.once_in(8),
            replied: false,
            overflow: 0,
            merged_into: None,
            merged_from: Few::new(),
            episode: 1,
            arrived_at: self.now,
            created_at: self.now,
            updated_at: self.now,
            last_seq: Seq(0),
            last_public_seq: PublicSeq(0),
            customer_receipts: Receipts::default(),
            customer_receipts_for_staff: Receipts::default(),
            staff_receipts: Receipts::default(),
            staff_receipts_for_customer: Receipts::default(),
            customer_unread: Vec::new(),
            staff_unread: Vec::new(),
            last_message: None,
            client_ids: 0,
        };
        self.chats.insert(chat, record);
        self.changed_chats.insert(chat);
        chat
    }

    /// A chat is ended; it can be reopened.
    pub fn resolve(&mut self, chat: ChatId) {
        let reason = self.dice.pick(&REASONS).copied().unwrap_or(EndReason::AgentEnded);
        let by = if self.dice.once_in(2) { Side::Customer } else { Side::Staff };
        self.fact(Fact::ChatResolved { chat, by, reason });
        let at = self.now;
        self.change(chat, |record| {
            record.state = ChatState::Resolved { at, by, reason };
            record.joined.clear();
            record.transfer_to = None;
        });
        self.line(chat, SystemLine::ChatEnded { by, reason });
    }

    pub(super) fn reopen(&mut self, chat: ChatId) {
        let episode = self.chats[&chat].episode + 1;
        self.fact(Fact::ChatReopened { chat, by: Side::Customer, episode });
        let at = self.now;
        self.change(chat, |record| {
            record.state = ChatState::Waiting;
            record.episode = episode;
            record.arrived_at = at;
            record.overflow = 0;
            record.replied = false;
        });
        self.line(chat, SystemLine::ChatReopened { by: Side::Customer });
    }

    /// A resolved chat is closed for good.
    pub fn close(&mut self, chat: ChatId) {
        if let Some((at, by, reason)) = self.chats[&chat].end() {
            self.fact(Fact::ChatClosed { chat });
            self.change(chat, |record| record.state = ChatState::Closed { at, by, reason });
        }
    }

    pub(super) fn read_all(&mut self, chat: ChatId) {
        let ChatRecord { last_seq: seq, last_public_seq: public_seq, .. } = self.chats[&chat];
        let in_staff_numbers = Receipts { delivered: seq, read: seq };
        let in_public_numbers = Receipts { delivered: public_seq, read: public_seq };
        if self.dice.once_in(2) {
            let receipt = Receipt::Customer { delivered: public_seq, read: public_seq };
            self.fact(Fact::ReceiptMoved { chat, receipt });
            self.change(chat, |record| {
                record.customer_receipts = in_public_numbers;
                record.customer_receipts_for_staff = in_staff_numbers;
                record.customer_unread.clear();
            });
        } else {
            let receipt = Receipt::Staff { delivered: seq, read: seq };
            self.fact(Fact::ReceiptMoved { chat, receipt });
            self.change(chat, |record| {
                record.staff_receipts = in_staff_numbers;
                record.staff_receipts_for_customer = in_public_numbers;
                record.staff_unread.clear();
            });
        }
    }

    pub(in crate::testing) fn set_subject(&mut self, chat: ChatId) {
        let subject = self.words.subject();
        self.fact(Fact::SubjectSet { chat, by: Side::Staff });
        self.change(chat, |record| record.subject = Some(subject));
    }

    /// Who writes for a side: the customer, or the agent who has the chat or had it last.
    pub(super) fn author(&self, chat: ChatId, by: Side) -> Author {
        let record = &self.chats[&chat];
        match by {
            Side::Customer => Author::Customer { customer: record.customer, name: record.customer_name.clone() },
            Side::Staff | Side::System => {
                let agent = record.agent().or(record.last_agent).unwrap_or(AgentId(1));
                Author::Agent { agent, name: self.agents[&agent].name.clone() }
            }
        }
    }
}
