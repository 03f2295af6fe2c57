//! Priorities that grow with waiting.

use super::OracleError;
use super::cobham::total;
use super::erlang_c::ErlangC;
use super::error::positive;

/// A class of customers whose priority grows with its wait.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a row of data")]
pub struct Accumulating {
    /// The rate of arrivals.
    pub arrival: f64,
    /// What a customer gains in each unit of time of waiting.
    pub slope: f64,
}

/// The mean wait of each class in M/M/n where a freed server takes the customer with the greatest slope times wait:
/// L. Kleinrock, "A delay dependent queue discipline", Naval Research Logistics Quarterly 11 (1964); Queueing Systems
/// II, 1976, section 3.7 (from memory). The classes stand in the order of their slopes, the lowest first:
/// Wₚ = \[W - Σ(i<p) ρᵢWᵢ(1 - bᵢ/bₚ)\] / \[1 - Σ(i>p) ρᵢ(1 - bₚ/bᵢ)\], W being the wait of first come first served.
///
/// # Errors
/// No class, a number out of range, slopes that fall, or [`OracleError::Unstable`].
pub fn accumulating_priority(servers: u32, classes: &[Accumulating], service: f64) -> Result<Vec<f64>, OracleError> {
    for class in classes {
        positive("the slope of a class", class.slope)?;
    }
    if !classes.is_sorted_by(|low, high| low.slope <= high.slope) {
        return Err(OracleError::Shape { what: "accumulating priority", rule: "classes in the order of their slopes" });
    }
    let arrivals: Vec<f64> = classes.iter().map(|class| class.arrival).collect();
    let plain = ErlangC::new(servers, total(&arrivals)?, service)?.mean_wait();
    let capacity = f64::from(servers) * service;
    let load = |class: &Accumulating| class.arrival / capacity;
    let mut waits: Vec<f64> = Vec::with_capacity(classes.len());
    for (p, class) in classes.iter().enumerate() {
        let passed: f64 =
            classes[..p].iter().zip(&waits).map(|(low, wait)| load(low) * wait * (1.0 - low.slope / class.slope)).sum();
        let passing: f64 = classes[p + 1..].iter().map(|high| load(high) * (1.0 - class.slope / high.slope)).sum();
        waits.push((plain - passed) / (1.0 - passing));
    }
    Ok(waits)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{agree, prints};
    use super::super::{cobham, conserved_wait};
    use super::*;

    fn two(low: f64, high: f64, ratio: f64) -> [Accumulating; 2] {
        [Accumulating { arrival: low, slope: 1.0 }, Accumulating { arrival: high, slope: ratio }]
    }

    #[test]
    fn the_table() {
        let rows = [
            (1, 0.5, 0.3, 2.0, [4.705_882, 2.823_529], 4.0),
            (1, 0.5, 0.3, 4.0, [5.161_290, 2.064_516], 4.0),
            (10, 6.0, 3.0, 2.0, [0.786_743, 0.432_709], 0.668_732),
            (10, 6.0, 3.0, 4.0, [0.862_879, 0.280_436], 0.668_732),
        ];
        for (servers, low, high, ratio, printed, plain) in rows {
            let waits = accumulating_priority(servers, &two(low, high, ratio), 1.0).unwrap();
            prints("low", waits[0], printed[0]);
            prints("high", waits[1], printed[1]);
            prints("conserved", conserved_wait(&[low, high], &waits).unwrap(), plain);
        }
    }

    /// Equal slopes are first come first served, a steep one strict priority, and any keep the weighted mean.
    #[test]
    fn between_plain_and_strict() {
        let plain = ErlangC::new(10, 9.0, 1.0).unwrap().mean_wait();
        let equal = accumulating_priority(10, &two(6.0, 3.0, 1.0), 1.0).unwrap();
        agree("equal", equal[0], plain, 1e-13);
        agree("equal", equal[1], plain, 1e-13);
        let steep = accumulating_priority(10, &two(6.0, 3.0, 1e12), 1.0).unwrap();
        let strict = cobham(10, &[3.0, 6.0], 1.0).unwrap();
        agree("strict", steep[0], strict[1], 1e-9);
        agree("strict", steep[1], strict[0], 1e-9);
        let classes: Vec<Accumulating> = [(2.0, 1.0), (3.0, 1.5), (1.0, 4.0), (2.5, 9.0)]
            .map(|(arrival, slope)| Accumulating { arrival, slope })
            .into();
        let waits = accumulating_priority(10, &classes, 1.0).unwrap();
        let all = ErlangC::new(10, 8.5, 1.0).unwrap().mean_wait();
        agree("conserved", conserved_wait(&[2.0, 3.0, 1.0, 2.5], &waits).unwrap(), all, 1e-12);
        assert!(waits.is_sorted_by(|low, high| low > high));
    }

    #[test]
    fn what_is_refused() {
        assert!(matches!(accumulating_priority(2, &[], 1.0), Err(OracleError::Shape { .. })));
        assert!(matches!(accumulating_priority(2, &two(0.5, 0.5, 0.5), 1.0), Err(OracleError::Shape { .. })));
        assert!(matches!(accumulating_priority(1, &two(0.5, 0.5, 2.0), 1.0), Err(OracleError::Unstable { .. })));
        assert!(accumulating_priority(2, &two(0.5, 0.5, f64::NAN), 1.0).is_err());
    }
}
