//! The sequence diagram: hosts, lifelines, slanted arrows, what is in flight, and now; two of them
//! where branches are held against each other.
//!
//! **Invariant:** where a diagram stands is kept in 64 bits, since heights of long runs are more
//! than 32 bits tell apart.

mod arrows;
mod beside;
mod footer;
mod lines;
mod marks;

use super::menus;
use crate::app::theme::{self, Face, Palette, Tone};
use crate::app::widgets::{Extent, SCROLL_BAR, elided as one_line, scroll_bar};
use crate::app::window::{State, Wish};
use crate::conn::State as End;
use crate::player::{Branch, Focus, Player};
use crate::run::{Position, Run};
use crate::sim::{Host, Mode, RecordIdx, SimTime};
use crate::view::sequence::{Arrow, Diagram, Load, MARK_HEIGHT};
pub(in crate::app) use beside::Compared;
use egui::text::LayoutJob;
use egui::{
    Align2, CentralPanel, Color32, Frame, Painter, PointerButton, Rect, Role, Sense, StrokeKind,
    Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
pub(super) use footer::now_in_words;
use std::sync::Arc;

/// The space above the first moment and below the last.
const PADDING: f32 = 14.0;
/// The height of the boxes with the hosts' names, and the space around them.
const HEADER: f32 = 46.0;
/// The height of the name of a branch above its diagram.
const BRANCH_NAME: f32 = 34.0;
/// The least distance between two lifelines.
const LEAST_LANE: f32 = 150.0;

/// Where a pane stands, and what it followed to get there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::app) struct PaneState {
    sight: Option<Sight>,
    /// How much is above the view.
    top: f64,
    /// How much is left of the view.
    left: f32,
}

/// What decides how far the diagram scrolls by itself.
#[derive(Clone, Debug, PartialEq)]
struct Sight {
    lesson: String,
    mode: Mode,
    branch: usize,
    position: Position,
    height: f32,
}

/// Which of two diagrams one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    /// The one that is looked at.
    Main,
    /// The one beside it.
    Beside,
    /// The same conversation, carried another way.
    Lane,
}

/// A diagram of a branch at a place.
struct Pane<'a> {
    which: Which,
    branch: &'a Branch,
    mode: Mode,
    position: Position,
    /// How it differs from the other one, where there is one.
    compared: Option<&'a Compared>,
}

/// What drawing the diagram needs to know everywhere.
struct Scene<'a> {
    pane: &'a Pane<'a>,
    diagram: &'a Diagram,
    player: &'a Player,
    palette: &'static Palette,
    /// The upper left corner of the view, and how much is above and left of it.
    view: Rect,
    top: f64,
    left: f32,
    width: f32,
    now: SimTime,
    /// How many records were made.
    n_records: usize,
}

pub(in crate::app) fn show(
    ui: &mut Ui,
    player: &Player,
    state: &mut State,
    wishes: &mut Vec<Wish>,
) {
    let palette = theme::palette(ui);
    let frame = Frame::new().fill(palette.background);
    CentralPanel::default().frame(frame).show(ui, |ui| {
        footer::show(ui, player, wishes);
        let whole = ui.available_rect_before_wrap();
        let main = Pane {
            which: Which::Main,
            branch: player.branch(),
            mode: player.mode(),
            position: player.position(),
            compared: None,
        };
        if player.shows_lanes() {
            state.compared = None;
            beside::lanes(ui, player, &main, (state, wishes));
            return;
        }
        let (Some(beside), Some((mode, _))) = (player.beside(), player.beside_key()) else {
            state.compared = None;
            pane(ui, player, &main, whole, (&mut state.panes[0], wishes));
            return;
        };
        let compared = Compared::of(state.compared.take(), main.branch, beside);
        let at = main.position.at.min(beside.run.ends_at());
        let position = beside.run.place_at(at);
        let compared = &*state.compared.insert(compared);
        let (left, right) = whole.split_left_right_at_fraction(0.5);
        let [first, second, ..] = &mut state.panes;
        let main = Pane { compared: Some(compared), ..main };
        pane(ui, player, &main, left.with_max_x(left.right() - 1.0), (first, wishes));
        let other =
            Pane { which: Which::Beside, branch: beside, mode, position, compared: Some(compared) };
        ui.painter().vline(left.right(), whole.y_range(), (theme::LINE, palette.border_strong));
        pane(ui, player, &other, right, (second, wishes));
    });
}

/// Draws one diagram with its hosts above it.
fn pane(
    ui: &mut Ui,
    player: &Player,
    pane: &Pane<'_>,
    rect: Rect,
    (state, wishes): (&mut PaneState, &mut Vec<Wish>),
) {
    let mut ui = ui
        .new_child(UiBuilder::new().id_salt(("pane", pane.which as u8, pane.mode)).max_rect(rect));
    ui.set_clip_rect(rect.intersect(ui.clip_rect()));
    let mut body = rect;
    if pane.compared.is_some() || player.shows_lanes() {
        let (name, rest) = rect.split_top_bottom_at_y(rect.top() + BRANCH_NAME);
        beside::branch_name(&mut ui, player, pane, name, wishes);
        body = rest;
    }
    let (header, view) = body.split_top_bottom_at_y(body.top() + HEADER);
    let diagram = &*pane.branch.diagram;
    follow(player, pane, view.height(), state);
    scroll(&ui, view, content_height(diagram), state);
    let n = diagram.hosts.len();
    let least = if player.shows_lanes() { LEAST_LANE / 2.0 } else { LEAST_LANE };
    let width = content_width(n, rect.width(), least);
    state.left = state.left.clamp(0.0, width - rect.width());
    let background = ui.interact(view, ui.scope_id().with("background"), Sense::drag());
    if background.dragged_by(PointerButton::Primary) {
        state.top -= f64::from(background.drag_delta().y);
        state.left -= background.drag_delta().x;
    }
    background.widget_info(|| {
        let now = now_in_words(player);
        WidgetInfo::labeled(Role::Label, true, format!("Sequence diagram; now: {now}"))
    });
    let scene = Scene {
        pane,
        diagram,
        player,
        palette: theme::palette(&ui),
        view,
        top: state.top,
        left: state.left,
        width,
        now: pane.position.at,
        n_records: pane.branch.run.records_until(pane.position.n_moves).len(),
    };
    scene.hosts(&mut ui, header, wishes);
    let mut inner = ui.new_child(UiBuilder::new().max_rect(view));
    inner.set_clip_rect(view.intersect(ui.clip_rect()));
    scene.draw(&mut inner, wishes);
    let track = view.with_min_x(view.right() - SCROLL_BAR);
    let extent =
        Extent { view: f64::from(view.height()), whole: content_height(diagram), above: state.top };
    if let Some(top) = scroll_bar(&ui, ui.scope_id().with("bar"), track, extent) {
        state.top = top;
    }
}

fn content_height(diagram: &Diagram) -> f64 {
    diagram.height() + f64::from(2.0 * PADDING) + MARK_HEIGHT
}

/// The width of a diagram of `n` hosts in a view of this width.
fn content_width(n: usize, view: f32, least: f32) -> f32 {
    let margins = left_margin(view) + right_margin(view);
    view.max(margins + n.saturating_sub(1) as f32 * least)
}

/// Scrolls by wheel, and keeps within what there is.
fn scroll(ui: &Ui, view: Rect, content: f64, state: &mut PaneState) {
    if ui.rect_contains_pointer(view) {
        let wheel = ui.input(egui::InputState::smooth_scroll_delta);
        state.top -= f64::from(wheel.y);
        state.left -= wheel.x;
    }
    state.top = state.top.clamp(0.0, (content - f64::from(view.height())).max(0.0));
}

/// Scrolls so that now is in sight, where now or the room has changed.
fn follow(player: &Player, pane: &Pane<'_>, height: f32, state: &mut PaneState) {
    let sight = Sight {
        branch: player.lane().shown(),
        mode: pane.mode,
        position: pane.position,
        lesson: player.lesson().id.clone(),
        height,
    };
    if state.sight.as_ref() == Some(&sight) {
        return;
    }
    state.sight = Some(sight);
    let diagram = &pane.branch.diagram;
    let now = f64::from(PADDING) + diagram.y(pane.position.at);
    let highest = now + f64::from(theme::FOLLOW_BELOW.min(height * 0.3)) - f64::from(height);
    let lowest = now - f64::from(theme::FOLLOW_ABOVE.min(height * 0.6));
    let most = (content_height(diagram) - f64::from(height)).max(0.0);
    state.top = state.top.max(highest).min(lowest).clamp(0.0, most);
}

/// The space left of the first lifeline.
fn left_margin(width: f32) -> f32 {
    // Times and what happens there need their room even where the whole is narrow.
    theme::DIAGRAM_LEFT.min((width * 0.22).max((width * 0.34).min(170.0)))
}

/// The space right of the last lifeline.
fn right_margin(width: f32) -> f32 {
    theme::DIAGRAM_RIGHT.min(width * 0.15)
}

fn host_tone(host: Host) -> Tone {
    match host {
        Host::Client(_) => Tone::Client,
        Host::Server => Tone::Server,
    }
}

/// The tone in which a state is drawn.
pub(super) fn state_tone(state: End) -> Tone {
    match state {
        End::Connecting | End::Closing => Tone::Attention,
        End::Open => Tone::Valid,
        End::Failed => Tone::Breach,
        End::Asking => Tone::Client,
        End::Idle | End::Closed => Tone::Neutral,
    }
}

impl Scene<'_> {
    fn x(&self, host: Host) -> f32 {
        let idx = self.diagram.column(host) as f32;
        self.view.left() + left_margin(self.view.width()) + self.lane_width() * idx - self.left
    }

    /// How far two lifelines stand from each other.
    fn lane_width(&self) -> f32 {
        let margins = left_margin(self.view.width()) + right_margin(self.view.width());
        let n_lanes = self.diagram.hosts.len().saturating_sub(1).max(1);
        (self.width - margins).max(1.0) / n_lanes as f32
    }

    fn y(&self, at: SimTime) -> f32 {
        self.view.top() + PADDING + (self.diagram.y(at) - self.top) as f32
    }

    /// The heights of the diagram that are in view, and a little more.
    fn heights(&self) -> (f64, f64) {
        let top = self.top - f64::from(2.0 * PADDING);
        (top, top + f64::from(self.view.height() + 3.0 * PADDING))
    }

    /// The hosts whose lifelines are in view.
    fn hosts_in_view(&self) -> impl Iterator<Item = Host> {
        let reach = self.view.expand2(vec2(theme::HOST_BOX.x, 0.0));
        let hosts = self.diagram.hosts.iter().copied();
        hosts.filter(move |host| reach.x_range().contains(self.x(*host)))
    }

    /// The unit that is looked at.
    fn focus(&self) -> Option<&Focus> {
        self.player.focus().filter(|_| self.pane.which == Which::Main)
    }

    fn run(&self) -> &Run {
        &self.pane.branch.run
    }

    /// Whether a record was made already: between the bytes of an arrival its effects were not.
    fn seen(&self, record: RecordIdx) -> bool {
        record.0 < self.n_records
    }

    /// Whether what arrives at a moment is there.
    fn arrived(&self, at: SimTime) -> bool {
        at < self.now || at == self.now && self.pane.position.n_fed == 0
    }

    /// Whether an arrow is on this branch alone.
    fn alone(&self, arrow: &Arrow) -> bool {
        let alone = self.pane.compared.map(|compared| &compared.alone[self.pane.which as usize]);
        alone.is_some_and(|alone| alone.contains(&arrow.record))
    }

    /// The boxes with the hosts' names.
    fn hosts(&self, ui: &mut Ui, header: Rect, wishes: &mut Vec<Wish>) {
        for host in self.hosts_in_view() {
            let centre = pos2(self.x(host), header.center().y + 2.0);
            let width = theme::HOST_BOX.x.min(self.lane_width() - 6.0).max(56.0);
            let rect = Rect::from_center_size(centre, vec2(width, theme::HOST_BOX.y));
            let tone = self.palette.tone(host_tone(host));
            let response = ui.interact(rect, ui.scope_id().with(("host", host)), Sense::CLICK);
            let name = host.to_string();
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
            let line = if response.hovered() { self.palette.text } else { tone.line };
            let stroke = (theme::LINE, line);
            ui.painter().rect(rect, theme::RADIUS, tone.fill, stroke, StrokeKind::Inside);
            let font = Face::Strong.font();
            ui.painter().text(centre, Align2::CENTER_CENTER, &name, font, tone.text);
            crate::app::widgets::focus_ring(ui, &response, theme::RADIUS);
            if self.pane.which == Which::Main {
                menus::host(&response, self.player, host, wishes);
                if response.clicked() {
                    wishes.push(Wish::Change(crate::app::window::Section::Say, Some(host)));
                }
                response.on_hover_text(format!(
                    "Click to type and send as {name}; right-click for more"
                ));
            }
        }
    }

    fn draw(&self, ui: &mut Ui, wishes: &mut Vec<Wish>) {
        let (top, bottom) = self.heights();
        self.lifelines(ui.painter(), top, bottom);
        self.time_axis(ui.painter(), top, bottom);
        self.first_difference(ui.painter());
        self.now_line(ui.painter());
        if self.pane.position == self.run().start() {
            if self.pane.which == Which::Main && !self.player.shows_lanes() {
                self.beginning(ui.painter());
            }
            return;
        }
        let arrows: Vec<_> = self
            .diagram
            .arrows_between(top, bottom)
            .filter(|arrow| arrow.departs <= self.now && self.seen(arrow.record))
            .filter(|arrow| self.crosses_view(arrow))
            .collect();
        for arrow in &arrows {
            self.arrow_line(ui.painter(), arrow);
        }
        let stack = 4.0 * MARK_HEIGHT;
        for mark in self.diagram.marks_between(top, bottom + stack) {
            if self.seen(mark.record) {
                self.mark(ui, mark, wishes);
            }
        }
        // Frames and heads take their places first, TCP's own segments those that are left.
        let (bare, laden): (Vec<&Arrow>, Vec<&Arrow>) =
            arrows.into_iter().partition(|arrow| arrow.load == Load::Tcp);
        let mut pills = Vec::new();
        for arrow in laden.into_iter().chain(bare) {
            self.arrow_label(ui, arrow, &mut pills, wishes);
        }
    }

    /// Whether some of an arrow is between the left and the right edge of the view.
    fn crosses_view(&self, arrow: &Arrow) -> bool {
        let (a, b) = (self.x(arrow.from), self.x(arrow.to));
        a.min(b) < self.view.right() && a.max(b) > self.view.left()
    }
}

fn elided(
    painter: &Painter,
    words: &str,
    face: Face,
    ink: Color32,
    width: f32,
) -> Arc<egui::Galley> {
    let mut job = LayoutJob::single_section(words.to_owned(), face.format(ink));
    job.wrap = egui::text::TextWrapping::truncate_at_width(width.max(24.0));
    painter.layout_job(job)
}

/// A moment in at most eight characters.
fn short_time(at: SimTime) -> String {
    let ms = at.as_ms();
    if ms >= 10_000.0 { format!("{:.2} s", ms / 1000.0) } else { format!("{ms:.1} ms") }
}

fn spell_ms(ms: f64) -> String {
    if ms >= 1000.0 { format!("{:.1} s", ms / 1000.0) } else { format!("{ms:.0} ms") }
}
