//! What people write: plain, foreign, long, and of the kind that careless code trips over.

use crate::testing::Dice;
use crate::{ClientMsgId, Name, Subject, Text};

const TEXTS: [&str; 10] = [
    "hello, I need help with my order",
    "O'Brien said \"it's 100%\"; DROP TABLE chats; --",
    "line one\nline two\r\n\tindented",
    "Größe 42, façade, naïve, Ωμέγα",
    "こんにちは、配送について質問です",
    "مرحبا، هل يمكنك مساعدتي؟",
    "👩‍👩‍👧‍👦 and a combining e\u{301}",
    "<script>alert('text, never markup')</script>",
    "{\"type\":\"message\",\"null\":null}",
    "%_\\*?[a-z]$1{0}",
];
const NAMES: [&str; 6] = ["Ada", "Łukasz", "O'Neil", "王小明", "Zoë \"Zo\" Ångström", "null"];

#[derive(Clone, Debug)]
pub(super) struct Words {
    dice: Dice,
    ids: u64,
}

impl Words {
    pub(super) const fn new(seed: u64) -> Self {
        Self { dice: Dice::new(!seed), ids: 0 }
    }

    pub(super) fn text(&mut self) -> Text {
        let long = self.dice.once_in(20);
        let one = self.one_of(&TEXTS);
        let text = if long { "é".repeat(Text::MAX_CHARS) } else { format!("{one} ({})", self.dice.below(1_000)) };
        Text::new(&text).expect("short enough, without control characters")
    }

    pub(super) fn subject(&mut self) -> Subject {
        let text = self.one_of(&TEXTS).replace(char::is_control, " ");
        Subject::new(&text).expect("short enough, without control characters")
    }

    pub(super) fn name(&mut self) -> Name {
        Name::new(self.one_of(&NAMES)).expect("short enough, without control characters")
    }

    /// A client id that is new, and sorts neither in the order of use nor against it.
    pub(super) fn client_msg_id(&mut self) -> ClientMsgId {
        self.ids += 1;
        let id = format!("{:04x}-'%_\"{}", self.dice.below(1 << 16), self.ids);
        ClientMsgId::new(&id).expect("visible ASCII")
    }

    pub(super) fn any(&mut self) -> &mut Dice {
        &mut self.dice
    }

    fn one_of(&mut self, choices: &[&'static str]) -> &'static str {
        self.dice.pick(choices).copied().expect("there are choices")
    }
}
