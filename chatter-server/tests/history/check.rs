//! The judge. It takes the staff transcript of the file as what happened and measures everything else by
//! it: numbers, acks, refusals, what readers saw, and the order in real time.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::Fault;
use super::journal::{Answer, Attempt, Audience, Entry, History, Line, MessageId, Stream, Tick, Transcript, Who};

/// Every broken promise of a run; none for a run that kept them all.
pub(crate) fn check(history: &History) -> Vec<Fault> {
    let truth = Truth::of(history);
    let messages = messages(&history.attempts);
    let mut faults = Vec::new();
    chats(history, &truth, &mut faults);
    for transcript in &history.transcripts {
        numbers(transcript, &mut faults);
        agreement(transcript, &truth, &mut faults);
    }
    contents(&truth, &messages, &mut faults);
    for message in messages.values() {
        outcome(message, &truth, &mut faults);
    }
    for stream in &history.streams {
        continuity(stream, &mut faults);
        permanence(stream, &truth, &mut faults);
    }
    real_time(history, &truth, &messages, &mut faults);
    program_order(&truth, &messages, &mut faults);
    faults
}

/// The staff transcripts of the file, by chat, by number and by line.
#[derive(Default)]
struct Truth<'a> {
    chats: BTreeMap<u64, &'a [Entry]>,
    staff: BTreeMap<(u64, u64), &'a Entry>,
    public: BTreeMap<(u64, u64), &'a Entry>,
    lines: BTreeMap<(u64, &'a Line), Vec<&'a Entry>>,
}

impl<'a> Truth<'a> {
    fn of(history: &'a History) -> Self {
        let file = |t: &&'a Transcript| t.source == "file" && t.audience == Audience::Staff;
        let mut truth = Self::default();
        for Transcript { chat, entries, .. } in history.transcripts.iter().filter(file) {
            truth.chats.insert(*chat, entries);
            for entry in entries {
                truth.staff.entry((*chat, entry.number)).or_insert(entry);
                if let Some(public) = entry.public {
                    truth.public.entry((*chat, public)).or_insert(entry);
                }
                truth.lines.entry((*chat, &entry.line)).or_default().push(entry);
            }
        }
        truth
    }

    fn entries(&self, chat: u64) -> &'a [Entry] {
        self.chats.get(&chat).copied().unwrap_or_default()
    }

    /// What an audience finds under a number.
    fn at(&self, chat: u64, audience: Audience, number: u64) -> Option<&'a Entry> {
        let numbers = match audience {
            Audience::Staff => &self.staff,
            Audience::Customer => &self.public,
        };
        numbers.get(&(chat, number)).copied()
    }

    fn find(&self, chat: u64, line: &Line) -> Option<&'a Entry> {
        self.lines.get(&(chat, line)).and_then(|entries| entries.first().copied())
    }
}

/// One message with all tries to send it, in their order.
struct Message<'a> {
    id: &'a MessageId,
    line: Line,
    tries: Vec<&'a Attempt>,
}

impl Message<'_> {
    fn acked(&self) -> bool {
        self.tries.iter().any(|attempt| matches!(attempt.answer, Answer::Accepted { .. }))
    }
}

fn messages(attempts: &[Attempt]) -> BTreeMap<&MessageId, Message<'_>> {
    let mut messages = BTreeMap::new();
    for attempt in attempts {
        let line = || Line { who: attempt.message.who.clone(), text: attempt.text.clone() };
        messages
            .entry(&attempt.message)
            .or_insert_with(|| Message { id: &attempt.message, line: line(), tries: Vec::new() })
            .tries
            .push(attempt);
    }
    messages
}

fn chats(history: &History, truth: &Truth<'_>, faults: &mut Vec<Fault>) {
    let acked = |attempt: &&Attempt| matches!(attempt.answer, Answer::Accepted { .. });
    let known: BTreeSet<u64> = history.attempts.iter().filter(acked).map(|attempt| attempt.message.chat).collect();
    faults.extend(
        known.into_iter().filter(|chat| !truth.chats.contains_key(chat)).map(|chat| Fault::NoTranscript { chat }),
    );
}

/// P-D3: dense for the audience it was read for, and in the file for customers as well.
fn numbers(transcript: &Transcript, faults: &mut Vec<Fault>) {
    let mut dense = |numbers: &mut dyn Iterator<Item = u64>| {
        let mut expected = 1;
        for found in numbers {
            if found != expected {
                faults.push(Fault::Hole { chat: transcript.chat, source: transcript.source, expected, found });
            }
            expected = found + 1;
        }
    };
    dense(&mut transcript.entries.iter().map(|entry| entry.number));
    if transcript.audience == Audience::Staff {
        dense(&mut transcript.entries.iter().filter_map(|entry| entry.public));
    }
}

/// Whatever was read through the protocol is what the file holds for that audience.
fn agreement(transcript: &Transcript, truth: &Truth<'_>, faults: &mut Vec<Fault>) {
    let Transcript { chat, audience, source, entries } = transcript;
    let differs = |number| Fault::ReadDiffers { chat: *chat, source, number };
    let file: Vec<Entry> = match audience {
        Audience::Staff => truth.entries(*chat).to_vec(),
        Audience::Customer => truth.entries(*chat).iter().filter_map(public_view).collect(),
    };
    let first = file.iter().zip(entries).find(|(theirs, ours)| theirs != ours);
    if let Some((theirs, _)) = first {
        faults.push(differs(theirs.number));
    } else if file.len() != entries.len() {
        faults.push(differs(file.len().min(entries.len()) as u64 + 1));
    }
}

fn public_view(entry: &Entry) -> Option<Entry> {
    let number = entry.public?;
    Some(Entry { number, public: Some(number), line: entry.line.clone() })
}

/// P-D2, P-D4: every line of a person was sent by that person, and stands once.
fn contents(truth: &Truth<'_>, messages: &BTreeMap<&MessageId, Message<'_>>, faults: &mut Vec<Fault>) {
    let sent: BTreeSet<(u64, &Line)> = messages.values().map(|message| (message.id.chat, &message.line)).collect();
    for ((chat, line), entries) in &truth.lines {
        if line.who == Who::System {
            continue;
        }
        if !sent.contains(&(*chat, *line)) {
            faults.push(Fault::Phantom { chat: *chat, line: (*line).clone(), number: entries[0].number });
        }
        if entries.len() > 1 {
            let numbers = entries.iter().map(|entry| entry.number).collect();
            faults.push(Fault::Doubled { chat: *chat, line: (*line).clone(), numbers });
        }
    }
}

/// P-D1, P-D2, P-D4 for one message: its answers agree with each other and with the transcript.
fn outcome(message: &Message<'_>, truth: &Truth<'_>, faults: &mut Vec<Fault>) {
    let id = message.id;
    let found = truth.find(id.chat, &message.line);
    let mut first: Option<(Option<u64>, Option<u64>)> = None;
    for (index, attempt) in message.tries.iter().enumerate() {
        let Answer::Accepted { seq, public_seq, duplicate, conflict, .. } = &attempt.answer else { continue };
        if *conflict || (*duplicate && index == 0) {
            faults.push(Fault::FalseDuplicate { message: id.clone() });
        }
        match first {
            None => first = Some((*seq, *public_seq)),
            Some(numbers) if numbers != (*seq, *public_seq) => {
                let (first, second) = (shown(numbers), shown((*seq, *public_seq)));
                faults.push(Fault::TwoNumbers { message: id.clone(), first, second });
            }
            Some(_) => {}
        }
    }
    if let Some((seq, public_seq)) = first {
        let same = found.is_some_and(|entry| {
            seq.is_none_or(|seq| entry.number == seq)
                && (entry.public == public_seq || (public_seq.is_none() && seq.is_none()))
        });
        if !same {
            let number = shown((seq, public_seq));
            faults.push(Fault::LostAck { message: id.clone(), number, found: found.map(|entry| entry.number) });
        }
    }
    // One unanswered try may have taken effect, so only a message that was refused each time must be absent.
    let refused = message.tries.iter().all(|attempt| matches!(attempt.answer, Answer::Refused { .. }));
    if let (true, Some(entry)) = (refused, found) {
        faults.push(Fault::RefusedPresent { message: id.clone(), number: entry.number });
    }
}

fn shown((seq, public_seq): (Option<u64>, Option<u64>)) -> u64 {
    seq.or(public_seq).unwrap_or_default()
}

/// P-D5, P-D6: strictly consecutive, from the position that was given.
fn continuity(stream: &Stream, faults: &mut Vec<Fault>) {
    let Stream { reader, chat, .. } = stream;
    if let Some(reason) = &stream.not_recovered {
        faults.push(Fault::NotRecovered { chat: *chat, reader: reader.clone(), reason: reason.clone() });
    }
    let mut last = if stream.not_recovered.is_some() { None } else { stream.after };
    for seen in &stream.seen {
        let expected = last.map_or(seen.number, |last| last + 1);
        if seen.number != expected {
            let found = seen.number;
            faults.push(Fault::StreamBroken { chat: *chat, reader: reader.clone(), expected, found });
        }
        last = Some(seen.number);
    }
}

/// P-D7: what anybody saw is still there.
fn permanence(stream: &Stream, truth: &Truth<'_>, faults: &mut Vec<Fault>) {
    for seen in &stream.seen {
        let there = truth.at(stream.chat, stream.audience, seen.number).is_some_and(|entry| entry.line == seen.line);
        if !there {
            faults.push(Fault::ObservedLost {
                chat: stream.chat,
                reader: stream.reader.clone(),
                number: seen.number,
                line: seen.line.clone(),
            });
        }
    }
}

/// P-D3, real time: a message that began after another one was acknowledged to its author, or seen by
/// anybody, has a higher number. One walk up the numbers with the latest beginning so far suffices.
fn real_time(
    history: &History,
    truth: &Truth<'_>,
    messages: &BTreeMap<&MessageId, Message<'_>>,
    faults: &mut Vec<Fault>,
) {
    let mut begun: BTreeMap<(u64, &Line), Tick> = BTreeMap::new();
    let mut known: BTreeMap<(u64, &Line), Tick> = BTreeMap::new();
    let mut learn = |key, at: Tick| {
        known.entry(key).and_modify(|first| *first = at.min(*first)).or_insert(at);
    };
    for message in messages.values() {
        let key = (message.id.chat, &message.line);
        begun.insert(key, message.tries[0].invoked);
        for attempt in &message.tries {
            if let Answer::Accepted { at, .. } = attempt.answer {
                learn(key, at);
            }
        }
    }
    for stream in &history.streams {
        stream.seen.iter().for_each(|seen| learn((stream.chat, &seen.line), seen.at));
    }
    for (chat, entries) in &truth.chats {
        let mut latest: Option<(Tick, u64)> = None;
        for entry in *entries {
            let key = (*chat, &entry.line);
            if let (Some(known), Some((begun, lower))) = (known.get(&key), latest)
                && *known < begun
            {
                faults.push(Fault::Reordered { chat: *chat, earlier: entry.number, later: lower });
            }
            if let Some(begun) = begun.get(&key)
                && latest.is_none_or(|(latest, _)| latest < *begun)
            {
                latest = Some((*begun, entry.number));
            }
        }
    }
}

/// P-D3 for one author: the people of a run send, and send again, in one order; it is the order of the
/// transcript. A message that was given up counts nowhere: it may still have been on its way on an old
/// connection while later ones went through on a new one.
fn program_order(truth: &Truth<'_>, messages: &BTreeMap<&MessageId, Message<'_>>, faults: &mut Vec<Fault>) {
    let mut by_author: BTreeMap<(u64, &Who), Vec<&Message<'_>>> = BTreeMap::new();
    for message in messages.values().filter(|message| message.acked()) {
        by_author.entry((message.id.chat, &message.id.who)).or_default().push(message);
    }
    for ((chat, _), mut sent) in by_author {
        sent.sort_by_key(|message| message.tries[0].invoked);
        let placed = sent.iter().filter_map(|m| truth.find(chat, &m.line).map(|entry| (entry.number, m.id)));
        let placed: Vec<_> = placed.collect();
        for pair in placed.windows(2) {
            if pair[0].0 > pair[1].0 {
                let (first, second) = (pair[0].1.clone(), pair[1].1.clone());
                faults.push(Fault::ProgramOrder { chat, first, second });
            }
        }
    }
}
