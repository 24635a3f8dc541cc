//! The fields of a unit as a table: what each is called, what it says, and what that means.
//!
//! **Invariant:** rows keep their height while they are pointed at or selected.

use std::sync::Arc;

use egui::{Galley, Rect, Response, Role, Sense, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use super::cursor::{self, Cells, Press};
use super::{Marks, Touch};
use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{elided, icon, paragraph};
use crate::lesson::clause;
use crate::view::kind::Kind;
use crate::view::locus::Locus;
use crate::view::tree::Row;

/// The width and height of the coloured square before a label.
const SQUARE: f32 = 10.0;
/// The space above and below the words of a row.
const PADDING: f32 = 3.0;
/// The least room for words beside a value; a value that would leave less takes the whole line.
const LEAST_WORDS: f32 = 150.0;

/// The fields of a unit; show them with [`TreeTable::show`].
#[must_use = "a table appears only when it is shown"]
pub struct TreeTable<'a> {
    rows: &'a [Row],
    marks: Marks,
}

impl<'a> TreeTable<'a> {
    /// A table of `rows`.
    pub fn new(rows: &'a [Row], marks: Marks) -> Self {
        Self { rows, marks }
    }

    /// Draws all rows as wide as their place allows.
    pub fn show(self, ui: &mut Ui) -> Vec<Touch> {
        let columns = Columns::of(ui, self.rows);
        let laid: Vec<_> = self.rows.iter().map(|row| Laid::out(ui, &columns, row)).collect();
        let height = laid.iter().map(|laid| laid.height).sum();
        let size = vec2(ui.available_width(), height);
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let stop = cursor::stop(ui, rect, Role::ListBox, "Fields");
        let at = self.rows.iter().position(|row| overlaps(self.marks.selected, row)).unwrap_or(0);
        let mut touches = self.keys(ui, &stop, at);
        let reveal = cursor::moved(ui, &stop, self.marks.selected);

        let mut top = rect.top();
        for (idx, (row, laid)) in self.rows.iter().zip(laid).enumerate() {
            let place = Rect::from_min_size(pos2(rect.left(), top), vec2(size.x, laid.height));
            top += laid.height;
            let response = ui.interact(place, stop.id.with(idx), Sense::CLICK);
            self.row(ui, row, &response);
            laid.paint(ui, &columns, place, row);
            if idx == at {
                cursor::show_at(ui, &stop, &response, place.shrink(theme::FOCUS_LINE));
                if reveal {
                    ui.scroll_to_rect(place, None);
                }
            }
            if response.clicked() {
                touches.push(Touch::Select(row.locus));
            }
            if response.hovered() {
                touches.push(Touch::Hover(row.locus));
            }
            explain(response, row);
        }
        touches
    }

    fn keys(&self, ui: &Ui, stop: &Response, at: usize) -> Vec<Touch> {
        let cells = Cells { count: self.rows.len(), columns: 1, at };
        let to = match cursor::press(ui, stop, cells) {
            Some(Press::Go(to)) => Some(to),
            Some(Press::Act) => Some(at),
            None => None,
        };
        to.map(|to| Touch::Select(self.rows[to].locus)).into_iter().collect()
    }

    /// The ground of a row, and what screen readers call it.
    fn row(&self, ui: &Ui, row: &Row, response: &Response) {
        let selected = overlaps(self.marks.selected, row);
        response.widget_info(|| {
            let meaning = row.breach.as_ref().map_or_else(
                || row.words.clone(),
                |breach| format!("{}, breaks a rule: {breach}", row.words),
            );
            let name = format!("{}, {}, {meaning}", row.label, row.value);
            WidgetInfo::selected(Role::ListBoxOption, true, selected, name)
        });
        let palette = theme::palette(ui);
        let fill = match &row.breach {
            Some(_) => palette.tone(Tone::Breach).fill,
            None if selected => palette.card_hovered,
            None if overlaps(self.marks.hovered, row) => palette.card,
            None => palette.panel,
        };
        ui.painter().rect_filled(response.rect, theme::RADIUS, fill);
        if selected {
            let border = (theme::LINE, palette.border_strong);
            ui.painter().rect_stroke(response.rect, theme::RADIUS, border, StrokeKind::Inside);
        }
    }
}

fn overlaps(locus: Option<Locus>, row: &Row) -> bool {
    locus.is_some_and(|locus| locus.overlaps(row.locus))
}

/// Says on hover what the row had no room for.
fn explain(response: Response, row: &Row) {
    response.on_hover_ui(|ui| {
        ui.label(Face::Strong.text(&row.label));
        ui.label(Face::Mono.text(&row.value));
        if !row.words.is_empty() {
            ui.label(Face::Body.text(&row.words));
        }
        if !row.cite.is_empty() {
            let title = clause::title(row.cite).unwrap_or_default();
            let words = format!("{} {title}", row.cite);
            ui.label(Face::Small.text(words).color(theme::palette(ui).text_weak));
        }
    });
}

/// Where the parts of a row stand, from the table's left edge.
struct Columns {
    label: f32,
    value: f32,
    words: f32,
    right: f32,
    words_at: WordsAt,
}

/// Where the words of a row stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WordsAt {
    /// Beside the value.
    Right,
    /// Below the value: header lines say much and mean much.
    Below,
}

impl Columns {
    fn of(ui: &Ui, rows: &[Row]) -> Self {
        let widest = |text: fn(&Row) -> &str, face: Face, most: f32| {
            let widths = rows.iter().map(|row| elided(ui, text(row), face, f32::INFINITY).size().x);
            widths.filter(|width| *width <= most).fold(0.0, f32::max).ceil()
        };
        let head = |row: &Row| matches!(row.kind, Kind::StartLine | Kind::HeaderName);
        let words_at = if rows.iter().any(head) { WordsAt::Below } else { WordsAt::Right };
        let label = theme::GAP + SQUARE + theme::GAP;
        let right = ui.available_width() - theme::GAP;
        let labels = widest(|row| &row.label, Face::Strong, (right - label) * 0.4);
        let value = label + labels + theme::GAP_LARGE;
        let words = match words_at {
            WordsAt::Below => value,
            WordsAt::Right => {
                let most = (right - LEAST_WORDS - theme::GAP_LARGE - value).max(0.0);
                value + widest(|row| &row.value, Face::Mono, most) + theme::GAP_LARGE
            }
        };
        Self { label, value, words, right, words_at }
    }
}

/// A row with its words laid out.
struct Laid {
    label: Arc<Galley>,
    value: Arc<Galley>,
    words: Arc<Galley>,
    words_at: WordsAt,
    breach: Option<Arc<Galley>>,
    height: f32,
}

impl Laid {
    fn out(ui: &Ui, columns: &Columns, row: &Row) -> Self {
        let Columns { label, value, words, right, .. } = *columns;
        let label_room = value - theme::GAP_LARGE - label;
        let whole = elided(ui, &row.value, Face::Mono, right - value);
        let fits = whole.size().x <= words - theme::GAP_LARGE - value;
        let words_at = if fits { columns.words_at } else { WordsAt::Below };
        let words = match words_at {
            WordsAt::Right => paragraph(ui, &row.words, Face::Body, right - words),
            WordsAt::Below => paragraph(ui, &row.words, Face::Small, right - value),
        };
        let value = whole;
        let breach_room = right - label - theme::SIGN - theme::GAP_SMALL;
        let breach = row.breach.as_ref().map(|said| paragraph(ui, said, Face::Body, breach_room));
        let label = elided(ui, &row.label, Face::Strong, label_room);
        let first_line = label.size().y;
        let below = if row.words.is_empty() { 0.0 } else { words.size().y };
        let fields = match words_at {
            WordsAt::Right => below.max(first_line),
            WordsAt::Below => first_line + below,
        };
        let message = breach.as_ref().map_or(0.0, |said| said.size().y);
        let height = (fields + message + 2.0 * PADDING).ceil();
        Self { label, value, words, words_at, breach, height }
    }

    fn paint(self, ui: &Ui, columns: &Columns, place: Rect, row: &Row) {
        let palette = theme::palette(ui);
        let at = |x: f32, y: f32| place.min + vec2(x, y);
        let first_line = self.label.size().y;
        let middle = PADDING + first_line / 2.0;
        let square =
            Rect::from_center_size(at(theme::GAP + SQUARE / 2.0, middle), Vec2::splat(SQUARE));
        let hue = palette.hue_line(row.kind);
        if row.complete {
            ui.painter().rect_filled(square, 2.0, hue);
        } else {
            ui.painter().rect_stroke(square, 2.0, (theme::LINE, hue), StrokeKind::Inside);
        }
        ui.painter().galley(at(columns.label, PADDING), self.label, palette.text);
        let value_top = middle - self.value.size().y / 2.0;
        ui.painter().galley(at(columns.value, value_top), self.value, palette.text);
        let words_place = match self.words_at {
            WordsAt::Right => at(columns.words, PADDING),
            WordsAt::Below => at(columns.value, PADDING + first_line),
        };
        ui.painter().galley(words_place, self.words, palette.text_weak);
        if let Some(said) = self.breach {
            let ink = palette.tone(Tone::Breach).text;
            let top = place.height() - PADDING - said.size().y;
            let sign = icon(ui, Icon::TriangleAlert);
            let sign_top = top + (first_line - sign.size().y) / 2.0;
            ui.painter().galley(at(columns.label, sign_top), sign, ink);
            let left = columns.label + theme::SIGN + theme::GAP_SMALL;
            ui.painter().galley(at(left, top), said, ink);
        }
    }
}
