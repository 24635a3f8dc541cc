//! Prose: authors break and indent lines as their file needs it; readers do not see that.
//!
//! **Law:** tidied prose stays as it is when it is tidied again.

use super::{Choice, Lesson, Step, Task};

/// Takes the line breaks and the indentation of the file out of a lesson's texts.
pub(super) fn tidy(lesson: &mut Lesson) {
    flow(&mut lesson.summary);
    for step in &mut lesson.steps {
        tidy_step(step);
    }
    unindent(&mut lesson.debrief.text);
}

fn tidy_step(step: &mut Step) {
    unindent(&mut step.text);
    step.aside.iter_mut().for_each(unindent);
    match &mut step.task {
        Some(Task::Predict(predict)) => {
            flow(&mut predict.question);
            predict.options.iter_mut().for_each(tidy_choice);
        }
        Some(Task::Choose(choose)) => {
            flow(&mut choose.question);
            choose.options.iter_mut().for_each(tidy_choice);
        }
        Some(Task::Explain(explain)) => {
            flow(&mut explain.prompt);
            explain.points.iter_mut().for_each(flow);
            flow(&mut explain.model);
        }
        Some(Task::Do(task)) => {
            flow(&mut task.task);
            task.goals.iter_mut().for_each(|check| flow(&mut check.text));
            task.hints.iter_mut().for_each(flow);
            flow(&mut task.because);
            if let Some(bench) = &mut task.bench {
                unindent_given(&mut bench.given);
            }
        }
        Some(Task::Retrieve(_)) | None => {}
    }
}

fn tidy_choice(choice: &mut Choice) {
    flow(&mut choice.text);
    choice.idea.iter_mut().for_each(flow);
    flow(&mut choice.because);
}

/// One line: every stretch of white space is a space.
fn flow(text: &mut String) {
    *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
}

/// Takes off the indentation that the lines after the first have in common: indented lines would
/// be code in `CommonMark`.
fn unindent(text: &mut String) {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let lines = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    let common = lines.map(indent).min().unwrap_or(0);
    let lines: Vec<_> = text
        .trim()
        .lines()
        .enumerate()
        .map(|(idx, line)| if idx == 0 { line } else { line.get(common..).unwrap_or("") })
        .map(str::trim_end)
        .collect();
    *text = lines.join("\n");
}

/// The same for what lies on a bench, where the empty line at the end of a head or an event counts.
fn unindent_given(text: &mut String) {
    let ends = text.trim_end_matches(' ');
    let n_ends = ends.len() - ends.trim_end_matches('\n').len();
    unindent(text);
    if !text.is_empty() {
        text.push_str(&"\n".repeat(n_ends));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tidied: impl Fn(&mut String), input: &str, expected: &str) {
        let mut text = input.to_owned();
        tidied(&mut text);
        assert_eq!(text, expected);
        tidied(&mut text);
        assert_eq!(text, expected);
    }

    #[test]
    fn a_line_flows() {
        check(flow, "one\n      two  three ", "one two three");
    }

    #[test]
    fn what_lies_on_a_bench_keeps_its_last_lines() {
        check(unindent_given, "GET / HTTP/1.1\n    Host: a\n\n", "GET / HTTP/1.1\nHost: a\n\n");
        check(unindent_given, "81 02\n    48 69", "81 02\n48 69");
        check(unindent_given, "\n\n", "");
    }

    #[test]
    fn the_indentation_of_the_file_is_taken_off() {
        check(unindent, "one\n    two\n\n    - three\n      four", "one\ntwo\n\n- three\n  four");
        check(unindent, "one", "one");
        // A paragraph written with an escape keeps the lines behind it apart.
        check(unindent, "one\n    two\n\nthree\n    four", "one\n    two\n\nthree\n    four");
    }
}
