//! How many chats a second the desk assigns when many agents, many categories and a crowd are there: goal
//! P7. `CHATTER_BENCH_FLOOR=agents,categories,waiting` chooses the size.

use chatter_benches::{Floor, FloorSize};

#[expect(clippy::print_stdout, reason = "the figure is what the bench is for")]
fn main() {
    let size = size();
    let mut floor = Floor::new(size);
    let FloorSize { agents, categories, waiting } = size;
    println!("{agents} agents, {categories} categories, {waiting} waiting");
    // A tenth of the crowd a round, so that it stays about as large as it was.
    for round in 1..=3 {
        let (took, assigned) = floor.serve(waiting / 10);
        assert!(assigned > 0, "the agents are given chats");
        println!(
            "round {round}: {assigned} chats ended and assigned, {:.0} a second",
            assigned as f64 / took.as_secs_f64()
        );
    }
}

fn size() -> FloorSize {
    let number = |number: &str| number.trim().parse::<usize>().expect("CHATTER_BENCH_FLOOR is three numbers");
    let of = |agents: usize, categories: usize, waiting| FloorSize {
        agents: agents.try_into().expect("at least one agent"),
        categories: u32::try_from(categories).expect("fewer categories"),
        waiting,
    };
    if let Ok(list) = std::env::var("CHATTER_BENCH_FLOOR") {
        let [agents, categories, waiting] = list.split(',').map(number).collect::<Vec<_>>()[..] else {
            panic!("CHATTER_BENCH_FLOOR is three numbers");
        };
        return of(agents, categories, waiting);
    }
    // Cargo gives `--bench` when it is to measure; as a test, one pass must do.
    if std::env::args().any(|argument| argument == "--bench") { of(10_000, 100, 1_000_000) } else { of(100, 10, 2_000) }
}
