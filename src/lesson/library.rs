//! The library: the lessons there are, in the order of their course.
//!
//! **Invariant:** every lesson of a library is sound and stands in its course exactly once.
//! **Invariant:** knows no folders; it is given the texts of files.

use super::format::{load_lesson, read_course};
use super::source::{Source, Spot, advice};
use super::{Lesson, LessonError, Predict, Step, Task};
use serde::{Deserialize, Serialize};

/// The name of the file that says what the units are.
const COURSE_FILE: &str = "course.ron";

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// The files of the course that comes with the program.
        const BUILT_IN: &[(&str, &str)] =
            &[$((concat!("lessons/", $name), include_str!(concat!("../../lessons/", $name))),)*];
    };
}

files![
    "course.ron",
    "01-the-full-picture.ron",
    "02-the-server-cannot-call-you.ron",
    "03-are-we-there-yet.ron",
    "04-what-a-poll-weighs.ron",
    "05-hold-the-line.ron",
    "06-one-way-street.ron",
    "07-choose-and-defend.ron",
    "08-same-door-new-language.ron",
    "09-the-blank-line.ron",
    "10-the-strange-key.ron",
    "11-you-are-the-server.ron",
    "12-already-talking.ron",
    "13-two-bytes-that-rule.ron",
    "14-125-126-127.ron",
    "15-the-mask.ron",
    "16-why-mask-at-all.ron",
    "17-you-are-the-encoder.ron",
    "18-text-or-bytes.ron",
    "19-a-stream-not-packets.ron",
    "20-a-message-in-pieces.ron",
    "21-ping-in-the-middle.ron",
    "22-ping-pong.ron",
    "23-below-the-line.ron",
    "24-the-polite-goodbye.ron",
    "25-codes-you-send.ron",
    "26-the-silent-1006.ron",
    "27-what-loss-really-does.ron",
    "28-the-sixty-second-mystery.ron",
    "29-nobody-hung-up.ron",
];

/// What the lessons are called together, and in which order they come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Course {
    /// What it is called.
    pub title: String,
    /// Its parts, in order.
    pub units: Vec<Unit>,
}

/// A part of a course.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// What it is called.
    pub title: String,
    /// The names of its lessons, in order.
    pub lessons: Vec<String>,
}

/// The lessons there are.
#[derive(Clone, Debug, PartialEq)]
pub struct Library {
    course: Course,
    lessons: Vec<Lesson>,
}

impl Library {
    /// The course that comes with the program.
    ///
    /// # Panics
    /// Where one of the program's own files is wrong; a test loads them all.
    pub fn built_in() -> Self {
        Self::from_sources(Self::built_in_sources()).unwrap_or_else(|errors| {
            let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
            panic!("the course that comes with the program is wrong:\n{}", lines.join("\n"))
        })
    }

    /// The files of the course that comes with the program: names and texts.
    pub fn built_in_sources() -> impl Iterator<Item = (String, String)> {
        BUILT_IN.iter().map(|(file, source)| ((*file).to_owned(), (*source).to_owned()))
    }

    /// The lessons of these files, each a name and a text. A file called `course.ron` says in
    /// which order they come; without one they come by file name.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn from_sources(
        sources: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Vec<LessonError>> {
        let mut sources: Vec<_> = sources.into_iter().collect();
        sources.sort();
        let (courses, files): (Vec<_>, Vec<_>) =
            sources.iter().partition(|(file, _)| is_course(file));
        let mut errors = Vec::new();
        let mut lessons: Vec<Loaded<'_>> = Vec::new();
        for (file, text) in files {
            match load_lesson(text, file) {
                Ok(lesson) => lessons.push(Loaded { lesson, source: Source::new(file, text) }),
                Err(more) => errors.extend(more),
            }
        }
        errors.extend(repeated(&lessons));
        if lessons.is_empty() && errors.is_empty() {
            let (file, text) = courses.first().map_or(("", ""), |(file, text)| (file, text));
            let source = Source::new(file, text);
            errors.push(source.error(None, "there is no lesson", "add one beside the course"));
        }
        let course = match courses.first() {
            None => Ok(by_name(&lessons)),
            Some((file, text)) => read_course(text, file),
        };
        match course {
            Err(error) => errors.push(error),
            // A file that was not read is not missing from the course.
            Ok(course) if errors.is_empty() => {
                if let Some((file, text)) = courses.first() {
                    errors.extend(misplaced(&course, &Source::new(file, text), &lessons));
                }
                if errors.is_empty() {
                    let mut lessons = in_order(&course, lessons);
                    errors.extend(recall(&mut lessons));
                    if errors.is_empty() {
                        let lessons = lessons.into_iter().map(|loaded| loaded.lesson).collect();
                        return Ok(Self { course, lessons });
                    }
                }
            }
            Ok(_) => {}
        }
        Err(errors)
    }

    /// One lesson by itself.
    pub fn of(lesson: Lesson) -> Self {
        let lessons = vec![lesson.id.clone()];
        let title = lesson.title.clone();
        let course = Course { title: title.clone(), units: vec![Unit { title, lessons }] };
        Self { course, lessons: vec![lesson] }
    }

    /// The same lessons with one more, or with another of the same name in its place.
    #[must_use]
    pub fn with(mut self, mut lesson: Lesson) -> Self {
        self.find_recalled(&mut lesson);
        if let Some(before) = self.lessons.iter_mut().find(|before| before.id == lesson.id) {
            *before = lesson;
        } else {
            let title = "From a file".to_owned();
            self.course.units.push(Unit { title, lessons: vec![lesson.id.clone()] });
            self.lessons.push(lesson);
        }
        self
    }

    /// What the lessons are called together, and their parts.
    pub fn course(&self) -> &Course {
        &self.course
    }

    /// The lessons in the order of the course.
    pub fn lessons(&self) -> &[Lesson] {
        &self.lessons
    }

    /// Whether a file of this name says which lessons there are.
    pub fn is_course(file: &str) -> bool {
        is_course(file)
    }

    /// The lesson of this name.
    pub fn lesson(&self, id: &str) -> Option<&Lesson> {
        self.lessons.iter().find(|lesson| lesson.id == id)
    }

    /// The lesson that comes after the one of this name.
    pub fn next_after(&self, id: &str) -> Option<&Lesson> {
        let idx = self.lessons.iter().position(|lesson| lesson.id == id)?;
        self.lessons.get(idx + 1)
    }
}

impl Library {
    /// Lets a lesson that is not part of the course ask again what these lessons ask.
    pub fn find_recalled(&self, lesson: &mut Lesson) {
        for step in &mut lesson.steps {
            if let Some(Task::Retrieve(retrieve)) = &mut step.task {
                let from = self.lesson(&retrieve.lesson);
                retrieve.item = from.and_then(|from| item(from, &retrieve.question));
            }
        }
    }
}

/// The question of a lesson, as another lesson asks it.
fn item(from: &Lesson, question: &str) -> Option<Box<Predict>> {
    let mut questions = from.steps.iter().filter_map(Step::own_question);
    let found = questions.find(|found| found.id == question)?;
    Some(Box::new(found.recalled_from(&from.id)))
}

fn in_order<'a>(course: &Course, mut lessons: Vec<Loaded<'a>>) -> Vec<Loaded<'a>> {
    let ids: Vec<_> = ids(course).collect();
    lessons.sort_by_key(|loaded| ids.iter().position(|id| *id == loaded.lesson.id));
    lessons
}

/// Finds what lessons ask again of those before them; gives what is not to be found.
fn recall(lessons: &mut [Loaded<'_>]) -> Vec<LessonError> {
    let mut errors = Vec::new();
    for idx in 0..lessons.len() {
        let (before, rest) = lessons.split_at_mut(idx);
        let Loaded { lesson, source } = &mut rest[0];
        for step in &mut lesson.steps {
            let Some(Task::Retrieve(retrieve)) = &mut step.task else { continue };
            let from = before.iter().find(|loaded| loaded.lesson.id == retrieve.lesson);
            retrieve.item = from.and_then(|from| item(&from.lesson, &retrieve.question));
            if retrieve.item.is_some() {
                continue;
            }
            let (name, what, remedy) = match from {
                None => {
                    let known = before.iter().map(|loaded| loaded.lesson.id.as_str());
                    let what = format!("no lesson `{}` comes before this one", retrieve.lesson);
                    (&retrieve.lesson, what, advice(&retrieve.lesson, known))
                }
                Some(from) => {
                    let asked = from.lesson.steps.iter().filter_map(Step::own_question);
                    let known = asked.map(|question| question.id.as_str());
                    let what = format!("`{}` asks no `{}`", retrieve.lesson, retrieve.question);
                    (&retrieve.question, what, advice(&retrieve.question, known))
                }
            };
            let at = source.find("Retrieve((", Spot::default()).unwrap_or_default();
            let at = source.find(&format!("\"{name}\""), at);
            errors.push(source.error(at, what, remedy));
        }
    }
    errors
}

/// A lesson and where it comes from.
struct Loaded<'a> {
    lesson: Lesson,
    source: Source<'a>,
}

fn is_course(file: &str) -> bool {
    file.rsplit(['/', '\\']).next() == Some(COURSE_FILE)
}

fn ids(course: &Course) -> impl Iterator<Item = &str> {
    course.units.iter().flat_map(|unit| &unit.lessons).map(String::as_str)
}

fn by_name(lessons: &[Loaded<'_>]) -> Course {
    let lessons = lessons.iter().map(|loaded| loaded.lesson.id.clone()).collect();
    let title = "Lessons".to_owned();
    Course { title: title.clone(), units: vec![Unit { title, lessons }] }
}

/// Lessons that have the name of one before them.
fn repeated(lessons: &[Loaded<'_>]) -> Vec<LessonError> {
    let mut errors = Vec::new();
    for (idx, Loaded { lesson, source }) in lessons.iter().enumerate() {
        let before = lessons[..idx].iter().find(|before| before.lesson.id == lesson.id);
        if let Some(before) = before {
            let what = format!("`{}` is the name of {} already", lesson.id, before.source.file);
            let at = source.find(&format!("id: \"{}\"", lesson.id), Spot::default());
            errors.push(source.error(at, what, "give each lesson a name of its own"));
        }
    }
    errors
}

/// What a course lists wrongly.
fn misplaced(course: &Course, source: &Source<'_>, lessons: &[Loaded<'_>]) -> Vec<LessonError> {
    let mut errors = Vec::new();
    let known = || lessons.iter().map(|loaded| loaded.lesson.id.as_str());
    let mut listed: Vec<&str> = Vec::new();
    for id in ids(course) {
        let at = source.find(&format!("\"{id}\""), Spot::default());
        if listed.contains(&id) {
            let again = at.and_then(|at| source.find_again(&format!("\"{id}\""), at));
            let what = format!("the lesson `{id}` is listed twice");
            errors.push(source.error(again.or(at), what, "list it once"));
        } else if !known().any(|known| known == id) {
            let what = format!("there is no lesson `{id}`");
            errors.push(source.error(at, what, advice(id, known())));
        }
        listed.push(id);
    }
    for id in known().filter(|id| !listed.contains(id)) {
        let what = format!("the lesson `{id}` is in no unit");
        errors.push(source.error(None, what, "list it in one"));
    }
    errors
}
