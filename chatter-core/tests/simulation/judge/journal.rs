//! Every message that somebody sent, each try, and what it was told.

use std::collections::BTreeMap;

use chatter_core::AuthorKey;

use super::Promise;

/// What somebody wants to say.
#[derive(Clone, Debug)]
pub(crate) struct Intent {
    pub(crate) author: AuthorKey,
    pub(crate) chat: u64,
    pub(crate) client_id: String,
    pub(crate) text: String,
    pub(crate) kind: Said,
}

/// What somebody says something as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Message,
    Note,
    Whisper,
}

impl Said {
    /// The command that says it.
    pub(crate) const fn command(self) -> &'static str {
        match self {
            Self::Message => "send_message",
            Self::Note => "send_note",
            Self::Whisper => "whisper",
        }
    }
}

/// The name of one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    message: usize,
    attempt: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// None so far: it may have taken effect.
    Unknown,
    Accepted,
    Refused,
}

#[derive(Debug)]
struct Try {
    text: String,
    answer: Answer,
}

/// Where a message stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    /// The chat in which it stands: the one it was sent to, or the one in which that one goes on.
    pub(crate) chat: u64,
    pub(crate) seq: u64,
    pub(crate) public_seq: Option<u64>,
    pub(crate) at: u64,
    pub(crate) text: String,
    pub(crate) kind: Said,
}

#[derive(Debug)]
struct Message {
    intent: Intent,
    /// The device that said it first: its messages to a chat keep their order.
    device: usize,
    /// It may stand anywhere: its author gave it up, or sent it out of turn.
    loose: bool,
    tries: Vec<Try>,
    stored: Option<Stored>,
    /// The how manieth of all messages that were stored.
    ordinal: usize,
    /// It was answered as new.
    told_new: bool,
}

/// Clients give every message an id of its own, whatever chat it is for.
type Key = (AuthorKey, String);

#[derive(Debug, Default)]
pub(crate) struct Journal {
    messages: Vec<Message>,
    by_key: BTreeMap<Key, usize>,
    ordinal: usize,
}

/// What an `accepted` says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub(crate) chat: u64,
    pub(crate) number: u64,
    pub(crate) public_seq: Option<u64>,
    pub(crate) at: u64,
    pub(crate) duplicate: bool,
    pub(crate) conflict: bool,
}

/// What is wrong, if anything is.
pub(crate) type Verdict = Result<(), (Promise, String)>;

impl Journal {
    /// Somebody tries to say something.
    pub(crate) fn invoke(&mut self, device: usize, intent: &Intent) -> Attempt {
        let key = (intent.author, intent.client_id.clone());
        let messages = &mut self.messages;
        let message = *self.by_key.entry(key).or_insert_with(|| {
            messages.push(Message {
                intent: intent.clone(),
                device,
                loose: false,
                tries: Vec::new(),
                stored: None,
                ordinal: 0,
                told_new: false,
            });
            messages.len() - 1
        });
        let tries = &mut self.messages[message].tries;
        tries.push(Try { text: intent.text.clone(), answer: Answer::Unknown });
        Attempt { message, attempt: tries.len() - 1 }
    }

    /// A try was refused for certain.
    pub(crate) fn refused(&mut self, attempt: Attempt) -> Verdict {
        let message = &mut self.messages[attempt.message];
        message.tries[attempt.attempt].answer = Answer::Refused;
        if message.stored.is_some() && message.all_refused() {
            return Err((Promise::Refused, format!("refused each time, and stored: {:?}", message.intent)));
        }
        Ok(())
    }

    /// Its author does not want to send it any more, or sends it out of turn.
    pub(crate) fn loosen(&mut self, intent: &Intent) {
        let key = (intent.author, intent.client_id.clone());
        if let Some(message) = self.by_key.get(&key) {
            self.messages[*message].loose = true;
        }
    }

    /// What this author has tried to say in a chat, not long ago.
    pub(crate) fn said_by(&self, author: AuthorKey, chat: u64) -> Vec<Intent> {
        let theirs = |message: &&Message| message.intent.author == author && message.intent.chat == chat;
        self.messages.iter().rev().filter(theirs).take(40).map(|message| message.intent.clone()).collect()
    }

    /// A message has been stored; `sent_to` tells whether what is sent to a chat may stand in this one.
    pub(super) fn stored(
        &mut self,
        author: AuthorKey,
        client_id: &str,
        stored: Stored,
        sent_to: impl Fn(u64) -> bool,
    ) -> Verdict {
        let key = (author, client_id.to_owned());
        self.ordinal += 1;
        let ordinal = self.ordinal;
        let Some(message) = self.by_key.get(&key).map(|message| &mut self.messages[*message]) else {
            return Err((Promise::Refused, format!("nobody ever sent {key:?}, and it is stored")));
        };
        let intent = &message.intent;
        let sent = message.tries.iter().any(|it| it.text == stored.text);
        if !sent || stored.kind != intent.kind || !sent_to(intent.chat) {
            return Err((Promise::Refused, format!("stored otherwise than sent: {intent:?} as {stored:?}")));
        }
        if message.all_refused() {
            return Err((Promise::Refused, format!("stored after it was refused: {intent:?}")));
        }
        if let Some(first) = &message.stored {
            return Err((Promise::Once, format!("{intent:?} is stored as {first:?} and as {stored:?}")));
        }
        (message.stored, message.ordinal) = (Some(stored), ordinal);
        Ok(())
    }

    /// Somebody is told that a message was accepted. What must hold is that it stands as told.
    pub(super) fn told(&self, author: AuthorKey, client_id: &str, staff: bool, told: Told) -> Verdict {
        let key = (author, client_id.to_owned());
        let stored = self.by_key.get(&key).and_then(|message| self.messages[*message].stored.as_ref());
        let Some(stored) = stored else {
            return Err((Promise::Durable, format!("{key:?} is acknowledged, and not stored")));
        };
        let number = if staff { Some(stored.seq) } else { stored.public_seq };
        let public = if staff { stored.public_seq } else { told.public_seq };
        let place = stored.chat == told.chat && number == Some(told.number);
        if !place || public != told.public_seq || stored.at != told.at {
            return Err((Promise::Acked, format!("{key:?} is stored as {stored:?} and told as {told:?}")));
        }
        Ok(())
    }

    /// The answer has reached the client.
    pub(crate) fn accepted(&mut self, attempt: Attempt, staff: bool, told: Told) -> Verdict {
        let message = &self.messages[attempt.message];
        let Intent { author, client_id, .. } = &message.intent;
        self.told(*author, client_id, staff, told)?;
        let message = &mut self.messages[attempt.message];
        let tried = &mut message.tries[attempt.attempt];
        tried.answer = Answer::Accepted;
        let same = message.stored.as_ref().is_some_and(|stored| stored.text == tried.text);
        if told.conflict == same {
            return Err((Promise::Once, format!("a conflict is told wrongly: {:?}, {told:?}", message.intent)));
        }
        if told.duplicate && message.tries.len() == 1 {
            return Err((Promise::Once, format!("the first try is told as a duplicate: {:?}", message.intent)));
        }
        if !told.duplicate && std::mem::replace(&mut message.told_new, true) {
            return Err((Promise::Once, format!("told as new twice: {:?}", message.intent)));
        }
        Ok(())
    }

    /// Messages of one device to one chat stand in the order in which they were said; those that are
    /// loose stand anywhere.
    pub(crate) fn check_order(&self) -> Verdict {
        let mut last: BTreeMap<(usize, u64, AuthorKey), (usize, u64, &Intent)> = BTreeMap::new();
        for message in self.messages.iter().filter(|message| !message.may_stand_anywhere()) {
            let Some(stored) = &message.stored else { continue };
            let intent = &message.intent;
            let this = (message.ordinal, stored.seq, intent);
            let before = last.insert((message.device, intent.chat, intent.author), this);
            if let Some((_, seq, earlier)) = before.filter(|(ordinal, ..)| *ordinal > message.ordinal) {
                let what = format!("{earlier:?} was said before {intent:?} and stands after it: {seq} {}", stored.seq);
                return Err((Promise::Order, what));
            }
        }
        Ok(())
    }

    /// How many messages there are, and how many of them are stored.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.messages.len(), self.messages.iter().filter(|message| message.stored.is_some()).count())
    }
}

impl Message {
    /// An agent's try that was never answered may have been refused because the chat was not theirs then, and
    /// such a refusal holds nothing back.
    fn may_stand_anywhere(&self) -> bool {
        let unanswered = self.tries.iter().any(|it| it.answer == Answer::Unknown);
        self.loose || unanswered && matches!(self.intent.author, AuthorKey::Agent(_))
    }

    fn all_refused(&self) -> bool {
        self.tries.iter().all(|it| it.answer == Answer::Refused)
    }
}
