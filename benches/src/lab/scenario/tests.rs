use super::{Coming, DAY, Horizon, PRESETS, Scenario, Shift};

mod reference;

const GOOD: &str = include_str!("tests/good.toml");
const DAYS: &str = include_str!("tests/days.toml");

#[test]
fn a_scenario_is_what_its_file_says() {
    let scenario = Scenario::from_toml(GOOD, "good.toml").unwrap();
    assert_eq!(scenario.horizon, Horizon::Customers { counted: 1000, warm_up: 100 });
    assert_eq!(scenario.categories[0].coming, Coming::Poisson(60.0 / 3600.0));
    assert_eq!(scenario.categories[0].target, 20_000_000);
    assert_eq!(scenario.groups[0].speeds, [1.0, 1.6]);
    assert_eq!(scenario.desk.cool_down.as_secs(), 30);
    assert_eq!(scenario.desk.first_reply_within, None, "theory has no such timer");
    assert_eq!(scenario.agents(), 2);

    let scenario = Scenario::from_toml(DAYS, "days.toml").unwrap();
    let Coming::Profile(profile) = &scenario.categories[0].coming else { panic!("a profile") };
    assert_eq!((profile.rate(0), profile.rate(DAY / 3 + 1), profile.end()), (0.0, 10.0 / 3600.0, 9 * DAY / 24));
    let hour = DAY / 24;
    assert_eq!(
        scenario.groups[0].shifts,
        [Shift { from: 8 * hour, to: 16 * hour, breaks: vec![(12 * hour, 12 * hour + hour / 2)] }]
    );
    assert_eq!(scenario.groups[0].skills, [0, 1], "all where none are named");
    assert_eq!(scenario.categories[0].settings.overflow[0].category.0, 2);
}

#[test]
fn a_share_of_offers_is_missed_where_the_file_says_so() {
    let misses = |line: &str| {
        let text = GOOD.replace("count = 2", &format!("count = 2\n{line}"));
        Scenario::from_toml(&text, "good.toml").unwrap().groups[0].misses
    };
    assert_eq!(
        [misses(""), misses("misses = 0"), misses("misses = 0.25"), misses("misses = 1")],
        [0.0, 0.0, 0.25, 1.0]
    );
}

#[test]
fn there_are_so_many_categories_at_most() {
    let category = |number: usize| {
        format!("[[category]]\nname = \"{number}\"\narrivals = {{ per_hour = 1 }}\nwork = {{ exponential = 60 }}\n")
    };
    let text = |count: usize| {
        let categories: String = (0..count).map(category).collect();
        format!("name = \"many\"\nhorizon = {{ customers = 10 }}\n{categories}[[agents]]\nname = \"all\"\ncount = 1\n")
    };
    assert_eq!(Scenario::from_toml(&text(1_000), "many.toml").unwrap().categories.len(), 1_000);
    let error = Scenario::from_toml(&text(1_001), "many.toml").unwrap_err().to_string();
    assert!(error.contains("at most 1000 categories") && error.contains(":4003:"), "{error}");
}

/// What is wrong, what stands in its place, the line, and a part of the rule.
const BAD: &[(&str, &str, Option<u64>, &str)] = &[
    ("name = \"good\"", "name = \"\"", Some(1), "`name` must not be empty"),
    ("name = \"good\"", "title = \"good\"", Some(1), "unknown field"),
    ("name = \"good\"", "name = good", Some(1), "string"),
    ("customers = 1000", "customers = 0", Some(3), "1 and up"),
    ("customers = 1000", "customers = 5000000000", Some(3), "at most"),
    ("customers = 1000", "", Some(2), "needs `customers` or `days`"),
    ("customers = 1000", "customers = 1000\ndays = 2", Some(4), "not in both"),
    ("customers = 1000", "days = 0", Some(3), "`days` must be"),
    ("customers = 1000", "days = 1\nwarm_up = 3", Some(4), "no `warm_up`"),
    ("cool_down = \"30s\"", "cool_down = \"10ms\"", Some(5), "at least 1 s"),
    ("cool_down = \"30s\"", "cool_down = \"3 weeks\"", Some(5), "unit of time"),
    ("cool_down = \"30s\"", "offer_timeout = 0", Some(5), "more than 0"),
    ("cool_down = \"30s\"", "like = \"reality\"", Some(5), "unknown variant"),
    ("name = \"a\"", "name = \" \"", Some(7), "the name of a category"),
    ("per_hour = 60", "per_hour = -60", Some(8), "more than 0"),
    ("per_hour = 60", "per_hour = 60, gaps = { exponential = 1 }", Some(8), "one of `per_hour`"),
    ("per_hour = 60", "gaps = \"never\"", Some(8), "under which it happens"),
    ("per_hour = 60", "gaps = { deterministic = 0 }", Some(8), "mean above 0"),
    ("per_hour = 60", "profile = { from = \"08:00\", step = \"1h\", per_hour = [1] }", Some(8), "horizon in days"),
    ("work = { exponential = \"1m\" }", "", Some(6), "missing field `work`"),
    ("work = { exponential = \"1m\" }", "work = { exponential = 0 }", Some(9), "mean must be above zero"),
    ("work = { exponential = \"1m\" }", "work = \"never\"", Some(9), "`work` must have a law"),
    ("work = { exponential = \"1m\" }", "work = { gamma = 2 }", Some(9), "unknown variant"),
    ("patience = { exponential = \"2m\" }", "silent = 1.5", Some(10), "share, 0 to 1"),
    ("patience = { exponential = \"2m\" }", "silent = 0.5", Some(6), "need a `detection`"),
    ("patience = { exponential = \"2m\" }", "detection = { exponential = 1 }", Some(10), "share of `silent`"),
    ("patience = { exponential = \"2m\" }", "day_factor = { cv = 0.1 }", Some(10), "horizon in days"),
    ("patience = { exponential = \"2m\" }", "priorities = { low = 0 }", Some(10), "not all 0"),
    ("patience = { exponential = \"2m\" }", "priorities = { huge = 1 }", Some(10), "unknown field"),
    ("patience = { exponential = \"2m\" }", "policy = \"fastest\"", Some(10), "is no policy"),
    ("patience = { exponential = \"2m\" }", "queue_limit = 0", Some(10), "1 and up"),
    ("patience = { exponential = \"2m\" }", "max_wait = 0", Some(10), "more than 0"),
    ("patience = { exponential = \"2m\" }", "wrap_up = \"9d\"", Some(10), "at most 7 days"),
    ("patience = { exponential = \"2m\" }", "weight = { cost = 0 }", Some(10), "1 to 1000"),
    ("patience = { exponential = \"2m\" }", "routing = \"offer\"", Some(11), "law of `answer` times"),
    (
        "patience = { exponential = \"2m\" }",
        "overflow = [{ after = 1, category = \"z\" }]",
        Some(10),
        "no category \"z\"",
    ),
    (
        "patience = { exponential = \"2m\" }",
        "overflow = [{ after = 1, category = \"a\" }]",
        Some(10),
        "overflow into itself",
    ),
    ("name = \"group\"", "name = \"group\"\nshoes = 2", Some(13), "unknown field"),
    ("count = 2", "count = 0", Some(13), "`count` must be 1 and up"),
    ("count = 2", "count = 200000", Some(1), "at most 100000 agents"),
    ("skills = [\"a\"]", "skills = [\"b\"]", Some(14), "no category \"b\""),
    ("skills = [\"a\"]", "skills = []", Some(14), "at least one skill"),
    ("max_chats = 2", "max_chats = 0", Some(15), "1 to 1000"),
    ("max_chats = 2", "max_chats = 3", Some(16), "one for each number of chats"),
    ("effort = [1, 1.6]", "effort = [1, -1]", Some(16), "more than 0"),
    ("effort = [1, 1.6]", "effort = \"hard\"", Some(16), "\"independent\", \"fixed\""),
    ("effort = [1, 1.6]", "speed = 0", Some(16), "`speed` must be more than 0"),
    ("effort = [1, 1.6]", "decline = 2", Some(16), "`decline` must be a share, 0 to 1"),
    ("effort = [1, 1.6]", "misses = 1.01", Some(16), "`misses` must be a share, 0 to 1"),
    ("effort = [1, 1.6]", "misses = -0.5", Some(16), "`misses` must be a share, 0 to 1"),
    ("effort = [1, 1.6]", "misses = \"often\"", Some(16), "expected f64"),
    ("effort = [1, 1.6]", "shift = [{ from = \"08:00\", to = \"16:00\" }]", Some(16), "horizon in days"),
];

const BAD_DAYS: &[(&str, &str, Option<u64>, &str)] = &[
    ("from = \"08:00\", step", "from = \"8:00\", step", Some(6), "time of day"),
    ("step = \"30m\"", "step = \"7h\"", Some(6), "divide the time"),
    ("step = \"30m\"", "step = 0", Some(6), "at least 1 s"),
    ("step = \"30m\"", "step = \"1us\"", Some(6), "at least 1 s"),
    ("step = \"30m\"", "step = \"8h\", times = 0", Some(6), "`times`"),
    ("per_hour = [10, 20]", "per_hour = [0, 0]", Some(6), "somebody must come"),
    ("per_hour = [10, 20]", "per_hour = [10, -2]", Some(6), "not below zero"),
    ("step = \"30m\", per_hour = [10, 20]", "step = \"8h\", per_hour = [1, 1, 1]", Some(6), "within its day"),
    ("cv = 0.2", "cv = -0.2", Some(7), "not below zero"),
    ("category = \"b\" }]", "category = \"b\" }, { after = \"10s\", category = \"b\" }]", Some(12), "ascending"),
    ("arrivals = { per_hour = 12 }", "", Some(13), "needs `arrivals`"),
    (
        "arrivals = { per_hour = 12 }",
        "arrivals = { per_hour = 12 }\noverflow = [{ after = 1, category = \"a\" }]",
        Some(4),
        "comes back",
    ),
    ("name = \"b\"", "name = \"a\"", None, "second category"),
    ("to = \"16:00\"", "to = \"08:00\"", Some(21), "end after it starts"),
    ("to = \"12:30\"", "to = \"16:30\"", Some(21), "within their shift"),
    ("breaks = [", "breaks = [{ from = \"12:10\", to = \"12:20\" }, ", Some(21), "must not overlap"),
    ("shift = [", "shift = [{ from = \"07:00\", to = \"09:00\" }, ", Some(21), "must not overlap"),
    (
        "count = 2",
        "count = 2\nskills = [\"b\"]\n[[agents]]\nname = \"group\"\ncount = 1",
        None,
        "second group of agents",
    ),
];

#[test]
fn a_bad_scenario_is_refused_with_its_line_and_rule() {
    let cases = BAD.iter().map(|case| (GOOD, case)).chain(BAD_DAYS.iter().map(|case| (DAYS, case)));
    for (good, (from, to, line, rule)) in cases {
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good, "{from} is in the file");
        let Err(error) = Scenario::from_toml(&text, "bad.toml") else { panic!("{from} -> {to} was taken") };
        assert!(error.rule.contains(rule), "{to}: {error}");
        if line.is_some() {
            assert_eq!(error.line, *line, "{to}: {error}");
        }
        assert!(error.line.is_some_and(|line| error.to_string().starts_with(&format!("bad.toml:{line}: "))), "{error}");
    }
}

#[test]
fn nobody_must_be_without_agents() {
    let text = DAYS.replace("count = 2", "count = 2\nskills = [\"a\"]");
    let error = Scenario::from_toml(&text, "bad.toml").unwrap_err();
    assert!(error.rule.contains("nobody serves the category \"b\""), "{error}");
    let empty = "name = \"empty\"\n[horizon]\ncustomers = 1\n";
    assert!(Scenario::from_toml(empty, "bad.toml").unwrap_err().rule.contains("[[category]]"));
}

#[test]
fn every_preset_is_good_and_names_its_sources() {
    for preset in PRESETS {
        let scenario = Scenario::preset(preset.name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(scenario.name, preset.name);
        assert!(!scenario.about.is_empty() && !scenario.sources.is_empty(), "{}", preset.name);
        assert!(scenario.sources.iter().all(|source| !source.note.is_empty() && !source.figure.is_empty()));
    }
    let error = Scenario::preset("erlang-z").unwrap_err();
    assert!(error.rule.contains("erlang-c6"), "{error}");
}

#[test]
fn a_trace_takes_the_place_of_laws() {
    let scenario = Scenario::from_toml(DAYS, "days.toml").unwrap();
    let scenario = scenario.with_trace("t,category\n9h,a\n2d,b\n", "trace.csv").unwrap();
    assert_eq!(scenario.horizon, Horizon::Days { days: 3 });
    assert_eq!(scenario.trace.map(|trace| trace.missing().rows), Some(2));
    let steady = Scenario::from_toml(GOOD, "good.toml").unwrap();
    assert!(steady.with_trace("t,category\n9h,a\n", "trace.csv").unwrap_err().rule.contains("horizon in days"));
}
