//! The lines of one conversation as either side is shown them, in every form they have had.

use chatter_core::protocol::{CustomerEntry, StaffEntry};
use chatter_core::{Body, Entry, Overwrite};
use serde_json::Value;

use super::Who;

#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// As they are stored now.
    pub(crate) entries: Vec<Entry>,
    staff: Vec<Line>,
    customer: Vec<Line>,
}

/// One line as one side has been shown it.
#[derive(Debug)]
struct Line {
    /// The newest form is the last.
    forms: Vec<Value>,
    /// The numbers of the lines that say that it was changed: each made one more form.
    changed_by: Vec<u64>,
    /// The line that this one changed, and which of its forms it made.
    changes: Option<(u64, usize)>,
}

impl Lines {
    pub(super) fn push(&mut self, entry: &Entry) {
        let (staff, customer) = match entry.body {
            Body::Edit { target, public_target } | Body::Deletion { target, public_target } => {
                (Some(target.0), public_target.map(|target| target.0))
            }
            _ => (None, None),
        };
        add(&mut self.staff, shown(&StaffEntry::from(entry)), staff);
        if let Some(public) = CustomerEntry::of(entry) {
            add(&mut self.customer, shown(&public), customer);
        }
        self.entries.push(entry.clone());
    }

    /// Puts other words in the place of an entry; gives what it was before.
    pub(super) fn overwrite(&mut self, overwrite: &Overwrite) -> Option<Entry> {
        let entry = self.entries.get_mut(index(overwrite.seq.0)?)?;
        let before = entry.clone();
        (entry.body, entry.edited_at) = (overwrite.body.clone(), overwrite.edited_at);
        let after = entry.clone();
        if let Some(line) = line_mut(&mut self.staff, after.seq.0) {
            line.forms.push(shown(&StaffEntry::from(&after)));
        }
        if let (Some(number), Some(public)) = (after.public_seq, CustomerEntry::of(&after))
            && let Some(line) = line_mut(&mut self.customer, number.0)
        {
            line.forms.push(shown(&public));
        }
        Some(before)
    }

    /// A line that says that another was changed, and that one was not, or the reverse.
    pub(super) fn unpaired(&self) -> Option<&Value> {
        let unpaired = |line: &&Line| line.forms.len() != line.changed_by.len() + 1;
        self.staff.iter().chain(&self.customer).find(unpaired).and_then(|line| line.forms.last())
    }

    fn side(&self, who: Who) -> &[Line] {
        match who {
            Who::Customer(_) => &self.customer,
            Who::Agent(_) => &self.staff,
        }
    }

    fn line(&self, who: Who, number: u64) -> Option<&Line> {
        self.side(who).get(index(number)?)
    }

    pub(crate) fn last(&self, who: Who) -> u64 {
        self.side(who).len() as u64
    }

    /// As it is now.
    pub(crate) fn at(&self, who: Who, number: u64) -> Option<&Value> {
        self.line(who, number)?.forms.last()
    }

    /// Every form that it has had.
    pub(crate) fn forms(&self, who: Who, number: u64) -> &[Value] {
        self.line(who, number).map_or(&[], |line| &line.forms)
    }

    /// What this side is shown of a new line: its first form and, when it changed another, what it made of that one.
    pub(crate) fn as_new(&self, who: Who, number: u64) -> Option<(&Value, Option<&Value>)> {
        let line = self.line(who, number)?;
        let target = line.changes.and_then(|(target, form)| self.line(who, target)?.forms.get(form));
        Some((line.forms.first()?, target))
    }

    /// Whether this is a form that it has had since everything up to a number was stored.
    pub(crate) fn has_been(&self, who: Who, number: u64, up_to: u64, form: &Value) -> bool {
        self.line(who, number).is_some_and(|line| {
            let old = line.changed_by.iter().filter(|by| **by <= up_to).count();
            line.forms.iter().skip(old).any(|it| it == form)
        })
    }

    /// Which line a line changed.
    pub(crate) fn changed_in(&self, who: Who, number: u64) -> Option<u64> {
        self.line(who, number)?.changes.map(|(target, _)| target)
    }
}

fn add(lines: &mut Vec<Line>, form: Value, target: Option<u64>) {
    let number = lines.len() as u64 + 1;
    let changes = target.and_then(|target| {
        let line = line_mut(lines, target)?;
        line.changed_by.push(number);
        Some((target, line.changed_by.len()))
    });
    lines.push(Line { forms: vec![form], changed_by: Vec::new(), changes });
}

fn line_mut(lines: &mut [Line], number: u64) -> Option<&mut Line> {
    lines.get_mut(index(number)?)
}

fn index(number: u64) -> Option<usize> {
    usize::try_from(number).ok()?.checked_sub(1)
}

fn shown(entry: &impl serde::Serialize) -> Value {
    serde_json::to_value(entry).expect("entries are plain data")
}
