//! One cluster in conversation: single Services are read, changed, made and removed.
//!
//! No change is sent twice: whether a change that got no answer was made is for the
//! caller to find out by reading.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::answer::{Unusable, short};
use super::api::{Api, aside};
use super::client::Route;
use super::error::{Access, ClusterError, Fault, Step, Verb};
use super::gather::selectors;
use super::kubeconfig::Kubeconfig;
use super::limits::measure;
use super::list::{Query, Resource, list};
use super::list_fault::ListFault;
use super::plugin::Plugins;
use super::transport::classify;
use crate::fleet::inventory::{EndpointSlice, Listing, Node, Observed, Service};
use crate::fleet::kubernetes;
use crate::fleet::live::LiveService;
use crate::fleet::salvage::Item;
use crate::names::ServiceRef;
use crate::text::{clean, percent_encode as encode};

/// No single object is larger: etcd itself refuses more than 1.5 MiB.
const MAX_OBJECT: usize = 8 << 20;

/// A connection to one cluster.
pub struct Session {
    api: Api,
    access: Access,
    limit: Duration,
}

/// How a change is sent.
#[derive(Debug, Clone, Copy)]
pub struct Writing<'a> {
    /// As whom: `metadata.managedFields` keeps it.
    pub field_manager: &'a str,
    /// Whether the API server only says what it would do.
    pub dry_run: bool,
}

/// A change that was made.
#[derive(Debug, Clone)]
pub struct Written {
    /// The Service as it is now; in a dry run, with node ports that mean nothing.
    pub service: LiveService,
    /// What the API server warned of, each on one line.
    pub warnings: Vec<String>,
}

type Answer<T> = Result<T, Box<ClusterError>>;

impl Session {
    /// Gets credentials for `context` and prepares to ask. Each later call gets `limit` for itself.
    ///
    /// # Errors
    /// When the kubeconfig's entries lead nowhere, or there are no credentials.
    pub async fn open(kubeconfig: &Kubeconfig, plugins: &Plugins, context: &str, limit: Duration) -> Answer<Self> {
        let mut access = Access {
            context: context.to_owned(),
            kubeconfig: kubeconfig.explicit().map(std::path::Path::to_path_buf),
            ..Access::default()
        };
        let mut step = Step::Preparing;
        let opened = timeout(limit, async {
            let route = Route::of(kubeconfig, context)?;
            access.follow(&route);
            if let Some(command) = route.plugin() {
                step = Step::Plugin(command.to_owned());
            }
            let user = route.credentials(plugins).await?;
            step = Step::Preparing;
            access.patience = super::gather::patience(limit);
            route.api(user, access.patience).await
        });
        match opened.await {
            Ok(Ok(api)) => Ok(Self { api, access, limit }),
            Ok(Err(error)) => Err(Box::new(ClusterError { access, fault: Fault::Entry(error) })),
            Err(_) => Err(Box::new(ClusterError { access, fault: Fault::Timeout { limit, step } })),
        }
    }

    /// By which context the cluster is asked, and where that leads.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The Service as it is now; `None` when there is none of that name.
    ///
    /// # Errors
    /// When the API server does not tell.
    pub async fn get(&self, service: &ServiceRef) -> Answer<Option<LiveService>> {
        match self.ask(Verb::Get, service, Method::GET, String::new(), None).await {
            Ok((object, _)) => self.service(Verb::Get, service, object).map(Some),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Changes a Service by a JSON patch.
    ///
    /// # Errors
    /// When the API server refuses, or does not answer: then it may have been done all the same.
    pub async fn patch(&self, service: &ServiceRef, patch: &Value, writing: Writing<'_>) -> Answer<Written> {
        let body = Some((patch, "application/json-patch+json"));
        let answer = self.ask(Verb::Patch, service, Method::PATCH, writing.query(), body).await;
        self.written(Verb::Patch, service, answer)
    }

    /// Makes a Service.
    ///
    /// # Errors
    /// As [`Session::patch`]; also when there is one of that name.
    pub async fn create(&self, service: &ServiceRef, object: &Value, field_manager: &str) -> Answer<Written> {
        let writing = Writing { field_manager, dry_run: false };
        let body = Some((object, "application/json"));
        let answer = self.ask(Verb::Create, service, Method::POST, writing.query(), body).await;
        self.written(Verb::Create, service, answer)
    }

    /// Has the API server say whether it would make a Service, and gives what it warns of.
    ///
    /// # Errors
    /// As [`Session::create`].
    pub async fn would_create(&self, service: &ServiceRef, object: &Value, field_manager: &str) -> Answer<Vec<String>> {
        let writing = Writing { field_manager, dry_run: true };
        let body = Some((object, "application/json"));
        // What is not stored has no resource version, and all that it is given means nothing.
        let (_, headers) = self.ask(Verb::Create, service, Method::POST, writing.query(), body).await?;
        Ok(self.warnings(&headers))
    }

    /// Removes exactly this Service: another of its name stays. One that is gone already is as good as removed.
    ///
    /// # Errors
    /// As [`Session::patch`].
    pub async fn delete(&self, service: &LiveService, writing: Writing<'_>) -> Answer<()> {
        let reference = service.reference();
        let mut options = json!({"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {"uid": service.uid(), "resourceVersion": service.resource_version()}});
        if writing.dry_run {
            // Beside a body the API server passes over what stands in the URL (apiserver, handlers/delete.go).
            options["dryRun"] = json!(["All"]);
        }
        let body = Some((&options, "application/json"));
        match self.ask(Verb::Delete, &reference, Method::DELETE, String::new(), body).await {
            Err(error) if !is_absent(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// All Services that a label selector finds, of one namespace or of all.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn services(
        &self,
        namespace: Option<&str>,
        selector: Option<&str>,
        keep: impl Fn(&LiveService) -> bool,
    ) -> Answer<Vec<LiveService>> {
        let query = Query { resource: Resource::Services, namespace, selector };
        // Items of a list carry no kind; whatever is no Service is passed over, as a List of others was refused before.
        // Only what is kept is looked through for secrets: a cluster may have thousands.
        let strike = |service: LiveService| {
            LiveService::read(self.api.sent().strike_value(service.object().clone())).unwrap_or(service)
        };
        let read = |object: Value| LiveService::read(object).ok().filter(&keep).map(strike);
        let listed = timeout(self.limit, list(&self.api, &query, read, |_| {})).await;
        match listed {
            Ok(Ok(services)) => Ok(services),
            Ok(Err(fault)) => Err(self.list_failed(&query, fault)),
            Err(_) => Err(self.failed(Fault::Timeout { limit: self.limit, step: Step::AskedFor(Resource::Services) })),
        }
    }

    /// What the addresses of `services` depend on: their EndpointSlices, and the nodes. What cannot be read is left
    /// open, with the reason.
    pub async fn surroundings(&self, services: Vec<Service>) -> Observed {
        let (nodes, slices) = tokio::join!(self.nodes(), self.slices(&services));
        Observed::trimmed(services, nodes, slices)
    }

    /// All nodes, or why they cannot be read.
    pub async fn nodes(&self) -> Listing<Node> {
        let node = |node: kubernetes::Node| Some(self.api.sent().strike_fact(Node::from(node)));
        self.all(Query { resource: Resource::Nodes, namespace: None, selector: None }, node).await
    }

    /// The EndpointSlices of `services`, or why they cannot be read.
    ///
    /// One list for many Services of a namespace, one list after the other: hundreds of Services would take as many
    /// connections otherwise.
    pub async fn slices(&self, services: &[Service]) -> Listing<EndpointSlice> {
        let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for service in services {
            names.entry(&service.namespace).or_default().insert(&service.name);
        }
        let mut all = Vec::new();
        for (namespace, names) in names {
            for selector in selectors(names.into_iter()) {
                let query =
                    Query { resource: Resource::EndpointSlices, namespace: Some(namespace), selector: Some(&selector) };
                let keep =
                    |slice: kubernetes::EndpointSlice| Some(self.api.sent().strike_fact(EndpointSlice::from(slice)));
                match self.all(query, keep).await {
                    Listing::Complete(slices) => all.extend(slices),
                    unreadable @ Listing::Unreadable(_) => return unreadable,
                }
            }
        }
        Listing::Complete(all)
    }

    async fn all<T: Item, K: Serialize>(&self, query: Query<'_>, keep: impl Fn(T) -> Option<K>) -> Listing<K> {
        match timeout(self.limit, list(&self.api, &query, keep, |_| {})).await {
            Ok(Ok(items)) => Listing::Complete(items),
            Ok(Err(fault)) => Listing::Unreadable((*self.list_failed(&query, fault)).into()),
            Err(_) => {
                let fault = Fault::Timeout { limit: self.limit, step: Step::AskedFor(query.resource) };
                Listing::Unreadable((*self.failed(fault)).into())
            }
        }
    }

    async fn ask(
        &self,
        verb: Verb,
        service: &ServiceRef,
        method: Method,
        query: String,
        body: Option<(&Value, &str)>,
    ) -> Answer<(Value, HeaderMap)> {
        let name = if verb == Verb::Create { String::new() } else { format!("/{}", encode(&service.name)) };
        let url = format!("/api/v1/namespaces/{}/services{name}{query}", encode(&service.namespace));
        let mut request = Request::builder().method(method).uri(url).header(ACCEPT, "application/json");
        let mut content = Vec::new();
        if let Some((value, kind)) = body {
            request = request.header(CONTENT_TYPE, kind);
            content = value.to_string().into_bytes();
        }
        let asked = async {
            let request = request.body(content).map_err(|error| ListFault::Transport(classify(&error)))?;
            let (headers, body) = self.api.ask(request, MAX_OBJECT, || {}).await?;
            let object = aside(move || {
                measure(&body).map_err(ListFault::TooMuch)?;
                serde_json::from_slice(&body)
                    .map_err(|_| ListFault::Unusable(Unusable::Malformed("no JSON".to_owned())))
            });
            Ok((self.api.sent().strike_value(object.await?), headers))
        };
        match timeout(self.limit, asked).await {
            Ok(answer) => answer.map_err(|fault| self.failed(Fault::Service { verb, service: service.clone(), fault })),
            Err(_) => {
                let step = Step::Service(verb, service.clone());
                Err(self.failed(Fault::Timeout { limit: self.limit, step }))
            }
        }
    }

    fn service(&self, verb: Verb, service: &ServiceRef, object: Value) -> Answer<LiveService> {
        let found = object["kind"].as_str().unwrap_or_default();
        let read = if found == "Service" {
            LiveService::read(object).map_err(|words| Unusable::Malformed(short(&words, self.api.sent())))
        } else {
            Err(Unusable::OtherKind { expected: "Service", found: short(found, self.api.sent()) })
        };
        read.map_err(|fault| {
            let fault = ListFault::Unusable(fault);
            self.failed(Fault::Service { verb, service: service.clone(), fault })
        })
    }

    fn written(&self, verb: Verb, service: &ServiceRef, answer: Answer<(Value, HeaderMap)>) -> Answer<Written> {
        let (object, headers) = answer?;
        Ok(Written { service: self.service(verb, service, object)?, warnings: self.warnings(&headers) })
    }

    fn warnings(&self, headers: &HeaderMap) -> Vec<String> {
        warnings(headers).iter().map(|warning| clean(&self.api.sent().strike(warning))).collect()
    }

    fn list_failed(&self, query: &Query<'_>, fault: ListFault) -> Box<ClusterError> {
        let namespace = query.namespace.map(str::to_owned);
        self.failed(Fault::List { resource: query.resource, namespace, fault })
    }

    fn failed(&self, fault: Fault) -> Box<ClusterError> {
        Box::new(ClusterError { access: self.access.clone(), fault })
    }
}

impl Writing<'_> {
    fn query(&self) -> String {
        let dry_run = if self.dry_run { "&dryRun=All" } else { "" };
        format!("?fieldManager={}{dry_run}", encode(self.field_manager))
    }
}

/// Whether the API server says that there is no such object, in its own words: a 404 of something in between says
/// nothing.
fn is_absent(error: &ClusterError) -> bool {
    error
        .refusal()
        .is_some_and(|refusal| refusal.status == StatusCode::NOT_FOUND && refusal.words().starts_with("services \""))
}

/// The texts of `Warning` headers, as they came: `299 - "text"` (RFC 7234).
fn warnings(headers: &HeaderMap) -> Vec<String> {
    let text = |value: &http::HeaderValue| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let (_, quoted) = value.split_once('"')?;
        let (mut text, mut escaped) = (String::new(), false);
        for character in quoted.chars() {
            match character {
                '"' if !escaped => return Some(text),
                '\\' if !escaped => escaped = true,
                character => {
                    escaped = false;
                    text.push(character);
                }
            }
        }
        None
    };
    headers.get_all("warning").iter().filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_read_from_their_headers() {
        let mut headers = HeaderMap::new();
        for text in [r#"299 - "spec.externalIPs is deprecated""#, r#"299 - "unknown field \"spec.x\"""#, "garbage"] {
            headers.append("warning", http::HeaderValue::from_static(text));
        }
        assert_eq!(warnings(&headers), ["spec.externalIPs is deprecated", "unknown field \"spec.x\""]);
    }

    #[test]
    fn the_field_manager_stays_inside_its_parameter() {
        let writing = Writing { field_manager: "a b&dryRun=x", dry_run: true };
        assert_eq!(writing.query(), "?fieldManager=a%20b%26dryRun%3Dx&dryRun=All");
    }
}
