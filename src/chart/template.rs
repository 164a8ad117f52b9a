//! The templates of values files: strict, and each `{{ value }}` comes out as one YAML value, whatever it holds.
//!
//! So no data can end a text, open a key or start a line. Three filters write more than a value on one line: `block`
//! (a text over several lines), `entries` (a mapping's keys, to stand below a key) and `comment`.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use serde_json::Value;

use crate::failure::Failure;
use crate::text::clean;
use crate::yaml;

/// The text that `template` makes of `context`.
///
/// # Errors
/// When the template is wrong: it names what the context lacks. Never quotes a value.
pub(super) fn render(template: &str, context: &Value) -> Result<String, Failure> {
    let failure = |error: &Error| {
        Failure::new("the template of the values is wrong")
            .caused_by(format!("{} in line {}", error.kind(), error.line().unwrap_or_default()))
            .hint("this is a bug of thanosctl, please report it")
    };
    let environment = environment().map_err(|error| failure(&error))?;
    let template = environment.template_from_named_str("values.yaml.j2", template).map_err(|error| failure(&error))?;
    template.render(Serde(context)).map_err(|error| failure(&error))
}

fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // With it, an error shows every variable, secrets included.
    environment.set_debug(false);
    environment
        .set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?);
    environment.set_formatter(|out, _, value| {
        if value.is_safe() {
            // Only our own filters make such a value: the environment is empty, there is no filter `safe`.
            return out.write_str(value.as_str().unwrap_or_default()).map_err(Error::from);
        }
        let value = serde_json::to_value(value).map_err(|_| Error::from(ErrorKind::BadSerialization))?;
        out.write_str(&yaml::flow(&value)).map_err(Error::from)
    });
    environment.add_filter("block", |text: String, indent: usize| {
        minijinja::Value::from_safe_string(yaml::block(&text, indent))
    });
    environment.add_filter("comment", |text: String| minijinja::Value::from_safe_string(clean(&text)));
    environment.add_filter("entries", |entries: Serde<serde_json::Map<String, Value>>, indent: usize| {
        minijinja::Value::from_safe_string(yaml::mapping(&entries.0, indent).join("\n"))
    });
    Ok(environment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn an_interpolation_is_one_value() {
        let context =
            json!({"yes": true, "none": null, "number": 1.5, "list": ["no", 1], "text": "a\"b\n", "map": {"on": "x"}});
        let text = render(
            "a: {{ yes }} {{ none }} {{ number }} {{ list }} {{ text }}\nb:\n{{ map | entries(2) }}\n",
            &context,
        );
        assert_eq!(text.unwrap(), "a: true null 1.5 [\"no\", 1] \"a\\\"b\\n\"\nb:\n  \"on\": x\n");
    }

    #[test]
    fn what_is_missing_is_an_error_without_values() {
        let error =
            render("{{ secret.x }} {{ missing }}", &json!({"secret": {"x": "hunter2"}})).unwrap_err().to_string();
        assert!(error.contains("undefined value in line 1") && !error.contains("hunter2"), "{error}");
    }

    proptest! {
        #[test]
        fn no_text_breaks_out(text in "(?s).{0,30}") {
            let written = render("a:\n  b: {{ text }} # {{ text | comment }}\n  c: {{ text | block(4) }}\n", &json!({"text": text})).unwrap();
            let read: Value = document::read("test", &written).unwrap();
            prop_assert_eq!(read, json!({"a": {"b": text, "c": text}}), "{}", written);
        }
    }
}
