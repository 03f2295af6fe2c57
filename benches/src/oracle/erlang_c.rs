//! M/M/n: Erlang's delay formula.

use super::OracleError;
use super::erlang_b::erlang_b;
use super::error::{below_one, not_negative, positive, some, stable};

/// A stationary M/M/n queue, first come first served, in which everybody waits until served: A. K. Erlang, 1917.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErlangC {
    arrival: f64,
    /// nμ - λ, the rate at which a wait that there is runs out.
    spare: f64,
    load: f64,
    delayed: f64,
}

impl ErlangC {
    /// The queue of so many servers with a rate of arrivals λ and a rate of service μ of each server.
    ///
    /// # Errors
    /// A number out of range, or [`OracleError::Unstable`] where λ >= nμ.
    pub fn new(servers: u32, arrival: f64, service: f64) -> Result<Self, OracleError> {
        let capacity = f64::from(some("the number of servers", servers)?) * positive("the service rate", service)?;
        let load = stable(not_negative("the arrival rate", arrival)? / capacity)?;
        let blocked = erlang_b(servers, arrival / service)?;
        // C = B / (1 - ρ(1 - B)).
        let delayed = blocked / (1.0 - load * (1.0 - blocked));
        Ok(Self { arrival, spare: capacity - arrival, load, delayed })
    }

    /// The share of the time that a server works, ρ.
    #[must_use]
    pub fn occupancy(&self) -> f64 {
        self.load
    }

    /// P(W > 0): Erlang's C.
    #[must_use]
    pub fn wait_probability(&self) -> f64 {
        self.delayed
    }

    /// E\[W\] = C/(nμ - λ).
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.delayed / self.spare
    }

    /// The mean number waiting, by Little's law.
    #[must_use]
    pub fn queue_length(&self) -> f64 {
        self.arrival * self.mean_wait()
    }

    /// P(W > t) = C·e^(-(nμ-λ)t).
    #[must_use]
    pub fn wait_survival(&self, time: f64) -> f64 {
        if time < 0.0 { 1.0 } else { self.delayed * (-self.spare * time).exp() }
    }

    /// The share of customers who are served within so long.
    #[must_use]
    pub fn service_level(&self, within: f64) -> f64 {
        1.0 - self.wait_survival(within)
    }

    /// The wait that a share `p` of the customers does not exceed.
    ///
    /// # Errors
    /// [`OracleError::Range`] where `p` is not in \[0, 1).
    pub fn wait_quantile(&self, p: f64) -> Result<f64, OracleError> {
        below_one("the share of a quantile", p)?;
        Ok(((self.delayed / (1.0 - p)).ln() / self.spare).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{agree, prints};
    use super::*;

    /// n, λ, T, P(W>0), E[W], Lq, SL(T), then the 50, 90, 95 and 99 % quantiles; μ = 1.
    const TABLE: [(u32, [f64; 10]); 9] = [
        (1, [0.5, 1.0, 0.500_000, 1.000_000, 0.500_000, 0.696_735, 0.0, 3.218_876, 4.605_170, 7.824_046]),
        (1, [0.9, 1.0, 0.900_000, 9.000_000, 8.100_000, 0.185_646, 5.877_867, 21.972_246, 28.903_718, 44.998_097]),
        (5, [4.0, 0.2, 0.554_113, 0.554_113, 2.216_450, 0.546_331, 0.102_760, 1.712_198, 2.405_345, 4.014_783]),
        (10, [7.0, 0.1, 0.221_731, 0.073_910, 0.517_373, 0.835_737, 0.0, 0.265_432, 0.496_481, 1.032_960]),
        (10, [9.0, 0.1, 0.668_732, 0.668_732, 6.018_584, 0.394_907, 0.290_775, 1.900_212, 2.593_360, 4.202_798]),
        (20, [18.0, 0.1, 0.550_769, 0.275_385, 4.956_921, 0.549_068, 0.048_354, 0.853_073, 1.199_646, 2.004_365]),
        (50, [47.5, 0.1, 0.629_095, 0.251_638, 11.952_800, 0.510_061, 0.091_870, 0.735_645, 1.012_904, 1.656_679]),
        (100, [95.0, 0.1, 0.506_457, 0.101_291, 9.622_680, 0.692_818, 0.002_566, 0.324_454, 0.463_083, 0.784_971]),
        (200, [196.0, 0.1, 0.691_852, 0.172_963, 33.900_772, 0.536_237, 0.081_191, 0.483_551, 0.656_837, 1.059_197]),
    ];

    #[test]
    fn the_table() {
        for (servers, [arrival, within, delayed, wait, queue, level, quantiles @ ..]) in TABLE {
            let queue_of = ErlangC::new(servers, arrival, 1.0).unwrap();
            let name = format!("n={servers} λ={arrival}");
            prints(&name, queue_of.wait_probability(), delayed);
            prints(&name, queue_of.mean_wait(), wait);
            prints(&name, queue_of.queue_length(), queue);
            prints(&name, queue_of.service_level(within), level);
            for (p, quantile) in [0.5, 0.9, 0.95, 0.99].into_iter().zip(quantiles) {
                prints(&name, queue_of.wait_quantile(p).unwrap(), quantile);
            }
        }
    }

    /// Twenty pooled servers wait 2.43 times less than two tens with the same load each.
    #[test]
    fn pooling() {
        let ten = ErlangC::new(10, 9.0, 1.0).unwrap().mean_wait();
        let twenty = ErlangC::new(20, 18.0, 1.0).unwrap().mean_wait();
        assert!((ten / twenty - 2.43).abs() < 0.005);
    }

    /// One server has ρ for C; the unit of time does not matter; the quantile undoes the survival function.
    #[test]
    fn limits_and_units() {
        agree("one", ErlangC::new(1, 0.7, 1.0).unwrap().wait_probability(), 0.7, 1e-15);
        let hours = ErlangC::new(12, 200.0, 20.0).unwrap();
        let minutes = ErlangC::new(12, 200.0 / 60.0, 20.0 / 60.0).unwrap();
        agree("units", hours.mean_wait() * 60.0, minutes.mean_wait(), 1e-12);
        let late = hours.wait_quantile(0.99).unwrap();
        agree("quantile", hours.wait_survival(late), 0.01, 1e-12);
        assert_eq!(hours.wait_survival(-1.0), 1.0);
    }

    #[test]
    fn what_has_no_answer_is_refused() {
        assert_eq!(ErlangC::new(3, 3.0, 1.0), Err(OracleError::Unstable { load: 1.0 }));
        assert!(matches!(ErlangC::new(0, 1.0, 1.0), Err(OracleError::Range { what: "the number of servers", .. })));
        assert!(ErlangC::new(1, -1.0, 1.0).is_err() && ErlangC::new(1, 0.5, 0.0).is_err());
        assert!(ErlangC::new(1, 0.5, 1.0).unwrap().wait_quantile(1.0).is_err());
    }
}
