//! What it costs to count a conversation of up to a million clients: by a crowd, and one by one.
//!
//! Times are thread CPU times, the fastest of several rounds: other programs may run meanwhile.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::sync::Arc;
use wirestep::run::{Crowd, Played};
use wirestep::sim::{
    Headers, Host, Mode, Move, Network, Poll, Scenario, SimTime, Want, What, Wish, World,
};

/// How often something is done; the fastest time counts.
const N_ROUNDS: usize = 5;

fn main() {
    crowds();
    one_by_one();
    idle();
}

/// Once a second everybody asks and the server says something, for a minute.
fn minute(clients: usize) -> Arc<Scenario> {
    let says = |n: u64| Want {
        at_ms: 500 + n * 1000,
        who: Host::Server,
        what: Wish::Say(format!("This is message number {n}.")),
    };
    Arc::new(Scenario {
        name: "A minute".to_owned(),
        seed: 1,
        clients,
        network: Network::default(),
        middleboxes: Vec::new(),
        incidents: Vec::new(),
        headers: Headers::Lean,
        deflate: false,
        poll: Poll { every_ms: 1000, ..Poll::default() },
        workload: (0..60).map(says).collect(),
        ends_ms: 60_000,
    })
}

fn crowds() {
    println!("\nCrowds: 60 s, a poll and a broadcast each second");
    for mode in Mode::ALL {
        let counted =
            |clients| fastest(|| Crowd::new(minute(clients)).expect("no luck is in it").play(mode));
        let (_, thousand) = counted(1000);
        let (played, million) = counted(1_000_000);
        let tally = &played.tally;
        println!(
            "  {:<13}{:>11} requests, {:>9} delivered, {:>10} records: {:.2} ms, {:.3} bytes a client",
            mode.label(),
            tally.requests,
            tally.delivered,
            tally.records,
            million as f64 / 1e6,
            played.n_bytes as f64 / 1e6,
        );
        linear("    1,000,000 to 1,000", (million, thousand), 1000.0);
    }
}

fn one_by_one() {
    println!("\nOne by one: 60 s, a poll and a broadcast each second");
    for mode in Mode::ALL {
        let (_, hundred) = fastest(|| Played::of(minute(100), mode));
        let (played, thousand) = fastest(|| Played::of(minute(1000), mode));
        let bare = fastest(|| replay(World::new(minute(1000), mode))).1;
        let n_units = units(World::new(minute(1000), mode));
        let rate = |n: u64, ns: u64| n as f64 * 1e3 / ns as f64;
        println!(
            "  {:<13}{:.2} M units/s, {:.2} M records/s counted; {:.2} M units/s without records; \
             {:.0} bytes a client at most",
            mode.label(),
            rate(n_units, thousand),
            rate(played.n_records, thousand),
            rate(n_units, bare),
            played.n_bytes as f64 / 1e3,
        );
        linear("    1,000 to 100", (thousand, hundred), 10.0);
    }
}

/// How much more than linear it costs: 1 where twice as many clients cost twice as much.
fn linear(what: &str, (many, few): (u64, u64), times: f64) {
    println!("  {what}: {:.4} of linear", many as f64 / few as f64 / times);
}

/// Makes every move without telling of it.
fn replay(mut world: World) -> SimTime {
    while world.replay(&Move::Next).is_ok() {}
    black_box(world.now())
}

fn units(mut world: World) -> u64 {
    let (mut records, mut n) = (Vec::new(), 0);
    while world.play_into(&Move::Next, &mut records).is_ok() {
        n += records.iter().filter(|record| matches!(record.what, What::Wrote(_))).count() as u64;
        records.clear();
    }
    n
}

/// Ten thousand open WebSockets on which nothing happens.
fn idle() {
    let quiet = Scenario { workload: Vec::new(), ..Scenario::clone(&minute(10_000)) };
    let before = resident();
    let mut world = World::new(Arc::new(quiet), Mode::WebSocket);
    while world.next_at().is_some_and(|at| at < SimTime::from_ms(30_000)) {
        world.replay(&Move::Next).expect("a move is due");
    }
    let each = |bytes: usize| bytes as f64 / 1e4;
    println!(
        "\nAn idle WebSocket, both ends: {:.0} bytes by its own account, {:.0} of the program's memory",
        each(world.bytes_beside(None)),
        each(resident().saturating_sub(before)),
    );
}

/// What `work` gives, and the least thread CPU time that it took, in nanoseconds.
fn fastest<T>(work: impl Fn() -> T) -> (T, u64) {
    let mut best = timed(&work);
    for _ in 1..N_ROUNDS {
        let next = timed(&work);
        if next.1 < best.1 {
            best = next;
        }
    }
    best
}

fn timed<T>(work: impl Fn() -> T) -> (T, u64) {
    let start = cpu_ns();
    let done = work();
    (done, cpu_ns() - start)
}

fn cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).expect("CPU time is not negative")
}

/// How many bytes of memory the program has in use; 0 where the system does not say.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|n| n.parse::<usize>().ok()).unwrap_or(0) * 4096
}
