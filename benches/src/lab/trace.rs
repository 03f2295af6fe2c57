//! Customers out of a recorded trace, a CSV file with a header line.
//!
//! | column | what |
//! |---|---|
//! | `t` | when the customer came: seconds since midnight of the first day, or a span like `9h30m`; in ascending order |
//! | `category` | its name in the scenario |
//! | `priority` | `low`, `medium`, `high` or `urgent`; may be left out or empty |
//! | `work` | how long the agent had the chat, a span or seconds; may be left out or empty |
//! | `patience` | how long the customer would have waited; may be left out or empty |
//!
//! A record says how long somebody waited who left, never how long somebody would have waited who was served; and the
//! other way round for work. What a row does not say is drawn from the category's laws, and [`Trace::missing`] counts
//! how often: a run over a trace is a computation about what might have been, not an observation.

use super::random::Seconds;
use super::record::Micros;
use super::scenario::{DAY, Horizon, Scenario, ScenarioError};

/// A recorded sequence of customers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trace {
    /// The customers, in the order in which they came.
    pub customers: Vec<Traced>,
}

/// One customer of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a row of data")]
pub struct Traced {
    /// When they came.
    pub at: Micros,
    /// Where to, as the scenario numbers its categories.
    pub category: usize,
    /// Their priority, 0 the lowest; drawn when absent.
    pub priority: Option<u8>,
    /// The work they brought; drawn when absent.
    pub work: Option<Micros>,
    /// Their patience; drawn when absent.
    pub patience: Option<Micros>,
}

/// How many rows leave a field to be drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain counts")]
pub struct Missing {
    /// Rows of the trace.
    pub rows: usize,
    /// Without a priority.
    pub priority: usize,
    /// Without work.
    pub work: usize,
    /// Without patience.
    pub patience: usize,
}

impl Trace {
    /// What is drawn from laws because the trace does not say it.
    #[must_use]
    pub fn missing(&self) -> Missing {
        let count = |lacks: fn(&Traced) -> bool| self.customers.iter().filter(|row| lacks(row)).count();
        Missing {
            rows: self.customers.len(),
            priority: count(|row| row.priority.is_none()),
            work: count(|row| row.work.is_none()),
            patience: count(|row| row.patience.is_none()),
        }
    }
}

impl Scenario {
    /// The scenario with the customers of a trace in the place of its arrival laws. `days` becomes as many as the trace
    /// is long.
    ///
    /// # Errors
    /// The first line of the trace that breaks a rule, or a scenario whose horizon is in customers.
    pub fn with_trace(mut self, text: &str, file: &str) -> Result<Self, ScenarioError> {
        let names: Vec<&str> = self.categories.iter().map(|it| it.name.as_str()).collect();
        let trace = read(text, file, &names)?;
        let Horizon::Days { days } = &mut self.horizon else {
            return Err(ScenarioError::new(file, None, "a trace needs a scenario with a horizon in days"));
        };
        let last = trace.customers.last().map_or(0, |row| row.at);
        *days = u32::try_from(last / DAY + 1).map_err(|_| ScenarioError::new(file, None, "a trace is too long"))?;
        self.trace = Some(trace);
        Ok(self)
    }
}

fn read(text: &str, file: &str, categories: &[&str]) -> Result<Trace, ScenarioError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let csv_error = |error: &csv::Error| {
        let line = error.position().map(csv::Position::line);
        ScenarioError::new(file, line, error.to_string())
    };
    let header = reader.headers().map_err(|error| csv_error(&error))?.clone();
    let columns = Columns::of(&header).map_err(|rule| ScenarioError::new(file, Some(1), rule))?;
    let mut trace = Trace::default();
    for record in reader.records() {
        let record = record.map_err(|error| csv_error(&error))?;
        let line = record.position().map(csv::Position::line);
        let row = columns.row(&record, categories).map_err(|rule| ScenarioError::new(file, line, rule))?;
        if trace.customers.last().is_some_and(|last| row.at < last.at) {
            return Err(ScenarioError::new(file, line, "`t` must not go back"));
        }
        trace.customers.push(row);
    }
    if trace.customers.is_empty() {
        return Err(ScenarioError::new(file, None, "a trace must have at least one row"));
    }
    Ok(trace)
}

/// Where each field is.
#[derive(Default)]
struct Columns {
    t: usize,
    category: usize,
    priority: Option<usize>,
    work: Option<usize>,
    patience: Option<usize>,
}

impl Columns {
    fn of(header: &csv::StringRecord) -> Result<Self, String> {
        const KNOWN: [&str; 5] = ["t", "category", "priority", "work", "patience"];
        if let Some(unknown) = header.iter().find(|name| !KNOWN.contains(name)) {
            return Err(format!("there is no column \"{unknown}\" in a trace; there are {}", KNOWN.join(", ")));
        }
        if let Some(twice) = KNOWN.iter().find(|name| header.iter().filter(|it| it == *name).count() > 1) {
            return Err(format!("the column `{twice}` is there twice"));
        }
        let find = |name: &str| header.iter().position(|it| it == name);
        let needed = |name: &str| find(name).ok_or_else(|| format!("a trace needs a column `{name}`"));
        Ok(Self {
            t: needed("t")?,
            category: needed("category")?,
            priority: find("priority"),
            work: find("work"),
            patience: find("patience"),
        })
    }

    fn row(&self, record: &csv::StringRecord, categories: &[&str]) -> Result<Traced, String> {
        let field = |column: Option<usize>| column.and_then(|it| record.get(it)).filter(|text| !text.is_empty());
        let needed = |column: usize, name: &str| field(Some(column)).ok_or_else(|| format!("`{name}` is empty"));
        let name = needed(self.category, "category")?;
        let category = categories.iter().position(|known| *known == name);
        let optional = |column, name: &str| field(column).map(|text| span(text, name)).transpose();
        Ok(Traced {
            at: span(needed(self.t, "t")?, "t")?,
            category: category.ok_or_else(|| format!("there is no category \"{name}\" in the scenario"))?,
            priority: field(self.priority).map(priority).transpose()?,
            work: optional(self.work, "work")?,
            patience: optional(self.patience, "patience")?,
        })
    }
}

fn span(text: &str, name: &str) -> Result<Micros, String> {
    let seconds = match text.parse::<f64>() {
        Ok(number) => Seconds::new(number),
        Err(_) => text.parse(),
    };
    seconds.map(Seconds::micros).map_err(|error| format!("`{name}`: {error}"))
}

fn priority(text: &str) -> Result<u8, String> {
    let known = ["low", "medium", "high", "urgent"];
    let found = known.iter().position(|name| *name == text).and_then(|index| u8::try_from(index).ok());
    found.ok_or_else(|| format!("`priority` is one of {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::{Missing, Traced, read};

    const NAMES: [&str; 2] = ["sales", "support"];

    #[test]
    fn a_trace_says_what_it_does_not_know() {
        let text = "t,category,priority,work,patience\n0.5, sales ,high,3m,\n9h,support,,,20\n";
        let trace = read(text, "trace.csv", &NAMES).unwrap();
        assert_eq!(
            trace.customers,
            [
                Traced { at: 500_000, category: 0, priority: Some(2), work: Some(180_000_000), patience: None },
                Traced { at: 32_400_000_000, category: 1, priority: None, work: None, patience: Some(20_000_000) },
            ]
        );
        assert_eq!(trace.missing(), Missing { rows: 2, priority: 1, work: 1, patience: 1 });
    }

    #[test]
    fn a_bad_line_is_named() {
        let cases = [
            ("t,work\n1,2\n", Some(1), "needs a column `category`"),
            ("t,category,colour\n", Some(1), "no column \"colour\""),
            ("t,t,category\n", Some(1), "`t` is there twice"),
            ("t,category\n", None, "at least one row"),
            ("t,category\n1,sales\n2,returns\n", Some(3), "no category \"returns\""),
            ("t,category\n2,sales\n1,sales\n", Some(3), "must not go back"),
            ("t,category\n,sales\n", Some(2), "`t` is empty"),
            ("t,category\nsoon,sales\n", Some(2), "`t`:"),
            ("t,category,work\n1,sales,-3\n", Some(2), "`work`:"),
            ("t,category,priority\n1,sales,huge\n", Some(2), "`priority` is one of"),
            ("t,category\n1,sales,3\n", Some(2), "fields"),
        ];
        for (text, line, rule) in cases {
            let error = read(text, "trace.csv", &NAMES).unwrap_err();
            assert_eq!(error.line, line, "{text}: {error}");
            assert!(error.rule.contains(rule), "{text}: {error}");
            assert!(error.to_string().starts_with("trace.csv"), "{error}");
        }
    }
}
