//! Races: contenders take turns in one process, and thread CPU time is what counts.
//!
//! **Invariant:** what a contender does to prepare is never timed; only its own [`Lap::time`] is.

use rustix::time::{ClockId, clock_gettime};

/// How often every contender has its turn.
const N_ROUNDS: usize = 15;
/// How much timed CPU time a turn has at least, in nanoseconds.
const TURN_NS: u64 = 3_000_000;
/// The most laps of a turn, so that preparing does not take minutes.
const MAX_LAPS: u64 = 20_000;

/// One contender: a name, and one lap of its work.
pub struct Contender<'a> {
    /// The name in the table.
    pub name: &'static str,
    lap: Box<dyn FnMut(&mut Lap) + 'a>,
}

impl<'a> Contender<'a> {
    /// A contender whose lap prepares, and does its work in [`Lap::time`].
    pub fn new(name: &'static str, lap: impl FnMut(&mut Lap) + 'a) -> Self {
        Self { name, lap: Box::new(lap) }
    }
}

/// The stopwatch of one turn, and the place where a lap shows what it did.
#[derive(Default)]
pub struct Lap {
    ns: u64,
    n_laps: u64,
    shown: Option<Vec<u8>>,
}

impl Lap {
    /// Times `work`.
    pub fn time<T>(&mut self, work: impl FnOnce(&mut Sink<'_>) -> T) -> T {
        let mut sink = Sink { shown: self.shown.as_mut() };
        let start = cpu_ns();
        let done = work(&mut sink);
        self.ns += cpu_ns() - start;
        self.n_laps += 1;
        done
    }

    /// Whether this lap shows what it does.
    pub fn shows(&self) -> bool {
        self.shown.is_some()
    }

    /// Shows, untimed, what the work came to.
    pub fn show(&mut self, bytes: &[u8]) {
        if let Some(shown) = &mut self.shown {
            shown.extend_from_slice(bytes);
        }
    }
}

/// Takes what a contender makes: looks at it, and keeps it where the race is being checked.
pub struct Sink<'a> {
    shown: Option<&'a mut Vec<u8>>,
}

impl Sink<'_> {
    /// Takes one payload, frame or answer.
    #[inline(always)]
    pub fn take(&mut self, bytes: &[u8]) {
        if let Some(shown) = &mut self.shown {
            shown.extend_from_slice(bytes);
        }
        std::hint::black_box(bytes);
    }
}

/// What one lap takes, per contender: the median of the rounds, in nanoseconds.
pub fn race(contenders: &mut [Contender<'_>]) -> Vec<f64> {
    let clock_ns = cost_of_the_clock();
    let mut laps: Vec<Vec<f64>> = contenders.iter().map(|_| Vec::new()).collect();
    for round in 0..=N_ROUNDS {
        for turn in 0..contenders.len() {
            let idx = (round + turn) % contenders.len();
            let mut lap = Lap::default();
            while lap.ns < TURN_NS && lap.n_laps < MAX_LAPS {
                (contenders[idx].lap)(&mut lap);
            }
            let ns = lap.ns as f64 / lap.n_laps as f64 - clock_ns;
            // The first round warms up.
            if round > 0 {
                laps[idx].push(ns.max(0.01));
            }
        }
    }
    laps.into_iter().map(median).collect()
}

/// Fails unless every contender shows the same bytes.
///
/// # Panics
/// Where one of them shows other bytes than the first: their times could not be compared.
pub fn check(what: &str, contenders: &mut [Contender<'_>]) {
    let shown: Vec<_> = contenders.iter_mut().map(show).collect();
    for (contender, bytes) in contenders.iter().zip(&shown) {
        assert!(!bytes.is_empty(), "{what}: {} shows nothing", contender.name);
        assert!(
            *bytes == shown[0],
            "{what}: {} shows {} bytes that are not the {} bytes of {}",
            contender.name,
            bytes.len(),
            shown[0].len(),
            contenders[0].name
        );
    }
}

/// What a contender shows of one lap; of the second, so that nothing is left over from the first.
fn show(contender: &mut Contender<'_>) -> Vec<u8> {
    (contender.lap)(&mut Lap::default());
    let mut lap = Lap { shown: Some(Vec::new()), ..Lap::default() };
    (contender.lap)(&mut lap);
    lap.shown.unwrap_or_default()
}

fn cost_of_the_clock() -> f64 {
    let rounds = (0..N_ROUNDS).map(|_| {
        let mut lap = Lap::default();
        for _ in 0..1000 {
            lap.time(|_| ());
        }
        lap.ns as f64 / lap.n_laps as f64
    });
    median(rounds.collect())
}

fn cpu_ns() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
