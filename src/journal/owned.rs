//! Folders and files of which it is known that nobody but their owner wrote them.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::Path;

use super::unusable;
use crate::failure::Failure;
use crate::text::shell_word;

/// No entry is larger: an API server stores no object above 1.5 MiB, and an entry holds less than three of them.
const LIMIT: u64 = 8 << 20;

/// Whether something has this name, be it a link to nothing.
pub(super) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether a folder, if there is one, is one in which its owner alone may write.
///
/// # Errors
/// When it is something else, or others may write in it.
pub(super) fn check_folder(path: &Path) -> Result<(), Failure> {
    let Some(metadata) = metadata(path)? else { return Ok(()) };
    if metadata.is_symlink() {
        return Err(is_link(path));
    }
    // What is no folder cannot be made one, and the error of who tries says so.
    if metadata.is_dir() { check(path, &metadata, 0o022, "go-w") } else { Ok(()) }
}

/// Whether a file, if there is one, may be replaced: it is a regular file of ours.
///
/// # Errors
/// When it is something else.
pub(super) fn check_file(path: &Path) -> Result<(), Failure> {
    metadata(path)?.map_or(Ok(()), |metadata| check_regular(path, &metadata))
}

/// The text of a file that its owner alone could have written; `None` when there is none.
///
/// # Errors
/// When it is something else, is too large or cannot be read.
pub(super) fn read(path: &Path) -> Result<Option<String>, Failure> {
    let Some(found) = metadata(path)? else { return Ok(None) };
    check_regular(path, &found)?;
    let cannot = |error: &io::Error| unusable(path, &error.to_string());
    let file = open(path).map_err(|error| cannot(&error))?;
    // Another file may have taken its name meanwhile.
    check_regular(path, &file.metadata().map_err(|error| cannot(&error))?)?;
    let mut text = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut text).map_err(|error| cannot(&error))?;
    if text.len() as u64 > LIMIT {
        return Err(unusable(path, &format!("it is larger than any entry: more than {} MiB", LIMIT >> 20)));
    }
    String::from_utf8(text).map(Some).map_err(|_| unusable(path, "it is no entry of a journal"))
}

fn metadata(path: &Path) -> Result<Option<Metadata>, Failure> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(unusable(path, &error.to_string())),
    }
}

fn check_regular(path: &Path, metadata: &Metadata) -> Result<(), Failure> {
    if metadata.is_symlink() {
        return Err(is_link(path));
    }
    if !metadata.is_file() {
        return Err(
            unusable(path, "it is no regular file").hint("remove it, or name another folder with --journal DIR")
        );
    }
    check(path, metadata, 0o077, "go=")
}

fn is_link(path: &Path) -> Failure {
    unusable(path, "it is a symbolic link").hint("name the folder that it leads to with --journal DIR, or remove it")
}

/// Whether it belongs to who runs this, and `loose` bits of its mode are not set; `change` is what chmod is to do about them.
#[cfg(unix)]
fn check(path: &Path, metadata: &Metadata, loose: u32, change: &str) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt as _;
    let (owner, mode) = (metadata.uid(), metadata.mode() & 0o7777);
    if owner != rustix::process::geteuid().as_raw() {
        return Err(unusable(
            path,
            &format!("it belongs to another user (uid {owner}), who may have written what it says"),
        )
        .hint("name a folder of your own with --journal DIR"));
    }
    if mode & loose != 0 {
        let cause = format!("its mode is {mode:04o}: others may have written what it says, or may read it");
        let word = shell_word(&path.display().to_string());
        return Err(unusable(path, &cause).hint(format!("if it says what you did: chmod {change} {word}")));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check(_: &Path, _: &Metadata, _: u32, _: &str) -> Result<(), Failure> {
    Ok(())
}

/// Opens a file, without following a link and without waiting for whoever is at the other end of a pipe.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}
