//! Cuts: the flow of frames, where it is cut, and what a naive reader and the real one make of it.

use crate::app::inspector::CutStrip;
use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{Availability, Button, Pill, paragraph};
use crate::app::window::Wish;
use crate::player::{Command, Player};
use crate::view::chunks::{self, Lab, LeftOut, MAX_BYTES, Outcome};
use egui::{Label, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

/// The room for the bytes of a piece.
const PIECE: f32 = 62.0;
/// The most of the height that the bytes take.
const STRIP_SHARE: f32 = 0.55;

pub(super) fn cuts(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    let Some(stream) = player.stream() else {
        let words = "Here a flow of WebSocket frames is cut into pieces, as TCP may cut it. Look at \
                     a frame first: step to one, or choose one in the diagram.";
        ui.add(Label::new(Face::Body.text(words).color(palette.text_weak)).wrap());
        return;
    };
    let lab = chunks::lab(stream, player.cuts());
    let map = chunks::map(stream);
    summary(ui, player, &lab, wishes);
    let kinds = chunks::kinds(stream, &lab.frames);
    let strip = CutStrip::new(&stream.bytes, &kinds, &lab.frames).cut(player.cuts(), &map);
    let room = (ui.available_height() * STRIP_SHARE).max(60.0);
    let toggled = ui.push_id(stream.start, |ui| strip.show(ui, room)).inner;
    wishes.extend(toggled.map(|at| Command::ToggleCut(at).into()));
    ScrollArea::vertical().id_salt("pieces").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        pieces(ui, &lab);
        ui.add_space(theme::GAP_SMALL);
        let words = "The signs below the bytes say what one more cut there does, where each frame \
                     comes in a read of its own otherwise.";
        let left_out = match stream.left_out {
            LeftOut::Nothing => String::new(),
            LeftOut::Before => " Earlier frames of the flow are left out.".to_owned(),
            LeftOut::Behind => format!(" Only the first {MAX_BYTES} bytes are shown."),
        };
        let words = format!("{words}{left_out}");
        ui.add(Label::new(Face::Small.text(words).color(palette.text_weak)).wrap());
    });
}

/// What comes out on either side.
fn summary(ui: &mut Ui, player: &Player, lab: &Lab, wishes: &mut Vec<Wish>) {
    ui.horizontal(|ui| {
        let sides =
            [("One read = one frame", lab.naive_outcome), ("Real reader", lab.ours_outcome)];
        for (who, outcome) in sides {
            ui.add(Pill::outlined(tone(outcome), &format!("{who}: {}", outcome.word())));
        }
        let none = player.cuts().is_empty();
        let clear = Button::plain("No cuts").leading(Icon::Eraser).availability(if none {
            Availability::Blocked("There are none")
        } else {
            Availability::Ready
        });
        if ui.add(clear).clicked() {
            wishes.push(Command::ClearCuts.into());
        }
    });
    ui.add_space(2.0);
}

fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Right => Tone::Valid,
        Outcome::Wrong => Tone::Breach,
    }
}

/// What each piece is to either reader.
fn pieces(ui: &mut Ui, lab: &Lab) {
    let palette = theme::palette(ui);
    let head = ["PIECE", "ONE READ = ONE FRAME", "REAL READER"];
    row(ui, &head.map(str::to_owned), Face::CaptionStrong, [palette.text_weak; 3]);
    for ((chunk, naive), ours) in lab.chunks.iter().zip(&lab.naive).zip(&lab.ours) {
        let cells = [
            format!("{}–{}", chunk.start, chunk.end.saturating_sub(1)),
            chunks::naive_words(naive),
            chunks::ours_words(ours),
        ];
        let ink =
            if naive.flaws.is_empty() { palette.text } else { palette.tone(Tone::Breach).text };
        row(ui, &cells, Face::Small, [palette.text_weak, ink, palette.text]);
    }
}

/// A row of three cells whose words wrap.
fn row(ui: &mut Ui, cells: &[String; 3], face: Face, inks: [egui::Color32; 3]) {
    let width = ui.available_width();
    let column = (width - PIECE) / 2.0;
    let lefts = [0.0, PIECE, PIECE + column];
    let widths = [PIECE, column - theme::GAP, column - theme::GAP];
    let laid: Vec<_> =
        cells.iter().zip(widths).map(|(words, width)| paragraph(ui, words, face, width)).collect();
    let height = laid.iter().map(|laid| laid.size().y).fold(0.0, f32::max);
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    let spoken = cells.join("; ");
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, spoken.clone()));
    for ((galley, left), ink) in laid.into_iter().zip(lefts).zip(inks) {
        let place = Rect::from_min_size(pos2(rect.left() + left, rect.top()), galley.size());
        ui.painter().galley(place.min, galley, ink);
    }
}
