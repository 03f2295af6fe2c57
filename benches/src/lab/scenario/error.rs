//! What is wrong with a scenario or a trace.

use std::ops::Range;

/// Why a scenario or a trace is refused: where, and which rule it breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {rule}", .line.map(|line| format!(":{line}")).unwrap_or_default())]
#[non_exhaustive]
pub struct ScenarioError {
    /// The file.
    pub file: String,
    /// The line, from 1; absent where the whole file is wrong.
    pub line: Option<u64>,
    /// The rule that is broken.
    pub rule: String,
}

impl ScenarioError {
    /// This rule is broken on this line.
    #[must_use]
    pub fn new(file: &str, line: Option<u64>, rule: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, rule: rule.into() }
    }
}

/// A broken rule and where it stands in the text.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) span: Option<Range<usize>>,
    pub(super) rule: String,
}

impl Broken {
    /// The rule is broken here.
    pub(super) fn at(span: Range<usize>, rule: impl Into<String>) -> Self {
        Self { span: Some(span), rule: rule.into() }
    }

    /// With the file's name and the line.
    pub(super) fn in_file(self, file: &str, text: &str) -> ScenarioError {
        let line = self.span.map(|span| line_of(text, span.start));
        ScenarioError::new(file, line, self.rule)
    }
}

/// The line of an offset, from 1.
fn line_of(text: &str, offset: usize) -> u64 {
    let before = text.as_bytes().iter().take(offset);
    before.filter(|byte| **byte == b'\n').count() as u64 + 1
}
