//! The repository in which the program runs: what it holds, a stranger may have proposed.

use std::path::{Path, PathBuf};

/// Whether `file`, or a link that leads to it, is one that the git repository around the working directory holds, or one
/// that is around or inside of that, and so may come from anybody who can propose a change of it. A file that merely lies
/// there, and that nobody added, is none of it.
pub(super) fn holds(file: &Path) -> bool {
    let Ok(file) = std::path::absolute(file) else { return true };
    let Some(here) = std::env::current_dir().and_then(std::fs::canonicalize).ok() else { return false };
    let Some(outermost) = here.ancestors().filter(|folder| is_repository(folder)).last() else { return false };
    let links = file.ancestors().filter(|path| path.is_symlink());
    let links = links.filter_map(|link| Some(link.parent()?.canonicalize().ok()?.join(link.file_name()?)));
    links.chain(file.canonicalize()).any(|path| is_listed(&path, outermost))
}

fn is_repository(folder: &Path) -> bool {
    folder.join(".git").exists()
}

/// Whether a repository lists a path, which is `outermost` or lies in it.
fn is_listed(path: &Path, outermost: &Path) -> bool {
    let folders = path.ancestors().skip(1).take_while(|folder| folder.starts_with(outermost));
    let mut roots = folders.filter(|folder| is_repository(folder));
    roots.any(|root| path.strip_prefix(root).is_ok_and(|path| lists(&folder(&root.join(".git")), path)))
}

/// Whether the index in the folder of a repository lists a path. One that is not there or cannot be read, shortens paths
/// (version 4) or shares them with another file, may.
fn lists(git: &Path, path: &Path) -> bool {
    let Ok(index) = std::fs::read(git.join("index")) else { return true };
    let is_short = index.get(4..8).is_none_or(|version| version == [0, 0, 0, 4]);
    let is_shared = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.is_ok_and(|entry| entry.file_name().as_encoded_bytes().starts_with(b"sharedindex."))
    };
    let mut name = path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/").into_bytes();
    name.push(0);
    is_short
        || std::fs::read_dir(git).is_ok_and(|mut entries| entries.any(is_shared))
        || index.windows(name.len()).any(|window| window == name)
}

/// Where a repository keeps its index: of a worktree and a submodule, `.git` is a file that names the folder.
fn folder(git: &Path) -> PathBuf {
    let named = std::fs::read_to_string(git).ok();
    match named.as_deref().and_then(|text| text.trim().strip_prefix("gitdir:")) {
        Some(folder) => git.parent().unwrap_or(Path::new("")).join(folder.trim()),
        None => git.to_owned(),
    }
}
