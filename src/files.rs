//! Files: read with an error that names them, written whole or not at all.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::model::discovery::glob;

/// The text of a file, or of standard input for `-`.
///
/// # Errors
/// When it cannot be read, or is not UTF-8.
pub fn read(path: &Path) -> Result<String, Failure> {
    let cannot = || Failure::new(format!("cannot read `{}`", path.display()));
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map_err(|error| cannot().caused_by(reason(&error)))?;
        bytes
    } else {
        fs::read(path).map_err(|error| cannot().caused_by(reason(&error)))?
    };
    String::from_utf8(bytes)
        .map_err(|error| cannot().caused_by(format!("byte {} is not UTF-8", error.utf8_error().valid_up_to())))
}

/// What the system says, without the number that it adds.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::IsADirectory => "it is a folder".into(),
        _ => error.to_string(),
    }
}

/// Who may read a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// As the file had it before; as the umask says for a new one.
    Kept,
    /// The owner alone.
    Private,
}

/// Replaces a file in one step: at any moment it holds the old text or the new, whoever is killed. A symbolic link
/// is written through, not replaced.
///
/// # Errors
/// When the file or its folder cannot be written; the old text stands then.
pub fn write(path: &Path, text: &str, access: Access) -> Result<(), Failure> {
    let cannot = |error: io::Error| {
        Failure::new(format!("cannot write `{}`", path.display()))
            .caused_by(reason(&error))
            .hint("nothing was changed; the folder must exist and be writable")
    };
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    replace(&target, folder, text, access).map_err(cannot)
}

fn replace(target: &Path, folder: &Path, text: &str, access: Access) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".thanosctl-").suffix(".tmp");
    // The umask takes from this, as it does when a shell makes a file.
    #[cfg(unix)]
    if access == Access::Kept {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    if access == Access::Kept
        && let Ok(old) = fs::metadata(target)
    {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(target).map_err(|error| error.error)?;
    // Without this the rename itself may be lost when the machine dies.
    fs::File::open(folder)?.sync_all()
}

/// The files that `pattern` names, sorted; `*` stands for any characters of one name.
///
/// # Errors
/// When a folder cannot be read, or nothing is found.
pub fn find(folder: &Path, pattern: &str) -> Result<Vec<PathBuf>, Failure> {
    let cannot = || Failure::new(format!("cannot find `{pattern}`"));
    let mut found = vec![if Path::new(pattern).is_absolute() { PathBuf::from("/") } else { folder.to_owned() }];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        for base in found {
            if !part.contains('*') {
                next.push(base.join(part));
                continue;
            }
            let shown = base.display().to_string();
            let entries = match fs::read_dir(&base) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotADirectory => continue,
                Err(error) => return Err(cannot().caused_by(format!("{shown}: {}", reason(&error)))),
            };
            for entry in entries {
                let name =
                    entry.map_err(|error| cannot().caused_by(format!("{shown}: {}", reason(&error))))?.file_name();
                // As in a shell, `*` does not stand for a leading dot.
                if let Some(text) = name.to_str()
                    && glob(part, text)
                    && (!text.starts_with('.') || part.starts_with('.'))
                {
                    next.push(base.join(text));
                }
            }
        }
        found = next;
    }
    found.sort();
    if found.is_empty() {
        return Err(cannot().caused_by(format!("no file in `{}` matches it", folder.display())));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_finds_files_in_path_order_and_no_hidden_ones() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.yaml", "a.yaml", ".c.yaml", "d.txt"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let found = find(folder.path(), "*.yaml").unwrap();
        let names: Vec<_> = found.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["a.yaml", "b.yaml"]);
        assert!(find(folder.path(), "*.json").is_err());
    }

    #[test]
    #[cfg(unix)]
    fn a_replaced_file_keeps_its_mode_and_a_private_one_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("values.yaml");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        write(&path, "new", Access::Kept).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("new", 0o640));
        write(&path, "secret", Access::Private).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    #[cfg(unix)]
    fn a_symbolic_link_is_written_through() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real.yaml"), folder.path().join("link.yaml"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write(&link, "new", Access::Kept).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
    }
}
