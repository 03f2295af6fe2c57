//! The load generator against real processes, in small: the server that is built into it, and its floors.

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use chatter_benches::load::{FloorKind, Plan, Program, Progress, Style, Talked, Target, talk, talk_on_floor};

    const GENERATOR: &str = env!("CARGO_BIN_EXE_chatter-load");
    /// Far longer than the messages take: a closed loop ends with the last of them.
    const LONG: Duration = Duration::from_secs(60);

    async fn server(agents: usize) -> Target {
        let program = Program::built_in(Path::new(GENERATOR)).unwrap();
        Target::start(&program, agents, None, None).await.unwrap()
    }

    fn closed(in_flight: u32, messages: u64) -> Plan {
        let plan = Plan::new(Style::Closed { in_flight }, LONG);
        Plan { warm_up: Duration::ZERO, messages: Some(messages), ..plan }
    }

    /// Everything sent came, once and in order.
    fn assert_whole(result: &Talked, at_least: u64) {
        assert!(result.sent >= at_least, "{result:?}");
        assert_eq!(result.delivered, result.sent, "{result:?}");
        assert_eq!((result.lost, result.twice, result.out_of_order), (0, 0, 0), "{result:?}");
        assert_eq!((result.refused, result.ended), (0, 0), "{result:?}");
        assert_eq!(result.delivery.count, result.sent, "every one was timed: {result:?}");
    }

    #[tokio::test]
    async fn pairs_in_a_closed_loop() {
        let target = server(5).await;
        let result = talk(&target, 5, &closed(4, 200), &Progress::hidden()).await.unwrap();
        assert_whole(&result, 200);
        assert_eq!(result.acked, result.sent, "{result:?}");
        assert!(result.per_second > 0.0, "{result:?}");
        #[cfg(target_os = "linux")]
        assert!(result.server.is_some_and(|usage| usage.rss_kib > 0), "{result:?}");
    }

    #[tokio::test]
    async fn pairs_in_an_open_loop() {
        let target = server(3).await;
        let plan = Plan::new(Style::Open { rate: 500 }, Duration::from_secs(1));
        let plan = Plan { warm_up: Duration::ZERO, ..plan };
        let result = talk(&target, 3, &plan, &Progress::hidden()).await.unwrap();
        assert_whole(&result, 500);
        assert_eq!(result.sent, 500, "as many as were meant: {result:?}");
    }

    #[tokio::test]
    async fn the_same_people_on_every_floor() {
        let program = Program::at(Path::new(GENERATOR)).unwrap();
        for kind in FloorKind::ALL {
            let plan = closed(4, 200);
            let result = talk_on_floor(&program, kind, (None, None), 5, &plan, &Progress::hidden()).await.unwrap();
            assert_whole(&result, 200);
            assert_eq!(result.acked, if kind.acks() { result.sent } else { 0 }, "{kind:?}: {result:?}");
        }
    }
}
