//! The bench: bytes written by hand, in a task of the lesson or freely.
//!
//! **Invariant:** what is kept of a real end's reaction is the one to what lies there.

use super::Player;
use crate::lesson::{BenchDeed, Piece, Reaction, react};
use crate::view::hex::NotHex;
use crate::view::{tree, words};

/// What lies on the bench, and what comes of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Built {
    piece: Piece,
    text: String,
    reaction: Result<Reaction, NotHex>,
}

impl Player {
    /// What is written on the bench, and what stands there.
    pub fn bench(&self) -> (&Piece, &str) {
        let free = (&self.bench.0, self.bench.1.as_str());
        if self.in_sandbox { free } else { self.walk.bench().unwrap_or(free) }
    }

    /// Whether the lesson says what is written on the bench.
    pub fn bench_is_given(&self) -> bool {
        !self.in_sandbox && self.walk.bench().is_some()
    }

    /// What a real end does with what lies on the bench; `None` where nothing does.
    pub fn reaction(&self) -> Option<&Result<Reaction, NotHex>> {
        self.built.as_ref().map(|built| &built.reaction)
    }

    pub(super) fn write(&mut self, text: String) {
        if text.len() > MAX_TEXT {
            let most = words::size(MAX_TEXT as u64);
            self.notice = Some(format!("The bench holds {most} of text: take some out."));
        } else if self.in_sandbox || !self.walk.write(text.clone()) {
            self.bench.1 = text;
        }
    }

    /// Looks at what lies on the bench, where it is not what lay there before.
    pub(super) fn rebuild(&mut self) {
        let (piece, text) = self.bench();
        if text.is_empty() {
            self.built = None;
        } else if self
            .built
            .as_ref()
            .is_none_or(|built| (&built.piece, &*built.text) != (piece, text))
        {
            let (piece, text) = (piece.clone(), text.to_owned());
            let reaction = react(&piece, &text);
            self.built = Some(Built { piece, text, reaction });
        }
    }

    /// The bench as text: what lies there, field by field, and what comes of it.
    pub(super) fn text_of_bench(&self) -> String {
        let (piece, text) = self.bench();
        let reaction = match self.reaction() {
            None => return String::new(),
            Some(Err(error)) => return format!("{text}\n\n{error}\n"),
            Some(Ok(reaction)) => reaction,
        };
        let mut lines = vec![text.to_owned()];
        for (range, context, found) in &reaction.units {
            lines.push(tree::text(&tree::tree(&reaction.bytes[range.clone()], context, found)));
        }
        lines.extend(told(piece, reaction));
        lines.join("\n")
    }
}

/// How much text the bench holds, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// What a real end did with what lies on the bench, a sentence each.
pub fn told(piece: &Piece, reaction: &Reaction) -> Vec<String> {
    let reader = piece.reader();
    let mut told: Vec<_> =
        reaction.deeds.iter().map(|deed| format!("{reader} {}.", BenchDeed::words(deed))).collect();
    if reaction.n_waiting > 0 && reaction.breach().is_none() {
        told.push(format!(
            "{reader} has {} and waits for the rest.",
            words::size(reaction.n_waiting as u64)
        ));
    } else if told.is_empty() {
        told.push(format!("{reader} reads it and waits for what follows."));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_said_to_wait() {
        let check = |piece: Piece, text: &str, expected: &str| {
            let told = told(&piece, &react(&piece, text).unwrap());
            assert!(told.iter().any(|line| line.contains(expected)), "{told:?}");
        };
        check(Piece::ClientFrames, "81 85", "waits for the rest");
        check(Piece::ServerFrames, "01 02 48 69", "waits for what follows");
        check(Piece::ServerFrames, "81 02 48 69", "is handed");
    }
}
