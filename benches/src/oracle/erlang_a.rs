//! M/M/n+M by its birth-and-death chain.

use super::OracleError;
use super::error::{positive, some};

/// A stationary M/M/n queue whose customers leave after an exponential patience: C. Palm, 1957; "Erlang A" in Mandelbaum
/// and Zeltyn's surveys. Computed from the chain of the number in the system, whose death rate is
/// min(k, n)·μ + (k-n)⁺·θ.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ErlangA {
    /// P(W > 0): all servers are busy when somebody comes.
    pub wait_probability: f64,
    /// The share who leave.
    pub abandoned: f64,
    /// The mean wait of all, served or not.
    pub mean_wait: f64,
    /// The mean number waiting.
    pub queue_length: f64,
    /// The share of the time that a server works.
    pub occupancy: f64,
}

/// The longest queue that the chain is walked to.
const WAITING_MAX: f64 = 1e7;

impl ErlangA {
    /// The queue of so many servers with the rates of arrival λ, service μ and patience θ, all above zero.
    ///
    /// # Errors
    /// [`OracleError::Range`], and [`OracleError::TooManyStates`] where so many would wait that the chain cannot be
    /// walked: there [`Impatient`](super::Impatient) still answers.
    pub fn new(servers: u32, arrival: f64, service: f64, patience: f64) -> Result<Self, OracleError> {
        let n = f64::from(some("the number of servers", servers)?);
        positive("the arrival rate", arrival)?;
        positive("the service rate", service)?;
        positive("the patience rate", patience)?;
        // Weights relative to n in the system. Below n they fall away from the top whenever that is likely, and where
        // it is not they are summed on one scale that is brought down before it overflows.
        let (mut below, mut busy_below, mut weight, mut scale) = (0.0_f64, 0.0_f64, 1.0_f64, 1.0_f64);
        for k in (1..=servers).rev() {
            weight *= f64::from(k) * service / arrival;
            below += weight;
            busy_below += f64::from(k - 1) * weight;
            if below > 1e200 {
                for value in [&mut below, &mut busy_below, &mut weight, &mut scale] {
                    *value *= 1e-200;
                }
            }
        }
        let (mut above, mut waiting, mut weight, mut queue) = (scale, 0.0_f64, scale, 0.0_f64);
        loop {
            queue += 1.0;
            if queue > WAITING_MAX {
                return Err(OracleError::TooManyStates { limit: WAITING_MAX as usize });
            }
            let death = n * service + queue * patience;
            weight *= arrival / death;
            above += weight;
            waiting += queue * weight;
            if above > 1e200 {
                for value in [&mut below, &mut busy_below, &mut weight, &mut above, &mut waiting] {
                    *value *= 1e-200;
                }
            }
            // Past the mode the weights fall ever faster, so the rest is less than this geometric bound.
            let ratio = arrival / (death + patience);
            if ratio < 1.0 && weight * (queue + 1.0) / (1.0 - ratio) <= 1e-18 * waiting.max(f64::MIN_POSITIVE) {
                break;
            }
        }
        let total = below + above;
        let queue_length = waiting / total;
        Ok(Self {
            wait_probability: above / total,
            abandoned: patience * queue_length / arrival,
            mean_wait: queue_length / arrival,
            queue_length,
            occupancy: (busy_below + n * above) / (n * total),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{agree, prints};
    use super::*;

    /// n, λ, θ, P(W>0), P(Ab), E[W], occupancy; μ = 1.
    const TABLE: [(u32, [f64; 6]); 11] = [
        (1, [0.9, 1.0, 0.593_430, 0.340_633, 0.340_633, 0.593_430]),
        (2, [2.4, 0.5, 0.766_587, 0.292_527, 0.585_053, 0.848_968]),
        (5, [5.0, 0.5, 0.633_151, 0.146_132, 0.292_263, 0.853_868]),
        (10, [9.0, 1.0, 0.412_592, 0.085_912, 0.085_912, 0.822_679]),
        (10, [10.0, 1.0, 0.542_070, 0.125_110, 0.125_110, 0.874_890]),
        (10, [10.0, 0.5, 0.619_655, 0.103_913, 0.207_826, 0.896_087]),
        (20, [20.0, 0.5, 0.609_930, 0.073_687, 0.147_375, 0.926_313]),
        (50, [50.0, 0.5, 0.601_168, 0.046_685, 0.093_369, 0.953_315]),
        (50, [47.5, 2.0, 0.319_226, 0.043_970, 0.021_985, 0.908_228]),
        (100, [100.0, 0.5, 0.596_703, 0.033_030, 0.066_060, 0.966_970]),
        (100, [120.0, 1.0, 0.972_136, 0.167_693, 0.167_693, 0.998_768]),
    ];

    #[test]
    fn the_table() {
        for (servers, [arrival, patience, delayed, abandoned, wait, occupancy]) in TABLE {
            let queue = ErlangA::new(servers, arrival, 1.0, patience).unwrap();
            let name = format!("n={servers} λ={arrival} θ={patience}");
            prints(&name, queue.wait_probability, delayed);
            prints(&name, queue.abandoned, abandoned);
            prints(&name, queue.mean_wait, wait);
            prints(&name, queue.occupancy, occupancy);
            agree("flow", queue.occupancy * f64::from(servers), arrival * (1.0 - queue.abandoned), 1e-12);
        }
    }

    /// With θ = μ the number in the system is Poisson whatever n is: everybody stays as long, served or not.
    #[test]
    fn equal_rates_are_poisson() {
        for (servers, arrival) in [(1_u32, 0.9), (10, 10.0), (30, 25.0), (50, 70.0)] {
            let mut term = f64::exp(-arrival);
            let mut below = 0.0;
            for k in 0..servers {
                below += term;
                term *= arrival / f64::from(k + 1);
            }
            let queue = ErlangA::new(servers, arrival, 1.0, 1.0).unwrap();
            agree("P(W>0)", queue.wait_probability, 1.0 - below, 1e-11);
        }
    }

    /// Endless patience brings Erlang's C back; a very short one Erlang's B.
    #[test]
    fn the_ends_of_patience() {
        let patient = ErlangA::new(10, 9.0, 1.0, 1e-9).unwrap();
        agree("C", patient.mean_wait, super::super::ErlangC::new(10, 9.0, 1.0).unwrap().mean_wait(), 1e-6);
        let hasty = ErlangA::new(10, 9.0, 1.0, 1e12).unwrap();
        agree("B", hasty.abandoned, super::super::erlang_b(10, 9.0).unwrap(), 1e-9);
    }

    /// Far from the load, above or below, nothing overflows.
    #[test]
    fn extremes() {
        let idle = ErlangA::new(2_000, 1.0, 1.0, 0.5).unwrap();
        assert_eq!((idle.wait_probability, idle.abandoned), (0.0, 0.0));
        agree("idle", idle.occupancy, 1.0 / 2_000.0, 1e-12);
        let flooded = ErlangA::new(10, 5_000.0, 1.0, 0.1).unwrap();
        agree("flooded", flooded.abandoned, 1.0 - 10.0 / 5_000.0, 1e-9);
        assert!(ErlangA::new(10, 9.0, 1.0, 0.0).is_err());
        assert!(matches!(ErlangA::new(1, 3.0, 1.0, 1e-9), Err(OracleError::TooManyStates { .. })));
    }
}
