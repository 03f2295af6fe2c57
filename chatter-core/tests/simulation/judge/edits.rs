//! Every edit and deletion that somebody asked for, and what became of it.

use chatter_core::AuthorKey;
use serde_json::Value;

use super::journal::{Answer, Verdict};
use super::{Lines, Promise, Who};

/// Somebody wants other words in the place of a line of theirs, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) author: AuthorKey,
    pub(crate) chat: u64,
    /// In the numbers of whoever asks.
    pub(crate) target: u64,
    pub(crate) text: Option<String>,
}

/// The name of one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EditTry(usize);

#[derive(Debug)]
struct Asked {
    edit: Edit,
    answer: Answer,
    stored: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Edits {
    asked: Vec<Asked>,
}

impl Edits {
    pub(crate) fn ask(&mut self, edit: Edit) -> EditTry {
        self.asked.push(Asked { edit, answer: Answer::Unknown, stored: false });
        EditTry(self.asked.len() - 1)
    }

    /// It has been stored.
    pub(super) fn stored(&mut self, edit: &Edit) -> Verdict {
        let mut same = self.asked.iter_mut().filter(|it| it.edit == *edit).peekable();
        if same.peek().is_none() {
            return Err((Promise::Refused, format!("nobody ever asked for {edit:?}, and it is stored")));
        }
        match same.find(|it| it.answer != Answer::Refused) {
            Some(asked) => asked.stored = true,
            None => return Err((Promise::Refused, format!("stored after it was refused: {edit:?}"))),
        }
        Ok(())
    }

    /// A try was refused for certain.
    pub(crate) fn refused(&mut self, edit: EditTry) -> Verdict {
        let asked = &mut self.asked[edit.0];
        asked.answer = Answer::Refused;
        let edit = asked.edit.clone();
        let mut same = self.asked.iter().filter(|it| it.edit == edit);
        let all_refused = same.clone().all(|it| it.answer == Answer::Refused);
        if all_refused && same.any(|it| it.stored) {
            return Err((Promise::Refused, format!("refused each time, and stored: {edit:?}")));
        }
        Ok(())
    }

    /// Its author is told that it is done: then it stands.
    pub(crate) fn done(&mut self, edit: EditTry, who: Who, lines: &Lines) -> Verdict {
        let asked = &mut self.asked[edit.0];
        asked.answer = Answer::Accepted;
        let forms = lines.forms(who, asked.edit.target);
        let stands = match &asked.edit.text {
            Some(text) => forms.iter().any(|form| form["body"]["text"] == text.as_str()),
            None => forms.last().is_some_and(is_deleted),
        };
        if stands {
            Ok(())
        } else {
            Err((Promise::Acked, format!("{:?} is done, and stored as {forms:?}", asked.edit)))
        }
    }
}

fn is_deleted(form: &Value) -> bool {
    form["body"]["kind"] == "deleted"
}
