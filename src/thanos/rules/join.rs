//! Several rule files as one text, each with its own lines and comments.
//!
//! Lines are only ever moved to the right, all of a file by the same width: that changes no value of YAML, be it a
//! block, a text over several lines or a comment.

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::template::{self, Record, Template, template};
use crate::{document, yaml};

static RULES: Template = template!("rules.yml.j2");

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
    let file = |((path, _), body): (&(String, String), &Body)| {
        // The name alone: where the settings lie on this machine is nobody's business, and not the same elsewhere.
        let name = path.rsplit('/').next().unwrap_or(path);
        let shift = width - body.dash.unwrap_or(width);
        let mut lines = String::new();
        for line in &body.lines {
            if !line.is_empty() {
                lines.push_str(&yaml::blanks(if line.starts_with('#') { width } else { shift }));
                lines.push_str(line);
            }
            lines.push('\n');
        }
        let record = Record::default().with("indent", template::verbatim(yaml::blanks(width)));
        template::Value::from(record.with("name", name).with("lines", template::verbatim(lines)))
    };
    let files = files.iter().zip(&bodies).map(file).collect::<template::Value>();
    RULES.render(Record::default().with("files", files), &[&json!({ "groups": meant })]).map_err(|_| {
        Failure::new("the rule files cannot be joined without changing them")
            .hint("name a single file in `thanos.ruler.rules`")
    })
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
