//! Below the line: what the page's script sees on the left, what is on the wire on the right.

use crate::app::theme::{self, Face, Palette};
use crate::app::widgets::{elided, focus_ring, paragraph, unbroken};
use crate::app::window::Wish;
use crate::player::{Command, Player};
use crate::view::script::Row;
use egui::{Align, Galley, Label, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use std::sync::Arc;

/// The room for the moment of a row.
const MOMENT: f32 = 84.0;

pub(super) fn script(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    let rows = player.below_the_line();
    if rows.is_empty() {
        let words = "Nothing has happened yet: neither in the page’s script nor on the wire.";
        ui.add(Label::new(Face::Body.text(words).color(palette.text_weak)).wrap());
        return;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let client = player.looked_at_client();
    let titles = [format!("script at {client}"), "on the wire".to_owned()];
    let columns = Columns::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::hover());
    for (title, left) in titles.iter().zip([columns.above, columns.below]) {
        let galley = paragraph(ui, title, Face::CaptionStrong, columns.width);
        ui.painter().galley(pos2(rect.left() + left, rect.top() + 2.0), galley, palette.text_weak);
    }
    let newest = rows.last().map(|row| row.record);
    ScrollArea::vertical().auto_shrink(false).id_salt("script").show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut last = None;
        for row in &rows {
            last = Some(script_row(ui, &columns, row, wishes));
        }
        // What came last is in view as soon as it has come.
        let id = ui.scope_id().with("newest");
        let before = ui.data(|data| data.get_temp::<Option<usize>>(id)).flatten();
        let here = newest.map(|record| record.0);
        if before != here {
            ui.data_mut(|data| data.insert_temp(id, here));
            if let Some(rect) = last {
                ui.scroll_to_rect(rect, Some(Align::BOTTOM));
            }
        }
    });
}

/// Where the two sides stand, from the left edge.
struct Columns {
    above: f32,
    line: f32,
    below: f32,
    width: f32,
}

impl Columns {
    fn of(ui: &Ui) -> Self {
        let width = (ui.available_width() - MOMENT - 2.0 * theme::GAP_LARGE - theme::GAP) / 2.0;
        let line = MOMENT + width + theme::GAP_LARGE;
        Self { above: MOMENT, line, below: line + theme::GAP_LARGE, width }
    }
}

/// The laid out words of one side.
struct Words {
    said: Arc<Galley>,
    noted: Option<Arc<Galley>>,
}

impl Words {
    fn height(&self) -> f32 {
        self.said.size().y + self.noted.as_ref().map_or(0.0, |noted| noted.size().y)
    }

    fn paint(self, ui: &Ui, palette: &Palette, corner: egui::Pos2) {
        let next = pos2(corner.x, corner.y + self.said.size().y);
        ui.painter().galley(corner, self.said, palette.text);
        if let Some(noted) = self.noted {
            ui.painter().galley(next, noted, palette.text_weak);
        }
    }
}

/// A moment: what the script sees, what is on the wire, and why one of them is missing.
fn script_row(ui: &mut Ui, columns: &Columns, row: &Row, wishes: &mut Vec<Wish>) -> Rect {
    let palette = theme::palette(ui);
    let note = match (row.note, row.cite) {
        ("", _) => String::new(),
        (note, "") => note.to_owned(),
        (note, cite) => format!("{note} · {}", unbroken(cite)),
    };
    // A note stands on the side of which it explains the silence.
    let (left, right) =
        if row.above.is_empty() { (note.as_str(), "") } else { ("", note.as_str()) };
    let lay = |words: &str, note: &str| Words {
        said: paragraph(ui, words, Face::Small, columns.width),
        noted: (!note.is_empty()).then(|| paragraph(ui, note, Face::Caption, columns.width)),
    };
    let dash = |words: &str| if words.is_empty() { "–".to_owned() } else { words.to_owned() };
    let above = lay(&dash(&row.above), left);
    let below = lay(&dash(&row.below), right);
    let height = above.height().max(below.height()).max(theme::EVENT_ROW - 6.0) + 6.0;
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width() - theme::GAP, height), Sense::CLICK);
    let spoken =
        format!("{}: script {}; wire {}; {note}", row.at, dash(&row.above), dash(&row.below));
    response.widget_info(|| WidgetInfo::labeled(Role::Link, true, &spoken));
    if response.hovered() {
        ui.painter().rect_filled(rect, theme::RADIUS_SMALL, palette.card_hovered);
    }
    let top = rect.top() + 3.0;
    let at = elided(ui, &row.at.to_string(), Face::MonoSmall, MOMENT - theme::GAP_SMALL);
    ui.painter().galley(pos2(rect.left(), top + 1.0), at, palette.text_weak);
    let line = (theme::FOCUS_LINE, palette.border_strong);
    ui.painter().vline(rect.left() + columns.line, rect.y_range(), line);
    above.paint(ui, palette, pos2(rect.left() + columns.above, top));
    below.paint(ui, palette, pos2(rect.left() + columns.below, top));
    focus_ring(ui, &response, theme::RADIUS_SMALL);
    if response.clicked() {
        wishes.push(Command::Choose(row.record).into());
    }
    rect
}
