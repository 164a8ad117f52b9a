//! Files: read with an error that names them, written whole or not at all.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::text::{glob, without_credentials};

/// The largest file that people write, in bytes.
pub const LARGEST: u64 = 16 << 20;

/// The largest file that programs write: an inventory of a whole fleet.
pub const LARGEST_DATA: u64 = 1 << 30;

/// The text of a file, or of standard input for `-`.
///
/// # Errors
/// When it cannot be read, is larger than [`LARGEST`], or is not UTF-8.
pub fn read(path: &Path) -> Result<String, Failure> {
    text(path, LARGEST)
}

/// The same of a file that a program wrote, which may be larger.
///
/// # Errors
/// When it cannot be read, is larger than [`LARGEST_DATA`], or is not UTF-8.
pub fn read_data(path: &Path) -> Result<String, Failure> {
    text(path, LARGEST_DATA)
}

/// The text of a file that another file names: it lies in `folder`, or in the repository around that.
///
/// # Errors
/// As [`read`], and when it lies elsewhere, symbolic links resolved.
pub fn read_near(folder: &Path, path: &Path) -> Result<String, Failure> {
    // One that is not there is reported by who reads it.
    if path.exists() && !is_near(folder, path) {
        return Err(cannot_read(path)
            .caused_by("it lies outside of the folder and of the repository of the file that names it")
            .hint("a file names no others than those beside it, symbolic links resolved"));
    }
    read(path)
}

fn cannot_read(path: &Path) -> Failure {
    Failure::new(format!("cannot read `{}`", without_credentials(&path.to_string_lossy())))
}

fn text(path: &Path, most: u64) -> Result<String, Failure> {
    let cannot = || cannot_read(path);
    let read = if path == Path::new("-") { limited(io::stdin(), most) } else { bytes(path, most) };
    let bytes = read.map_err(|error| cannot().caused_by(reason(&error)))?;
    String::from_utf8(bytes).map_err(|error| match foreign_form(error.as_bytes()) {
        Some((form, way)) => cannot().caused_by(form).hint(way),
        None => cannot().caused_by(format!("byte {} is not UTF-8", error.utf8_error().valid_up_to())),
    })
}

/// What bytes are that begin like something else than a text in UTF-8, and what makes such a text of them.
fn foreign_form(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    match bytes {
        [0x1f, 0x8b, ..] => Some(("it is compressed with gzip", "decompress it: gzip -dc FILE")),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(("it is compressed with zstd", "decompress it: zstd -dc FILE")),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some((
            "it is not UTF-8 but UTF-16",
            "Windows PowerShell writes that with `>`; write it with `| Out-File -Encoding utf8 FILE`",
        )),
        _ => None,
    }
}

/// What stands in a file of at most `most` bytes. A device, a socket and a named pipe are refused before they are opened:
/// they may have no end, or act when they are read. What the shell hands over (`/dev/stdin`, `<(…)`) is none of these.
///
/// # Errors
/// When it is no file, cannot be read, or is larger.
pub fn bytes(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let is_handed_over = is_descriptor(path);
    let refuse = |metadata: &fs::Metadata| match what(metadata) {
        None => Ok(()),
        Some("a folder") => Err(io::ErrorKind::IsADirectory.into()),
        Some(_) if is_handed_over => Ok(()),
        Some(what) => Err(io::Error::other(format!("it is {what}, and no regular file"))),
    };
    refuse(&fs::metadata(path)?)?;
    let mut options = fs::OpenOptions::new();
    options.read(true);
    // Whoever puts a pipe in its place meanwhile does not make this wait.
    #[cfg(unix)]
    if !is_handed_over {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    let file = options.open(path)?;
    refuse(&file.metadata()?)?;
    limited(file, most)
}

/// Whether a file may be read as [`bytes`] reads it, without reading it: for readers that open it themselves. A file that is
/// not there is theirs to report.
///
/// # Errors
/// When it is no file, or is larger.
pub fn check(path: &Path, most: u64) -> io::Result<()> {
    let Ok(metadata) = fs::metadata(path) else { return Ok(()) };
    match what(&metadata) {
        None if metadata.len() > most => Err(too_large(most)),
        Some(what) if !is_descriptor(path) => Err(io::Error::other(format!("it is {what}, and no regular file"))),
        None | Some(_) => Ok(()),
    }
}

fn too_large(most: u64) -> io::Error {
    io::Error::other(format!("it is larger than {} MB, which is the most that is read", most >> 20))
}

/// All that can be read, if it is at most `most` bytes.
fn limited(file: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_large(most));
    }
    Ok(bytes)
}

/// Whether a path names an open file of this process.
fn is_descriptor(path: &Path) -> bool {
    path == Path::new("/dev/stdin") || path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd")
}

/// What something is that is no regular file, in words.
fn what(metadata: &fs::Metadata) -> Option<&'static str> {
    let kind = metadata.file_type();
    if kind.is_file() {
        return None;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return Some("a named pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
        if kind.is_char_device() || kind.is_block_device() {
            return Some("a device");
        }
    }
    Some("a folder")
}

/// Whether a file that the command line names is a link that leads elsewhere: then who wrote the link chose what is read,
/// and nothing of it is quoted.
pub fn leads_elsewhere(path: &Path) -> bool {
    if path == Path::new("-") || is_descriptor(path) {
        return false;
    }
    let goes_up = path.components().any(|part| matches!(part, std::path::Component::ParentDir));
    let is_plain = path.is_relative() && !goes_up;
    let base = if is_plain { Path::new(".") } else { folder_of(path) };
    path.exists() && (!is_near(base, path) || link_away(path).is_some())
}

/// A symbolic link on the way to `path` that leads out of the repository in which it lies, or, where that is none, out of the
/// working directory. Links that lie in neither are those of the machine.
fn link_away(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let leads_away = |link: &&Path| {
        let folder = link.parent().and_then(whole);
        let (Some(root), Some(target)) = (folder.and_then(|folder| tree_around(&folder)), whole(link)) else {
            return false;
        };
        !is_within(&root, &target)
    };
    path.ancestors().filter(|path| path.is_symlink()).find(leads_away).map(Path::to_owned)
}

/// Refuses to write where a symbolic link leads out of the repository: who proposed the link would choose what is replaced.
///
/// # Errors
/// When `path` is such a link, or leads through one.
pub fn refuse_link_away(path: &Path) -> Result<(), Failure> {
    let Some(link) = link_away(path) else { return Ok(()) };
    Err(Failure::new(format!("`{}` is not written", path.display()))
        .caused_by(format!("the symbolic link `{}` leads out of the repository", link.display()))
        .hint("name the file itself, or add --follow-links if it is meant"))
}

/// Whether a file lies in `folder` or in the repository around that, symbolic links resolved; without a repository, in the
/// working directory, if that is around the folder. What Git keeps for itself, credentials among it, lies in none.
fn is_near(folder: &Path, path: &Path) -> bool {
    let (Some(folder), Some(path)) = (whole(folder), whole(path)) else { return false };
    let tree = tree_around(&folder).unwrap_or_else(|| folder.clone());
    is_within(&folder, &path) || is_within(&tree, &path)
}

/// A path with its symbolic links resolved; `None` when there is nothing.
fn whole(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(if path.as_os_str().is_empty() { Path::new(".") } else { path }).ok()
}

/// The repository around a resolved folder, else the working directory, if that is around it.
fn tree_around(folder: &Path) -> Option<PathBuf> {
    let repository = folder.ancestors().find(|above| above.join(".git").exists()).map(Path::to_owned);
    repository.or_else(|| whole(Path::new(".")).filter(|here| folder.starts_with(here)))
}

/// Whether a resolved path lies below a folder, and not in what Git keeps for itself there.
fn is_within(folder: &Path, path: &Path) -> bool {
    path.strip_prefix(folder).is_ok_and(|below| below.components().all(|part| part.as_os_str() != ".git"))
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
    Public,
    /// The owner alone, whoever could read it before.
    Private,
}

/// A text that is ready to take a file's place: written and safe on disk, in the same folder. It vanishes when it is
/// dropped before [`Prepared::commit`].
pub struct Prepared {
    shown: String,
    target: PathBuf,
    file: Temporary,
    /// Whether others could read the file that is replaced, and no longer can.
    is_closed: bool,
}

impl Prepared {
    /// Writes `text` beside `path`. A symbolic link will be written through, not replaced.
    ///
    /// # Errors
    /// When the folder cannot be written, or `path` is a link to nothing. Nothing has changed then.
    pub fn new(path: &Path, text: &str, access: Access) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let cannot = || Failure::new(format!("cannot write `{shown}`"));
        let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
        let target = match fs::canonicalize(path) {
            Ok(target) => target,
            Err(_) if is_link => return Err(cannot().caused_by("it is a symbolic link to nothing")),
            Err(_) => path.to_owned(),
        };
        if let Some(what) = fs::metadata(&target).ok().as_ref().and_then(what) {
            return Err(cannot().caused_by(format!("it is {what}, and no regular file")).hint("name a file"));
        }
        let file = prepare(&target, text, access).map_err(|error| {
            cannot().caused_by(reason(&error)).hint("nothing was changed; the folder must exist and be writable")
        })?;
        let is_closed = access == Access::Private && is_open(&target);
        Ok(Self { shown, target, file, is_closed })
    }

    /// What to say of it, without a full stop.
    pub fn note(&self) -> Option<String> {
        let shown = &self.shown;
        self.is_closed.then(|| format!("note: {shown} holds secrets, so only you can read it from now on (mode 0600)"))
    }

    /// Takes the file's place in one step: at any moment it holds the old text or the new, whoever is killed.
    ///
    /// # Errors
    /// When the file cannot be replaced; the old text stands then.
    pub fn commit(self) -> Result<(), Failure> {
        let cannot =
            |error: &io::Error| Failure::new(format!("cannot write `{}`", self.shown)).caused_by(reason(error));
        let path = self.file.named(&self.target).map_err(|error| cannot(&error))?;
        path.persist(&self.target).map_err(|error| cannot(&error.error))?;
        // Without this the rename itself may be lost when the machine dies.
        let synced = fs::File::open(folder_of(&self.target)).and_then(|folder| folder.sync_all());
        synced.map_err(|error| cannot(&error).hint("it was replaced, but the disk may not have it yet"))
    }
}

/// Whether others than its owner may read or write a file.
pub fn is_open(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// A file without its final name.
enum Temporary {
    /// It has no name at all: whoever is killed leaves nothing behind.
    #[cfg(target_os = "linux")]
    Unnamed(fs::File),
    /// It has another name, where the system cannot do without.
    Named(tempfile::NamedTempFile),
}

impl Temporary {
    /// An empty file in the folder of `target`.
    fn new(target: &Path, access: Access) -> io::Result<Self> {
        let folder = folder_of(target);
        #[cfg(target_os = "linux")]
        if let Some(file) = unnamed(folder, access) {
            return Ok(Self::Unnamed(file));
        }
        let mut builder = temporary_name();
        // The umask takes from this, as it does when a shell makes a file; without it the file is the owner's alone.
        #[cfg(unix)]
        if access == Access::Public {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        builder.tempfile_in(folder).map(Self::Named)
    }

    fn as_file(&mut self) -> &mut fs::File {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => file,
            Self::Named(file) => file.as_file_mut(),
        }
    }

    /// The file under a name beside `target`.
    fn named(self, target: &Path) -> io::Result<tempfile::TempPath> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => {
                use rustix::fs::{AtFlags, CWD, linkat};
                let own = descriptor(&file);
                let link = |name: &Path| Ok(linkat(CWD, &own, CWD, name, AtFlags::SYMLINK_FOLLOW)?);
                temporary_name().make_in(folder_of(target), link).map(tempfile::NamedTempFile::into_temp_path)
            }
            Self::Named(file) => Ok(file.into_temp_path()),
        }
    }
}

fn temporary_name<'n>() -> tempfile::Builder<'n, 'n> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".thanosctl-").suffix(".tmp");
    builder
}

/// An empty file without a name; `None` where the folder's file system has none, or nothing could name it later.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path, access: Access) -> Option<fs::File> {
    use rustix::fs::{Mode, OFlags, open};
    let mode = if access == Access::Public { 0o666 } else { 0o600 };
    let file = open(folder, OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC, Mode::from_raw_mode(mode)).ok()?;
    let file = fs::File::from(file);
    descriptor(&file).exists().then_some(file)
}

/// The path of an open file that has no name.
#[cfg(target_os = "linux")]
fn descriptor(file: &fs::File) -> PathBuf {
    use std::os::fd::AsRawFd as _;
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// Makes a folder that its owner alone can look into, and those above it.
///
/// # Errors
/// When it cannot be made, or is no folder.
pub fn make_private_folder(path: &Path) -> Result<(), Failure> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder
        .create(path)
        .map_err(|error| Failure::new(format!("cannot make the folder `{}`", path.display())).caused_by(reason(&error)))
}

/// Removes a file; one that is not there is as good as removed.
///
/// # Errors
/// When it stays.
pub fn remove(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Failure::new(format!("cannot remove `{}`", path.display())).caused_by(reason(&error)))
        }
        _ => Ok(()),
    }
}

fn folder_of(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn prepare(target: &Path, text: &str, access: Access) -> io::Result<Temporary> {
    let mut temporary = Temporary::new(target, access)?;
    let file = temporary.as_file();
    if access == Access::Public
        && let Ok(old) = fs::metadata(target)
    {
        file.set_permissions(old.permissions())?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(temporary)
}

/// Makes sure that `path` may be replaced: it does not exist, is empty, or holds a text that is `ours`.
///
/// # Errors
/// When it is no regular file, or somebody else wrote it: it may hold what nobody could bring back.
pub fn refuse_foreign(path: &Path, ours: fn(&str) -> bool) -> Result<(), Failure> {
    match read_existing(path)? {
        Some(text) if !text.is_empty() && !ours(&text) => {
            Err(Failure::new(format!("`{}` was not written by thanosctl, so it is not replaced", path.display()))
                .hint(REPLACE))
        }
        _ => Ok(()),
    }
}

/// What to do about a file that would be replaced.
const REPLACE: &str = "write to another file and compare, or replace it with --force";

/// The text of the file that `path` would replace; `None` while there is none.
///
/// # Errors
/// When it is no regular file, cannot be read, or is not UTF-8.
pub fn read_existing(path: &Path) -> Result<Option<String>, Failure> {
    let Ok(metadata) = fs::metadata(path) else { return Ok(None) };
    if !metadata.is_file() {
        return Err(Failure::new(format!("`{}` is no regular file", path.display())).hint("name a file"));
    }
    read(path).map(Some).map_err(|failure| failure.hint(REPLACE))
}

/// Whether a file lies below one of these folders, symbolic links resolved, and not in its `.git`. One that is not there lies
/// below none.
pub fn is_below(path: &Path, folders: &[PathBuf]) -> bool {
    let Some(path) = whole(path) else { return false };
    folders.iter().filter_map(|folder| whole(folder)).any(|folder| is_within(&folder, &path))
}

/// Whether two paths lead to one file, now or once both are written.
pub fn is_same(a: &Path, b: &Path) -> bool {
    let whole = |path: &Path| {
        let folder = fs::canonicalize(folder_of(path)).ok()?;
        fs::canonicalize(path).ok().or_else(|| Some(folder.join(path.file_name()?)))
    };
    a == b || whole(a).is_some_and(|a| whole(b) == Some(a))
}

/// `path` itself, or, where it is a folder, its files with one of these extensions, in the order of their names.
///
/// # Errors
/// When the folder cannot be read, or holds none.
pub fn in_folder(path: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let cannot = || Failure::new(format!("cannot read `{}`", path.display()));
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| cannot().caused_by(reason(&error)))? {
        let file = entry.map_err(|error| cannot().caused_by(reason(&error)))?.path();
        if file.extension().and_then(|own| own.to_str()).is_some_and(|own| extensions.contains(&own)) {
            found.push(file);
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(cannot().caused_by(format!("it holds no file that ends in .{}", extensions.join(", ."))));
    }
    Ok(found)
}

/// A folder of our own that its owner alone can look into, and that vanishes when it is dropped.
///
/// # Errors
/// When none can be made.
pub fn private_folder() -> Result<tempfile::TempDir, Failure> {
    tempfile::tempdir().map_err(|error| Failure::new("cannot make a temporary folder").caused_by(reason(&error)))
}

/// A symbolic link below `path` that leads to something that is not below it; `None` when there is none.
pub fn link_out_of(path: &Path) -> Option<PathBuf> {
    let root = fs::canonicalize(path).ok()?;
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else { return Some(entry.path()) };
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_symlink() && !fs::canonicalize(entry.path()).is_ok_and(|target| target.starts_with(&root))
            {
                return Some(entry.path());
            }
        }
    }
    None
}

/// The files below a folder whose names are wanted. Links are not followed.
pub fn below(path: &Path, is_wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![path.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            } else if entry.file_name().to_str().is_some_and(&is_wanted) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

/// The folders in a folder, in the order of their names; none where it cannot be read. Links are not followed.
pub fn folders_in(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let is_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    let mut found: Vec<PathBuf> = entries.filter(is_folder).map(|entry| entry.path()).collect();
    found.sort();
    found
}

/// The files that `pattern` names, sorted; `*` stands for any characters of one name.
///
/// # Errors
/// When a folder cannot be read, or nothing is found.
pub fn find(folder: &Path, pattern: &str) -> Result<Vec<PathBuf>, Failure> {
    let cannot = || Failure::new(format!("cannot find `{}`", without_credentials(pattern)));
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
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
    found.retain(|path| path.exists() || !pattern.contains('*'));
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

    fn write(path: &Path, text: &str, access: Access) {
        Prepared::new(path, text, access).unwrap().commit().unwrap();
    }

    #[test]
    #[cfg(unix)]
    fn a_new_file_with_secrets_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("values.yaml");
        write(&path, "secret", Access::Private);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_not_committed_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        drop(Prepared::new(&folder.path().join("values.yaml"), "new", Access::Public).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    #[cfg(unix)]
    fn a_link_to_nothing_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link.yaml");
        std::os::unix::fs::symlink(folder.path().join("nowhere"), &link).unwrap();
        assert!(Prepared::new(&link, "new", Access::Public).is_err());
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn two_spellings_of_one_path_are_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("./b/../a"));
        fs::create_dir(folder.path().join("b")).unwrap();
        assert!(is_same(&a, &b) && !is_same(&a, &folder.path().join("b")));
        fs::write(&a, "").unwrap();
        assert!(is_same(&a, &b));
    }

    #[test]
    #[cfg(unix)]
    fn a_replaced_file_keeps_its_mode_and_a_private_one_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("values.yaml");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        write(&path, "new", Access::Public);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("new", 0o640));
        write(&path, "secret", Access::Private);
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
        write(&link, "new", Access::Public);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
    }
}
