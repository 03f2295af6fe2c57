//! Any command is read back as it was written; anything else is refused without a panic.

use proptest::prelude::*;

use super::super::{Parsed, parse};
use super::id;
use crate::golden::commands::{VARIANTS, variant};
use crate::protocol::{ClientFrame, Command, Hello, JoinQueue, Role, SendMessage, TransferTo};
use crate::{
    AgentId, AgentState, CategoryId, ChatId, ClientMsgId, DeclineReason, HistoryId, Name, Priority, Subject, Text,
};

/// Commands of every variant, with any good text and any number.
fn any_command() -> impl Strategy<Value = Command> {
    let texts =
        ("[^\\p{Cc}]{1,80}", "[ -~]{0,40}", "[!-~]{1,64}").prop_filter("not blank", |(a, ..)| !a.trim().is_empty());
    let numbers = (any::<u64>(), any::<Option<u64>>(), any::<u32>(), any::<bool>(), any::<u128>(), 0..4_usize);
    (0..VARIANTS, texts, numbers).prop_map(|(which, (text, secret, msg_id), (n, some, small, flag, big, word))| {
        let given = Given { text, secret, msg_id, n, some, small, flag, big, word };
        if which < 16 { given.talk(which) } else { given.work(which) }
    })
}

/// What a command is made of.
struct Given {
    text: String,
    secret: String,
    msg_id: String,
    n: u64,
    some: Option<u64>,
    small: u32,
    flag: bool,
    big: u128,
    word: usize,
}

impl Given {
    fn body(&self) -> Text {
        Text::new(&self.text).unwrap()
    }

    fn id(&self) -> ClientMsgId {
        id(&self.msg_id)
    }

    fn talk(&self, which: usize) -> Command {
        let (chat, flag, some) = (ChatId(self.n), self.flag, self.some);
        let subject = flag.then(|| Subject::new(&self.text).unwrap());
        match which {
            0 if flag => Command::Hello(Hello::new(Role::Agent).with_password(&self.secret, &self.secret)),
            0 => Command::Hello(Hello::new(Role::Customer).with_token(&self.secret)),
            1 => {
                let category = flag.then_some(CategoryId(self.small));
                Command::JoinQueue(JoinQueue { name: Name::new(&self.text).unwrap(), category, subject })
            }
            2 => Command::QueueStatus { chat },
            3 => Command::StartChat { chat },
            4 => Command::Subscribe { chat, history: flag.then_some(HistoryId(self.big)), after: some },
            5 => Command::ReadHistory { chat, before: self.n, limit: self.small % 200 + 1 },
            6 => Command::SendMessage(SendMessage::new(chat, self.id(), self.body())),
            7 => Command::SendNote { chat, client_msg_id: self.id(), text: self.body() },
            8 => Command::Receipt { chat, delivered: some, read: flag.then_some(self.n) },
            9 => Command::EndChat { chat },
            10 => Command::ReopenChat { chat },
            11 => Command::SetSubject { chat, subject },
            12 => {
                let priority = [Priority::Low, Priority::Medium, Priority::High, Priority::Urgent][self.word];
                Command::SetPriority { chat, priority }
            }
            13 => {
                let states = [AgentState::Online, AgentState::Away, AgentState::LastCall, AgentState::Offline];
                Command::SetAgentState { state: states[self.word] }
            }
            14 => Command::SignOut { all: flag },
            _ => Command::Ping,
        }
    }

    fn work(&self, which: usize) -> Command {
        let (chat, flag, agent) = (ChatId(self.n), self.flag, self.some.map(AgentId));
        let words = flag.then(|| self.body());
        match which {
            16 => Command::Whisper { chat, client_msg_id: self.id(), text: self.body() },
            17 => Command::EditMessage { chat, target: self.n, text: self.body() },
            18 => Command::DeleteMessage { chat, target: self.n },
            19 => Command::Typing { chat, typing: self.word > 1, text: words },
            20 => Command::Unsubscribe { chat },
            21 => Command::AcceptOffer { chat },
            22 => {
                let reasons =
                    [DeclineReason::Busy, DeclineReason::WrongCategory, DeclineReason::Language, DeclineReason::Other];
                Command::DeclineOffer { chat, reason: flag.then_some(reasons[self.word]) }
            }
            23 => {
                let category = TransferTo::Category(CategoryId(self.small));
                Command::TransferChat { chat, to: agent.map_or(category, TransferTo::Agent), note: words }
            }
            24 => Command::AssignChat { chat, agent, override_limit: flag },
            25 => Command::UnassignChat { chat },
            26 => Command::TakeOver { chat },
            27 => Command::JoinChat { chat },
            28 => Command::LeaveChat { chat },
            29 => Command::MergeChats { chat, into: ChatId(u64::from(self.small)) },
            30 => Command::EndWrapUp,
            31 => Command::OpenTeamChat { agent: AgentId(self.n) },
            32 => Command::ReadQueue { category: CategoryId(self.small) },
            33 => Command::ReadTeam,
            34 => Command::ExplainChat { chat },
            _ => Command::ExplainAgent { agent },
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(command in any_command(), reference in prop::option::of("[^\\p{Cc}]{0,16}")) {
        let mut json = serde_json::to_value(&command).unwrap();
        if let Some(reference) = &reference {
            json["ref"] = reference.as_str().into();
        }
        let parsed = parse(&serde_json::to_vec(&json).unwrap());
        let frame = ClientFrame { reference, command };
        prop_assert_eq!(parsed, Parsed::from(frame));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(parse(&bytes).command.is_err());
    }

    /// Frames that are almost right reach further into the parser than noise does.
    #[test]
    fn damaged_frames_never_panic(command in any_command(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut json = serde_json::to_vec(&command).unwrap();
        let at = at.index(json.len());
        if cut { json.truncate(at) } else { json[at] = byte }
        let parsed = parse(&json);
        prop_assert!(!cut || parsed.command.is_err());
    }
}

#[test]
fn every_variant_is_among_the_commands() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = [false; VARIANTS];
    for _ in 0..2_000 {
        seen[variant(&any_command().new_tree(&mut runner).unwrap().current())] = true;
    }
    assert_eq!(seen, [true; VARIANTS]);
}
