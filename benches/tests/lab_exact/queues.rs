//! Queues of customers who take one agent each.

use crate::cases::{Case, agents, category, cells};
use crate::metric::Metric;

const M: &str = "work = { exponential = \"1m\" }";

/// M/M/n: the wait's tail is C·e^−(nμ−λ)t, so that each quantile of the table is told by the share that waits less.
pub(crate) fn erlang_c() -> Vec<Case> {
    // n, λ, T; P(W>0), E[W], Lq, SL(T); q50, q90, q95, q99; customers of a seed.
    #[rustfmt::skip]
    let rows = [
        ("C1", 1, 0.5, 1.0, [0.5, 1.0, 0.5, 0.696_735], [0.0, 3.218_876, 4.605_170, 7.824_046], 4_000, 100_000),
        ("C2", 1, 0.9, 1.0, [0.9, 9.0, 8.1, 0.185_646], [5.877_867, 21.972_246, 28.903_718, 44.998_097], 0, 150_000),
        ("C4", 5, 4.0, 0.2, [0.554_113, 0.554_113, 2.216_450, 0.546_331], [0.102_760, 1.712_198, 2.405_345, 4.014_783], 0, 200_000),
        ("C5", 10, 7.0, 0.1, [0.221_731, 0.073_910, 0.517_373, 0.835_737], [0.0, 0.265_432, 0.496_481, 1.032_960], 4_000, 600_000),
        ("C6", 10, 9.0, 0.1, [0.668_732, 0.668_732, 6.018_584, 0.394_907], [0.290_775, 1.900_212, 2.593_360, 4.202_798], 5_000, 400_000),
        ("C8", 20, 18.0, 0.1, [0.550_769, 0.275_385, 4.956_921, 0.549_068], [0.048_354, 0.853_073, 1.199_646, 2.004_365], 0, 600_000),
        ("C10", 50, 47.5, 0.1, [0.629_095, 0.251_638, 11.952_800, 0.510_061], [0.091_870, 0.735_645, 1.012_904, 1.656_679], 0, 2_200_000),
        ("C11", 100, 95.0, 0.1, [0.506_457, 0.101_291, 9.622_680, 0.692_818], [0.002_566, 0.324_454, 0.463_083, 0.784_971], 0, 3_000_000),
        ("C12", 200, 196.0, 0.1, [0.691_852, 0.172_963, 33.900_772, 0.536_237], [0.081_191, 0.483_551, 0.656_837, 1.059_197], 0, 9_000_000),
    ];
    rows.into_iter()
        .map(|(name, servers, rate, target, [waited, wait, queue, in_time], quantiles, quick, full)| {
            let mut known =
                vec![(Metric::Waited, waited), (Metric::Wait, wait), (Metric::Queue, queue), (Metric::InTime, in_time)];
            let ranks = [0.5, 0.9, 0.95, 0.99];
            known.extend(
                quantiles.into_iter().zip(ranks).filter(|(q, _)| *q > 0.0).map(|(q, p)| (Metric::Within(q), p)),
            );
            Case {
                name: name.to_owned(),
                file: category("all", rate, &format!("{M}\ntarget = \"{}s\"", target * 60.0))
                    + &agents("all", servers, ""),
                policy: "longest-wait",
                quick,
                full,
                cells: cells(&known),
            }
        })
        .collect()
}

/// M/M/n+M.
pub(crate) fn erlang_a() -> Vec<Case> {
    // n, λ, θ, T; P(W>0), P(Ab), E[W], E[W|served], E[W|left], SL offered, SL answered, occupancy.
    #[rustfmt::skip]
    let rows = [
        ("A1", 1, 0.9, 1.0, 0.5, [0.593_430, 0.340_633, 0.340_633, 0.233_572, 0.547_872, 0.543_343, 0.824_037, 0.593_430], 3_000, 100_000),
        ("A2", 2, 2.4, 0.5, 0.2, [0.766_587, 0.292_527, 0.585_053, 0.555_562, 0.656_378, 0.311_109, 0.439_747, 0.848_968], 0, 100_000),
        ("A3", 5, 5.0, 0.5, 0.2, [0.633_151, 0.146_132, 0.292_263, 0.275_123, 0.392_414, 0.503_738, 0.589_948, 0.853_868], 0, 150_000),
        ("A5", 10, 9.0, 1.0, 0.1, [0.412_592, 0.085_912, 0.085_912, 0.076_919, 0.181_599, 0.693_407, 0.758_578, 0.822_679], 0, 250_000),
        ("A6", 10, 10.0, 1.0, 0.1, [0.542_070, 0.125_110, 0.125_110, 0.114_943, 0.196_207, 0.575_127, 0.657_371, 0.874_890], 0, 250_000),
        ("A7", 10, 10.0, 0.5, 0.1, [0.619_655, 0.103_913, 0.207_826, 0.199_581, 0.278_928, 0.480_885, 0.536_650, 0.896_087], 4_000, 250_000),
        ("A9", 20, 20.0, 0.5, 0.1, [0.609_930, 0.073_687, 0.147_375, 0.143_370, 0.197_715, 0.531_519, 0.573_801, 0.926_313], 0, 300_000),
        ("A10", 50, 50.0, 0.5, 0.1, [0.601_168, 0.046_685, 0.093_369, 0.091_809, 0.125_221, 0.617_594, 0.647_838, 0.953_315], 0, 600_000),
        ("A12", 50, 47.5, 2.0, 0.1, [0.319_226, 0.043_970, 0.021_985, 0.020_318, 0.058_235, 0.885_665, 0.926_400, 0.908_228], 0, 600_000),
        ("A13", 100, 100.0, 0.5, 0.1, [0.596_703, 0.033_030, 0.066_060, 0.065_291, 0.088_584, 0.701_110, 0.725_058, 0.966_970], 0, 2_500_000),
        ("A14", 100, 120.0, 1.0, 0.1, [0.972_136, 0.167_693, 0.167_693, 0.178_822, 0.112_455, 0.183_053, 0.219_934, 0.998_768], 0, 400_000),
    ];
    rows.into_iter()
        .map(|(name, servers, rate, theta, target, known, quick, full)| {
            let lines =
                format!("{M}\npatience = {{ exponential = {} }}\ntarget = \"{}s\"", 60.0 / theta, target * 60.0);
            let metrics = [
                Metric::Waited,
                Metric::Left,
                Metric::Wait,
                Metric::WaitServed,
                Metric::WaitLeft,
                Metric::InTime,
                Metric::InTimeOfServed,
                Metric::Occupancy,
            ];
            Case {
                name: name.to_owned(),
                file: category("all", rate, &lines) + &agents("all", servers, ""),
                policy: "longest-wait",
                quick,
                full,
                cells: cells(
                    &metrics.into_iter().zip(known).chain([(Metric::LeftBeyond(theta), 0.0)]).collect::<Vec<_>>(),
                ),
            }
        })
        .collect()
}

/// M/M/n+G: patience that is not memoryless.
pub(crate) fn patience() -> Vec<Case> {
    // n, λ, T, the law; P(W>0), P(Ab), E[W], SL offered.
    #[rustfmt::skip]
    let rows = [
        ("D5", 5, 5.0, 0.2, "deterministic = \"1m\"", [0.705_020, 0.117_503, 0.411_262, 0.412_484], 0),
        ("D10", 10, 10.0, 0.1, "deterministic = \"30s\"", [0.621_104, 0.103_517, 0.181_155, 0.482_413], 3_000),
        ("D10-over", 10, 12.0, 0.1, "deterministic = \"1m\"", [0.944_483, 0.177_424, 0.681_012, 0.082_098], 0),
        ("U10", 10, 10.0, 0.1, "uniform = { low = 0, high = \"2m\" }", [0.604_951, 0.107_931, 0.185_614, 0.499_423], 3_000),
        ("U10-over", 10, 12.0, 0.1, "uniform = { low = 0, high = \"2m\" }", [0.830_442, 0.199_520, 0.331_186, 0.247_832], 0),
    ];
    rows.into_iter()
        .map(|(name, servers, rate, target, law, [waited, left, wait, in_time], quick)| Case {
            name: name.to_owned(),
            file: category("all", rate, &format!("{M}\npatience = {{ {law} }}\ntarget = \"{}s\"", target * 60.0))
                + &agents("all", servers, ""),
            policy: "longest-wait",
            quick,
            full: 250_000,
            cells: cells(&[
                (Metric::Waited, waited),
                (Metric::Left, left),
                (Metric::Wait, wait),
                (Metric::InTime, in_time),
            ]),
        })
        .collect()
}

/// M/G/1: the mean wait by Pollaczek and Khinchine, and Erlang's distribution of the wait of M/D/1.
pub(crate) fn single() -> Vec<Case> {
    let laws = [
        ("M", "exponential = \"1m\"", [1.0, 4.0, 9.0]),
        ("D", "deterministic = \"1m\"", [0.5, 2.0, 4.5]),
        ("E2", "erlang = { k = 2, mean = \"1m\" }", [0.75, 3.0, 6.75]),
        // The coefficient of variation is 240/188: the median lies at mean / √(1 + c²).
        ("LN", "lognormal = { mean = 60, median = 36.999719 }", [1.314_848, 5.259_393, 11.833_635]),
        ("H2", "hyperexponential = { mean = \"1m\", cv2 = 4.0 }", [2.5, 10.0, 22.5]),
    ];
    let mut cases = Vec::new();
    for (law, text, waits) in laws {
        for ((load, wait), full) in [0.5, 0.8, 0.9].into_iter().zip(waits).zip([100_000, 75_000, 200_000]) {
            let mut known = vec![(Metric::Wait, wait)];
            if (law, load) == ("D", 0.8) {
                let tail = [(0.0, 0.2), (0.5, 0.298_365), (1.0, 0.445_108), (2.0, 0.634_520), (5.0, 0.899_503)];
                known.extend(tail.map(|(wait, share)| (Metric::Within(wait), share)));
            }
            let spread = match law {
                "LN" | "H2" => 4,
                _ => 1,
            };
            cases.push(Case {
                name: format!("PK-{law}-{load}"),
                file: category("all", load, &format!("work = {{ {text} }}")) + &agents("all", 1, ""),
                policy: "longest-wait",
                quick: if law != "M" && load == 0.5 { 3_000 } else { 0 },
                full: full * spread,
                cells: cells(&known),
            });
        }
    }
    cases
}
