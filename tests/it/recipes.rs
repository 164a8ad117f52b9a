//! The recipes of `docs/drift.md` and `docs/validate.md`: each is YAML, and each command in them is one that the program takes and that says what
//! the recipe relies on.

use serde_json::Value;

use crate::diff::room;

/// The fenced YAML blocks of a page of the docs.
pub(crate) fn blocks(page: &str) -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
    let text = std::fs::read_to_string(path).unwrap();
    let fenced = text.split("```yaml\n").skip(1);
    fenced.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// All texts in a document, lists of words joined.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) if items.first().is_some_and(|first| first == "thanosctl") => {
            found.push(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "));
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(entries) => entries.values().for_each(|entry| texts(entry, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn every_recipe_is_yaml_and_every_command_in_it_runs() {
    let room = room();
    std::fs::create_dir(room.path("fleet")).unwrap();
    for (index, cluster) in crate::diff::fleet()["clusters"].as_array().unwrap().iter().enumerate() {
        let inventory = serde_json::json!({"kind": "Inventory", "version": 1, "clusters": [cluster]});
        room.file(&format!("fleet/{index}.json"), &inventory.to_string());
    }
    let mut commands = Vec::new();
    for block in blocks("drift.md") {
        let document: Value = serde_saphyr::from_str(&block).unwrap_or_else(|error| panic!("{error}\n{block}"));
        texts(&document, &mut commands);
    }
    commands.retain(|command| command.starts_with("thanosctl "));
    assert_eq!(commands.len(), 8, "{commands:#?}");
    for command in commands {
        // The shell's part of the line is not ours.
        let own = command.split([';', '&', '|', '>']).next().unwrap();
        let mut arguments: Vec<&str> = own.split_whitespace().skip(1).collect();
        if let Some(at) = arguments.iter().position(|argument| *argument == "--config") {
            // The places of the CronJob's volumes.
            arguments.drain(at..at + 2);
        }
        arguments
            .iter_mut()
            .filter(|argument| argument.ends_with("/values.yaml"))
            .for_each(|argument| *argument = "values.yaml");
        if let Some(at) = arguments.iter().position(|argument| *argument == "--context") {
            arguments.drain(at..at + 2);
        }
        if !arguments.contains(&"--inventory") {
            arguments.extend(["--inventory", "fleet"]);
        }
        if arguments[0] == "diff" && !arguments.contains(&"values.yaml") {
            // pre-commit names the files itself.
            arguments.push("values.yaml");
        }
        let run = room.run(&arguments);
        assert_eq!(run.code, 0, "{command}: {arguments:?}\n{}{}", run.stdout, run.stderr);
    }
}

#[test]
fn every_recipe_for_values_is_yaml_and_every_command_in_it_runs() {
    let room = crate::program::Room::new();
    room.file("values.yaml", "query:\n  stores: [\"10.1.1.1:10901\"]\n");
    let mut commands = Vec::new();
    for block in blocks("validate.md") {
        let document: Value = serde_saphyr::from_str(&block).unwrap_or_else(|error| panic!("{error}\n{block}"));
        texts(&document, &mut commands);
    }
    commands.retain(|command| command.starts_with("thanosctl "));
    assert_eq!(commands.len(), 3, "{commands:#?}");
    for command in commands {
        let own = command.split([';', '&', '|', '>']).next().unwrap();
        let mut arguments: Vec<&str> = own.split_whitespace().skip(1).collect();
        if !arguments.contains(&"values.yaml") {
            // pre-commit names the files itself.
            arguments.push("values.yaml");
        }
        let run = room.run(&arguments);
        assert_eq!(run.code, 0, "{command}: {arguments:?}\n{}{}", run.stdout, run.stderr);
    }
}
