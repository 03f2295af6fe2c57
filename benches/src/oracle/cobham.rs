//! Strict priorities, and the law that every order obeys.

use super::OracleError;
use super::erlang_c::ErlangC;
use super::error::{not_negative, positive};

/// The mean wait of each class in M/M/n with strict priorities that interrupt nobody, the first class going first, and
/// one rate of service for all: A. Cobham, "Priority assignment in waiting line problems", Oper. Res. 2 (1954).
/// Wₖ = W₀/((1-σₖ₋₁)(1-σₖ)), with W₀ = C/(nμ) and σₖ the load of the first k classes.
///
/// # Errors
/// No class, a number out of range, or [`OracleError::Unstable`].
pub fn cobham(servers: u32, arrivals: &[f64], service: f64) -> Result<Vec<f64>, OracleError> {
    let queue = ErlangC::new(servers, total(arrivals)?, service)?;
    let capacity = f64::from(servers) * service;
    let start = queue.wait_probability() / capacity;
    let mut before = 0.0;
    let wait = |rate: &f64| {
        let through = before + rate / capacity;
        let wait = start / ((1.0 - before) * (1.0 - through));
        before = through;
        wait
    };
    Ok(arrivals.iter().map(wait).collect())
}

/// The mean wait over all classes, weighted by their rates. It is the same in every order that does not look at how
/// long a service will be and leaves no server idle while somebody waits, given one law of service and no abandonment:
/// L. Kleinrock's conservation law, 1965. In M/M/n it equals the wait of first come first served.
///
/// # Errors
/// Lists of unequal length, or rates out of range.
pub fn conserved_wait(arrivals: &[f64], waits: &[f64]) -> Result<f64, OracleError> {
    if arrivals.len() != waits.len() {
        return Err(OracleError::Shape { what: "the conservation law", rule: "one wait for each class" });
    }
    let all = positive("the arrival rate", total(arrivals)?)?;
    Ok(arrivals.iter().zip(waits).map(|(rate, wait)| rate * wait).sum::<f64>() / all)
}

/// The sum of the rates of the classes, each checked.
pub(super) fn total(arrivals: &[f64]) -> Result<f64, OracleError> {
    if arrivals.is_empty() {
        return Err(OracleError::Shape { what: "a queue with priorities", rule: "at least one class" });
    }
    arrivals.iter().try_fold(0.0, |sum, rate| Ok(sum + not_negative("the arrival rate of a class", *rate)?))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{agree, prints};
    use super::*;

    #[test]
    fn the_table() {
        let rows: [(u32, &[f64], &[f64], f64); 4] = [
            (1, &[0.3, 0.5], &[1.142_857, 5.714_286], 4.0),
            (1, &[0.2, 0.3, 0.4], &[1.125, 2.25, 18.0], 9.0),
            (10, &[3.0, 6.0], &[0.095_533, 0.955_331], 0.668_732),
            (20, &[6.0, 12.6], &[0.047_771, 0.682_436], 0.477_705),
        ];
        for (servers, arrivals, printed, plain) in rows {
            let waits = cobham(servers, arrivals, 1.0).unwrap();
            for (wait, printed) in waits.iter().zip(printed) {
                prints(&format!("n={servers} {arrivals:?}"), *wait, *printed);
            }
            prints("conserved", conserved_wait(arrivals, &waits).unwrap(), plain);
        }
    }

    /// One class is Erlang's C; splitting a class in two keeps the wait of those around it; all is conserved.
    #[test]
    fn classes_split_and_join() {
        let plain = ErlangC::new(6, 5.0, 1.0).unwrap().mean_wait();
        agree("one", cobham(6, &[5.0], 1.0).unwrap()[0], plain, 1e-14);
        let coarse = cobham(6, &[1.0, 2.5, 1.5], 1.0).unwrap();
        let fine = cobham(6, &[1.0, 1.0, 1.5, 1.5], 1.0).unwrap();
        agree("above", coarse[0], fine[0], 1e-14);
        agree("below", coarse[2], fine[3], 1e-14);
        agree("inside", 2.5 * coarse[1], fine[1] + 1.5 * fine[2], 1e-12);
        agree("all", conserved_wait(&[1.0, 1.0, 1.5, 1.5], &fine).unwrap(), plain, 1e-12);
    }

    #[test]
    fn what_is_refused() {
        assert!(matches!(cobham(1, &[], 1.0), Err(OracleError::Shape { .. })));
        assert!(matches!(cobham(1, &[0.5, 0.6], 1.0), Err(OracleError::Unstable { .. })));
        assert!(cobham(1, &[0.5, -0.1], 1.0).is_err());
        assert!(conserved_wait(&[1.0], &[]).is_err());
    }
}
