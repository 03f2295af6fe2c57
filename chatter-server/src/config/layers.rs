//! The places a setting can be written in, laid over one another: flags over environment over `.env`
//! over the file over the defaults. Every value remembers where it was written.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use config::{Config, ConfigError, File, FileFormat, Map, Source, Value};

use super::fault::Fault;
use super::flags::Flags;
use super::table::{self, SETTINGS};

const PREFIX: &str = "CHATTER_";
/// Where the file is cannot be said in the file.
const CONFIG_VARIABLE: &str = "CHATTER_CONFIG";

/// The settings of one place. Shows their names only.
#[derive(Clone, Default)]
struct Layer(Map<String, Value>);

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

impl Layer {
    fn set(&mut self, name: &str, origin: &str, text: &str) {
        self.0.insert(name.to_owned(), Value::new(Some(&origin.to_owned()), text));
    }
}

/// The merged settings, by name; what could not be read at all; and what to tell the operator.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    pub(crate) values: Map<String, Value>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) warnings: Vec<String>,
}

/// Reads all places. `folder` is where `.env` is looked for.
pub(crate) fn merge(flags: &Flags, environment: impl Iterator<Item = (OsString, OsString)>, folder: &Path) -> Merged {
    let mut merged = Merged::default();
    let (variables, from_environment) = environment_layer(environment, &mut merged);
    let (file_variables, from_dot_env) = dot_env_layer(folder, &mut merged);
    let config = flags.config.clone();
    let config = config.or_else(|| variables.or(file_variables).map(PathBuf::from));
    let from_file = config.map(|path| file_layer(&path, &mut merged)).unwrap_or_default();

    let layers = [default_layer(), from_file, from_dot_env, from_environment, flag_layer(flags)];
    let builder = layers.into_iter().fold(Config::builder(), |builder, layer| builder.add_source(layer));
    let cache = builder.build().map(|config| config.cache.into_table());
    merged.values = cache.flatten().expect("layers of plain names always merge");
    merged
}

fn default_layer() -> Layer {
    let mut layer = Layer::default();
    for setting in SETTINGS.iter().filter(|setting| !setting.default.is_empty()) {
        layer.set(setting.name, "the defaults", setting.default);
    }
    layer
}

fn flag_layer(flags: &Flags) -> Layer {
    let mut layer = Layer::default();
    for (name, text) in &flags.settings {
        layer.set(name, &format!("the flag --{}", name.replace('_', "-")), text);
    }
    layer
}

/// The `CHATTER_` variables. An unknown one is only worth a warning here: container platforms set
/// variables named after a service.
fn environment_layer(
    environment: impl Iterator<Item = (OsString, OsString)>,
    merged: &mut Merged,
) -> (Option<String>, Layer) {
    let mut known = BTreeMap::new();
    for (name, text) in environment {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
        match (text.to_str(), known_variable(name)) {
            (Some(text), true) => drop(known.insert(name.to_owned(), text.to_owned())),
            (None, true) => merged.faults.push(Fault::new(name, "must be UTF-8", "the environment")),
            (_, false) => merged.warnings.push(format!("the environment sets {name}, which is no setting")),
        }
    }
    variables_layer(&known, "the environment")
}

/// The same in the file `.env`, which is there for us: an unknown `CHATTER_` variable is refused.
fn dot_env_layer(folder: &Path, merged: &mut Merged) -> (Option<String>, Layer) {
    let path = folder.join(".env");
    let mut known = BTreeMap::new();
    match dotenvy::from_path_iter(&path) {
        Ok(lines) => {
            for line in lines {
                match line {
                    Ok((name, text)) if known_variable(&name) => drop(known.insert(name, text)),
                    Ok((name, _)) if name.starts_with(PREFIX) => {
                        merged.faults.push(Fault::new(name, "is no setting", ".env"));
                    }
                    Ok(_) => {}
                    Err(_) => merged.faults.push(Fault::new("a line", "must have the form NAME=value", ".env")),
                }
            }
        }
        Err(error) if error.not_found() => {}
        Err(_) => merged.faults.push(Fault::new(".env", "cannot be read", path.display().to_string())),
    }
    variables_layer(&known, ".env")
}

fn known_variable(name: &str) -> bool {
    let setting = name.strip_prefix(PREFIX).map(str::to_lowercase);
    let upper = name.bytes().all(|b| !b.is_ascii_lowercase());
    name == CONFIG_VARIABLE || upper && setting.is_some_and(|name| table::find(&name).is_some())
}

/// An empty variable counts as not set, as templates for containers leave them.
fn variables_layer(variables: &BTreeMap<String, String>, place: &str) -> (Option<String>, Layer) {
    let mut layer = Layer::default();
    for (variable, text) in variables.iter().filter(|(_, text)| !text.is_empty()) {
        let name = variable[PREFIX.len()..].to_lowercase();
        if variable != CONFIG_VARIABLE {
            layer.set(&name, &format!("{variable} in {place}"), text);
        }
    }
    (variables.get(CONFIG_VARIABLE).filter(|path| !path.is_empty()).cloned(), layer)
}

fn file_layer(path: &Path, merged: &mut Merged) -> Layer {
    let origin = path.display().to_string();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            merged.faults.push(Fault::new("config", format!("the file cannot be read: {error}"), origin));
            return Layer::default();
        }
    };
    let mut layer = Layer::default();
    match toml(&text) {
        Ok(values) => {
            for (name, value) in values {
                if table::find(&name).is_some() {
                    layer.0.insert(name, Value::new(Some(&origin), value.kind));
                } else {
                    merged.faults.push(Fault::new(name, "is no setting", origin.clone()));
                }
            }
        }
        Err(rule) => merged.faults.push(Fault::new("config", rule, origin)),
    }
    layer
}

/// Reads TOML. The error says where the text is wrong without repeating it: it may hold passwords.
pub(crate) fn toml(text: &str) -> Result<Map<String, Value>, String> {
    File::from_str(text, FileFormat::Toml).collect().map_err(|error| {
        let words = error.to_string();
        let place = words.lines().next().filter(|line| line.starts_with("TOML parse error at"));
        place
            .map_or_else(|| "must be TOML".to_owned(), |place| place.replace("TOML parse error", "must be TOML, error"))
    })
}
