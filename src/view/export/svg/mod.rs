//! The sequence diagram of a run as a picture (SVG 2) that stands by itself.
//!
//! **Invariant:** heights are those of the diagram; words are text, stand clear of each other where
//! there is room, and are whole in the titles that pointers and screen readers find.
//! **Invariant:** colours stand in the stylesheet alone, for light and dark.

mod arrows;
mod legend;
mod lines;
mod marks;
mod markup;
mod places;

use crate::run::Run;
use crate::sim::{Host, SimTime};
use crate::view::sequence::{Diagram, MARK_HEIGHT};
use crate::view::words;
use arrows::Caption;
use marks::Label;
use markup::{Markup, at, class};
use places::{Point, elided, width};

const STYLE: &str = include_str!("style.css");

/// Sizes of text.
const NAME: f64 = 15.0;
const BODY: f64 = 12.0;
const SMALL: f64 = 11.0;
/// The space around everything, and between groups.
const MARGIN: f64 = 16.0;
/// The height of the lines above the boxes with the hosts' names.
const HEADING: f64 = 62.0;
/// The boxes with the hosts' names.
const HOST_BOX: Point = Point { x: 104.0, y: 30.0 };
/// The width of the bars that say what state an end is in.
const BAR: f64 = 8.0;
/// The width of the column of times.
const TIMES: f64 = 84.0;
/// The distance between lifelines, at least and at most; and how much wider than the widest words it
/// is, so that these can stand aside of lines that cross theirs.
const LANE: (f64, f64) = (240.0, 600.0);
const SLACK: f64 = 1.6;
/// What is left free at both ends of an arrow's words.
const LANE_MARGIN: f64 = 28.0;

/// The whole run.
pub fn text(run: &Run) -> String {
    let diagram = Diagram::of(run);
    let sheet = Sheet::of(run, &diagram);
    let mut out = Markup::default();
    let title = format!("{}, by {}", run.scenario().name, run.mode().label());
    let size = [at("width", sheet.width), at("height", sheet.height)];
    let mut attributes = vec![
        ("xmlns", "http://www.w3.org/2000/svg".to_owned()),
        ("viewBox", format!("0 0 {} {}", size[0].1, size[1].1)),
        ("role", "graphics-document".to_owned()),
        ("aria-labelledby", "title".to_owned()),
        ("aria-describedby", "description".to_owned()),
    ];
    attributes.extend(size);
    out.open("svg", &attributes);
    out.words("title", &[("id", "title".to_owned())], &title);
    out.words("desc", &[("id", "description".to_owned())], &description(run, &diagram));
    out.words("style", &[], STYLE);
    let whole = [at("width", sheet.width), at("height", sheet.height), class("ground")];
    out.leaf("rect", &whole);
    sheet.heading(&title, &mut out);
    sheet.lifelines(&mut out);
    sheet.times(&mut out);
    sheet.arrows(&mut out);
    sheet.captions(&mut out);
    sheet.marks(&mut out);
    sheet.hosts(&mut out);
    sheet.legend(&mut out);
    out.close();
    out.finish()
}

fn description(run: &Run, diagram: &Diagram) -> String {
    let (n_hosts, n_arrows) = (diagram.hosts.len() as u64, diagram.arrows.len() as u64);
    format!(
        "Sequence diagram: {}, time downwards from 0 to {}, {} between them; seed {}.",
        words::count(n_hosts, "host"),
        run.ends_at(),
        words::count(n_arrows, "arrow"),
        run.scenario().seed
    )
}

/// A diagram and where it stands.
struct Sheet<'a> {
    run: &'a Run,
    diagram: &'a Diagram,
    captions: Vec<Caption>,
    labels: Vec<Label>,
    /// How far above their moment marks stand at most: so many are in one stack.
    reach: f64,
    /// The first lifeline.
    left: f64,
    /// The distance between lifelines.
    lane: f64,
    /// Where time begins and ends.
    top: f64,
    bottom: f64,
    width: f64,
    height: f64,
}

impl<'a> Sheet<'a> {
    fn of(run: &'a Run, diagram: &'a Diagram) -> Self {
        let widest = arrows::widest(diagram);
        let top = HEADING + HOST_BOX.y + MARGIN;
        let bottom = top + diagram.height() + MARK_HEIGHT;
        let stacked = diagram.marks.iter().map(|mark| mark.stacked).max().unwrap_or(0);
        let mut sheet = Self {
            run,
            diagram,
            captions: Vec::new(),
            labels: Vec::new(),
            reach: MARK_HEIGHT * (stacked + 2) as f64,
            left: 0.0,
            lane: (widest * SLACK + 2.0 * LANE_MARGIN).clamp(LANE.0, LANE.1),
            top,
            bottom,
            width: 0.0,
            height: 0.0,
        };
        let (left, right) = sheet.room_beside();
        sheet.left = MARGIN + TIMES + left;
        let across = sheet.lane * diagram.hosts.len().saturating_sub(1) as f64;
        let heading = width(&run.scenario().name, NAME).min(600.0) + 160.0;
        sheet.width = (sheet.left + across + right + MARGIN).max(heading);
        sheet.height = bottom + HOST_BOX.y + 2.0 * MARGIN + sheet.legend_height() + MARGIN;
        sheet.labels = sheet.place_labels();
        sheet.captions = sheet.place_captions();
        sheet
    }

    fn x(&self, host: Host) -> f64 {
        self.left + self.lane * self.diagram.column(host) as f64
    }

    fn y(&self, at: SimTime) -> f64 {
        self.top + self.diagram.y(at)
    }

    /// What it is, and by what it was made.
    fn heading(&self, title: &str, out: &mut Markup) {
        let room = self.width - 2.0 * MARGIN;
        let place = |y| [at("x", MARGIN), at("y", y)];
        let [x, y] = place(MARGIN + 12.0);
        out.words("text", &[x, y, class("name")], &elided(title, NAME, room));
        let about = format!("seed {}, simulated by wirestep", self.run.scenario().seed);
        let [x, y] = place(MARGIN + 30.0);
        out.words("text", &[x, y, class("about")], &about);
    }

    /// The boxes with the hosts' names, above and below.
    fn hosts(&self, out: &mut Markup) {
        for host in &self.diagram.hosts {
            let tone = match host {
                Host::Client(_) => "client",
                Host::Server => "server",
            };
            for y in [HEADING, self.bottom] {
                let x = self.x(*host);
                out.open("g", &[class("host")]);
                let left = at("x", x - HOST_BOX.x / 2.0);
                let size = [at("width", HOST_BOX.x), at("height", HOST_BOX.y)];
                let [width, height] = size;
                let round = at("rx", 7.0);
                out.leaf(
                    "rect",
                    &[left, at("y", y), width, height, round, { class(format!("{tone} box")) }],
                );
                let middle = ("text-anchor", "middle".to_owned());
                let place = [at("x", x), at("y", y + HOST_BOX.y / 2.0 + 4.0), middle, {
                    class(format!("{tone} word"))
                }];
                out.words("text", &place, &host.to_string());
                out.close();
            }
        }
    }
}
