//! One API server that is asked: a request goes out, and what comes back is an answer, a refusal, or a fault on the way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{HeaderMap, Method, Request, Response};
use http_body_util::BodyExt as _;
use kube::Client;
use kube::client::Body;
use tokio::time::{Instant, timeout_at};

use super::answer::Refusal;
use super::limits::{Excess, Received};
use super::list_fault::ListFault;
use super::sent::Sent;
use super::transport::{TransportFault, classify, classify_body};

/// No refusal is worth more.
const MAX_REFUSAL: usize = 1 << 20;

/// What a refusal says beyond its status is waited for so long at most.
const REFUSAL: Duration = Duration::from_secs(1);

/// A server and how it is asked.
pub struct Api {
    client: Client,
    /// Keeps no connection.
    fresh: Client,
    sent: Sent,
    received: Received,
    patience: Duration,
    has_answered: AtomicBool,
}

impl Api {
    /// Asks with the first of two clients of one server; with the second when a connection was stale. `sent` is never
    /// shown, and a refusal is read for no longer than `patience`.
    pub(super) fn new([client, fresh]: [Client; 2], sent: Sent, patience: Duration) -> Self {
        let (received, has_answered) = (Received::default(), AtomicBool::new(false));
        Self { client, fresh, sent, received, patience: REFUSAL.min(patience / 2), has_answered }
    }

    /// The headers and the body of a successful answer. `answering` is called as soon as one begins.
    ///
    /// # Errors
    /// When the server refuses, no complete answer comes, or its body is larger than `limit` when it is unpacked.
    pub async fn ask(
        &self,
        request: Request<Vec<u8>>,
        limit: usize,
        answering: impl Fn(),
    ) -> Result<(HeaderMap, Vec<u8>), ListFault> {
        let response = self.response(request).await.map_err(ListFault::Transport)?;
        answering();
        let (parts, mut body) = response.into_parts();
        if !parts.status.is_success() {
            let body = self.beginning(body).await;
            return Err(ListFault::Refused(Refusal::read(parts.status, &parts.headers, &body, &self.sent)));
        }
        let mut read = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| ListFault::Transport(classify_body(&error).without(&self.sent)))?;
            let data = frame.data_ref().map(|data| &data[..]).unwrap_or_default();
            if read.len() + data.len() > limit {
                return Err(ListFault::TooMuch(Excess::Bytes(limit)));
            }
            self.received.bytes(data.len()).map_err(ListFault::TooMuch)?;
            read.extend_from_slice(data);
        }
        Ok((parts.headers, read))
    }

    /// What the server answered so far, in all.
    pub(super) fn received(&self) -> &Received {
        &self.received
    }

    /// What must not be shown of an answer.
    pub(super) fn sent(&self) -> &Sent {
        &self.sent
    }

    /// A server may close a connection that it kept just when it is used again. Nobody can know whether it read the
    /// request, so that only what changes nothing is sent again, once.
    async fn response(&self, request: Request<Vec<u8>>) -> Result<Response<Body>, TransportFault> {
        let was_kept = self.has_answered.load(Ordering::Relaxed) && request.method() == Method::GET;
        let again = was_kept.then(|| request.clone());
        let send = async |client: &Client, request: Request<Vec<u8>>| {
            client.send(request.map(Body::from)).await.map_err(|error| classify(&error))
        };
        let response = match (send(&self.client, request).await, again) {
            (Err(TransportFault::Closed), Some(request)) => send(&self.fresh, request).await,
            (response, _) => response,
        };
        let response = response.map_err(|fault| fault.without(&self.sent));
        if response.is_ok() {
            self.has_answered.store(true, Ordering::Relaxed);
        }
        response
    }

    /// As much of a refusal's body as comes soon: that it is one is known by its status, and a body may never end.
    async fn beginning(&self, mut body: Body) -> Vec<u8> {
        let (deadline, mut read) = (Instant::now() + self.patience, Vec::new());
        while read.len() < MAX_REFUSAL
            && let Ok(Some(Ok(frame))) = timeout_at(deadline, body.frame()).await
        {
            read.extend_from_slice(frame.data_ref().map(|data| &data[..]).unwrap_or_default());
        }
        read.truncate(MAX_REFUSAL);
        read
    }
}

/// What `work` gives, on a thread of its own: reading a large answer must not keep a deadline from being noticed. When that
/// is over, the thread is left alone; what it works on is bounded.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}
