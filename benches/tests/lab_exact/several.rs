//! Several chats at once, and agents who know different things.

use crate::cases::{Case, agents, category, cells};
use crate::metric::Metric;

const M: &str = "work = { exponential = \"1m\" }";

/// R1: agents whose chats do not slow each other are as many agents with one chat, under every policy; how busy they are
/// differs.
pub(crate) fn reduction() -> Vec<Case> {
    let file = category("all", 3.0, "work = { exponential = 100 }\npatience = { exponential = \"2m\" }")
        + &agents("all", 3, "max_chats = 2");
    [("R1-least", "least-loaded", 0.917_577), ("R1-fill", "fill-first", 0.864_412)]
        .into_iter()
        .map(|(name, policy, busy)| Case {
            name: name.to_owned(),
            file: file.clone(),
            policy,
            quick: 3_000,
            full: 200_000,
            cells: cells(&[
                (Metric::Waited, 0.396_752),
                (Metric::Wait, 0.184_991),
                (Metric::Left, 0.092_495),
                (Metric::Busy, busy),
            ]),
        })
        .collect()
}

/// R2: one agent who shares a fixed effort among K chats. P(wait) = ρ^K, the wait ρ^K/(1 − ρ), the whole stay 1/(1 − ρ).
pub(crate) fn shared_effort() -> Vec<Case> {
    let mut cases = Vec::new();
    for (load, full) in [(0.8_f64, 400_000), (0.9, 250_000)] {
        for chats in [1, 2, 3, 5] {
            let wait = load.powi(chats) / (1.0 - load);
            let mut known = vec![(Metric::Waited, load.powi(chats)), (Metric::Wait, wait), (Metric::Busy, load)];
            // With one chat at a time it is the work that was brought.
            if chats > 1 {
                known.push((Metric::Service, 1.0 / (1.0 - load) - wait));
            }
            cases.push(Case {
                name: format!("R2-{load}-{chats}"),
                file: category("all", load, M) + &agents("all", 1, &format!("max_chats = {chats}\neffort = \"fixed\"")),
                policy: "longest-wait",
                quick: if (load, chats) == (0.8, 3) { 4_000 } else { 0 },
                full,
                cells: cells(&known),
            });
        }
    }
    cases
}

/// R3: effort that grows with the number of chats, and less with each.
pub(crate) fn concave() -> Vec<Case> {
    // N, K, λ, θ; policy; P(wait), wait, P(left), mean chats, busy, time in service.
    #[rustfmt::skip]
    let rows = [
        (2, 2, 2.5, 0.50, "least-loaded", [0.379_697, 0.181_192, 0.090_596, 2.675_242, 0.835_455, 1.176_702], 0),
        (2, 2, 2.5, 0.50, "fill-first", [0.387_221, 0.184_783, 0.092_391, 2.714_102, 0.800_700, 1.196_155], 0),
        (3, 2, 4.0, 0.50, "least-loaded", [0.382_619, 0.152_230, 0.076_115, 4.377_095, 0.891_070, 1.184_426], 0),
        (3, 2, 4.0, 0.50, "fill-first", [0.394_171, 0.156_826, 0.078_413, 4.456_588, 0.843_664, 1.208_943], 0),
        (3, 3, 4.5, 0.25, "least-loaded", [0.286_582, 0.140_610, 0.035_152, 6.195_384, 0.936_605, 1.426_911], 0),
        (3, 3, 4.5, 0.25, "fill-first", [0.326_156, 0.160_027, 0.040_007, 6.616_696, 0.872_794, 1.531_653], 0),
        (4, 3, 6.0, 0.25, "least-loaded", [0.237_340, 0.096_790, 0.024_198, 8.271_928, 0.950_163, 1.412_842], 4_000),
        (4, 3, 6.0, 0.25, "fill-first", [0.287_563, 0.117_272, 0.029_318, 8.993_172, 0.874_584, 1.544_133], 4_000),
    ];
    rows.into_iter()
        .map(|(count, chats, rate, theta, policy, known, quick)| {
            let effort = if chats == 2 { "[1, 1.6]" } else { "[1, 1.6, 1.8]" };
            let metrics = [Metric::Waited, Metric::Wait, Metric::Left, Metric::Chats, Metric::Busy, Metric::Service];
            Case {
                name: format!("R3-{count}-{chats}-{policy}"),
                file: category("all", rate, &format!("{M}\npatience = {{ exponential = {} }}", 60.0 / theta))
                    + &agents("all", count, &format!("max_chats = {chats}\neffort = {effort}")),
                policy,
                quick,
                full: 200_000,
                cells: cells(&metrics.into_iter().zip(known).collect::<Vec<_>>()),
            }
        })
        .collect()
}

/// The N-model: those who know only the first category are asked first; whoever knows both chooses by the rule.
pub(crate) fn n_model() -> Vec<Case> {
    // P(wait A), P(wait B), wait A, wait B, busy one, busy both. Of patience 1 the share that leaves is the mean wait.
    #[rustfmt::skip]
    let rows = [
        ("N-longest-wait", "specialised", 1, 1, [0.510_641, 0.741_078, 0.224_469, 0.444_164, 0.634_227, 0.741_078], 3_000),
        ("N-B-first", "heaviest+specialised", 1, 2, [0.513_930, 0.740_372, 0.238_488, 0.419_025, 0.638_223, 0.740_372], 0),
        ("N-A-first", "heaviest+specialised", 2, 1, [0.504_956, 0.742_177, 0.204_330, 0.481_479, 0.627_443, 0.742_177], 0),
    ];
    rows.into_iter()
        .map(|(name, policy, cost_a, cost_b, [waited_a, waited_b, a, b, one, both], quick)| {
            let lines = |cost| format!("{M}\npatience = {{ exponential = \"1m\" }}\nweight = {{ cost = {cost} }}");
            Case {
                name: name.to_owned(),
                file: category("A", 1.2, &lines(cost_a))
                    + &category("B", 0.8, &lines(cost_b))
                    + &agents("one", 1, "skills = [\"A\"]")
                    + &agents("both", 1, "skills = [\"A\", \"B\"]"),
                policy,
                quick,
                full: 200_000,
                cells: cells(&[
                    (Metric::WaitedIn(0), waited_a),
                    (Metric::WaitedIn(1), waited_b),
                    (Metric::WaitIn(0), a),
                    (Metric::WaitIn(1), b),
                    (Metric::LeftIn(0), a),
                    (Metric::LeftIn(1), b),
                    (Metric::BusyAgent(0), one),
                    (Metric::BusyAgent(1), both),
                ]),
            }
        })
        .collect()
}
