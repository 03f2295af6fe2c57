//! Estimates from two moments, for a line on a plot; none of them is exact.

use super::OracleError;
use super::erlang_c::ErlangC;
use super::error::{not_negative, positive, stable};

/// The mean wait in GI/G/1 as heavy traffic has it: ρ/(1-ρ) · (cₐ²+cₛ²)/2 · E\[S\]. J. F. C. Kingman, 1961.
///
/// # Errors
/// A number out of range, or [`OracleError::Unstable`].
pub fn kingman(arrival: f64, mean_service: f64, arrival_cv2: f64, service_cv2: f64) -> Result<f64, OracleError> {
    not_negative("the squared variation of arrivals", arrival_cv2)?;
    not_negative("the squared variation of service", service_cv2)?;
    let load = stable(not_negative("the arrival rate", arrival)? * positive("the mean service time", mean_service)?)?;
    Ok(load / (1.0 - load) * 0.5 * (arrival_cv2 + service_cv2) * mean_service)
}

/// Kingman's estimate with the correction of W. Krämer and M. Langenbach-Belz, 1976 (from memory).
///
/// # Errors
/// As [`kingman`].
pub fn klb(arrival: f64, mean_service: f64, arrival_cv2: f64, service_cv2: f64) -> Result<f64, OracleError> {
    let estimate = kingman(arrival, mean_service, arrival_cv2, service_cv2)?;
    let idle = 1.0 - arrival * mean_service;
    let off = 1.0 - arrival_cv2;
    let exponent = if estimate == 0.0 {
        0.0
    } else if off > 0.0 {
        -2.0 * idle / (3.0 * (1.0 - idle)) * off * off / (arrival_cv2 + service_cv2)
    } else {
        idle * off / (arrival_cv2 + 4.0 * service_cv2)
    };
    Ok(estimate * exponent.exp())
}

/// The mean wait in GI/G/n: that of Erlang's C times (cₐ²+cₛ²)/2. A. O. Allen, 1978, after C. D. Crommelin and
/// S. C. Cunneen (from memory).
///
/// # Errors
/// As [`ErlangC::new`], and a squared variation out of range.
pub fn allen_cunneen(
    servers: u32,
    arrival: f64,
    service: f64,
    arrival_cv2: f64,
    service_cv2: f64,
) -> Result<f64, OracleError> {
    not_negative("the squared variation of arrivals", arrival_cv2)?;
    not_negative("the squared variation of service", service_cv2)?;
    Ok(ErlangC::new(servers, arrival, service)?.mean_wait() * 0.5 * (arrival_cv2 + service_cv2))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{agree, prints};
    use super::super::{GiM1, pollaczek_khinchine};
    use super::*;
    use crate::lab::random::Law;

    #[test]
    fn the_table() {
        let rows = [
            (0.8, 0.0, 2.0, Some(1.692_963)),
            (0.8, 0.5, 3.0, Some(2.917_813)),
            (0.8, 4.0, 10.0, None),
            (0.9, 0.0, 4.5, Some(4.178_713)),
            (0.9, 0.5, 6.75, Some(6.667_179)),
            (0.9, 4.0, 22.5, None),
        ];
        for (load, cv2, upper, corrected) in rows {
            prints("Kingman", kingman(load, 1.0, cv2, 1.0).unwrap(), upper);
            if let Some(printed) = corrected {
                prints("KLB", klb(load, 1.0, cv2, 1.0).unwrap(), printed);
            }
        }
    }

    /// With Poisson arrivals all are exact for one server; with arrivals more regular than that the
    /// correction comes closer than Kingman, and with less regular ones it lies below him.
    #[test]
    fn exact_where_they_should_be_and_closer_with_the_correction() {
        for cv2 in [0.0, 0.5, 1.0, 4.0] {
            let exact = pollaczek_khinchine(0.7, 2.0 / 1.9, cv2).unwrap();
            agree("Kingman", kingman(0.7, 2.0 / 1.9, 1.0, cv2).unwrap(), exact, 1e-14);
            agree("KLB", klb(0.7, 2.0 / 1.9, 1.0, cv2).unwrap(), exact, 1e-14);
            agree("AC", allen_cunneen(1, 0.7, 0.95, 1.0, cv2).unwrap(), exact, 1e-12);
        }
        for law in [Law::Erlang { k: 2, mean: 1.25 }, Law::Deterministic { value: 1.25 }] {
            let exact = GiM1::new(&law, 1.0).unwrap().mean_wait();
            let off = |estimate: f64| (estimate - exact).abs();
            assert!(off(klb(0.8, 1.0, law.cv2(), 1.0).unwrap()) < off(kingman(0.8, 1.0, law.cv2(), 1.0).unwrap()));
        }
        agree("below", klb(0.8, 1.0, 4.0, 1.0).unwrap(), 10.0 * f64::exp(-0.2 * 3.0 / 8.0), 1e-12);
        assert_eq!(klb(0.8, 1.0, 0.0, 0.0), Ok(0.0));
        assert!(kingman(1.0, 1.0, 1.0, 1.0).is_err() && allen_cunneen(2, 1.0, 1.0, -1.0, 1.0).is_err());
    }
}
