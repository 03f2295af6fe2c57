//! What agents do: handling and occupancy, and the queue they leave.

use super::super::definition::Estimator::{PerRun, Ratio, TallyRatio};
use super::super::definition::{Better, Metric, Unit};
use super::super::seconds;
use super::super::summary::Summary;
use super::{LOAD, LOW, TIME, new};

fn over_agents(run: &Summary, of: impl Fn(usize) -> f64) -> f64 {
    (0..run.agents.len()).map(of).sum()
}

pub(super) fn handling() -> [Metric; 6] {
    [
        new(
            "chat_time",
            "time with an agent",
            TIME,
            TallyRatio(|it| (seconds(it.chat_time), it.chats as f64)),
            "how long agents had the chat, from an assignment to its end or to its going back to the queue, all who had it \
             together, without wrap-up; mean over the chats that ended with an agent, those of customers who had left \
             silently included",
        ),
        new(
            "aht",
            "handle time (AHT)",
            TIME,
            Ratio(|run| {
                let wrap_up = over_agents(run, |at| seconds(run.agents[at].wrap_up.into()));
                (seconds(run.all().chat_time) + wrap_up, run.all().chats as f64)
            }),
            "how long agents had the chat, with wrap-up: (time of all chats + wrap-up of all agents) / chats that ended \
             with an agent; two chats at once both count in full",
        ),
        new(
            "effort_aht",
            "effort a chat (effort-AHT)",
            TIME,
            Ratio(|run| (over_agents(run, |at| seconds(run.agents[at].busy.into())), run.all().chats as f64)),
            "the integral of 1 / (chats the agent holds) over the time of a chat: its share of its agent's time, mean \
             over the chats that ended with an agent; in all the agents' busy time / chats, without wrap-up",
        ),
        new(
            "occupancy_busy",
            "occupancy, busy time",
            LOAD,
            Ratio(|run| {
                let of = |time: fn(&Summary, usize) -> u64| over_agents(run, |at| time(run, at) as f64);
                (of(|run, at| run.agents[at].busy), of(|run, at| run.agents[at].online))
            }),
            "time with at least one chat / time online, all agents together",
        ),
        new(
            "occupancy_slots",
            "occupancy, slots",
            LOAD,
            Ratio(|run| {
                let slots = |at: usize| run.agents[at].online as f64 * f64::from(run.agents[at].max_chats);
                (over_agents(run, |at| run.agents[at].chat_time as f64), over_agents(run, slots))
            }),
            "time of chats held / (time online × the agent's maximum), all agents together",
        ),
        new(
            "occupancy_effort",
            "occupancy, effort",
            LOAD,
            Ratio(|run| {
                let most = |at: usize| run.agents[at].online as f64 * run.top_speeds[at];
                (over_agents(run, |at| run.agents[at].work as f64), over_agents(run, most))
            }),
            "work done / (time online × the agent's greatest total speed with any number of chats, where one chat \
             alone has speed 1), all agents together",
        ),
    ]
}

pub(super) fn queue() -> [Metric; 5] {
    [
        new(
            "backlog_mean",
            "waiting, mean",
            (Unit::Number, Better::Lower),
            Ratio(|run| (seconds(run.waiting_time), seconds(run.length.into()))),
            "the number who wait, averaged over time",
        ),
        new(
            "backlog_max",
            "waiting, most",
            (Unit::Number, Better::Lower),
            PerRun(|run| Some(f64::from(run.most_waiting))),
            "the most who waited at once in a run, mean over the runs",
        ),
        new(
            "overflow_rate",
            "overflow",
            LOAD,
            Ratio(|run| (f64::from(run.overflowed), run.all().offered as f64)),
            "moves to a further stage of an overflow / offered; one customer may move more than once",
        ),
        new(
            "reject_rate",
            "rejects",
            LOW,
            TallyRatio(|it| {
                let came = it.offered + it.short + it.rejected + it.unfinished;
                (it.rejected as f64, came as f64)
            }),
            "rejected / everybody who came",
        ),
        new(
            "refused_offers",
            "offers let pass",
            LOW,
            Ratio(|run| {
                let of = |count: fn(&Summary, usize) -> u32| over_agents(run, |at| f64::from(count(run, at)));
                let refused = of(|run, at| run.agents[at].refused);
                (refused, refused + of(|run, at| run.agents[at].assigned))
            }),
            "offers that agents declined or missed / (those + chats they got)",
        ),
    ]
}
