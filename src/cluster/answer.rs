//! What an HTTP answer is: a page of a list, a refusal of the API server, or the words of something in between that
//! is no API server at all.

use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::sent::Sent;
use crate::fleet::salvage::Item;
use crate::text::clean;

/// So much is kept of what a server says.
const SAID: usize = 500;

/// And so much of it is looked at for that, which may be blanks to a large part.
const LOOKED_AT: usize = 64 << 10;

/// So many causes are kept; no object has as many wrong fields.
const CAUSES: usize = 100;

/// An answer other than success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: StatusCode,
    /// What the answer said.
    pub said: Said,
    /// What the API server names as wrong, field by field; empty when it names none.
    pub causes: Vec<Cause>,
}

/// One thing that the API server names as wrong in what it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The kind of it, such as `FieldValueInvalid` or `FieldManagerConflict`.
    pub reason: String,
    /// The field, such as `spec.ports[0].nodePort`.
    pub field: String,
    /// Its words.
    pub message: String,
}

/// The words of a refusal, on one line and of bounded length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A `Status` of the Kubernetes API: its message.
    Status(String),
    /// Plain text or JSON of another kind; may be empty.
    Text(String),
    /// A web page: its title, which may be empty.
    Page(String),
    /// A redirection to another URL, told without its login, query and fragment.
    Elsewhere(String),
}

/// Why an answer that claims success is of no use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// A web page: its title, which may be empty.
    Page(String),
    /// Another content type than JSON.
    NotJson(String),
    /// JSON that ends too early.
    Truncated,
    /// No JSON, or not of the expected shape; where, without quoting it.
    Malformed(String),
    /// A list of other things.
    OtherKind {
        /// What was asked for.
        expected: &'static str,
        /// What came; may be empty.
        found: String,
    },
    /// The same page twice: the list would never end.
    EndlessPages,
}

/// A page of a list: its items, and where the next begins.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
pub struct Page<T> {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    metadata: Option<ListMeta>,
    items: Option<Vec<T>>,
}

#[derive(Debug, Default, Deserialize)]
struct ListMeta {
    #[serde(default, rename = "continue")]
    token: Option<String>,
}

impl<T: Item> Page<T> {
    /// Reads the body of a successful answer. The kind is checked, since a list of other things reads just as well.
    /// What is odd about single items does not lose the others.
    ///
    /// # Errors
    /// When the body is no list of `kind`.
    pub fn read(kind: &'static str, headers: &HeaderMap, body: &[u8], sent: &Sent) -> Result<Self, Unusable> {
        let content_type = content_type(headers, sent);
        if is_page(&content_type, body) {
            return Err(Unusable::Page(title(body, sent)));
        }
        if content_type != "application/json" {
            return Err(Unusable::NotJson(content_type));
        }
        let page: Self = match serde_json::from_slice(body) {
            Ok(page) => page,
            Err(error) => Self::salvaged(kind, body, &error, sent)?,
        };
        if page.kind == kind {
            Ok(page)
        } else {
            Err(Unusable::OtherKind { expected: kind, found: short(&page.kind, sent) })
        }
    }

    fn salvaged(kind: &'static str, body: &[u8], error: &serde_json::Error, sent: &Sent) -> Result<Self, Unusable> {
        let page: Page<Value> = match serde_json::from_slice::<Page<Value>>(body) {
            Ok(page) if page.kind == kind => page,
            _ => return Err(misread(kind, body, error, sent)),
        };
        let items = page.items.into_iter().flatten().filter_map(|item| T::read(item).transpose());
        let items = items.collect::<Result<_, _>>().map_err(|words| Unusable::Malformed(short(&words, sent)))?;
        Ok(Self { kind: page.kind, metadata: page.metadata, items: Some(items) })
    }

    /// The items, and the token that asks for the next page; `None` on the last.
    pub fn into_parts(self) -> (Vec<T>, Option<String>) {
        let token = self.metadata.unwrap_or_default().token.filter(|token| !token.is_empty());
        (self.items.unwrap_or_default(), token)
    }
}

fn misread(kind: &'static str, body: &[u8], error: &serde_json::Error, sent: &Sent) -> Unusable {
    #[derive(Deserialize)]
    struct Head {
        #[serde(default)]
        kind: String,
    }
    match serde_json::from_slice::<Head>(body) {
        Ok(head) if head.kind != kind => Unusable::OtherKind { expected: kind, found: short(&head.kind, sent) },
        Ok(_) => Unusable::Malformed(format!("it has another shape than a list, before column {}", error.column())),
        Err(_) if error.is_eof() => Unusable::Truncated,
        Err(_) => Unusable::Malformed(format!("no JSON at line {} column {}", error.line(), error.column())),
    }
}

impl Refusal {
    /// Reads an answer that is no success. `body` may be cut. What was `sent` is struck out.
    pub fn read(status: StatusCode, headers: &HeaderMap, body: &[u8], sent: &Sent) -> Self {
        #[derive(Deserialize)]
        struct Status {
            kind: String,
            #[serde(default)]
            message: String,
            #[serde(default)]
            reason: String,
            #[serde(default)]
            details: Option<Details>,
        }
        #[derive(Default, Deserialize)]
        struct Details {
            #[serde(default)]
            causes: Option<Vec<StatusCause>>,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct StatusCause {
            reason: String,
            field: String,
            message: String,
        }
        let mut causes = Vec::new();
        let location = headers.get(header::LOCATION).filter(|_| status.is_redirection());
        let said = if let Some(location) = location {
            Said::Elsewhere(short(&place_of(&String::from_utf8_lossy(location.as_bytes())), sent))
        } else if is_page(&content_type(headers, sent), body) {
            Said::Page(title(body, sent))
        } else {
            match serde_json::from_slice::<Status>(body) {
                Ok(answer) if answer.kind == "Status" => {
                    let told = answer.details.unwrap_or_default().causes.unwrap_or_default();
                    causes = told
                        .iter()
                        .take(CAUSES)
                        .map(|cause| Cause {
                            reason: short(&cause.reason, sent),
                            field: short(&cause.field, sent),
                            message: short(&cause.message, sent),
                        })
                        .collect();
                    Said::Status(short(if answer.message.is_empty() { &answer.reason } else { &answer.message }, sent))
                }
                _ => Said::Text(short(&String::from_utf8_lossy(body), sent)),
            }
        };
        Self { status, said, causes }
    }

    /// The words of the API server, or of whatever answered in its place.
    pub fn words(&self) -> &str {
        match &self.said {
            Said::Status(words) | Said::Text(words) | Said::Page(words) | Said::Elsewhere(words) => words,
        }
    }

    /// Whether the API server took us for nobody: credentials were not sent, or not accepted.
    pub fn is_anonymous(&self) -> bool {
        self.status == StatusCode::FORBIDDEN
            && matches!(&self.said, Said::Status(message) if message.contains("\"system:anonymous\""))
    }
}

fn content_type(headers: &HeaderMap, sent: &Sent) -> String {
    let value = headers.get(header::CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    short(value.unwrap_or_default().split(';').next().unwrap_or_default(), sent).to_ascii_lowercase()
}

/// Where a `Location` leads, without what may be worth stealing: the login before the host, and all behind the path.
fn place_of(location: &str) -> String {
    let place = location.split(['?', '#', ';']).next().unwrap_or_default();
    let start = place.find("//").map_or(0, |at| at + "//".len());
    match place[start..].rsplit_once('@') {
        Some((_, rest)) => format!("{}…@{rest}", &place[..start]),
        None => place.to_owned(),
    }
}

fn is_page(content_type: &str, body: &[u8]) -> bool {
    let start = body.trim_ascii_start();
    content_type == "text/html" || start.starts_with(b"<!") || start.starts_with(b"<html")
}

fn title(body: &[u8], sent: &Sent) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(64 << 10)]);
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|open| {
        let start = open + lower[open..].find('>')? + 1;
        Some(&text[start..start + lower[start..].find("</title")?])
    });
    short(title.unwrap_or_default(), sent)
}

/// On one line, fit for a terminal, cut, without what was sent.
pub(super) fn short(text: &str, sent: &Sent) -> String {
    let text = sent.strike(&text[..text.floor_char_boundary(LOOKED_AT)]);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut cut: String = words.chars().take(SAID).collect();
    if cut.len() < words.len() {
        cut.push('…');
    }
    clean(&cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(content_type: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_TYPE, http::HeaderValue::from_static(content_type))])
    }

    impl Item for u32 {
        fn salvage(_: Value) -> Result<Option<Self>, String> {
            Err("no number".to_owned())
        }
    }

    fn page(content_type: &'static str, body: &str) -> Result<(Vec<u32>, Option<String>), Unusable> {
        Page::read("ServiceList", &headers(content_type), body.as_bytes(), &Sent::default()).map(Page::into_parts)
    }

    #[test]
    fn a_page_may_be_empty_in_every_way_that_servers_know() {
        for body in [
            r#"{"kind":"ServiceList","items":null}"#,
            r#"{"kind":"ServiceList","metadata":null}"#,
            r#"{"kind":"ServiceList","metadata":{"continue":""},"items":[]}"#,
        ] {
            assert_eq!(page("application/json; charset=utf-8", body).unwrap(), (vec![], None));
        }
        let body = r#"{"kind":"ServiceList","metadata":{"continue":"next"},"items":[1]}"#;
        assert_eq!(page("application/json", body).unwrap(), (vec![1], Some("next".to_owned())));
    }

    #[test]
    fn what_is_no_page_is_told_apart() {
        for (content_type, body, fault) in [
            ("text/html", "<html><head><TITLE>Sign\n in</TITLE>", Unusable::Page("Sign in".to_owned())),
            ("application/json", "<!doctype html>", Unusable::Page(String::new())),
            ("text/plain", "ok", Unusable::NotJson("text/plain".to_owned())),
            ("application/json", "", Unusable::Truncated),
            ("application/json", r#"{"kind":"ServiceList","items":["#, Unusable::Truncated),
            ("application/json", r#"{"kind":}"#, Unusable::Malformed("no JSON at line 1 column 9".to_owned())),
            (
                "application/json",
                r#"{"kind":"PodList","items":["pod"]}"#,
                Unusable::OtherKind { expected: "ServiceList", found: "PodList".to_owned() },
            ),
            ("application/json", "{}", Unusable::OtherKind { expected: "ServiceList", found: String::new() }),
        ] {
            assert_eq!(page(content_type, body).unwrap_err(), fault, "{body}");
        }
        assert!(matches!(
            page("application/json", r#"{"kind":"ServiceList","items":["x"]}"#),
            Err(Unusable::Malformed(_))
        ));
    }

    #[test]
    fn refusals_keep_their_status_whatever_the_body() {
        let read = |body: &str| {
            Refusal::read(StatusCode::BAD_GATEWAY, &headers("text/plain"), body.as_bytes(), &Sent::default()).said
        };
        assert_eq!(read(r#"{"kind":"Status","message":"no"}"#), Said::Status("no".to_owned()));
        assert_eq!(read(r#"{"kind":"Status","reason":"Why"}"#), Said::Status("Why".to_owned()));
        assert_eq!(read(r#"{"error":"x"}"#), Said::Text(r#"{"error":"x"}"#.to_owned()));
        assert_eq!(read("bad\n\u{1b}[31mgateway"), Said::Text("bad \\u{1b}[31mgateway".to_owned()));
        assert_eq!(read(&"x".repeat(9000)), Said::Text("x".repeat(500) + "…"));
    }

    #[test]
    fn a_redirection_is_told_without_what_may_be_worth_stealing() {
        for (location, told) in [
            ("https://sso.example/login?state=hunter2", "https://sso.example/login"),
            ("https://sso.example/login#access_token=hunter2", "https://sso.example/login"),
            ("https://sso.example/login;jsessionid=hunter2", "https://sso.example/login"),
            ("https://kim:hunter2@sso.example/login", "https://…@sso.example/login"),
            ("https://hunter2@sso.example", "https://…@sso.example"),
            ("//hunter2@sso.example/", "//…@sso.example/"),
            ("/login?x=hunter2", "/login"),
        ] {
            let mut elsewhere = headers("text/html");
            elsewhere.insert(header::LOCATION, http::HeaderValue::from_static(location));
            let refusal = Refusal::read(StatusCode::FOUND, &elsewhere, b"", &Sent::default());
            assert_eq!(refusal.said, Said::Elsewhere(told.to_owned()), "{location}");
        }
    }
}
