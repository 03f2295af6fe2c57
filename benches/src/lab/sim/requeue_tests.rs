//! Chats that an agent loses for want of a first reply: what their rows say, and whether their customers leave.

use std::time::Duration;

use super::run;
use crate::lab::metrics::{Options, Summary};
use crate::lab::record::{Fate, Micros, RunRecord};
use crate::lab::scenario::Scenario;

const S: Micros = 1_000_000;
/// An agent has so long to write, and does not get the chat again for so long.
const WITHIN: Micros = 60 * S;

/// One agent, and the customers of a trace of `t,category,priority,work,patience`.
fn desk(first_reply: &str, cool_down: Micros, trace: &str) -> Scenario {
    let text = format!(
        "name = \"test\"\n[horizon]\ndays = 1\n[[category]]\nname = \"a\"\nwork = {{ exponential = \"3m\" }}\n\
         first_reply = {first_reply}\n[[agents]]\nname = \"g\"\ncount = 1"
    );
    let mut scenario = Scenario::from_toml(&text, "test.toml").unwrap_or_else(|error| panic!("{error}\n{text}"));
    scenario.desk.first_reply_within = Some(Duration::from_micros(WITHIN));
    scenario.desk.cool_down = Duration::from_micros(cool_down);
    scenario.with_trace(&format!("t,category,priority,work,patience\n{trace}"), "trace.csv").unwrap()
}

fn fates(record: &RunRecord) -> Vec<Fate> {
    record.customers.iter().map(|row| row.fate).collect()
}

/// An agent who was slow once is no slower the next time than anybody: the delay is drawn for each turn. The wait ends
/// with the first turn, and the handling is that of both.
#[test]
fn a_chat_that_was_lost_once_has_one_wait_and_the_handling_of_both_turns() {
    let scenario = desk("{ exponential = \"90s\" }", WITHIN, "10,a,medium,400,\n");
    let twice = (1..200).map(|seed| run(&scenario, "longest-wait", seed, 0).unwrap());
    let twice = twice.into_iter().find(|record| record.agents[0].assigned == 2);
    let record = twice.expect("of 200 customers somebody is answered too late at first, and in time then");
    let [Fate::Served { assigned, first_reply, ended, agent: 0, work, .. }] = *fates(&record) else {
        panic!("{:?}", fates(&record));
    };
    // Lost after 60 s, given again after 60 more, and 340 s of work were left.
    let again = 10 * S + 2 * WITHIN;
    assert_eq!((assigned, ended, work), (10 * S, again + 340 * S, 400 * S));
    assert!((again..again + WITHIN).contains(&first_reply), "nobody wrote in the first turn: {first_reply}");
    let summary = Summary::of(&record, &Options::default());
    let all = summary.all();
    assert_eq!((all.waits.sum, all.answered_within), (0, 1));
    assert_eq!((all.chats, all.chat_time), (1, 400 * u128::from(S)), "both turns, and not the wait between them");
    assert_eq!(record.agents[0].chat_time, 400 * S);
    assert_eq!(record.waiting_time, u128::from(WITHIN), "somebody waited between the turns");
}

/// Patience is for waiting: it stands still while an agent has the chat, and goes on when the chat is back in its queue.
#[test]
fn patience_goes_on_in_the_queue_that_a_chat_went_back_to() {
    let slow = "{ deterministic = \"200s\" }";
    // The first is done before a reply is due. The second waits 20 s of 50, is held from 40 to 100 s and leaves 30 s
    // later; while the agent has the chat, 70 s go by and nobody leaves.
    let record = run(&desk(slow, 600 * S, "10,a,medium,30,\n20,a,medium,400,50\n"), "longest-wait", 1, 0).unwrap();
    let [Fate::Served { ended, .. }, Fate::Abandoned { at }] = *fates(&record) else {
        panic!("{:?}", fates(&record));
    };
    assert_eq!((ended, at), (40 * S, 130 * S));
    // Who never waited has all of it left.
    let record = run(&desk(slow, 600 * S, "10,a,medium,400,90\n"), "longest-wait", 1, 0).unwrap();
    assert_eq!(fates(&record), [Fate::Abandoned { at: 160 * S }]);
    let all = Summary::of(&record, &Options::default());
    assert_eq!((all.all().answered, all.all().abandoned, all.all().waits.sum), (0, 1, 150 * u128::from(S)));
    // Who is patient is served in the end: 60 s of each turn are work.
    let record = run(&desk(slow, WITHIN, "10,a,medium,100,\n"), "longest-wait", 1, 0).unwrap();
    let [Fate::Served { assigned, ended, .. }] = *fates(&record) else { panic!("{:?}", fates(&record)) };
    assert_eq!((assigned, ended), (10 * S, 170 * S));
}
