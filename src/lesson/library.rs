//! tmp
use super::Lesson;
use serde::{Deserialize, Serialize};
/// c
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// t
    pub title: String,
    /// u
    pub units: Vec<Unit>,
}
/// u
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    /// t
    pub title: String,
    /// l
    pub lessons: Vec<String>,
}
/// l
#[derive(Clone, Debug, PartialEq)]
pub struct Library {
    /// c
    pub course: Course,
    /// l
    pub lessons: Vec<Lesson>,
}
impl Library {
    /// o
    pub fn of(lesson: Lesson) -> Self {
        Self { course: Course { title: String::new(), units: vec![] }, lessons: vec![lesson] }
    }
}
