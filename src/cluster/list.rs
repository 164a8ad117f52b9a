//! Lists, page by page.
//!
//! A list of 5,000 Services is 8 MB; asked for in pages of 500 and reduced at once to what is kept of them, it costs
//! the memory of one page. `resourceVersion` is never sent: with 0 the server ignores the limit, and with any other
//! it may answer 410 on the first page (kube-apiserver, storage/cacher).

use std::collections::BTreeSet;

use http::{Request, StatusCode};
use serde::Serialize;

use super::answer::{Page, Unusable};
use super::api::{Api, aside};
use super::limits::{Excess, PAGE, PAGE_BYTES, PAGES, TOKEN_BYTES, measure};
use super::list_fault::ListFault;
use super::transport::classify;
use crate::fleet::salvage::Item;
use crate::text::percent_encode as encode;

/// The kinds of objects that are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Services of the core API.
    Services,
    /// EndpointSlices of `discovery.k8s.io/v1`.
    EndpointSlices,
    /// Nodes of the core API.
    Nodes,
}

impl Resource {
    /// What kubectl and RBAC call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Services => "services",
            Self::EndpointSlices => "endpointslices.discovery.k8s.io",
            Self::Nodes => "nodes",
        }
    }

    /// What people call several of it.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Services => "services",
            Self::EndpointSlices => "endpoint slices",
            Self::Nodes => "nodes",
        }
    }

    fn list_kind(self) -> &'static str {
        match self {
            Self::Services => "ServiceList",
            Self::EndpointSlices => "EndpointSliceList",
            Self::Nodes => "NodeList",
        }
    }

    fn path(self, namespace: Option<&str>) -> String {
        let scope = namespace.map(|namespace| format!("namespaces/{}/", encode(namespace))).unwrap_or_default();
        match self {
            Self::Services => format!("/api/v1/{scope}services"),
            Self::EndpointSlices => format!("/apis/discovery.k8s.io/v1/{scope}endpointslices"),
            Self::Nodes => "/api/v1/nodes".to_owned(),
        }
    }
}

/// What to list.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// Of what kind.
    pub resource: Resource,
    /// In which namespace; `None` for all. Nodes have none.
    pub namespace: Option<&'a str>,
    /// A label selector, as kubectl's `-l` takes it; `None` for all.
    pub selector: Option<&'a str>,
}

impl Query<'_> {
    fn url(&self, token: Option<&str>) -> String {
        let mut url = format!("{}?limit={PAGE}", self.resource.path(self.namespace));
        for (key, value) in [("labelSelector", self.selector), ("continue", token)] {
            if let Some(value) = value {
                url += &format!("&{key}={}", encode(value));
            }
        }
        url
    }
}

/// Lists all that `query` asks for, within the limits of a cluster. Each object is given to `keep` as its page arrives; what that returns is kept.
/// `seen` is told how many objects came so far, first when the server begins to answer.
///
/// When the server has forgotten the list between two pages (410), it is read anew once, from the beginning.
///
/// # Errors
/// When any page cannot be read.
pub async fn list<T: Item, K: Serialize>(
    api: &Api,
    query: &Query<'_>,
    keep: impl Fn(T) -> Option<K>,
    seen: impl Fn(usize),
) -> Result<Vec<K>, ListFault> {
    let mut restarted = false;
    let (mut kept, mut count, mut token) = (Vec::new(), 0, None::<String>);
    let mut tokens = BTreeSet::new();
    for _ in 0..PAGES {
        let page = match page::<T>(api, query, token.as_deref(), || seen(count)).await {
            Err(ListFault::Refused(refusal)) if refusal.status == StatusCode::GONE && token.is_some() && !restarted => {
                restarted = true;
                (kept, count, token) = (Vec::new(), 0, None);
                tokens.clear();
                continue;
            }
            page => page?,
        };
        let (items, next) = page.into_parts();
        count += items.len();
        seen(count);
        for item in items.into_iter().filter_map(&keep) {
            api.received().keep(&item).map_err(ListFault::TooMuch)?;
            kept.push(item);
        }
        match next {
            Some(next) if next.len() > TOKEN_BYTES => return Err(ListFault::TooMuch(Excess::Token)),
            Some(next) if !tokens.insert(next.clone()) => return Err(ListFault::Unusable(Unusable::EndlessPages)),
            Some(next) => token = Some(next),
            None => return Ok(kept),
        }
    }
    Err(ListFault::TooMuch(Excess::Pages))
}

async fn page<T: Item>(
    api: &Api,
    query: &Query<'_>,
    token: Option<&str>,
    answering: impl Fn(),
) -> Result<Page<T>, ListFault> {
    let request = Request::get(query.url(token)).header(http::header::ACCEPT, "application/json").body(Vec::new());
    let request = request.map_err(|error| ListFault::Transport(classify(&error)))?;
    let (headers, body) = api.ask(request, PAGE_BYTES, answering).await?;
    let (kind, sent) = (query.resource.list_kind(), api.sent().clone());
    let (measure, page) = aside(move || {
        let measure = measure(&body).map_err(ListFault::TooMuch)?;
        let page = Page::read(kind, &headers, &body, &sent).map_err(ListFault::Unusable)?;
        Ok((measure, page))
    })
    .await?;
    api.received().page(measure).map_err(ListFault::TooMuch)?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_asked_for_stays_inside_its_parameter() {
        let query =
            Query { resource: Resource::Services, namespace: Some("a/b?c"), selector: Some("app in (x,y),!z&limit=1") };
        assert_eq!(
            query.url(Some("eyJ2=/+")),
            "/api/v1/namespaces/a%2Fb%3Fc/services?limit=500\
             &labelSelector=app%20in%20%28x%2Cy%29%2C%21z%26limit%3D1&continue=eyJ2%3D%2F%2B"
        );
        let query = Query { resource: Resource::Nodes, namespace: Some("ignored"), selector: None };
        assert_eq!(query.url(None), "/api/v1/nodes?limit=500");
    }
}
