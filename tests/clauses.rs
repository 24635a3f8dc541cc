//! Clauses: every one that the program cites, anywhere, names a section that exists.

use std::path::{Path, PathBuf};
use wirestep::lesson::clause::{title, url};
use wirestep::lesson::{Library, Task};
use wirestep::wire::rule::Rule;

/// Documents that remarks in the sources go back to and that no learner is pointed to.
const FOR_BUILDERS: [&str; 9] = [
    "RFC 1071", "RFC 2616", "RFC 3986", "RFC 4180", "RFC 5737", "RFC 5961", "RFC 6335", "RFC 6864",
    "RFC 7323",
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|name| name == "rs" || name == "ron" || name == "md")
        {
            found.push(path);
        }
    }
}

/// Every `NAME NUMBER §SECTION` in a text, which may be broken over lines of remarks.
fn cited(text: &str) -> Vec<String> {
    let words = text.split_whitespace().filter(|word| !word.starts_with("//"));
    let words: Vec<_> = words.collect();
    let mut found = Vec::new();
    for three in words.windows(3) {
        let name = three[0].trim_start_matches(|c: char| !c.is_alphanumeric());
        let Some(number) = three[2].strip_prefix('§') else { continue };
        if name != "RFC" && name != "WHATWG" {
            continue;
        }
        let end = number.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(number.len());
        let number = number[..end].trim_end_matches('.');
        found.push(format!("{name} {} §{number}", three[1]));
    }
    found
}

#[test]
fn every_clause_in_the_sources_lessons_and_manuals_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![root.join("README.md")];
    for folder in ["src", "lessons", "docs"] {
        files(&root.join(folder), &mut paths);
    }
    let mut n_cited = 0;
    for path in paths {
        // It cites what does not exist on purpose, in its tests.
        if path.ends_with("src/lesson/clause.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("it is text");
        for cite in cited(&text) {
            n_cited += 1;
            let known =
                title(&cite).is_some() || FOR_BUILDERS.iter().any(|rfc| cite.starts_with(rfc));
            assert!(known, "{}: {cite}", path.display());
        }
    }
    assert!(n_cited > 500, "{n_cited}");
}

#[test]
fn whatever_a_learner_is_pointed_to_can_be_opened() {
    let mut cites: Vec<_> = Rule::ALL.iter().map(|rule| rule.cite().to_owned()).collect();
    for lesson in Library::built_in().lessons() {
        cites.extend(lesson.debrief.cites.clone());
        cites.extend(lesson.steps.iter().flat_map(|step| step.cites.clone()));
        for step in &lesson.steps {
            if let Some(Task::Predict(predict)) = &step.task {
                cites.extend(predict.options.iter().flat_map(|option| cited(&option.because)));
            }
        }
    }
    for cite in cites {
        assert!(url(&cite).is_some(), "{cite}");
    }
}
