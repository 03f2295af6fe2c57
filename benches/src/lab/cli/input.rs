//! What a command line names: scenarios, policies, spans of time.

use std::ffi::OsString;
use std::path::Path;

use super::CliError;
use crate::lab::policy;
use crate::lab::random::Seconds;
use crate::lab::record::Micros;
use crate::lab::scenario::Scenario;

/// A scenario out of a file, or a preset by its name.
pub(super) fn scenario(name: &str) -> Result<Scenario, CliError> {
    let is_file = Path::new(name).extension().is_some() || name.contains('/') || Path::new(name).is_file();
    if is_file { Ok(Scenario::from_toml(&text(Path::new(name))?, name)?) } else { Ok(Scenario::preset(name)?) }
}

pub(super) fn text(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(|source| CliError::Read { path: path.to_owned(), source })
}

/// Writes a file that was asked for.
pub(super) fn write(path: Option<&Path>, text: impl FnOnce() -> String) -> Result<(), CliError> {
    let Some(path) = path else { return Ok(()) };
    std::fs::write(path, text()).map_err(|source| CliError::Write { path: path.to_owned(), source })
}

/// Policies joined by commas; those between brackets are a policy's own.
pub(super) fn policies(lists: &[String]) -> Result<Vec<String>, CliError> {
    let mut names: Vec<String> = Vec::new();
    for list in lists {
        let mut depth = 0_i32;
        let parts = list.split(|letter| {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            letter == ',' && depth == 0
        });
        names.extend(parts.map(|name| name.trim().to_owned()));
    }
    for (at, name) in names.iter().enumerate() {
        policy::parse(name)?;
        if names[..at].contains(name) {
            return Err(CliError::Flag { flag: "--policy", rule: format!("\"{name}\" is named twice") });
        }
    }
    Ok(names)
}

/// For clap: `20s`, `3m`, or seconds.
pub(super) fn span(text: &str) -> Result<Micros, String> {
    let seconds = match text.parse::<f64>() {
        Ok(number) => Seconds::new(number),
        Err(_) => text.parse(),
    };
    seconds.map(Seconds::micros).map_err(|error| error.to_string())
}

/// For clap: a share of 0 to 1, or per cent.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let (number, scale) = text.strip_suffix('%').map_or((text, 1.0), |number| (number.trim(), 100.0));
    match number.parse::<f64>().map(|number| number / scale) {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        Ok(_) | Err(_) => Err("a share is a number of 0 to 1, or of 0% to 100%".to_owned()),
    }
}

/// As many threads as the machine runs at once.
pub(super) fn threads(given: Option<usize>) -> usize {
    given.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get))
}

/// The command line as a shell reads it; the program without the way to it.
pub(super) fn command_line(arguments: &[OsString]) -> String {
    let quoted = |(at, argument): (usize, &OsString)| {
        if at == 0 {
            return "chatter-lab".to_owned();
        }
        let text = argument.to_string_lossy();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./,:=+@%".contains(&byte);
        if !text.is_empty() && text.bytes().all(plain) {
            text.into_owned()
        } else {
            format!("'{}'", text.replace('\'', "'\\''"))
        }
    };
    arguments.iter().enumerate().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{command_line, policies, share, span};

    #[test]
    fn brackets_keep_their_commas() {
        let lists = ["fifo,ageing(0s,90s,180s,270s)+fill-first".to_owned(), "strict".to_owned()];
        assert_eq!(policies(&lists).unwrap(), ["fifo", "ageing(0s,90s,180s,270s)+fill-first", "strict"]);
        assert!(
            policies(&["fifo,fifo".to_owned()]).unwrap_err().to_string().contains("--policy: \"fifo\" is named twice")
        );
        assert!(policies(&["fifi".to_owned()]).unwrap_err().to_string().starts_with("--policy: \"fifi\" is no policy"));
    }

    #[test]
    fn spans_shares_and_lines() {
        assert_eq!((span("1m30s"), span("2.5")), (Ok(90_000_000), Ok(2_500_000)));
        assert!(span("soon").is_err() && share("80").is_err() && share("x%").is_err());
        assert_eq!((share("0.8"), share("80%")), (Ok(0.8), Ok(0.8)));
        let line = ["/x/chatter-lab", "compare", "my file.toml", "--policy", "a(b)", "it's", ""].map(Into::into);
        assert_eq!(command_line(&line), "chatter-lab compare 'my file.toml' --policy 'a(b)' 'it'\\''s' ''");
    }
}
