//! The book has a chapter for each experiment, and names none that isn't there.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, fs};

use serde_json::Value;

use crate::front::names;
use crate::story::LAB;

/// The root of the course, as cargo says now: it may have been moved since this was
/// compiled.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../..")
}

/// All pages of the book, and the README.
fn pages() -> Vec<(PathBuf, String)> {
    let pages = fs::read_dir(root().join("docs/src")).unwrap().flatten();
    let pages = pages.map(|entry| entry.path());
    let pages =
        pages.filter(|path| path.extension().is_some_and(|it| it == "md"));
    let pages = pages.chain([root().join("README.md")]);
    pages
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect()
}

/// The chapter that an experiment names in its first line.
fn chapter_of(name: &str) -> String {
    let mut command = Command::new(LAB);
    command.args([name, "--json"]).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let first: Value = serde_json::from_str(&first).unwrap();
    first["chapter"].as_str().unwrap().to_owned()
}

#[test]
fn each_experiment_is_shown_in_its_chapter() {
    for name in names() {
        let chapter = root().join(chapter_of(&name));
        let text = fs::read_to_string(&chapter).unwrap();
        let transcript = format!("{{{{#include transcripts/lab-{name}.txt");
        assert!(text.contains(&transcript), "{}", chapter.display());
    }
}

#[test]
fn no_page_names_an_experiment_that_isn_t_there() {
    let names = names();
    let is_known = |word: &str| {
        word == "all"
            || word.starts_with('-')
            || names.iter().any(|name| name == word)
    };
    let mut n_found = 0;
    for (path, text) in pages() {
        for (_, rest) in text
            .match_indices("cargo xtask lab ")
            .map(|(at, it)| text.split_at(at + it.len()))
        {
            let word = rest
                .split(|c: char| c.is_whitespace() || "`,.;:)".contains(c))
                .next();
            let word = word.unwrap();
            assert!(is_known(word), "{}: lab {word}", path.display());
            n_found += 1;
        }
    }
    assert!(n_found > 2 * names.len(), "only {n_found} were found");
}

#[test]
fn the_table_for_a_class_has_each_experiment() {
    let table = fs::read_to_string(root().join("docs/src/guide.md")).unwrap();
    for name in names() {
        assert!(table.contains(&format!("\n| `{name}` | ")), "{name}");
    }
}
