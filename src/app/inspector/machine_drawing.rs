//! The states of both ends of a connection, side by side, and what leads from each to the next.
//!
//! **Invariant:** every arrow is drawn from the table of changes (`view::machine`).

use egui::{
    Align2, Painter, Pos2, Rect, Response, Role, Sense, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::app::theme::{self, Face, Palette, Tone};
use crate::app::widgets::paragraph;
use crate::conn::State;
use crate::view::machine::{self, Machine, causes_cites, causes_words};
use crate::wire::Side;

/// The height of the name above a drawing.
const TITLE: f32 = 26.0;
/// The width and height of a state.
const NODE: egui::Vec2 = vec2(92.0, 24.0);
/// From the top of one state to the top of the next.
const PITCH: f32 = 80.0;
/// The room left of the states, for what goes past others to the end.
const LEFT: f32 = 72.0;
/// The width of the drawing of one end.
const LEAST: f32 = 256.0;
const MOST: f32 = 340.0;
/// The room for the words below the state of ends that failed.
const FOOT: f32 = 46.0;

/// One end to be drawn.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    /// Which end it is.
    pub side: Side,
    /// Whose end it is.
    pub name: &'a str,
    /// The tone of the host.
    pub tone: Tone,
    /// What it is doing.
    pub state: State,
    /// The tone of that.
    pub state_tone: Tone,
}

/// Draws the machine for each of these ends.
pub fn machine_drawing(ui: &mut Ui, machine: Machine, ends: &[End<'_>]) {
    let n_states = machine.states().len() as f32;
    let width = (ui.available_width() / ends.len().max(1) as f32 - theme::GAP).clamp(LEAST, MOST);
    let height = TITLE + (n_states - 1.0) * PITCH + NODE.y + FOOT;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GAP;
        for end in ends {
            let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
            let spoken = format!("{} is {}", end.name, end.state.name());
            response.widget_info(|| WidgetInfo::labeled(Role::Group, true, &spoken));
            let drawing = Drawing { ui, machine, end, rect };
            drawing.draw();
            let here = drawing.place(end.state);
            // What changes comes into view.
            let id = response.id.with("state");
            let before = ui.data(|data| data.get_temp::<State>(id));
            if before != Some(end.state) {
                ui.data_mut(|data| data.insert_temp(id, end.state));
                ui.scroll_to_rect(here.expand2(vec2(0.0, PITCH / 2.0)), None);
            }
        }
    });
}

/// The drawing of one end in its place.
struct Drawing<'a> {
    ui: &'a Ui,
    machine: Machine,
    end: &'a End<'a>,
    rect: Rect,
}

impl Drawing<'_> {
    fn draw(&self) {
        let tone = self.palette().tone(self.end.tone);
        let font = Face::Strong.font();
        let place = pos2(self.centre(), self.rect.top() + 8.0);
        self.painter().text(place, Align2::CENTER_CENTER, self.end.name, font, tone.text);
        let states = self.machine.states();
        for (idx, from) in states.iter().enumerate() {
            if let Some(next) = states.get(idx + 1) {
                self.straight(*from, *next);
            }
            self.past_others(idx, *from);
        }
        self.failures();
        for state in states.iter().chain(&[State::Failed]) {
            self.node(*state);
        }
    }

    fn palette(&self) -> &'static Palette {
        theme::palette(self.ui)
    }

    fn painter(&self) -> &Painter {
        self.ui.painter()
    }

    /// The middle of the column of states.
    fn centre(&self) -> f32 {
        self.rect.left() + LEFT + NODE.x / 2.0
    }

    /// Where the line runs that leads to the state of ends that failed.
    fn right_rail(&self) -> f32 {
        self.rect.right() - 10.0
    }

    fn place(&self, state: State) -> Rect {
        let states = self.machine.states();
        let last = states.len() - 1;
        let row = states.iter().position(|other| *other == state).unwrap_or(last);
        let top = self.rect.top() + TITLE + row as f32 * PITCH;
        let left = match state {
            State::Failed => self.rect.right() - NODE.x * 0.85,
            _ => self.centre() - NODE.x / 2.0,
        };
        let size = match state {
            State::Failed => vec2(NODE.x * 0.85, NODE.y),
            _ => NODE,
        };
        Rect::from_min_size(pos2(left, top), size)
    }

    fn node(&self, state: State) {
        let palette = self.palette();
        let rect = self.place(state);
        let here = self.end.state == state;
        let id = self.ui.scope_id().with(("state", self.end.side, state.name()));
        let response = self.ui.interact(rect, id, Sense::hover());
        let now = if here { ", here now" } else { "" };
        let spoken = format!("{}: {}{now}", self.end.name, state.name());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
        let tone = palette.tone(self.end.state_tone);
        let (fill, border, width, ink) = if here {
            (tone.fill, tone.line, theme::FOCUS_LINE, tone.text)
        } else {
            (palette.card, palette.border_strong, theme::LINE, palette.text_weak)
        };
        let border = (width, border);
        self.painter().rect(rect, theme::RADIUS, fill, border, StrokeKind::Inside);
        let face = if here { Face::CaptionStrong } else { Face::Caption };
        let middle = rect.center();
        self.painter().text(middle, Align2::CENTER_CENTER, state.name(), face.font(), ink);
        if here {
            // A sign beside the colour: this is where the end is.
            let tip = pos2(rect.left() + 9.0, middle.y);
            let back = tip.x - 5.0;
            let corners = vec![tip, pos2(back, tip.y - 4.0), pos2(back, tip.y + 4.0)];
            let shape = egui::Shape::convex_polygon(corners, tone.text, egui::Stroke::NONE);
            self.painter().add(shape);
        }
        response.on_hover_text(machine::cite(state));
    }

    /// The arrow from a state to the one below it, and the one back.
    fn straight(&self, from: State, to: State) {
        let causes = machine::causes(self.end.side, from, to);
        let back = machine::causes(self.end.side, to, from);
        let (top, bottom) = (self.place(from).bottom(), self.place(to).top());
        if causes.is_empty() {
            return;
        }
        let x = self.centre();
        self.arrow(pos2(x, top), pos2(x, bottom - 1.0));
        let mut said = causes_words(&causes);
        if !back.is_empty() && self.machine == Machine::Http {
            self.arrow(pos2(x - 14.0, bottom), pos2(x - 14.0, top + 1.0));
            said = format!("{said}; back: {}", causes_words(&back));
        }
        let cites = causes_cites(&causes, from);
        let room = Rect::from_min_max(
            pos2(x + 6.0, top + 2.0),
            pos2(self.right_rail() - theme::GAP_SMALL, bottom - 2.0),
        );
        self.label(room, &said, &cites, (from, to));
    }

    /// The line from a state past others to the last.
    fn past_others(&self, idx: usize, from: State) {
        let states = self.machine.states();
        if idx + 2 >= states.len() {
            return;
        }
        let causes = machine::causes(self.end.side, from, State::Closed);
        let only_http = from == State::Idle && self.machine == Machine::WebSocket;
        if causes.is_empty() || only_http {
            return;
        }
        let rail = self.rect.left() + 2.0;
        let (start, end) =
            (self.place(from).left_center(), self.place(State::Closed).left_center());
        let line = (theme::LINE, self.palette().border_strong);
        self.painter().hline(rail..=start.x, start.y, line);
        self.painter().vline(rail, start.y..=end.y, line);
        self.arrow(pos2(rail, end.y), pos2(end.x - 1.0, end.y));
        let room = Rect::from_min_max(
            pos2(rail + 4.0, start.y + 2.0),
            pos2(start.x - 2.0, start.y + PITCH - NODE.y / 2.0),
        );
        self.label(room, &causes_words(&causes), "", (from, State::Closed));
    }

    /// The lines from all states to the one of ends that failed.
    fn failures(&self) {
        let rail = self.right_rail();
        let failed = self.place(State::Failed);
        let line = (theme::LINE, self.palette().tone(Tone::Breach).line);
        let mut all = Vec::new();
        let mut first = failed.top();
        for from in self.machine.states() {
            let only_http = *from == State::Idle && self.machine == Machine::WebSocket;
            let causes = machine::causes(self.end.side, *from, State::Failed);
            if causes.is_empty() || only_http {
                continue;
            }
            let start = self.place(*from).right_center();
            self.painter().hline(start.x..=rail, start.y, line);
            first = first.min(start.y);
            all.extend(causes.into_iter().filter(|cause| !all.contains(cause)).collect::<Vec<_>>());
        }
        all.sort_unstable();
        self.painter().vline(rail, first..=failed.top(), line);
        self.head(pos2(rail, failed.top()), vec2(0.0, 1.0), line.1);
        let room = Rect::from_min_max(
            pos2(self.centre() + 4.0, failed.bottom() + 2.0),
            pos2(self.rect.right(), self.rect.bottom()),
        );
        let from = match self.machine {
            Machine::Http => State::Idle,
            Machine::WebSocket => State::Connecting,
        };
        let cites = causes_cites(&all, from);
        self.label(room, &causes_words(&all), &cites, (from, State::Failed));
    }

    fn arrow(&self, from: Pos2, to: Pos2) {
        let ink = self.palette().text_weak;
        self.painter().line_segment([from, to], (theme::LINE, ink));
        self.head(to, (to - from).normalized(), ink);
    }

    /// The head of an arrow that points to `tip`.
    fn head(&self, tip: Pos2, way: egui::Vec2, ink: egui::Color32) {
        let back = tip - way * 6.0;
        let aside = way.rot90() * 3.5;
        let shape = egui::Shape::convex_polygon(
            vec![tip, back + aside, back - aside],
            ink,
            egui::Stroke::NONE,
        );
        self.painter().add(shape);
    }

    /// What leads from one state to another, in as much room; the clause below it.
    fn label(&self, room: Rect, words: &str, cites: &str, (from, to): (State, State)) -> Response {
        let palette = self.palette();
        let said = paragraph(self.ui, words, Face::Caption, room.width());
        let cited = paragraph(self.ui, cites, Face::Caption, room.width());
        let height = said.size().y + cited.size().y;
        let place = Rect::from_min_size(room.min, vec2(room.width(), height));
        let top = place.min;
        let next = pos2(top.x, top.y + said.size().y);
        self.painter().galley(top, said, palette.text);
        if !cites.is_empty() {
            self.painter().galley(next, cited, palette.text_weak);
        }
        let id = self.ui.scope_id().with(("step", self.end.side, from.name(), to.name()));
        let response = self.ui.interact(place, id, Sense::hover());
        let spoken = format!("{}, {} to {}: {words}", self.end.name, from.name(), to.name());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
        let causes = machine::causes(self.end.side, from, to);
        response.on_hover_text(format!("{words} ({})", causes_cites(&causes, from)))
    }
}
