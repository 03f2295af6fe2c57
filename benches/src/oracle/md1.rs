//! M/D/1: the distribution of the wait where all services are equally long.

use super::OracleError;
use super::error::{not_negative, positive, stable};

/// A stationary M/D/1 queue, first come first served.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Md1 {
    load: f64,
    service: f64,
}

impl Md1 {
    /// With an arrival rate and the length of each service.
    ///
    /// # Errors
    /// A number out of range, or [`OracleError::Unstable`].
    pub fn new(arrival: f64, service: f64) -> Result<Self, OracleError> {
        let load = not_negative("the arrival rate", arrival)? * positive("the service time", service)?;
        Ok(Self { load: stable(load)?, service })
    }

    /// The mean wait, ρ/(2(1-ρ)) services.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        0.5 * self.load / (1.0 - self.load) * self.service
    }

    /// P(W <= t) by A. K. Erlang's sum of 1909, (1-ρ)·Σₖ (-λ(t-k))^k/k!·e^(λ(t-k)) with t in services and k up to t.
    /// Its terms alternate and grow, so that digits are lost as t does: none worth speaking of below 5, all from about
    /// 25. [`Md1::wait_distribution`] has no such end; this one is here to check it.
    #[must_use]
    pub fn erlang_sum(&self, time: f64) -> f64 {
        let time = time / self.service;
        if time < 0.0 {
            return 0.0;
        }
        let mut sum = 0.0;
        let mut k = 0.0;
        while k <= time {
            let x = self.load * (time - k);
            // (-x)^k/k! factor by factor.
            let power = (1..=(k as u32)).fold(1.0, |term, i| term * -x / f64::from(i));
            sum += power * x.exp();
            k += 1.0;
        }
        (1.0 - self.load) * sum
    }

    /// P(W <= t), by positive terms alone: the formula of G. J. Franx, "A simple solution for the M/D/c waiting time
    /// distribution", Oper. Res. Letters 29 (2001), for one server. With k services begun within t and Qⱼ the
    /// probability that at most j wait, it is the sum over j < k of Q(k-1-j) times the Poisson probability of j arrivals
    /// in the rest of the kth service.
    #[must_use]
    pub fn wait_distribution(&self, time: f64) -> f64 {
        let time = time / self.service;
        if time < 0.0 {
            return 0.0;
        }
        // P(W > t) <= e^-rt with r > 0 the root of λ(e^r - 1) = r, which is at least ln(1/ρ): below a unit in the last
        // place nothing is left to sum.
        if self.load == 0.0 || time * -self.load.ln() > 40.0 {
            return 1.0;
        }
        let k = time.floor() as usize + 1;
        let rest = self.load * (k as f64 - time);
        let waiting = self.at_most_waiting(k);
        let mut poisson = (-rest).exp();
        let mut sum = 0.0;
        for j in 0..k {
            sum += waiting[k - 1 - j] * poisson;
            poisson *= rest / (j as f64 + 1.0);
        }
        sum.min(1.0)
    }

    /// The probabilities that at most 0, 1, ... customers wait, so many of them.
    fn at_most_waiting(&self, count: usize) -> Vec<f64> {
        // more[k]: the probability of more than k arrivals within one service, from the far end so that none cancels.
        let far = count + 60;
        let mut arrivals = vec![(-self.load).exp()];
        for k in 1..=far {
            arrivals.push(arrivals[k - 1] * self.load / k as f64);
        }
        let none = arrivals[0];
        let mut more = vec![0.0; far + 1];
        for k in (0..far).rev() {
            more[k] = more[k + 1] + arrivals[k + 1];
        }
        // The number in the system at departures: what crosses a level upwards crosses it downwards, so that
        // p(j+1)·a(0) = p(0)·more(j) + the sum over 1 <= i <= j of p(i)·more(j-i+1).
        let mut system = vec![1.0 - self.load];
        for j in 0..count {
            let up: f64 = (1..=j).map(|i| system[i] * more[j - i + 1]).sum();
            system.push((system[0] * more[j] + up) / none);
        }
        let mut sum = system[0];
        system[1..]
            .iter()
            .map(|p| {
                sum += p;
                sum
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{agree, prints};
    use super::*;

    #[test]
    fn the_table() {
        let queue = Md1::new(0.8, 1.0).unwrap();
        for (time, printed) in [(0.0, 0.2), (0.5, 0.298_365), (1.0, 0.445_108), (2.0, 0.634_520), (5.0, 0.899_503)] {
            prints("sum", queue.erlang_sum(time), printed);
            prints("stable", queue.wait_distribution(time), printed);
        }
    }

    #[test]
    fn both_forms_agree_while_the_sum_has_digits() {
        for load in [0.3, 0.8, 0.95] {
            let queue = Md1::new(load / 3.0, 3.0).unwrap();
            for time in [0.0, 0.1, 2.9, 3.0, 3.1, 8.0, 15.5, 20.0] {
                agree("P", queue.erlang_sum(time), queue.wait_distribution(time), 1e-10);
            }
        }
    }

    /// Far out the stable form still rises towards 1 with the exponential rate of the tail, where the sum is noise.
    #[test]
    fn stable_far_out() {
        let queue = Md1::new(0.9, 1.0).unwrap();
        let tail = |time| 1.0 - queue.wait_distribution(time);
        let mut before = tail(0.0);
        for step in 1..200 {
            let now = tail(f64::from(step) * 0.5);
            assert!(now > 0.0 && now < before);
            before = now;
        }
        // The rate is the root r > 0 of λ(e^r - 1) = r, about 0.2071 for λ = 0.9.
        let rate = (tail(40.0) / tail(60.0)).ln() / 20.0;
        assert!((0.9 * (rate.exp() - 1.0) - rate).abs() < 1e-6, "{rate}");
        assert!(!(0.0..=1.0).contains(&queue.erlang_sum(90.0)) || (queue.erlang_sum(90.0) - 1.0).abs() > 1e-6);
    }

    #[test]
    fn nothing_is_summed_where_nothing_is_left() {
        let queue = Md1::new(0.9, 1.0).unwrap();
        assert_eq!(queue.wait_distribution(1e12), 1.0);
        assert!(1.0 - queue.wait_distribution(40.0 / -0.9_f64.ln() - 1.0) < 1e-15);
        assert_eq!(Md1::new(0.0, 1.0).unwrap().wait_distribution(0.0), 1.0);
    }

    /// The integral of the tail is the mean of Pollaczek and Khinchine.
    #[test]
    fn the_tail_integrates_to_the_mean() {
        let queue = Md1::new(0.4, 2.0).unwrap();
        let step = 0.002;
        let sum: f64 = (0..60_000).map(|i| (1.0 - queue.wait_distribution((f64::from(i) + 0.5) * step)) * step).sum();
        agree("mean", sum, queue.mean_wait(), 1e-5);
        agree("PK", queue.mean_wait(), super::super::pollaczek_khinchine(0.4, 2.0, 0.0).unwrap(), 1e-14);
        assert!(Md1::new(0.5, 2.0).is_err());
    }
}
