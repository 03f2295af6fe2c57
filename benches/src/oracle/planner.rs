//! The fewest servers that reach a service level.

use super::OracleError;
use super::erlang_c::ErlangC;
use super::error::within;

/// The fewest servers, from 1 to `limit`, whose service level is at least `target`. `level` gives the service level of
/// so many servers and must not fall as they grow in number; what it calls unstable counts as a level of 0.
///
/// # Errors
/// [`OracleError::OutOfReach`] where even `limit` servers are too few, [`OracleError::Range`] for a target that is no
/// share, and what `level` refuses.
pub fn fewest_servers(
    limit: u32,
    target: f64,
    level: impl Fn(u32) -> Result<f64, OracleError>,
) -> Result<u32, OracleError> {
    within("the service level", "from 0 to 1", target, (0.0..=1.0).contains(&target))?;
    let enough = |servers| match level(servers) {
        Ok(level) => Ok(level >= target),
        Err(OracleError::Unstable { .. }) => Ok(false),
        Err(other) => Err(other),
    };
    // Doubling finds a number that is enough, halving the smallest such: few calls even for thousands of servers.
    let (mut too_few, mut some) = (0, 1.min(limit));
    while some == 0 || !enough(some)? {
        if some >= limit {
            return Err(OracleError::OutOfReach { limit, target });
        }
        too_few = some;
        some = some.saturating_mul(2).min(limit);
    }
    while some - too_few > 1 {
        let middle = u32::midpoint(too_few, some);
        if enough(middle)? {
            some = middle;
        } else {
            too_few = middle;
        }
    }
    Ok(some)
}

/// The fewest servers that serve a share `target` of patient customers within so long, by Erlang's C.
///
/// # Errors
/// As [`fewest_servers`] and [`ErlangC::new`].
pub fn fewest_servers_patient(
    arrival: f64,
    service: f64,
    within: f64,
    target: f64,
    limit: u32,
) -> Result<u32, OracleError> {
    fewest_servers(limit, target, |servers| {
        ErlangC::new(servers, arrival, service).map(|queue| queue.service_level(within))
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::prints;
    use super::*;

    /// 200 contacts an hour of 3 minutes each, answered within 20 s; in minutes.
    #[test]
    fn the_planner_example() {
        let (arrival, service, within) = (200.0 / 60.0, 1.0 / 3.0, 20.0 / 60.0);
        let rows = [
            (11, [0.682_118, 2.046_355, 0.389_614]),
            (12, [0.449_388, 0.674_082, 0.640_158]),
            (14, [0.174_132, 0.130_599, 0.888_350]),
        ];
        for (servers, [delayed, wait, level]) in rows {
            let queue = ErlangC::new(servers, arrival, service).unwrap();
            prints("PW", queue.wait_probability(), delayed);
            prints("W", queue.mean_wait(), wait);
            prints("SL", queue.service_level(within), level);
        }
        let fewest = fewest_servers_patient(arrival, service, within, 0.8, 1000).unwrap();
        let level = |servers| ErlangC::new(servers, arrival, service).unwrap().service_level(within);
        assert!(level(fewest) >= 0.8 && level(fewest - 1) < 0.8);
        assert_eq!(fewest, PLANNED);
    }
    const PLANNED: u32 = 14;

    /// The answer is the first of a plain search through all numbers.
    #[test]
    fn it_is_the_smallest() {
        for target in [0.0, 0.1, 0.5, 0.8, 0.95, 0.999] {
            let level = |servers: u32| ErlangC::new(servers, 37.5, 1.0).map(|queue| queue.service_level(0.05));
            let plain = (1..200).find(|servers| level(*servers).is_ok_and(|reached| reached >= target));
            let found = fewest_servers(200, target, level).ok();
            // Any level of an unstable queue counts as 0, which reaches a target of 0 only if the queue is stable.
            assert_eq!(found, plain, "{target}");
        }
    }

    #[test]
    fn out_of_reach_says_so() {
        let refused = OracleError::OutOfReach { limit: 10, target: 0.8 };
        assert_eq!(fewest_servers_patient(10.0, 1.0, 0.1, 0.8, 10), Err(refused));
        assert!(fewest_servers_patient(10.0, 1.0, 0.1, 1.5, 10).is_err());
        assert!(fewest_servers_patient(10.0, -1.0, 0.1, 0.5, 10).is_err());
        assert!(fewest_servers(0, 0.5, |_| Ok(1.0)).is_err());
    }
}
