//! The list of events: everything that happens, filtered, with breakpoints.
//!
//! **Invariant:** a filter passes over a part of the run in each frame, so that no frame waits for
//! the whole of a long one.

use crate::app::actions;
use crate::app::theme::{self, Face, Palette, Tone};
use crate::app::widgets::{Button, RowScroll, Rows, elided};
use crate::app::window::{State, Wish};
use crate::player::{Command, Gate, Player};
use crate::run::{Position, Run};
use crate::sim::{Host, Record, RecordIdx};
use crate::view::events::{Filter, Sort};
use crate::view::words;
use egui::{
    Align2, Color32, ComboBox, Response, Role, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2,
};
use lucide_icons::Icon;
use std::sync::Arc;

/// How many records a filter passes over in one frame.
const PER_FRAME: usize = 20_000;

/// The list as it stands: where it is scrolled to, and what is wanted of it.
#[derive(Default)]
pub(in crate::app) struct EventList {
    scroll: RowScroll,
    filter: Filter,
    found: Option<Found>,
    /// What the list has scrolled to.
    followed: Option<(Position, Option<RecordIdx>)>,
    focused: bool,
}

/// What a filter has found so far.
struct Found {
    run: Arc<Run>,
    filter: Filter,
    idxs: Vec<u32>,
    /// The first record that was not looked at yet.
    next: usize,
}

impl EventList {
    /// Passes over another part of the run, if something is left.
    fn look_on(&mut self, ui: &Ui, run: &Arc<Run>, n_records: usize) {
        let fits = |found: &Found| Arc::ptr_eq(&found.run, run) && found.filter == self.filter;
        if self.filter.open() {
            self.found = None;
            return;
        }
        if !self.found.as_ref().is_some_and(fits) {
            let filter = self.filter.clone();
            let run = Arc::clone(run);
            self.found = Some(Found { run, filter, idxs: Vec::new(), next: 0 });
            self.scroll = RowScroll::default();
            self.followed = None;
        }
        let Some(found) = &mut self.found else { return };
        let until = n_records.min(found.next + PER_FRAME);
        found.idxs.extend(found.filter.wanted(run, found.next..until));
        found.next = until;
        if until < n_records {
            ui.ctx().request_repaint();
        }
    }

    fn n_rows(&self, n_records: usize) -> usize {
        self.found.as_ref().map_or(n_records, |found| {
            found.idxs.partition_point(|idx| (*idx as usize) < n_records)
        })
    }

    fn record(&self, row: usize) -> usize {
        self.found.as_ref().map_or(row, |found| found.idxs[row] as usize)
    }

    /// The row of a record, or the one before which it would stand.
    fn row_of(&self, record: usize) -> usize {
        self.found
            .as_ref()
            .map_or(record, |found| found.idxs.partition_point(|idx| (*idx as usize) < record))
    }
}

pub(super) fn events(ui: &mut Ui, player: &Player, state: &mut State, wishes: &mut Vec<Wish>) {
    let run = &player.branch().run;
    let n_seen = player.run().records_until(player.position().n_moves).len();
    // A question is about what comes: it is not to be read from the list.
    let hidden = player.walk().gate() == Gate::Unanswered;
    let n_records = if hidden { n_seen } else { run.records().len() };
    let list = &mut state.events;
    filters(ui, player, list);
    list.look_on(ui, run, n_records);
    counted(ui, list, n_records, wishes);
    let n_rows = list.n_rows(n_records);
    if n_rows == 0 {
        let words =
            if list.filter.open() { "Nothing has happened yet." } else { "None is like that." };
        ui.label(Face::Body.text(words).color(theme::palette(ui).text_weak));
        return;
    }
    let chosen = player.chosen().map(|record| list.row_of(record.0));
    let followed = Some((player.position(), player.chosen()));
    if list.followed != followed {
        list.followed = followed;
        let n_shown = (ui.available_height() / theme::EVENT_ROW).floor() as u64;
        let row = chosen.unwrap_or_else(|| list.row_of(n_seen).saturating_sub(1));
        list.scroll.reveal(row.min(n_rows - 1) as u64, n_shown.max(1));
    }
    let mut scroll = list.scroll;
    let rows = Rows::new("Events", n_rows as u64, theme::EVENT_ROW);
    let mut stops = Vec::new();
    let touch = rows.at(chosen.map(|row| row as u64)).show(ui, &mut scroll, |ui, row, response| {
        let record = &run.records()[list.record(row as usize)];
        let ahead = record.idx.0 >= n_seen;
        if breakpoint(ui, player, record, response) {
            stops.push(record.idx);
        }
        event_row(ui, record, if ahead { Time::Ahead } else { Time::Past })
    });
    list.scroll = scroll;
    list.focused = touch.focused;
    wishes.extend(stops.into_iter().map(|idx| Command::ToggleBreakpoint(Some(idx)).into()));
    if let Some(row) = touch.chosen.filter(|row| (*row as usize) < n_rows) {
        wishes.push(Command::Choose(RecordIdx(list.record(row as usize))).into());
    }
}

/// Whether something has happened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Time {
    Past,
    Ahead,
}

/// The dot before a row, at which running stops; whether it was clicked.
fn breakpoint(ui: &mut Ui, player: &Player, record: &Record, row: &Response) -> bool {
    let palette = theme::palette(ui);
    let set = player.branch().breakpoints.contains(&record.idx);
    let centre = pos2(row.rect.left() + 10.0, row.rect.center().y);
    let rect = egui::Rect::from_center_size(centre, vec2(18.0, row.rect.height()));
    let response = ui.interact(rect, row.id.with("stop"), Sense::CLICK);
    response.widget_info(|| {
        let spoken = format!("Breakpoint on event {}", record.idx.0);
        WidgetInfo::selected(Role::CheckBox, true, set, spoken)
    });
    let ink = palette.tone(Tone::Breach);
    if set {
        ui.painter().circle_filled(centre, 4.5, ink.line);
    } else if response.hovered() {
        ui.painter().circle_stroke(centre, 4.5, (theme::LINE, ink.line));
    }
    let tip = actions::tooltip(ui.ctx(), "Breakpoint");
    response.on_hover_text(tip).clicked()
}

fn event_row(ui: &mut Ui, record: &Record, time: Time) -> String {
    let palette = theme::palette(ui);
    let rect = ui.max_rect();
    let strength = if time == Time::Ahead { 0.55 } else { 1.0 };
    let (host_ink, ink) = inks(palette, record);
    let middle = rect.center().y;
    let at = record.at.to_string();
    let moment = pos2(rect.left() + theme::EVENT_TIME, middle);
    let font = Face::MonoSmall.font();
    let weak = palette.text_weak.gamma_multiply(strength);
    ui.painter().text(moment, Align2::RIGHT_CENTER, &at, font, weak);
    let host = record.host.to_string();
    let left = rect.left() + theme::EVENT_TIME + 10.0;
    let font = Face::Small.font();
    let host_ink = host_ink.gamma_multiply(strength);
    ui.painter().text(pos2(left, middle), Align2::LEFT_CENTER, &host, font, host_ink);
    let left = left + theme::EVENT_HOST;
    let what = words::event(record);
    let galley = elided(ui, &what, Face::Small, rect.right() - left - 4.0);
    let place = pos2(left, middle - galley.size().y / 2.0);
    ui.painter().galley(place, galley, ink.gamma_multiply(strength));
    format!("{at}: {host} {what}")
}

fn inks(palette: &'static Palette, record: &Record) -> (Color32, Color32) {
    let host = match record.host {
        Host::Client(_) => Tone::Client,
        Host::Server => Tone::Server,
    };
    let ink = match Sort::of(record) {
        Sort::Breaches => palette.tone(Tone::Breach).text,
        Sort::Changes => palette.tone(Tone::Attention).text,
        Sort::Messages => palette.tone(Tone::Valid).text,
        Sort::People | Sort::Units | Sort::States => palette.text,
        Sort::Tcp => palette.text_weak,
    };
    (palette.tone(host).text, ink)
}

fn filters(ui: &mut Ui, player: &Player, list: &mut EventList) {
    let filter = &mut list.filter;
    ui.horizontal(|ui| {
        let hosts = player.run().scenario().hosts();
        let name = filter.host.map_or_else(|| "All hosts".to_owned(), |host| host.to_string());
        let combo = ComboBox::from_id_salt("event host").selected_text(Face::Small.text(&name));
        let menu = combo.width(84.0).show_ui(ui, |ui| {
            ui.selectable_value(&mut filter.host, None, "All hosts");
            for host in hosts {
                ui.selectable_value(&mut filter.host, Some(host), host.to_string());
            }
        });
        let spoken = format!("Host: {name}");
        menu.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &spoken));
        let name = filter.sort.map_or("Everything", Sort::label);
        let combo = ComboBox::from_id_salt("event sort").selected_text(Face::Small.text(name));
        let menu = combo.width(84.0).show_ui(ui, |ui| {
            ui.selectable_value(&mut filter.sort, None, "Everything");
            for sort in Sort::ALL {
                ui.selectable_value(&mut filter.sort, Some(sort), sort.label());
            }
        });
        let spoken = format!("Kind: {name}");
        menu.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &spoken));
        let room = (ui.available_width() - 4.0).max(60.0);
        let field = TextEdit::singleline(&mut filter.text).desired_width(room);
        let field = field.hint_text("Words, or opcode=8").font(Face::Small.font());
        let response = ui.add(field);
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::TextInput, true, "Find events");
            info.current_text_value = Some(filter.text.clone());
            info
        });
        response.on_hover_text("Words of a line, or a field and its value: opcode=8, status=204");
    });
}

/// How many there are, and the ways to go from one to another.
fn counted(ui: &mut Ui, list: &EventList, n_records: usize, wishes: &mut Vec<Wish>) {
    if list.filter.open() {
        return;
    }
    let palette = theme::palette(ui);
    ui.horizontal(|ui| {
        let n = list.n_rows(n_records) as u64;
        let all = words::grouped(n_records as u64);
        let looked = list.found.as_ref().map_or(n_records, |found| found.next);
        let words = if looked < n_records {
            format!("{} of the first {}", words::grouped(n), words::grouped(looked as u64))
        } else {
            format!("{} of {all}", words::grouped(n))
        };
        ui.label(Face::Small.text(words).color(palette.text_weak));
        if ui.add(Button::plain("Show all").leading(Icon::X)).clicked() {
            wishes.push(Wish::ShowAllEvents);
        }
    });
}

impl EventList {
    /// Whether the list has the keyboard.
    pub(in crate::app) fn focused(&self) -> bool {
        self.focused
    }

    /// The list is not drawn: it cannot have the keyboard.
    pub(super) fn hide(&mut self) {
        self.focused = false;
    }

    /// Wants every record again.
    pub(in crate::app) fn show_all(&mut self) {
        self.filter = Filter::default();
        self.followed = None;
    }
}
