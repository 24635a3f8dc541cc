//! What a run of a million records costs: to play, to keep, to go anywhere in, and to change.
//!
//! Times are thread CPU times: other programs may run meanwhile.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::disallowed_methods, reason = "its arguments name the rows to measure")]

#[path = "support/crowd.rs"]
mod crowd;

use crowd::Crowd;
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::sync::Arc;
use wirestep::run::{Direction, Position, Run, StepSize};
use wirestep::sim::{Edit, Flight, Host, Move, Reading, Record, Scenario, Unit, What, Wish, World};
use wirestep::wire::Side;

/// How often something is played; the fastest time counts.
const N_ROUNDS: usize = 3;
/// How many places are gone to.
const N_PLACES: usize = 2000;

fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    for crowd in crowd::crowds() {
        if wanted.is_empty() || wanted.iter().any(|name| crowd.name.contains(name)) {
            println!("\n{}", crowd.name);
            measure(&crowd);
        }
    }
}

fn measure(crowd: &Crowd) {
    let scenario = Arc::new(crowd.scenario.clone());
    let mode = crowd.mode;
    let mut best = [u64::MAX; 3];
    let before = resident();
    let mut run = Run::new(Arc::clone(&scenario), mode);
    let grown = resident().saturating_sub(before);
    for _ in 0..N_ROUNDS {
        let played = timed(|| play(&scenario, crowd)).1;
        let bare = timed(|| Run::within(0, Arc::clone(&scenario), mode)).1;
        let (next, kept) = timed(|| Run::new(Arc::clone(&scenario), mode));
        run = next;
        for (best, took) in best.iter_mut().zip([played, bare, kept]) {
            *best = took.min(*best);
        }
    }
    let n = run.records().len();
    row("records, moves", format!("{n}, {}", run.n_moves()));
    let rate = |ns: u64| format!("{:.2} M records/s", n as f64 * 1e3 / ns as f64);
    row("played, nothing kept", rate(best[0]));
    row("run without kept worlds", rate(best[1]));
    let dearer = best[2] as f64 / best[1] as f64 * 100.0 - 100.0;
    row("run", format!("{} ({dearer:+.1} % for keeping worlds)", rate(best[2])));
    let (n_worlds, n_bytes) = run.kept_worlds();
    row("kept worlds", format!("{n_worlds}, {:.1} MiB", n_bytes as f64 / 1_048_576.0));
    let referred = referred(run.records());
    row(
        "bytes per record",
        format!(
            "{} and {:.1} that it refers to, beside payload",
            size_of::<Record>(),
            referred as f64 / n as f64
        ),
    );
    // Later runs use memory again that was in use before.
    if grown > 2 * size_of_val(run.records()) {
        let each = grown as f64 / n as f64;
        row("memory per record", format!("{each:.0} bytes, with payload, indices, kept worlds"));
    }
    row("clone of a world", clone_time(&run));
    row("seek", spread(places(&run).map(|n| timed(|| black_box(run.world_at(n))).1)));
    row("step back", spread(places(&run).map(|n| step_back(&run, n))));
    row("fork", forks(&run));
}

fn row(what: &str, figure: impl std::fmt::Display) {
    println!("  {what:<25}{figure}");
}

/// Plays to the end, and forgets each move's records.
fn play(scenario: &Arc<Scenario>, crowd: &Crowd) {
    let mut world = World::new(Arc::clone(scenario), crowd.mode);
    let mut records = Vec::new();
    while world.play_into(&Move::Next, &mut records).is_ok() {
        black_box(&records);
        records.clear();
    }
}

/// Moves all over a run, in no order.
fn places(run: &Run) -> impl Iterator<Item = usize> {
    let (n_moves, mut seed) = (run.n_moves() as u64, 1_u64);
    (0..N_PLACES).map(move |_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((seed >> 33) % n_moves).expect("a move has an index")
    })
}

fn step_back(run: &Run, n_moves: usize) -> u64 {
    let at = run.made_at(n_moves).expect("it was made");
    let back = || {
        let there = run.step(run.position_at(at), StepSize::Unit, Direction::Back);
        run.world_at(there.unwrap_or_else(|| run.start()).n_moves)
    };
    timed(|| black_box(back())).1
}

fn forks(run: &Run) -> String {
    let edit = || Edit::Do(Host::Client(1), Wish::Ping("here".to_owned()));
    let took = (0..=8).map(|eighths| {
        let n_moves = run.n_moves() * eighths / 8;
        let at = run.made_at(n_moves.max(1) - 1).expect("it was made");
        let from = Position { at, n_moves, n_fed: 0 };
        timed(|| run.fork(from, edit()).expect("anybody can say something")).1
    });
    spread(took)
}

/// The time that copying takes where most is in flight, and how much that is.
fn clone_time(run: &Run) -> String {
    let n_flying = |world: &World| -> usize {
        let flows = |side| world.links().map(move |(_, link)| link.flow(side).in_flight().count());
        flows(Side::Client).sum::<usize>() + flows(Side::Server).sum::<usize>()
    };
    let worlds = places(run).take(50).map(|n| run.world_at(n));
    // One with about two hundred, if there is one.
    let world = worlds.min_by_key(|world| n_flying(world).abs_diff(200)).expect("there is a place");
    let round = || timed(|| (0..100).for_each(|_| drop(black_box(world.clone())))).1;
    let ns = (0..30).map(|_| round()).min().unwrap_or_default();
    format!("{:.2} µs with {} segments in flight", ns as f64 / 1e5, n_flying(&world))
}

/// The bytes that records refer to, beside the bytes of segments, units and messages.
fn referred(records: &[Record]) -> usize {
    const COUNTS: usize = 16;
    let of = |record: &Record| match &record.what {
        What::Wrote(_) => size_of::<Unit>() + COUNTS,
        // The segment that arrives is the one that was sent.
        What::Sent(_) | What::Resent(_) => size_of::<Flight>() + COUNTS,
        What::Read(_) => size_of::<Reading>() + COUNTS,
        What::Delivered(_) => size_of::<wirestep::conn::Message>() + COUNTS,
        What::PingCame(_) | What::PongCame(_) => size_of::<bytes::Bytes>() + COUNTS,
        What::Wants(_) => size_of::<Wish>() + COUNTS,
        _ => 0,
    };
    records.iter().map(of).sum()
}

fn spread(took: impl Iterator<Item = u64>) -> String {
    let mut took: Vec<u64> = took.collect();
    took.sort_unstable();
    let at = |part: f64| took[((took.len() - 1) as f64 * part) as usize] as f64 / 1e6;
    format!("{:.2} ms p50, {:.2} ms p99, {:.2} ms at worst", at(0.5), at(0.99), at(1.0))
}

/// What `work` gives, and the thread CPU time that it took, in nanoseconds.
fn timed<T>(work: impl FnOnce() -> T) -> (T, u64) {
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
