//! The lab's command line as a process: what it prints and writes, what it refuses and how it ends.

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::{Command, Output};

    const SCENARIO: &str = include_str!("lab/two.toml");

    fn lab(arguments: &[&str], directory: &Path) -> Output {
        Command::new(env!("CARGO_BIN_EXE_chatter-lab")).args(arguments).current_dir(directory).output().unwrap()
    }

    fn out(output: &Output) -> String {
        String::from_utf8(output.stdout.clone()).unwrap()
    }

    fn complaint(arguments: &[&str], directory: &Path) -> (Option<i32>, String) {
        let output = lab(arguments, directory);
        assert_eq!(out(&output), "", "nothing is printed: {arguments:?}");
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }

    #[test]
    fn a_preset_is_compared_on_any_number_of_threads() {
        let directory = tempfile::tempdir().unwrap();
        let run = |threads| {
            let line =
                ["compare", "erlang-c6", "--customers", "600", "--policy", "longest-wait,last-come", "--reps", "5"];
            let output = lab(&[&line[..], &["--seed", "3", "--threads", threads]].concat(), directory.path());
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            out(&output)
        };
        let (one, two) = (run("1"), run("2"));
        let without_line =
            |text: &str| text.lines().filter(|it| !it.starts_with("To repeat")).collect::<Vec<_>>().join("\n");
        assert_eq!(without_line(&one), without_line(&two));
        assert!(
            one.contains("5 replications a policy, seed 3") && one.contains("Differences to longest-wait"),
            "{one}"
        );
        assert!(one.contains("not distinguishable") && one.contains("Definitions"), "{one}");
        let overtaken = one.lines().filter(|line| line.starts_with("overtaken")).nth(1).unwrap();
        assert!(overtaken.contains("last-come") && overtaken.ends_with("higher"), "last come overtakes: {overtaken}");
        assert!(one.contains("chatter-lab compare erlang-c6 --customers 600"), "{one}");
    }

    #[test]
    fn files_are_written_whole_and_the_page_stands_alone() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        std::fs::write(at("two.toml"), SCENARIO).unwrap();
        let line = "compare two.toml --policy longest-wait,strict+fill-first,ageing(0s,30s,60s,90s) --reps 3 --within 30s \
                    --csv x.csv --json x.json --html x.html --all";
        let output = lab(&line.split_whitespace().collect::<Vec<_>>(), directory.path());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let [csv, json, page] = ["x.csv", "x.json", "x.html"].map(|name| std::fs::read_to_string(at(name)).unwrap());
        assert!(csv.starts_with("scope,group,metric,unit,policy,estimate,half_width,"), "{csv}");
        assert!(csv.contains("category,sales & more,wait_mean,seconds,longest-wait,"));
        assert!(csv.contains("priority,urgent,wait_p99,seconds,\"ageing(0s,30s,60s,90s)\","));
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["comparison"]["policies"].as_array().unwrap().len(), 3);
        assert_eq!(json["scenario"]["sources"][0]["kind"], "assumed");
        let metrics = json["comparison"]["metrics"].as_array().unwrap();
        let level = metrics.iter().find(|row| row["id"] == "sl_offered").unwrap();
        assert!(level["definition"].as_str().unwrap().contains("within 30 s"), "{level}");

        let lower = page.to_lowercase();
        for bad in [
            "<script", "<link", "<img", "<iframe", "href=", "src=", "url(", "@import", "<b>kinds", "http://",
            "https://",
        ] {
            assert!(!lower.contains(bad), "{bad}");
        }
        assert!(page.contains("two &lt;b&gt;kinds&lt;/b&gt;") && page.contains("made up for a test"));
        assert!(
            page.matches("<svg ").count() >= 6 && page.contains("&#39;ageing(0s,30s,60s,90s)&#39;")
                || page.contains("ageing(0s")
        );
        // Set to look at it: a folder for the page.
        if let Ok(folder) = std::env::var("CHATTER_LAB_PAGES") {
            std::fs::write(Path::new(&folder).join("lab.html"), page).unwrap();
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        std::fs::write(path.join("bad.toml"), SCENARIO.replace("count = 2", "count = 0")).unwrap();
        let line = SCENARIO.lines().position(|line| line.starts_with("count")).unwrap() + 1;
        let (code, text) = complaint(&["compare", "bad.toml"], path);
        assert_eq!(code, Some(3));
        assert!(text.starts_with(&format!("chatter-lab: bad.toml:{line}: `count` must be 1 and up")), "{text}");

        let cases: [(&[&str], i32, &str); 10] = [
            (&["compare", "none.toml"], 3, "chatter-lab: none.toml: "),
            (&["compare", "no-such-preset"], 3, "no preset of that name"),
            (&["compare", "erlang-c6", "--policy", "fastest"], 3, "--policy: \"fastest\" is no policy"),
            (&["compare", "erlang-c6", "--policy", "fifo,fifo"], 2, "--policy: \"fifo\" is named twice"),
            (&["compare", "erlang-c6", "--within", "soon"], 2, "--within"),
            (&["compare", "erlang-c6", "--reps", "0"], 2, "--reps"),
            (&["staff", "erlang-c6", "--level", "80"], 2, "--level"),
            (
                &["staff", "erlang-c6", "--group", "nobody"],
                2,
                "--group: there is no group \"nobody\"; there are agents",
            ),
            (&["what-if", "none.db"], 3, "none.db"),
            (&["oracle", "erlang-c", "--servers", "1", "--arrivals", "60", "--service", "2m"], 4, "grows without end"),
        ];
        for (arguments, code, text) in cases {
            let (found, said) = complaint(arguments, path);
            assert_eq!((found, said.contains(text)), (Some(code), true), "{arguments:?}: {said}");
        }
        let line = ["compare", "erlang-c6", "--customers", "50", "--reps", "2", "--html", "no/such/folder.html"];
        let (code, said) = complaint(&line, path);
        assert!(code == Some(1) && said.contains("no/such/folder.html"), "{said}");
    }

    #[test]
    fn presets_are_listed_and_printed_to_be_edited() {
        let directory = tempfile::tempdir().unwrap();
        let list = out(&lab(&["presets"], directory.path()));
        let names: Vec<&str> = list.lines().skip(2).filter_map(|line| line.split_whitespace().next()).collect();
        assert!(names.contains(&"erlang-c6"), "{list}");
        let text = out(&lab(&["presets", "erlang-c6"], directory.path()));
        std::fs::write(directory.path().join("mine.toml"), text).unwrap();
        let output = lab(&["compare", "mine.toml", "--customers", "50", "--reps", "2"], directory.path());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    #[test]
    fn exact_results_are_printed() {
        let directory = tempfile::tempdir().unwrap();
        let run = |line: &str| out(&lab(&line.split_whitespace().collect::<Vec<_>>(), directory.path()));
        let has = |text: &str, name: &str, number: &str| {
            text.lines().any(|line| line.starts_with(name) && line.contains(number))
        };
        // L-C6 with a minute for the unit: 10 servers, 9 Erlang.
        let text = run("oracle erlang-c --servers 10 --arrivals 540 --service 1m --within 6s");
        assert!(has(&text, "must wait", "0.668732") && has(&text, "mean wait", "40.123891"), "{text}");
        assert!(has(&text, "service level", "0.394907"), "{text}");
        // L-A7.
        let text = run("oracle erlang-a --servers 10 --arrivals 600 --service 1m --patience 2m --within 6s");
        assert!(
            has(&text, "abandonment", "0.103913") && has(&text, "service level of the offered", "0.480885"),
            "{text}"
        );
        let text = run("oracle servers --arrivals 200 --service 3m --level 85%");
        assert!(has(&text, "fewest servers", "14"), "{text}");
        let text = run("oracle cobham --arrivals 18,30 --service 1m");
        assert!(
            has(&text, "mean wait of class 1", "68.571") && has(&text, "mean wait of class 2", "342.857"),
            "{text}"
        );
        let text = run("oracle accumulating --arrivals 30,18 --slopes 1,2 --service 1m");
        assert!(
            has(&text, "mean wait of class 1", "282.352") && has(&text, "mean wait of class 2", "169.411"),
            "{text}"
        );
        let text = run("oracle md1 --arrivals 48 --service 1m --within 1m");
        assert!(has(&text, "mean wait", "120.000000") && has(&text, "service level", "0.445108"), "{text}");
    }

    /// A store with two agents, of whom one was online, and a customer each minute, of whom every fifth left.
    fn store(path: &Path) {
        use chatter_store_sqlite::{SqliteOptions, SqliteStore};
        use serde_json::{Value, json};
        SqliteStore::open(path, SqliteOptions::default()).unwrap().close();
        let mut events: Vec<(u64, Value)> = vec![
            (1, json!({"event": "agent_set", "agent": 1, "max_chats": 1, "categories": [1]})),
            (2, json!({"event": "agent_set", "agent": 2, "max_chats": 1, "categories": [1]})),
            (3, json!({"event": "agent_state_changed", "agent": 1, "state": "online", "cause": "declared"})),
        ];
        // Served in the order in which they came, 75 s each: four of five wait 0, 15, 30 and 45 s, the fifth leaves after 8.
        let mut free = 0;
        for chat in 1..=60_u64 {
            let at = chat * 60;
            events.push((
                at,
                json!({"event": "chat_opened", "chat": chat, "customer": format!("{chat:032x}"), "category": 1,
                "priority": "medium"}),
            ));
            if chat % 5 == 0 {
                let left = json!({"event": "chat_resolved", "chat": chat, "by": "customer", "reason": "left_queue"});
                events.push((at + 8, left));
            } else {
                let assigned = at.max(free);
                free = assigned + 75;
                events.push((assigned, json!({"event": "chat_assigned_by_hand", "chat": chat, "agent": 1, "by": 1})));
                let end = json!({"event": "chat_resolved", "chat": chat, "by": "staff", "reason": "agent_ended"});
                events.push((free, end));
            }
        }
        events.sort_by_key(|event| event.0);
        let db = rusqlite::Connection::open(path).unwrap();
        db.execute_batch(
            "INSERT INTO categories (category, name) VALUES (1, 'Sales');
            INSERT INTO agents (agent, name, max_chats, categories, state, last_assigned_at, active) VALUES
                (1, 'Ada', 1, '[1]', 'online', 0, 1), (2, 'Bob', 1, '[1]', 'offline', 0, 1);",
        )
        .unwrap();
        for ((second, body), number) in events.iter().zip(1_i64..) {
            let at = i64::try_from(1_700_000_000_000_000 + second * 1_000_000).unwrap();
            let values = rusqlite::params![number, at, body.to_string()];
            db.execute("INSERT INTO events (no, at, version, body) VALUES (?1, ?2, 1, ?3)", values).unwrap();
        }
    }

    #[test]
    fn a_store_is_replayed_and_what_it_cannot_know_is_said() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        store(&path.join("desk.db"));
        let before = std::fs::read(path.join("desk.db")).unwrap();
        let line = "what-if desk.db --policy strict --max-chats 2 --add-agent Ada --reps 4 --html x.html --json x.json";
        let output = lab(&line.split_whitespace().collect::<Vec<_>>(), path);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(std::fs::read(path.join("desk.db")).unwrap(), before, "the store is only read");
        let text = out(&output);
        // 98 s of waiting for each five.
        let observed = text.lines().find(|line| line.starts_with("wait, mean")).unwrap();
        assert!(observed.contains("19.60"), "{observed}");
        assert!(text.contains("own: longest-wait") && text.contains("one more like Ada"), "{text}");
        assert!(text.contains("2 chats at once") && text.contains("No policy chose in this record"), "{text}");
        assert!(
            text.contains("48 chats were given to an agent by hand") && text.contains("not an observation"),
            "{text}"
        );
        // All time waited over those who left.
        assert!(text.contains("exponential law with mean 98.0 s"), "{text}");
        let json: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path.join("x.json")).unwrap()).unwrap();
        let metrics = json["comparison"]["metrics"].as_array().unwrap();
        let waits = metrics.iter().find(|row| row["id"] == "wait_mean").unwrap();
        let means: Vec<f64> =
            waits["values"].as_array().unwrap().iter().map(|it| it["estimate"].as_f64().unwrap()).collect();
        assert!((means[0] - 19.6).abs() < 1e-6, "its own policy gives its own waits: {means:?}");
        assert!(means[2] < means[0] && means[3] < means[0], "room shortens waits: {means:?}");
        let page = std::fs::read_to_string(path.join("x.html")).unwrap();
        assert!(page.contains("who left without a word") && !page.contains("<script"));

        let (code, said) = complaint(&["what-if", "desk.db", "--add-agent", "Bob"], path);
        assert!(code == Some(2) && said.contains("--add-agent: no agent of the store who was ever online"), "{said}");
    }

    #[test]
    fn staffing_tells_what_it_tried() {
        let directory = tempfile::tempdir().unwrap();
        let line = "staff erlang-c6 --customers 3000 --level 70% --within 30s --reps 3 --max-reps 12 --threads 2";
        let output = lab(&line.split_whitespace().collect::<Vec<_>>(), directory.path());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = out(&output);
        assert!(text.contains("Erlang C says 11: it is exact for this scenario and policy"), "{text}");
        // 3, 6 and 12 replications: three looks.
        assert!(text.contains("reached") && text.contains("Intervals of 98.33 % each"), "{text}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("staff: 10 agents:"), "progress goes to the errors");
        let line = format!("{line} --policy last-come");
        let text = out(&lab(&line.split_whitespace().collect::<Vec<_>>(), directory.path()));
        assert!(text.contains("No formula is exact") && !text.contains("Erlang"), "{text}");
    }
}
