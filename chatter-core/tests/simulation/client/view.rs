//! One chat as one device knows it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::Value;

use super::outgoing::Outgoing;
use crate::judge::{Judge, Lines, Promise, Who};

/// The most that is given to whoever has no position, and to whoever has missed much.
const NEWEST: u64 = 50;
const MISSED_MAX: u64 = 500;
/// So long after somebody began to type, and did not go on, nobody is told any more that they do.
const TYPES_FOR: Duration = Duration::from_secs(30);

/// How long after a failed write typing may be told that nobody ends.
const LAPSES_AFTER: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(crate) struct View {
    lines: BTreeMap<u64, Line>,
    /// Everything up to here is known.
    pub(crate) position: Option<u64>,
    /// `subscribe` went out on this connection.
    pub(crate) subscribed: bool,
    /// The number of the next live line on this connection.
    next: Option<u64>,
    pub(crate) state: Value,
    /// A conversation of agents.
    pub(crate) team: bool,
    /// Who types, as far as is known, and when that was told: agents by name, the customer without one.
    pub(crate) typing: BTreeMap<String, Duration>,
    /// An agent writes.
    pub(crate) writing: bool,
    /// Marks that only rise: own and others', delivered and read; the episode, the last number.
    marks: [u64; 6],
    pub(crate) outgoing: Outgoing,
}

#[derive(Debug)]
enum Line {
    /// As it was shown.
    Shown(Value),
    /// The own words, which `accepted` gave a number.
    Own(String),
}

/// What `read_history` asked for: so many below a number, when so much was known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Older {
    pub(crate) before: u64,
    pub(crate) limit: u64,
    pub(crate) known: u64,
}

/// What is wrong, if anything is.
pub(super) type Verdict = Result<(), (Promise, String)>;

impl View {
    pub(super) fn lost(&mut self) {
        self.subscribed = false;
        self.next = None;
        self.typing.clear();
        self.writing = false;
        self.outgoing.lost();
    }

    pub(super) fn give_up(&mut self, who: Who, judge: &mut Judge) {
        let chat = self.state["chat"].as_u64().unwrap_or_default();
        self.outgoing.give_up(who, chat, judge);
    }

    /// Live lines begin with the first one: the connection has opened the chat.
    pub(super) fn opened(&mut self) {
        self.next = Some(1);
        self.position = Some(0);
        self.subscribed = true;
    }

    /// The state of the chat, whole.
    pub(super) fn tell(&mut self, view: &Value) -> Verdict {
        let number = |marks: &str, mark: &str| view[marks][mark].as_u64().unwrap_or_default();
        let last = view["last_seq"].as_u64().or_else(|| view["last_public_seq"].as_u64());
        let marks = [
            number("own_receipts", "delivered"),
            number("own_receipts", "read"),
            number("other_receipts", "delivered"),
            number("other_receipts", "read"),
            view["episode"].as_u64().unwrap_or_default(),
            last.unwrap_or_default(),
        ];
        let fallen = self.marks.iter().zip(marks).any(|(before, now)| *before > now);
        self.marks = marks;
        self.state = view.clone();
        if fallen {
            return Err((Promise::Receipts, format!("marks fall with {view}")));
        }
        Ok(())
    }

    /// The state of a conversation of agents, and the own part in it.
    pub(super) fn tell_team(&mut self, view: &Value, own: &Value) -> Verdict {
        let number = |value: &Value| value.as_u64().unwrap_or_default();
        let receipts = &own["receipts"];
        let marks = [number(&receipts["delivered"]), number(&receipts["read"]), 0, 0, 0, number(&view["last_seq"])];
        let fallen = self.marks.iter().zip(marks).any(|(before, now)| *before > now);
        (self.team, self.marks, self.state) = (true, marks, view.clone());
        if fallen {
            return Err((Promise::Receipts, format!("marks fall with {view}")));
        }
        Ok(())
    }

    /// Puts the present form of a line in its place, if the line is known.
    pub(super) fn put(&mut self, who: Who, form: &Value) {
        let number = form[who.number()].as_u64().unwrap_or_default();
        if let Some(line) = self.lines.get_mut(&number) {
            *line = Line::Shown(form.clone());
        }
    }

    /// The lines that this person wrote, and that say something.
    pub(crate) fn own_lines(&self, who: Who) -> Vec<(u64, bool)> {
        let own = |(number, line): (&u64, &Line)| match line {
            Line::Own(text) => Some((*number, text.contains(crate::judge::NOTE_MARK))),
            Line::Shown(line) => {
                let author = &line["author"];
                let theirs = match who {
                    Who::Customer(_) => author["kind"] == "customer",
                    Who::Agent(agent) => author["agent"] == agent.0,
                };
                line["body"]["text"].as_str().filter(|_| theirs)?;
                Some((*number, line["body"]["kind"] != "message"))
            }
        };
        self.lines.iter().filter_map(own).collect()
    }

    /// The answer to `subscribe`.
    pub(super) fn page(&mut self, who: Who, after: Option<u64>, page: &Value, truth: &Lines) -> Verdict {
        let entries = page["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
        let up_to = page["up_to"].as_u64().unwrap_or(u64::MAX);
        let wrong = |what: &str| Err((Promise::Resume, format!("{what}, after {after:?}: {page}")));
        let recovered = page["recovery"]["recovered"] == true;
        let first = match (after, recovered) {
            (Some(after), true) => after + 1,
            (None, true) => return wrong("recovered without a position"),
            (_, false) => up_to.saturating_sub(NEWEST) + 1,
        };
        let too_many = after.is_some_and(|after| up_to.saturating_sub(after) > MISSED_MAX);
        match page["recovery"]["reason"].as_str() {
            None if recovered => {}
            Some("no_position") if after.is_none() => {}
            Some("too_many") if too_many => {}
            reason => return wrong(&format!("not recovered because of {reason:?}")),
        }
        if up_to > truth.last(who) || !are_lines(who, first..=up_to, up_to, entries, truth) {
            return wrong("not precisely what was missed");
        }
        if !are_targets(who, first..=up_to, up_to, page, truth) {
            return wrong("not precisely what was changed");
        }
        if !recovered {
            self.lines.clear();
        }
        for entry in entries {
            let number = entry[who.number()].as_u64().unwrap_or_default();
            self.lines.insert(number, Line::Shown(entry.clone()));
        }
        for target in page["targets"].as_array().into_iter().flatten() {
            self.put(who, target);
        }
        self.position = Some(up_to);
        self.next = Some(up_to + 1);
        Ok(())
    }

    /// The answer to `read_history`.
    pub(super) fn older(who: Who, asked: Older, page: &Value, truth: &Lines) -> Verdict {
        let Older { before, limit, known } = asked;
        let entries = page["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
        let last = entries.last().and_then(|entry| entry[who.number()].as_u64()).unwrap_or_default();
        let first = (last + 1).saturating_sub(limit).max(1);
        let exact =
            are_lines(who, first..=last, known, entries, truth) && are_targets(who, first..=last, known, page, truth);
        // What was stored while the question was on its way need not be in it.
        if last < before && last >= known.min(before - 1) && exact {
            return Ok(());
        }
        Err((Promise::Resume, format!("not what was asked for, {asked:?}: {page}")))
    }

    /// A live line: shown, or the own words under the number that `accepted` gave them.
    pub(super) fn live(&mut self, number: u64, line: Result<&Value, &str>) -> Verdict {
        let Some(next) = self.next else {
            // An answer needs no subscription; a line does.
            let Ok(line) = line else { return Ok(()) };
            return Err((Promise::Live, format!("a live line without a subscription: {line}")));
        };
        if number != next {
            return Err((Promise::Live, format!("expected {next} and got {number}: {line:?}")));
        }
        let line = line.map_or_else(|own| Line::Own(own.to_owned()), |line| Line::Shown(line.clone()));
        self.lines.insert(number, line);
        self.next = Some(number + 1);
        self.position = Some(number);
        Ok(())
    }

    /// Who is still shown as typing long after they have stopped.
    pub(crate) fn types_forever(&self, now: Duration, judge: &Judge) -> Option<&str> {
        let failed = judge.write_failed_at.map_or(Duration::ZERO, |failed| failed + LAPSES_AFTER);
        let forever = |told: &Duration| *told >= failed && now > *told + TYPES_FOR;
        self.typing.iter().find(|(_, told)| forever(told)).map(|(who, _)| who.as_str())
    }

    /// Whether everything that is stored has arrived, and everything that was said was accepted.
    pub(crate) fn is_settled(&self, who: Who, judge: &Judge, chat: u64) -> Result<(), String> {
        let Some(truth) = judge.truth.lines(chat) else { return Err("it is not stored".to_owned()) };
        let marks = judge.truth.marks(who, chat);
        if self.next.is_none() || self.position != Some(truth.last(who)) {
            return Err(format!("at {:?} of {}, next {:?}", self.position, truth.last(who), self.next));
        }
        if !self.outgoing.is_empty() {
            return Err(format!("{:?} is not sent", self.outgoing.iter().next()));
        }
        // A desk that was loaded again does not know who typed: clients let it lapse.
        let lapses = |told: &Duration| judge.write_failed_at.is_some_and(|failed| *told < failed + LAPSES_AFTER);
        if self.writing || !self.typing.values().all(lapses) {
            return Err(format!("{:?} still types, or an agent does: {}", self.typing, self.writing));
        }
        if self.marks[..2] != marks {
            return Err(format!("marks {:?} are stored as {marks:?}", self.marks));
        }
        Ok(())
    }

    /// Whether all that is known is as it is stored, without a hole.
    pub(crate) fn agrees(&self, who: Who, truth: &Lines) -> Result<(), String> {
        for (number, line) in &self.lines {
            let stored = truth.at(who, *number);
            let same = match line {
                Line::Shown(line) => stored == Some(line),
                Line::Own(text) => stored.is_some_and(|stored| stored["body"]["text"] == text.as_str()),
            };
            if !same {
                return Err(format!("{number} is {line:?} and stored as {stored:?}"));
            }
        }
        let first = self.lines.keys().next().copied().unwrap_or_else(|| truth.last(who) + 1);
        if self.lines.len() as u64 != truth.last(who) + 1 - first {
            return Err("there are holes".to_owned());
        }
        Ok(())
    }
}

/// Whether these are precisely the lines with those numbers, in forms that are not older than everything up to a
/// number.
fn are_lines(who: Who, mut numbers: RangeInclusive<u64>, up_to: u64, entries: &[Value], truth: &Lines) -> bool {
    let mut entries = entries.iter();
    let all = numbers.all(|number| entries.next().is_some_and(|it| truth.has_been(who, number, up_to, it)));
    all && entries.next().is_none()
}

/// Whether a page comes with precisely those lines before it that a line of it changed.
fn are_targets(who: Who, numbers: RangeInclusive<u64>, up_to: u64, page: &Value, truth: &Lines) -> bool {
    let changed: BTreeSet<_> = numbers.clone().filter_map(|number| truth.changed_in(who, number)).collect();
    let mut targets = page["targets"].as_array().into_iter().flatten();
    let before = |target: &u64| target < numbers.start();
    let all = changed
        .into_iter()
        .filter(before)
        .all(|number| targets.next().is_some_and(|target| truth.has_been(who, number, up_to, target)));
    all && targets.next().is_none()
}
