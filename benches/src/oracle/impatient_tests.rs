use super::super::testing::{LAWS, agree, prints};
use super::super::{ErlangA, ErlangC, Survival};
use super::*;
use crate::lab::random::Law;

/// n, λ, θ, T, P(W>0), P(Ab), E[W], E[W|served], E[W|abandoned], SL of offered, SL of answered, occupancy; μ = 1.
const EXPONENTIAL: [(u32, [f64; 11]); 11] = [
    (1, [0.9, 1., 0.5, 0.593430, 0.340633, 0.340633, 0.233572, 0.547872, 0.543343, 0.824037, 0.593430]),
    (2, [2.4, 0.5, 0.2, 0.766587, 0.292527, 0.585053, 0.555562, 0.656378, 0.311109, 0.439747, 0.848968]),
    (5, [5., 0.5, 0.2, 0.633151, 0.146132, 0.292263, 0.275123, 0.392414, 0.503738, 0.589948, 0.853868]),
    (10, [9., 1., 0.1, 0.412592, 0.085912, 0.085912, 0.076919, 0.181599, 0.693407, 0.758578, 0.822679]),
    (10, [10., 1., 0.1, 0.542070, 0.125110, 0.125110, 0.114943, 0.196207, 0.575127, 0.657371, 0.874890]),
    (10, [10., 0.5, 0.1, 0.619655, 0.103913, 0.207826, 0.199581, 0.278928, 0.480885, 0.536650, 0.896087]),
    (20, [20., 0.5, 0.1, 0.609930, 0.073687, 0.147375, 0.143370, 0.197715, 0.531519, 0.573801, 0.926313]),
    (50, [50., 0.5, 0.1, 0.601168, 0.046685, 0.093369, 0.091809, 0.125221, 0.617594, 0.647838, 0.953315]),
    (50, [47.5, 2., 0.1, 0.319226, 0.043970, 0.021985, 0.020318, 0.058235, 0.885665, 0.926400, 0.908228]),
    (100, [100., 0.5, 0.1, 0.596703, 0.033030, 0.066060, 0.065291, 0.088584, 0.701110, 0.725058, 0.966970]),
    (100, [120., 1., 0.1, 0.972136, 0.167693, 0.167693, 0.178822, 0.112455, 0.183053, 0.219934, 0.998768]),
];

#[test]
fn exponential_patience() {
    for (servers, [arrival, rate, within, delayed, abandoned, wait, served, left, offered, answered, busy]) in
        EXPONENTIAL
    {
        let patience = Law::Exponential { mean: 1.0 / rate };
        let queue = Impatient::new(servers, arrival, 1.0, &patience).unwrap();
        let name = format!("n={servers} λ={arrival} θ={rate}");
        prints(&format!("{name} PW"), queue.wait_probability(), delayed);
        prints(&format!("{name} PAb"), queue.abandoned(), abandoned);
        prints(&format!("{name} W"), queue.mean_wait(), wait);
        prints(&format!("{name} W served"), queue.mean_wait_served(), served);
        prints(&format!("{name} W left"), queue.mean_wait_abandoned(), left);
        prints(&format!("{name} SL"), queue.service_level_offered(within), offered);
        prints(&format!("{name} SL answered"), queue.service_level_answered(within), answered);
        prints(&format!("{name} busy"), queue.occupancy(), busy);
        agree("P(Ab) = θ E[W]", queue.abandoned(), rate * queue.mean_wait(), 1e-11);
    }
}

/// The integrals and the birth-and-death chain share no step, and agree to ten digits in every case of the table and
/// far from it.
#[test]
fn both_methods_agree() {
    let table = EXPONENTIAL.iter().map(|(servers, row)| (*servers, row[0], row[1]));
    let far = [
        (1, 0.01, 3.0),
        (1, 5.0, 0.01),
        (300, 280.0, 0.2),
        (300, 330.0, 0.05),
        (7, 7.0, 1e-3),
        (40, 20.0, 5.0),
        (10, 5_000.0, 0.1),
    ];
    for (servers, arrival, rate) in table.chain(far) {
        let patience = Law::Exponential { mean: 1.0 / rate };
        let integrals = Impatient::new(servers, arrival, 1.0, &patience).unwrap();
        let chain = ErlangA::new(servers, arrival, 1.0, rate).unwrap();
        let name = format!("n={servers} λ={arrival} θ={rate}");
        agree(&name, integrals.wait_probability(), chain.wait_probability, 1e-10);
        agree(&name, integrals.abandoned(), chain.abandoned, 1e-10);
        agree(&name, integrals.mean_wait(), chain.mean_wait, 1e-10);
        agree(&name, integrals.occupancy(), chain.occupancy, 1e-10);
    }
}

#[test]
fn deterministic_patience() {
    // n, λ, τ, T, PW, PAb, W, SL, occupancy; μ = 1. No level is printed for the last.
    let rows = [
        (5, 5.0, 1.0, 0.2, [0.705020, 0.117503, 0.411262, 0.412484, 0.882497]),
        (10, 10.0, 0.5, 0.1, [0.621104, 0.103517, 0.181155, 0.482413, 0.896483]),
        (10, 12.0, 1.0, 0.1, [0.944483, 0.177424, 0.681012, 0.082098, 0.987092]),
    ];
    for (servers, arrival, value, within, [delayed, abandoned, wait, level, busy]) in rows {
        let patience = Law::Deterministic { value };
        let queue = Impatient::new(servers, arrival, 1.0, &patience).unwrap();
        let name = format!("n={servers} λ={arrival} τ={value}");
        prints(&name, queue.wait_probability(), delayed);
        prints(&name, queue.abandoned(), abandoned);
        prints(&name, queue.mean_wait(), wait);
        prints(&name, queue.service_level_offered(within), level);
        prints(&name, queue.occupancy(), busy);
        // As many wait to the end of their patience as leave, so a share beyond that waits precisely so long.
        agree("longest", queue.wait_quantile(1.0 - 0.5 * abandoned).unwrap(), value, 1e-12);
        // Everybody who leaves has waited precisely so long.
        agree("left", queue.mean_wait_abandoned(), value, 1e-11);
    }
}

#[test]
fn uniform_patience() {
    let patience = Law::Uniform { low: 0.0, high: 2.0 };
    let rows = [(10.0, [0.604951, 0.107931, 0.185614, 0.499423]), (12.0, [0.830442, 0.199520, 0.331186, 0.247832])];
    for (arrival, [delayed, abandoned, wait, level]) in rows {
        let queue = Impatient::new(10, arrival, 1.0, &patience).unwrap();
        prints("PW", queue.wait_probability(), delayed);
        prints("PAb", queue.abandoned(), abandoned);
        prints("W", queue.mean_wait(), wait);
        prints("SL", queue.service_level_offered(0.1), level);
    }
}

/// For every law: the other formula for abandonment, (1+(λ-nμ)J)/D, the flow through the servers, and limits.
#[test]
fn identities_for_every_law() {
    for law in LAWS {
        let (n, arrival) = (8.0, 9.0);
        let queue = Impatient::new(8, arrival, 1.0, &law).unwrap();
        let idle = (1.0 - queue.wait_probability()) * super::super::erlang_b(7, arrival).unwrap();
        // D = E/P(V=0) with E = 1/B, so 1/D = B·P(V=0).
        let other = idle + (arrival - n) / arrival * queue.wait_probability();
        agree(&format!("{law:?}"), queue.abandoned(), other, 1e-11);
        agree("all are served in the end", queue.service_level_offered(1e6), 1.0 - queue.abandoned(), 1e-12);
        agree("at once", queue.service_level_offered(0.0), 1.0 - queue.wait_probability(), 1e-12);
        agree("P(W>0)", queue.wait_survival(0.0), queue.wait_probability(), 1e-12);
        // The mean wait is the integral of its survival function; the step is the middle of each interval.
        let sum: f64 = (0..8_000).map(|i| queue.wait_survival((f64::from(i) + 0.5) * 0.002) * 0.002).sum();
        agree(&format!("{law:?} W"), sum, queue.mean_wait(), 2e-3);
    }
}

/// Any function will do: an exponential law written as one, and one with a share who never leave.
#[test]
fn any_survival_function() {
    let closed = Law::Exponential { mean: 2.0 };
    let open = Survival::new(|x: f64| (-x / 2.0).exp(), Vec::new());
    let (closed, open) = (Impatient::new(4, 4.5, 1.0, &closed).unwrap(), Impatient::new(4, 4.5, 1.0, &open).unwrap());
    agree("W", closed.mean_wait(), open.mean_wait(), 1e-10);
    agree("SL", closed.service_level_offered(0.3), open.service_level_offered(0.3), 1e-10);
    let stubborn = Survival::new(|x: f64| if x < 1.0 { 1.0 } else { 0.5 }, vec![1.0]);
    let queue = Impatient::new(4, 6.0, 1.0, &stubborn).unwrap();
    assert!(queue.abandoned() > 1.0 / 3.0 - 1e-3 && queue.abandoned() < 0.5);
    // Half of nine stay for ever, which is more than four can serve.
    assert!(matches!(Impatient::new(4, 9.0, 1.0, &stubborn), Err(OracleError::Unstable { .. })));
}

#[test]
fn endless_patience_is_erlang_c_or_refused() {
    let queue = Impatient::new(10, 9.0, 1.0, &Law::Never).unwrap();
    let patient = ErlangC::new(10, 9.0, 1.0).unwrap();
    agree("C", queue.wait_probability(), patient.wait_probability(), 1e-12);
    agree("W", queue.mean_wait(), patient.mean_wait(), 1e-12);
    for p in [0.5, 0.9, 0.99] {
        agree("quantile", queue.wait_quantile(p).unwrap(), patient.wait_quantile(p).unwrap(), 1e-10);
    }
    assert_eq!(queue.wait_quantile(0.3), Ok(0.0));
    assert!(queue.wait_quantile(1.0).is_err());
    assert_eq!(queue.abandoned(), 0.0);
    assert!(matches!(Impatient::new(10, 10.0, 1.0, &Law::Never), Err(OracleError::Unstable { .. })));
    let calm = Impatient::new(500, 0.01, 1.0, &Law::Exponential { mean: 1.0 }).unwrap();
    assert_eq!((calm.wait_probability(), calm.abandoned()), (0.0, 0.0));
}
