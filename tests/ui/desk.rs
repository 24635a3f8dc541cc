//! A window at a desk: the real window over a player, and the hands that press, click and read.

use std::collections::BTreeMap;

use egui::accesskit::Role;
use egui::{Key, Modifiers, Ui, UiBuilder, Vec2, vec2};
use egui_kittest::kittest::{By, NodeT as _, Queryable as _};
use egui_kittest::{Harness, Node};
use wirestep::app::window::Window;
use wirestep::lesson::{Deed, Letter, Library, Place, Prediction, Tab, Task};
use wirestep::player::{About, Effect, LessonProgress, Player, Progress, Settings, Theme};
use wirestep::run::StepSize;
use wirestep::sim::{Edit, Host, Wish};
use wirestep::view::{hex, tree};

use super::raster;

/// The smaller of the two sizes in which everything must have its place.
pub(super) const SMALL: Vec2 = vec2(1280.0, 720.0);
/// The size in which the window opens.
pub(super) const LARGE: Vec2 = vec2(1440.0, 900.0);

/// The window, and what it asked of its shell.
pub(super) struct Desk {
    pub(super) window: Window,
    pub(super) effects: Vec<Effect>,
}

/// A harness around a desk, and what a person can do there.
pub(super) struct Seat {
    pub(super) harness: Harness<'static, Desk>,
}

/// What the window calls the choice of a step's size.
const SIZES: &str = "How far a step goes";

/// Progress of somebody who has come to a step, from 0, of a lesson.
pub(super) fn progress_at(id: &str, step: usize) -> Progress {
    let library = Library::built_in();
    let lesson = library.lesson(id).expect("the lesson comes with the program");
    let at = Some(lesson.steps[step].title.clone());
    let here = LessonProgress { at, ..LessonProgress::default() };
    Progress { open: Some(id.to_owned()), lessons: BTreeMap::from([(id.to_owned(), here)]) }
}

/// The same, with every question before that step answered rightly.
pub(super) fn answered_until(id: &str, step: usize) -> Progress {
    let library = Library::built_in();
    let lesson = library.lesson(id).expect("the lesson comes with the program");
    let mut progress = progress_at(id, step);
    let here = progress.lessons.get_mut(id).expect("it was put there");
    for step in &lesson.steps[..step] {
        match &step.task {
            Some(Task::Predict(predict)) => {
                let choice = predict.options.iter().position(|option| option.right);
                let choice = choice.expect("one option is right");
                here.predictions.push(Prediction { id: predict.id.clone(), choice, right: true });
            }
            Some(Task::Do(_)) => {
                here.did.insert(step.title.clone());
            }
            Some(Task::Choose(choose)) => {
                here.choices.insert(choose.id.clone(), 0);
            }
            Some(Task::Explain(_) | Task::Retrieve(_)) | None => {}
        }
    }
    progress
}

impl Desk {
    /// Draws the window as its shell does: in all of the window, in the theme of the settings.
    fn draw(&mut self, ui: &mut Ui) {
        // The harness leaves a margin, which the shell does not.
        let whole = ui.ctx().content_rect();
        let mut ui = ui.new_child(UiBuilder::new().max_rect(whole));
        ui.set_clip_rect(whole);
        let effects = self.window.ui(&mut ui);
        self.effects.extend(effects);
        ui.ctx().set_theme(match self.window.player().settings().theme {
            Theme::Dark => egui::Theme::Dark,
            Theme::Light => egui::Theme::Light,
        });
    }
}

fn is(node: &Node<'_>, role: Role, name: &str) -> bool {
    let node = node.accesskit_node();
    node.role() == role && node.label().as_deref() == Some(name)
}

impl Seat {
    /// Sits down at a window that opens with this progress.
    pub(super) fn at(progress: Progress, size: Vec2) -> Self {
        Self::with(progress, Settings::default(), size)
    }

    /// Sits down at a window that opens with this progress and these settings.
    pub(super) fn with(progress: Progress, settings: Settings, size: Vec2) -> Self {
        Self::before(Player::new(Library::built_in(), progress, settings), size)
    }

    /// Sits down at a window onto this player.
    pub(super) fn before(player: Player, size: Vec2) -> Self {
        let desk = Desk { window: Window::new(player), effects: Vec::new() };
        let mut harness = raster::harness(size)
            .with_max_steps(12)
            .build_ui_state(|ui, desk: &mut Desk| desk.draw(ui), desk);
        harness.run();
        Self { harness }
    }

    pub(super) fn player(&self) -> &Player {
        self.harness.state().window.player()
    }

    /// What the window asked of its shell since this was read last.
    pub(super) fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.harness.state_mut().effects)
    }

    #[track_caller]
    pub(super) fn press(&mut self, key: Key) {
        self.press_with(Modifiers::NONE, key);
    }

    #[track_caller]
    pub(super) fn press_with(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run();
    }

    /// Presses a key and draws a few frames: what goes on elsewhere asks for ever more of them.
    pub(super) fn press_some(&mut self, key: Key) {
        self.harness.key_press_modifiers(Modifiers::NONE, key);
        self.harness.run_steps(3);
    }

    /// Presses a key and draws no more frames than that takes.
    pub(super) fn tap(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.step();
    }

    /// Scrolls to what has this role and name and clicks on it, wherever it is then.
    #[track_caller]
    pub(super) fn click(&mut self, role: Role, name: &str) {
        let wanted = |node: &Node<'_>| is(node, role, name);
        let there = self.click_on(wanted);
        assert!(there, "there is no {role:?} {name:?} among {:#?}", self.names(role));
    }

    /// Chooses a segment of the control of this name.
    #[track_caller]
    pub(super) fn choose(&mut self, control: &str, segment: &str) {
        let within = |node: &Node<'_>| {
            let mut above = node.accesskit_node().parent();
            while let Some(node) = above {
                if node.label().as_deref() == Some(control) {
                    return true;
                }
                above = node.parent();
            }
            false
        };
        let wanted = |node: &Node<'_>| is(node, Role::RadioButton, segment) && within(node);
        let node = self.harness.query_all(By::new()).find(wanted);
        node.unwrap_or_else(|| panic!("there is no {segment:?} in {control:?}")).click_accesskit();
        self.harness.run();
    }

    /// Goes to something by the keyboard and presses Space on it.
    fn press_on(&mut self, wanted: impl Fn(&Node<'_>) -> bool) -> bool {
        let Some(node) = self.harness.query_all(By::new()).find(&wanted) else { return false };
        node.focus();
        self.harness.run();
        self.tap(Modifiers::NONE, Key::Space);
        self.harness.run();
        true
    }

    /// Scrolls to something and clicks on it; whether there is such a thing.
    fn click_on(&mut self, wanted: impl Fn(&Node<'_>) -> bool) -> bool {
        let Some(node) = self.harness.query_all(By::new()).find(&wanted) else { return false };
        node.scroll_to_me();
        self.harness.run();
        let node = self.harness.query_all(By::new()).find(&wanted).expect("scrolling keeps it");
        node.click();
        self.harness.run();
        true
    }

    /// Opens the menu of what has this role and name.
    #[track_caller]
    pub(super) fn right_click(&mut self, role: Role, name: &str) {
        let wanted = |node: &Node<'_>| is(node, role, name);
        let node = self.harness.query_all(By::new()).find(wanted);
        node.unwrap_or_else(|| panic!("there is no {role:?} {name:?}")).click_secondary();
        self.harness.run();
    }

    /// Types into what has the keyboard.
    pub(super) fn type_text(&mut self, words: &str) {
        self.harness.event(egui::Event::Text(words.to_owned()));
        self.harness.run();
    }

    /// What everything of a role is called.
    pub(super) fn names(&self, role: Role) -> Vec<String> {
        self.harness
            .query_all_by_role(role)
            .filter_map(|node| node.accesskit_node().label())
            .collect()
    }

    /// Whether some text stands anywhere in the window.
    pub(super) fn says(&self, words: &str) -> bool {
        self.harness.query_all_by_label_contains(words).next().is_some()
    }

    /// Does through the window what a script of a lesson says.
    pub(super) fn carry_out(&mut self, deed: &Deed) {
        match deed {
            Deed::Continue => self.go_on(),
            Deed::Answer(choice) => self.answer(*choice),
            Deed::Forward(size) => {
                self.choose(SIZES, size.label());
                self.leave_and_press(Key::ArrowRight);
            }
            Deed::Back(size) => {
                self.choose(SIZES, size.label());
                self.leave_and_press(Key::ArrowLeft);
            }
            Deed::GoTo(place) => self.walk_to(place),
            Deed::ToEnd => self.leave_and_press(Key::End),
            Deed::Switch(mode) => self.click(Role::RadioButton, mode.label()),
            Deed::Look(letter, n) => self.look(*letter, *n),
            Deed::Select(field) => self.select(field),
            Deed::Flip(bit) => self.flip(*bit),
            Deed::Release => self.press_button(Role::Button, "Release"),
            Deed::Reset => self.leave_and_press(Key::X),
            Deed::ResetConnection => {
                self.press(Key::Escape);
                self.press_with(Modifiers::SHIFT, Key::R);
            }
            Deed::LoseSegment => self.leave_and_press(Key::K),
            Deed::ToggleSilence => self.leave_and_press(Key::S),
            Deed::Explain(words) => {
                self.focus_on(Role::MultilineTextInput, "Your explanation");
                self.type_text(words);
                self.press_button(Role::Button, "That is my explanation");
            }
            Deed::Write(text) => self.write(text),
            Deed::Change(edit) => self.change(edit),
            Deed::Say(host, text) => self.say(&host.to_string(), text),
            Deed::PollEvery(ms) => self.poll_every(*ms),
        }
    }

    fn go_on(&mut self) {
        let names = self.names(Role::Button);
        let name = if names.iter().any(|name| name == "Finish") { "Finish" } else { "Continue" };
        self.press_button(Role::Button, name);
    }

    /// Gives the keyboard to what has this role and name.
    #[track_caller]
    fn focus_on(&mut self, role: Role, name: &str) {
        let wanted = |node: &Node<'_>| is(node, role, name);
        let node = self.harness.query_all(By::new()).find(wanted);
        node.unwrap_or_else(|| panic!("there is no {role:?} {name:?}")).focus();
        self.harness.run();
    }

    /// Presses Space on what has this role and name.
    #[track_caller]
    fn press_button(&mut self, role: Role, name: &str) {
        let there = self.press_on(|node: &Node<'_>| is(node, role, name));
        assert!(there, "there is no {role:?} {name:?} among {:#?}", self.names(role));
    }

    /// Presses a key that is meant for the window: Escape leaves the control that has the keyboard.
    fn leave_and_press(&mut self, key: Key) {
        self.press(Key::Escape);
        self.press(key);
    }

    fn answer(&mut self, choice: usize) {
        let walk = self.player().walk();
        let step = walk.step().expect("the lesson is not over");
        let question =
            || walk.question().unwrap_or_else(|| panic!("{:?} asks nothing", step.title));
        let options = step.choose().map_or_else(|| &question().options, |choose| &choose.options);
        let text = options[choice].text.replace('`', "");
        self.press_button(Role::RadioButton, &text);
    }

    fn walk_to(&mut self, place: &Place) {
        if let Place::Ms(ms) = place {
            // Nothing need happen then: it is run until.
            self.press(Key::Escape);
            self.press(Key::U);
            self.type_text(&format!("{ms} ms"));
            self.press(Key::Enter);
            return;
        }
        self.choose(SIZES, StepSize::Unit.label());
        self.press(Key::Escape);
        let target = place.find(self.player().run()).expect("there is such a place").at;
        while self.player().position().at < target {
            self.press(Key::Space);
        }
        assert_eq!(self.player().position().at, target, "Space comes by {place:?}");
    }

    /// Chooses one of the units that travel together.
    fn look(&mut self, letter: Letter, n: usize) {
        let wrote = letter.wrote(self.player().run(), n);
        let siblings = self.player().siblings();
        let part = siblings.into_iter().find(|(sibling, _)| Some(*sibling) == wrote);
        self.choose("Which part", &part.expect("it travels with what is looked at").1);
    }

    fn select(&mut self, field: &str) {
        let focus = self.player().focus().expect("a unit is looked at");
        let field = focus.found.fields.iter().find(|found| found.spec.name == field);
        let bit = field.expect("the unit has the field").bit;
        self.select_row_of(bit);
    }

    /// Clicks on the row of the tree in which a bit stands; gives the row's first bit.
    fn select_row_of(&mut self, bit: u64) -> u64 {
        let focus = self.player().focus().expect("a unit is looked at");
        let rows = tree::tree(&focus.bytes, &focus.context, &focus.found);
        let row = rows.iter().find(|row| (row.locus.bit..row.locus.end()).contains(&bit));
        let row = row.expect("every bit stands in a row");
        let name = format!("{}, {}, ", row.label, row.value);
        let names = self.names(Role::ListBoxOption);
        let name = names.iter().find(|other| other.starts_with(&name));
        let name = name.unwrap_or_else(|| panic!("no row {name:?} among {names:#?}"));
        self.click(Role::ListBoxOption, name);
        row.locus.bit
    }

    /// Selects the field of a bit, walks on to the bit by arrow keys, and flips it.
    fn flip(&mut self, bit: u64) {
        if self.player().tab() != Tab::Frame {
            self.choose("What the inspector shows", Tab::Frame.label());
        }
        let first = self.select_row_of(bit);
        self.harness.get_by_role_and_label(Role::Grid, "Bits").focus();
        self.harness.run();
        for _ in 0..(bit - first) / 32 {
            self.tap(Modifiers::NONE, Key::ArrowDown);
        }
        for _ in 0..(bit - first) % 32 {
            self.tap(Modifiers::NONE, Key::ArrowRight);
        }
        assert_eq!(self.player().selection().map(|locus| locus.bit), Some(bit));
        self.press(Key::Space);
        self.press(Key::Escape);
    }

    /// Puts something on the bench in place of what lies there.
    fn write(&mut self, text: &str) {
        let field = self.names(Role::MultilineTextInput);
        let field =
            field.iter().find(|name| *name != "Your explanation").expect("the bench is there");
        self.focus_on(Role::MultilineTextInput, &field.clone());
        self.press_with(Modifiers::COMMAND, Key::A);
        self.type_text(text);
        self.press(Key::Escape);
        assert_eq!(self.player().bench().1, text);
    }

    /// Makes a change by the dialog of changes.
    fn change(&mut self, edit: &Edit) {
        self.press(Key::Escape);
        self.press(Key::C);
        let offered = |seat: &Self, about| {
            let offers = seat.player().offers(about).into_iter();
            offers.filter(|offer| offer.edit == *edit).map(|offer| offer.label).next()
        };
        match edit {
            Edit::Do(host, wish) => self.send(*host, wish),
            Edit::Misbehave(host, _) | Edit::Behave(host) | Edit::Fragment(host, _) => {
                self.choose("What to change", "Hosts");
                let label = offered(self, About::Host(*host)).expect("it is offered");
                let hosts = self.player().run().scenario().hosts().into_iter();
                let before = hosts.take_while(|other| other != host).filter(|other| {
                    let offers = self.player().offers(About::Host(*other));
                    offers.iter().any(|offer| offer.label == label)
                });
                let nth = before.count();
                let of = |node: &Node<'_>| is(node, Role::Button, &label);
                let there = self.harness.query_all(By::new()).filter(of).nth(nth);
                there.expect("each host has its own").scroll_to_me();
                self.harness.run();
                let there = self.harness.query_all(By::new()).filter(of).nth(nth);
                there.expect("scrolling keeps it").click_accesskit();
                self.harness.run();
            }
            Edit::Network(_) => {
                self.choose("What to change", "Network");
                let label = offered(self, About::Network).expect("a network that has a name");
                self.press_button(Role::Button, &label);
            }
            _ => {
                let about =
                    |seat: &Self| About::Arrow(seat.player().focus().expect("there is one").wrote);
                if offered(self, about(self)).is_none() {
                    // It is about something else on its way: its arrow is looked at first.
                    self.press(Key::Escape);
                    let arrows = self.names(Role::Button).into_iter();
                    for arrow in arrows.filter(|name| name.contains(" B")) {
                        self.click(Role::Button, &arrow);
                        if offered(self, about(self)).is_some() {
                            break;
                        }
                    }
                    self.press(Key::Escape);
                    self.press(Key::C);
                }
                self.choose("What to change", "On its way");
                let label = offered(self, about(self)).expect("it is offered");
                self.press_button(Role::Button, &label);
            }
        }
    }

    /// Types and sends in the dialog of changes, which is open.
    fn send(&mut self, host: Host, wish: &Wish) {
        self.press(Key::Escape);
        self.click(Role::Button, &host.to_string());
        let (kind, text) = match wish {
            Wish::Say(text) => ("Text", text.clone()),
            Wish::Ping(text) => ("Ping", text.clone()),
            Wish::Close(_, reason) => ("Close", reason.clone()),
            Wish::Send(data) => ("Binary", hex::plain(data)),
            other @ Wish::SayInParts(_) => panic!("{other:?} is not in the dialog"),
        };
        self.choose("What is sent", kind);
        if let Wish::Close(code, _) = wish {
            self.harness.get_by_role_and_label(Role::SpinButton, "Close code").click();
            self.harness.run();
            self.type_text(&code.to_string());
            self.press(Key::Enter);
        }
        let fields = self.names(Role::TextInput);
        self.focus_on(Role::TextInput, &fields[fields.len() - 1]);
        self.type_text(&text);
        self.press(Key::Enter);
    }

    fn say(&mut self, host: &str, text: &str) {
        self.click(Role::Button, host);
        self.type_text(text);
        self.press(Key::Enter);
    }

    fn poll_every(&mut self, ms: u64) {
        self.harness.get_by_role(Role::SpinButton).click();
        self.harness.run();
        self.harness.event(egui::Event::Text(ms.to_string()));
        self.press(Key::Enter);
    }
}
