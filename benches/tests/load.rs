//! The load generator against real processes, in small: the server that is built into it, and its floors.

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use chatter_benches::load::{
        FloorKind, Plan, Program, Progress, Style, Talked, Target, connect, idle, reconnect, slow, talk, talk_on_floor,
    };

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

    #[tokio::test]
    async fn a_crowd_comes_and_is_idle() {
        let target = server(0).await;
        let came = connect(&target, 60, 16, &Progress::hidden()).await.unwrap();
        assert_eq!((came.connections, came.latency.count), (60, 60), "{came:?}");
        assert!(came.latency.p50 > 0 && came.latency.p50 <= came.latency.max, "{came:?}");
        if cfg!(target_os = "linux") {
            let idle = idle(&target, 60, 16, Duration::from_millis(50), &Progress::hidden()).await.unwrap();
            assert_eq!((idle.connections, idle.ended), (60, 0), "{idle:?}");
            assert!(idle.rss_kib > 0 && idle.rss_before_kib > 0, "{idle:?}");
        }
    }

    #[tokio::test]
    async fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
        let mut target = server(0).await;
        let back = reconnect(&mut target, 40, 16, &Progress::hidden()).await.unwrap();
        assert_eq!((back.came.connections, back.lost), (40, 0), "{back:?}");
        assert!(back.restart_seconds > 0.0, "{back:?}");
        // The server that was started again takes new people.
        connect(&target, 5, 5, &Progress::hidden()).await.unwrap();
    }

    #[tokio::test]
    async fn others_do_not_suffer_from_slow_readers() {
        let target = server(7).await;
        let plan = closed(2, 100);
        let result = slow(&target, 3, 1, &plan, &Progress::hidden()).await.unwrap();
        assert_whole(&result.before, 100);
        assert_whole(&result.beside, 100);
        assert_eq!(result.slow, 1);
    }

    #[tokio::test]
    async fn the_command_line_names_the_flag_and_the_rule() {
        let refused = |flags: &'static [&'static str]| async move {
            let output = tokio::process::Command::new(GENERATOR).args(flags).output().await.unwrap();
            (output.status.code(), String::from_utf8(output.stderr).unwrap())
        };
        let (code, said) = refused(&["pairs", "--pairs", "0"]).await;
        assert_eq!((code, said.as_str()), (Some(2), "chatter-load: --pairs must be from 1 to 10000\n"));
        let (code, said) = refused(&["goals", "--rounds", "0"]).await;
        assert_eq!((code, said.as_str()), (Some(2), "chatter-load: --rounds must be from 1 to 100\n"));
        let (code, said) = refused(&["connect", "--at-once", "0"]).await;
        assert_eq!((code, said.as_str()), (Some(2), "chatter-load: --at-once must be from 1 to 10000\n"));
        let (code, said) = refused(&["connect", "--server", "/nowhere/chatter-server", "--pin", "off"]).await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("/nowhere/chatter-server cannot be started"), "{said}");
    }

    #[tokio::test]
    async fn goals_are_a_table_of_ratios_as_json_too() {
        let flags = [
            "goals",
            "--json",
            "--rounds",
            "1",
            "--seconds",
            "1",
            "--pairs",
            "4",
            "--backlog-pairs",
            "2",
            "--crowd",
            "20",
            "--idle-seconds",
            "1",
        ];
        let output = tokio::process::Command::new(GENERATOR).args(flags).output().await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let goals: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let rows = goals["rows"].as_array().unwrap();
        let whole = rows.iter().all(|row| row["fault"].is_null());
        assert_eq!(output.status.code(), Some(i32::from(!whole)), "{said}");
        let names: Vec<_> = rows.iter().map(|row| row["goal"].as_str().unwrap()).collect();
        assert_eq!(names, ["P1", "P1", "P2", "P5", "P5", "P5", "P4", "P4", "P6", "P6", "P6"]);
        for row in rows {
            let (value, bound) = (row["value"].as_f64().unwrap(), row["bound"].as_f64().unwrap());
            let met = if row["at_least"] == true { value >= bound } else { value <= bound };
            assert_eq!(row["met"], met && row["fault"].is_null(), "{row}");
        }
        assert!(goals["turns"].as_array().is_some_and(|turns| turns.len() == 8), "five turns of a round, three rates");
    }
}
