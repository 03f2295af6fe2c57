//! Tables over whole configurations: what is written where, and what comes of it.

use std::ffi::OsString;
use std::time::Duration;

use super::people::default_id;
use super::table::SETTINGS;
use super::{LogFormat, Refused, Settings, load};

/// What is written in each place.
#[derive(Clone, Copy, Default)]
struct Written<'a> {
    flags: &'a [&'a str],
    environment: &'a [(&'a str, &'a str)],
    dot_env: &'a str,
    file: &'a str,
}

impl Written<'_> {
    fn load(self) -> Result<Settings, Refused> {
        let folder = tempfile::tempdir().unwrap();
        if !self.dot_env.is_empty() {
            std::fs::write(folder.path().join(".env"), self.dot_env).unwrap();
        }
        let mut flags: Vec<OsString> = vec!["chatter-server".into()];
        flags.extend(self.flags.iter().map(OsString::from));
        if !self.file.is_empty() {
            let path = folder.path().join("chatter.toml");
            std::fs::write(&path, self.file).unwrap();
            flags.extend(["--config".into(), path.into()]);
        }
        let environment = self.environment.iter().map(|(name, text)| (name.into(), text.into()));
        load(flags, environment, folder.path())
    }

    /// The faults as they are shown, one a line.
    fn refused(self) -> Vec<String> {
        match self.load() {
            Err(Refused::Settings(faults)) => faults.iter().map(ToString::to_string).collect(),
            other => panic!("expected refused settings, got {other:?}"),
        }
    }
}

#[test]
fn the_defaults_are_complete() {
    let settings = Written::default().load().unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.store.to_str(), Some("chatter.db"));
    let names: Vec<_> = settings.categories.iter().map(|category| category.name.as_str()).collect();
    assert_eq!(names, ["General", "Sales", "Billing", "Technical"]);
    assert!(settings.agents.is_empty() && settings.secret.is_none() && settings.record.is_none());
    assert_eq!(settings.joins_per_minute, 3);
    assert_eq!(settings.desk.customer_grace, Duration::from_secs(60));
    assert_eq!(settings.desk.agent_grace, Duration::from_secs(30));
    assert_eq!(settings.desk.close_after, Duration::from_secs(86_400));
    assert_eq!(settings.desk.push_interval, Duration::from_secs(1));
}

#[test]
fn flags_come_before_environment_before_dot_env_before_the_file() {
    let mut written = Written {
        flags: &["--agent-grace", "4s"],
        environment: &[("CHATTER_AGENT_GRACE", "3s")],
        dot_env: "CHATTER_AGENT_GRACE=2s\n",
        file: "agent_grace = '1s'\n",
    };
    let grace = |written: Written<'_>| written.load().unwrap().desk.agent_grace.as_secs();
    assert_eq!(grace(written), 4);
    written.flags = &[];
    assert_eq!(grace(written), 3);
    written.environment = &[("CHATTER_AGENT_GRACE", "")];
    assert_eq!(grace(written), 2, "an empty variable is not set");
    written.dot_env = "";
    assert_eq!(grace(written), 1);
    written.file = "";
    assert_eq!(grace(written), 30);
}

#[test]
fn a_refusal_names_the_setting_the_rule_and_the_place() {
    let faults = Written {
        flags: &["--listen", "localhost"],
        environment: &[("CHATTER_POLICY", "random"), ("CHATTER_SECRET", "hunter2-hunter2")],
        dot_env: "CHATTER_CUSTOMER_GRACE=60\nCHATTER_LISTN=1\n",
        file: "durability = 'fast'\nmax_connections = 0\ntrusted_proxies = ['10.0.0.0/8']\n",
    }
    .refused();
    let expected = [
        ("CHATTER_LISTN", "is no setting", ".env"),
        ("customer_grace", "its unit", "CHATTER_CUSTOMER_GRACE in .env"),
        ("durability", "one of full, normal", "chatter.toml"),
        ("listen", "127.0.0.1:8080", "the flag --listen"),
        ("max_connections", "from 1 to 1000000", "chatter.toml"),
        ("policy", "longest-wait, priority-ageing, least-loaded", "CHATTER_POLICY in the environment"),
        ("secret", "32 to 1024", "CHATTER_SECRET in the environment"),
        ("trusted_proxies", "is no setting", "chatter.toml"),
    ];
    assert_eq!(faults.len(), expected.len(), "{faults:#?}");
    for (fault, (name, rule, origin)) in faults.iter().zip(expected) {
        assert!(fault.starts_with(name) && fault.contains(rule) && fault.contains(origin), "{fault}");
        assert!(!fault.contains("hunter2"), "a refusal never repeats what was written");
    }
}

#[test]
fn every_setting_is_refused_when_it_makes_no_sense() {
    let any_text = ["store", "record"];
    for setting in SETTINGS.iter().filter(|setting| !any_text.contains(&setting.name)) {
        let variable = setting.variable();
        let faults = Written { environment: &[(&variable, "[no, sense]")], ..Written::default() }.refused();
        assert!(faults.iter().any(|fault| fault.starts_with(setting.name)), "{}: {faults:?}", setting.name);
        assert!(faults.iter().all(|fault| fault.contains(&variable)), "{faults:?}");
    }
}

#[test]
fn unreadable_files_are_refused_without_their_content() {
    let faults = Written { file: "secret = 'hunter2\n", dot_env: "hunter2\n", ..Written::default() }.refused();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].contains("NAME=value") && faults[1].contains("must be TOML"), "{faults:?}");
    assert!(faults.iter().all(|fault| !fault.contains("hunter2")), "{faults:?}");
    let faults = Written { flags: &["--config", "/nowhere.toml"], ..Written::default() }.refused();
    assert!(faults[0].contains("/nowhere.toml"), "{faults:?}");
}

#[test]
fn unknown_flags_are_refused_and_unknown_variables_are_told() {
    for flags in [["--secret", "x"], ["--agents", "x"], ["--lissten", "x"]] {
        assert!(matches!(Written { flags: &flags, ..Written::default() }.load(), Err(Refused::CommandLine(_))));
    }
    let settings = Written { environment: &[("CHATTER_PORT", "tcp://10.0.0.1")], ..Written::default() }.load().unwrap();
    assert!(settings.warnings[0].contains("CHATTER_PORT"));
}

const PEOPLE: &str = "
categories = ['General', { name = 'Sales', id = 7 }]
[[agents]]
username = 'Ada'
password = 'a long password'
name = 'Ada Lovelace'
max_chats = 4
categories = ['Sales']
[[agents]]
username = 'bob@example.com'
password = 'another password'
id = 12
";

#[test]
fn people_are_read_and_their_numbers_do_not_depend_on_the_order() {
    let settings = Written { file: PEOPLE, ..Written::default() };
    let settings = settings.load().unwrap();
    assert_eq!(settings.categories[1].id.map(|id| id.0), Some(7));
    let [ada, bob] = settings.agents.as_slice() else { panic!("two agents") };
    assert_eq!((ada.username.as_str(), ada.name.as_str(), ada.max_chats), ("ada", "Ada Lovelace", 4));
    assert_eq!(ada.id, default_id("ada"));
    assert_eq!(ada.categories.as_ref().unwrap()[0].as_str(), "Sales");
    assert_eq!((bob.id.0, bob.name.as_str(), bob.max_chats), (12, "bob@example.com", 2));
    assert!(bob.categories.is_none(), "all of them");
    assert!(!format!("{settings:?}").contains("password'"));
    assert!(!format!("{settings:?}").contains("a long password"));
}

#[test]
fn a_default_number_is_stable_and_exact_in_javascript() {
    assert_eq!(default_id("Ada"), default_id("ada"));
    assert_eq!(default_id("ada").0, 2_578_584_369_720_478, "a new rule would give everybody a new number");
    for username in ["ada", "bob", "agent", ""] {
        assert!((1..1 << 53).contains(&default_id(username).0));
    }
}

#[test]
fn wrong_people_are_refused_by_row_and_field() {
    let faults = Written {
        file: "
        categories = ['General', 'general', { title = 'x' }, '']
        [[agents]]
        username = 'ada lovelace'
        pasword = 'x'
        [[agents]]
        username = 'bob'
        password = 'short'
        max_chats = 0
        id = 9007199254740992
        [[agents]]
        username = 'eve'
        password = 'long enough'
        categories = ['Law']
        name = ''
        ",
        ..Written::default()
    }
    .refused();
    let names: Vec<_> = faults.iter().map(|fault| fault.split(':').next().unwrap()).collect();
    let expected = [
        "agents[0].password",
        "agents[0].pasword",
        "agents[0].username",
        "agents[1].id",
        "agents[1].max_chats",
        "agents[1].password",
        "agents[2].categories",
        "agents[2].name",
        "categories[1].name",
        "categories[2].name",
        "categories[2].title",
        "categories[3]",
    ];
    assert_eq!(names, expected, "{faults:#?}");
}

#[test]
fn two_people_are_never_one() {
    let agents = |rows: &str| Written { environment: &[("CHATTER_AGENTS", rows)], ..Written::default() }.refused();
    let rows = "[{username='a', password='12345678'}, {username='A', password='12345678'}]";
    assert!(agents(rows)[0].starts_with("agents[1].username"));
    let rows = "[{username='a', password='12345678', id=3}, {username='b', password='12345678', id=3}]";
    assert!(agents(rows)[0].starts_with("agents[1].id"));
    assert!(agents("[]")[0].starts_with("agents: must be 1 to 10000"));
}

#[test]
fn categories_can_be_written_on_the_command_line() {
    let settings = Written { flags: &["--categories", "Help, Orders", "--log-format", "json"], ..Written::default() };
    let settings = settings.load().unwrap();
    let names: Vec<_> = settings.categories.iter().map(|category| category.name.as_str()).collect();
    assert_eq!(names, ["Help", "Orders"]);
    assert_eq!(settings.log_format, LogFormat::Json);
}

/// Where the repository's own files are.
fn repository(file: &str) -> String {
    let path = format!("{}/../{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// An example as a person would use it: every commented-out setting switched on.
fn switched_on(example: &str) -> String {
    let switch = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.starts_with(' ') && !rest.is_empty() => rest.to_owned(),
        _ => line.to_owned(),
    };
    example.lines().map(switch).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_examples_are_good_as_they_are_and_with_everything_switched_on() {
    let (dot_env, file) = (repository(".env.example"), repository("chatter.example.toml"));
    Written { dot_env: &dot_env, ..Written::default() }.load().unwrap();
    Written { file: &file, ..Written::default() }.load().unwrap();
    let secrets = ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"];
    let filled =
        |text: &str| switched_on(text).replace("<32 RANDOM BYTES>", secrets[0]).replace("<THE OLD ONE>", secrets[1]);
    Written { dot_env: &filled(&dot_env), ..Written::default() }.load().unwrap();
    Written { file: &filled(&file), ..Written::default() }.load().unwrap();
    for setting in &SETTINGS {
        let (variable, key) = (format!("\n{}=", setting.variable()), format!("\n{}", setting.name));
        assert!(switched_on(&dot_env).contains(&variable), "{variable} is missing from .env.example");
        assert!(
            switched_on(&file).contains(&format!("{key} ="))
                || switched_on(&file).contains(&format!("\n[[{}]]", setting.name)),
            "{} is missing from chatter.example.toml",
            setting.name
        );
    }
}

#[test]
fn every_setting_is_documented_with_its_default() {
    let text = repository("docs/configuration.md");
    for setting in &SETTINGS {
        let row = text.lines().find(|line| line.starts_with(&format!("| `{}` |", setting.name)));
        let row = row.unwrap_or_else(|| panic!("docs/configuration.md has no row for {}", setting.name));
        let default = if setting.default.is_empty() { "–".to_owned() } else { format!("`{}`", setting.default) };
        assert!(row.contains(&format!("| {default} |")), "the default of {} is not in its row: {row}", setting.name);
    }
}
