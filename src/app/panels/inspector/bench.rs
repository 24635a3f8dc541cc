//! The bench: bytes written by hand, what they are, and what a real end does with them.
//!
//! **Invariant:** what stands in the field is what the player holds; it is taken as it is typed.

use crate::app::inspector::{HexStrip, Marks, TreeTable};
use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{Availability, Pill, segmented};
use crate::app::window::Wish;
use crate::lesson::{Piece, Reaction};
use crate::player::{Command, Player, told};
use crate::view::{tree, words};
use crate::wire::unit::{Context, Dissection};
use egui::{Label, Role, ScrollArea, TextEdit, Ui, WidgetInfo};
use std::ops::Range;

/// The key of the example in RFC 6455 §1.3, to which an answer can be written freely.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// What is written, and what comes of it.
pub(super) fn bench(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    let (piece, text) = player.bench();
    if player.bench_is_given() {
        let caption = format!("{}, written by hand", piece.label());
        ui.label(Face::Small.text(caption).color(palette.text_weak));
    } else {
        choose_piece(ui, piece, wishes);
    }
    if let Piece::Response(key) = piece {
        let asked = format!("asked with Sec-WebSocket-Key: {key}");
        ui.label(Face::Small.text(asked).color(palette.text_weak));
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let mut text = text.to_owned();
        let (name, hint) = words_of(piece);
        let hint = Face::Mono.text(hint).color(palette.text_weak);
        let edit = TextEdit::multiline(&mut text).font(Face::Mono.font()).hint_text(hint);
        let edit = edit.desired_rows(rows_of(piece)).desired_width(f32::INFINITY);
        let response = ui.add(edit);
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::MultilineTextInput, true, name);
            info.current_text_value = Some(player.bench().1.to_owned());
            info
        });
        if response.changed() {
            wishes.push(Command::Write(text).into());
        }
        ui.add_space(theme::GAP_SMALL);
        outcome(ui, player, piece);
    });
}

fn choose_piece(ui: &mut Ui, piece: &Piece, wishes: &mut Vec<Wish>) {
    let pieces = [
        Piece::ClientFrames,
        Piece::ServerFrames,
        Piece::Request,
        Piece::Response(KEY.to_owned()),
        Piece::Events,
    ];
    let options: Vec<_> = pieces.iter().map(|piece| (piece.label(), Availability::Ready)).collect();
    let chosen = pieces.iter().position(|other| other.label() == piece.label()).unwrap_or(0);
    if let Some(idx) = segmented(ui, "What is written", &options, chosen) {
        wishes.push(Command::SetPiece(pieces[idx].clone()).into());
    }
}

/// The name of the field, and what it says while it is empty.
fn words_of(piece: &Piece) -> (&'static str, &'static str) {
    match piece {
        Piece::ClientFrames => ("Frames in hex", "81 82 00 00 00 00 48 69"),
        Piece::ServerFrames => ("Frames in hex", "81 02 48 69"),
        Piece::Request => ("The request, line by line", "GET /chat HTTP/1.1"),
        Piece::Response(_) => ("The answer, line by line", "HTTP/1.1 101 Switching Protocols"),
        Piece::Events => ("The event stream, line by line", "data: Hi"),
    }
}

fn rows_of(piece: &Piece) -> usize {
    match piece {
        Piece::ClientFrames | Piece::ServerFrames => 3,
        Piece::Events => 5,
        Piece::Request | Piece::Response(_) => 8,
    }
}

fn outcome(ui: &mut Ui, player: &Player, piece: &Piece) {
    let palette = theme::palette(ui);
    match player.reaction() {
        None => {
            let words = match piece {
                Piece::ClientFrames | Piece::ServerFrames => {
                    "Write bytes in hex; what they are, and what a real end does with them, \
                     shows here as you type."
                }
                Piece::Request | Piece::Response(_) => {
                    "Write line by line; each line goes out with CR LF at its end. An empty line \
                     ends the head. \\x81 is the byte 81."
                }
                Piece::Events => "Write line by line; an empty line dispatches the event.",
            };
            ui.add(Label::new(Face::Body.text(words).color(palette.text_weak)).wrap());
        }
        Some(Err(error)) => {
            let words = words::sentence(&error.to_string());
            ui.add(
                Label::new(Face::Body.text(words).color(palette.tone(Tone::Breach).text)).wrap(),
            );
        }
        Some(Ok(reaction)) => {
            ui.horizontal_wrapped(|ui| {
                let (tone, word) = summary(reaction);
                ui.add(Pill::outlined(tone, word));
                if let Some(state) = reaction.state {
                    let words = format!("{} is {}", piece.reader(), state.name());
                    ui.label(Face::Small.text(words).color(palette.text_weak));
                }
            });
            for line in told(piece, reaction) {
                ui.add(Label::new(Face::Body.text(line)).wrap());
            }
        }
    }
}

/// How it comes out, in one word.
fn summary(reaction: &Reaction) -> (Tone, &'static str) {
    if reaction.breach().is_some() {
        (Tone::Breach, "refused")
    } else if reaction.n_waiting > 0 {
        (Tone::Attention, "waits")
    } else {
        (Tone::Valid, "taken")
    }
}

/// What was written, unit by unit, field by field.
pub(super) fn fields(ui: &mut Ui, player: &Player) {
    let palette = theme::palette(ui);
    let Some(Ok(reaction)) = player.reaction() else {
        let words = "The fields of what you write will stand here.";
        ui.add(Label::new(Face::Body.text(words).color(palette.text_weak)).wrap());
        return;
    };
    let size = words::size(reaction.bytes.len() as u64);
    ui.label(Face::Small.text(format!("Written by hand · {size}")).color(palette.text_weak));
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for (idx, unit) in reaction.units.iter().take(MAX_UNITS).enumerate() {
            ui.push_id(idx, |ui| show_unit(ui, reaction, unit));
            ui.add_space(theme::GAP);
        }
        if reaction.units.len() > MAX_UNITS {
            let more = words::count((reaction.units.len() - MAX_UNITS) as u64, "unit");
            ui.label(Face::Small.text(format!("and {more} more")).color(palette.text_weak));
        }
    });
}

/// How many units are shown field by field.
const MAX_UNITS: usize = 16;

fn show_unit(ui: &mut Ui, reaction: &Reaction, unit: &(Range<usize>, Context, Dissection)) {
    let (range, context, found) = unit;
    let bytes = &reaction.bytes[range.clone()];
    ui.add(Label::new(Face::Strong.text(words::title(bytes, context))).truncate());
    HexStrip::new(bytes, found, Marks::default()).max_height(theme::hex_height(400.0)).show(ui);
    let rows = tree::tree(bytes, context, found);
    TreeTable::new(&rows, Marks::default()).show(ui);
}
