//! The inspector: the unit that is looked at, as bits, bytes and fields, and what comes of it.

mod bench;
mod cuts;
mod events;
mod script;
mod seen;
mod states;
mod why;

use super::menus;
use crate::app::actions;
use crate::app::citation::citation;
use crate::app::inspector::{
    BitGrid, HexStrip, Marks, MaskTable, PrefixTable, Touch, TreeTable, Verdict as Card,
    accept_recipe, wrong_recipes,
};
use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{Availability, Button, Pill, segmented};
use crate::app::window::{State, Wish};
use crate::lesson::{Panel as Part, Tab};
use crate::player::{Command, Focus, Gate, Player, Whereabouts};
use crate::sim::Host;
use crate::view::verdict::Outcome;
use crate::view::{accept, mask, tree, words};
use crate::wire::Side;
use egui::{Align, Frame, Layout, Margin, Panel, ScrollArea, Ui};
use lucide_icons::Icon;

pub(in crate::app) use events::EventList;

pub(in crate::app) fn show(
    ui: &mut Ui,
    player: &Player,
    state: &mut State,
    wishes: &mut Vec<Wish>,
) {
    if !player.shows(Part::Inspector) {
        state.events.hide();
        return;
    }
    let palette = theme::palette(ui);
    let frame = Frame::new().fill(palette.panel);
    let heights = theme::INSPECTOR_HEIGHTS;
    let height = (ui.available_height() * 0.44).clamp(heights.0, heights.1);
    let panel = Panel::bottom("inspector").resizable(true).default_size(height).frame(frame);
    panel.min_size(180.0).show(ui, |ui| {
        let padding = Margin::symmetric(14, 10);
        let mut touches = Vec::new();
        let width = theme::fields_width(ui.available_width());
        let fields = Panel::right("fields").exact_size(width);
        fields.frame(Frame::new().inner_margin(padding)).show(ui, |ui| {
            fields_column(ui, player, state, &mut touches, wishes);
        });
        Frame::new().inner_margin(padding).show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            tabs(ui, player, wishes);
            ui.add_space(theme::GAP_SMALL);
            edit_row(ui, player, wishes);
            tab(ui, player, state, &mut touches, wishes);
        });
        state.hovered = None;
        for touch in touches {
            match touch {
                Touch::Select(locus) => wishes.push(Command::Select(locus).into()),
                Touch::Flip(bit) => wishes.push(Command::Flip(bit).into()),
                Touch::Hover(locus) => state.hovered = Some(locus),
            }
        }
    });
}

fn tabs(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let options = Tab::ALL.map(|tab| (tab.label(), Availability::Ready));
    let chosen = Tab::ALL.iter().position(|tab| *tab == player.tab()).unwrap_or(0);
    if let Some(idx) = segmented(ui, "What the inspector shows", &options, chosen) {
        wishes.push(Command::ShowTab(Tab::ALL[idx]).into());
    }
}

/// What can be done about edits, and what they stand for.
fn edit_row(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let flipped = !player.flips().is_empty();
    let forked = player.branch().forked.is_some();
    if !flipped && !forked {
        return;
    }
    let frame = Frame::new().inner_margin(Margin { top: 6, ..Margin::ZERO });
    Panel::bottom("edits").show_separator_line(false).frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            let tip = actions::tooltip(ui.ctx(), "Release");
            let release = Button::primary("Release").leading(Icon::Send).tooltip(&tip);
            if flipped && ui.add(release).clicked() {
                wishes.push(Command::Release.into());
            }
            let tip = actions::tooltip(ui.ctx(), "Reset");
            let reset = Button::plain("Reset").leading(Icon::RotateCcw).tooltip(&tip);
            if ui.add(reset).clicked() {
                wishes.push(Command::Reset.into());
            }
            if let Some(edit) = player.edit() {
                let words = Face::Small.text(edit.culprit()).color(theme::palette(ui).text_weak);
                ui.add(egui::Label::new(words).wrap());
            }
        });
    });
}

fn marks(player: &Player, state: &State) -> Marks {
    Marks { selected: player.selection(), hovered: state.hovered }
}

/// Where the unit is, and whether it was edited.
fn whereabouts(ui: &mut Ui, focus: &Focus) {
    let edited = if focus.edited.is_empty() { "" } else { "edited · " };
    let (tone, words) = match focus.whereabouts {
        Whereabouts::InFlight => (Tone::Attention, "in flight"),
        Whereabouts::Arriving => (Tone::Attention, "arriving"),
        Whereabouts::Arrived => (Tone::Neutral, "arrived"),
    };
    ui.add(Pill::outlined(tone, &format!("{edited}{words}")));
}

fn tab(
    ui: &mut Ui,
    player: &Player,
    state: &mut State,
    touches: &mut Vec<Touch>,
    wishes: &mut Vec<Wish>,
) {
    if player.tab() != Tab::Events {
        state.events.hide();
    }
    match player.tab() {
        Tab::Events => return events::events(ui, player, state, wishes),
        Tab::Why => return why::why(ui, player, wishes),
        Tab::Seen => return seen::seen(ui, player, wishes),
        Tab::States => return states::states(ui, player, wishes),
        Tab::Script => return script::script(ui, player, wishes),
        Tab::Cuts => return cuts::cuts(ui, player, wishes),
        Tab::Bench => return bench::bench(ui, player, wishes),
        Tab::Frame | Tab::Mask | Tab::Bytes | Tab::Handshake => {}
    }
    let Some(focus) = player.focus() else { return nothing(ui) };
    match player.tab() {
        Tab::Frame => {
            let editable = match focus.whereabouts {
                Whereabouts::InFlight => Availability::Ready,
                Whereabouts::Arriving | Whereabouts::Arrived => Availability::Blocked(
                    "These bytes have arrived: step back to a moment when they are in flight",
                ),
            };
            let grid = BitGrid::new(&focus.bytes, &focus.found, marks(player, state))
                .edited(&focus.edited)
                .editable(editable);
            // Each unit has a grid of its own, which begins at the top.
            let shown = ui.push_id(focus.wrote.0, |ui| touches.extend(grid.show(ui)));
            menus::bytes(&shown.response, player, wishes);
        }
        Tab::Mask => touches.extend(masking(ui, player, state, focus)),
        Tab::Bytes => {
            let n_arrived = focus.n_arrived(player.run(), player.position());
            let arrived = (n_arrived > 0).then_some(n_arrived);
            let table = PrefixTable::new(&focus.bytes, &focus.context).arrived(arrived);
            touches.extend(table.show(ui));
        }
        Tab::Handshake => handshake(ui, player),
        Tab::Cuts | Tab::States | Tab::Script | Tab::Events | Tab::Why | Tab::Seen | Tab::Bench => {
        }
    }
}

/// How the payload is unmasked, or why there is nothing to unmask.
fn masking(ui: &mut Ui, player: &Player, state: &State, focus: &Focus) -> Vec<Touch> {
    let masking = mask::of(&focus.bytes, &focus.context, &focus.found);
    match (mask::why_not(&masking), masking) {
        (None, mask::Masking::Masked(masked)) => {
            let table = MaskTable::new(&focus.bytes, masked, marks(player, state));
            ui.push_id(focus.wrote.0, |ui| table.show(ui)).inner
        }
        (why_not, _) => {
            let (words, cite) = why_not.unwrap_or_default();
            ui.add(egui::Label::new(Face::Body.text(words)).wrap());
            citation(ui, cite);
            Vec::new()
        }
    }
}

fn nothing(ui: &mut Ui) {
    ui.add_space(theme::GAP_LARGE);
    let words = "Nothing was sent yet. Press Space, or the button Step, and the first bytes will \
                 be here.";
    let text = Face::Body.text(words).color(theme::palette(ui).text_weak);
    ui.add(egui::Label::new(text).wrap());
}

/// How the Accept value of the last handshake was made.
fn handshake(ui: &mut Ui, player: &Player) {
    let Some(key) = player.handshake_key() else {
        let words = "No upgrade was asked for yet. In WebSocket mode the client's first request \
                     carries the key from which the server makes its answer.";
        let text = Face::Body.text(words).color(theme::palette(ui).text_weak);
        ui.add(egui::Label::new(text).wrap());
        return;
    };
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        accept_recipe(ui, &accept::rows(&key));
        ui.add_space(theme::GAP_LARGE);
        wrong_recipes(ui, &accept::wrong(&key));
    });
}

/// The units that travel together, such as a head and its body: the one to look at.
fn siblings(ui: &mut Ui, player: &Player, focus: &Focus, wishes: &mut Vec<Wish>) {
    let siblings = player.siblings();
    if siblings.len() < 2 {
        return;
    }
    let options: Vec<_> =
        siblings.iter().map(|(_, name)| (name.as_str(), Availability::Ready)).collect();
    let chosen = siblings.iter().position(|(wrote, _)| *wrote == focus.wrote).unwrap_or(0);
    if let Some(idx) = segmented(ui, "Which part", &options, chosen) {
        wishes.push(Command::Inspect(siblings[idx].0).into());
    }
}

fn fields_column(
    ui: &mut Ui,
    player: &Player,
    state: &State,
    touches: &mut Vec<Touch>,
    wishes: &mut Vec<Wish>,
) {
    if player.tab() == Tab::Bench {
        return bench::fields(ui, player);
    }
    let Some(focus) = player.focus() else { return };
    let palette = theme::palette(ui);
    let client = Host::Client(player.run().client_of(focus.unit.link).unwrap_or_default());
    let from = match focus.unit.from {
        Side::Client => format!("{client} → {}", Host::Server),
        Side::Server => format!("{} → {client}", Host::Server),
    };
    let title = words::title(&focus.bytes, &focus.context);
    let title = format!("{title} · {}", words::size(focus.bytes.len() as u64));
    ui.horizontal(|ui| {
        ui.label(Face::Small.text(from).color(palette.text_weak));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            whereabouts(ui, focus);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(egui::Label::new(Face::Strong.text(title)).truncate());
            });
        });
    });
    Panel::bottom("verdict").show_separator_line(false).frame(Frame::new()).show(ui, |ui| {
        ui.add_space(theme::GAP_SMALL);
        verdict(ui, player, focus);
    });
    siblings(ui, player, focus, wishes);
    let marks = marks(player, state);
    let strip = HexStrip::new(&focus.bytes, &focus.found, marks)
        .differing(player.differing_bytes())
        .max_height(theme::hex_height(ui.available_height()));
    let shown = ui.scope(|ui| touches.extend(strip.show(ui)));
    menus::bytes(&shown.response, player, wishes);
    ui.add_space(theme::GAP_SMALL);
    let rows = tree::tree(&focus.bytes, &focus.context, &focus.found);
    // Where there is little room the fields scroll; they never reach into the verdict.
    ScrollArea::vertical().auto_shrink(false).min_scrolled_height(0.0).show(ui, |ui| {
        touches.extend(TreeTable::new(&rows, marks).show(ui));
    });
}

fn verdict(ui: &mut Ui, player: &Player, focus: &Focus) {
    if player.walk().gate() == Gate::Unanswered && focus.whereabouts != Whereabouts::Arrived {
        let words = "what comes of it shows here once you have answered.";
        ui.add(Card { tone: Tone::Attention, headline: "Predict first:", words, cite: "" });
        return;
    }
    let outcome = focus.verdict.outcome;
    let tone = match outcome {
        Outcome::Taken => Tone::Valid,
        Outcome::Waits => Tone::Attention,
        Outcome::Refused => Tone::Breach,
    };
    let headline = match (focus.whereabouts, player.flips().is_empty(), outcome) {
        (Whereabouts::InFlight, false, _) => "If you release this:",
        (Whereabouts::InFlight, true, _) => "On arrival:",
        (Whereabouts::Arriving, ..) => "So far:",
        (Whereabouts::Arrived, _, Outcome::Taken) => "Taken.",
        (Whereabouts::Arrived, _, Outcome::Waits) => "Waiting.",
        (Whereabouts::Arrived, _, Outcome::Refused) => "Refused.",
    };
    let card = Card { tone, headline, words: &focus.verdict.words, cite: focus.verdict.cite };
    ui.add(card);
}
