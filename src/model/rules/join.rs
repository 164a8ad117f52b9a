//! Several rule files as one text, each with its own lines and comments.
//!
//! Lines are only ever moved to the right, all of a file by the same width: that changes no value of YAML, be it a
//! block, a text over several lines or a comment.

use serde_json::Value;

use crate::document;
use crate::failure::Failure;
use crate::yaml;

/// `files` (paths and texts) under one `groups`.
pub(super) fn join(files: &[(String, String)]) -> Result<String, Failure> {
    let mut meant = Vec::new();
    let mut bodies = Vec::new();
    for (path, text) in files {
        let tree: Value = document::read(path, text)?;
        let groups = match tree.get("groups") {
            Some(Value::Array(groups)) => groups.clone(),
            _ => Vec::new(),
        };
        bodies.push(body(text, &groups));
        meant.extend(groups);
    }
    let width = bodies.iter().filter_map(|body| body.dash).max().unwrap_or(2).max(2);
    let mut joined = String::from("groups:\n");
    for ((path, _), body) in files.iter().zip(&bodies) {
        // The name alone: where the settings lie on this machine is nobody's business, and not the same elsewhere.
        let name = path.rsplit('/').next().unwrap_or(path);
        let lead = format!("# {}", crate::text::clean(name));
        let shift = width - body.dash.unwrap_or(width);
        let lines = body.lines.iter().map(|line| (shift, line.as_str()));
        for (shift, line) in std::iter::once((width, lead.as_str())).chain(lines) {
            if !line.is_empty() {
                joined.push_str(&" ".repeat(if line.starts_with('#') { width } else { shift }));
                joined.push_str(line);
            }
            joined.push('\n');
        }
    }
    let read: Value = document::read("the joined rule files", &joined)?;
    if read.get("groups") == Some(&Value::Array(meant)) {
        return Ok(joined);
    }
    Err(Failure::new("the rule files cannot be joined without changing them")
        .hint("name a single file in `thanos.ruler.rules`"))
}

/// What stands below a file's `groups:`.
struct Body {
    lines: Vec<String>,
    /// The column of the groups' dashes; `None` when there is none.
    dash: Option<usize>,
}

/// The lines below `groups:` and the comments above; written anew when the file is not in block style.
fn body(text: &str, groups: &[Value]) -> Body {
    let mut lines = Vec::new();
    let mut block = false;
    for line in text.lines() {
        let key = line.strip_prefix("groups:").map(str::trim_start).filter(|_| !block);
        match key {
            Some("") => block = true,
            Some(comment) if comment.starts_with('#') => {
                block = true;
                lines.push(comment.to_owned());
            }
            // Document marks stand at the first column, where no value's line can start with them.
            _ if line.starts_with("---") || line.starts_with("...") => {}
            _ => lines.push(line.to_owned()),
        }
    }
    let dash = lines.iter().find_map(|line| {
        let rest = line.trim_start_matches(' ');
        rest.starts_with('-').then_some(line.len() - rest.len())
    });
    if block && !groups.is_empty() {
        return Body { lines, dash };
    }
    let comments = text.lines().filter(|line| line.starts_with('#')).map(str::to_owned);
    let written = groups.iter().flat_map(|group| yaml::item(group, 0));
    Body { lines: comments.chain(written).collect(), dash: Some(0) }
}
