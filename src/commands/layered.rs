//! The values files of one release as layers: which of them has the value that counts, as Helm merges them.

use std::path::PathBuf;

use serde_json::Value;

use super::file_chart::Question;
use super::values_file::{Unfinished, ValuesFile};
use crate::chart::edit::{View, Wrapper};
use crate::chart::mirror::Key;
use crate::chart::validate::replaced_stores;
use crate::failure::{Failure, Failures};

/// Reads the layers of a release, the first one first. One of them holds its stores.
///
/// # Errors
/// When one cannot be read, when it is not known which chart they are for, or when two lists of stores stand in different
/// ones.
pub(super) fn read(
    paths: &[PathBuf],
    wrapper: Option<&str>,
    question: &Question<'_>,
) -> Result<Vec<ValuesFile>, Failures> {
    let named = wrapper.map(Wrapper::parse).transpose()?;
    let (mut opened, mut failures) = (Vec::new(), Vec::new());
    for path in paths {
        match Unfinished::read(path, named.as_ref()) {
            Ok(one) => opened.push(one),
            Err(failure) => failures.push(failure),
        }
    }
    if let Some(failures) = Failures::from_vec(failures) {
        return Err(failures);
    }
    if !opened.iter().any(Unfinished::holds_values) {
        let names: Vec<&str> = opened.iter().map(Unfinished::name).collect();
        return Err(Unfinished::holds_none(&names.join("`, `")).into());
    }
    let teller = opened.iter().find(|one| one.says_chart()).or(opened.first());
    let Some(teller) = teller else { return Ok(Vec::new()) };
    let (chart, notes) = teller.chart(question)?;
    let told = teller.name().to_owned();
    let names: Vec<String> = opened.iter().map(|one| one.name().to_owned()).collect();
    let elsewhere: Vec<String> = opened.iter().flat_map(Unfinished::elsewhere).collect();
    let mut files = Vec::new();
    for one in opened {
        let notes = if one.name() == told { notes.clone() } else { Vec::new() };
        let file = one.finish(chart, notes)?;
        files.push(ValuesFile { layers: names.clone(), elsewhere: elsewhere.clone(), ..file });
    }
    share(&mut files)?;
    Ok(files)
}

/// Leaves the stores to the one file whose list counts.
fn share(files: &mut [ValuesFile]) -> Result<(), Failure> {
    let lists = files.first().map_or_else(Vec::new, |file| file.lists.clone());
    let mut holders: Vec<(usize, &String)> = Vec::new();
    for list in &lists {
        holders.extend(owner(files, list)?.map(|holder| (holder, list)));
    }
    let holder = match (holders.first(), holders.last()) {
        (Some((first, one)), Some((last, other))) if first != last => {
            return Err(Failure::new(format!(
                "`{one}` stands in `{}`, and `{other}` in `{}`",
                files[*first].name, files[*last].name
            ))
            .hint("keep all stores in one of the files"));
        }
        (Some((holder, _)), _) => *holder,
        (None, _) => home(files, lists.first().map_or("", String::as_str))?,
    };
    let mut replaced = Vec::new();
    for list in &lists {
        let last = files[holder].view()?;
        let texts = |view: &View<'_>| view.stores(list).into_iter().map(|found| found.text).collect::<Vec<_>>();
        let Some(place) = last.place(list) else { continue };
        for earlier in &files[..holder] {
            let view = earlier.view()?;
            if let (Some(other), texts @ [_, ..]) = (view.place(list), texts(&view).as_slice()) {
                replaced.push(replaced_stores(list, (&place, &texts_of(&last, list)), (&other, texts)));
            }
        }
    }
    let mut fixed = Vec::new();
    for (at, file) in files.iter().enumerate().filter(|(at, _)| *at != holder) {
        for (key, store) in file.fixed_stores()? {
            if owner(files, &key)? == Some(at) {
                fixed.push(store);
            }
        }
    }
    for (at, file) in files.iter_mut().enumerate() {
        if at == holder {
            file.unread.append(&mut replaced);
            file.committed.stores.append(&mut fixed);
        } else {
            file.leave_stores();
        }
    }
    Ok(())
}

fn texts_of(view: &View<'_>, list: &str) -> Vec<String> {
    view.stores(list).into_iter().map(|found| found.text).collect()
}

/// The keys that each of the layers of a release is to have: a key belongs to the layer whose value counts, and one that
/// none has to the layer that has the most of what is above it.
///
/// # Errors
/// None that reading the files would not have had.
pub(super) fn owned(files: &[ValuesFile], keys: &[Key]) -> Result<Vec<Vec<Key>>, Failure> {
    let mut owned = vec![Vec::new(); files.len()];
    for key in keys {
        let at = match owner(files, &key.path)? {
            Some(at) => at,
            None => home(files, &key.path)?,
        };
        owned[at].push(key.clone());
    }
    Ok(owned)
}

/// The layer whose value at `path` counts; `None` when there is none, or a later layer takes it away.
fn owner(files: &[ValuesFile], path: &str) -> Result<Option<usize>, Failure> {
    for (at, file) in files.iter().enumerate().rev() {
        let view = file.view()?;
        if view.value(path).is_some() {
            return Ok(Some(at));
        }
        let above = view.nearest(path).and_then(|(above, _)| view.value(&above).cloned());
        if above.is_some_and(|above| !matches!(above, Value::Object(_))) {
            return Ok(None);
        }
    }
    Ok(None)
}

/// The layer to which a key belongs that none has.
fn home(files: &[ValuesFile], path: &str) -> Result<usize, Failure> {
    let mut best = (0, 0);
    for (at, file) in files.iter().enumerate() {
        let depth = file.view()?.nearest(path).map_or(0, |(above, _)| above.len());
        if depth >= best.0 {
            best = (depth, at);
        }
    }
    Ok(best.1)
}
