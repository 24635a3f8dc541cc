//! What both ends of a connection are doing, drawn with all that they could do next; and in words
//! what every end is doing.

use crate::app::citation::citation;
use crate::app::inspector::{End, machine_drawing};
use crate::app::panels::diagram::state_tone;
use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::Pill;
use crate::app::window::Wish;
use crate::conn::State;
use crate::lesson::Tab;
use crate::player::{Command, Player};
use crate::sim::{Host, LinkIdx, Mode, What};
use crate::view::machine::{self, Machine, Row};
use crate::view::words;
use crate::wire::Side;
use egui::{ScrollArea, Ui};

pub(super) fn states(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    let world = player.run().world_at(player.position().n_moves);
    let rows = machine::rows(&world);
    let Some(link) = drawn(player, &rows) else {
        let text = Face::Body.text("No connection is open.").color(palette.text_weak);
        ui.label(text);
        return;
    };
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let machine = match player.mode() {
            Mode::WebSocket => Machine::WebSocket,
            Mode::Polling | Mode::LongPolling | Mode::Sse => Machine::Http,
        };
        let client = Host::Client(player.run().client_of(link).unwrap_or_default());
        let names = [client.to_string(), Host::Server.to_string()];
        let ends =
            [(Side::Client, client, Tone::Client), (Side::Server, Host::Server, Tone::Server)];
        let ends: Vec<_> = ends
            .iter()
            .zip(&names)
            .map(|((side, host, tone), name)| {
                let state = state_of(player, &rows, *host, link);
                End { side: *side, name, tone: *tone, state, state_tone: state_tone(state) }
            })
            .collect();
        machine_drawing(ui, machine, &ends);
        ui.add_space(theme::GAP_LARGE);
        for row in &rows {
            told(ui, player, row, wishes);
        }
    });
}

/// The connection that is drawn: that of the unit that is looked at, or else the first.
fn drawn(player: &Player, rows: &[Row]) -> Option<LinkIdx> {
    let looked_at = player.focus().map(|focus| focus.unit.link);
    looked_at.or_else(|| rows.first().map(|row| row.link))
}

/// What an end is doing, or was doing last where its connection is gone.
fn state_of(player: &Player, rows: &[Row], host: Host, link: LinkIdx) -> State {
    if let Some(row) = rows.iter().find(|row| row.link == link && row.host == host) {
        return row.state;
    }
    let last = player.state_change(host, link).map(|record| &player.run().records()[record.0].what);
    match last {
        Some(What::Became(_, _, after)) => *after,
        _ => State::Idle,
    }
}

fn told(ui: &mut Ui, player: &Player, row: &Row, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    ui.horizontal_wrapped(|ui| {
        ui.add(Pill::outlined(state_tone(row.state), row.state.name()));
        let who = format!("{}, to {}", row.host, row.peer);
        ui.label(Face::Strong.text(who));
        ui.label(Face::Body.text(row.words).color(palette.text_weak));
        let change = player.state_change(row.host, row.link);
        if let Some(change) = change
            && ui.link(Face::Small.text("why?")).clicked()
        {
            wishes.push(Command::Choose(change).into());
            wishes.push(Command::ShowTab(Tab::Why).into());
        }
    });
    let counted = format!(
        "{} read · {} on the way to it ·",
        words::size(row.n_read),
        words::size(row.n_in_flight),
    );
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GAP_SMALL;
        ui.label(Face::Small.text(counted).color(palette.text_weak));
        citation(ui, machine::cite(row.state));
    });
    ui.add_space(theme::GAP_SMALL);
}
