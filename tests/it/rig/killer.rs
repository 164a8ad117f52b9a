//! A proxy before an API server that kills who asks, at the step that a test names: faults at known places, not at
//! random times.

use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use super::clusters::shared;
use crate::fake_api::{FakeApi, Reply, Seen};
use crate::program::Room;

/// The proxy, before `eu`.
pub(super) struct Killer {
    api: FakeApi,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    seen: usize,
    /// Whom, at which request, and whether after it was passed on.
    kill: Option<(u32, usize, bool)>,
}

impl Killer {
    pub(super) fn start() -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let inner = state.clone();
        let api = FakeApi::start(move |seen: &Seen| {
            // One request at a time: it is known which one the program dies at.
            let mut state = inner.lock().unwrap();
            state.seen += 1;
            let Some((victim, at, passed_on)) = state.kill else { return shared().cluster("eu").forward(seen) };
            if state.seen != at {
                return shared().cluster("eu").forward(seen);
            }
            if passed_on {
                shared().cluster("eu").forward(seen);
            }
            assert!(Command::new("kill").args(["-9", &victim.to_string()]).status().unwrap().success());
            Reply::Raw(Vec::new())
        });
        Self { api, state }
    }

    pub(super) fn api(&self) -> &FakeApi {
        &self.api
    }

    /// Runs the program and kills it at the `at`th request, before it is passed on or after; 0 lets it live. Returns how
    /// many requests there were.
    pub(super) fn run(&self, room: &Room, arguments: &[&str], at: usize, passed_on: bool) -> usize {
        let mut child = {
            let mut state = self.state.lock().unwrap();
            let mut command = room.command(arguments);
            let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            *state = State { seen: 0, kill: Some((child.id(), at, passed_on)) };
            child
        };
        child.wait().unwrap();
        self.state.lock().unwrap().seen
    }
}
