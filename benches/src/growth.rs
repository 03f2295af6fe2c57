use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What operations cost at each size, and how many times dearer they are at the largest than at the
/// smallest.
#[derive(Clone, Debug, Default)]
pub struct Growth {
    samples: BTreeMap<(&'static str, usize), Vec<f64>>,
}

impl Growth {
    /// Adds a sample: `operations` of this name at this size took so long together.
    pub fn add(&mut self, name: &'static str, size: usize, operations: u64, took: Duration) {
        let each = took.as_secs_f64() * 1e9 / operations.max(1) as f64;
        self.samples.entry((name, size)).or_default().push(each);
    }

    /// The median cost of one operation in nanoseconds.
    #[must_use]
    pub fn median(&self, name: &'static str, size: usize) -> Option<f64> {
        let mut samples = self.samples.get(&(name, size))?.clone();
        samples.sort_by(f64::total_cmp);
        samples.get(samples.len() / 2).copied()
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sizes: Vec<_> = self.samples.keys().map(|(_, size)| *size).collect();
        sizes.sort_unstable();
        sizes.dedup();
        let mut names: Vec<_> = self.samples.keys().map(|(name, _)| *name).collect();
        names.dedup();
        write!(f, "{:<14}", "ns each at")?;
        for size in &sizes {
            write!(f, "{size:>12}")?;
        }
        writeln!(f, "{:>12}", "growth")?;
        for name in names {
            write!(f, "{name:<14}")?;
            let costs: Vec<_> = sizes.iter().map(|size| self.median(name, *size)).collect();
            for cost in &costs {
                match cost {
                    Some(cost) => write!(f, "{cost:>12.0}")?,
                    None => write!(f, "{:>12}", "-")?,
                }
            }
            match (costs.first().copied().flatten(), costs.last().copied().flatten()) {
                (Some(first), Some(last)) => writeln!(f, "{:>12.2}", last / first)?,
                _ => writeln!(f, "{:>12}", "-")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Growth;
    use std::time::Duration;

    #[test]
    fn the_table_tells_medians_and_their_ratio() {
        let mut growth = Growth::default();
        for micros in [9, 1, 2] {
            growth.add("join", 10, 1, Duration::from_micros(micros));
        }
        growth.add("join", 100, 2, Duration::from_micros(10));
        growth.add("place", 100, 1, Duration::from_nanos(7));
        let table = growth.to_string();
        assert!(table.contains("2000") && table.contains("5000") && table.contains("2.50"), "{table}");
        assert!(table.lines().any(|line| line.starts_with("place") && line.ends_with('-')), "{table}");
    }
}
