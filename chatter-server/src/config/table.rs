//! Every setting, once: flags, environment, help, the refusal of unknown names and the test of the
//! documentation all read this table.

/// One setting. In the file it has this name, in the environment `CHATTER_` and the name in capitals, on
/// the command line `--` and the name with dashes.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    /// As it would be written in the environment; empty where there is none.
    pub(crate) default: &'static str,
    /// Secrets have no flag, since everybody on the machine can read a command line.
    pub(crate) flag: Option<&'static str>,
    pub(crate) help: &'static str,
}

impl Setting {
    pub(crate) fn variable(&self) -> String {
        format!("CHATTER_{}", self.name.to_uppercase())
    }
}

const fn setting(name: &'static str, flag: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting { name, default, flag: Some(flag), help }
}

const fn without_flag(name: &'static str, help: &'static str) -> Setting {
    Setting { name, default: "", flag: None, help }
}

pub(crate) const SETTINGS: [Setting; 37] = [
    setting("listen", "listen", "127.0.0.1:8080", "Address and port to listen on; port 0 takes a free one"),
    setting("base_url", "base-url", "", "Address under which people reach the server, when a proxy stands before it"),
    setting(
        "origins",
        "origins",
        "",
        "Other sites whose pages may connect, as https://shop.example, separated by commas",
    ),
    setting("store", "store", "chatter.db", "The SQLite file; made if it does not exist"),
    setting(
        "durability",
        "durability",
        "full",
        "full: acknowledged means on disk. normal: a power cut may lose the last moment",
    ),
    without_flag("secret", "What tokens are signed with, 32 bytes or more; left out: made and kept in <store>.secret"),
    without_flag("previous_secret", "The secret before this one: its tokens are still good"),
    setting(
        "policy",
        "policy",
        "longest-wait",
        "Who is served next, and by whom: longest-wait, priority-ageing, least-loaded, longest-idle, round-robin, most-specialised-first or gc-mu",
    ),
    setting(
        "categories",
        "categories",
        "General,Sales,Billing,Technical",
        "What chats can be about; the first is the general one",
    ),
    without_flag("agents", "Who answers; left out: one agent, whose sign-in is printed at the start"),
    setting(
        "joins_per_minute",
        "joins-per-minute",
        "3",
        "How often one address may join a queue in a minute; 0 for no limit",
    ),
    setting(
        "messages_per_second",
        "messages-per-second",
        "3",
        "Messages a second that one person can keep up; 0 for no limit",
    ),
    setting("messages_burst", "messages-burst", "10", "Messages at once that one person can send after a pause"),
    setting(
        "customer_grace",
        "customer-grace",
        "60s",
        "How long a customer who lost the connection keeps the place or the chat",
    ),
    setting("agent_grace", "agent-grace", "30s", "How long an agent who lost the connection keeps the chats"),
    setting("close_after", "close-after", "24h", "When an ended chat closes for good"),
    setting("push_interval", "push-interval", "1s", "How often at most a waiting customer is told the place in line"),
    setting("offer_timeout", "offer-timeout", "30s", "How long an agent has to answer an offer"),
    setting(
        "misses_until_away",
        "misses-until-away",
        "2",
        "How many offers in a row an agent misses before they are set away; 0 for never",
    ),
    setting(
        "cool_down",
        "cool-down",
        "60s",
        "How long a chat is not given again to an agent who let it pass, put it back or did not reply",
    ),
    setting("breathing_gap", "breathing-gap", "0s", "The least time between two assignments to one agent"),
    setting(
        "first_reply_within",
        "first-reply-within",
        "180s",
        "How long an agent has to send a first reply before the chat goes back to its queue, or off",
    ),
    setting(
        "park_after",
        "park-after",
        "10m",
        "How long a customer is silent after the agent spoke before the chat frees its slot, or off",
    ),
    setting("warn_after", "warn-after", "off", "After how long a silent customer is warned, or off"),
    setting("resolve_after", "resolve-after", "off", "After how long a silent customer's chat is ended, or off"),
    setting("edit_within", "edit-within", "15m", "For how long one's own message can be edited and deleted"),
    setting(
        "typing_preview",
        "typing-preview",
        "on",
        "on: agents see what customers type before it is sent. off: only that they type",
    ),
    setting("auth_timeout", "auth-timeout", "10s", "How long a connection may stay silent before it says who it is"),
    setting("header_timeout", "header-timeout", "10s", "How long a request may take to arrive"),
    setting("max_connections", "max-connections", "20000", "Connections at once; further ones are told to come back"),
    setting(
        "max_connections_per_address",
        "max-connections-per-address",
        "1000",
        "WebSockets at once from one address; further ones are told to come back",
    ),
    setting(
        "frames_per_second",
        "frames-per-second",
        "50",
        "Frames of any kind a second that one connection can keep up",
    ),
    setting("frames_burst", "frames-burst", "200", "Frames at once that one connection can send after a pause"),
    setting("shutdown_within", "shutdown-within", "10s", "How long stopping may take"),
    setting("log_level", "log-level", "info", "error, warn, info, debug or trace"),
    setting("log_format", "log-format", "text", "text or json"),
    setting("record", "record", "", "A file to record every command of the desk to, for replay"),
];

/// The setting of that name.
pub(crate) fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}
