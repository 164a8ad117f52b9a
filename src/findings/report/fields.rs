//! What a finding says, field by field, as all formats for people write it.

use crate::findings::finding::Finding;
use crate::text::clean;

/// Where a finding stands, such as `values.yaml:7:3`; `None` when it stands in no file.
pub(super) fn place(finding: &Finding) -> Option<String> {
    finding.place.as_ref().map(|place| line(&place.to_string()))
}

/// The line of a finding; `None` when only its file is known, or not even that.
pub(super) fn line_number(finding: &Finding) -> Option<u64> {
    finding.place.as_ref().map(|place| place.line).filter(|line| *line > 0)
}

/// The column of a finding; `None` when it is not known.
pub(super) fn column_number(finding: &Finding) -> Option<u64> {
    line_number(finding)?;
    finding.place.as_ref().map(|place| place.column).filter(|column| *column > 0)
}

/// Which cluster and Service a finding is about, in words; `None` when it is about none.
pub(super) fn object(finding: &Finding) -> Option<String> {
    let told = match (&finding.cluster, &finding.service) {
        (Some(cluster), Some(service)) => format!("cluster {cluster}, Service {service}"),
        (Some(cluster), None) => format!("cluster {cluster}"),
        (None, Some(service)) => format!("Service {service}"),
        (None, None) => return None,
    };
    Some(line(&told))
}

/// What a finding says besides its message, a line each, in plain text: what it is about, the change, the hint.
pub(super) fn details(finding: &Finding) -> Vec<String> {
    let mut lines: Vec<String> = object(finding).into_iter().collect();
    lines.extend(finding.change.as_ref().map(|change| format!("{} -> {}", line(&change.old), line(&change.new))));
    for (index, text) in finding.hint.iter().flat_map(|hint| hint.lines()).enumerate() {
        lines.push(format!("{}{}", if index == 0 { "hint: " } else { "      " }, line(text)));
    }
    lines
}

/// `text` on one line, fit for a terminal and for the log of a CI system.
pub(super) fn line(text: &str) -> String {
    clean(text)
}
