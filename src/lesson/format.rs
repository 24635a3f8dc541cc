//! tmp
/// e
#[derive(Debug)]
pub struct LessonError;
/// r
pub fn read_lesson() {}
/// r
pub fn read_scenario() {}
