//! Diagrams beside each other: two branches and how they differ, or all modes at one moment.

use super::{Pane, Which, one_line, pane};
use crate::app::theme::{self, Face};
use crate::app::widgets::Button;
use crate::app::window::{State, Wish};
use crate::player::{Branch, Command, Player};
use crate::run::{Divergence, Run};
use crate::sim::{Mode, RecordIdx};
use crate::view::sequence::differing;
use egui::{Align, Layout, Rect, Ui, UiBuilder, pos2, vec2};
use lucide_icons::Icon;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How two branches differ.
pub(in crate::app) struct Compared {
    runs: [Arc<Run>; 2],
    pub(super) divergence: Option<Divergence>,
    pub(super) alone: [BTreeSet<RecordIdx>; 2],
}

impl Compared {
    /// Compares two branches, unless it was done before.
    pub(super) fn of(before: Option<Self>, here: &Branch, there: &Branch) -> Self {
        let runs = [&here.run, &there.run].map(Arc::clone);
        let same = |compared: &Self| {
            compared.runs.iter().zip(&runs).all(|(before, run)| Arc::ptr_eq(before, run))
        };
        before.filter(same).unwrap_or_else(|| Self {
            divergence: here.run.diverges_from(&there.run),
            alone: [
                differing(&here.diagram, &there.diagram),
                differing(&there.diagram, &here.diagram),
            ],
            runs,
        })
    }
}

/// Draws the diagrams of all modes side by side, each at the same moment.
pub(super) fn lanes(
    ui: &mut Ui,
    player: &Player,
    main: &Pane<'_>,
    (state, wishes): (&mut State, &mut Vec<Wish>),
) {
    let whole = ui.available_rect_before_wrap();
    let width = whole.width() / Mode::ALL.len() as f32;
    for (idx, (mode, lane)) in player.lanes().enumerate() {
        let left = whole.left() + width * idx as f32;
        let rect = Rect::from_x_y_ranges(left..=left + width - 1.0, whole.y_range());
        let branch = lane.branch();
        let at = main.position.at.min(branch.run.ends_at());
        let (which, position) = if mode == main.mode {
            (Which::Main, main.position)
        } else {
            (Which::Lane, branch.run.place_at(at))
        };
        let line = (theme::LINE, theme::palette(ui).border_strong);
        ui.painter().vline(rect.right(), whole.y_range(), line);
        let one = Pane { which, branch, mode, position, compared: None };
        pane(ui, player, &one, rect, (&mut state.panes[idx], wishes));
    }
}

/// The name of a branch that is held against another, and what can be done about that.
pub(super) fn branch_name(
    ui: &mut Ui,
    player: &Player,
    pane: &Pane<'_>,
    rect: Rect,
    wishes: &mut Vec<Wish>,
) {
    let palette = theme::palette(ui);
    ui.painter().rect_filled(rect, 0.0, palette.panel);
    let mut row = ui.new_child(
        UiBuilder::new()
            .max_rect(rect.shrink2(vec2(theme::GAP, 1.0)))
            .layout(Layout::right_to_left(Align::Center)),
    );
    if pane.which == Which::Beside {
        let close = Button::icon(Icon::X, "Put the branch away from beside");
        if row.add(close).clicked() {
            wishes.push(Command::Compare(None).into());
        }
        let swap = Button::icon(Icon::ArrowLeftRight, "Look at this one instead");
        if row.add(swap).clicked() {
            let shown = (player.mode(), player.lane().shown());
            let idx = player.beside_key().map(|(_, idx)| idx);
            wishes.push(Command::SetMode(pane.mode).into());
            wishes.extend(idx.map(|idx| Command::ShowBranch(idx).into()));
            wishes.push(Command::Compare(Some(shown)).into());
        }
    } else if player.shows_lanes() {
        lane_buttons(&mut row, pane, wishes);
    } else if let Some(divergence) = pane.compared.and_then(|compared| compared.divergence) {
        let to = Button::icon(Icon::Diff, "To the first difference");
        if row.add(to).clicked() {
            wishes.push(Command::Seek(divergence.at).into());
        }
    } else {
        row.label(Face::Small.text("no difference").color(palette.text_weak));
    }
    let words = format!("{} · {}", pane.mode.label(), pane.branch.name);
    let face = if pane.which == Which::Main { Face::Strong } else { Face::Body };
    let galley = one_line(&row, &words, face, row.available_width());
    let place = pos2(rect.left() + theme::GAP, rect.center().y - galley.size().y / 2.0);
    row.painter().galley(place, galley, palette.text);
}

/// What can be done about a lane.
fn lane_buttons(row: &mut Ui, pane: &Pane<'_>, wishes: &mut Vec<Wish>) {
    if pane.which == Which::Main {
        if row.add(Button::icon(Icon::X, "Put the other lanes away")).clicked() {
            wishes.push(Command::ToggleLanes.into());
        }
        return;
    }
    let name = format!("Look into {}", pane.mode.label());
    if row.add(Button::icon(Icon::Eye, &name)).clicked() {
        wishes.push(Command::SetMode(pane.mode).into());
    }
}
