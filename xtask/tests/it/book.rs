//! The code that the book shows: in pieces that fit a page and a projector, and each
//! with the name of its file.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::root;

const MAX_LINES: usize = 25;
const MAX_COLUMNS: usize = 80;

/// A piece of code that a chapter includes.
struct Piece {
    /// The chapter, and the file as it is included.
    place: String,
    file: PathBuf,
    anchor: Option<String>,
    /// The line in front of it.
    caption: String,
}

/// The pieces of Rust that a chapter includes.
fn pieces(chapter: &Path) -> Vec<Piece> {
    let text = fs::read_to_string(chapter).unwrap();
    let mut pieces = Vec::new();
    let mut caption = "";
    for line in text.lines() {
        let target = line
            .strip_prefix("{{#include ")
            .and_then(|rest| rest.strip_suffix("}}"));
        match target {
            Some(target) if target.contains(".rs") => {
                let (file, anchor) = match target.split_once(":") {
                    Some((file, anchor)) => (file, Some(anchor.to_owned())),
                    None => (target, None),
                };
                pieces.push(Piece {
                    place: format!("{}: {target}", chapter.display()),
                    file: chapter.with_file_name(file),
                    anchor,
                    caption: caption.to_owned(),
                });
            }
            _ if !line.is_empty() && !line.starts_with("```") => caption = line,
            _ => {}
        }
    }
    pieces
}

impl Piece {
    fn lines(&self) -> Vec<String> {
        let code = fs::read_to_string(&self.file).unwrap();
        let is_marker = |line: &&str| line.contains("// ANCHOR");
        let end = |anchor: &String| format!("ANCHOR_END: {anchor}");
        let shown: Vec<&str> = match &self.anchor {
            None => code.lines().collect(),
            Some(anchor) => code
                .lines()
                .skip_while(|line| !line.ends_with(&format!("ANCHOR: {anchor}")))
                .take_while(|line| !line.ends_with(&end(anchor)))
                .collect(),
        };
        let shown = shown.into_iter().filter(|line| !is_marker(line));
        shown.map(ToOwned::to_owned).collect()
    }
}

/// The pieces of all chapters.
fn all_pieces() -> Vec<Piece> {
    let chapters = fs::read_dir(root().join("docs/src")).unwrap();
    chapters
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .flat_map(|chapter| pieces(&chapter))
        .collect()
}

#[test]
fn each_anchor_is_shown_somewhere() {
    let shown: HashSet<(PathBuf, String)> = all_pieces()
        .into_iter()
        .filter_map(|piece| Some((piece.file.canonicalize().unwrap(), piece.anchor?)))
        .collect();
    for (file, _) in &shown {
        let code = fs::read_to_string(file).unwrap();
        for line in code.lines() {
            if let Some((_, anchor)) = line.split_once("// ANCHOR: ") {
                let is_shown = shown.contains(&(file.clone(), anchor.to_owned()));
                assert!(is_shown, "{}: {anchor}", file.display());
            }
        }
    }
}

#[test]
fn no_piece_of_code_is_too_large_and_each_names_its_file() {
    let pieces = all_pieces();
    assert!(pieces.len() > 20, "only {} pieces were found", pieces.len());
    for piece in pieces {
        let lines = piece.lines();
        let Piece { place, file, .. } = &piece;
        assert!(!lines.is_empty(), "{place}: nothing is there");
        assert!(lines.len() <= MAX_LINES, "{place}: {} lines", lines.len());
        let widest = lines.iter().map(|line| line.chars().count()).max();
        assert!(widest <= Some(MAX_COLUMNS), "{place}: {widest:?} columns");
        let name = file.file_name().unwrap().to_str().unwrap();
        let caption = &piece.caption;
        let names_it = caption.starts_with('`') && caption.ends_with(&format!("{name}`:"));
        assert!(names_it, "{place}: it is introduced by {caption:?}");
    }
}
