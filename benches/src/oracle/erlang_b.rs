//! Erlang's loss formula.

use super::OracleError;
use super::error::not_negative;

/// The probability that all servers of M/G/n/n are busy at an offered load of `load` = λ/μ: A. K. Erlang, 1917. By the
/// recursion B₀ = 1, Bₖ = a·Bₖ₋₁ / (k + a·Bₖ₋₁), which adds and divides positive numbers only and so is stable for any
/// number of servers.
///
/// # Errors
/// [`OracleError::Range`] where the load is negative or not finite.
pub fn erlang_b(servers: u32, load: f64) -> Result<f64, OracleError> {
    not_negative("the offered load", load)?;
    Ok((1..=servers).fold(1.0, |blocked, k| load * blocked / (f64::from(k) + load * blocked)))
}

/// The logarithm of 1/B for a load above zero: what stays finite where B itself is too small for a number. By
/// 1/Bₖ = 1 + (k/a)·1/Bₖ₋₁.
///
/// # Errors
/// [`OracleError::Range`] where the load is not above zero and finite.
pub fn log_inverse_erlang_b(servers: u32, load: f64) -> Result<f64, OracleError> {
    super::error::positive("the offered load", load)?;
    // `inverse` × e^`scale` is the value; it is brought back to 1 whenever it grows large.
    let (mut inverse, mut one, mut scale) = (1.0_f64, 1.0_f64, 0.0_f64);
    for k in 1..=servers {
        inverse = one + f64::from(k) / load * inverse;
        if inverse > 1e200 {
            scale += inverse.ln();
            one /= inverse;
            inverse = 1.0;
        }
    }
    Ok(scale + inverse.ln())
}

#[cfg(test)]
mod tests {
    use super::super::testing::agree;
    use super::*;

    /// The recursion agrees with Erlang's own quotient of a power and a sum.
    #[test]
    fn recursion_is_the_quotient() {
        for (servers, load) in [(1_u32, 0.5), (5, 4.0), (20, 18.0), (40, 10.0)] {
            let terms: Vec<f64> = (0..=servers)
                .scan(1.0, |term, k| {
                    if k > 0 {
                        *term *= load / f64::from(k);
                    }
                    Some(*term)
                })
                .collect();
            let quotient = terms[servers as usize] / terms.iter().sum::<f64>();
            agree("B", erlang_b(servers, load).unwrap(), quotient, 1e-13);
            agree("1/B", log_inverse_erlang_b(servers, load).unwrap(), -quotient.ln(), 1e-13);
        }
    }

    /// Values of the tables every textbook prints: 10 servers at 5 Erlang lose 1.84 %, at 4.46 Erlang 1 %.
    #[test]
    fn textbook_values() {
        assert!((erlang_b(10, 5.0).unwrap() - 0.018_385).abs() < 5e-7);
        // The load is printed to three decimals, half a unit of the last of which is 3e-6 of blocking.
        assert!((erlang_b(10, 4.461).unwrap() - 0.01).abs() < 4e-6);
        assert_eq!(erlang_b(0, 3.0), Ok(1.0));
        assert_eq!(erlang_b(3, 0.0), Ok(0.0));
        assert!(erlang_b(3, -1.0).is_err() && erlang_b(3, f64::NAN).is_err());
    }

    /// Where B is far below the smallest number its logarithm is still right: n!/aⁿ dominates for a small load.
    #[test]
    fn the_logarithm_survives_where_the_number_does_not() {
        let log_factorial: f64 = (1..=500).map(|k| f64::from(k).ln()).sum();
        let expected = log_factorial - 500.0 * 0.01_f64.ln() + 0.01;
        agree("ln 1/B", log_inverse_erlang_b(500, 0.01).unwrap(), expected, 1e-12);
    }
}
