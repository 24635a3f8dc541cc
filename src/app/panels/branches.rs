//! The strip of branches above the line of time: a tree, each branch from where it was forked on.

use super::dialog_frame;
use crate::app::actions;
use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{Availability, Button, elided, focus_ring};
use crate::app::window::{State, Wish};
use crate::player::{Branch, Command, Player};
use crate::sim::SimTime;
use egui::{
    Align, Id, Key, Layout, Modal, Rect, Role, ScrollArea, Sense, TextEdit, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

/// The most branches that are to be seen at once.
const MAX_ROWS: usize = 4;
/// The height of a branch.
const ROW: f32 = 19.0;

/// The height of the strip; none where nothing was changed yet.
pub(super) fn height(player: &Player) -> f32 {
    match player.lane().branches().len() {
        1 => 0.0,
        n => n.min(MAX_ROWS) as f32 * ROW,
    }
}

/// Draws the strip above a line of time that `x` places moments on.
pub(super) fn strip(
    ui: &mut Ui,
    player: &Player,
    rect: Rect,
    x: &dyn Fn(SimTime) -> f32,
    wishes: &mut Vec<Wish>,
) {
    let branches = player.lane().branches();
    let down = Layout::top_down(Align::Min);
    let mut inner = ui.new_child(UiBuilder::new().max_rect(rect).layout(down));
    inner.spacing_mut().item_spacing.y = 0.0;
    let area = ScrollArea::vertical().id_salt("branches").auto_shrink(false);
    area.max_height(rect.height()).show(&mut inner, |ui| {
        let top = ui.cursor().top();
        for (idx, branch) in branches.iter().enumerate() {
            let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
            let parent = branch.forked.map(|(parent, _)| top + (parent as f32 + 0.5) * ROW);
            branch_row(ui, player, (idx, branch), &Place { row, parent, x }, wishes);
        }
    });
}

/// Where a branch is drawn.
struct Place<'a> {
    row: Rect,
    /// The middle of the row of the branch from which it was forked.
    parent: Option<f32>,
    x: &'a dyn Fn(SimTime) -> f32,
}

fn branch_row(
    ui: &mut Ui,
    player: &Player,
    (idx, branch): (usize, &Branch),
    place: &Place<'_>,
    wishes: &mut Vec<Wish>,
) {
    let palette = theme::palette(ui);
    let shown = player.lane().shown() == idx;
    let beside = player.beside_key() == Some((player.mode(), idx));
    let response = ui.interact(place.row, ui.scope_id().with(("branch", idx)), Sense::CLICK);
    let spoken = format!("Branch: {}", branch.name);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, shown, &spoken));
    let middle = place.row.center().y;
    let from = (place.x)(branch.forked.map_or(SimTime::ZERO, |(_, at)| at));
    let until = (place.x)(branch.run.ends_at()).max(from + 6.0);
    let ink = match (shown, beside) {
        (true, _) => palette.accent,
        (false, true) => palette.tone(Tone::Attention).line,
        (false, false) if response.hovered() => palette.text_weak,
        (false, false) => palette.border_strong,
    };
    let width = if shown { 2.5 } else { 1.5 };
    if let Some(parent) = place.parent {
        ui.painter().vline(from, parent..=middle, (1.5, ink));
        ui.painter().circle_filled(pos2(from, middle), 3.0, ink);
    }
    ui.painter().hline(from..=until, middle, (width, ink));
    let face = if shown { Face::CaptionStrong } else { Face::Caption };
    let room = (place.row.width() * 0.6).max(60.0);
    let name = if beside { format!("{} (beside)", branch.name) } else { branch.name.clone() };
    let galley = elided(ui, &name, face, room);
    // The name stands on the line, or left of it where it would not fit behind its beginning.
    let fits = from + 8.0 + galley.size().x + 8.0 < place.row.right();
    let left =
        if fits { from + 8.0 } else { (from - galley.size().x - 10.0).max(place.row.left()) };
    let at = pos2(left, middle - galley.size().y / 2.0);
    let behind = Rect::from_min_size(at, galley.size()).expand2(vec2(3.0, 0.0));
    ui.painter().rect_filled(behind, 2.0, palette.panel);
    let words_ink = if shown { palette.text } else { palette.text_weak };
    ui.painter().galley(at, galley, words_ink);
    focus_ring(ui, &response, theme::RADIUS_SMALL);
    if response.clicked() {
        wishes.push(Command::ShowBranch(idx).into());
    }
    response.context_menu(|ui| menu(ui, player, idx, wishes));
    let forked = match branch.forked {
        Some((parent, at)) => {
            let parent = &player.lane().branches()[parent].name;
            format!("{}: forked from “{parent}” at {at}", branch.name)
        }
        None => format!("{}: the conversation as it plays by itself", branch.name),
    };
    response.on_hover_text(format!("{forked}\nClick to look at it, right-click for more"));
}

/// What can be done with a branch.
pub(super) fn menu(ui: &mut Ui, player: &Player, idx: usize, wishes: &mut Vec<Wish>) {
    ui.set_min_width(theme::MENU_WIDTH);
    let lane = player.lane();
    let shown = lane.shown() == idx;
    let mut item = |ui: &mut Ui, name: &str, asked: Vec<Wish>| {
        if ui.button(name).clicked() {
            wishes.extend(asked);
            ui.close();
        }
    };
    let show: Wish = Command::ShowBranch(idx).into();
    if !shown {
        item(ui, "Look at it", vec![show.clone()]);
        let key = Some((player.mode(), idx));
        if player.beside_key() == key {
            item(ui, "Put it away from beside", vec![Command::Compare(None).into()]);
        } else {
            item(ui, "Show it beside", vec![Command::Compare(key).into()]);
        }
    }
    item(ui, "Rename…", vec![show.clone(), Wish::Rename]);
    if lane.branches()[idx].forked.is_some() {
        item(ui, "To the first difference", vec![show.clone(), Command::ToDivergence.into()]);
        item(ui, "Delete", vec![show, Command::DeleteBranch.into()]);
    }
}

/// The dialog in which the branch that is looked at gets another name.
pub(in crate::app) fn rename(
    ui: &mut Ui,
    player: &Player,
    state: &mut State,
    wishes: &mut Vec<Wish>,
) {
    let Some(name) = &mut state.rename else { return };
    let mut done = false;
    let modal = Modal::new(Id::unique("rename")).frame(dialog_frame(ui)).show(ui.ctx(), |ui| {
        ui.set_width(theme::DIALOG_WIDTH * 0.6);
        ui.label(Face::Heading.text("Rename the branch"));
        let present = &player.branch().name;
        let field = TextEdit::singleline(name).desired_width(f32::INFINITY).hint_text(present);
        let response = ui.add(field);
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::TextInput, true, "Name of the branch");
            info.current_text_value = Some(name.clone());
            info
        });
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if !response.has_focus() && !entered {
            response.request_focus();
        }
        let ready = if name.trim().is_empty() {
            Availability::Blocked("Write a name first")
        } else {
            Availability::Ready
        };
        ui.horizontal(|ui| {
            let clicked = ui.add(Button::primary("Rename").availability(ready)).clicked();
            if (clicked || entered) && ready == Availability::Ready {
                wishes.push(Command::RenameBranch(name.clone()).into());
                done = true;
            }
            done |= ui.add(Button::plain("Leave it")).clicked();
        });
        let key = actions::tooltip(ui.ctx(), "Rename branch");
        ui.label(Face::Small.text(key).color(theme::palette(ui).text_weak));
    });
    if done || modal.should_close() {
        state.rename = None;
    }
}
