use super::*;
use crate::lab::random::Purpose;

const LAWS: [Law; 8] = [
    Law::Exponential { mean: 180.0 },
    Law::Deterministic { value: 60.0 },
    Law::Lognormal { mean: 188.0, median: 114.0 },
    Law::Lognormal { mean: 381.0, median: 196.0 },
    Law::Uniform { low: 10.0, high: 50.0 },
    Law::Erlang { k: 3, mean: 90.0 },
    Law::Hyperexponential { mean: 30.0, cv2: 4.0 },
    Law::Never,
];

fn draws(law: Law, count: u64) -> Vec<f64> {
    (0..count).map(|customer| law.draw(&mut Stream::new(11, 0, Purpose::Work, customer)) as f64 / 1e6).collect()
}

/// Kolmogorov's distance between draws and law stays below its 0.1 % point, 1.95/√n, for every continuous law.
#[test]
fn draws_follow_the_survival_function() {
    for law in LAWS {
        if matches!(law, Law::Deterministic { .. } | Law::Never) {
            continue;
        }
        let mut times = draws(law, 100_000);
        times.sort_by(f64::total_cmp);
        let count = times.len() as f64;
        let distance = times.iter().enumerate().fold(0.0_f64, |worst, (index, time)| {
            let below = 1.0 - law.survival(*time);
            worst.max((below - index as f64 / count).abs()).max((below - (index as f64 + 1.0) / count).abs())
        });
        assert!(distance < 1.95 / count.sqrt(), "{law:?}: {distance}");
    }
}

/// The mean and the squared variation of draws lie within four standard errors of what the law says.
#[test]
fn draws_have_the_mean_and_the_variation() {
    for law in LAWS {
        if matches!(law, Law::Never) {
            continue;
        }
        let times = draws(law, 100_000);
        let count = times.len() as f64;
        let mean = times.iter().sum::<f64>() / count;
        let deviation = law.mean() * law.cv2().sqrt();
        assert!((mean - law.mean()).abs() <= 4.0 * deviation / count.sqrt() + 1e-6, "{law:?}: {mean}");
    }
}

/// The mean of a positive time is the integral of its survival function.
#[test]
fn survival_integrates_to_the_mean() {
    for law in LAWS {
        if matches!(law, Law::Never) {
            continue;
        }
        let step = 0.02;
        let sum: f64 = (0..1_000_000).map(|i| law.survival((f64::from(i) + 0.5) * step) * step).sum();
        assert!((sum - law.mean()).abs() < 2e-3 * law.mean(), "{law:?}: {sum}");
    }
}

#[test]
fn constants_and_never_are_exact() {
    let mut stream = Stream::new(1, 0, Purpose::Patience, 0);
    assert_eq!(Law::Deterministic { value: 0.25 }.draw(&mut stream), 250_000);
    assert_eq!(Law::Never.draw(&mut stream), NEVER);
    assert_eq!(Law::Never.survival(1e300), 1.0);
    assert_eq!(Law::Deterministic { value: 1.0 }.survival(1.0), 0.0);
    assert!((Law::Erlang { k: 1000, mean: 1.0 }.survival(1.0) - 0.4958).abs() < 1e-4);
    assert_eq!(Law::Lognormal { mean: 2.0, median: 1.0 }.survival(0.0), 1.0);
}

/// σ and mean of Brown et al.'s lognormal service times, as the literature prints them.
#[test]
fn lognormal_parameters_of_the_bank() {
    for (mean, median, sigma) in [(188.0, 114.0, 1.0), (181.0, 117.0, 0.934), (381.0, 196.0, 1.153)] {
        assert!((lognormal_sigma(mean, median) - sigma).abs() < 6e-4);
    }
}

/// Recorded once, each law's first draws; they must be the same on every machine and in every profile.
#[test]
fn the_first_draws_stay() {
    let first: Vec<[Micros; 2]> = LAWS
        .iter()
        .map(|law| [0, 1].map(|customer| law.draw(&mut Stream::new(1, 0, Purpose::Work, customer))))
        .collect();
    assert_eq!(first, GOLDEN);
}

const GOLDEN: [[Micros; 2]; 8] = [
    [459_126_732, 489_530_890],
    [60_000_000, 60_000_000],
    [27_588_044, 25_249_095],
    [38_192_624, 34_484_917],
    [13_121_068, 12_636_002],
    [117_723_891, 154_840_089],
    [18_280_814, 21_383_428],
    [NEVER, NEVER],
];
