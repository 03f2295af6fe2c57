//! The JSON Schemas of the protocol: kept as they are generated, true of every sample, and of one mind with the parser.

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod guide;
#[cfg(test)]
mod kept;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod validator;

#[cfg(test)]
use serde_json::Value;

/// The objects of a file of samples.
#[cfg(test)]
fn golden(name: &str) -> Vec<Value> {
    let path = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).expect("the samples are there")).expect("they are JSON")
}
