//! Menus of what can be changed: at arrows, hosts and bytes.
//!
//! **Invariant:** every item of a menu is also in the dialog of changes, which the keyboard opens.

use crate::app::theme::{self, Face};
use crate::app::window::{Section, Wish};
use crate::lesson::Tab;
use crate::player::{About, Command, Copied, Offer, Player, Whereabouts};
use crate::sim::{Host, RecordIdx};
use crate::view::locus::Locus;
use egui::{Response, Ui};

/// The menu of an arrow.
pub(in crate::app) fn arrow(
    response: &Response,
    player: &Player,
    record: RecordIdx,
    wishes: &mut Vec<Wish>,
) {
    response.context_menu(|ui| {
        ui.set_min_width(theme::MENU_WIDTH);
        let ready = offers(ui, player, About::Arrow(record), wishes);
        if !ready {
            caption(ui, "It has arrived: nothing on its way can be changed any more.");
        }
        ui.separator();
        let set = player.branch().breakpoints.contains(&record);
        let name = if set { "Take the breakpoint away" } else { "Set a breakpoint" };
        item(ui, name, Command::ToggleBreakpoint(Some(record)), wishes);
        if ui.button("Why is it there?").clicked() {
            wishes.push(Command::Choose(record).into());
            wishes.push(Command::ShowTab(Tab::Why).into());
            ui.close();
        }
    });
}

/// The menu of a host.
pub(in crate::app) fn host(
    response: &Response,
    player: &Player,
    host: Host,
    wishes: &mut Vec<Wish>,
) {
    response.context_menu(|ui| {
        ui.set_min_width(theme::MENU_WIDTH);
        if ui.button(format!("Type and send as {host}…")).clicked() {
            wishes.push(Wish::Change(Section::Say, Some(host)));
            ui.close();
        }
        ui.separator();
        offers(ui, player, About::Host(host), wishes);
        ui.separator();
        if ui.button("Change the network…").clicked() {
            wishes.push(Wish::Change(Section::Network, None));
            ui.close();
        }
    });
}

/// The menu of the bits of the unit that is looked at: the one that is selected is meant.
pub(in crate::app) fn bytes(response: &Response, player: &Player, wishes: &mut Vec<Wish>) {
    let Some(focus) = player.focus() else { return };
    response.container_context_menu(|ui| {
        ui.set_min_width(theme::MENU_WIDTH);
        if let Some(bit) = player.selection().map(|selection| selection.bit) {
            if focus.whereabouts == Whereabouts::InFlight {
                item(ui, &format!("Flip bit {bit}"), Command::Flip(bit), wishes);
            }
            let byte = usize::try_from(bit / 8).unwrap_or(usize::MAX);
            if ui.button(format!("Why is byte {byte} as it is?")).clicked() {
                wishes.push(Command::Select(Locus::byte(byte)).into());
                wishes.push(Command::ShowTab(Tab::Why).into());
                ui.close();
            }
        }
        item(ui, "Copy the bytes as hex", Command::Copy(Copied::Hex), wishes);
        ui.separator();
        if !offers(ui, player, About::Arrow(focus.wrote), wishes) {
            caption(ui, "They have arrived: they can be changed on their way alone.");
        }
    });
}

/// Items for all that can be changed about something; whether there is any.
pub(in crate::app) fn offers(
    ui: &mut Ui,
    player: &Player,
    about: About,
    wishes: &mut Vec<Wish>,
) -> bool {
    let offers = player.offers(about);
    let mut layer = None;
    for Offer { label, edit } in &offers {
        if layer != Some(edit.layer()) {
            layer = Some(edit.layer());
            caption(ui, &edit.layer().label().to_uppercase());
        }
        let button = ui.button(label).on_hover_text(edit.culprit());
        if button.clicked() {
            wishes.push(Command::Edit(edit.clone()).into());
            ui.close();
        }
    }
    !offers.is_empty()
}

fn caption(ui: &mut Ui, words: &str) {
    ui.label(Face::Caption.text(words).color(theme::palette(ui).text_weak));
}

fn item(ui: &mut Ui, name: &str, command: Command, wishes: &mut Vec<Wish>) {
    if ui.button(name).clicked() {
        wishes.push(command.into());
        ui.close();
    }
}
