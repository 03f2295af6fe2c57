//! M/M/n+G: customers of any patience.

use super::OracleError;
use super::erlang_b::log_inverse_erlang_b;
use super::error::{below_one, not_negative, positive, some};
use super::patience::Patience;
use super::quadrature::Gauss;

/// A stationary M/M/n queue, first come first served, whose customers leave when their patience ends: F. Baccelli and
/// G. Hebuterne, "On queues with impatient customers", 1981; in the form of S. Zeltyn and A. Mandelbaum, "Call centers
/// with impatient customers: many-server asymptotics of the M/M/n+G queue", Queueing Systems 51 (2005), 361-402 (the
/// formulas from memory).
///
/// With Ḡ the survival function of patience, H its integral and g(x) = λH(x) - nμx, the wait V that is offered to a
/// customer without end of patience has the density λe^g(x)/D for x > 0, where D = E + λJ, J is the integral of e^g and
/// E that of e^-t(1+tμ/λ)^(n-1), which is 1/B(n-1, λ/μ). All else are integrals over that density.
#[derive(Clone, Debug)]
pub struct Impatient<'a, P> {
    patience: &'a P,
    servers: f64,
    arrival: f64,
    service: f64,
    gauss: Gauss,
    /// The largest value of g; all integrals carry the factor e^-`peak` so that none overflows.
    peak: f64,
    /// Where smooth pieces of the integrands meet, from 0 to where nothing is left.
    cuts: Vec<f64>,
    /// D·e^-`peak`.
    total: f64,
    /// λJ/D.
    delayed: f64,
}

impl<'a, P: Patience> Impatient<'a, P> {
    /// The queue of so many servers with the rates of arrival λ and service μ.
    ///
    /// # Errors
    /// A number out of range, or [`OracleError::Unstable`] where those of endless patience are more than can be served.
    pub fn new(servers: u32, arrival: f64, service: f64, patience: &'a P) -> Result<Self, OracleError> {
        let n = f64::from(some("the number of servers", servers)?);
        positive("the arrival rate", arrival)?;
        positive("the service rate", service)?;
        let mut queue = Self {
            patience,
            servers: n,
            arrival,
            service,
            gauss: Gauss::default(),
            peak: 0.0,
            cuts: Vec::new(),
            total: 1.0,
            delayed: 0.0,
        };
        queue.measure()?;
        let empty = (log_inverse_erlang_b(servers - 1, arrival / service)? - queue.peak).exp();
        let delayed = arrival * queue.integral(0.0, f64::INFINITY, &|_| 1.0);
        queue.total = empty + delayed;
        queue.delayed = delayed / queue.total;
        if queue.total.is_infinite() {
            // So many more servers than work that nobody ever waits.
            queue.delayed = 0.0;
        }
        Ok(queue)
    }

    /// P(W > 0), which is P(V > 0): all servers are busy when somebody comes.
    #[must_use]
    pub fn wait_probability(&self) -> f64 {
        self.delayed
    }

    /// The share who leave: the mean of 1 - Ḡ over the offered wait. Equal to (1 + (λ-nμ)J)/D, without its cancellation.
    #[must_use]
    pub fn abandoned(&self) -> f64 {
        self.mean_over(f64::INFINITY, &|x| 1.0 - self.patience.survival(x))
    }

    /// The mean wait of all, served or not: the mean of H over the offered wait.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.mean_over(f64::INFINITY, &|x| self.patience.limited_mean(x))
    }

    /// The mean number waiting, by Little's law.
    #[must_use]
    pub fn queue_length(&self) -> f64 {
        self.arrival * self.mean_wait()
    }

    /// The mean wait of those who are served.
    #[must_use]
    pub fn mean_wait_served(&self) -> f64 {
        self.waited_and_served() / (1.0 - self.abandoned())
    }

    /// The mean wait of those who leave; not a number where nobody does.
    #[must_use]
    pub fn mean_wait_abandoned(&self) -> f64 {
        (self.mean_wait() - self.waited_and_served()) / self.abandoned()
    }

    /// The share of all customers who are served within so long.
    #[must_use]
    pub fn service_level_offered(&self, within: f64) -> f64 {
        let late = within.max(0.0);
        1.0 - self.delayed + self.mean_over(late, &|x| self.patience.survival(x))
    }

    /// Of the customers who are served, the share within so long.
    #[must_use]
    pub fn service_level_answered(&self, within: f64) -> f64 {
        self.service_level_offered(within) / (1.0 - self.abandoned())
    }

    /// The share of all customers who wait longer than `time`, whether they are served afterwards or leave.
    #[must_use]
    pub fn wait_survival(&self, time: f64) -> f64 {
        if time < 0.0 {
            return 1.0;
        }
        let offered = self.arrival * self.integral(time, f64::INFINITY, &|_| 1.0) / self.total;
        self.patience.survival(time) * offered
    }

    /// The wait that a share `p` of all customers does not exceed, served or not.
    ///
    /// # Errors
    /// [`OracleError::Range`] where `p` is not in \[0, 1).
    pub fn wait_quantile(&self, p: f64) -> Result<f64, OracleError> {
        below_one("the share of a quantile", p)?;
        let longer = |time: f64| self.wait_survival(time) > 1.0 - p;
        if !longer(0.0) {
            return Ok(0.0);
        }
        // Past the last cut nobody waits.
        Ok(bisect(0.0, self.cuts.last().copied().unwrap_or(0.0), longer))
    }

    /// The share of the time that a server works: λ(1-P(Ab))/(nμ).
    #[must_use]
    pub fn occupancy(&self) -> f64 {
        self.arrival * (1.0 - self.abandoned()) / (self.servers * self.service)
    }

    fn waited_and_served(&self) -> f64 {
        self.mean_over(f64::INFINITY, &|x| x * self.patience.survival(x))
    }

    /// The mean of a function of the offered wait over 0 < V <= `to`.
    fn mean_over(&self, to: f64, function: &impl Fn(f64) -> f64) -> f64 {
        self.arrival * self.integral(0.0, to, function) / self.total
    }

    /// g(x).
    fn exponent(&self, x: f64) -> f64 {
        self.arrival * self.patience.limited_mean(x) - self.servers * self.service * x
    }

    /// The integral of a function times e^(g-peak), piece by smooth piece.
    fn integral(&self, from: f64, to: f64, function: &impl Fn(f64) -> f64) -> f64 {
        let integrand = |x: f64| function(x) * (self.exponent(x) - self.peak).exp();
        self.cuts
            .windows(2)
            .fold(0.0, |sum, piece| sum + self.gauss.integral(piece[0].max(from), piece[1].min(to), sum, &integrand))
    }

    /// Finds the peak of g, which is concave, where it has fallen to nothing, and the pieces between.
    fn measure(&mut self) -> Result<(), OracleError> {
        let capacity = self.servers * self.service;
        let slope = |x: f64| self.arrival * self.patience.survival(x) - capacity;
        let unit = 1.0 / capacity;
        // The peak is where Ḡ falls below nμ/λ.
        let (mut low, mut high) = (0.0, unit);
        while slope(high) >= 0.0 {
            (low, high) = (high, 2.0 * high);
            if high > 1e15 * unit {
                return Err(OracleError::Unstable { load: self.arrival / capacity });
            }
        }
        let mode = if slope(0.0) <= 0.0 { 0.0 } else { bisect(low, high, |x| slope(x) > 0.0) };
        self.peak = self.exponent(mode);
        // e^-80 is below what an f64 can add to 1 even after a long tail is summed.
        let mut end = mode + unit;
        while self.exponent(end) > self.peak - 80.0 {
            end = mode + 2.0 * (end - mode);
        }
        end = bisect(mode, end, |x| self.exponent(x) > self.peak - 80.0);
        let inside = self.patience.breaks().into_iter().filter(|at| *at > 0.0 && *at < end);
        self.cuts = inside.chain([0.0, mode, end]).collect();
        self.cuts.sort_by(f64::total_cmp);
        self.cuts.dedup();
        not_negative("the end of the offered wait", end).map(|_| ())
    }
}

/// Where a condition that holds at `low` and not at `high` ceases to hold.
fn bisect(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..200 {
        let middle = low.midpoint(high);
        if middle <= low || middle >= high || high - low <= 1e-15 * high {
            break;
        }
        if holds(middle) { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
#[path = "impatient_tests.rs"]
mod tests;
