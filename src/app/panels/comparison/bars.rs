//! Bars: the bytes of each mode, by what they are made of.

use crate::app::theme::{self, Face};
use crate::app::widgets::{elided, focus_ring};
use crate::app::window::Wish;
use crate::player::{Command, Search};
use crate::run::{Condition, Direction, Landmark, Tally};
use crate::sim::Mode;
use crate::view::compare::Row;
use crate::view::words;
use crate::wire::ws::Opcode;
use egui::{Color32, CornerRadius, Rect, Role, Sense, StrokeKind, Ui, WidgetInfo, pos2, vec2};

/// The height of a bar, and from one to the next.
const BAR: f32 = 26.0;
const PITCH: f32 = 38.0;
/// The room left of the bars.
const NAMES: f32 = 104.0;
/// The room right of the longest one.
const NUMBERS: f32 = 110.0;

/// What a part of a bar is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Payload,
    Framing,
    Heads,
    Again,
    TcpIp,
}

impl Part {
    const ALL: [Self; 5] = [Self::Payload, Self::Framing, Self::Heads, Self::Again, Self::TcpIp];

    fn label(self) -> &'static str {
        match self {
            Self::Payload => "payload",
            Self::Framing => "framing",
            Self::Heads => "HTTP heads",
            Self::Again => "sent again",
            Self::TcpIp => "TCP/IP headers",
        }
    }

    fn strength(self) -> f32 {
        match self {
            Self::Payload => 1.0,
            Self::Framing => 0.65,
            Self::Heads => 0.4,
            Self::Again => 0.3,
            Self::TcpIp => 0.16,
        }
    }

    /// Its bytes up and down.
    fn bytes(self, tally: &Tally) -> (u64, u64) {
        let of = |weight: &crate::run::Weight| match self {
            Self::Payload => weight.payload,
            Self::Framing => weight.framing,
            Self::Heads => weight.heads,
            Self::Again => weight.again,
            Self::TcpIp => weight.tcp_ip,
        };
        (of(&tally.up), of(&tally.down))
    }

    /// Where such a byte can be looked at.
    fn example(self, mode: Mode) -> Condition {
        Condition::Kind(match (self, mode) {
            (Self::Heads | Self::TcpIp, _) => Landmark::Request,
            (Self::Again, _) => Landmark::Loss,
            (Self::Payload | Self::Framing, Mode::WebSocket) => Landmark::Frame(Opcode::TEXT),
            (Self::Payload | Self::Framing, _) => Landmark::Delivery,
        })
    }
}

pub(super) fn bars(ui: &mut Ui, rows: &[Row], wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    legend(ui);
    let most = rows.iter().map(|(_, tally)| tally.up.all() + tally.down.all()).max().unwrap_or(1);
    let width = (ui.available_width() - NAMES - NUMBERS).max(100.0);
    for mode in Mode::ALL {
        let (line, _) = ui.allocate_exact_size(vec2(ui.available_width(), PITCH), Sense::hover());
        let middle = line.center().y;
        let name = elided(ui, mode.label(), Face::Body, NAMES - theme::GAP);
        let place =
            pos2(line.left() + NAMES - theme::GAP - name.size().x, middle - name.size().y / 2.0);
        ui.painter().galley(place, name, palette.text);
        let Some((_, tally)) = rows.iter().find(|(other, _)| *other == mode) else { continue };
        let mut left = line.left() + NAMES;
        for part in Part::ALL {
            let (up, down) = part.bytes(tally);
            let share = (up + down) as f32 / most.max(1) as f32;
            let rect =
                Rect::from_min_size(pos2(left, middle - BAR / 2.0), vec2(width * share, BAR));
            left = rect.right();
            if up + down > 0 {
                bar_part(ui, (mode, part), rect, (up, down), wishes);
            }
        }
        let all = tally.up.all() + tally.down.all();
        let words = elided(ui, &words::size(all), Face::MonoStrong, NUMBERS);
        let place = pos2(left + theme::GAP, middle - words.size().y / 2.0);
        ui.painter().galley(place, words, palette.text);
    }
}

fn bar_part(
    ui: &mut Ui,
    (mode, part): (Mode, Part),
    rect: Rect,
    (up, down): (u64, u64),
    wishes: &mut Vec<Wish>,
) {
    let palette = theme::palette(ui);
    // What is too thin to point at is pointed at beside its place.
    let target = rect.with_max_x(rect.right().max(rect.left() + 3.0));
    let id = ui.scope_id().with((mode.name(), part.label()));
    let response = ui.interact(target, id, Sense::CLICK);
    let words = format!(
        "{}, {}: {} up, {} down",
        mode.label(),
        part.label(),
        words::size(up),
        words::size(down)
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
    let ink: Color32 = palette.mode(mode).gamma_multiply(part.strength());
    ui.painter().rect_filled(rect, CornerRadius::same(2), ink);
    if response.hovered() {
        let line = (theme::FOCUS_LINE, palette.text);
        ui.painter().rect_stroke(target, 2.0, line, StrokeKind::Inside);
    }
    focus_ring(ui, &response, 2);
    if response.clicked() {
        let condition = part.example(mode);
        wishes.push(Wish::Comparison);
        wishes.push(Command::SetMode(mode).into());
        wishes.push(Command::First.into());
        wishes.push(Command::Search(Search::Condition(condition), Direction::Forward).into());
    }
    response.on_hover_text(format!("{words}\nClick to see one of them"));
}

/// What the strengths of a colour stand for.
fn legend(ui: &mut Ui) {
    let palette = theme::palette(ui);
    ui.horizontal(|ui| {
        ui.add_space(NAMES);
        for part in Part::ALL {
            let (rect, _) = ui.allocate_exact_size(vec2(14.0, 14.0), Sense::hover());
            let ink = palette.text.gamma_multiply(part.strength());
            ui.painter().rect_filled(rect.shrink(1.0), 2.0, ink);
            ui.label(Face::Small.text(part.label()).color(palette.text_weak));
            ui.add_space(theme::GAP_SMALL);
        }
    });
}
