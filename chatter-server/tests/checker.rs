//! The checker of the crash tests can fail: each kind of broken promise is planted in a sound history,
//! one at a time, and found under its name.

mod history;

use history::check::check;
use history::fault::Fault;
use history::journal::{
    Answer, Attempt, Audience, Entry, History, Journal, Line, MessageId, Seen, Stream, Summary, Transcript, Who,
};

const CHAT: u64 = 7;

fn agent() -> Who {
    Who::Agent("Ada".to_owned())
}

fn line(who: &Who, id: &str) -> Line {
    Line { who: who.clone(), text: format!("{id} hello") }
}

fn id(who: &Who, client_id: &str) -> MessageId {
    MessageId { chat: CHAT, who: who.clone(), client_id: client_id.to_owned() }
}

fn attempt(who: &Who, client_id: &str, invoked: u64, answer: Answer) -> Attempt {
    Attempt { message: id(who, client_id), text: line(who, client_id).text, invoked, answer }
}

const fn accepted(at: u64, seq: Option<u64>, public_seq: Option<u64>) -> Answer {
    Answer::Accepted { at, seq, public_seq, duplicate: false, conflict: false }
}

fn refused() -> Answer {
    Answer::Refused { code: "unavailable".to_owned() }
}

fn entry(number: u64, public: Option<u64>, line: Line) -> Entry {
    Entry { number, public, line }
}

fn seen(number: u64, at: u64, line: Line) -> Seen {
    Seen { number, line, at }
}

/// The transcript: a system line, c1, a note n1, a1, c2 (which was cut off, and found its way), c3.
fn entries() -> Vec<Entry> {
    vec![
        entry(1, Some(1), line(&Who::System, "agent_joined")),
        entry(2, Some(2), line(&Who::Customer, "c1")),
        entry(3, None, line(&agent(), "n1")),
        entry(4, Some(3), line(&agent(), "a1")),
        entry(5, Some(4), line(&Who::Customer, "c2")),
        entry(6, Some(5), line(&Who::Customer, "c3")),
    ]
}

fn streams() -> Vec<Stream> {
    let stream = |reader: &str, audience, after, seen| Stream {
        reader: reader.to_owned(),
        audience,
        chat: CHAT,
        after,
        not_recovered: None,
        seen,
    };
    vec![
        stream(
            "customer",
            Audience::Customer,
            None,
            vec![seen(1, 3, line(&Who::System, "agent_joined")), seen(2, 12, line(&Who::Customer, "c1"))],
        ),
        stream("customer", Audience::Customer, Some(2), vec![seen(3, 28, line(&agent(), "a1"))]),
        stream(
            "agent",
            Audience::Staff,
            Some(1),
            vec![seen(2, 14, line(&Who::Customer, "c1")), seen(3, 22, line(&agent(), "n1"))],
        ),
    ]
}

/// c4 was refused; c5 was never answered and is not there, c2 was never answered and is.
fn sound() -> History {
    let customer = Who::Customer;
    let public = |entry: &Entry| entry.public.map(|number| Entry { number, ..entry.clone() });
    let transcript = |audience, source, entries| Transcript { chat: CHAT, audience, source, entries };
    History {
        attempts: vec![
            attempt(&customer, "c1", 10, accepted(12, None, Some(2))),
            attempt(&agent(), "n1", 20, accepted(22, Some(3), None)),
            attempt(&agent(), "a1", 23, Answer::Unknown),
            attempt(&customer, "c2", 30, Answer::Unknown),
            attempt(
                &agent(),
                "a1",
                31,
                Answer::Accepted { at: 33, seq: Some(4), public_seq: Some(3), duplicate: true, conflict: false },
            ),
            attempt(&customer, "c3", 35, accepted(37, None, Some(5))),
            attempt(&customer, "c4", 38, refused()),
            attempt(&customer, "c5", 40, Answer::Unknown),
        ],
        streams: streams(),
        transcripts: vec![
            transcript(Audience::Staff, "file", entries()),
            transcript(Audience::Staff, "agent", entries()),
            transcript(Audience::Customer, "customer", entries().iter().filter_map(public).collect()),
        ],
    }
}

/// Applies the same change to every transcript, as if the server had kept it so.
fn kept(history: &mut History, change: impl Fn(&mut Vec<Entry>)) {
    for transcript in &mut history.transcripts {
        change(&mut transcript.entries);
    }
}

fn remove(history: &mut History, text: &str) {
    kept(history, |entries| entries.retain(|entry| !entry.line.text.starts_with(text)));
}

#[track_caller]
fn finds(history: &History, expected: impl Fn(&Fault) -> bool) {
    let faults = check(history);
    assert!(faults.iter().any(expected), "not found among {faults:?}");
}

#[test]
fn a_sound_history_passes() {
    assert_eq!(check(&sound()), []);
}

#[test]
fn a_lost_ack_is_found() {
    let mut history = sound();
    remove(&mut history, "c3");
    finds(&history, |fault| matches!(fault, Fault::LostAck { message, found: None, .. } if message.client_id == "c3"));
}

#[test]
fn an_ack_under_another_number_is_found() {
    let mut history = sound();
    history.attempts[5].answer = accepted(37, None, Some(4));
    finds(
        &history,
        |fault| matches!(fault, Fault::LostAck { message, found: Some(6), .. } if message.client_id == "c3"),
    );
}

#[test]
fn a_note_that_became_public_is_found() {
    let mut history = sound();
    history.attempts[1].answer = accepted(22, Some(3), Some(3));
    finds(&history, |fault| matches!(fault, Fault::LostAck { message, .. } if message.client_id == "n1"));
}

#[test]
fn a_doubled_message_is_found() {
    let mut history = sound();
    history.transcripts[0].entries.push(entry(7, Some(6), line(&Who::Customer, "c2")));
    finds(&history, |fault| matches!(fault, Fault::Doubled { numbers, .. } if *numbers == [5, 7]));
}

#[test]
fn two_numbers_for_one_client_id_are_found() {
    let mut history = sound();
    history.attempts[2].answer = accepted(25, Some(3), Some(2));
    finds(&history, |fault| matches!(fault, Fault::TwoNumbers { first: 3, second: 4, .. }));
}

#[test]
fn a_first_try_called_a_duplicate_is_found() {
    let mut history = sound();
    let answer = Answer::Accepted { at: 37, seq: None, public_seq: Some(5), duplicate: true, conflict: false };
    history.attempts[5].answer = answer;
    finds(&history, |fault| matches!(fault, Fault::FalseDuplicate { .. }));
}

#[test]
fn a_resend_called_a_conflict_is_found() {
    let mut history = sound();
    let answer = Answer::Accepted { at: 33, seq: Some(4), public_seq: Some(3), duplicate: true, conflict: true };
    history.attempts[4].answer = answer;
    finds(&history, |fault| matches!(fault, Fault::FalseDuplicate { .. }));
}

#[test]
fn a_pair_against_real_time_is_found() {
    // a1 begins only after c3 was acknowledged, and still stands before it.
    let mut history = sound();
    history.attempts[2].invoked = 38;
    finds(&history, |fault| matches!(fault, Fault::Reordered { earlier: 6, later: 4, .. }));
}

#[test]
fn a_pair_against_what_was_seen_is_found() {
    // The agent's other window saw a1 before the customer had begun c1, which stands before it.
    let mut history = sound();
    history.streams[2].seen.push(seen(4, 5, line(&agent(), "a1")));
    finds(&history, |fault| matches!(fault, Fault::Reordered { earlier: 4, .. }));
}

#[test]
fn an_author_out_of_order_is_found() {
    let mut history = sound();
    history.attempts[0].invoked = 36;
    let (c3, c1) = (id(&Who::Customer, "c3"), id(&Who::Customer, "c1"));
    finds(
        &history,
        |fault| matches!(fault, Fault::ProgramOrder { first, second, .. } if *first == c3 && *second == c1),
    );
}

#[test]
fn a_hole_is_found_for_each_audience() {
    let mut history = sound();
    kept(&mut history, |entries| entries[4].number += 1);
    finds(&history, |fault| matches!(fault, Fault::Hole { source: "file", expected: 5, found: 6, .. }));
    let mut history = sound();
    history.transcripts[0].entries[5].public = Some(6);
    finds(&history, |fault| matches!(fault, Fault::Hole { source: "file", expected: 5, found: 6, .. }));
}

#[test]
fn a_repeated_number_is_found() {
    let mut history = sound();
    kept(&mut history, |entries| entries[4].number -= 1);
    finds(&history, |fault| matches!(fault, Fault::Hole { expected: 5, found: 4, .. }));
}

#[test]
fn a_refused_message_that_is_there_is_found() {
    let mut history = sound();
    history.attempts[3].answer = refused();
    finds(&history, |fault| matches!(fault, Fault::RefusedPresent { number: 5, .. }));
}

#[test]
fn a_phantom_is_found() {
    let mut history = sound();
    history.attempts.retain(|attempt| attempt.message.client_id != "c2");
    finds(&history, |fault| matches!(fault, Fault::Phantom { number: 5, .. }));
}

#[test]
fn words_in_another_mouth_are_found() {
    let mut history = sound();
    history.transcripts[0].entries[4].line.who = agent();
    finds(&history, |fault| matches!(fault, Fault::Phantom { number: 5, .. }));
}

#[test]
fn a_line_that_was_seen_and_lost_is_found() {
    // Never acknowledged to its author: only the reader can tell.
    let mut history = sound();
    history.attempts[4].answer = Answer::Unknown;
    remove(&mut history, "a1");
    finds(&history, |fault| matches!(fault, Fault::ObservedLost { reader, number: 3, .. } if reader == "customer"));
}

#[test]
fn a_stream_that_jumps_or_repeats_is_found() {
    let mut history = sound();
    history.streams[2].after = Some(0);
    finds(&history, |fault| matches!(fault, Fault::StreamBroken { expected: 1, found: 2, .. }));
    let mut history = sound();
    let again = history.streams[2].seen[1].clone();
    history.streams[2].seen.push(again);
    finds(&history, |fault| matches!(fault, Fault::StreamBroken { expected: 4, found: 3, .. }));
}

#[test]
fn a_position_that_was_not_gone_on_from_is_found() {
    let mut history = sound();
    history.streams[1].not_recovered = Some("ahead_of_server".to_owned());
    finds(&history, |fault| matches!(fault, Fault::NotRecovered { .. }));
}

#[test]
fn a_reader_who_is_told_something_else_is_found() {
    let mut history = sound();
    history.transcripts[2].entries.pop();
    finds(&history, |fault| matches!(fault, Fault::ReadDiffers { source: "customer", number: 5, .. }));
    let mut history = sound();
    history.transcripts[1].entries[1].line.text.push('!');
    finds(&history, |fault| matches!(fault, Fault::ReadDiffers { source: "agent", number: 2, .. }));
}

#[test]
fn a_chat_that_is_gone_is_found() {
    let mut history = sound();
    history.transcripts.clear();
    finds(&history, |fault| matches!(fault, Fault::NoTranscript { chat: CHAT }));
}

#[test]
fn a_message_that_was_given_up_may_be_there_or_not() {
    let mut history = sound();
    assert_eq!(check(&history), []);
    history.transcripts.iter_mut().for_each(|transcript| {
        let number = transcript.entries.len() as u64 + 1;
        let public = if transcript.audience == Audience::Staff { 6 } else { number };
        transcript.entries.push(entry(number, Some(public), line(&Who::Customer, "c5")));
    });
    assert_eq!(check(&history), []);
}

#[test]
fn the_journal_keeps_the_order_and_counts() {
    let journal = Journal::default();
    let customer = Who::Customer;
    let stream = streams().remove(0);
    let [first, second, third] =
        ["c1", "c1", "c2"].map(|client_id| journal.invoke(id(&customer, client_id), "the same words"));
    journal.accepted(second, None, Some(1), (true, false));
    journal.refused(third, "unavailable");
    let number = journal.subscribed(Stream { after: Some(0), seen: Vec::new(), ..stream });
    journal.seen(number, 1, line(&customer, "c1"));
    let history = journal.take();
    assert_eq!(history.attempts[first].answer, Answer::Unknown);
    let Answer::Accepted { at, .. } = history.attempts[second].answer else { panic!("it was accepted") };
    assert!(history.attempts.iter().all(|attempt| attempt.invoked < at));
    assert!(at < history.streams[0].seen[0].at);
    let expected =
        Summary { messages: 2, acked: 1, unknown: 1, never_settled: 1, refused: 1, duplicates: 1, resumed: 1, seen: 1 };
    assert_eq!(history.summary(), expected);
}
