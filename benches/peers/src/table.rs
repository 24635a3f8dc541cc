//! The table: what was measured, beside the floor and the aim.

use crate::measure::{self, Contender};

/// How times become the numbers that people compare; more is better.
#[derive(Clone, Copy)]
pub enum Unit {
    /// Millions a second, of this many things in a lap.
    Millions(f64),
    /// Gigabytes a second, of this many bytes in a lap.
    Gigabytes(f64),
}

impl Unit {
    fn of(self, ns: f64) -> f64 {
        match self {
            Self::Millions(n) => n * 1e3 / ns,
            Self::Gigabytes(n) => n / ns,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Millions(_) => "M/s",
            Self::Gigabytes(_) => "GB/s",
        }
    }
}

/// What must be reached, and what should be, as a ratio to the fastest peer; where one is `None`,
/// another row with other peers asks for it.
#[derive(Clone, Copy)]
pub struct Goal {
    /// The least that is accepted.
    pub floor: Option<f64>,
    /// What is hoped for.
    pub aim: Option<f64>,
}

impl Goal {
    /// A floor and an aim against the same peers.
    pub fn new(floor: f64, aim: f64) -> Self {
        Self { floor: Some(floor), aim: Some(aim) }
    }

    fn words(self) -> String {
        match (self.floor, self.aim) {
            (Some(floor), Some(aim)) => format!("{floor} ({aim})"),
            (Some(floor), None) => format!("{floor}"),
            (None, Some(aim)) => format!("({aim})"),
            (None, None) => String::new(),
        }
    }

    fn met(self, ratio: f64) -> &'static str {
        match (self.floor, self.aim) {
            (_, Some(aim)) if ratio >= aim => "aim",
            (Some(floor), _) if ratio >= floor => "floor",
            (None, _) => "",
            _ => "**no**",
        }
    }
}

/// One row: a race of wirestep against peers.
pub struct Row<'a> {
    /// What is measured, and at which size.
    pub what: String,
    /// The unit of the numbers.
    pub unit: Unit,
    /// What the floor and the aim are.
    pub goal: Goal,
    /// The contenders; the first is wirestep, whose ratio is held against the goal.
    pub contenders: Vec<Contender<'a>>,
}

/// How the rows did against their goals.
#[derive(Default)]
pub struct Score {
    n_rows: usize,
    n_missed: usize,
    n_aims: usize,
}

impl Score {
    /// Runs the row, prints it and counts it.
    pub fn run(&mut self, mut row: Row<'_>) {
        measure::check(&row.what, &mut row.contenders);
        let speeds: Vec<_> =
            measure::race(&mut row.contenders).into_iter().map(|ns| row.unit.of(ns)).collect();
        let named: Vec<_> = row.contenders.iter().map(|c| c.name).zip(&speeds).collect();
        let (fastest, best) = named[1..]
            .iter()
            .max_by(|a, b| a.1.total_cmp(b.1))
            .map(|(name, speed)| (*name, **speed))
            .expect("a race has a peer");
        let ratio = speeds[0] / best;
        let met = row.goal.met(ratio);
        self.n_rows += 1;
        self.n_missed += usize::from(row.goal.floor.is_some_and(|floor| ratio < floor));
        self.n_aims += usize::from(met == "aim");
        let peers: Vec<_> =
            named[1..].iter().map(|(name, speed)| format!("{name} {}", short(**speed))).collect();
        println!(
            "| {} | {} {} | {} | {ratio:.2} of {fastest} | {} | {met} |",
            row.what,
            short(speeds[0]),
            row.unit.name(),
            peers.join(", "),
            row.goal.words(),
        );
    }

    /// Prints the head of the table.
    pub fn head() {
        println!("| what | ours | peers | ratio | floor (aim) | met |");
        println!("|---|---|---|---|---|---|");
    }

    /// Prints how many goals were met.
    pub fn sum(&self) {
        println!(
            "\n{} rows; {} below their floor, {} at their aim",
            self.n_rows, self.n_missed, self.n_aims
        );
    }
}

/// Three digits.
fn short(speed: f64) -> String {
    match speed {
        speed if speed >= 100.0 => format!("{speed:.0}"),
        speed if speed >= 10.0 => format!("{speed:.1}"),
        speed => format!("{speed:.2}"),
    }
}
