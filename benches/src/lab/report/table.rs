//! Aligned columns of text.

/// Where a cell's text stands in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there are two")]
pub enum Align {
    /// At the left.
    Left,
    /// At the right.
    Right,
}

/// Rows under a header, each column as wide as its widest cell.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Without rows yet.
    #[must_use]
    pub fn new(columns: impl IntoIterator<Item = (impl Into<String>, Align)>) -> Self {
        Self { columns: columns.into_iter().map(|(name, align)| (name.into(), align)).collect(), rows: Vec::new() }
    }

    /// One more row; cells that lack are empty.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// True without rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as lines, without spaces at their ends.
    #[must_use]
    pub fn text(&self) -> String {
        let header: Vec<String> = self.columns.iter().map(|column| column.0.clone()).collect();
        let all = || std::iter::once(&header).chain(&self.rows);
        let width = |at: usize| all().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let mut text = String::new();
        for (at, row) in all().enumerate() {
            let cells = self.columns.iter().zip(&widths).enumerate().map(|(column, ((_, align), width))| {
                let cell = row.get(column).map_or("", String::as_str);
                match align {
                    Align::Left => format!("{cell:<width$}"),
                    Align::Right => format!("{cell:>width$}"),
                }
            });
            text += cells.collect::<Vec<_>>().join("  ").trim_end();
            text.push('\n');
            if at == 0 {
                let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
                text += &rule.join("  ");
                text.push('\n');
            }
        }
        text
    }
}

/// Text in lines of at most `width` characters, each after the first begun with `indent`; a longer word has a line of
/// its own.
pub(super) fn wrapped(text: &str, width: usize, indent: &str) -> String {
    let mut lines = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let chars = word.chars().count();
        if length > 0 && length + 1 + chars > width {
            lines.push('\n');
            lines += indent;
            length = indent.chars().count();
        } else if length > 0 {
            lines.push(' ');
            length += 1;
        }
        lines += word;
        length += chars;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{Align, Table, wrapped};

    #[test]
    fn columns_are_aligned_by_characters() {
        let mut table = Table::new([("metric", Align::Left), ("a", Align::Right)]);
        table.row(["wait", "−1.5 ± 0.1"]);
        table.row(["größe der schlange", "2"]);
        table.row(["short"]);
        let wanted = "metric                       a\n──────────────────  ──────────\nwait                −1.5 ± 0.1\n\
                      größe der schlange           2\nshort\n";
        assert_eq!(table.text(), wanted);
    }

    #[test]
    fn text_is_wrapped_at_words() {
        assert_eq!(wrapped("one two  three four", 9, "  "), "one two\n  three\n  four");
        assert_eq!(wrapped("incomprehensibilities", 5, ""), "incomprehensibilities");
    }
}
