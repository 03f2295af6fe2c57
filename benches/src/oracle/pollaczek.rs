//! M/G/1.

use super::OracleError;
use super::error::{not_negative, positive, stable};

/// The mean wait in M/G/1, first come first served, with a mean service time and its squared coefficient of variation:
/// ρ/(1-ρ) · (1+c²)/2 · E\[S\]. F. Pollaczek, 1930; A. Y. Khinchine, 1932.
///
/// # Errors
/// A number out of range, or [`OracleError::Unstable`].
pub fn pollaczek_khinchine(arrival: f64, mean_service: f64, cv2: f64) -> Result<f64, OracleError> {
    not_negative("the squared variation of service", cv2)?;
    let load = stable(not_negative("the arrival rate", arrival)? * positive("the mean service time", mean_service)?)?;
    Ok(load / (1.0 - load) * 0.5 * (1.0 + cv2) * mean_service)
}

#[cfg(test)]
mod tests {
    use super::super::testing::prints;
    use super::*;
    use crate::lab::random::Law;

    #[test]
    fn the_table() {
        let bank = (240.0_f64 / 188.0).powi(2);
        let rows = [
            (Law::Exponential { mean: 1.0 }.cv2(), [1.0, 4.0, 9.0]),
            (Law::Deterministic { value: 1.0 }.cv2(), [0.5, 2.0, 4.5]),
            (Law::Erlang { k: 2, mean: 1.0 }.cv2(), [0.75, 3.0, 6.75]),
            (bank, [1.314_848, 5.259_393, 11.833_635]),
            (Law::Hyperexponential { mean: 1.0, cv2: 4.0 }.cv2(), [2.5, 10.0, 22.5]),
        ];
        for (cv2, waits) in rows {
            for (load, wait) in [0.5, 0.8, 0.9].into_iter().zip(waits) {
                prints(&format!("c²={cv2} ρ={load}"), pollaczek_khinchine(load, 1.0, cv2).unwrap(), wait);
            }
        }
        assert_eq!(pollaczek_khinchine(1.0, 1.0, 1.0), Err(OracleError::Unstable { load: 1.0 }));
        assert!(pollaczek_khinchine(0.5, 1.0, -1.0).is_err());
    }
}
