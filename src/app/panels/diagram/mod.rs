//! The sequence diagram: hosts, lifelines, slanted arrows, what is in flight, and now.

mod arrows;
mod lines;
mod marks;

use crate::app::theme::{self, Face, Palette, Tone};
use crate::app::widgets::{Availability, segmented};
use crate::app::window::{State, Wish};
use crate::conn::State as End;
use crate::lesson::Panel as Part;
use crate::player::{Command, Player};
use crate::run::Position;
use crate::sim::{Host, Mode, RecordIdx, SimTime};
use crate::view::sequence::{Arrow, Diagram, Load, MARK_HEIGHT};
use crate::view::words;
use egui::text::LayoutJob;
use egui::{
    Align, Align2, CentralPanel, Color32, Frame, Layout, Margin, Painter, Panel, Pos2, Rect, Role,
    ScrollArea, Sense, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

/// The space above the first moment and below the last.
const PADDING: f32 = 14.0;

/// To what the diagram has scrolled, how far, and how much of it was to be seen.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) struct Followed {
    sight: Sight,
    offset: f32,
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

/// What drawing the diagram needs to know everywhere.
struct Scene<'a> {
    diagram: &'a Diagram,
    player: &'a Player,
    palette: &'static Palette,
    /// The column of moments: its left edge, and where time begins.
    origin: Pos2,
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
        footer(ui, player, wishes);
        let width = ui.available_width();
        let (header, _) = ui.allocate_exact_size(vec2(width, 46.0), Sense::hover());
        hosts(ui, player, header);
        let diagram = &player.branch().diagram;
        // What is set below may lie beyond the end of the picture that was drawn before: it is not
        // to be pulled back to there.
        ui.spacing_mut().scroll.kinetic.rubber_band = false;
        let mut area = ScrollArea::vertical().auto_shrink(false).id_salt("diagram");
        let sight = sight(player, ui.available_height());
        if let Some(offset) = follow(player, &sight, state) {
            area = area.vertical_scroll_offset(offset);
        }
        let shown = area.show_viewport(ui, |ui, viewport| {
            let height = content_height(diagram);
            let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
            response.widget_info(|| {
                let now = now_in_words(player);
                WidgetInfo::labeled(Role::Label, true, format!("Sequence diagram; now: {now}"))
            });
            let scene = Scene {
                diagram,
                player,
                palette,
                origin: rect.min + vec2(0.0, PADDING),
                width,
                now: player.position().at,
                n_records: player.run().records_until(player.position().n_moves).len(),
            };
            scene.draw(ui, viewport, wishes);
        });
        state.followed = Some(Followed { sight, offset: shown.state.clamped_offset().y });
    });
}

fn content_height(diagram: &Diagram) -> f32 {
    diagram.height() + 2.0 * PADDING + MARK_HEIGHT
}

fn sight(player: &Player, height: f32) -> Sight {
    Sight {
        branch: player.lane().shown(),
        mode: player.mode(),
        position: player.position(),
        lesson: player.lesson().id.clone(),
        height,
    }
}

/// How far to scroll so that now is in sight, where now or the room has changed.
///
/// The offset is set rather than asked for: two requests in a row would add up.
fn follow(player: &Player, sight: &Sight, state: &State) -> Option<f32> {
    let before = state.followed.as_ref();
    if before.is_some_and(|before| before.sight == *sight) {
        return None;
    }
    let offset = before.map_or(0.0, |before| before.offset);
    let height = sight.height;
    let diagram = &player.branch().diagram;
    let now = PADDING + diagram.y(player.position().at);
    let highest = now + theme::FOLLOW_BELOW.min(height * 0.3) - height;
    let lowest = now - theme::FOLLOW_ABOVE.min(height * 0.6);
    let most = (content_height(diagram) - height).max(0.0);
    Some(offset.max(highest).min(lowest).clamp(0.0, most))
}

/// The boxes with the hosts' names.
fn hosts(ui: &mut Ui, player: &Player, header: Rect) {
    let palette = theme::palette(ui);
    let hosts = &player.branch().diagram.hosts;
    for (idx, host) in hosts.iter().enumerate() {
        let x = header.left() + column_x(idx, hosts.len(), header.width());
        let rect = Rect::from_center_size(pos2(x, header.center().y + 2.0), theme::HOST_BOX);
        let tone = palette.tone(host_tone(*host));
        ui.painter().rect(
            rect,
            theme::RADIUS,
            tone.fill,
            (theme::LINE, tone.line),
            StrokeKind::Inside,
        );
        ui.painter().text(
            rect.center(),
            Align2::CENTER_CENTER,
            host.to_string(),
            Face::Strong.font(),
            tone.text,
        );
    }
}

/// What happens now, what was counted, and the branches.
fn footer(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    let frame = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(14, 5));
    Panel::bottom("footer").frame(frame).show(ui, |ui| {
        happening(ui, player);
        let branches = player.lane().branches();
        let counts = player.shows(Part::Counters);
        if !counts && branches.len() < 2 {
            return;
        }
        ui.with_layout(Layout::left_to_right(Align::Center).with_main_wrap(true), |ui| {
            if counts {
                counters(ui, player);
            }
            if branches.len() > 1 {
                ui.add_space(theme::GAP);
                ui.label(Face::Small.text("Branch").color(palette.text_weak));
                branch_choice(ui, player, wishes);
            }
        });
    });
}

/// Side by side while they are few, else in a list.
fn branch_choice(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let (branches, shown) = (player.lane().branches(), player.lane().shown());
    if branches.len() < 3 {
        let options: Vec<_> =
            branches.iter().map(|branch| (branch.name.as_str(), Availability::Ready)).collect();
        if let Some(idx) = segmented(ui, "Branch", &options, shown) {
            wishes.push(Command::ShowBranch(idx).into());
        }
        return;
    }
    let present = branches[shown].name.as_str();
    let list = egui::ComboBox::from_id_salt("branch").selected_text(Face::Body.text(present));
    let list = list.width(theme::BRANCH_WIDTH).show_ui(ui, |ui| {
        for (idx, branch) in branches.iter().enumerate() {
            if ui.selectable_label(idx == shown, branch.name.as_str()).clicked() {
                wishes.push(Command::ShowBranch(idx).into());
            }
        }
    });
    let spoken = format!("Branch: {present}");
    list.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &spoken));
}

fn now_in_words(player: &Player) -> String {
    match &player.happening()[..] {
        [] if player.position() == player.run().start() => "nothing has happened yet".to_owned(),
        [] => "silence".to_owned(),
        told => told.join(" · "),
    }
}

/// One line, so that nothing jumps: all of it shows while the pointer rests on it.
fn happening(ui: &mut Ui, player: &Player) {
    let palette = theme::palette(ui);
    let words = now_in_words(player);
    ui.horizontal(|ui| {
        ui.label(Face::CaptionStrong.text("NOW").color(palette.tone(Tone::Attention).text));
        let label = egui::Label::new(Face::Small.text(&words).color(palette.text)).truncate();
        let response = ui.add(label);
        response.on_hover_text(words.replace(" · ", "\n"));
    });
}

fn counters(ui: &mut Ui, player: &Player) {
    let palette = theme::palette(ui);
    ui.label(Face::Small.text("On the wire so far").color(palette.text_weak));
    for (mode, totals) in player.totals() {
        ui.add_space(theme::GAP);
        let here = mode == player.mode();
        let ink = if here { palette.text } else { palette.text_weak };
        let face = if here { Face::Strong } else { Face::Body };
        ui.label(face.text(mode.label()).color(ink));
        let counted = match mode {
            Mode::Polling => {
                let requests = words::count(totals.requests, "request");
                format!("{requests}, {} empty", totals.empty_answers)
            }
            Mode::WebSocket => {
                let requests = words::count(totals.requests, "request");
                format!("{requests}, {}", words::count(totals.frames, "frame"))
            }
        };
        let tip = format!(
            "{} up, {} down in {} segments; with TCP/IP headers {}",
            words::size(totals.bytes_up),
            words::size(totals.bytes_down),
            totals.segments,
            words::size(totals.bytes_with_headers()),
        );
        let size = Face::MonoStrong.text(words::size(totals.bytes())).color(ink);
        ui.add(egui::Label::new(size).extend()).on_hover_text(tip);
        ui.label(Face::Small.text(counted).color(palette.text_weak));
    }
}

/// The space left of the first lifeline.
fn left_margin(width: f32) -> f32 {
    theme::DIAGRAM_LEFT.min(width * 0.22)
}

fn column_x(idx: usize, n: usize, width: f32) -> f32 {
    let left = left_margin(width);
    let right = width - theme::DIAGRAM_RIGHT.min(width * 0.15);
    if n < 2 { left } else { left + (right - left).max(1.0) * idx as f32 / (n - 1) as f32 }
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
        let n = self.diagram.hosts.len();
        self.origin.x + column_x(self.diagram.column(host), n, self.width)
    }

    fn y(&self, at: SimTime) -> f32 {
        self.origin.y + self.diagram.y(at)
    }

    /// Whether a record was made already: between the bytes of an arrival its effects were not.
    fn seen(&self, record: RecordIdx) -> bool {
        record.0 < self.n_records
    }

    /// Whether what arrives at a moment is there.
    fn arrived(&self, at: SimTime) -> bool {
        at < self.now || at == self.now && self.player.position().n_fed == 0
    }

    fn draw(&self, ui: &mut Ui, viewport: Rect, wishes: &mut Vec<Wish>) {
        let top = viewport.top() - 2.0 * PADDING;
        let bottom = viewport.bottom() + PADDING;
        self.lifelines(ui.painter(), top, bottom);
        self.time_axis(ui.painter(), top, bottom);
        self.now_line(ui.painter());
        if self.player.position() == self.player.run().start() {
            self.beginning(ui.painter());
            return;
        }
        let arrows: Vec<_> = self
            .diagram
            .arrows_between(top, bottom)
            .filter(|arrow| arrow.departs <= self.now && self.seen(arrow.record))
            .collect();
        for arrow in &arrows {
            self.arrow_line(ui.painter(), arrow);
        }
        let stack = 4.0 * MARK_HEIGHT;
        for mark in self.diagram.marks_between(top, bottom + stack) {
            if self.seen(mark.record) {
                self.mark(ui.painter(), mark);
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
}

fn elided(
    painter: &Painter,
    words: &str,
    face: Face,
    ink: Color32,
    width: f32,
) -> std::sync::Arc<egui::Galley> {
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
