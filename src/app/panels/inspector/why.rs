//! Why: the chain from what came first to what is looked at, and whether what was wanted came.

use crate::app::citation::citation_in;
use crate::app::theme::{self, Face, Tone};
use crate::app::widgets::{Pill, elided, focus_ring, line};
use crate::app::window::Wish;
use crate::player::{Command, Player, Reason};
use crate::sim::{Host, RecordIdx};
use crate::view::events;
use crate::view::why::{Fate, Link};
use egui::{Color32, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

pub(super) fn why(ui: &mut Ui, player: &Player, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    let Some(reason) = player.reason() else {
        let words = "Nothing has happened yet: there is nothing to ask about.";
        ui.label(Face::Body.text(words).color(palette.text_weak));
        return;
    };
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        headline(ui, player, &reason);
        for (idx, link) in reason.chain.iter().enumerate() {
            link_row(ui, player, link, Place { idx, n: reason.chain.len() }, wishes);
        }
        if !reason.fates.is_empty() {
            ui.add_space(theme::GAP);
            ui.label(Face::CaptionStrong.text("DID IT COME?").color(palette.text_weak));
            for (host, fate) in &reason.fates {
                fate_row(ui, player, *host, fate.as_ref(), wishes);
            }
        }
    });
}

fn headline(ui: &mut Ui, player: &Player, reason: &Reason) {
    let palette = theme::palette(ui);
    let subject = events::line(&player.run().records()[reason.subject.0]);
    let words = match reason.byte {
        Some(byte) => format!("Why is byte {byte} of this as it is? {subject}"),
        None => format!("Why? {subject}"),
    };
    ui.add(egui::Label::new(Face::Strong.text(words).color(palette.text)).truncate());
    ui.add_space(theme::GAP_SMALL);
}

/// Where a link stands in its chain.
#[derive(Clone, Copy)]
struct Place {
    idx: usize,
    n: usize,
}

/// One link: a dot on the line that joins them, what happened, the clause.
fn link_row(ui: &mut Ui, player: &Player, link: &Link, place: Place, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    let size = vec2(ui.available_width(), theme::EVENT_ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK);
    let last = place.idx + 1 == place.n;
    let so = if place.idx == 0 { "first" } else { "so" };
    let spoken = format!("{so}: {}", link.text);
    response.widget_info(|| WidgetInfo::labeled(Role::Link, true, &spoken));
    let x = rect.left() + 10.0;
    let middle = rect.center().y;
    let (top, bottom) = match (place.idx, last) {
        (0, true) => (middle, middle),
        (0, false) => (middle, rect.bottom() + 2.0),
        (_, true) => (rect.top(), middle),
        (_, false) => (rect.top(), rect.bottom() + 2.0),
    };
    ui.painter().vline(x, top..=bottom, (theme::LINE, palette.border_strong));
    let here = player.chosen() == Some(link.record);
    let dot = if last || here { palette.tone(Tone::Attention).solid } else { palette.accent };
    ui.painter().circle_filled(pos2(x, middle), 3.5, dot);
    let cite = link.cite.filter(|cite| !link.text.contains(cite));
    let cite_width = cite.map_or(0.0, |cite| line(ui, cite, Face::Small).size().x + theme::GAP);
    let left = rect.left() + 24.0;
    let text = elided(ui, &link.text, Face::Small, rect.right() - left - cite_width);
    let shown = text.elided;
    let right = left + text.size().x;
    let ink = if response.hovered() { palette.accent_text } else { palette.text };
    let place = pos2(left, middle - text.size().y / 2.0);
    ui.painter().galley(place, text, ink);
    if response.hovered() {
        let underline = middle + 8.0;
        ui.painter().hline(left..=right, underline, (theme::LINE, palette.accent_text));
    }
    if let Some(cite) = cite {
        citation_in(ui, rect.with_min_x(rect.right() - cite_width), cite);
    }
    focus_ring(ui, &response, theme::RADIUS_SMALL);
    if response.clicked() {
        wishes.push(Command::Choose(link.record).into());
    }
    if shown {
        response.on_hover_text(&link.text);
    }
}

fn fate_row(ui: &mut Ui, player: &Player, host: Host, fate: Option<&Fate>, wishes: &mut Vec<Wish>) {
    let palette = theme::palette(ui);
    let (tone, short, words, goes_to): (_, _, _, Option<RecordIdx>) = match fate {
        None => (Tone::Attention, "not yet", "It may still come.".to_owned(), None),
        Some(Fate::Came(record)) => {
            let at = player.run().records()[record.0].at;
            (Tone::Valid, "it came", format!("at {at}"), Some(*record))
        }
        Some(Fate::Stopped { why, chain }) => {
            let end = chain.last().map(|link| link.record);
            (Tone::Breach, "it did not come", why.clone(), end)
        }
    };
    ui.horizontal(|ui| {
        ui.add(Pill::outlined(tone, &format!("{host}: {short}")));
        let ink: Color32 = if goes_to.is_some() { palette.accent_text } else { palette.text_weak };
        let label = egui::Label::new(Face::Small.text(&words).color(ink)).truncate();
        let Some(goes_to) = goes_to else {
            ui.add(label);
            return;
        };
        let response = ui.add(label.sense(Sense::CLICK));
        response.widget_info(|| WidgetInfo::labeled(Role::Link, true, &words));
        if response.clicked() {
            wishes.push(Command::Choose(goes_to).into());
        }
    });
}
