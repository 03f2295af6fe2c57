use super::*;
use crate::lab::random::Purpose;

fn stream(number: u64) -> Stream {
    Stream::new(3, 0, Purpose::Arrival, number)
}

/// Counts of a Poisson process in disjoint seconds have equal mean and variance, and neighbours do not tell of each
/// other.
#[test]
fn constant_rate_counts_are_poisson() {
    let (rate, seconds) = (5.0, 40_000_usize);
    let mut counts = vec![0.0_f64; seconds];
    for at in Arrivals::poisson(rate, stream(0)).take_while(|at| *at < seconds as Micros * 1_000_000) {
        counts[(at / 1_000_000) as usize] += 1.0;
    }
    let mean = counts.iter().sum::<f64>() / seconds as f64;
    let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / (seconds as f64 - 1.0);
    let lag: f64 = counts.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum::<f64>() / seconds as f64;
    // Standard errors: √(5/40000) = .0112; of the variance about 5·√(2.2/40000) = .037; of the correlation .005.
    assert!((mean - rate).abs() < 0.04, "{mean}");
    assert!((variance / mean - 1.0).abs() < 0.03, "{variance}");
    assert!((lag / variance).abs() < 0.018, "{lag}");
}

/// Over many days each step of a profile gets the customers it expects, those at rate 0 none, and the number in a day
/// varies as a Poisson number does.
#[test]
fn thinning_gives_each_step_its_share() {
    let profile = Profile::new(60_000_000, vec![0.1, 0.0, 0.5, 0.25]).unwrap();
    let days = 4_000_u64;
    let mut counts = [0.0_f64; 4];
    let mut squares = 0.0;
    for day in 0..days {
        let times: Vec<Micros> = Arrivals::thinned(profile.clone(), stream(day)).collect();
        assert!(times.is_sorted() && times.iter().all(|at| *at < profile.end()));
        squares += (times.len() as f64 - profile.expected()).powi(2);
        times.iter().for_each(|at| counts[(at / 60_000_000) as usize] += 1.0);
    }
    for (count, rate) in counts.iter().zip([0.1, 0.0, 0.5, 0.25]) {
        let expected = rate * 60.0 * days as f64;
        assert!((count - expected).abs() <= 4.0 * expected.sqrt(), "{count} of {expected}");
    }
    let dispersion = squares / days as f64 / profile.expected();
    assert!((dispersion - 1.0).abs() < 4.0 * (2.0 / days as f64).sqrt(), "{dispersion}");
}

/// With its mean at 1 a day's factor keeps the profile's mean; with its median at 1 half of the days lie above.
#[test]
fn day_factor_keeps_what_it_promises() {
    let cv = 0.18;
    let factors = |centre| -> Vec<f64> {
        let factor = DayFactor::new(cv, centre).unwrap();
        (0..100_000).map(|day| factor.draw(&mut Stream::new(3, 0, Purpose::DayFactor, day))).collect()
    };
    let kept = factors(Centre::Mean);
    let mean = kept.iter().sum::<f64>() / kept.len() as f64;
    let deviation = (kept.iter().map(|f| (f - mean).powi(2)).sum::<f64>() / kept.len() as f64).sqrt();
    assert!((mean - 1.0).abs() < 4.0 * cv / (kept.len() as f64).sqrt(), "{mean}");
    assert!((deviation / mean - cv).abs() < 0.003, "{deviation}");
    let above = factors(Centre::Median).iter().filter(|factor| **factor > 1.0).count();
    assert!(above.abs_diff(50_000) < 640, "{above}");
    assert_eq!(DayFactor::new(0.0, Centre::Mean).unwrap().draw(&mut stream(0)), 1.0);
}

#[test]
fn what_is_not_a_profile_is_refused() {
    assert_eq!(Profile::new(0, vec![1.0]), Err(ArrivalError::Empty));
    assert_eq!(Profile::new(1, Vec::new()), Err(ArrivalError::Empty));
    assert_eq!(Profile::new(1, vec![1.0, -2.0]), Err(ArrivalError::Rate { step: 1, rate: -2.0 }));
    assert_eq!(DayFactor::new(-1.0, Centre::Mean), Err(ArrivalError::Variation(-1.0)));
}

#[test]
fn nobody_comes_at_rate_zero() {
    assert_eq!(Arrivals::poisson(0.0, stream(0)).next(), None);
    let silent = Profile::new(1_000_000, vec![0.0, 0.0]).unwrap();
    assert_eq!(Arrivals::thinned(silent, stream(0)).count(), 0);
}
