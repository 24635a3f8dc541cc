//! Races wirestep against other WebSocket libraries and prints one table.
//!
//! `cargo run --release -- [PART]...` runs the rows whose name contains a PART; all without one.

mod cases;
mod feed;
mod input;
mod measure;
mod table;

use table::{Row, Score};

/// Which rows are wanted.
pub struct Wanted(Vec<String>);

impl Wanted {
    /// Whether the row of this name is wanted.
    pub fn wants(&self, what: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|part| what.contains(part.as_str()))
    }
}

#[expect(clippy::disallowed_methods, reason = "this is a shell: it reads its own arguments")]
fn main() {
    let wanted = Wanted(std::env::args().skip(1).collect());
    let mut score = Score::default();
    Score::head();
    let mut run = |row: Row<'_>| score.run(row);
    cases::decode::small(&wanted, &mut run);
    cases::decode::large(&wanted, &mut run);
    cases::reads::mixed(&wanted, &mut run);
    cases::mask::all(&wanted, &mut run);
    cases::encode::all(&wanted, &mut run);
    cases::handshake::all(&wanted, &mut run);
    cases::utf8::all(&wanted, &mut run);
    score.sum();
}
