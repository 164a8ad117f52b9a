//! The repository in which the program runs: what it holds, a stranger may have proposed.

use std::path::{Path, PathBuf};

/// Whether `file` is one that the git repository around the working directory holds, and so may come from anybody who can
/// propose a change of it. A file that merely lies there, and that nobody added, is none of it.
pub fn holds(file: &Path) -> bool {
    let Some(file) = std::fs::canonicalize(file).ok() else { return false };
    let Some(here) = std::env::current_dir().and_then(std::fs::canonicalize).ok() else { return false };
    let root = here.ancestors().find(|folder| folder.join(".git").exists());
    root.is_some_and(|root| file.strip_prefix(root).is_ok_and(|path| lists(&root.join(".git"), path)))
}

/// Whether the index of a repository lists a path. One that cannot be read, or shortens paths (version 4), may; of a new
/// repository there is none.
fn lists(git: &Path, path: &Path) -> bool {
    let index = match std::fs::read(folder(git).join("index")) {
        Ok(index) => index,
        Err(error) => return error.kind() != std::io::ErrorKind::NotFound,
    };
    let is_short = index.get(4..8).is_none_or(|version| version == [0, 0, 0, 4]);
    let mut name = path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/").into_bytes();
    name.push(0);
    is_short || index.windows(name.len()).any(|window| window == name)
}

/// Where a repository keeps its index: of a worktree and a submodule, `.git` is a file that names the folder.
fn folder(git: &Path) -> PathBuf {
    let named = std::fs::read_to_string(git).ok();
    match named.as_deref().and_then(|text| text.trim().strip_prefix("gitdir:")) {
        Some(folder) => git.parent().unwrap_or(Path::new("")).join(folder.trim()),
        None => git.to_owned(),
    }
}
